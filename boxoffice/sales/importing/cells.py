"""What a cell of a programme file may say. Each reader raises ValueError with the sentence for the user."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from boxoffice.language import _
from boxoffice.models import PassKind, Regime, Requirement, ScreeningState, VoucherPurpose
from boxoffice.money import LARGEST_PRICE_CENTS, format_euros, parse_amount
from boxoffice.sales import codes
from boxoffice.sales.codes import normalised

_YES = {"oui", "o", "yes", "x", "1", "vrai"}
_NO = {"non", "n", "no", "0", "faux"}
_REQUIREMENTS = {
    "pass": Requirement.PASS,
    "accréditation": Requirement.ACCREDITATION,
    "code promo": Requirement.PROMO_CODE,
}
_STATES = {
    "prévue": ScreeningState.SCHEDULED,
    "annulée": ScreeningState.CANCELLED,
}
_PASS_KINDS = {
    "pass": PassKind.PASS,
    "accréditation": PassKind.ACCREDITATION,
}
_PURPOSES = {
    "unique": VoucherPurpose.SINGLE,
    "multiple": VoucherPurpose.MULTI,
}
_WEEKDAYS = {day: number for number, day in enumerate(("lun", "mar", "mer", "jeu", "ven", "sam", "dim"), 1)}
Word = TypeVar("Word")

_QUOTA = re.compile(r"(?P<name>[^\s=,]+)\s*=\s*(?P<seats>\d{1,5})")


def read_text(text: str) -> str:
    return text


def read_code(text: str) -> str:
    """A code: what the next import recognises the row by."""
    if len(text) > 40 or re.search(r"\s", text):
        raise ValueError(_("un code n'a ni espace, ni plus de 40 caractères"))
    return text


def read_reservation_code(text: str) -> str:
    """The code to scan of a reservation: an R and thirty of our letters."""
    found = codes.read_code(text)
    if found is None or found[0] is not codes.CodeKind.RESERVATION:
        raise ValueError(
            _("« {text} » n'est pas un code de réservation : R, puis 30 lettres parmi {letters}").format(
                text=text, letters=codes.ALPHABET
            )
        )
    return found[1]


def read_card_number(text: str) -> str:
    """The number of a place card as it is kept: capitals and digits, at least six of them."""
    number = normalised(text)
    if not codes.SHORTEST_NUMBER <= len(number) <= codes.LONGEST_NUMBER:
        raise ValueError(
            _("« {text} » n'est pas un numéro de carte : 6 à 40 lettres ou chiffres").format(text=text)
        )
    return number


def read_names(text: str) -> str:
    """Names separated by commas, as they are kept: one per line."""
    return "\n".join(filter(None, map(str.strip, text.split(","))))


def read_weekdays(text: str) -> str:
    """Days of the week, as ISO digits: `lun mar mer`, `lun-ven`."""
    days: set[int] = set()
    for word in text.casefold().replace(",", " ").split():
        ends = [_WEEKDAYS.get(end[:3]) for end in word.split("-")]
        first, last = ends[0], ends[-1]
        if first is None or last is None or len(ends) > 2 or last < first:
            raise ValueError(_("« {text} » n'est pas une suite de jours, comme lun-ven").format(text=text))
        days.update(range(first, last + 1))
    return "".join(map(str, sorted(days)))


def weekday_words(days: str) -> str:
    """The same, as the reader of their cell reads them."""
    return " ".join(name for name, number in _WEEKDAYS.items() if str(number) in days)


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """A reader of whole numbers between two bounds, both allowed."""

    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,7}", text, re.ASCII) or not lowest <= int(text) <= highest:
            raise ValueError(
                _("« {text} » n'est pas un nombre entier de {lowest} à {highest}").format(
                    text=text, lowest=lowest, highest=highest
                )
            )
        return int(text)

    return read


def read_price(text: str) -> int:
    """An amount in euros, as cents."""
    try:
        price = parse_amount(text)
    except ValueError:
        raise ValueError(_("« {text} » n'est pas un prix, comme 8,50").format(text=text)) from None
    if price > LARGEST_PRICE_CENTS:
        raise ValueError(
            _("« {text} » dépasse le prix le plus haut, {most}").format(
                text=text, most=format_euros(LARGEST_PRICE_CENTS)
            )
        )
    return price


def read_rate(text: str) -> int:
    """A VAT rate in per cent (`5,5 %`), as basis points."""
    try:
        rate = parse_amount(text.replace("%", ""))
    except ValueError:
        rate = 10_000
    if rate >= 10_000:
        raise ValueError(_("« {text} » n'est pas un taux de TVA, comme 5,5 %").format(text=text))
    return rate


def read_yes(text: str) -> bool:
    """Yes or no; `x` is a yes."""
    if text.casefold() in _YES | _NO:
        return text.casefold() in _YES
    raise ValueError(_("« {text} » n'est ni oui ni non").format(text=text))


def read_date(text: str) -> date:
    """A day, the French way (`21/01/2026`) or the ISO way (`2026-01-21`)."""
    for pattern in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 — a day has no zone
        except ValueError:
            continue
    raise ValueError(_("« {text} » n'est pas une date, comme 21/01/2026").format(text=text))


_HOUR = re.compile(
    r"(\d{1,2}) ?(?:[:h] ?(\d{2})?(?::00)?|(?<=\d\d)(\d{2}))( hiver)?", re.ASCII | re.IGNORECASE
)


def read_time(text: str) -> time:
    """An hour on a clock in Angers: `19:30`, `19h30`, `19h` or `1930`.

    `02:30 hiver` is the second of the two that the night has in which the clocks go back.
    """
    match = _HOUR.fullmatch(" ".join(text.split()))
    hour, minute = (int(match[1]), int(match[2] or match[3] or 0)) if match else (24, 0)
    if match is None or hour > 23 or minute > 59:
        raise ValueError(_("« {text} » n'est pas une heure, comme 19:30").format(text=text))
    return time(hour, minute, fold=1 if match[4] else 0)


def time_words(at: time) -> str:
    """An hour as `read_time` reads it."""
    return f"{at:%H:%M} hiver" if at.fold else f"{at:%H:%M}"


def read_paper_number(text: str) -> tuple[int, int]:
    """The number of a ticket as printed, `2-000123`: its till, and its place in that till's series."""
    match = re.fullmatch(r"(\d{1,3})-(\d{1,9})", text, re.ASCII)
    if match is None:
        raise ValueError(_("« {text} » n'est pas un numéro de billet, comme 2-000123").format(text=text))
    return int(match[1]), int(match[2])


