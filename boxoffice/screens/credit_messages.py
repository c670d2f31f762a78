"""Messages to customers about their requests: a text file to send from, and the clipboard."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.language import _, plural
from boxoffice.private_file import write_privately
from boxoffice.sales.credits.messages import MESSAGES, message_about

from . import errands
from .dialogs import RefusalDialog

if TYPE_CHECKING:
    from boxoffice.house import House

BETWEEN = "\n" + "-" * 60 + "\n\n"


def write_messages(screen: Screen[Any], house: "House", request_ids: Sequence[UUID]) -> None:
    """Write what these customers are to be told, copy it, and say where it is."""

    def write() -> tuple[str, Path]:
        with house.database.read() as session:
            messages = [message_about(session, request_id) for request_id in request_ids]
        text = BETWEEN.join(message.text for message in messages)
        return text, _file(house.settings.exports_folder, request_ids, text)

    def tell(written: tuple[str, Path]) -> None:
        text, path = written
        screen.app.copy_to_clipboard(text)
        title = plural("Le message est prêt.", "Les {count} messages sont prêts.", len(request_ids))
        words = _("{path}\nIl est aussi dans le presse-papiers, si ce terminal le permet.").format(path=path)
        screen.app.push_screen(RefusalDialog(Refusal(title.format(count=len(request_ids)), words)))

    def refuse(refusal: Refusal) -> None:
        screen.app.push_screen(RefusalDialog(refusal))

    errands.send(screen, write, tell, refuse)


def _file(folder: Path, request_ids: Sequence[UUID], text: str) -> Path:
    """A file for its owner's eyes alone: it says who was refused what."""
    path = folder / MESSAGES.replace("*", f"{str(request_ids[0])[:8]}-{len(request_ids)}")
    return write_privately(path, text.encode())
