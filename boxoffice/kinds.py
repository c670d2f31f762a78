"""The closed lists of words that tables, services, commands and screens share: light enough for all."""

from enum import StrEnum


class Role(StrEnum):
    """What a member of the staff is here for."""

    CASHIER = "cashier"
    MANAGER = "manager"
    BADGES = "badges"


class Regime(StrEnum):
    """The ticketing law that a venue follows (CGI art. 290 quater, Code du cinéma, or neither)."""

    CGI_290Q = "CGI_290Q"
    CNC_EXHIBITOR = "CNC_EXHIBITOR"
    NON_COMMERCIAL = "NON_COMMERCIAL"


class VatStatus(StrEnum):
    """Whether the establishment charges VAT."""

    LIABLE = "liable"
    EXEMPT = "exempt"


class Requirement(StrEnum):
    """What a tariff is opened by, beyond being asked for."""

    NOTHING = "nothing"
    PASS = "pass"
    ACCREDITATION = "accreditation"
    PROMO_CODE = "promo_code"


class ScreeningState(StrEnum):
    """Whether a screening takes place."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


class SaleKind(StrEnum):
    """Whether an operation charges, or undoes one that did."""

    SALE = "sale"
    REVERSAL = "reversal"


class LineKind(StrEnum):
    """What a line of a sale is of."""

    TICKET = "ticket"
    PRODUCT = "product"


class PrinterKind(StrEnum):
    """How a printer is reached."""

    VIRTUAL = "virtual"
    NETWORK = "network"
    USB = "usb"
    SERIAL = "serial"
    WINDOWS = "windows"
    CUPS = "cups"
    FILE = "file"


class PrinterRole(StrEnum):
    """Which papers of a till come out of a printer."""

    TICKETS = "tickets"
    RECEIPTS = "receipts"
    BADGES = "badges"
    REPORTS = "reports"


class JobState(StrEnum):
    """Where a document is between the sale and the paper; `PRINTED` only when the printer said so."""

    QUEUED = "queued"
    BLOCKED = "blocked"
    SENDING = "sending"
    PRINTED = "printed"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    ABANDONED = "abandoned"


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


class ScreeningChangeKind(StrEnum):
    CANCELLED = "cancelled"
    MOVED = "moved"
