"""The part of the counter that reserves: a basket instead of paying it, and what was reserved into one."""

from boxoffice.sales.reserving.reservable import check_reservable
from boxoffice.sales.reserving.reservations import Reserved

from . import errands
from .choosing_returned import ExchangeWish
from .following import FollowingScreen
from .reservation_printing import print_reservation
from .reservation_words import farewell_of, not_reservable, wanted_seats, with_reserved
from .reservations import Recall, ReservationsScreen
from .screening_changes import ScreeningChanges
from .take_reservation import TakeReservation
from .widgets.basket_panel import Farewell


class ReservingScreen(FollowingScreen):
    """Takes reservations of the basket, and baskets of reservations."""

    def begin_exchange(self, wish: ExchangeWish) -> None:
        """Have other seats chosen for these."""
        raise NotImplementedError

    def part(self, farewell: Farewell) -> None:
        """Leave a customer with these words, and stand ready for the next one."""
        raise NotImplementedError

    def action_reservations(self) -> None:
        """Reserve what is in the basket; show what is reserved when there is nothing to reserve."""
        self.advise("")
        basket = self.basket
        if not basket or not_reservable(basket):
            self.show_reservations()
            return

        def check() -> None:
            with self.house.database.read() as session:
                wanted = wanted_seats(basket, self.programme)
                check_reservable(session, wanted, self.house.post.rules, clock=self.house.clock)

        def ask(_checked: None) -> None:
            dialog = TakeReservation(
                self.house, self.desk, basket, self.programme, self.show_reservations, self._print_taken
            )
            self.app.push_screen(dialog, self._reserved)

        errands.send(self, check, ask, lambda refusal: self.advise(str(refusal)))

    def show_reservations(self, text: str = "") -> None:
        """Open the list of reservations, on the one of a scanned code."""

        def recalled(recall: Recall | None) -> None:
            if recall is not None:
                self.change(with_reserved(self.basket, recall.kept, recall.lines))

        listed = ReservationsScreen(self.house, self.desk, self.programme, self.basket, text)
        self.app.push_screen(listed, recalled)

    def action_screening_changes(self) -> None:
        """Cancel or move the screening that the list stands on."""
        listed = self.screenings.chosen_screening
        chosen = None if listed is None else listed.row

        def answered(wish: ExchangeWish | None) -> None:
            if wish is not None:
                self.begin_exchange(wish)

        self.app.push_screen(ScreeningChanges(self.house, self.desk, chosen), answered)

    def _print_taken(self, reserved: Reserved) -> None:
        print_reservation(self, self.house, self.desk, reserved.reference, self.say)

    def _reserved(self, reserved: Reserved | None) -> None:
        if reserved is not None:
            self.part(farewell_of(reserved))
