"""Closings as rows: each knows the entry that tells of it, and lists of them leave their figures alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text

from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Closing, JournalEntry
from boxoffice.sales.books.verification import verify
from boxoffice.sales.closings.closing import find_closing, last_made
from boxoffice.sales.closings.open_periods import not_gathered
from boxoffice.sales.closings.state import list_closings, read_state
from tests.sales.conftest import Festival
from tests.sales.test_tampering import behind_the_guards


@contextmanager
def statements(festival: Festival) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def keep(_connection: object, _cursor: object, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(festival.database.engine, "before_cursor_execute", keep)
    yield asked
    event.remove(festival.database.engine, "before_cursor_execute", keep)


def test_every_closing_knows_the_entry_that_tells_of_it(closed_books: Festival) -> None:
    told = {
        (entry.till_id, entry.sequence): entry.content
        for entry in closed_books.rows(JournalEntry)
        if entry.kind == "closing.made"
    }
    closings = closed_books.rows(Closing)
    assert len(closings) == len(told)
    for closing in closings:
        assert f'"id":"{closing.id}"' in told[closing.made_at_till_id, closing.entry]
        made = closed_books.read(lambda session, closing=closing: find_closing(session, closing.id))
        assert made is not None
        assert f"-{closing.entry} " in made.entry


def test_a_closing_that_names_another_entry_is_found(closed_books: Festival) -> None:
    with behind_the_guards(closed_books) as session:
        session.execute(text("UPDATE closing SET entry = entry - 1 WHERE number = 1 AND period = 'day'"))
        assert "entry" in str(verify(session).fault)


def test_lists_of_closings_read_none_of_their_figures(closed_books: Festival) -> None:
    rules, clock = closed_books.posts[0].rules, closed_books.clock
    with statements(closed_books) as asked:
        assert closed_books.read(list_closings)
        closed_books.read(lambda session: read_state(session, rules, clock=clock))
        closed_books.read(lambda session: last_made(session, ClosingPeriod.DAY))
        closed_books.read(lambda session: not_gathered(session, ClosingPeriod.MONTH, ClosingPeriod.DAY))
    assert [statement for statement in asked if "closing" in statement]
    assert not [statement for statement in asked if "figures" in statement]
