"""The papers of a day's end: readings, closings, and the slips that go with cash and with a shift."""

from dataclasses import dataclass
from datetime import datetime

from boxoffice.kinds import CashKind

from ..closings.outcomes import Handover, Made, Reading
from .paper_parts import Letterhead


@dataclass(frozen=True, slots=True)
class ClosingPaper:
    """A Z: of a till, or of a day, month or year of the box office."""

    letterhead: Letterhead
    closing: Made
    copy_number: int = 0


@dataclass(frozen=True, slots=True)
class ReadingPaper:
    """An X: the same figures as a Z would have at that moment, and nothing is closed."""

    letterhead: Letterhead
    reading: Reading


@dataclass(frozen=True, slots=True)
class HandoverPaper:
    """What whoever takes a till over has to know."""

    letterhead: Letterhead
    handover: Handover


@dataclass(frozen=True, slots=True)
class CashSlipPaper:
    """Cash carried into a drawer or out of it, to be signed by who carries it. `number` is the till's own."""

    letterhead: Letterhead
    till: int
    number: int
    kind: CashKind
    amount_cents: int
    reason: str
    carrier: str
    operator: str
    authorized_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DepositSlipPaper:
    """The cash of a shift that goes to the bank, with the pieces counted in its drawer."""

    letterhead: Letterhead
    till: int
    shift: int
    operator: str
    at: datetime
    counted_cents: int
    deposit_cents: int
    left_cents: int
    pieces: tuple[tuple[int, int], ...] = ()
