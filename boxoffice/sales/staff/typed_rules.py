"""Every rule as people know it: what it is called, how it is typed, and how its value is shown."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Any

from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.money import format_euros, parse_amount

from ..credits.terms import read_tiers, write_tiers
from ..wording import read_yes, yes_or_no
from .rules import PIN_LENGTHS, BadgePolicy, CreditAnswers, ReceiptPolicy

LONGEST_TEXT = 200
LONGEST_BACKUP_HOURS = 168
LARGEST_CASH_CENTS = 100_000
"""The law's limit for cash (CMF art. D112-3): a rule may be stricter, never laxer."""
LEAST_CASH_CENTS = 5_000
"""A lower limit would stop ordinary sales, and cash may not be refused (Code pénal art. R642-3)."""
LEAST_ENTRANCE_MINUTES = 5


@dataclass(frozen=True, slots=True)
class TypedRule:
    """A rule: `name` is that among the Rules, `words` what each of its few values is called."""

    name: str
    title: str
    meaning: str
    read: Callable[[str], Any]
    show: Callable[[Any], str] = str
    words: Mapping[str, str] = field(default_factory=dict)


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


def _entrance_minutes(text: str) -> int:
    minutes = _minutes(1440)(text)
    if minutes < LEAST_ENTRANCE_MINUTES:
        raise Refusal(
            _("Personne n'entrerait avant le début : au moins {least} minutes.").format(
                least=LEAST_ENTRANCE_MINUTES
            )
        )
    return minutes


