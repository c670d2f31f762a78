"""The accounts and goods that a day is closed with: changed for that time and put back, they are found."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from boxoffice.errors import Refusal
from boxoffice.kinds import ClosingPeriod
from boxoffice.models import PassProduct, Product, Setting, table
from boxoffice.sales.closings.figures import Accounting
from boxoffice.sales.staff.accounts import change_account
from tests.sales.closed_books import close_the, close_the_till
from tests.sales.conftest import Festival
from tests.sales.test_pass_import import PASSES
from tests.sales.test_programme_told import import_files
from tests.sales.test_tampering import fault

_setting, _product, _pass = table(Setting), table(Product), table(PassProduct)
_TICKETS = _setting.c.name == "account.tickets"


@pytest.fixture
def tills_closed(festival: Festival) -> Festival:
    """The small festival with its programme told, a seat and an article sold, and both tills closed."""
    import_files(festival, ("passes.csv", PASSES))
    festival.sell(festival.seat_line(), festival.product_line())
    close_the_till(festival, 0, 11_100)
    close_the_till(festival, 1, 5_000)
    return festival


def close_the_day(festival: Festival) -> Accounting:
    accounting = close_the(festival, ClosingPeriod.DAY).figures.accounting
    assert accounting is not None
    return accounting


def change(festival: Festival, statement: sa.Executable) -> Any:
    return festival.write(lambda session: session.execute(statement))


def set_account(festival: Festival, number: str) -> None:
    post, by = festival.posts[0], {"clock": festival.clock, "manager": festival.manager}
    festival.write(lambda session: change_account(session, post, "tickets", number, **by))


def test_a_day_closed_with_the_accounts_that_were_set_verifies(tills_closed: Festival) -> None:
    set_account(tills_closed, "70611")
    close_the_day(tills_closed)
    set_account(tills_closed, "70612")
    assert fault(tills_closed) is None


def test_an_account_that_nobody_set_is_found(tills_closed: Festival) -> None:
    change(tills_closed, _setting.insert().values(name="account.tickets", value=json.dumps("70699")))
    close_the_day(tills_closed)
    change(tills_closed, _setting.delete().where(_TICKETS))
    found = fault(tills_closed)
    assert found is not None
    assert "clôture de journée n° 1" in found.where
    assert "70699" in found.what


def test_an_account_of_another_nature_is_not_kept_with_a_day(tills_closed: Festival) -> None:
    change(tills_closed, _setting.insert().values(name="account.tickets", value=json.dumps("419100")))
    with pytest.raises(Refusal, match="419100") as refused:
        close_the_day(tills_closed)
    assert refused.value.remedy
    change(tills_closed, _setting.delete().where(_TICKETS))
    close_the_day(tills_closed)
    assert fault(tills_closed) is None


def test_a_thing_taken_for_a_service_is_found(tills_closed: Festival) -> None:
    """A product that looks like a pass is none of the goods: its sales would be services for ever."""
    (terms,) = tills_closed.rows(PassProduct)[:1]
    ids = {product.code: product.id for product in tills_closed.rows(Product)}
    looks = {column.name: getattr(terms, column.name) for column in _pass.c}
    change(tills_closed, _pass.insert().values({**looks, "product_id": ids["TOUR"]}))
    assert "TOUR" not in close_the_day(tills_closed).goods
    change(tills_closed, _pass.delete().where(_pass.c.product_id == ids["TOUR"]))
    found = fault(tills_closed)
    assert found is not None
    assert "clôture de journée n° 1" in found.where
    assert "TOUR" in found.what


def test_without_a_programme_that_was_told_nothing_says_what_is_a_thing(festival: Festival) -> None:
    festival.sell(festival.product_line())
    close_the_till(festival, 0, 10_250)
    close_the_till(festival, 1, 5_000)
    close_the_day(festival)
    assert fault(festival) is None
