"""What exported files are called where nothing of the festival is real."""

from sqlmodel import Session

from ..prints.letterhead import read_letterhead
from ..prints.papers import Letterhead

MARK = "SPECIMEN-"


def marked(session: Session, name: str) -> str:
    """The name of a file of figures: an accountant must not take a rehearsal for the real thing."""
    return marked_by(read_letterhead(session), name)


def marked_by(letterhead: Letterhead, name: str) -> str:
    """The name of the file of a paper with this letterhead."""
    return MARK + name if letterhead.specimen else name
