"""What the journal tells of a sale is told again from the books, and nothing else passes for it."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from boxoffice.models import JournalEntry, Ticket, table
from boxoffice.sales.books.bookkeeping import code_told
from boxoffice.sales.books.verification import verify
from boxoffice.sales.settlement import Tender
from tests.sales.conftest import Festival
from tests.sales.test_tampering import behind_the_guards

_entry, _ticket = table(JournalEntry), table(Ticket)


def test_no_sale_needs_to_be_taken_apart_when_the_books_agree(
    festival: Festival, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form that entries have is written once: were it written otherwise here, verifying would be slow."""
    festival.sell(festival.seat_line(quantity=2), festival.product_line(quantity=2))
    festival.sell(festival.seat_line(), tenders=(Tender("card", 850, None, "77 « é » \\"),))
    other = festival.sell(festival.seat_line("ETERNAL", "UFR", 2), desk=festival.desks[1])
    festival.reverse(other, 2, desk=festival.desks[1], reason='Erreur de "séance"')
    festival.sell(festival.seat_line("KNEECAP2", "INVIT"))

    def taken_apart(*_given: Any) -> None:
        raise AssertionError("a sale was taken apart")

    monkeypatch.setattr("boxoffice.sales.books.verification.compare_sale", taken_apart)
    verdict = festival.read(verify)
    assert verdict.fault is None
    assert verdict.sales == 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_cell_that_holds_the_words_of_a_row_does_not_stand_for_it(festival: Festival) -> None:
    """SQLite lets a number be any text, even all that the journal tells between two numbers."""
    sold = festival.sell(festival.seat_line(quantity=2))
    with behind_the_guards(festival) as session:
        entry = session.execute(_entry.select().where(_entry.c.sale_id == sold.sale_id)).one()
        one, two = session.execute(
            _ticket.select().where(_ticket.c.sale_id == sold.sale_id).order_by(_ticket.c.position)
        ).all()
        told = entry.content.partition(f'"code":"{code_told(one.code)}","number":')[2]
        between = told.partition(f'"code":"{code_told(two.code)}","number":')
        words = f"{between[0]}{between[1]}{two.number}"
        session.execute(_ticket.delete().where(_ticket.c.code == two.code))
        session.execute(
            sa.text("UPDATE ticket SET number = :words, position = 2 WHERE code = :code"),
            {"words": words, "code": one.code},
        )
        found = verify(session).fault
    assert found is not None
    assert f"entrée {entry.sequence}" in found.where


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_entry_kept_as_octets_is_found_though_they_are_what_was_signed(festival: Festival) -> None:
    """SQLite lets a text be octets, which no other reader of the journal takes for its text."""
    sold = festival.sell(festival.seat_line())
    with behind_the_guards(festival) as session:
        told = _entry.c.sale_id == sold.sale_id
        octets = sa.cast(_entry.c.content, sa.LargeBinary)
        entry = session.execute(_entry.select().where(told)).one()
        session.execute(_entry.update().where(told).values(content=octets))
        found = verify(session).fault
    assert found is not None
    assert f"entrée {entry.sequence}" in found.where


AN_ID_WITH_DASHES = (
    "substr({0}, 1, 8) || '-' || substr({0}, 9, 4) || '-' || substr({0}, 13, 4) || '-'"
    " || substr({0}, 17, 4) || '-' || substr({0}, 21)"
)
ELSEWHERE = "strftime('%Y-%m-%d %H:%M:%S', {0}, '-12 hours') || substr({0}, 20) || '-12:00'"
AS_LONG_ELSEWHERE = "strftime('%Y-%m-%d %H:%M:%S', {0}, '-12 hours') || '.0-1200'"
BY_ITS_WEEK = "'2026-W04-3' || substr({0}, 11)"
IDS = (("sale", "id"), *((name, "sale_id") for name in ("saleline", "ticket", "payment", "journalentry")))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("columns", "spelled", "named"),
    [
        (IDS, AN_ID_WITH_DASHES, "sale.id"),
        (IDS, "upper({0})", "sale.id"),
        ([("sale", "at")], ELSEWHERE, "sale.at"),
        ([("sale", "at")], AS_LONG_ELSEWHERE, "sale.at"),
        ([("sale", "at")], "replace({0}, ' ', 'T')", "sale.at"),
        ([("sale", "business_day")], BY_ITS_WEEK, "sale.business_day"),
        ([("ticket", "starts_at")], ELSEWHERE, "ticket.starts_at"),
    ],
)
def test_the_same_value_spelled_otherwise_is_found_and_named(
    festival: Festival, columns: list[tuple[str, str]], spelled: str, named: str
) -> None:
    """Days are asked for, and moments put in order, by their texts: one more spelling would hide a sale."""
    festival.sell()
    sold = festival.sell(festival.seat_line())
    festival.sell()
    assert festival.read(verify).fault is None
    with behind_the_guards(festival) as session:
        told = session.execute(_entry.select().where(_entry.c.sale_id == sold.sale_id)).one()
        own = {"id": sold.sale_id.hex}
        for name, column in columns:
            key = "id" if name == "sale" else "sale_id"
            changed = f"UPDATE {name} SET {column} = {spelled.format(column)} WHERE {key} = :id"
            session.execute(sa.text(changed), own)
        found = verify(session).fault
    assert found is not None
    assert f"entrée {told.sequence}" in found.where
    assert named in found.what


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_moment_of_an_entry_spelled_otherwise_is_found(festival: Festival) -> None:
    sold = festival.sell()
    with behind_the_guards(festival) as session:
        told = session.execute(_entry.select().where(_entry.c.sale_id == sold.sale_id)).one()
        changed = f"UPDATE journalentry SET at = {ELSEWHERE.format('at')} WHERE sale_id = :id"
        session.execute(sa.text(changed), {"id": sold.sale_id.hex})
        found = verify(session).fault
    assert found is not None
    assert f"entrée {told.sequence}" in found.where


def test_a_sale_of_any_moment_is_spelled_as_the_driver_writes_it(festival: Festival) -> None:
    """A whole second is written with its millionths, and told without."""
    for microsecond in (0, 1, 120_000, 999_999):
        with festival.clock.without_nights():
            festival.clock.at = (festival.clock.at + timedelta(seconds=1)).replace(microsecond=microsecond)
        festival.sell()
    assert festival.read(verify).fault is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_batch_that_cannot_be_told_again_is_a_fault_though_each_sale_reads_well(
    festival: Festival, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is gathered from telling sales would not be held against anything."""
    festival.sell()

    def untellable(_code: str) -> str:
        raise ValueError

    monkeypatch.setattr("boxoffice.sales.books.retelling.code_told", untellable)
    found = festival.read(verify).fault
    assert found is not None
    assert found.what == "une valeur n'est pas lisible."
