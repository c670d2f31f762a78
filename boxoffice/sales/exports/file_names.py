"""What exported files are called where nothing of the festival is real."""

from sqlmodel import Session

from ..prints.letterhead import read_letterhead

MARK = "SPECIMEN-"


def marked(session: Session, name: str) -> str:
    """The name of a file of figures: an accountant must not take a rehearsal for the real thing."""
    return MARK + name if read_letterhead(session).specimen else name
