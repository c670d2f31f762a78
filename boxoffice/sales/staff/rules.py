"""The rules of the festival: settings with a default, kept in the database once somebody has changed them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import time
from enum import StrEnum
from typing import Any

from sqlmodel import Session, select

from boxoffice.models import Setting

PIN_LENGTHS = range(4, 13)
"""How many digits any PIN has."""


class ReceiptPolicy(StrEnum):
    """When a receipt comes out: French law has had it on request since August 2023."""

    ON_REQUEST = "on_request"
    ALWAYS = "always"


class BadgePolicy(StrEnum):
    """When the badge of a pass sold at the counter comes out."""

    AT_SALE = "at_sale"
    ON_REQUEST = "on_request"


class CreditAnswers(StrEnum):
    """Who accepts that a seat becomes a credit note: a manager who looks at it, or the rule at once."""

    MANAGER = "manager"
    AT_ONCE = "at_once"


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule with its default; durations in minutes, amounts in cents.

    A booking may be given back after its limit too, at the till that made it, for `booking_grace_minutes`.
    `entrance_opens_minutes` go before the start of a screening, `entrance_ends_minutes` after its end.
    `credit_value` is what is given for a seat that comes back, as `credits.terms` reads it.
    `points_per_euro` are what a named customer earns by each euro paid with money; 0: nothing.
    `backup_hours` go between two backups that a counter makes by itself; 0: none.
    A drawer counted further than `cash_difference_limit_cents` from what is expected needs a manager and a
    reason; under `blind_count`, nobody who counts it is told what is expected.
    A PIN given to somebody has `pin_digits` at least, and `manager_pin_digits` if they are a manager: whoever
    has a copy of the database tries all of four in minutes.
    `exemption` is printed by an establishment that charges no VAT: it names the article that frees it.
    """

    grace_minutes: int = 10
    sale_ends_minutes: int = 20
    cancelling_ends_minutes: int = 24 * 60
    booking_grace_minutes: int = 10
    reservation_expires_minutes: int = 30
    travel_minutes: int = 20
    cash_limit_cents: int = 100_000
    business_day_starts: time = time(4)
    receipt: ReceiptPolicy = ReceiptPolicy.ON_REQUEST
    badge: BadgePolicy = BadgePolicy.AT_SALE
    idle_lock_minutes: int = 10
    pin_digits: int = 4
    manager_pin_digits: int = 6
    backup_hours: int = 4
    inactive_years: int = 3
    entrance_opens_minutes: int = 90
    entrance_ends_minutes: int = 60
    credit_value: str = "100 %"
    credit_ends_minutes: int = 60
    credit_answers: CreditAnswers = CreditAnswers.MANAGER
    credit_terms: str = (
        "Le billet ne donne plus accès à la salle dès la demande. Une fois acceptée, son montant est porté au"
        " solde du client, à dépenser au guichet : il n'est pas rendu en argent."
    )
    points_per_euro: int = 1
    cash_difference_limit_cents: int = 500
    blind_count: bool = False
    ticket_advice: str = "Les billets ne sont ni échangés ni remboursés."
    exemption: str = "TVA non applicable, art. 293 B du CGI"


def read_rules(session: Session) -> Rules:
    """The rules in force."""
    return read_kept(dict(session.exec(select(Setting.name, Setting.value)).all()))


def read_kept(kept: Mapping[str, str]) -> Rules:
    """The rules of what `setting` keeps: each that was changed, as JSON text, by its name."""
    return Rules(
        **{field.name: _read(field.name, kept[field.name]) for field in fields(Rules) if field.name in kept}
    )


def rule_values(rules: Rules) -> dict[str, str]:
    """Each rule as the JSON text that `setting` keeps."""
    return {name: json.dumps(value, default=str, ensure_ascii=False) for name, value in asdict(rules).items()}


def rules_told(rules: Rules) -> dict[str, Any]:
    """The rules that are not as they come, for the journal: what is not told is at its default."""
    default = rule_values(Rules())
    return {name: json.loads(value) for name, value in rule_values(rules).items() if value != default[name]}


def _read(name: str, text: str) -> Any:
    value = json.loads(text)
    match name:
        case "business_day_starts":
            return time.fromisoformat(value)
        case "receipt":
            return ReceiptPolicy(value)
        case "badge":
            return BadgePolicy(value)
        case "credit_answers":
            return CreditAnswers(value)
        case _:
            return value
