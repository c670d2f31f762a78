"""The house that the screens live in: the database, the till this program is, and the clock, put together once."""

from dataclasses import dataclass

from . import database as databases
from .clock import Clock, SystemClock
from .config import Settings
from .database import Database
from .errors import Refusal
from .language import _
from .models import Establishment
from .printing.outbox import Outbox
from .sales.desk import Post
from .sales.programme import Programme, read_programme
from .sales.setup import open_post
from .sales.signing import load_key


@dataclass(frozen=True)
class House:
    """What screens may ask for. It is made in a thread, once the log-in screen is painted."""

    settings: Settings
    database: Database
    post: Post
    clock: Clock
    festival: str = ""
    outbox: Outbox | None = None

    def wake_printers(self) -> None:
        """Let what has just been sold be printed."""
        if self.outbox is not None:
            self.outbox.wake()

    def open_drawer(self) -> None:
        """Open the cash drawer, if there is one."""
        if self.outbox is not None:
            self.outbox.open_drawer()

    def programme(self) -> Programme:
        """Everything on sale, read again."""
        with self.database.read() as session:
            return read_programme(session, self.post.rules)


def open_house(settings: Settings, database: Database | None = None, clock: Clock | None = None) -> House:
    """Open and migrate the database, and take the seat of this till.

    Raises Refusal when the database, the till or its key is not what the settings say.
    """
    opened = database or databases.connect(settings.database_url)
    databases.migrate(opened)
    try:
        signer = load_key(settings.key_path)
    except (FileNotFoundError, ValueError) as error:
        raise Refusal(
            _("La clé de signature de la caisse {number} ne se lit pas ({path}).").format(
                number=settings.till, path=settings.key_path
            ),
            _("Vérifiez le numéro de caisse et le dossier des clés dans les réglages."),
        ) from error
    with opened.read() as session:
        post = open_post(session, settings.till, signer)
        establishment = session.get(Establishment, 1)
    festival = establishment.festival if establishment else ""
    return House(settings, opened, post, clock or SystemClock(), festival)
