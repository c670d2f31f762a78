"""Final statements that the journals tell to have been given out, those that a restoring left out among them.

What the database put aside had issued is on papers: it is not issued again as the original, and no number of
a correction is given twice; nor is that of a copy, of whatever paper.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, Till, table

from ..books import journal
from ..prints.copies_given import COPIED, Content, Series, contents, last_copies, told_left_out
from ..prints.papers import DocumentKind

_till, _entry = table(Till), table(JournalEntry)

LEFT_OUT = "statements_left_out"
"""Under this the entry of a restoring tells what was given out and is in the database no more."""
_TOTALS = ("sold", "booked", "entries", "takings")
_CALLED = ("document", "number", "at", "file")
_NEEDED = frozenset({"document", "number", "at"})
_EVER = datetime.min.replace(tzinfo=UTC)

Called = tuple[str, str, int]
"""A kind of statement, what the screening or week is called by, and the correction: 0 is the original."""

_IN_JOURNALS = (_entry.c.till_id.in_(select(_till.c.id)), _entry.c.sale_id.is_(None))
_TOLD = (
    select(_entry.c.kind, _entry.c.content)
    .where(
        *_IN_JOURNALS,
        _entry.c.kind.in_([str(JournalKind.STATEMENT_ISSUED), str(JournalKind.DATABASE_RESTORED)]),
        _entry.c.content.like(bindparam("told"), escape="/"),
        _entry.c.at >= bindparam("since"),
    )
    .order_by(_entry.c.till_id, _entry.c.sequence)
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A final statement as the journal tells it; a version before told its totals without its figures.

    So does a restoring of one that it `is_left_out`, where only a backup knew of it.
    """

    number: str
    correction: int
    at: datetime
    totals: Mapping[str, int]
    figures: Mapping[str, Any] | None
    is_file: bool = False
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """All final statements that somebody knows to have been issued, as told; of every paper the last copy."""

    issued: Mapping[Called, Content] = field(default_factory=dict)
    copies: Mapping[Series, int] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """In terms of JSON, without figures."""
        return {
            "issued": [_brief(content) for _called, content in sorted(self.issued.items())],
            "copies": [[*series, last] for series, last in sorted(self.copies.items())],
        }

    @classmethod
    def retold(cls, told: Content) -> "Given":
        """The same again; nothing from a version that did not tell."""
        return cls(
            {_called(content): content for content in told.get("issued", ())},
            {(document, number): last for document, number, last in told.get("copies", ())},
        )


def issued(session: Session, document: DocumentKind, number: str) -> tuple[Issued, ...]:
    """The final statements of a screening or week: the original, then the corrected ones."""
    numbered = f'"number":{journal.canonical(number)}'
    for sign in "/%_":
        numbered = numbered.replace(sign, f"/{sign}")
    found = _read(session, document, f"%{numbered}%", _EVER)
    return tuple(each for each in found if each.number == number)


def issued_since(session: Session, document: DocumentKind, since: datetime) -> tuple[Issued, ...]:
    """The final statements of a kind that were issued from a moment on, by their numbers."""
    return _read(session, document, "%", since)


def read_given(session: Session) -> Given:
    """All that was given out of this database, and what restorings told that it has no more."""
    told = session.execute(_TOLD, {"told": "%", "since": _EVER})
    return given_by(contents([*(row.content for row in told), *session.execute(COPIED).scalars()]))


def given_by(told: Iterable[Content]) -> Given:
    """What entries tell of statements that were issued, of copies, and of those that were left out."""
    told = tuple(told)
    statements = {_called(each): each for content in told for each in final_statements(content)}
    return Given(statements, last_copies(told))


def all_given(known: Iterable[Given]) -> Given:
    """All that any of them knows; with its figures where one has them."""
    statements: dict[Called, Content] = {}
    copies: dict[Series, int] = {}
    for each in known:
        for called, content in each.issued.items():
            if called not in statements or "figures" not in statements[called]:
                statements[called] = content
        for series, last in each.copies.items():
            copies[series] = max(last, copies.get(series, 0))
    return Given(statements, copies)


def papers_left_out(session: Session, known: Given) -> dict[str, Any]:
    """What a journal tells of statements and copies `known` that this database does not have, if any."""
    here = read_given(session)
    lost = [_told(content) for called, content in sorted(known.issued.items()) if called not in here.issued]
    return {**({LEFT_OUT: lost} if lost else {}), **told_left_out(here.copies, known.copies)}


def final_statements(content: Content) -> Iterator[Content]:
    """The final statements that an entry tells: the one that it issued, or those that it left out."""
    if content.get("entry") == JournalKind.STATEMENT_ISSUED and not content.get("provisional", True):
        if content.keys() >= _NEEDED:
            yield content
    elif content.get("entry") == JournalKind.DATABASE_RESTORED:
        yield from content.get(LEFT_OUT, ())


def _read(session: Session, document: DocumentKind, told_as: str, since: datetime) -> tuple[Issued, ...]:
    found = [
        Issued(
            each["number"],
            each.get("correction", 0),
            datetime.fromisoformat(each["at"]),
            each,
            each.get("figures"),
            each.get("file", False),
            is_left_out=row.kind == JournalKind.DATABASE_RESTORED,
        )
        for row in session.execute(_TOLD, {"told": told_as, "since": since})
        for content in contents([row.content])
        for each in final_statements(content)
        if each["document"] == document
    ]
    return tuple(sorted(found, key=lambda each: (each.number, each.correction, each.at)))


def _called(content: Content) -> Called:
    return content["document"], content["number"], content.get("correction", 0)


def _brief(content: Content) -> dict[str, Any]:
    """A statement without its figures."""
    told = {name: content[name] for name in (*_CALLED, *_TOTALS) if name in content}
    return {**told, "correction": content.get("correction", 0)}


def _told(content: Content) -> dict[str, Any]:
    """A statement as the entry of a restoring tells it: with its figures where they are known."""
    figures = {"figures": content["figures"]} if content.get("figures") is not None else {}
    return {**_brief(content), **figures}
