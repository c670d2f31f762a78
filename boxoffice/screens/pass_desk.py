"""What is done to a pass from its cockpit: one thing at a time, asked again without being done twice."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID, uuid4

from boxoffice.clock import say
from boxoffice.database import DatabaseLost
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action
from boxoffice.language import _, plural, spoken
from boxoffice.sales.holders import bookings, cockpit
from boxoffice.sales.holders.bookings import Book, Booked, CancelBookings, SwapBooking
from boxoffice.sales.holders.cockpit import Cockpit
from boxoffice.sales.holders.passes import find_pass
from boxoffice.sales.screenings.programme import read_seats
from boxoffice.sales.staff.desk import Desk

from . import errands
from .manager_pin import Authorization
from .pass_showings import Around
from .pass_view import PassView
from .permitting import Act, ask_leave, left_to_role

if TYPE_CHECKING:
    from boxoffice.house import House

Done = TypeVar("Done")
Looked = tuple[Cockpit, Around]
"""A pass as it is, and what is around it."""

LATE = "booking.late"
"""What a manager allows past its limit, for a reason."""

Follow = Callable[[Cockpit, Around, int | None], str]
"""Has the basket follow a pass, and the screening that was booked if one was; what to say of it."""


def look_at(house: "House", which: str | UUID, around: Around, *, anew: bool = True) -> Looked:
    """A pass, by its id or by its code or number, and what it is refused; the seats read `anew` or not.

    Raises Refusal if there is no such pass.
    """
    post = house.post
    with house.database.read() as session:
        pass_id = which if isinstance(which, UUID) else find_pass(session, which)
        held = cockpit.read_cockpit(session, pass_id, post.rules, post)
        wanted = around.asked_about(house.clock.now())
        refused = bookings.rehearse(session, pass_id, wanted, post.rules, clock=house.clock)
        seats = read_seats(session) if anew else around.seats
    return held, replace(around, seats=seats, refused=refused)


class PassDesk:
    """Books, cancels and exchanges for a cockpit, which shows the pass as it becomes."""

    def __init__(self, view: PassView, house: "House", desk: Desk, follow: Follow) -> None:
        self._view, self._house, self._desk = view, house, desk
        self._pass_id, self._number = view.held.pass_id, view.held.number
        self._follow = follow
        self._at_work = self._looking = self._look_again = False
        self._asked: tuple[tuple[int, int], tuple[UUID, ...]] | None = None

    def look(self) -> None:
        """Show the pass as it has become, whoever changed it."""
        if self._looking:
            self._look_again = True
            return
        self._looking, self._look_again = True, False

        def show(looked: Looked) -> None:
            held, around = looked
            self._looking = False
            if self._look_again:
                self.look()
            elif (held, around) != (self._view.held, self._view.around):
                self._view.show_pass(held, around)

        def unseen(_refusal: Refusal) -> None:
            self._looking = False

        errands.send(self._view, lambda: look_at(self._house, self._pass_id, self._view.around), show, unseen)

    def book(self, screening_id: int, count: int) -> None:
        """Book seats of a screening.

        The same wish keeps the same ids until it is answered, if by a refusal: asked again, it books nothing
        twice.
        """
        wish = (screening_id, count)
        if self._asked is None or self._asked[0] != wish:
            self._asked = wish, tuple(uuid4() for _seat in range(count))
        command = Book(self._asked[1], self._pass_id, screening_id)

        def book() -> Booked:
            try:
                return self._house.database.attempt(
                    lambda session: bookings.book(session, command, self._desk, clock=self._house.clock)
                )
            except DatabaseLost:
                raise
            except Refusal:
                self._asked = None
                raise

        def booked(done: Booked) -> str:
            self._asked = None
            words = plural("Réservé : {title}, {when}.", "Réservé, {count} places : {title}, {when}.", count)
            return words.format(count=count, title=done.event_title, when=_when(done))

        self.do(book, booked, stand_on=screening_id)

    def cancel(self, command: CancelBookings) -> None:
        """Give booked seats back, with a manager's leave if it is late."""

        def cancel() -> tuple[Booked, ...]:
            return self._house.database.attempt(
                lambda session: bookings.cancel(session, command, self._desk, clock=self._house.clock)
            )

        def again(leave: Authorization) -> None:
            self.cancel(replace(command, authorized_by=leave.manager.id, reason=leave.reason))

        self.do(cancel, lambda _done: _("Annulé : la place est rendue au pass."), again)

    def swap(self, command: SwapBooking) -> None:
        """Exchange a booking for another screening, with a manager's leave if it is late."""

        def swap() -> Booked:
            return self._house.database.attempt(
                lambda session: bookings.swap(session, command, self._desk, clock=self._house.clock)
            )

        def swapped(done: Booked) -> str:
            return _("Échangé : {title}, {when}.").format(title=done.event_title, when=_when(done))

        def again(leave: Authorization) -> None:
            self.swap(replace(command, authorized_by=leave.manager.id, reason=leave.reason))

        self.do(swap, swapped, again, stand_on=command.screening_id)

    def do(
        self,
        act: Callable[[], Done],
        words: Callable[[Done], str],
        again: Callable[[Authorization], None] | None = None,
        *,
        allowing: str = LATE,
        stand_on: int | None = None,
        then: Callable[[], None] | None = None,
    ) -> None:
        """Do something to the pass, show it as it has become and say so, in `words`; `then` goes on.

        `again` does it with a manager's leave, which the journal knows by what it is `allowing`. A key
        pressed meanwhile does nothing. After a refusal, too, the pass is shown as it is by now.
        """
        if self._at_work:
            return
        self._at_work = True

        def work() -> tuple[Done, Looked]:
            return act(), look_at(self._house, self._pass_id, self._view.around)

        def shown(answer: tuple[Done, Looked]) -> None:
            self._at_work = False
            done, (held, around) = answer
            self._view.show_pass(held, around, stand_on=stand_on)
            around.heard(around.seats)
            followed = self._follow(held, around, stand_on)
            self._view.say_done(f"{words(done)} {followed}".rstrip())
            if then is not None:
                then()

        def refused(refusal: Refusal) -> None:
            self._at_work = False
            if isinstance(refusal, ManagerNeeded) and again is not None:
                about, late = _("Pass {number}").format(number=self._number), allowing == LATE
                left_to = left_to_role(self._desk, Action.CANCEL_LATE)
                act = Act(f"{allowing} {self._number}", about, late, left_to if late else None)
                ask_leave(self._view, self._house, act, refusal, again, self._view.say_wrong)
            else:
                self._view.say_wrong(refusal)
            self.look()

        errands.send(self._view, work, shown, refused)


def _when(booked: Booked) -> str:
    return say(booked.starts_at, _("EEE d MMM 'à' H 'h' mm"), spoken())
