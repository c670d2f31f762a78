"""What is known of a customer, as a form holds it before anything is saved."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from boxoffice.errors import Refusal
from boxoffice.language import _

from ..wording import one_line

_NO_WORD = re.compile(r"[^a-z0-9@.+]+")
_NO_DIGIT = re.compile(r"\D+")
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;.]+(\.[^\s@<>,;.]+)*\.[^\s@<>,;.\d]{2,}")
_POSTCODE = re.compile(r"(0[1-9]|[1-8]\d|9[0-8])\d{3}", re.ASCII)
_BIRTH_DATE = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})", re.ASCII)
_EIGHT_DIGITS = re.compile(r"(\d{2})(\d{2})(\d{4})", re.ASCII)
_FRENCH_ABROAD = re.compile(r"(?:00|\+)?33(\d{9})", re.ASCII)

FRANCE = "France"
LONGEST_TEXT = 80
"""Letters that a field holds: more than the longest names that offices print."""

OLDEST = 120
"""Years beyond which nobody is believed."""


@dataclass(frozen=True, slots=True)
class CustomerDetails:
    """A person, or somebody of an organisation. What is not known is empty; `birth_date` is then None."""

    surname: str = ""
    first_name: str = ""
    organisation: str = ""
    birth_date: date | None = None
    phone: str = ""
    email: str = ""
    postcode: str = ""
    town: str = ""
    country: str = FRANCE

    @property
    def name(self) -> str:
        """The name as it is said: first name, then surname."""
        return " ".join(part for part in (self.first_name, self.surname) if part) or self.organisation


class WrongDetails(Refusal):
    """Details that cannot be saved: for each field at fault, what is wrong with it."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


def read_details(typed: Mapping[str, str], today: date) -> CustomerDetails:
    """The details as they were typed, field by field, the date of birth as `JJ/MM/AAAA`.

    Raises WrongDetails, telling every field at fault.
    """
    fields = {name: text for name, text in typed.items() if name != "birth_date"}
    try:
        birth_date, unread = read_day(typed.get("birth_date", "")), {}
    except ValueError:
        birth_date, unread = None, {"birth_date": _("Écrivez jour/mois/année : 25/03/1987.")}
    try:
        details = checked(CustomerDetails(**fields, birth_date=birth_date), today)
    except WrongDetails as wrong:
        raise WrongDetails(unread | wrong.fields) from None
    if unread:
        raise WrongDetails(unread)
    return details


def checked(details: CustomerDetails, today: date) -> CustomerDetails:
    """The details as they are kept: on one line, phone and e-mail in their usual form.

    Raises WrongDetails, telling every field at fault.
    """
    texts = {
        name: " ".join(one_line(getattr(details, name)).split())
        for name in CustomerDetails.__dataclass_fields__
        if name != "birth_date"
    }
    texts["email"] = texts["email"].lower()
    tidy = CustomerDetails(birth_date=details.birth_date, **texts)
    region = region_of(tidy.country)
    faults = {
        name: _("Trop long : {most} caractères au plus.").format(most=LONGEST_TEXT)
        for name, text in texts.items()
        if len(text) > LONGEST_TEXT
    }
    if not tidy.surname:
        faults["surname"] = _("Il faut le nom.")
    if tidy.birth_date is not None and (fault := _birth_date_fault(tidy.birth_date, today)):
        faults["birth_date"] = fault
    if tidy.email and not _EMAIL.fullmatch(tidy.email):
        faults["email"] = _("Une adresse s'écrit nom@exemple.fr.")
    if tidy.country and region is None:
        faults["country"] = _("Pays inconnu : France, Belgique…")
    if tidy.postcode and region in ("FR", None) and not _POSTCODE.fullmatch(tidy.postcode):
        faults["postcode"] = _("Un code postal français compte 5 chiffres.")
    phone = usual_phone(tidy.phone, region or "FR") if tidy.phone else ""
    if phone is None:
        faults["phone"] = _("Numéro inconnu ; à l'étranger : +32 2…")
    if faults:
        raise WrongDetails(faults)
    return replace(tidy, phone=phone or "", country=tidy.country or FRANCE)


def read_day(text: str) -> date | None:
    """A day as typed: `25/3/1987`, `25.03.1987` or `25031987`; None when nothing is.

    Raises ValueError for what is no date.
    """
    text = text.strip()
    if not text:
        return None
    found = _BIRTH_DATE.fullmatch(text) or _EIGHT_DIGITS.fullmatch(text)
    if found is None:
        raise ValueError(text)
    day, month, year = map(int, found.groups())
    return date(year, month, day)


def usual_phone(text: str, region: str) -> str | None:
    """A phone number as its country writes it, with its prefix outside of France; None for what is none."""
    import phonenumbers  # 50 ms, which no start has to pay

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    formats = phonenumbers.PhoneNumberFormat
    is_french = phonenumbers.region_code_for_number(number) == "FR"
    return phonenumbers.format_number(number, formats.NATIONAL if is_french else formats.INTERNATIONAL)


def region_of(country: str) -> str | None:
    """The two letters of a country named in French or English; None for one that there is not."""
    return _regions().get(folded(country))


@cache
def _regions() -> Mapping[str, str]:
    from babel import Locale

    named: dict[str, str] = {}
    for language in ("en", "fr"):
        territories = Locale(language).territories
        named |= {folded(name): code for code, name in territories.items() if code.isalpha()}
    return named


def _birth_date_fault(born: date, today: date) -> str:
    if born > today:
        return _("Cette date est à venir.")
    if born.year < today.year - OLDEST:
        return _("Cette date est trop ancienne.")
    return ""


def folded(text: str) -> str:
    """A text as it is compared: small letters without accents, one space between words."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return _NO_WORD.sub(" ", "".join(letter for letter in bare if not unicodedata.combining(letter))).strip()


def phone_digits(text: str) -> str:
    """The digits of a phone number as they are compared: from France or from abroad, a number is the same."""
    digits = _NO_DIGIT.sub("", text)
    abroad = _FRENCH_ABROAD.fullmatch(digits)
    return f"0{abroad[1]}" if abroad else digits


def search_words(details: CustomerDetails) -> str:
    """What a customer is found by: folded names, organisation and e-mail, the digits of the phone."""
    names = (details.surname, details.first_name, details.organisation, details.email)
    return " ".join(filter(None, [*map(folded, names), phone_digits(details.phone)]))
