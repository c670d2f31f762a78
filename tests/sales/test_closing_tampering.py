"""Whatever is changed, removed or added behind the guards in what was closed is found, and named."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from boxoffice.kinds import ClosingPeriod, JobState
from boxoffice.models import (
    Closing,
    Payment,
    PrintAttempt,
    Sale,
    SaleLine,
    ShiftClosing,
    metadata,
    table,
)
from boxoffice.sales.books import closing_books
from boxoffice.sales.books.journal import canonical
from boxoffice.sales.books.verification import verify
from boxoffice.sales.closings.figures import FloatLeft, tell, told_figures
from tests.sales.closed_books import a_paper_is_uncertain, close_the, close_the_till
from tests.sales.conftest import Festival
from tests.sales.test_tampering import (
    CLOSINGS,
    behind_the_guards,
    garbage,
    in_turn,
    key_of,
    other_values,
    savepoint,
    some_rows,
)

BOOKS = [metadata.tables[name] for name in sorted(CLOSINGS)]
COLUMNS = [(books.name, column.name) for books in BOOKS for column in books.columns]
each_of_the_books = pytest.mark.parametrize("books", BOOKS, ids=lambda books: books.name)

_closing = table(Closing)
_FIRST_DAY = _closing.select().where(_closing.c.period == ClosingPeriod.DAY, _closing.c.number == 1)
NAMED = {
    "cashmovement": "mouvement d'espèces",
    "shiftclosing": "fermeture de la session",
    "shiftcount": "fermeture de la session",
    "cashcount": "fermeture de la session",
    "closing": "clôture",
}


@pytest.mark.usefixtures("closed_books")
def test_what_was_closed_verifies(festival: Festival) -> None:
    festival.stands()


@pytest.mark.usefixtures("closed_books")
def test_every_column_of_a_closing_that_is_changed_is_found(festival: Festival) -> None:
    missed, misnamed = [], []
    with behind_the_guards(festival) as session:
        for turn, (name, column) in enumerate(COLUMNS):
            books = metadata.tables[name]
            for row in in_turn(some_rows(session, books), turn, most=1):
                for other in other_values(books.c[column], row._mapping[column]):
                    with savepoint(session):
                        try:
                            session.execute(books.update().where(key_of(books, row)).values({column: other}))
                        except sa.exc.IntegrityError:
                            continue
                        found = verify(session).fault
                        what = f"{name}.{column}: {row._mapping[column]!r} -> {other!r}"
                        if found is None:
                            missed.append(what)
                        elif NAMED[name] not in found.where and "table" not in found.where:
                            misnamed.append(f"{what}: {found}")
    assert missed == []
    assert misnamed == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("closed_books")
def test_what_no_column_of_a_closing_should_hold_is_a_fault_and_no_crash(festival: Festival) -> None:
    missed = []
    with behind_the_guards(festival) as session:
        for turn, (name, column) in enumerate(COLUMNS):
            first = sa.text(f"SELECT {column} FROM {name} WHERE rowid = (SELECT MIN(rowid) FROM {name})")
            before = session.execute(first).scalar_one()
            for other in in_turn(garbage(before), turn, most=2):
                with savepoint(session):
                    change = (
                        f"UPDATE {name} SET {column} = :other WHERE rowid = (SELECT MIN(rowid) FROM {name})"
                    )
                    try:
                        session.execute(sa.text(change), {"other": other})
                    except sa.exc.IntegrityError:
                        continue
                    changed = session.execute(first).scalar() != before
                    if changed and verify(session).fault is None:
                        missed.append(f"{name}.{column}: {before!r} -> {other!r}")
    assert missed == []


@each_of_the_books
@pytest.mark.usefixtures("closed_books")
def test_a_row_of_a_closing_that_is_removed_is_found(festival: Festival, books: sa.Table) -> None:
    with behind_the_guards(festival) as session:
        for row in session.execute(books.select()).all():
            with savepoint(session):
                session.execute(books.delete().where(key_of(books, row)))
                found = verify(session).fault
            assert found is not None, row


@each_of_the_books
@pytest.mark.usefixtures("closed_books")
def test_a_row_added_to_closings_is_found(festival: Festival, books: sa.Table) -> None:
    row = festival.read(lambda session: session.execute(books.select()).all())[-1]
    added: dict[str, Any] = dict(row._mapping)
    another_day = {"first_day": date(2031, 1, 1), "last_day": date(2031, 1, 1)}
    others = {"id": uuid4(), "number": 99, "value": 7, "means": "gold", **another_day}
    for name, other in others.items():
        if name in added:
            added[name] = other
    if books.name == "shiftclosing":
        closed = {each.till_session_id for each in festival.rows(ShiftClosing)}
        added["till_session_id"] = max(closed) + 1
    with behind_the_guards(festival) as session:
        session.execute(books.insert().values(added))
        assert verify(session).fault is not None


@pytest.mark.usefixtures("closed_books")
def test_a_sale_changed_with_all_that_tells_it_does_not_make_its_closing(festival: Festival) -> None:
    """The owner of a key may sign other sales: the closings signed since do not come to the same."""
    with behind_the_guards(festival) as session:
        for closing in session.execute(
            sa.select(table(Closing)).where(table(Closing).c.till_id.is_not(None))
        ):
            before = told_figures(closing.figures)
            assert before.turnover_cents == closing.period_cents
        lines, payments = table(SaleLine), table(Payment)
        (first,) = session.execute(sa.select(table(Sale).c.id).order_by(table(Sale).c.at).limit(1)).one()
        session.execute(lines.update().where(lines.c.sale_id == first).values(unit_price_cents=0))
        session.execute(payments.update().where(payments.c.sale_id == first).values(amount_cents=1))
        assert verify(session).fault is not None


def test_the_steps_of_papers_are_counted_again_by_their_numbers(festival: Festival) -> None:
    """Whatever the clock said: an uncertain print taken away, or moved past its Z, is found."""
    a_paper_is_uncertain(festival, 0)
    a_paper_is_uncertain(festival, 1)
    assert close_the_till(festival, 0, 10_850).figures.uncertain == 1
    steps = table(PrintAttempt)
    uncertain = steps.c.outcome == JobState.UNCERTAIN
    with behind_the_guards(festival) as session:
        assert verify(session).fault is None
        first, second = session.execute(sa.select(steps.c.id).where(uncertain).order_by(steps.c.id)).scalars()
        changes = (
            steps.delete().where(steps.c.id == first),
            steps.update().where(steps.c.id == first).values(id=second + 9),
        )
        for change in changes:
            with savepoint(session):
                session.execute(change)
                found = verify(session).fault
            assert found is not None, change
            assert "clôture n° 1 de la caisse 1" in found.where
        moved = steps.update().where(uncertain).values(at=festival.clock.now() + timedelta(days=9))
        session.execute(moved)
        assert verify(session).fault is None


@pytest.mark.parametrize("wrong", [FloatLeft(1, 10_001, True), FloatLeft(1, 10_000, False), None])
def test_a_float_left_that_no_shift_left_is_found(
    festival: Festival, wrong: FloatLeft | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_the_till(festival, 0, 10_000)
    close_the_till(festival, 1, 5_000)
    day = close_the(festival, ClosingPeriod.DAY)
    with behind_the_guards(festival) as session:
        monkeypatch.setattr(closing_books.Ledger, "compare", lambda *_told: None)
        floats = (wrong, *(day.figures.floats or ())[1:])
        told = tell(replace(day.figures, floats=tuple(each for each in floats if each)))
        change = _closing.update().where(_closing.c.id == day.id)
        session.execute(change.values(figures=canonical(told)))
        found = verify(session).fault
        assert found is not None
        assert "clôture de journée n° 1" in found.where


@pytest.mark.parametrize("turned", ["figures", "sections", "outstanding"])
@pytest.mark.usefixtures("closed_books")
def test_figures_signed_wrong_are_found_by_what_they_cover(
    festival: Festival, turned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the journal tells the same wrong figures: it is read again from the sales."""
    with behind_the_guards(festival) as session:
        monkeypatch.setattr(closing_books.Ledger, "compare", lambda *_told: None)
        closing = session.execute(_FIRST_DAY).one()
        told = tell(told_figures(closing.figures))
        match turned:
            case "figures":
                told["sales"] += 1
            case "sections":
                told["sections"][0]["cents"] += 1
            case "outstanding":
                told["stored"][0]["outstanding"] += 1
        change = _closing.update().where(_closing.c.id == closing.id)
        session.execute(change.values(figures=canonical(told)))
        found = verify(session).fault
        assert found is not None
        assert "clôture de journée n° 1" in found.where
