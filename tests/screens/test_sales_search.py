"""A sale found again, then reversed or reprinted."""

from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len
from sqlmodel import Session, col, select
from textual.widgets import Input

from boxoffice.house import House
from boxoffice.kinds import Action
from boxoffice.models import JobState, PrintJob, Sale, SaleKind, Ticket
from boxoffice.money import format_euros
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.screens.choosing import Choose
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.reversal import ReversalDialog
from boxoffice.screens.rows import Rows
from boxoffice.screens.sales_search import SalesSearch
from tests.sales.conftest import Festival
from tests.sales.credit_life import customer, sell_to
from tests.sales.leaving import leave_to

from .stage import Stage, house_of, press, settle, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def house(festival: Festival, tmp_path: Path) -> House:
    """Three sales made from noon on, a minute apart, their papers out."""
    for line in (
        festival.seat_line(quantity=2),
        festival.product_line(),
        festival.seat_line("ETERNAL", "REDUIT"),
    ):
        festival.sell(line)
        festival.clock.advance(timedelta(minutes=1))
    _papers_come_out(festival)
    return house_of(festival, folder=tmp_path)


def _papers_come_out(festival: Festival) -> None:
    def print_all(session: Session) -> None:
        for job in session.exec(select(PrintJob)).all():
            job.state = JobState.PRINTED
            session.add(job)

    festival.write(print_all)


def _found(app: Stage) -> list[str]:
    return [str(option.prompt).split()[0] for option in app.screen.query_one(Rows).options]


def _papers(festival: Festival) -> list[PrintJob]:
    return list(festival.read(lambda session: session.exec(select(PrintJob)).all()))


def _copies(festival: Festival) -> list[tuple[str, int, int]]:
    jobs = festival.read(
        lambda session: session.exec(
            select(PrintJob).where(PrintJob.copy_number > 0).order_by(col(PrintJob.id))
        ).all()
    )
    return [(job.document, job.position, job.copy_number) for job in jobs]


