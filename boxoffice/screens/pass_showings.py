"""The programme as a pass may use it: what can be booked on it, and where else a film can be seen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from boxoffice.errors import Refusal
from boxoffice.sales.basket import SeatLine
from boxoffice.sales.holders.cockpit import Cockpit
from boxoffice.sales.screenings.programme import Offer, Programme, ScreeningRow, Seats, seat_line


@dataclass(frozen=True, slots=True)
class Showing:
    """A screening as a pass may book it; `left` None: its price list has no tariff for this pass.

    `of_quota`: what is left is of the places kept for passes. `refused` is why the pass gives no seat there.
    """

    row: ScreeningRow
    left: int | None
    on_sale: bool
    of_quota: bool = False
    refused: Refusal | None = None

    @property
    def is_open(self) -> bool:
        return self.refused is None and self.on_sale and self.left is not None and self.left > 0


@dataclass(frozen=True, slots=True)
class Around:
    """What the counter shows under the cockpit: its programme, the seats heard of last, where it stands.

    `refused` is why the pass gives no seat at some screenings; `heard` tells the counter of newer seats.
    """

    programme: Programme
    seats: Mapping[int, Seats]
    chosen: ScreeningRow | None
    heard: Callable[[Mapping[int, Seats]], None]
    refused: Mapping[int, Refusal] = field(default_factory=dict)

    def asked_about(self, now: datetime) -> tuple[int, ...]:
        """The screenings that may be booked next: the chosen one, and the others of its event to come."""
        chosen = self.chosen
        if chosen is None:
            return ()
        rows = self.programme.screenings
        others = (row.id for row in rows if row.event_id == chosen.event_id and row.starts_at > now)
        return tuple(dict.fromkeys((chosen.id, *others)))

    def showing(self, cockpit: Cockpit, now: datetime) -> Showing | None:
        """What this pass may have of the screening chosen at the counter."""
        return None if self.chosen is None else self._showing_of(self.chosen, cockpit, now)

    def others(self, event_id: int, cockpit: Cockpit, now: datetime, *, but: int) -> Iterator[Showing]:
        """Where this pass can still see an event, the soonest first; `but` is the screening left out."""
        for row in self.programme.screenings:
            if row.event_id == event_id and row.id != but and row.starts_at > now:
                showing = self._showing_of(row, cockpit, now)
                if showing.is_open:
                    yield showing

    def companion_line(self, screening_id: int, cockpit: Cockpit) -> SeatLine | None:
        """The extra ticket that this pass opens at a screening, for the basket; None where it opens none."""
        row = next((row for row in self.programme.screenings if row.id == screening_id), None)
        offer = None if row is None else self._offer(row, cockpit.companion_tariff)
        return None if row is None or offer is None else seat_line(row, offer, 1, pass_id=cockpit.pass_id)

    def _showing_of(self, row: ScreeningRow, cockpit: Cockpit, now: datetime) -> Showing:
        offer, seats = self._offer(row, cockpit.place_tariff), self.seats[row.id]
        left = None if offer is None else seats.left_for(offer.quota)
        on_sale = now <= row.on_sale_until and not seats.cancelled
        of_quota = offer is not None and offer.quota is not None
        return Showing(row, left, on_sale, of_quota, self.refused.get(row.id))

    def _offer(self, row: ScreeningRow, code: str) -> Offer | None:
        offers: Sequence[Offer] = self.programme.offers.get(row.price_list_id, ())
        return next((offer for offer in offers if code and offer.code == code), None)
