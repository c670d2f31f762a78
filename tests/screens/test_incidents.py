"""What nobody foresaw: one sentence, the traceback in the log, the basket kept, and the next key is heard."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.schema import DropTable
from sqlmodel import select
from textual.screen import Screen

from boxoffice.app import BoxOfficeApp
from boxoffice.config import settings_in
from boxoffice.errors import Refusal
from boxoffice.models import ParkedBasket, Sale, table
from boxoffice.sales.parking import parked
from boxoffice.screens.counter import CounterScreen
from boxoffice.screens.enduring import MOST
from boxoffice.screens.lock import LockScreen
from boxoffice.screens.outbox import OutboxScreen
from boxoffice.screens.paying import Paying
from boxoffice.screens.widgets.tariff_panel import TariffPanel
from tests.sales.conftest import Festival

from . import stage
from .playing import Player, at_the_counter
from .quiet import paint

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Mishap(Exception):
    """What nobody foresaw."""


def fail(*_arguments: Any, **_named: Any) -> None:
    raise Mishap


def fail_once(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
    """Have a method fail the next time it is called, and never again."""
    original = getattr(owner, name)

    def failing(*_arguments: Any) -> None:
        monkeypatch.setattr(owner, name, original)
        raise Mishap

    monkeypatch.setattr(owner, name, failing)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of what is said in passing."""
    titles: list[str] = []
    monkeypatch.setattr(BoxOfficeApp, "notify", lambda _app, _words, *, title, **_how: titles.append(title))
    return titles


async def sell_on(festival: Festival, cashier: Player) -> None:
    """Everything still works: the basket is there, and is sold."""
    assert cashier.counter.basket.seats == 1
    await cashier.press("enter", "enter")
    assert festival.count(Sale) == 1
    assert not cashier.counter.basket


@pytest.mark.parametrize(
    ("owner", "name", "keys_pressed"),
    [
        (CounterScreen, "choose_digit", ["2"]),
        (CounterScreen, "action_move", ["down"]),
        (CounterScreen, "action_lock", ["f10", "7"]),
        (OutboxScreen, "compose_question", ["f12", "escape"]),
        (LockScreen, "_show_managers", ["ctrl+l", *"2345", "enter"]),
        (TariffPanel, "body", ["down", "up"]),
    ],
    ids=["key", "binding", "worker", "screen that opens", "answer", "panel"],
)
async def test_after_an_incident_the_cashier_goes_on_with_the_basket(
    festival: Festival,
    keys: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    said: list[str],
    owner: type,
    name: str,
    keys_pressed: list[str],
) -> None:
    async with at_the_counter(festival, keys, tmp_path, incidents=True) as cashier:
        await cashier.press("1")
        fail_once(monkeypatch, owner, name)
        await cashier.press(*keys_pressed)
        assert "Un incident imprévu" in said[0]
        assert len(said) == 1
        assert "Traceback" in caplog.text
        assert "Mishap" in caplog.text
        await sell_on(festival, cashier)


@pytest.mark.parametrize("name", ["_sold", "_turned"])
async def test_an_incident_after_the_sale_was_written_does_not_sell_its_basket_again(
    festival: Festival, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    async with at_the_counter(festival, keys, tmp_path, incidents=True) as cashier:
        await cashier.press("1", "enter")
        with monkeypatch.context() as failing:
            failing.setattr(cashier.counter.paying, name, fail)
            await cashier.press("c")
        assert cashier.counter.basket.seats == 1
        await cashier.press("enter", "c")
        assert "Vente 1-000001" in cashier.shows("basket")
    assert festival.count(Sale) == 1


async def test_an_answer_that_cannot_be_heard_leaves_the_payment_in_doubt_and_not_stuck(
    festival: Festival, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_counter(festival, keys, tmp_path, incidents=True) as cashier:
        await cashier.press("1", "enter")
        fail_once(monkeypatch, Paying, "_finish")
        await cashier.press("c")
        assert "Entrée pour essayer encore" in cashier.shows("payment")
        await cashier.press("enter")
        assert "Vente 1-000001" in cashier.shows("basket")
    assert len(festival.read(lambda session: session.exec(select(Sale)).all())) == 1


async def suffer(app: BoxOfficeApp, begin: Callable[[], None]) -> None:
    """Put a ticket in the basket, let something begin to fail, and press a key as often as fingers can."""
    async with app.run_test(size=(120, 36)) as pilot:
        await stage.press(pilot, "2", "3", "4", "5", "enter", "1")
        begin()
        await pilot.press(*["down"] * MOST)
        await pilot.pause()


@pytest.mark.parametrize(
    ("owner", "name"), [(CounterScreen, "action_move"), (TariffPanel, "render_line")], ids=["key", "paint"]
)
async def test_what_would_fail_for_ever_ends_the_program_with_a_sentence_and_the_basket_set_aside(
    festival: Festival,
    keys: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    owner: type,
    name: str,
) -> None:
    monkeypatch.setattr(Screen, "_compositor_refresh", paint)
    app = BoxOfficeApp(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)
    with pytest.raises(Mishap):
        await suffer(app, lambda: monkeypatch.setattr(owner, name, fail))
    assert isinstance(app.failure, Refusal)
    assert "votre panier est parmi les paniers en attente" in app.failure.remedy
    (waiting,) = festival.read(parked)
    assert waiting.basket is not None
    assert waiting.basket.seats == 1
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")


async def test_a_basket_that_cannot_be_set_aside_is_said_to_be_lost(
    festival: Festival, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin() -> None:
        festival.write(lambda session: session.execute(DropTable(table(ParkedBasket))))
        monkeypatch.setattr(CounterScreen, "action_move", fail)

    app = BoxOfficeApp(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)
    with pytest.raises(Mishap):
        await suffer(app, begin)
    assert isinstance(app.failure, Refusal)
    assert "ressaisissez le panier" in app.failure.remedy
