"""Copies that the journals tell to have been given out, those that a restoring left out among them.

A paper marked DUPLICATA n° 2 is in somebody's hands whatever database is put back: no other has its number.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field, StrictInt, model_validator
from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, Till, table

from .papers import DocumentKind

_till, _entry = table(Till), table(JournalEntry)

COPIES_LEFT_OUT = "copies_left_out"
"""Under this the entry of a restoring tells which copies are in the database no more, from one to another."""
_OF_STATEMENTS_ALONE = "statement_copies_left_out"
"""Under this a version before told those of statements, and of nothing else."""

Content = Mapping[str, Any]
Series = tuple[str, str]
"""A kind of paper, and what this one is called by: its number, or the id of its card or code."""

_Copies = tuple[tuple[str, str | int, StrictInt, StrictInt], ...]


class _Paper(BaseModel):
    """A statement as a restoring tells it."""

    document: str
    number: str
    correction: StrictInt = 0
    at: datetime


class _Papers(BaseModel):
    """What is read of the entries that tell of papers, by type."""

    entry: str
    document: str = ""
    number: str | int | None = None
    value: str | None = None
    last_copy: StrictInt = Field(default=0, alias="copy")
    correction: StrictInt = 0
    at: datetime
    copies_left_out: _Copies = ()
    statement_copies_left_out: _Copies = ()
    statements_left_out: tuple[_Paper, ...] = ()

    @model_validator(mode="after")
    def _a_copy_is_of_a_paper(self) -> Self:
        if self.entry == JournalKind.DOCUMENT_REPRINTED and not (
            self.document and (self.number is not None or self.value is not None)
        ):
            raise ValueError("a copy of no paper")
        return self


_IN_JOURNALS = (_entry.c.till_id.in_(select(_till.c.id)), _entry.c.sale_id.is_(None))
COPIED = select(_entry.c.content).where(*_IN_JOURNALS, _entry.c.kind == str(JournalKind.DOCUMENT_REPRINTED))
_RESTORED = select(_entry.c.content).where(*_IN_JOURNALS, _entry.c.kind == str(JournalKind.DATABASE_RESTORED))


def read_left_out(session: Session) -> dict[Series, int]:
    """The last copy of each paper that a restoring left out."""
    last: dict[Series, int] = {}
    for content in contents(session.execute(_RESTORED).scalars()):
        for series, _first, final in copies_left_out(content):
            last[series] = max(final, last.get(series, 0))
    return last


def next_copy(session: Session, document: DocumentKind, number: str, last: int) -> int:
    """The number of the copy after the `last` in this database, and after those that were left out."""
    return max(last, read_left_out(session).get((document, number), 0)) + 1


def last_copies(told: Iterable[Content]) -> dict[Series, int]:
    """The last copy of each paper that entries tell, given out or left out."""
    last: dict[Series, int] = {}
    for content in told:
        copies = [(series, final) for series, _first, final in copies_left_out(content)]
        if content.get("entry") == JournalKind.DOCUMENT_REPRINTED and "copy" in content:
            copies.append((copied(content), content["copy"]))
        for series, copy in copies:
            last[series] = max(copy, last.get(series, 0))
    return last


def copied(content: Content) -> Series:
    """The paper whose copy an entry tells."""
    return content["document"], content["number"] if "number" in content else content["value"]


def copies_left_out(content: Content) -> Iterator[tuple[Series, int, int]]:
    """The first and the last copy of each paper that the entry of a restoring tells to be left out."""
    if content.get("entry") == JournalKind.DATABASE_RESTORED:
        for told in (COPIES_LEFT_OUT, _OF_STATEMENTS_ALONE):
            for document, number, first, last in content.get(told, ()):
                yield (document, number), first, last


def told_left_out(here: Mapping[Series, int], known: Mapping[Series, int]) -> dict[str, Any]:
    """What a journal tells of the copies `known` that are not `here`; nothing for none."""
    copies = [
        [*series, here.get(series, 0) + 1, last]
        for series, last in sorted(known.items())
        if last > here.get(series, 0)
    ]
    return {COPIES_LEFT_OUT: copies} if copies else {}


def contents(texts: Iterable[str]) -> Iterator[Content]:
    """What entries tell of papers; what was made unreadable is found by verifying, and stops no backup."""
    for text in texts:
        with suppress(ValueError):
            _Papers.model_validate_json(text)
            content: Content = json.loads(text)
            yield content
