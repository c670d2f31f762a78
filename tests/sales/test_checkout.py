from sqlalchemy import func, select

from boxoffice.models import JournalEntry, PrintJob, SaleLine, Ticket, table
from boxoffice.sales.verification import verify
from tests.sales.conftest import Festival


def count(festival: Festival, model: type) -> int:
    return festival.read(lambda session: session.execute(select(func.count()).select_from(table(model))).scalar_one())


def test_a_basket_paid_in_cash_becomes_a_sale_with_its_tickets_and_papers(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(quantity=2), festival.seat_line(tariff="REDUIT"))
    assert sold.total_cents == 2300
    assert sold.tickets == ("1-000001", "1-000002", "1-000003")
    assert count(festival, Ticket) == 3
    assert count(festival, SaleLine) == 3
    assert count(festival, PrintJob) == 3
    assert festival.allocated() == 3
    verdict = festival.read(verify)
    assert verdict.fault is None
    assert verdict.entries == count(festival, JournalEntry)
    assert verdict.sales == 1
