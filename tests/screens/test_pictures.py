"""The counter as it looks, compared with pictures kept beside; `--snapshot-update` takes them again."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session
from textual.pilot import Pilot

from boxoffice.app import BoxOfficeApp
from boxoffice.config import settings_in
from boxoffice.kinds import PromoEffect
from boxoffice.models import JobState, Pass, PrintJob, table
from boxoffice.sales.people.customer_details import CustomerDetails
from tests.sales.closed_books import close_the_till
from tests.sales.conftest import Festival
from tests.sales.credit_life import asked, refused, sell_to
from tests.sales.value_life import add_customer, add_kind, add_promo_tariff, make, numbered_card

from . import stage

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def coded(festival: Festival) -> Festival:
    """The small festival with a tariff that the code INVITE opens, and a code that halves a price."""
    add_promo_tariff(festival)
    make(festival, word="INVITE", effect=PromoEffect.OPENS_TARIFF, percentage=None, tariff_code="PROMO")
    make(festival, word="MOITIE")
    numbered_card(festival, add_kind(festival, price_cents=3500), "9001234")
    return festival


@pytest.mark.parametrize(
    ("size", "theme", "keys_pressed"),
    [
        pytest.param((120, 36), "sombre", ["f4"], id="gifts"),
        pytest.param((80, 24), "clair", ["f4", "3", "7", "5", "down", *"Zoé 🎁"], id="small-gift"),
        pytest.param((120, 36), "clair", ["f4", "5", *"9001234", "enter"], id="card"),
        pytest.param((80, 24), "sombre", ["f4", "5", *"9001234", "enter", "b"], id="small-card"),
        pytest.param(
            (120, 36),
            "contraste",
            ["1", "f7", *"moitie", "enter", "f7", "2", *"invite", "enter"],
            id="codes",
        ),
        pytest.param((80, 24), "clair", ["f7", *"invite", "enter", "space"], id="small-codes"),
    ],
)
def test_gifts_and_codes_look_as_they_did(
    snap_compare: Any,
    coded: Festival,
    keys: Path,
    tmp_path: Path,
    size: tuple[int, int],
    theme: str,
    keys_pressed: list[str],
) -> None:
    async def play(pilot: Pilot[None]) -> None:
        await stage.settle(pilot)
        await pilot.press("2", "3", "4", "5", "enter")
        await stage.press(pilot, *keys_pressed)

    settings = settings_in(tmp_path, keys_folder=keys, theme=theme)
    app = BoxOfficeApp(settings, coded.database, coded.clock)
    assert snap_compare(app, terminal_size=size, run_before=play)


@pytest.mark.parametrize(
    ("size", "theme", "keys_pressed"),
    [
        pytest.param((120, 36), "sombre", ["1", "1", "down", "2"], id="filling"),
        pytest.param((120, 36), "clair", ["1", "enter", "2", "0"], id="paying"),
        pytest.param((120, 36), "contraste", ["1", "2", "6", "tab", "up"], id="editing"),
        pytest.param((80, 24), "sombre", ["1", "2", "enter"], id="small-paying"),
        pytest.param((80, 24), "clair", ["k", "n", "e", "3"], id="small-searching"),
        pytest.param(
            (120, 36),
            "sombre",
            ["1", "f3", *"Quéré 🎬", "enter", *"Lou", "tab", *"31/02", "f9"],
            id="customer",
        ),
        pytest.param((80, 24), "contraste", ["f3", *"zoé [/]"], id="small-customer"),
    ],
)
def test_the_counter_looks_as_it_did(
    snap_compare: Any,
    festival: Festival,
    keys: Path,
    tmp_path: Path,
    size: tuple[int, int],
    theme: str,
    keys_pressed: list[str],
) -> None:
    async def play(pilot: Pilot[None]) -> None:
        await stage.settle(pilot)
        await pilot.press("2", "3", "4", "5", "enter")
        await stage.press(pilot, *keys_pressed)

    settings = settings_in(tmp_path, keys_folder=keys, theme=theme)
    app = BoxOfficeApp(settings, festival.database, festival.clock)
    assert snap_compare(app, terminal_size=size, run_before=play)


@pytest.mark.parametrize(
    ("size", "theme"),
    [pytest.param((120, 36), "sombre", id="badges"), pytest.param((80, 24), "clair", id="small-badges")],
)
def test_the_badge_desk_looks_as_it_did(
    snap_compare: Any, festival: Festival, keys: Path, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    sold = [
        festival.sell_pass(CustomerDetails(surname, first_name, email=f"{surname}@example.fr"))
        for surname, first_name in (("Vidal", "Zoé"), ("Lefèvre-Ibáñez", "Émile"), ("Nguyễn", "Ada"))
    ]

    def known(session: Session) -> None:
        """Give the passes numbers and codes that are the same at each run."""
        for place, pass_id in enumerate(sold):
            values = {"number": f"1-000000{place}-1234{place}", "code": "P" + "BCD"[place] * 30}
            session.execute(update(table(Pass)).where(table(Pass).c.id == pass_id).values(values))

    festival.write(known)

    async def play(pilot: Pilot[None]) -> None:
        await stage.settle(pilot)
        await pilot.press("escape", "4", *"2345", "enter")
        await stage.press(pilot, "down")

    settings = settings_in(tmp_path, keys_folder=keys, theme=theme)
    app = BoxOfficeApp(settings, festival.database, festival.clock)
    assert snap_compare(app, terminal_size=size, run_before=play)


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        pytest.param((120, 36), "sombre", id="credits"),
        pytest.param((80, 24), "clair", id="small-credits"),
    ],
)
def test_the_inbox_of_credit_notes_looks_as_it_did(
    snap_compare: Any, festival: Festival, keys: Path, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    sale = sell_to(
        festival, add_customer(festival), festival.seat_line(quantity=2), festival.seat_line("ETERNAL")
    )
    refused(festival, asked(festival, sale, [2]), "Séance complète")
    asked(festival, sale, [3])
    festival.clock.advance(timedelta(minutes=5))
    asked(festival, sale, [1])
    festival.write(lambda session: session.execute(update(table(PrintJob)).values(state=JobState.PRINTED)))

    async def play(pilot: Pilot[None]) -> None:
        await stage.settle(pilot)
        await pilot.press("2", "3", "4", "5", "enter")
        await stage.press(pilot, "f8", "space", "down")

    settings = settings_in(tmp_path, keys_folder=keys, theme=theme)
    app = BoxOfficeApp(settings, festival.database, festival.clock)
    assert snap_compare(app, terminal_size=size, run_before=play)


@pytest.mark.parametrize(
    ("size", "theme", "keys_pressed"),
    [
        pytest.param((120, 36), "sombre", ["f10", "x"], id="reading"),
        pytest.param((80, 24), "clair", ["f10", "x", "tab", *"1234", "enter"], id="small-reading"),
        pytest.param((120, 36), "clair", ["f10", "z"], id="closings"),
        pytest.param((80, 24), "sombre", ["f10", "z", "end"], id="small-closings"),
        pytest.param((120, 36), "contraste", ["ctrl+k", *"107", "enter", *"10"], id="ending"),
        pytest.param((80, 24), "clair", ["ctrl+k", *"107", "enter", *"10"], id="small-ending"),
    ],
)
def test_the_end_of_a_day_looks_as_it_did(
    snap_compare: Any,
    festival: Festival,
    keys: Path,
    tmp_path: Path,
    size: tuple[int, int],
    theme: str,
    keys_pressed: list[str],
) -> None:
    festival.sell()
    close_the_till(festival, 1, 5_000)
    festival.write(lambda session: session.execute(update(table(PrintJob)).values(state=JobState.PRINTED)))

    async def play(pilot: Pilot[None]) -> None:
        await stage.settle(pilot)
        await pilot.press("2", "3", "4", "5", "enter")
        await stage.press(pilot, *keys_pressed)

    settings = settings_in(tmp_path, keys_folder=keys, theme=theme)
    app = BoxOfficeApp(settings, festival.database, festival.clock)
    assert snap_compare(app, terminal_size=size, run_before=play)
