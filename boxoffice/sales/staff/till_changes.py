"""Calling a till by another name; its number, on every paper, never changes."""

from sqlmodel import Session, select

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.models import LARGEST_TILL_NUMBER, Till

from ..books.journal import append
from ..wording import one_line
from .desk import Post
from .operators import StaffMember, answering


def rename_till(
    session: Session, post: Post, number: int, text: str, *, clock: Clock, manager: StaffMember | None = None
) -> None:
    """Give a till another name, which its program takes up when it is next opened.

    A `manager` answers for it, once the first shift was opened.
    """
    answered_by = answering(session, manager, Action.CHANGE_SETTINGS)
    name = one_line(text)
    if not name:
        raise Refusal(_("Il manque le nom de la caisse."))
    till = None
    if 1 <= number <= LARGEST_TILL_NUMBER:
        till = session.exec(select(Till).where(Till.number == number).with_for_update(key_share=True)).first()
    if till is None:
        raise Refusal(_("La caisse {number} n'existe pas.").format(number=number))
    if till.name == name:
        return
    before, till.name = till.name, name
    session.add(till)
    session.flush()
    append(
        session,
        post,
        JournalKind.TILL_RENAMED,
        {"new": name, "old": before, "renamed": number},
        at=clock.now(),
        operator_number=answered_by,
    )
