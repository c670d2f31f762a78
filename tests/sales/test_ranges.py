"""Amounts and numbers outside their range are refused in one sentence, alike on both engines."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.models import (
    LARGEST_FLOAT_CENTS,
    LARGEST_HALL,
    Operator,
    Payment,
    Printer,
    Product,
    Role,
    Sale,
    SaleLine,
    Tariff,
    Till,
    TillSession,
    table,
)
from boxoffice.models.programme import LARGEST_GROUP
from boxoffice.money import LARGEST_CENTS, LARGEST_PRICE_CENTS, format_euros
from boxoffice.sales import means
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.pricing import LARGEST_QUANTITY
from boxoffice.sales.settlement import Tender
from boxoffice.sales.staff.equipment import assign_printer
from boxoffice.sales.staff.shift_closing import close_shift
from boxoffice.sales.staff.shifts import OpenShift, open_shift
from boxoffice.sales.staff.staff_changes import change_pin

from .conftest import Festival

BEYOND = 10**20
"""More than any column of a database holds."""


def test_a_sale_above_a_million_is_refused_before_any_row(festival: Festival) -> None:
    dear = LARGEST_PRICE_CENTS
    festival.write(lambda session: session.execute(table(Product).update().values(price_cents=dear)))
    many = festival.product_line(quantity=LARGEST_CENTS // dear + 1)
    by_cheque = (Tender(means.CHEQUE.code, many.quantity * dear),)
    refusal = festival.refused(Checkout(uuid4(), festival.basket(many), by_cheque))
    assert refusal.message == f"Une vente ne dépasse pas {format_euros(LARGEST_CENTS)}."
    most = festival.product_line(quantity=LARGEST_CENTS // dear)
    assert most.quantity <= LARGEST_QUANTITY
    most_paid = Checkout(uuid4(), festival.basket(most), (Tender(means.CHEQUE.code, LARGEST_CENTS),))
    festival.write(lambda session: checkout(session, most_paid, festival.desk, clock=festival.clock))
    assert festival.rows(Sale)[0].total_cents == LARGEST_CENTS


@pytest.mark.parametrize("counted", [-1, LARGEST_CENTS + 1, 2**31, BEYOND])
def test_the_cash_counted_at_the_end_of_a_shift_is_in_its_range(festival: Festival, counted: int) -> None:
    before = festival.everything()
    with pytest.raises(Refusal, match=r"Le montant compté va de 0 à 1.000.000,00.€."):
        festival.write(
            lambda session: close_shift(
                session,
                festival.posts[0],
                festival.cashier,
                festival.desk.till_session_id,
                counted,
                clock=festival.clock,
            )
        )
    assert festival.everything() == before


@pytest.mark.parametrize("cents", [-1, LARGEST_FLOAT_CENTS + 1, BEYOND])
def test_the_float_is_in_its_range(festival: Festival, cents: int) -> None:
    with pytest.raises(
        Refusal, match=r"Ce fond de caisse n'est pas possible. Tapez un montant de 0 à 10.000"
    ):
        festival.write(
            lambda session: open_shift(
                session, festival.posts[0], festival.cashier, OpenShift(cents), clock=festival.clock
            )
        )


@pytest.mark.parametrize("number", [-1, 0, 2**31, BEYOND])
def test_a_number_that_nobody_can_have_is_nobodys(festival: Festival, number: int) -> None:
    post, lisa, clock = festival.posts[0], festival.manager, festival.clock
    with pytest.raises(Refusal, match=rf"L'opérateur n° {number} n'existe pas."):
        festival.write(lambda session: change_pin(session, post, number, "9876", clock=clock, manager=lisa))
    with pytest.raises(Refusal, match=rf"La caisse {number} n'existe pas."):
        festival.write(
            lambda session: assign_printer(
                session, post, "Imprimante virtuelle", (), number, clock=clock, manager=lisa
            )
        )


OUT_OF_RANGE = {
    "an operator": table(Operator).update().values(number=0),
    "an operator's number": table(Operator).update().values(number=10_000),
    "an unknown role": sa.text(f"UPDATE operator SET role = 'king' WHERE role = '{Role.MANAGER.value}'"),
    "a till": table(Till).update().values(number=-table(Till).c.number),
    "a till's number": table(Till).update().values(number=table(Till).c.number + 999),
    "a price": table(Tariff).update().values(price_cents=LARGEST_PRICE_CENTS + 1),
    "an article's price": table(Product).update().values(price_cents=LARGEST_PRICE_CENTS + 1),
    "a group": table(Tariff).update().values(minimum_group=LARGEST_GROUP + 1),
    "a hall": sa.text(f"UPDATE hall SET capacity = {LARGEST_HALL + 1}"),
    "a float": table(TillSession).update().values(float_cents=LARGEST_FLOAT_CENTS + 1),
    "a drawer": table(TillSession).update().values(counted_cents=LARGEST_CENTS + 1),
    "a drawer below nothing": table(TillSession).update().values(counted_cents=-1),
    "a code page": table(Printer).update().values(code_page=256),
}


@pytest.mark.parametrize("what", OUT_OF_RANGE)
def test_the_database_holds_the_same_limits(festival: Festival, what: str) -> None:
    with pytest.raises(sa.exc.IntegrityError, match=r"ck_|CHECK constraint failed"):
        festival.write(lambda session: session.execute(OUT_OF_RANGE[what]))


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Sale, {"total_cents": LARGEST_CENTS + 1}),
        (Sale, {"total_cents": -LARGEST_CENTS - 1}),
        (SaleLine, {"unit_price_cents": LARGEST_PRICE_CENTS + 1}),
        (SaleLine, {"unit_price_cents": -1}),
        (Payment, {"amount_cents": LARGEST_CENTS + 1, "tendered_cents": None}),
        (Payment, {"amount_cents": -LARGEST_CENTS - 1}),
        (Payment, {"tendered_cents": LARGEST_CENTS + 1}),
    ],
)
def test_the_books_hold_the_same_limits(festival: Festival, model: type, change: dict[str, int]) -> None:
    festival.sell()
    sale = dict(festival.rows(Sale)[0]._mapping) | {"id": uuid4(), "number": 99}
    row = dict(festival.rows(model)[0]._mapping) | {"sale_id": sale["id"]}

    def write(session: Session) -> None:
        session.execute(table(Sale).insert().values(sale | (change if model is Sale else {})))
        if model is not Sale:
            session.execute(table(model).insert().values(row | change))

    with pytest.raises(sa.exc.IntegrityError, match=r"ck_|CHECK constraint failed"):
        festival.write(write)
