"""The closed lists of words that tables, services, commands and screens share: light enough for all."""

from .closings import CashKind, ClosingPeriod
from .holders import (
    BookingEndKind,
    PassKind,
    PassSource,
    PassState,
    PassTrouble,
    ReservationSource,
    ReservedSeatState,
)
from .journal import JournalKind
from .papers import JobState, PrinterKind, PrinterRole
from .programme import Regime, Requirement, ScreeningChangeKind, ScreeningState
from .sales import CreditRequestSource, CreditState, LineKind, SaleKind, VatStatus
from .staff import Action, Role
from .turns import TurnsAt
from .values import CardSource, MovementKind, PromoEffect, StoredValueKind, StoredValueState, VoucherPurpose

__all__ = [
    "Action",
    "BookingEndKind",
    "CardSource",
    "CashKind",
    "ClosingPeriod",
    "CreditRequestSource",
    "CreditState",
    "JobState",
    "JournalKind",
    "LineKind",
    "MovementKind",
    "PassKind",
    "PassSource",
    "PassState",
    "PassTrouble",
    "PrinterKind",
    "PrinterRole",
    "PromoEffect",
    "Regime",
    "Requirement",
    "ReservationSource",
    "ReservedSeatState",
    "Role",
    "SaleKind",
    "ScreeningChangeKind",
    "ScreeningState",
    "StoredValueKind",
    "StoredValueState",
    "TurnsAt",
    "VatStatus",
    "VoucherPurpose",
]
