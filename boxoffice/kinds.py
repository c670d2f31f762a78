"""The closed lists of words that tables, services, commands and screens share: light enough for all."""

from enum import IntEnum, StrEnum, unique


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
    """Whether an operation charges, undoes one that did, or takes seats back for a credit note."""

    SALE = "sale"
    REVERSAL = "reversal"
    CREDIT_NOTE = "credit_note"


class LineKind(StrEnum):
    """What a line of a sale is of.

    A `VOUCHER` is a multi-purpose one: what it brings is owed, and no turnover until it is used. A `FEE` is
    what is kept of a seat taken back.
    """

    TICKET = "ticket"
    PRODUCT = "product"
    VOUCHER = "voucher"
    FEE = "fee"


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


class StoredValueKind(StrEnum):
    """What a customer may spend later: cents of a gift card or balance, places, points, uses of a code."""

    GIFT_CARD = "gift_card"
    BALANCE = "balance"
    PLACE_CARD = "place_card"
    POINTS = "points"
    PROMO_CODE = "promo_code"


class StoredValueState(StrEnum):
    """`CANCELLED` once the sale that issued it is reversed: it never serves again."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"


class MovementKind(StrEnum):
    """Why a stored value grew or shrank."""

    ISSUED = "issued"
    TAKEN_BACK = "taken_back"
    USED = "used"
    GIVEN_BACK = "given_back"
    CREDITED = "credited"
    EARNED = "earned"
    REWARDED = "rewarded"
    EXPIRED = "expired"
    CORRECTED = "corrected"
    MERGED = "merged"


class VoucherPurpose(StrEnum):
    """When VAT and turnover count: at sale if their rate is known, else at use (CGI art. 256 ter)."""

    SINGLE = "single"
    MULTI = "multi"


class CardSource(StrEnum):
    """Where a place card comes from: sold here, given by the festival, or numbered and sold elsewhere."""

    COUNTER = "counter"
    GIVEN = "given"
    ELSEWHERE = "elsewhere"


class PromoEffect(StrEnum):
    """What a promo code does: it opens a tariff, or takes a part or an amount off each seat it covers."""

    OPENS_TARIFF = "opens_tariff"
    PERCENTAGE_OFF = "percentage_off"
    AMOUNT_OFF = "amount_off"


class CreditRequestSource(StrEnum):
    """Where a seat was asked to be turned into a credit note."""

    COUNTER = "counter"
    ONLINE = "online"


class CreditState(StrEnum):
    """Where the request for a credit note is, for the seat that it is of."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class CashKind(StrEnum):
    """Why cash goes into a drawer or out of it without a sale; `PICKUP` takes what is too much of it away."""

    IN = "in"
    OUT = "out"
    PICKUP = "pickup"


class ClosingPeriod(StrEnum):
    """What a closing gathers: a till since its last one, or the days of the whole box office."""

    TILL = "till"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Action(StrEnum):
    """What not everybody may do. Settings are called by these words: none may change, new ones may come."""

    REVERSE_LATE = "reverse_late"
    EXCHANGE_LATE = "exchange_late"
    CANCEL_LATE = "cancel_late"
    ANSWER_CREDITS = "answer_credits"
    CHANGE_SCREENING = "change_screening"
    SEE_TAKINGS = "see_takings"
    SEE_FIGURES = "see_figures"
    CASH_OUT = "cash_out"
    OPEN_DRAWER = "open_drawer"
    ANSWER_DIFFERENCE = "answer_difference"
    CLOSE_OTHERS_SHIFT = "close_others_shift"
    CLOSE_TILL = "close_till"
    CLOSE_DAY = "close_day"
    REPRINT = "reprint"
    REPRINT_ANYTIME = "reprint_anytime"
    REPRINT_CLOSING = "reprint_closing"
    UNBLOCK_PASS = "unblock_pass"
    REPLACE_PASS = "replace_pass"
    CHANGE_HOLDER = "change_holder"
    UNBLOCK_CARD = "unblock_card"
    REPLACE_CARD = "replace_card"
    LENGTHEN_CARD = "lengthen_card"
    GIVE_CARDS = "give_cards"
    MAKE_CODES = "make_codes"
    CORRECT_BALANCE = "correct_balance"
    MERGE_CUSTOMERS = "merge_customers"
    ERASE_CUSTOMERS = "erase_customers"
    EXPORT_FIGURES = "export_figures"
    EXPORT_CUSTOMERS = "export_customers"
    MAKE_ARCHIVE = "make_archive"
    IMPORT_FILES = "import_files"
    CHANGE_SETTINGS = "change_settings"
    CHANGE_STAFF = "change_staff"
    CHANGE_PERMISSIONS = "change_permissions"
    CARE_FOR_KEYS = "care_for_keys"


