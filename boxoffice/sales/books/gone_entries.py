"""Entries that went with a database which an older one replaced, as the journals tell of it."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from .told_restorings import read_told_restorings


class GoneEntries(NamedTuple):
    """Entries of a till, from the first number to the last, that a restoring left out at a moment.

    Others may stand under these numbers since.
    """

    till: int
    first: int
    last: int
    at: datetime


def read_gone_entries(session: Session) -> list[GoneEntries]:
    """Every entry gone that the journals tell of, by restoring; verifying finds one made unreadable."""
    return [
        GoneEntries(till, found + 1, known, told.at)
        for told in read_told_restorings(session)
        for till, (found, known) in told.ends.items()
        if known > found
    ]
