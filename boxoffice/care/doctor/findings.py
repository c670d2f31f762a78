"""What the doctor says of one thing: a sentence to read out on the phone, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """`WATCH` is no fault yet; `ILL` is one."""

    WELL = "well"
    WATCH = "watch"
    ILL = "ill"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, under a word that a script knows; `remedy` where it is not well."""

    subject: str
    health: Health
    said: str
    remedy: str = ""
