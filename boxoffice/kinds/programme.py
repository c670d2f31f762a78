"""Under which law and conditions seats are sold, and what becomes of a screening."""

from enum import StrEnum


class Regime(StrEnum):
    """The ticketing law that a venue follows (CGI art. 290 quater, Code du cinéma, or neither)."""

    CGI_290Q = "CGI_290Q"
    CNC_EXHIBITOR = "CNC_EXHIBITOR"
    NON_COMMERCIAL = "NON_COMMERCIAL"


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


class ScreeningChangeKind(StrEnum):
    CANCELLED = "cancelled"
    MOVED = "moved"
