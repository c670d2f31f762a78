"""How cash moves without a sale, and what a closing gathers."""

from enum import StrEnum


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
