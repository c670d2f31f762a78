"""What the journal tells of a sale is told again from the books, and nothing else passes for it."""

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
