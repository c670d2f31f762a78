"""The house that the screens live in: database, till, clock and printers, put together once."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from filelock import FileLock, Timeout
from sqlalchemy import func, select

from . import database as databases
from .care.apart import back_up_apart, back_up_if_due_apart
from .care.backups import BackupReason
from .care.keys import finish_rotation
from .care.training import SPECIMEN
from .clock import Clock, SystemClock, business_day
from .config import Settings
from .database import Database
from .errors import Refusal
from .language import _
from .models import Establishment, Numbering, table
from .printing.erasing import remove_files
from .printing.news import News, PrinterNews
from .printing.outbox import Outbox
from .sales.books.occurrences import program_started
from .sales.screenings.programme import Programme, read_programme
from .sales.staff.desk import Post
from .sales.staff.setup import open_post, read_key

_log = logging.getLogger(__name__)
_JOURNALS = select(func.sum(table(Numbering).c.journal))


class Bell:
    """Passes on what the printers tell to whoever listens, which changes as screens come and go.

    What each told last is remembered for who comes later.
    """

    def __init__(self) -> None:
        self.heeded: News | None = None
        self._last: dict[int, PrinterNews] = {}

    @property
    def heard(self) -> Mapping[int, str]:
        """What is wrong with each printer, by its id, as it told last: nothing of those that are well."""
        return {news.printer_id: "" if news.ready else news.reason for news in tuple(self._last.values())}

    @property
    def trouble(self) -> str:
        """What is wrong with a printer, by its name, as it told last; nothing if all are well."""
        ailing = next((news for news in tuple(self._last.values()) if not news.ready), None)
        if ailing is None or not ailing.printer:
            return ailing.reason if ailing else ""
        return _("{place} : {message}").format(place=ailing.printer, message=ailing.reason)

    def ring(self, news: PrinterNews) -> None:
        """Called by the printers' threads."""
        if not news.of_drawer:
            self._last[news.printer_id] = news
        if self.heeded is not None:
            self.heeded(news)


@dataclass(frozen=True)
class House:
    """What screens may ask for. It is made in a thread, once the log-in screen is painted."""

    settings: Settings
    database: Database
    post: Post
    clock: Clock
    festival: str
    outbox: Outbox
    printer_bell: Bell
    till_lock: FileLock

    def open_for_business(self) -> None:
        """Take the till for this program alone, tell the journal of a new version, set the printers to work.

        What is left here of customers erased elsewhere is removed.
        Raises Refusal when another program on this computer has the till. Whatever fails, the house is closed
        and the till left to others.
        """
        try:
            self._take_till()
            self.post.patience.stand()
            self.database.attempt(lambda session: program_started(session, self.post, clock=self.clock))
            remove_files(self.database, self.settings)
            self.outbox.start()
        except Exception:
            self.close()
            raise

    def _take_till(self) -> None:
        try:
            self.till_lock.acquire(blocking=False)
        except Timeout as error:
            raise Refusal(
                _("La caisse {number} est déjà ouverte sur ce poste.").format(number=self.post.till_number),
                _("Revenez à l'autre fenêtre, ou fermez-la."),
            ) from error

    def wake_printers(self) -> None:
        """Let what has just been ordered be printed."""
        self.outbox.wake()

    def open_drawer(self) -> None:
        """Open the cash drawer, if there is one."""
        self.outbox.open_drawer()

    def look_after_books(self) -> None:
        """While nobody is at the keys: tidy the database up, and make the backup of the hour if it is due.

        One that fails is in the log, and its age is what the doctor complains of.
        """
        self.database.rest()
        try:
            back_up_if_due_apart(self.database, self.settings, self.post, clock=self.clock)
        except Exception:
            _log.exception("The backup of the hour failed")

    def back_up_at_closing(self) -> None:
        """Have a backup made of what has just been closed; nobody waits for it."""
        try:
            back_up_apart(self.settings, BackupReason.CLOSING, clock=self.clock)
        except Exception:
            _log.exception("The backup at closing failed")

    def is_today(self, at: datetime) -> bool:
        """Whether `at` belongs to the business day that runs."""
        return business_day(at, self.post.rules.business_day_starts) == self.today()

    def today(self) -> date:
        """The business day that runs."""
        return business_day(self.clock.now(), self.post.rules.business_day_starts)

    def programme(self) -> Programme:
        """Everything on sale, read again."""
        with self.database.read() as session:
            return read_programme(session, self.post.rules)

    @contextmanager
    def marks(self) -> Iterator[Callable[[], object]]:
        """A light question whose answer changes whenever something may have been sold or changed.

        SQLite counts the commits of others on a connection kept for asking. On PostgreSQL every change writes
        to a till's journal, so the sum of their numbers tells; a NOTIFY would make all commits queue.
        """
        if not self.database.is_sqlite:
            yield self._sum_of_journals
            return
        connection = self.database.engine.raw_connection()
        try:
            yield lambda: connection.cursor().execute("PRAGMA data_version").fetchone()
        finally:
            connection.close()

    def _sum_of_journals(self) -> object:
        with self.database.read() as session:
            return session.execute(_JOURNALS).scalar()

    def close(self) -> None:
        """Stop the printers and give the database back."""
        self.outbox.stop()
        self.till_lock.release()
        self.database.close()


def open_house(settings: Settings, database: Database | None = None, clock: Clock | None = None) -> House:
    """Open and migrate the database, and know which till this is. Nothing is taken or printed yet.

    Raises Refusal when the database, the till or its key is not what the settings say; the database is then
    closed again.
    """
    opened = database or databases.connect(settings.database_url)
    if settings.training:
        opened = replace(opened, specimen=SPECIMEN)
    try:
        return _furnish(settings, opened, clock or SystemClock())
    except Exception:
        opened.close()
        raise


def _furnish(settings: Settings, database: Database, clock: Clock) -> House:
    databases.migrate(database, clock, settings.backups_folder)
    finish_rotation(database, settings)
    signer = read_key(settings.till, settings.key_path)
    with database.read() as session:
        post = open_post(session, settings.till, signer)
        establishment = session.get(Establishment, 1)
    bell = Bell()
    outbox = Outbox(database, post.till_id, settings.spool_folder, clock=clock, news=bell.ring)
    festival = establishment.festival if establishment else ""
    settings.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(settings.data_folder / f"till-{settings.till}.lock", thread_local=False)
    return House(settings, database, post, clock, festival, outbox, bell, lock)
