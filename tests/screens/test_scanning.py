"""A scanner at the counter: a burst of keys that must sell nothing, pay nothing and leave nothing behind."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlmodel import select
from textual.events import Key

from boxoffice.models import Sale, Ticket
from boxoffice.screens import scanning
from boxoffice.screens.sales_search import SalesSearch
from tests.sales.conftest import Festival

from .playing import Player, at_the_counter

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FOREVER = 3600.0
BARCODE = "3760123456789"


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


def sales_made(festival: Festival) -> int:
    return len(festival.read(lambda session: session.exec(select(Sale)).all()))


@pytest.fixture
def told(cashier: Player, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of what is said in passing."""
    titles: list[str] = []
    monkeypatch.setattr(cashier.pilot.app, "notify", lambda _words, *, title, **_how: titles.append(title))
    return titles


async def scan(cashier: Player, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Send a code as a scanner does: each key but the first comes at once after another."""
    await cashier.hurry(code[0])
    monkeypatch.setattr(scanning, "BURST_SECONDS", FOREVER)
    await cashier.hurry(*code[1:], "enter")


def a_sold_ticket(festival: Festival) -> str:
    festival.sell()
    return festival.read(lambda session: session.exec(select(Ticket.code)).one())


@pytest.mark.parametrize("typed", [(), ("5",), ("n", "4", "2"), ("r",)])
async def test_a_ticket_scanned_while_the_payment_is_open_changes_nothing(
    festival: Festival,
    cashier: Player,
    monkeypatch: pytest.MonkeyPatch,
    told: list[str],
    typed: tuple[str, ...],
) -> None:
    code = a_sold_ticket(festival)
    await cashier.press("1", "enter", *typed)
    before = cashier.counter.paying.payment
    await scan(cashier, monkeypatch, code)
    assert before is not None
    assert cashier.counter.paying.payment == before
    assert sales_made(festival) == 1
    assert told == ["Un code scanné ne change rien au règlement."]


async def test_a_scanner_that_sends_no_enter_pays_nothing_either(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    code = a_sold_ticket(festival)
    await cashier.press("1", "enter")
    before = cashier.counter.paying.payment
    monkeypatch.setattr(scanning, "BURST_SECONDS", 0.05)
    for letter in code:
        cashier.pilot.app.post_message(Key(letter.lower(), letter))
    await cashier.wait_until(lambda: told != [])
    assert cashier.counter.paying.payment == before
    assert sales_made(festival) == 1


async def test_a_hurried_cashier_loses_no_key_of_a_payment(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cashier.press("1", "enter")
    monkeypatch.setattr(scanning, "BURST_SECONDS", 0.05)
    for key, character in (("5", "5"), ("0", "0"), ("enter", None)):
        cashier.pilot.app.post_message(Key(key, character))
    await cashier.wait_until(lambda: sales_made(festival) == 1)
    await cashier.wait_until(lambda: cashier.counter.paying.payment is None)
    assert "À RENDRE" in cashier.shows("basket")


async def test_a_ticket_scanned_on_the_counter_opens_its_sale_and_leaves_all_as_it_was(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = a_sold_ticket(festival)
    await cashier.press("k", "n", "e", "1", "down")
    await scan(cashier, monkeypatch, code)
    assert isinstance(cashier.pilot.app.screen, SalesSearch)
    assert (cashier.counter.agenda.search, cashier.counter.basket.seats) == ("kne", 1)
    assert cashier.counter.paying.payment is None


async def test_another_barcode_scanned_on_the_counter_sells_nothing(
    cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cashier.press("1")
    await scan(cashier, monkeypatch, BARCODE)
    assert cashier.counter.basket.seats == 1
    assert cashier.counter.paying.payment is None
    assert "Ce code-barres n'est pas celui d'un billet." in cashier.shows("tariffs")


async def test_a_scan_that_begins_before_a_sale_is_written_leaves_nothing_after_it(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = a_sold_ticket(festival)
    await cashier.press("1", "enter")
    await cashier.pilot.press("c", code[0])
    monkeypatch.setattr(scanning, "BURST_SECONDS", FOREVER)
    await cashier.press(*code[1:], "enter")
    assert isinstance(cashier.pilot.app.screen, SalesSearch)
    assert (cashier.counter.agenda.search, cashier.counter.basket.seats) == ("", 0)
    assert sales_made(festival) == 2