def read_regime(text: str) -> Regime:
    """The ticketing law that a venue follows."""
    if text.upper() not in set(Regime):
        raise ValueError(_expected(text, Regime))
    return Regime(text.upper())


def read_requirement(text: str) -> Requirement:
    """What a tariff is opened by."""
    return _one_of(text, _REQUIREMENTS)


def read_pass_kind(text: str) -> PassKind:
    """Whether a pass is sold, or given with an accreditation."""
    return _one_of(text, _PASS_KINDS)


def read_purpose(text: str) -> VoucherPurpose:
    """What a voucher pays: seats at one rate of VAT, known when it is sold, or anything."""
    return _one_of(text, _PURPOSES)


def read_state(text: str) -> ScreeningState:
    """Whether a screening takes place."""
    return _one_of(text, _STATES)


def read_quotas(text: str) -> MappingProxyType[str, int]:
    """Seats kept for groups: `UFR=4 Pass=30`."""
    quotas: dict[str, int] = {}
    for match in _QUOTA.finditer(text):
        if match["name"] in quotas:
            raise ValueError(_("le contingent « {name} » est donné deux fois").format(name=match["name"]))
        quotas[match["name"]] = int(match["seats"])
    if _QUOTA.sub("", text).strip(" ,+"):
        raise ValueError(
            _("« {text} » n'est pas une suite de contingents, comme UFR=4 Pass=30").format(text=text)
        )
    return MappingProxyType(quotas)


def word_of(value: StrEnum) -> str:
    """A word of a closed list as its cell says it; nothing where nothing is said."""
    if isinstance(value, Regime):
        return value.value
    said = {**_REQUIREMENTS, **_STATES, **_PASS_KINDS, **_PURPOSES}
    return next((word for word, meaning in said.items() if meaning is value), "")


def _one_of(text: str, words: dict[str, Word]) -> Word:
    if text.casefold() not in words:
        raise ValueError(_expected(text, words))
    return words[text.casefold()]


def _expected(text: str, words: Iterable[str]) -> str:
    return _("« {text} » n'est pas possible ; valeurs admises : {words}").format(
        text=text, words=", ".join(words)
    )
