"""A list of people in sight is told to the journal, which the screen does not wait for."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.sales.people.opened_lists import PeopleList, tell_list_opened
from boxoffice.sales.staff.desk import PrintingDesk

from . import errands

if TYPE_CHECKING:
    from boxoffice.house import House


def tell_opened(
    screen: Screen[Any],
    house: "House",
    desk: PrintingDesk,
    opened: PeopleList,
    *,
    change: int | None = None,
    untold: Callable[[Refusal], None] | None = None,
) -> None:
    """Tell of a list that `screen` shows; what cannot be told does not stay in sight, or `untold` says so."""

    def work() -> None:
        with house.database.write() as session:
            tell_list_opened(session, desk, opened, clock=house.clock, change=change)

    def leave(refusal: Refusal) -> None:
        screen.dismiss(None)
        screen.app.notify(refusal.remedy, title=refusal.message, severity="warning", markup=False)

    errands.send(screen, work, lambda _told: None, untold or leave)
