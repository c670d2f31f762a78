"""The keys that the daily jobs take, counted: a cashier with a queue has no key to spare."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import update
from sqlmodel import col, select

from boxoffice.models import (
    Booking,
    BookingEnd,
    BookingEndKind,
    CreditAnswer,
    Customer,
    JobState,
    Pass,
    Payment,
    PrintJob,
    Sale,
    SaleKind,
    ShiftClosing,
    table,
)
from boxoffice.sales.basket import name_customer
from boxoffice.sales.people.customer_details import CustomerDetails
from tests.sales.conftest import Festival
from tests.sales.credit_life import asked, sell_to
from tests.sales.value_life import add_customer

from .playing import Player, at_the_counter
from .stage import told
from .test_cockpit import booked_on, code_of, scan

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


async def test_one_full_price_ticket_for_the_next_screening_by_card_takes_three_keys(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "enter", "c")
    assert festival.allocated("ETERNAL") == 1
    assert cashier.pressed <= 3


async def test_two_full_and_one_reduced_with_a_50_euro_note_take_seven_keys(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "1", "2", "enter", "5", "0", "enter")
    payment = festival.read(lambda session: session.exec(select(Payment)).one())
    assert (payment.amount_cents, payment.tendered_cents) == (2300, 5000)
    assert "À RENDRE" in cashier.shows("basket")
    assert cashier.pressed <= 7


async def test_a_film_found_by_name_tomorrow_in_exact_cash_takes_nine_keys(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("right", "k", "n", "e", "e", "1", "enter", "enter")
    assert festival.allocated("KNEECAP2") == 1
    assert cashier.pressed <= 9


async def test_reversing_the_last_sale_takes_three_keys(festival: Festival, cashier: Player) -> None:
    festival.sell()
    await cashier.press("f6", "enter", "enter")
    reversals = festival.read(
        lambda session: session.exec(select(Sale).where(Sale.kind == SaleKind.REVERSAL)).all()
    )
    assert len(reversals) == 1
    assert festival.allocated() == 0
    assert cashier.pressed <= 3


async def test_reprinting_the_last_ticket_as_a_copy_takes_two_keys(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "enter", "c")
    festival.write(lambda session: session.execute(update(table(PrintJob)).values(state=JobState.PRINTED)))
    cashier.pressed = 0
    await cashier.press("f12", "d")
    copies = festival.read(
        lambda session: session.exec(select(PrintJob).where(col(PrintJob.copy_number) > 0)).all()
    )
    assert [copy.copy_number for copy in copies] == [1]
    assert cashier.pressed <= 2


async def test_a_pass_scanned_books_the_chosen_screening_in_two_keys(
    festival: Festival, cashier: Player
) -> None:
    festival.sell_pass(CustomerDetails("Dûpont", "Zoé"))
    screen = await scan(cashier, code_of(festival))
    assert "Zoé Dûpont" in told(screen)
    await cashier.press("enter", "escape")
    assert festival.count(Booking) == 1
    assert cashier.pressed <= 2


async def test_a_booking_is_cancelled_in_three_keys(festival: Festival, cashier: Player) -> None:
    pass_id = festival.sell_pass()
    booked_on(festival, pass_id, "KNEECAP2")
    await scan(cashier, code_of(festival))
    await cashier.press("delete", "enter")
    assert festival.count(BookingEnd) == 1
    assert festival.allocated("KNEECAP2") == 0
    assert cashier.pressed <= 3


async def test_a_booking_is_swapped_for_the_next_showing_in_three_keys(
    festival: Festival, cashier: Player
) -> None:
    pass_id = festival.sell_pass()
    booked_on(festival, pass_id, "KNEECAP2")
    await scan(cashier, code_of(festival))
    await cashier.press("e", "enter")
    ends = festival.rows(BookingEnd)
    assert [end.kind for end in ends] == [BookingEndKind.SWAPPED]
    assert festival.allocated("KNEECAP2") == 0
    assert cashier.pressed <= 3


async def test_a_pass_is_sold_to_a_known_customer_by_card_in_six_keys(
    festival: Festival, cashier: Player
) -> None:
    festival.sell_pass(CustomerDetails("Dûpont", "Zoé"))
    cashier.counter.change(name_customer(cashier.counter.basket, None, "Zoé Dûpont"))
    await cashier.press("f2", "1", "enter", "enter", "c")
    assert sorted(held.number[:9] for held in festival.rows(Pass)) == ["1-0000001", "1-0000002"]
    assert festival.count(Customer) == 1
    assert cashier.pressed <= 6


async def test_a_request_for_a_credit_note_is_accepted_from_the_counter_in_three_keys(
    festival: Festival, cashier: Player
) -> None:
    asked(festival, sell_to(festival, add_customer(festival)))
    cashier.counter.desk = festival.managers_desk
    await cashier.press("f8", "a", "enter")
    assert [answer.accepted for answer in festival.rows(CreditAnswer)] == [True]
    assert festival.allocated() == 0
    assert cashier.pressed <= 3


async def test_the_figures_of_the_till_are_read_in_two_keys(festival: Festival, cashier: Player) -> None:
    festival.sell()
    await cashier.press("f10", "x")
    assert "LECTURE X" in told(cashier.pilot.app.screen)
    assert cashier.pressed <= 2


async def test_a_shift_is_closed_in_four_keys_once_the_drawer_is_counted(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("ctrl+k", *"100")
    cashier.pressed = 0
    await cashier.press("enter", "f9")
    assert festival.count(ShiftClosing) == 1
    assert cashier.pressed <= 4