class JournalKind(StrEnum):
    """What an entry of the journal tells. These words are signed: none may change, new ones may come."""

    ESTABLISHMENT_TOLD = "establishment.told"
    KEY_CREATED = "key.created"
    PROGRAM_VERSION_CHANGED = "program.version_changed"
    SETTINGS_CHANGED = "settings.changed"
    PROGRAMME_IMPORTED = "programme.imported"
    PROGRAMME_CHANGED = "programme.changed"
    PRINTER_ADDED = "printer.added"
    PRINTER_CHANGED = "printer.changed"
    PRINTER_ASSIGNED = "printer.assigned"
    OPERATOR_ADDED = "operator.added"
    OPERATOR_PIN_CHANGED = "operator.pin_changed"
    OPERATOR_ROLE_CHANGED = "operator.role_changed"
    OPERATOR_DEACTIVATED = "operator.deactivated"
    OPERATOR_REACTIVATED = "operator.reactivated"
    OPERATOR_LOGGED_IN = "operator.logged_in"
    OPERATOR_LOGGED_OUT = "operator.logged_out"
    OPERATOR_REFUSED = "operator.refused"
    OPERATOR_PROVED = "operator.proved"
    MANAGER_AUTHORIZED = "manager.authorized"
    TILL_OPENED = "till.opened"
    TILL_CLOSED = "till.closed"
    TILL_LOCKED = "till.locked"
    TILL_RENAMED = "till.renamed"
    TILL_RETIRED = "till.retired"
    TILL_BROUGHT_BACK = "till.brought_back"
    CASH_MOVED = "cash.moved"
    DRAWER_OPENED = "drawer.opened"
    COUNT_REFUSED = "count.refused"
    CLOSING_MADE = "closing.made"
    SALE_COMPLETED = "sale.completed"
    SALE_REVERSED = "sale.reversed"
    SALE_CREDITED = "sale.credited"
    CREDIT_REQUESTED = "credit.requested"
    CREDIT_REFUSED = "credit.refused"
    CREDITS_IMPORTED = "credits.imported"
    CREDITS_EXPORTED = "credits.exported"
    VALUE_ISSUED = "value.issued"
    VALUE_IMPORTED = "value.imported"
    VALUE_GENERATED = "value.generated"
    VALUE_GIVEN = "value.given"
    VALUE_GIVEN_FOR_BIRTHDAY = "value.given_for_birthday"
    VALUE_REWARDED = "value.rewarded"
    VALUE_CORRECTED = "value.corrected"
    VALUE_BLOCKED = "value.blocked"
    VALUE_UNBLOCKED = "value.unblocked"
    VALUE_REPLACED = "value.replaced"
    VALUE_LENGTHENED = "value.lengthened"
    VALUE_MERGED = "value.merged"
    VALUE_EXPIRED = "value.expired"
    VALUE_FORFEITED = "value.forfeited"
    VALUE_EXPORTED = "value.exported"
    VALUE_WORDS_FORGOTTEN = "value.words_forgotten"
    CODE_REFUSED = "code.refused"
    PROMO_EXPORTED = "promo.exported"
    TICKET_ADMITTED = "ticket.admitted"
    DOCUMENT_REPRINTED = "document.reprinted"
    BASKET_LINE_REMOVED = "basket.line_removed"
    BASKET_DISCARDED = "basket.discarded"
    BASKET_CHARGED = "basket.charged"
    CUSTOMER_MERGED = "customer.merged"
    CUSTOMER_LISTED = "customer.listed"
    CUSTOMER_ERASED = "customer.erased"
    CUSTOMER_EXPORTED = "customer.exported"
    CUSTOMER_OPENED = "customer.opened"
    CUSTOMER_CREATED = "customer.created"
    CUSTOMER_CHANGED = "customer.changed"
    PASSES_IMPORTED = "passes.imported"
    PASS_BLOCKED = "pass.blocked"
    PASS_UNBLOCKED = "pass.unblocked"
    PASS_REPLACED = "pass.replaced"
    PASS_GIVEN = "pass.given"
    BOOKING_CANCELLED = "booking.cancelled"
    BOOKING_SWAPPED = "booking.swapped"
    BOOKING_ADMITTED = "booking.admitted"
    BOOKING_MADE = "booking.made"
    BADGES_ORDERED = "badges.ordered"
    RESERVATIONS_IMPORTED = "reservations.imported"
    RESERVATION_CANCELLED = "reservation.cancelled"
    RESERVATION_COLLECTED = "reservation.collected"
    RESERVATION_MADE = "reservation.made"
    RESERVATION_CHANGED = "reservation.changed"
    RESERVATION_EXPIRED = "reservation.expired"
    SCREENING_CANCELLED = "screening.cancelled"
    SCREENING_LIST_EXPORTED = "screening.list_exported"
    SCREENING_MOVED = "screening.moved"
    STATEMENT_ISSUED = "statement.issued"
    FIGURES_EXPORTED = "figures.exported"
    FIGURES_READ = "figures.read"
    CHAIN_BROKEN = "chain.broken"
    DATABASE_RESTORED = "database.restored"
    DATABASE_BACKED_UP = "database.backed_up"
    BACKUPS_THROWN_AWAY = "database.backups_thrown_away"
    KEY_LOST = "key.lost"
    KEY_BACKED_UP = "key.backed_up"
    KEY_RESTORED = "key.restored"
    HEADS_WITNESSED = "heads.witnessed"
    TRAINING_STARTED = "training.started"
    TRAINING_ENDED = "training.ended"
    ARCHIVE_MADE = "archive.made"


@unique
class TurnsAt(IntEnum):
    """Work that one program at a time does: its number among the advisory locks of PostgreSQL."""

    MIGRATING = 49_100
    SAVING_CUSTOMERS = 49_101
    BACKING_UP = 49_102
    CHANGING_SETTINGS = 49_103
    """And the programme: before the numbering of a till, which every change draws from."""
    NUMBERING_COPIES = 49_110
    """Of statements: the rows of a screening are for those who sell its seats."""
