"""What the end of a day comes to: a Z, an X, a shift handed over, as values that papers are made from."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from boxoffice.kinds import ClosingPeriod

from .figures import Figures, ShiftFigures
from .put_back import Gone, Restoring


@dataclass(frozen=True, slots=True)
class UnsoldCards:
    """The seats that cards of a kind paid for, given by the festival or sold elsewhere, and their price."""

    label: str
    tickets: int
    cents: int


@dataclass(frozen=True, slots=True)
class Answered:
    """Who answered for a shift that is not their own, by its till and number."""

    till: int
    shift: int
    name: str


@dataclass(frozen=True, slots=True)
class OpeningAnswered:
    """Who answered, and why, for the opening of a till at that moment: its float was not what was left."""

    till: int
    opened_at: datetime
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Aside:
    """Of the credit notes, those that exchanged seats; cards that were never sold here; who answered."""

    exchanges: int = 0
    exchanged_cents: int = 0
    unsold_cards: tuple[UnsoldCards, ...] = ()
    answered: tuple[Answered, ...] = ()
    openings: tuple[OpeningAnswered, ...] = ()

    def answered_by(self, till: int, shift: int) -> str:
        """Who answered for a shift, if it was somebody else than who held it."""
        return next((each.name for each in self.answered if (each.till, each.shift) == (till, shift)), "")

    def opening_of(self, shift: ShiftFigures) -> OpeningAnswered | None:
        """Who answered for the opening of a shift, if somebody had to."""
        of_it = (shift.till, shift.opened_at)
        return next((each for each in self.openings if (each.till, each.opened_at) == of_it), None)


@dataclass(frozen=True, slots=True)
class Made:
    """A closing as it was made. `till` None: the whole box office. `entry` is where the journal tells it.

    `aside` is counted when it is read: the journal signs the `figures`, and the rows that both are of.
    `restorings` left out operations that it cannot count: its number and totals go on after them, and after
    the closings of its series that are `gone`.
    """

    id: UUID
    period: ClosingPeriod
    till: int | None
    made_at_till: int
    number: int
    first_day: date
    last_day: date
    at: datetime
    manager: str
    manager_number: int
    figures: Figures
    period_cents: int
    period_absolute_cents: int
    perpetual_cents: int
    perpetual_absolute_cents: int
    entry: str
    aside: Aside
    restorings: tuple[Restoring, ...] = ()
    gone: tuple[Gone, ...] = ()


@dataclass(frozen=True, slots=True)
class LastClosing:
    """The last closing of a till, or of a kind of period: what the next one goes on from."""

    number: int
    last_day: date
    perpetual_cents: int
    perpetual_absolute_cents: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The figures of a till since its last closing, or of the whole box office since its last day closed.

    `till` None is the box office. `open_shifts` are told as if they were closed at that moment, uncounted;
    none where the drawer is to be counted blind. Totals since first use include the figures, and what the
    `restorings` left out; closings of its series may be `gone` with it.
    """

    at: datetime
    day: date
    till: int | None
    figures: Figures
    open_shifts: tuple[ShiftFigures, ...]
    perpetual_cents: int
    perpetual_absolute_cents: int
    aside: Aside
    restorings: tuple[Restoring, ...] = ()
    gone: tuple[Gone, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something left to whoever comes next: what it is called, and since or until when."""

    what: str
    at: datetime
    count: int = 1


@dataclass(frozen=True, slots=True)
class Handover:
    """A shift as it is handed over. Reservations and requests for credit are those of all tills.

    `left_cents` None: nobody counted the drawer.
    """

    till: int
    shift: int
    operator: str
    opened_at: datetime
    closed_at: datetime
    left_cents: int | None
    deposit_cents: int
    reservations: tuple[Waiting, ...]
    prints_failed: int
    prints_uncertain: int
    credit_requests: int
    oldest_request: datetime | None
    baskets: tuple[Waiting, ...]
    note: str
