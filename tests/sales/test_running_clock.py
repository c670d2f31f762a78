"""Acts told by a clock that runs, as that of a counter does: an act has one moment wherever it stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from boxoffice.kinds import JournalKind, StoredValueKind
from boxoffice.models import CreditAnswer, JournalEntry, StoredValue, table
from boxoffice.sales.books.journal import CLOCK_TOLERANCE
from boxoffice.sales.books.verification import verify
from tests.sales.closed_books import close_books
from tests.sales.conftest import Festival, FestivalClock
from tests.sales.credit_life import accepted, asked, customer, refused, sell_to
from tests.sales.scenes import fill_books
from tests.sales.test_tampering import behind_the_guards


@dataclass
class RunningClock(FestivalClock):
    """A clock that has gone on by a microsecond each time that it is read."""

    def now(self) -> datetime:
        self.advance(timedelta(microseconds=1))
        return self.at


@pytest.fixture
def running(festival: Festival) -> Festival:
    """The festival with a clock that runs while it is worked at."""
    clock = RunningClock(festival.clock.at, festival.clock.ran)
    clock.night = festival.end_the_day
    festival.clock = clock
    return festival


def test_a_little_of_everything_done_while_the_clock_runs_verifies(running: Festival) -> None:
    fill_books(running)
    running.stands()


def test_what_is_closed_while_the_clock_runs_verifies(running: Festival) -> None:
    close_books(running)
    running.stands()


def test_a_credit_note_has_one_moment_in_all_its_rows(running: Festival) -> None:
    lea = customer(running)
    accepted(running, asked(running, sell_to(running, lea, running.seat_line(quantity=2)), [1]))
    (told,) = (row.at for row in running.rows(JournalEntry) if row.kind == JournalKind.SALE_CREDITED)
    (balance,) = (row for row in running.rows(StoredValue) if row.kind is StoredValueKind.BALANCE)
    (answer,) = running.rows(CreditAnswer)
    assert told == balance.issued_at == answer.at


ANSWERED, OPENED = table(CreditAnswer).c.at, table(StoredValue).c.issued_at


def what_is_wrong(
    festival: Festival,
    column: sa.Column[datetime],
    shift: timedelta,
    kind: StoredValueKind = StoredValueKind.BALANCE,
) -> str:
    """What verifying finds once the moment of an answer, or of a value of this kind, has been moved."""
    of_kind = table(StoredValue).c.kind == kind if column is OPENED else sa.true()
    with behind_the_guards(festival) as session:
        was = session.execute(sa.select(column).where(of_kind)).scalar_one()
        session.execute(sa.update(column.table).values({column: was + shift}).where(of_kind))
        found = verify(session).fault
    return "" if found is None else str(found)


BEFORE = timedelta(milliseconds=-53)


@pytest.mark.parametrize("column", [ANSWERED, OPENED], ids=str)
def test_a_credit_note_of_a_program_that_read_its_clock_twice_verifies(
    festival: Festival, column: sa.Column[datetime]
) -> None:
    accepted(festival, asked(festival, sell_to(festival, customer(festival), festival.seat_line()), [1]))
    assert what_is_wrong(festival, column, BEFORE) == ""
    assert what_is_wrong(festival, column, -CLOCK_TOLERANCE) == ""
    for shift in (CLOCK_TOLERANCE, -CLOCK_TOLERANCE):
        assert "n'est pas ce qui a été signé" in what_is_wrong(festival, column, shift + shift / 300)


def test_a_refusal_is_held_to_the_very_moment_that_was_signed(festival: Festival) -> None:
    refused(festival, asked(festival, sell_to(festival, customer(festival), festival.seat_line()), [1]))
    assert "n'est pas ce qui a été signé" in what_is_wrong(festival, ANSWERED, BEFORE)


def test_what_no_credit_note_opened_is_held_to_the_very_moment(festival: Festival) -> None:
    accepted(festival, asked(festival, sell_to(festival, customer(festival), festival.seat_line()), [1]))
    assert "« issued_at »" in what_is_wrong(festival, OPENED, BEFORE, StoredValueKind.POINTS)
