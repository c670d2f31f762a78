"""What is done to a pass from its cockpit: one thing at a time, asked again without being done twice."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from textual.screen import Screen

from boxoffice.clock import say
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.language import _, plural, spoken
from boxoffice.sales.holders import bookings, cockpit
from boxoffice.sales.holders.bookings import Book, Booked, CancelBookings, SwapBooking
from boxoffice.sales.holders.cockpit import Cockpit
from boxoffice.sales.screenings.programme import Seats, read_seats
from boxoffice.sales.staff.desk import Desk

from . import errands
from .manager_pin import Authorization, ask_manager

if TYPE_CHECKING:
    from boxoffice.house import House

Done = TypeVar("Done")

LATE = "booking.late"
"""What a manager allows past its limit, for a reason."""

Renewed = Callable[[Cockpit, Mapping[int, Seats], int | None], None]
"""Told of the pass as it has become, of the seats, and of the screening that was booked if one was."""


class PassDesk:
    """Books, cancels and exchanges for a screen, which it tells of each outcome."""

    def __init__(
        self,
        screen: Screen[Any],
        house: "House",
        desk: Desk,
        shown: Cockpit,
        renewed: Renewed,
        say: Callable[[str], None],
        refused: Callable[[Refusal], None],
    ) -> None:
        self._screen, self._house, self._desk = screen, house, desk
        self._pass_id, self._number = shown.pass_id, shown.number
        self._renewed, self._say, self._refused = renewed, say, refused
        self._at_work = False
        self._asked: tuple[tuple[int, int], tuple[UUID, ...]] | None = None

    def book(self, screening_id: int, count: int) -> None:
        """Book seats of a screening.

        The same wish keeps the same ids until it is answered: asked again, it books nothing twice.
        """
        wish = (screening_id, count)
        if self._asked is None or self._asked[0] != wish:
            self._asked = wish, tuple(uuid4() for _seat in range(count))
        command = Book(self._asked[1], self._pass_id, screening_id)

        def book() -> Booked:
            return self._house.database.attempt(
                lambda session: bookings.book(session, command, self._desk, clock=self._house.clock)
            )

        def booked(done: Booked) -> None:
            self._asked = None
            words = plural("Réservé : {title}, {when}.", "Réservé, {count} places : {title}, {when}.", count)
            self._say(words.format(count=count, title=done.event_title, when=_when(done)))

        self.do(book, booked, stand_on=screening_id)

    def cancel(self, command: CancelBookings) -> None:
        """Give booked seats back, with a manager's leave if it is late."""

        def cancel() -> tuple[Booked, ...]:
            return self._house.database.attempt(
                lambda session: bookings.cancel(session, command, self._desk, clock=self._house.clock)
            )

        def again(leave: Authorization) -> None:
            self.cancel(replace(command, authorized_by=leave.manager.id, reason=leave.reason))

        self.do(cancel, lambda _done: self._say(_("Annulé : la place est rendue au pass.")), again)

    def swap(self, command: SwapBooking) -> None:
        """Exchange a booking for another screening, with a manager's leave if it is late."""

        def swap() -> Booked:
            return self._house.database.attempt(
                lambda session: bookings.swap(session, command, self._desk, clock=self._house.clock)
            )

        def swapped(done: Booked) -> None:
            self._say(_("Échangé : {title}, {when}.").format(title=done.event_title, when=_when(done)))

        def again(leave: Authorization) -> None:
            self.swap(replace(command, authorized_by=leave.manager.id, reason=leave.reason))

        self.do(swap, swapped, again, stand_on=command.screening_id)

    def do(
        self,
        act: Callable[[], Done],
        then: Callable[[Done], None],
        again: Callable[[Authorization], None] | None = None,
        *,
        allowing: str = LATE,
        stand_on: int | None = None,
    ) -> None:
        """Do something to the pass and show it as it has become; `again` does it with a manager's leave.

        `allowing` names in the journal what a manager then allows. A key pressed meanwhile does nothing.
        """
        if self._at_work:
            return
        self._at_work = True

        def work() -> tuple[Done, Cockpit, Mapping[int, Seats]]:
            done = act()
            with self._house.database.read() as session:
                shown = cockpit.read_cockpit(session, self._pass_id, self._house.post.rules, self._house.post)
                return done, shown, read_seats(session)

        def shown(answer: tuple[Done, Cockpit, Mapping[int, Seats]]) -> None:
            self._at_work = False
            done, became, seats = answer
            self._renewed(became, seats, stand_on)
            then(done)

        def refused(refusal: Refusal) -> None:
            self._at_work = False
            if isinstance(refusal, ManagerNeeded) and again is not None:
                act, late = f"{allowing} {self._number}", allowing == LATE
                ask_manager(self._screen, self._house, refusal, act, again, self._refused, ask_reason=late)
            else:
                self._refused(refusal)

        errands.send(self._screen, work, shown, refused)


def _when(booked: Booked) -> str:
    return say(booked.starts_at, _("EEE d MMM 'à' HH:mm"), spoken())
