"""What is charged, undone or taken back, line by line, and whether VAT is charged."""

from enum import StrEnum


class VatStatus(StrEnum):
    """Whether the establishment charges VAT."""

    LIABLE = "liable"
    EXEMPT = "exempt"


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


class CreditRequestSource(StrEnum):
    """Where a seat was asked to be turned into a credit note."""

    COUNTER = "counter"
    ONLINE = "online"


class CreditState(StrEnum):
    """Where the request for a credit note is, for the seat that it is of."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
