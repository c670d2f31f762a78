"""Changing a rule of the festival: what is asked is checked, and the journal tells what was and what is."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import time
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _, later
from boxoffice.models import Setting
from boxoffice.money import format_euros, parse_amount

from ..books import journal
from ..credits.terms import read_tiers, write_tiers
from ..wording import one_line, read_yes, yes_or_no
from .desk import Post
from .meanwhile import change_alone, refuse_unseen
from .operators import StaffMember, answering
from .rules import BadgePolicy, CreditAnswers, ReceiptPolicy, Rules, read_rules, rule_values

LONGEST_TEXT = 200
LONGEST_BACKUP_HOURS = 168
LARGEST_CASH_CENTS = 100_000
"""The law's limit for cash (CMF art. D112-3): a rule may be stricter, never laxer."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in force, as listed: its value is written as it would be typed, and so is its default."""

    name: str
    meaning: str
    value: str
    default: str = ""


def list_rules(session: Session) -> tuple[RuleRow, ...]:
    """Every rule, with the value in force."""
    rules = read_rules(session)
    return tuple(_row(name, rule, rules) for name, rule in _RULES.items())


def change_rule(
    session: Session,
    post: Post,
    name: str,
    text: str,
    *,
    clock: Clock,
    manager: StaffMember | None = None,
    seen: str | None = None,
) -> RuleRow:
    """Put another value in force, as typed; counters take it up when they are next opened.

    A `manager` answers for it, once the first shift was opened.
    Raises Refusal for a rule that there is not, and for a value that it cannot have; ChangedMeanwhile where
    it is not the value that was `seen` any more.
    """
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_SETTINGS)
    rule = _RULES.get(name)
    if rule is None:
        raise Refusal(
            _("La règle « {name} » n'existe pas.").format(name=one_line(name)),
            _("Règles : {names}.").format(names=", ".join(_RULES)),
        )
    before = read_rules(session)
    refuse_unseen(seen, text, rule.show(getattr(before, rule.field)))
    after = replace(before, **{rule.field: rule.read(one_line(text))})
    old, new = (rule_values(rules)[rule.field] for rules in (before, after))
    if old != new:
        session.merge(Setting(name=rule.field, value=new))
        journal.append(
            session,
            post,
            JournalKind.SETTINGS_CHANGED,
            {"name": rule.field, "new": json.loads(new), "old": json.loads(old)},
            at=clock.now(),
            operator_number=answered_by,
        )
    return _row(name, rule, after)


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a rule is typed and shown; `field` is its name among the Rules."""

    field: str
    meaning: str
    read: Callable[[str], Any]
    show: Callable[[Any], str] = str


def _row(name: str, rule: _Rule, rules: Rules) -> RuleRow:
    value, default = (rule.show(getattr(each, rule.field)) for each in (rules, Rules()))
    return RuleRow(name, _(rule.meaning), value, default)


def _minutes(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or int(text) > most:
            raise Refusal(
                _("« {text} » n'est pas un nombre de minutes de 0 à {most}.").format(text=text, most=most)
            )
        return int(text)

    return read


def _idle_minutes(text: str) -> int:
    minutes = _minutes(240)(text)
    if minutes == 0:
        raise Refusal(_("Une caisse laissée seule se verrouille toujours : au moins 1 minute."))
    return minutes


def _years(text: str) -> int:
    if not re.fullmatch(r"\d{1,2}", text, re.ASCII) or not 1 <= int(text) <= 10:
        raise Refusal(_("« {text} » n'est pas un nombre d'années de 1 à 10.").format(text=text))
    return int(text)


def _points(text: str) -> int:
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII):
        raise Refusal(_("« {text} » n'est pas un nombre de points de 0 à 999.").format(text=text))
    return int(text)


def _cash_limit(text: str) -> int:
    try:
        cents = parse_amount(text)
    except ValueError:
        raise Refusal(_("« {text} » n'est pas un montant, comme 1000.").format(text=text)) from None
    if cents > LARGEST_CASH_CENTS:
        raise Refusal(
            _("La loi interdit d'encaisser plus de {limit} en espèces.").format(
                limit=format_euros(LARGEST_CASH_CENTS)
            )
        )
    return cents


def _difference(text: str) -> int:
    try:
        return parse_amount(text)
    except ValueError:
        raise Refusal(_("« {text} » n'est pas un montant, comme 5,00.").format(text=text)) from None


def _hour(text: str) -> time:
    match = re.fullmatch(r"(\d{1,2})(?: ?[:hH] ?(\d{2})?|(?<=\d\d)(\d{2}))", text, re.ASCII)
    minute = int(match[2] or match[3] or 0) if match else 0
    if match is None or int(match[1]) > 11 or minute > 59:
        raise Refusal(_("« {text} » n'est pas une heure du matin, comme 04:00.").format(text=text))
    hour = time(int(match[1]), minute)
    if time(2) < hour < time(3):
        raise Refusal(
            _("Une journée ne commence pas entre 02:00 et 03:00."),
            _("La nuit où l'heure change, ces minutes manquent ou reviennent deux fois."),
        )
    return hour


def _backup_hours(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= LONGEST_BACKUP_HOURS):
        raise Refusal(
            _("« {text} » n'est pas un nombre d'heures, de 0 à {most}.").format(
                text=text, most=LONGEST_BACKUP_HOURS
            )
        )
    return int(text)


def _one_of(policy: type[StrEnum]) -> Callable[[str], StrEnum]:
    def read(text: str) -> StrEnum:
        if text not in set(policy):
            raise Refusal(
                _("« {text} » n'est pas possible ; valeurs admises : {words}.").format(
                    text=text, words=", ".join(policy)
                )
            )
        return policy(text)

    return read


def _credit_value(text: str) -> str:
    try:
        return write_tiers(read_tiers(text))
    except ValueError:
        raise Refusal(
            _("« {text} » n'est pas une valeur de reprise.").format(text=text),
            _("Par exemple : « 100 % », « 80 % », « 100 % - 1,50 » ou « 48 h : 100 % ; 24 h : 50 % »."),
        ) from None


def _advice(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise Refusal(_("Ce texte est trop long : {most} caractères au plus.").format(most=LONGEST_TEXT))
    return text


def _terms(text: str) -> str:
    if not text:
        raise Refusal(_("Un client n'accepte pas des conditions qui ne disent rien."))
    return _advice(text)


def _exemption(text: str) -> str:
    if not text:
        raise Refusal(_("La loi demande une mention à qui ne facture pas la TVA."))
    return _advice(text)


_RULES: Mapping[str, _Rule] = {
    "grace": _Rule(
        "grace_minutes",
        later("minutes pendant lesquelles un caissier annule seul sa dernière vente"),
        _minutes(120),
    ),
    "booking-grace": _Rule(
        "booking_grace_minutes",
        later("minutes pendant lesquelles la caisse qui a réservé se reprend, même dans les 24 h"),
        _minutes(120),
    ),
    "sale-ends": _Rule(
        "sale_ends_minutes",
        later("minutes de vente après le début d'une séance qui ne dit rien d'autre"),
        _minutes(240),
    ),
    "cancelling-ends": _Rule(
        "cancelling_ends_minutes",
        later("minutes avant une séance jusqu'auxquelles une réservation de pass s'annule"),
        _minutes(9999),
    ),
    "reservation-expires": _Rule(
        "reservation_expires_minutes",
        later("minutes avant une séance où ses e-réservations non payées expirent"),
        _minutes(9999),
    ),
    "travel": _Rule(
        "travel_minutes",
        later("minutes entre deux lieux, pour dire que deux séances se gênent"),
        _minutes(240),
    ),
    "cash-limit": _Rule(
        "cash_limit_cents", later("espèces acceptées au plus par vente"), _cash_limit, format_euros
    ),
    "business-day": _Rule(
        "business_day_starts",
        later("heure à laquelle commence la journée des comptes"),
        _hour,
        lambda hour: f"{hour:%H:%M}",
    ),
    "receipt": _Rule(
        "receipt", later("reçu : on_request (à la demande) ou always (toujours)"), _one_of(ReceiptPolicy)
    ),
    "badge": _Rule(
        "badge",
        later("badge d'un pass vendu ici : at_sale (à la vente) ou on_request (à la demande)"),
        _one_of(BadgePolicy),
    ),
    "idle-lock": _Rule(
        "idle_lock_minutes", later("minutes sans une touche avant le verrouillage"), _idle_minutes
    ),
    "backup-hours": _Rule(
        "backup_hours",
        later("heures entre deux sauvegardes faites d'elles-mêmes par un guichet au repos ; 0 pour aucune"),
        _backup_hours,
    ),
    "inactive-years": _Rule(
        "inactive_years", later("années sans rien acheter ni réserver avant qu'un client s'efface"), _years
    ),
    "entrance-opens": _Rule(
        "entrance_opens_minutes",
        later("minutes avant le début d'une séance à partir desquelles ses billets sont contrôlés"),
        _minutes(1440),
    ),
    "entrance-ends": _Rule(
        "entrance_ends_minutes",
        later("minutes après la fin d'une séance jusqu'auxquelles ses billets sont contrôlés"),
        _minutes(1440),
    ),
    "credit-value": _Rule(
        "credit_value",
        later("part d'une place reprise en avoir, selon le temps qui reste, moins d'éventuels frais"),
        _credit_value,
    ),
    "credit-ends": _Rule(
        "credit_ends_minutes",
        later("minutes avant une séance jusqu'auxquelles ses places peuvent être reprises en avoir"),
        _minutes(9999),
    ),
    "credit-answers": _Rule(
        "credit_answers",
        later("demandes d'avoir : manager (un responsable répond) ou at_once (acceptées aussitôt)"),
        _one_of(CreditAnswers),
    ),
    "credit-terms": _Rule(
        "credit_terms", later("conditions que le client accepte pour une reprise en avoir"), _terms
    ),
    "points-per-euro": _Rule(
        "points_per_euro",
        later("points de fidélité qu'un client nommé gagne par euro payé en argent ; 0 pour aucun"),
        _points,
    ),
    "cash-difference": _Rule(
        "cash_difference_limit_cents",
        later("écart de caisse à partir duquel un responsable répond, avec un motif"),
        _difference,
        format_euros,
    ),
    "blind-count": _Rule(
        "blind_count",
        later("compter le tiroir sans voir ce qui y est attendu : oui ou non"),
        read_yes,
        yes_or_no,
    ),
    "ticket-advice": _Rule("ticket_advice", later("phrase au bas des billets ; vide pour aucune"), _advice),
    "exemption": _Rule("exemption", later("mention imprimée par qui ne facture pas la TVA"), _exemption),
}