async def test_every_sale_is_there_the_latest_first(festival: Festival, house: House) -> None:
    app = Stage(house, SalesSearch(house, festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert _found(app) == ["1-000003", "1-000002", "1-000001"]
        assert "The Eternal Daughter · mer. 15:00 · 1-000003" in told(app.screen)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("1-000002", ["1-000002", "1-000001"]),
        ("17", ["1-000001"]),
        ("3,00", ["1-000002"]),
        ("12:01", ["1-000002"]),
        ("12h", ["1-000003", "1-000002", "1-000001"]),
        ("99:99", []),
    ],
)
async def test_typing_finds_by_number_amount_or_time(
    festival: Festival, house: House, typed: str, found: list[str]
) -> None:
    app = Stage(house, SalesSearch(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *typed)
        assert _found(app) == found


async def test_a_scanned_ticket_opens_its_sale(festival: Festival, house: House) -> None:
    code = festival.read(lambda session: session.exec(select(Ticket.code).where(Ticket.number == 2)).one())
    app = Stage(house, SalesSearch(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press(*code, "enter")
        await settle(pilot)
        assert isinstance(app.screen, Choose)
        assert "Vente 1-000001" in told(app.screen)


async def test_a_sale_found_is_reversed_in_place(festival: Festival, house: House) -> None:
    app = Stage(house, SalesSearch(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "enter", "1")
        assert isinstance(app.screen, ReversalDialog)
        await press(pilot, "enter", "enter")
        assert isinstance(app.screen, SalesSearch)
        assert "annulé" in told(app.screen)
    reversals = festival.read(
        lambda session: session.exec(select(Sale).where(Sale.kind == SaleKind.REVERSAL)).all()
    )
    assert [sale.total_cents for sale in reversals] == [-600]


async def test_all_tickets_of_a_sale_are_reprinted_as_copies(festival: Festival, house: House) -> None:
    app = Stage(house, SalesSearch(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "down", "down", "enter", "2", "1")
    assert _copies(festival) == [("ticket", 1, 1), ("ticket", 2, 1)]


async def test_one_ticket_among_several_is_reprinted(festival: Festival, house: House) -> None:
    app = Stage(house, SalesSearch(house, festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "down", "down", "enter", "2", "3")
    assert _copies(festival) == [("ticket", 2, 1)]


async def test_a_receipt_is_printed_once_as_the_original_and_then_as_a_copy(
    festival: Festival, house: House
) -> None:
    app = Stage(house, SalesSearch(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "enter", "3")
        await press(pilot, "enter", "3")
        assert "il attend son tour" in told(app.screen)
        assert not _copies(festival)
        _papers_come_out(festival)
        await press(pilot, "enter", "3")
    assert _copies(festival) == [("receipt", 0, 1)]


async def test_a_reversal_is_told_from_a_sale_and_names_the_one_it_reverses(
    festival: Festival, house: House
) -> None:
    app = Stage(house, SalesSearch(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "f6", "enter", "enter")
        rows = [str(option.prompt) for option in app.screen.query_one(Rows).options]
        assert rows[0].startswith("↩ 1-000004 ")
        assert rows[1].startswith("✗ 1-000003 ")
        assert rows[2].startswith("  1-000002 ")
        await press(pilot, "up", "up")
        assert "Annulation 1-000004" in told(app.screen)
        assert "Annule la vente 1-000003." in told(app.screen)


@pytest.mark.parametrize("choices", [("2", "3"), ("3",)], ids=["a ticket", "a receipt"])
async def test_who_may_not_reprint_has_a_manager_type_their_pin_for_it(
    festival: Festival, house: House, choices: tuple[str, ...]
) -> None:
    leave_to(festival, Action.REPRINT)
    before = len(_papers(festival))
    app = Stage(house, SalesSearch(house, festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "down", "down", "enter", *choices)
        assert isinstance(app.screen, ManagerPin)
        assert "Vente 1-000" in told(app.screen)
        assert len(_papers(festival)) == before
        await press(pilot, *"1234", "enter")
        assert isinstance(app.screen, SalesSearch)
    assert len(_papers(festival)) == before + 1
    festival.stands()


async def test_a_misspelt_customer_and_a_day_find_the_sale(festival: Festival, house: House) -> None:
    camille = customer(festival, CustomerDetails("Moreau", "Camille"))
    sale = sell_to(festival, camille, festival.product_line())
    app = Stage(house, SalesSearch(house, festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"moreu camile")
        assert _found(app) == [sale.operation]
        assert "Aucun nom exact" not in told(app.screen)
        await press(pilot, *" hier")
        assert _found(app) == []
        await press(pilot, *["backspace"] * 5, *" 21/1")
        assert _found(app) == [sale.operation]


async def test_a_name_only_a_little_like_the_one_typed_is_chosen_by_whoever_walks_to_it(
    festival: Festival, house: House
) -> None:
    sale = sell_to(
        festival, customer(festival, CustomerDetails("Moreau", "Camille")), festival.product_line()
    )
    app = Stage(house, SalesSearch(house, festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"morel", "enter")
        assert isinstance(app.screen, SalesSearch)
        assert "Aucun nom exact, peut-être :" in told(app.screen)
        assert "Aucune vente ne correspond" not in told(app.screen)
        await press(pilot, "down", "enter")
        assert f"Vente {sale.operation}" in told(app.screen)


async def test_what_can_be_typed_is_said_whole_in_the_empty_field(festival: Festival, house: House) -> None:
    app = Stage(house, SalesSearch(house, festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        field = app.screen.query_one(Input)
        assert cell_len(field.placeholder) <= field.content_size.width


async def test_amounts_of_another_day_are_whole_beside_the_bar_of_a_long_list(
    festival: Festival, house: House
) -> None:
    for _sale in range(30):
        festival.sell(festival.product_line(quantity=4))
    festival.clock.advance(timedelta(days=1))
    app = Stage(house, SalesSearch(house, festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"hier")
        rows = app.screen.query_one(Rows)
        drawn = [rows.render_line(y).text for y in range(rows.size.height)]
        assert rows.show_vertical_scrollbar
        assert all(row.rstrip().endswith(format_euros(1200)) for row in drawn)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_what_is_known_of_a_sale_stands_beside_the_list(
    festival: Festival, house: House, size: tuple[int, int]
) -> None:
    app = Stage(house, SalesSearch(house, festival.desk))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        rows, chosen = app.screen.query_one(Rows), app.screen.query_one("#search-chosen")
        assert (chosen.region.y, chosen.region.x) == (rows.region.y, rows.region.right)
