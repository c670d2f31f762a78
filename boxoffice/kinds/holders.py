"""Passes, and the seats that are booked or reserved."""

from enum import StrEnum


class PassKind(StrEnum):
    """Whether the places were sold, or given with an accreditation."""

    PASS = "pass"
    ACCREDITATION = "accreditation"


class PassState(StrEnum):
    """`CANCELLED` once its sale is reversed: such a pass never serves again."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"


class PassTrouble(StrEnum):
    """Why a pass is blocked or replaced: the journal keeps this word, and nothing that a cashier writes."""

    LOST = "lost"
    STOLEN = "stolen"
    SPOILT = "spoilt"
    LENT = "lent"
    OTHER = "other"


class PassSource(StrEnum):
    """Where a pass was sold, or who sent it."""

    COUNTER = "counter"
    ONLINE = "online"


class BookingEndKind(StrEnum):
    """How a booking ended before its screening: by its holder, for another one, or by the festival."""

    CANCELLED = "cancelled"
    SWAPPED = "swapped"
    SCREENING_CHANGED = "screening_changed"


class ReservationSource(StrEnum):
    COUNTER = "counter"
    IMPORTED = "imported"


class ReservedSeatState(StrEnum):
    """`HELD` takes a seat of the screening; the others have left it, or made a ticket of it."""

    HELD = "held"
    COLLECTED = "collected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
