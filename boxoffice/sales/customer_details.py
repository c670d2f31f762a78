"""What is known of a customer, as a form holds it before anything is saved."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

_NO_WORD = re.compile(r"[^a-z0-9@.+]+")
_NO_DIGIT = re.compile(r"\D+")

FRANCE = "France"


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


def folded(text: str) -> str:
    """A text as it is compared: small letters without accents, one space between words."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return _NO_WORD.sub(" ", "".join(letter for letter in bare if not unicodedata.combining(letter))).strip()


def search_words(details: CustomerDetails) -> str:
    """What a customer is found by: folded names, organisation and e-mail, the digits of the phone."""
    names = (details.surname, details.first_name, details.organisation, details.email)
    return " ".join(filter(None, [*map(folded, names), _NO_DIGIT.sub("", details.phone)]))
