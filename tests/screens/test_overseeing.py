"""The manager's screens: what they show, and how each figure leads to its sales."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from textual.widgets import OptionList
from textual_plotext import PlotextPlot

from boxoffice.app import BoxOfficeApp
from boxoffice.config import settings_in
from boxoffice.house import House
from boxoffice.kinds import Action, ClosingPeriod, Role
from boxoffice.models import Customer, PrintJob, Sale, SaleKind
from boxoffice.sales.reserving.held_seats import spoken_reference
from boxoffice.sales.staff.shift_closing import ShiftEnd
from boxoffice.screens import dashboard
from boxoffice.screens.cockpit import CockpitScreen
from boxoffice.screens.dashboard import Dashboard
from boxoffice.screens.figure_rows import FigureSales, Openers, PassRows, ReservationRows
from boxoffice.screens.filling import FillingScreen, LeftTonight
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.passes_sold import PassesSold
from boxoffice.screens.rows import Choices
from tests.sales.closed_books import close_the, close_the_till
from tests.sales.conftest import Festival
from tests.sales.leaving import leave_to
from tests.sales.pass_life import book
from tests.sales.test_reservations import give_up, take_seats

from .stage import Stage, house_of, press, settle, told, until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def house(festival: Festival, tmp_path: Path) -> House:
    """Three sales of 17, 3 and 6 euros, five minutes apart from noon on."""
    for line in (
        festival.seat_line(quantity=2),
        festival.product_line(),
        festival.seat_line("ETERNAL", "REDUIT"),
    ):
        festival.sell(line)
        festival.clock.advance(timedelta(minutes=5))
    return house_of(festival, folder=tmp_path)


def said(app: Stage) -> str:
    """All that is told, with plain spaces."""
    return " ".join(told(app.screen).split())


def rows_of(app: Stage) -> list[str]:
    return [str(option.prompt) for option in app.screen.query_one(Choices).options]


def place_of_row(app: Stage, words: str) -> int:
    return next(place for place, row in enumerate(rows_of(app)) if row.split("  ")[0] == words)


async def choose(app: Stage, words: str) -> None:
    """Stand on the row that begins so."""
    app.screen.query_one(Choices).highlighted = place_of_row(app, words)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_the_dashboard_tells_what_was_taken_how_and_by_whom(
    festival: Festival, house: House, size: tuple[int, int]
) -> None:
    app = Stage(house, Dashboard(house, festival.managers_desk))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert "26,00 € · 3 ventes" in said(app)
        rows = " ".join(" ".join(rows_of(app)).split())
        for words in (
            "5 dernières minutes 0 vente 0,0 par min",
            "15 dernières minutes 2 ventes",
            "Espèces 3 règlements 26,00",
            "Karim D. 3 ventes 26,00",
            "Caisse 1 3 ventes 26,00",
            "12 h 3 ventes 26,00",
        ):
            assert words in rows


async def test_the_dashboard_of_a_day_that_is_closed_says_that_its_z_counts_no_more(
    festival: Festival, house: House
) -> None:
    app = Stage(house, Dashboard(house, festival.managers_desk))
    for till in range(2):
        close_the_till(festival, till, end=ShiftEnd(reason="Non compté"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "Journée close" not in said(app)
        close_the(festival, ClosingPeriod.DAY)
        await press(pilot, "f5")
        assert "Journée close : son Z ne compte pas ce qui s'est vendu depuis." in said(app)


async def test_the_plot_draws_what_each_hour_took_and_the_same_day_of_last_year(
    festival: Festival, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year ago at one, today at noon and at two: each at its own hour, in euros."""
    festival.clock.advance(timedelta(hours=1))
    festival.sell(festival.product_line(quantity=2))
    festival.clock.advance(timedelta(weeks=52, hours=-1))
    for cups, hours in ((3, 0), (1, 2)):
        festival.clock.advance(timedelta(hours=hours))
        festival.sell(festival.product_line(quantity=cups))
    house = house_of(festival, folder=tmp_path)
    app = Stage(house, Dashboard(house, festival.managers_desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        plot = app.screen.query_one(PlotextPlot)
        drawn: dict[str, dict[int, float]] = {}
        named: dict[float, str] = {}

        def draw(hours: list[int], euros: list[float], *, label: str, **_how: object) -> None:
            drawn[label] = {hour: amount for hour, amount in zip(hours, euros, strict=True) if amount}

        def name(hours: list[float], names: list[str]) -> None:
            named.update(zip(hours, names, strict=True))

        for what, seen in (("bar", draw), ("plot", draw), ("xticks", name)):
            monkeypatch.setattr(plot.plt, what, seen)
        await press(pilot, "f5")
    at = {day: {named[hour]: euros for hour, euros in hours.items()} for day, hours in drawn.items()}
    assert at == {"Aujourd'hui": {"12 h": 9.0, "14 h": 3.0}, "mer. 21 janv. 2026": {"13 h": 6.0}}


async def test_a_figure_opens_its_sales_and_a_sale_is_reversed_from_there(
    festival: Festival, house: House
) -> None:
    app = Stage(house, Dashboard(house, festival.managers_desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await choose(app, "15 dernières minutes")
        await press(pilot, "enter")
        assert isinstance(app.screen, FigureSales)
        found = [str(option.prompt).split()[0] for option in app.screen.query_one(OptionList).options]
        assert found == ["1-000003", "1-000002"]
        await press(pilot, *"3,00")
        found = [str(option.prompt).split()[0] for option in app.screen.query_one(OptionList).options]
        assert found == ["1-000002"]
        await press(pilot, "f6", "enter", "enter", *"Erreur", "enter", "escape")
        assert isinstance(app.screen, Dashboard)
        assert "23,00 € · 3 ventes" in said(app)
    (undone,) = festival.read(
        lambda session: session.exec(select(Sale).where(Sale.kind == SaleKind.REVERSAL)).all()
    )
    assert (undone.total_cents, undone.reason) == (-300, "Erreur")


async def test_a_queue_that_has_gone_is_seen_to_be_gone_though_nothing_is_sold(
    festival: Festival, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "SECONDS", 0.02)
    app = Stage(house, Dashboard(house, festival.managers_desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert "15 dernières minutes 2 ventes" in " ".join(" ".join(rows_of(app)).split())
        festival.clock.advance(timedelta(minutes=20))
        await until(pilot, lambda: "15 dernières minutes 0 vente" in " ".join(" ".join(rows_of(app)).split()))


async def test_the_chosen_figure_stays_chosen_when_others_come_before_it(
    festival: Festival, house: House
) -> None:
    app = Stage(house, Dashboard(house, festival.managers_desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await choose(app, "Karim D.")
        before = place_of_row(app, "Karim D.")
        festival.sell_gift()
        await press(pilot, "f5")
        assert place_of_row(app, "Karim D.") > before
        assert app.screen.query_one(Choices).highlighted == place_of_row(app, "Karim D.")


@pytest.mark.parametrize("width", [80, 120])
async def test_means_that_do_not_add_up_to_the_turnover_say_why(
    festival: Festival, house: House, width: int
) -> None:
    app = Stage(house, Dashboard(house, festival.managers_desk))
    async with app.run_test(size=(width, 24)) as pilot:
        await settle(pilot)
        assert "soit le chiffre d'affaires" not in " ".join(rows_of(app))
        festival.sell_gift()
        await press(pilot, "f5")
        assert "26,00 € · 4 ventes" in said(app)
        place = next(place for place, row in enumerate(rows_of(app)) if row.startswith("Total "))
        assert [" ".join(row.split()) for row in rows_of(app)[place : place + 3]] == [
            "Total 76,00",
            "soit le chiffre d'affaires 26,00",
            "cartes cadeaux vendues +50,00",
        ]


async def test_yesterday_is_shown_beside_today_once_something_was_sold(
    festival: Festival, house: House
) -> None:
    festival.clock.advance(timedelta(days=1))
    festival.sell(festival.product_line())
    festival.clock.advance(timedelta(hours=1))
    app = Stage(house, Dashboard(house, festival.managers_desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert "Avant 13 h : 3,00 € · hier 26,00 € (−88 %)" in " ".join(
            told(app.screen).split("\xa0")
        ).replace("\u202f", " ")
        await choose(app, "mer. 21 janv. 2026")
        await press(pilot, "enter")
        assert len(app.screen.query_one(OptionList).options) == 3


async def test_what_is_sold_meanwhile_is_seen_after_f5(festival: Festival, house: House) -> None:
    app = Stage(house, Dashboard(house, festival.managers_desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        festival.sell(festival.product_line())
        await press(pilot, "f5")
        assert "29,00 € · 4 ventes" in said(app)


async def test_the_screenings_say_how_full_they_are_and_lead_to_their_sales(
    festival: Festival, house: House
) -> None:
    festival.sell(festival.seat_line(quantity=6))
    book(festival, festival.sell_pass(), "ETERNAL")
    screen = FillingScreen(house, festival.managers_desk, Openers(print, print))
    app = Stage(house, screen)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        (kneecap,) = (row for row in rows_of(app) if "Kneecap" in row and "80 %" in row)
        (eternal,) = (row for row in rows_of(app) if "The Eternal Daughter" in row)
        assert "complet" in kneecap
        assert "reste" in eternal
        app.screen.query_one(Choices).highlighted = rows_of(app).index(eternal)
        await press(pilot, "enter", "2")
        assert isinstance(app.screen, PassRows)
        await press(pilot, "escape", "enter", "1")
        assert isinstance(app.screen, FigureSales)
        assert "The Eternal Daughter" in told(app.screen)


async def test_what_is_left_tonight_is_printed_for_the_queue(festival: Festival, house: House) -> None:
    app = Stage(house, LeftTonight(house, festival.desk, Openers(print, print)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert any("Kneecap" in row and "reste 6" in row for row in rows_of(app))
        await press(pilot, "p")
        assert "Liste demandée" in told(app.screen)
    assert [job.document for job in festival.rows(PrintJob)][-1] == "left_tonight"


@pytest.mark.parametrize("width", [80, 120])
async def test_a_screening_that_began_is_listed_until_its_sale_ends(
    festival: Festival, house: House, width: int
) -> None:
    festival.clock.advance(festival.seat_line().starts_at - festival.clock.now())
    app = Stage(house, LeftTonight(house, festival.desk, Openers(print, print)))
    async with app.run_test(size=(width, 24)) as pilot:
        await settle(pilot)
        assert any("Kneecap VOSTFR · commencée" in row and "reste 6" in row for row in rows_of(app))
        festival.clock.advance(timedelta(hours=6))
        await press(pilot, "f5")
        assert "Plus de séance à venir ce soir." in said(app)
        assert rows_of(app) == []


async def test_a_product_lists_its_passes_by_their_numbers_alone(festival: Festival, house: House) -> None:
    festival.sell_pass()
    opened: list[str] = []
    app = Stage(house, PassesSold(house, opened.append))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "20 places restent à prendre." in told(app.screen)
        await press(pilot, "enter")
        (row,) = rows_of(app)
        assert "reste 20 sur 20" in row
        await press(pilot, "enter")
    assert opened == [row.split()[0]]


async def test_unpaid_reservations_are_among_what_takes_the_seats_of_a_screening(
    festival: Festival, house: House
) -> None:
    first = take_seats(festival, ("ETERNAL", "PLEIN", 2), not_these=frozenset())
    known = frozenset(row.id for row in festival.rows(Customer))
    give_up(festival, take_seats(festival, ("ETERNAL", "PLEIN", 1), not_these=known))
    opened: list[str] = []
    app = Stage(house, FillingScreen(house, festival.managers_desk, Openers(print, opened.append)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        (eternal,) = (row for row in rows_of(app) if "The Eternal" in row)
        app.screen.query_one(Choices).highlighted = rows_of(app).index(eternal)
        await press(pilot, "enter")
        assert [row.split() for row in rows_of(app)] == [
            ["1", "Les", "ventes"],
            ["2", "Les", "places", "réservées,", "à", "payer", "2"],
        ]
        await press(pilot, "2")
        assert isinstance(app.screen, ReservationRows)
        (row,) = rows_of(app)
        assert row.split()[:3] == spoken_reference(first.reference).split()
        assert "2 places" in row
        assert "jusqu'à mer. 21 janv. 14:30" in row
        await press(pilot, "enter")
    assert opened == [first.reference]


@pytest.mark.parametrize("letter", ["t", "j", "p"])
async def test_a_cashier_sees_the_figures_of_everybody_with_a_manager_only(
    festival: Festival, keys: Path, tmp_path: Path, letter: str
) -> None:
    app = BoxOfficeApp(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *"2345", "enter", "f10", letter)
        assert isinstance(app.screen, ManagerPin)
        await press(pilot, *"1234", "enter")
        assert isinstance(app.screen, Dashboard | FillingScreen | PassesSold)


async def test_a_cashier_reads_what_is_left_tonight_alone_and_a_pass_opens_over_a_list(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    festival.sell_pass()
    app = BoxOfficeApp(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *"2345", "enter", "f10", "c")
        assert isinstance(app.screen, LeftTonight)
        await press(pilot, "escape", "f10", "p", *"1234", "enter", "enter", "enter")
        assert isinstance(app.screen, CockpitScreen)
        await press(pilot, "escape")
        assert isinstance(app.screen, PassRows)


async def test_a_cashier_who_was_left_the_figures_sees_them_alone(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    leave_to(festival, Action.SEE_FIGURES, Role.CASHIER)
    app = BoxOfficeApp(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *"2345", "enter", "f10", "t")
        assert isinstance(app.screen, Dashboard)
