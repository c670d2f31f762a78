"""What is written on paper, as frozen values: `printing` lays them out and never sees a table.

Amounts are cents, rates are basis points, moments are UTC. `copy_number` 0 is the original; anything above is
a DUPLICATA and says so.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from boxoffice.kinds import PrinterKind

from .card_papers import GiftCardPaper, PlaceCardPaper, PromoCodePaper
from .closing_papers import CashSlipPaper, ClosingPaper, DepositSlipPaper, HandoverPaper, ReadingPaper
from .paper_parts import Letterhead as Letterhead
from .statement_papers import DoorListPaper, LeftTonightPaper, StatementPaper, WeekPaper


class NothingToPrint(LookupError):
    """What is to be printed names a document that the books do not hold."""


class DocumentKind(StrEnum):
    """Every kind of paper the box office prints."""

    TICKET = "ticket"
    RECEIPT = "receipt"
    REVERSAL_SLIP = "reversal_slip"
    CREDIT_NOTE = "credit_note"
    BADGE = "badge"
    BOOKINGS = "bookings"
    RESERVATION = "reservation"
    AFFECTED_LIST = "affected_list"
    SCREENING_STATEMENT = "screening_statement"
    DOOR_LIST = "door_list"
    WEEK_STATEMENT = "week_statement"
    LEFT_TONIGHT = "left_tonight"
    GIFT_CARD = "gift_card"
    PLACE_CARD = "place_card"
    PROMO_CODE = "promo_code"
    CLOSING = "closing"
    READING = "reading"
    HANDOVER = "handover"
    CASH_SLIP = "cash_slip"
    DEPOSIT_SLIP = "deposit_slip"
    PRINTER_TEST = "printer_test"


@dataclass(frozen=True, slots=True)
class Origin:
    """Which till and operator issued the paper, when, under which operation number (`2-000123`)."""

    till_number: int
    cashier_number: int
    operation: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketPaper:
    """One seat at one screening. `number` is its place in the till's unbroken series (`2-000456`).

    `is_undone` once its sale was reversed: it opens no door.
    """

    letterhead: Letterhead
    origin: Origin
    event_title: str
    event_version: str
    minimum_age: int
    starts_at: datetime
    place: str
    seat: str
    tariff_code: str
    tariff_label: str
    price_cents: int
    vat_rate: int
    number: str
    screening_code: str
    code: str
    holder: str = ""
    advice: str = ""
    is_undone: bool = False
    copy_number: int = 0


@dataclass(frozen=True, slots=True)
class PaperLine:
    """Equal lines of a sale gathered: `quantity` is negative on a reversal."""

    label: str
    detail: str
    quantity: int
    unit_price_cents: int
    vat_rate: int

    @property
    def total_cents(self) -> int:
        return self.quantity * self.unit_price_cents


@dataclass(frozen=True, slots=True)
class PaperPayment:
    """Money taken, or given back when negative. `tendered_cents` includes the change.

    `card` and `left` are of a card or account that paid: its masked number, and what stays on it, with its
    unit.
    """

    label: str
    amount_cents: int
    tendered_cents: int | None = None
    reference: str = ""
    card: str = ""
    left: str = ""

    @property
    def change_cents(self) -> int:
        return (self.tendered_cents or self.amount_cents) - self.amount_cents


@dataclass(frozen=True, slots=True)
class VatShare:
    """What a rate's lines come to: `gross_cents = net_cents + vat_cents`."""

    rate: int
    gross_cents: int
    net_cents: int
    vat_cents: int


@dataclass(frozen=True, slots=True)
class PaperReversal:
    """An operation that took back a sale, or a part of it; its amount is negative."""

    operation: str
    at: datetime
    total_cents: int


@dataclass(frozen=True, slots=True)
class ReceiptPaper:
    """What was sold and how it was paid; from 25 € it is the detailed note (arrêté 83-50/A).

    `journal_entry` says where the journal tells of it, and how the digest of that entry begins. `reversals`
    were made before it is printed; `is_undone` when they left nothing of the sale.
    """

    letterhead: Letterhead
    origin: Origin
    lines: tuple[PaperLine, ...]
    payments: tuple[PaperPayment, ...]
    vat: tuple[VatShare, ...]
    total_cents: int
    ticket_numbers: tuple[str, ...] = ()
    journal_entry: str = ""
    reversals: tuple[PaperReversal, ...] = ()
    is_undone: bool = False
    copy_number: int = 0


