"""What the journal is told of a programme that changes: all of it the first time, then only what differs.

The first telling has what it found otherwise as well: that was sold before, and nobody told of it.

Whatever was changed behind the program's back stays untold that way, and verification finds it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, Till, table
from boxoffice.sales.books.catalogue_books import catalogue_in_force
from boxoffice.sales.books.journal import append, canonical
from boxoffice.sales.books.prices import prices_in_force
from boxoffice.sales.books.programme_books import programme_in_force
from boxoffice.sales.books.terms_books import terms_in_force
from boxoffice.sales.books.value_books import card_kinds_in_force
from boxoffice.sales.staff.desk import Post

_entry, _till = table(JournalEntry), table(Till)
_WHOLE = (
    select(_entry.c.sequence)
    .where(
        _entry.c.till_id.in_(select(_till.c.id)),
        _entry.c.kind.in_([str(JournalKind.PROGRAMME_IMPORTED), str(JournalKind.PROGRAMME_CHANGED)]),
        _entry.c.sale_id.is_(None),
        _entry.c.content.contains('"whole":true'),
    )
    .limit(1)
)

Programme = Mapping[str, Any]
"""What stands of a programme, by its parts, in values of JSON."""


@dataclass(frozen=True, slots=True)
class Answered:
    """By whom, where and when the programme is changed."""

    post: Post
    operator_number: int | None
    at: datetime


def programme_standing(session: Session) -> Programme:
    """The whole programme as it stands, nothing left out for being empty."""
    session.flush()
    return {
        "prices": prices_in_force(session),
        **programme_in_force(session),
        **terms_in_force(session),
        "card_kinds": card_kinds_in_force(session),
        "catalogue": catalogue_in_force(session),
    }


def tell_programme(
    session: Session,
    kind: JournalKind,
    about: Mapping[str, Any],
    before: Programme,
    answered: Answered,
) -> None:
    """Tell what has become of the programme that stood `before`; nothing of a typed row that is the same."""
    after = programme_standing(session)
    told: Mapping[str, Any]
    if session.execute(_WHOLE).first() is None:
        found = _differing(before, after)
        told = {**_worth_telling(after), "whole": True, **({"before": found} if found else {})}
    else:
        told = {"before": _differing(before, after), "after": _differing(after, before)}
        if kind is JournalKind.PROGRAMME_CHANGED and told["before"] == told["after"]:
            return
    append(
        session,
        answered.post,
        kind,
        {**about, **told},
        at=answered.at,
        operator_number=answered.operator_number,
    )


def _worth_telling(whole: Programme) -> dict[str, Any]:
    """A whole programme without what goes without saying: contingents and supplements of nothing."""
    prices = whole["prices"]
    kinds = whole["card_kinds"]
    return {
        **{part: told for part, told in whole.items() if part != "card_kinds"},
        "contingents": {code: seats for code, seats in whole["contingents"].items() if seats},
        "prices": prices | {"supplements": [each for each in prices["supplements"] if each[-1]]},
        **({"card_kinds": kinds} if kinds else {}),
    }


def _differing(these: Programme, others: Programme) -> dict[str, Any]:
    """What is in `these` and not the same in `others`, part by part."""
    parts = ((part, _other(told, others[part])) for part, told in these.items())
    return {part: told for part, told in parts if told}


def _other(these: Any, others: Any) -> Any:
    """The rows of a list, or the values of a mapping, that are others; a mapping of lists keeps its shape."""
    if isinstance(these, list):
        known = set(map(canonical, others))
        return [each for each in these if canonical(each) not in known]
    if "rows" in these:
        rows = _other(these["rows"], others["rows"])
        return {"columns": these["columns"], "rows": rows} if rows else {}
    if _is_nested(these.values()):
        return {name: told for name, each in these.items() if (told := _other(each, others.get(name, [])))}
    return {name: each for name, each in these.items() if others.get(name) != each}


def _is_nested(values: Iterable[Any]) -> bool:
    return any(isinstance(each, list) or (isinstance(each, dict) and "rows" in each) for each in values)
