"""What customers may still spend, counted from the ledgers at any moment."""

from datetime import date, time

from sqlalchemy import func, select
from sqlmodel import Session

from boxoffice.kinds import StoredValueKind
from boxoffice.models import StoredValue, table
from boxoffice.sales.vouchers import expiring
from boxoffice.sales.vouchers.liabilities import Liabilities, liabilities_on
from boxoffice.sales.vouchers.promo_basket import put_on
from tests.sales.conftest import Festival
from tests.sales.value_life import (
    add_customer,
    add_kind,
    card_line,
    give_card,
    later,
    look_up,
    make,
    named_basket,
    sell_basket,
    sell_with_card,
)

FOUR = time(4)
_value = table(StoredValue)


def counted(festival: Festival, day: int) -> Liabilities:
    return festival.read(lambda session: liabilities_on(session, date(2026, 1, day), FOUR))


def rows(found: Liabilities) -> dict[str, tuple[int, int, int, int, int]]:
    """Issued, taken back, used, expired and outstanding, by label or kind."""
    return {
        row.label or row.kind.value: (row.issued, row.taken_back, row.used, row.expired, row.outstanding)
        for row in found.rows
    }


def in_the_tables(festival: Festival) -> dict[StoredValueKind, int]:
    def work(session: Session) -> dict[StoredValueKind, int]:
        total = func.coalesce(func.sum(_value.c.amount), 0)
        left = session.execute(select(_value.c.kind, total.label("left")).group_by(_value.c.kind))
        return {row.kind: row.left for row in left}

    return festival.read(work)


def test_what_is_outstanding_on_a_day_is_what_the_ledgers_had_then(festival: Festival) -> None:
    kind = add_kind(festival, price_cents=3400)
    add_kind(festival, "PERMANENTE", label="Permanente", places=None)
    customer_id = add_customer(festival)
    line, ending = card_line(festival), give_card(festival, kind, until=date(2026, 1, 21))
    sold_back = festival.sell(card_line(festival))
    festival.reverse(sold_back)
    offer = look_up(festival, make(festival, count=2).codes[0])
    sell_basket(festival, named_basket(festival, customer_id, line))
    sell_with_card(festival, ending, festival.seat_line())
    later(festival, days=1)
    assert festival.write(
        lambda session: expiring.expire_over(session, festival.posts[0], clock=festival.clock)
    )
    sale = sell_basket(festival, put_on(festival.basket(festival.seat_line("KNEECAP2")), offer))
    festival.reverse(sale)
    sell_with_card(festival, line.value_id, festival.seat_line("KNEECAP2", quantity=2))

    assert rows(counted(festival, 20)) == {}
    assert rows(counted(festival, 21)) == {
        "Carte CARTE5": (15, 5, 1, 0, 9),
        "points": (34, 0, 0, 0, 34),
        "Presse": (2, 0, 0, 0, 2),
    }
    today = counted(festival, 22)
    assert rows(today) == {
        "Carte CARTE5": (15, 5, 3, 4, 3),
        "points": (34, 0, 0, 0, 34),
        "Presse": (2, 0, 0, 0, 2),
    }
    assert {row.kind: row.outstanding for row in today.rows} == in_the_tables(festival)
    assert today.owed_cents == 0


def test_what_has_no_limit_is_counted_when_used_and_owes_nothing(festival: Festival) -> None:
    value_id = give_card(festival, add_kind(festival, "PERMANENTE", label="Permanente", places=None))
    sell_with_card(festival, value_id, festival.seat_line(quantity=2))
    (row,) = counted(festival, 21).rows
    assert (row.outstanding, row.used_without_limit, row.unit) == (0, 2, "places")