def _digits(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) in PIN_LENGTHS):
        raise Refusal(
            _("« {text} » n'est pas un nombre de chiffres de {least} à {most}.").format(
                text=text, least=PIN_LENGTHS[0], most=PIN_LENGTHS[-1]
            )
        )
    return int(text)


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
    if cents < LEAST_CASH_CENTS:
        raise Refusal(
            _("Un plafond de {limit} arrêterait des ventes : on ne refuse pas les espèces.").format(
                limit=format_euros(cents)
            ),
            _("Tapez au moins {least}.").format(least=format_euros(LEAST_CASH_CENTS)),
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


RULES: Mapping[str, TypedRule] = {
    "grace": TypedRule(
        "grace_minutes",
        later("Annulation par le caissier"),
        later("minutes pendant lesquelles un caissier annule seul sa dernière vente"),
        _minutes(120),
    ),
    "booking-grace": TypedRule(
        "booking_grace_minutes",
        later("Reprise d'une réservation"),
        later("minutes pendant lesquelles la caisse qui a réservé se reprend, même dans les 24 h"),
        _minutes(120),
    ),
    "sale-ends": TypedRule(
        "sale_ends_minutes",
        later("Fin de vente"),
        later("minutes de vente après le début d'une séance qui ne dit rien d'autre"),
        _minutes(240),
    ),
    "cancelling-ends": TypedRule(
        "cancelling_ends_minutes",
        later("Annulation des réservations"),
        later("minutes avant une séance jusqu'auxquelles une réservation de pass s'annule"),
        _minutes(9999),
    ),
    "reservation-expires": TypedRule(
        "reservation_expires_minutes",
        later("Fin des e-réservations"),
        later("minutes avant une séance où ses e-réservations non payées expirent"),
        _minutes(9999),
    ),
    "travel": TypedRule(
        "travel_minutes",
        later("Trajet entre deux lieux"),
        later("minutes entre deux lieux, pour dire que deux séances se gênent"),
        _minutes(240),
    ),
    "cash-limit": TypedRule(
        "cash_limit_cents",
        later("Plafond d'espèces"),
        later("espèces acceptées au plus par vente"),
        _cash_limit,
        format_euros,
    ),
    "business-day": TypedRule(
        "business_day_starts",
        later("Début de la journée"),
        later("heure à laquelle commence la journée des comptes"),
        _hour,
        lambda hour: f"{hour:%H:%M}",
    ),
    "receipt": TypedRule(
        "receipt",
        later("Reçus"),
        later("quand un reçu sort"),
        _one_of(ReceiptPolicy),
        words={ReceiptPolicy.ON_REQUEST: later("à la demande"), ReceiptPolicy.ALWAYS: later("toujours")},
    ),
    "badge": TypedRule(
        "badge",
        later("Badges"),
        later("quand sort le badge d'un pass vendu ici"),
        _one_of(BadgePolicy),
        words={BadgePolicy.AT_SALE: later("à la vente"), BadgePolicy.ON_REQUEST: later("à la demande")},
    ),
    "idle-lock": TypedRule(
        "idle_lock_minutes",
        later("Verrouillage"),
        later("minutes sans une touche avant le verrouillage"),
        _idle_minutes,
    ),
    "pin-digits": TypedRule(
        "pin_digits",
        later("Codes des caissiers"),
        later("chiffres au moins du code qu'on donne à un caissier ou à qui remet les badges"),
        _digits,
    ),
    "manager-pin-digits": TypedRule(
        "manager_pin_digits",
        later("Codes des responsables"),
        later("chiffres au moins du code qu'on donne à un responsable"),
        _digits,
    ),
    "backup-hours": TypedRule(
        "backup_hours",
        later("Sauvegardes"),
        later("heures entre deux sauvegardes faites d'elles-mêmes par un guichet au repos ; 0 pour aucune"),
        _backup_hours,
    ),
    "inactive-years": TypedRule(
        "inactive_years",
        later("Clients inactifs"),
        later("années sans rien acheter ni réserver avant qu'un client s'efface"),
        _years,
    ),
    "entrance-opens": TypedRule(
        "entrance_opens_minutes",
        later("Début du contrôle"),
        later("minutes avant le début d'une séance à partir desquelles ses billets sont contrôlés"),
        _entrance_minutes,
    ),
    "entrance-ends": TypedRule(
        "entrance_ends_minutes",
        later("Fin du contrôle"),
        later("minutes après la fin d'une séance jusqu'auxquelles ses billets sont contrôlés"),
        _minutes(1440),
    ),
    "credit-value": TypedRule(
        "credit_value",
        later("Valeur d'un avoir"),
        later("part d'une place reprise en avoir, selon le temps qui reste, moins d'éventuels frais"),
        _credit_value,
    ),
    "credit-ends": TypedRule(
        "credit_ends_minutes",
        later("Fin des demandes d'avoir"),
        later("minutes avant une séance jusqu'auxquelles ses places peuvent être reprises en avoir"),
        _minutes(9999),
    ),
    "credit-answers": TypedRule(
        "credit_answers",
        later("Réponse aux demandes d'avoir"),
        later("qui répond aux demandes d'avoir"),
        _one_of(CreditAnswers),
        words={
            CreditAnswers.MANAGER: later("un responsable répond"),
            CreditAnswers.AT_ONCE: later("acceptées aussitôt"),
        },
    ),
    "credit-terms": TypedRule(
        "credit_terms",
        later("Conditions d'un avoir"),
        later("conditions que le client accepte pour une reprise en avoir"),
        _terms,
    ),
    "points-per-euro": TypedRule(
        "points_per_euro",
        later("Points de fidélité"),
        later("points de fidélité qu'un client nommé gagne par euro payé en argent ; 0 pour aucun"),
        _points,
    ),
    "cash-difference": TypedRule(
        "cash_difference_limit_cents",
        later("Écart de caisse"),
        later("écart de caisse à partir duquel un responsable répond, avec un motif"),
        _difference,
        format_euros,
    ),
    "blind-count": TypedRule(
        "blind_count",
        later("Comptage à l'aveugle"),
        later("compter le tiroir sans voir ce qui y est attendu"),
        read_yes,
        yes_or_no,
        words={"oui": later("oui"), "non": later("non")},
    ),
    "ticket-advice": TypedRule(
        "ticket_advice",
        later("Phrase des billets"),
        later("phrase au bas des billets ; vide pour aucune"),
        _advice,
    ),
    "exemption": TypedRule(
        "exemption",
        later("Mention sans TVA"),
        later("mention imprimée par qui ne facture pas la TVA"),
        _exemption,
    ),
}
