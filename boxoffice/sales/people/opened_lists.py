"""Lists of people that are looked at on a screen, each told to the journal once it is opened."""

from enum import StrEnum

from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.kinds import JournalKind

from ..books import journal
from ..staff.desk import PrintingDesk


class PeopleList(StrEnum):
    """What names people and how to reach them: reservations, badges, whom a changed screening concerns."""

    RESERVATIONS = "reservations"
    BADGES = "badges"
    AFFECTED = "affected"


def tell_list_opened(
    session: Session, desk: PrintingDesk, opened: PeopleList, *, clock: Clock, change: int | None = None
) -> None:
    """Tell the journal that somebody looked at a list; `change` is the number of that of a screening."""
    journal.append(
        session,
        desk.post,
        JournalKind.CUSTOMER_LISTED,
        {"list": opened} if change is None else {"list": opened, "change": change},
        at=clock.now(),
        operator_number=desk.operator_number,
    )