@dataclass(frozen=True, slots=True)
class ReversalPaper:
    """The coupon de gestion of a reversal; amounts are negative, and it must not look like a ticket."""

    letterhead: Letterhead
    origin: Origin
    original_operation: str
    original_at: datetime
    lines: tuple[PaperLine, ...]
    refunds: tuple[PaperPayment, ...]
    vat: tuple[VatShare, ...]
    total_cents: int
    ticket_numbers: tuple[str, ...] = ()
    authorized_by: str = ""
    reason: str = ""
    journal_entry: str = ""
    copy_number: int = 0


@dataclass(frozen=True, slots=True)
class CreditNotePaper:
    """An AVOIR: seats given back, and where their value went. `number` is its own series' (`2-000012`).

    `lines` are negative, but what the festival keeps; `credited_cents` is what the customer gets. It is no
    ticket and gives nothing by itself: the value is on the card or the balance, but for `exchanged_cents`,
    with which the operation `exchanged_for` was paid in the same act.
    """

    letterhead: Letterhead
    origin: Origin
    number: str
    original_operation: str
    original_at: datetime
    lines: tuple[PaperLine, ...]
    credits: tuple[PaperPayment, ...]
    vat: tuple[VatShare, ...]
    credited_cents: int
    ticket_numbers: tuple[str, ...] = ()
    customer: str = ""
    authorized_by: str = ""
    journal_entry: str = ""
    copy_number: int = 0
    exchanged_cents: int = 0
    exchanged_for: str = ""


@dataclass(frozen=True, slots=True)
class BadgePaper:
    """A pass or accreditation to be worn. `places` None: as many as wanted, and nothing to tick.

    `organisation` is whom an accredited person comes for; `edition` the year of the festival.
    """

    letterhead: Letterhead
    edition: str
    product: str
    surname: str
    first_name: str
    number: str
    code: str
    organisation: str = ""
    places: int | None = None
    used: int = 0
    valid_from: date | None = None
    valid_until: date | None = None
    copy_number: int = 0


@dataclass(frozen=True, slots=True)
class PaperBooking:
    """A seat booked on a pass; `cancellable_until` None once nothing can be cancelled any more.

    `moved`: its screening was, and so it may be given back without limit.
    """

    event_title: str
    event_version: str
    starts_at: datetime
    place: str
    seats: int = 1
    cancellable_until: datetime | None = None
    used: bool = False
    screening_cancelled: bool = False
    moved: bool = False


@dataclass(frozen=True, slots=True)
class BookingsPaper:
    """The seats booked on a pass in order of time, as they stood at the moment `at`; it gives no access."""

    letterhead: Letterhead
    at: datetime
    product: str
    holder: str
    number: str
    places: int | None
    used: int
    bookings: tuple[PaperBooking, ...]


@dataclass(frozen=True, slots=True)
class PaperReserved:
    """Equal seats held unpaid for one screening, until `expires_at`."""

    event_title: str
    starts_at: datetime
    hall: str
    tariff_label: str
    seats: int
    price_cents: int
    expires_at: datetime

    @property
    def total_cents(self) -> int:
        return self.seats * self.price_cents


@dataclass(frozen=True, slots=True)
class ReservationPaper:
    """What a reservation holds, as it stood at the moment `at`; nobody is named on it, it gives no access."""

    letterhead: Letterhead
    at: datetime
    reference: str
    code: str
    places: tuple[PaperReserved, ...]

    @property
    def total_cents(self) -> int:
        return sum(places.total_cents for places in self.places)


@dataclass(frozen=True, slots=True)
class AffectedPaper:
    """Whom a cancelled or moved screening concerns, as it stood at the moment `at`; nobody is named on it.

    `number` is that of the change; `new_starts_at` is None for a screening that does not take place. Bookings
    and reservations are their number or reference, with the seats there were; tickets go by their tariff.
    """

    letterhead: Letterhead
    at: datetime
    number: str
    event_title: str
    screening_code: str
    told_starts_at: datetime
    told_place: str
    new_starts_at: datetime | None
    new_place: str
    reason: str
    manager: str
    tickets: tuple[tuple[str, tuple[str, ...]], ...]
    credit_cents: int
    bookings: tuple[tuple[str, int], ...]
    reservations: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PrinterTestPaper:
    """A page that shows whether a printer is set up well."""

    letterhead: Letterhead
    printer_name: str
    printer_kind: PrinterKind
    at: datetime


Paper = (
    TicketPaper
    | ReceiptPaper
    | ReversalPaper
    | CreditNotePaper
    | BadgePaper
    | BookingsPaper
    | AffectedPaper
    | StatementPaper
    | DoorListPaper
    | WeekPaper
    | LeftTonightPaper
    | GiftCardPaper
    | PlaceCardPaper
    | PromoCodePaper
    | ReservationPaper
    | ClosingPaper
    | ReadingPaper
    | HandoverPaper
    | CashSlipPaper
    | DepositSlipPaper
    | PrinterTestPaper
)
