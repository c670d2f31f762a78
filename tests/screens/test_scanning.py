"""A scanner at the counter: a burst of keys that must sell nothing, pay nothing and leave nothing behind."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from sqlmodel import select
from textual._time import get_time
from textual.events import Key

from boxoffice.models import CodeTries, GiftCard, Pass, Sale, Ticket
from boxoffice.screens import scanning
from boxoffice.screens.cockpit import CockpitScreen
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.sales_search import SalesSearch
from tests.sales.conftest import Festival
from tests.sales.value_life import add_kind

from . import stage
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
    assert told == ["Un billet a été scanné : cela ne change rien au règlement."]


LATER = 3_600.0
"""Seconds after every key that the test has pressed so far, however slow it is."""


@dataclass
class Keyboard:
    """Keys with the moments at which a hand or a scanner sends them, however slow the test is."""

    cashier: Player
    now: float = field(default_factory=lambda: get_time() + LATER)

    def types(self, *keys: str) -> None:
        """Send keys as quick fingers do."""
        for key in keys:
            self._send(key, after=0.15)

    def scans(self, text: str, *, ended: bool = True, pace: float = 0.004) -> None:
        """Send a code as a scanner does, a while after the last key."""
        self.now += 1
        for letter in text:
            self._send(letter, after=pace)
        if ended:
            self._send("enter", after=pace)

    def _send(self, key: str, *, after: float) -> None:
        self.now += after
        event = Key(key.lower(), key if len(key) == 1 else None)
        event.time = self.now
        self.cashier.pilot.app.post_message(event)


@pytest.fixture
def keyboard(cashier: Player, monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    monkeypatch.setattr(scanning, "BURST_SECONDS", 0.02)
    return Keyboard(cashier)


FOREIGN = [
    BARCODE,
    "96385074",
    "C12",
    "H7",
    "CHOCOLAT-75",
    "C:\\X",
    "HTTPS://EXEMPLE.FR/?C=1",
    "QVDIN50",
    "NR420C",
]


@pytest.mark.parametrize("typed", ["5", ""])
@pytest.mark.parametrize("ended", [True, False], ids=["enter", "no enter"])
@pytest.mark.parametrize("code", FOREIGN)
async def test_whatever_is_scanned_while_the_payment_is_open_changes_nothing_and_is_told(
    festival: Festival,
    cashier: Player,
    told: list[str],
    keyboard: Keyboard,
    code: str,
    ended: bool,
    typed: str,
) -> None:
    await cashier.press("1", "enter", *typed)
    before = cashier.counter.paying.payment
    keyboard.scans(code, ended=ended)
    await cashier.wait_until(lambda: told != [])
    assert told == [f"« {code} » a été scanné : cela ne change rien au règlement."]
    assert cashier.counter.paying.payment == before
    assert sales_made(festival) == 0
    keyboard.now += 1
    keyboard.types(*("0" if typed else "50"), "enter")
    await cashier.wait_until(lambda: cashier.counter.paying.payment is None)
    await cashier.wait_until(lambda: "À RENDRE" in cashier.shows("basket"))
    assert sales_made(festival) == 1


async def test_the_enter_of_a_slow_scanner_pays_nothing(
    cashier: Player, told: list[str], keyboard: Keyboard
) -> None:
    await cashier.press("1", "enter")
    keyboard.scans(BARCODE, ended=False)
    await cashier.wait_until(lambda: told != [])
    keyboard.types("enter")
    await stage.settle(cashier.pilot)
    payment = cashier.counter.paying.payment
    assert payment is not None
    assert not payment.settlement.tenders


PACES = [0.004, 0.06, 0.09]
SLOWEST = 0.25
A_TICKET = "TCHDRSVGP" + "BCHDRSVGPL" * 2 + "BC"


async def paid_by_a_gift_card(festival: Festival, cashier: Player, keyboard: Keyboard) -> None:
    """A payment to which nothing is missing but the Enter of the cashier."""
    festival.sell_gift(cents=5000)
    (card,) = festival.rows(GiftCard)
    await cashier.press("1", "enter")
    keyboard.now = get_time() + LATER
    keyboard.scans(card.code)
    await cashier.wait_until(lambda: "il y reste 41,50" in cashier.shows("payment"))
    keyboard.now = get_time() + 2 * LATER


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("code", [A_TICKET, BARCODE, "HTTPS://EXEMPLE.FR/?R=1"])
async def test_however_slowly_it_is_scanned_no_code_ends_a_payment_that_is_complete(
    festival: Festival, cashier: Player, told: list[str], keyboard: Keyboard, code: str, pace: float
) -> None:
    await paid_by_a_gift_card(festival, cashier, keyboard)
    before, sales = cashier.counter.paying.payment, sales_made(festival)
    keyboard.scans(code, pace=pace)
    await cashier.wait_until(lambda: told != [])
    await stage.settle(cashier.pilot)
    assert cashier.counter.paying.payment == before
    assert sales_made(festival) == sales
    keyboard.now += 1
    keyboard.types("enter")
    await cashier.wait_until(lambda: cashier.counter.paying.payment is None)
    assert sales_made(festival) == sales + 1


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("code", [A_TICKET, "0000500000006"])
async def test_however_slowly_it_is_scanned_no_code_takes_money(
    festival: Festival, cashier: Player, told: list[str], keyboard: Keyboard, code: str, pace: float
) -> None:
    await cashier.press("1", "enter")
    before = cashier.counter.paying.payment
    keyboard.scans(code, pace=pace)
    await cashier.wait_until(lambda: told != [])
    await stage.settle(cashier.pilot)
    assert cashier.counter.paying.payment == before
    assert sales_made(festival) == 0


async def test_a_code_of_ours_is_known_by_its_letters_where_each_key_comes_alone(
    festival: Festival, cashier: Player, told: list[str], keyboard: Keyboard
) -> None:
    await paid_by_a_gift_card(festival, cashier, keyboard)
    before, sales = cashier.counter.paying.payment, sales_made(festival)
    keyboard.scans(A_TICKET, pace=SLOWEST)
    await cashier.wait_until(lambda: told != [])
    assert cashier.counter.paying.payment == before
    assert sales_made(festival) == sales


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("key", ["p", "g"])
async def test_the_number_of_a_card_issued_elsewhere_is_scanned_where_it_would_be_typed(
    festival: Festival, cashier: Player, told: list[str], keyboard: Keyboard, key: str, pace: float
) -> None:
    await cashier.press("1", "enter", key)
    keyboard.now = get_time() + LATER
    keyboard.scans(BARCODE, pace=pace)
    await cashier.wait_until(lambda: [tries.wrong for tries in festival.rows(CodeTries)] == [1])
    await cashier.wait_until(lambda: BARCODE in cashier.shows("payment"))
    assert told == []


async def test_a_key_of_a_cashier_is_shown_at_once_and_what_it_ends_is_brought_to_the_books_soon(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch, keyboard: Keyboard
) -> None:
    await cashier.press("1", "enter")
    monkeypatch.setattr(scanning, "LATE", FOREVER)
    keyboard.types("c")
    await cashier.pilot.pause()
    assert "Enregistrement de la vente" in cashier.shows("payment")
    monkeypatch.setattr(scanning, "LATE", 2)
    keyboard.types("c")
    await cashier.wait_until(lambda: sales_made(festival) == 1)


async def test_the_letter_of_a_means_pays_once_nothing_follows(
    festival: Festival, cashier: Player, keyboard: Keyboard
) -> None:
    await cashier.press("1", "enter")
    keyboard.types("c")
    await cashier.wait_until(lambda: sales_made(festival) == 1)


async def test_a_scanner_that_sends_no_enter_pays_nothing_either(
    festival: Festival, cashier: Player, keyboard: Keyboard, told: list[str]
) -> None:
    code = a_sold_ticket(festival)
    await cashier.press("1", "enter")
    before = cashier.counter.paying.payment
    keyboard.scans(code, ended=False)
    await cashier.wait_until(lambda: told != [])
    assert cashier.counter.paying.payment == before
    assert sales_made(festival) == 1


async def test_a_hurried_cashier_loses_no_key_of_a_payment(
    festival: Festival, cashier: Player, keyboard: Keyboard
) -> None:
    await cashier.press("1", "enter")
    keyboard.scans("50")
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


@pytest.mark.parametrize("code", ["HTTPS://EXEMPLE.FR/?C=1", "C12-34", "1-2-3-4"])
async def test_a_foreign_code_scanned_on_the_counter_neither_sells_nor_searches(
    cashier: Player, keyboard: Keyboard, code: str
) -> None:
    await cashier.press("1")
    keyboard.scans(code)
    await stage.settle(cashier.pilot)
    assert (cashier.counter.basket.seats, cashier.counter.agenda.search) == (1, "")
    assert cashier.counter.paying.payment is None
    assert "Ce code-barres n'est pas celui d'un billet." in cashier.shows("tariffs")


@pytest.mark.parametrize("over", [(), ("f12",), ("f6",)], ids=["counter", "outbox", "reversal"])
@pytest.mark.parametrize(
    ("code", "refused"),
    [
        pytest.param("G" + "B" * 30, "Cette carte cadeau est inconnue.", id="gift card"),
        pytest.param("L" + "B" * 30, "Cette carte de places est inconnue.", id="place card"),
        pytest.param(BARCODE, "Ce code-barres n'est pas celui d'un billet.", id="bar code"),
    ],
)
async def test_what_no_screen_shows_is_told_wherever_it_is_scanned(
    cashier: Player,
    monkeypatch: pytest.MonkeyPatch,
    told: list[str],
    over: tuple[str, ...],
    code: str,
    refused: str,
) -> None:
    await cashier.press(*over)
    before = cashier.pilot.app.screen
    await scan(cashier, monkeypatch, code)
    assert cashier.pilot.app.screen is before
    said = [*told, *cashier.shows("tariffs").splitlines()]
    assert any(refused in sentence for sentence in said)


@pytest.mark.parametrize("gap", [0.0005, 0.011, 0.06])
@pytest.mark.parametrize("typed", [tuple("renc"), (*"/renc", "enter")], ids=["letters", "slash"])
async def test_a_pass_scanned_while_a_search_is_on_offers_the_screening_chosen_before(
    festival: Festival, cashier: Player, keyboard: Keyboard, typed: tuple[str, ...], gap: float
) -> None:
    festival.sell_pass()
    code = festival.read(lambda session: session.exec(select(Pass.code)).one())
    await cashier.press(*typed)
    keyboard.now = get_time() + LATER
    before = cashier.screening, cashier.counter.agenda.search
    keyboard.scans(code.lower(), pace=gap)
    await cashier.wait_until(lambda: isinstance(cashier.pilot.app.screen, CockpitScreen))
    await stage.settle(cashier.pilot)
    chosen = cashier.counter.screenings.chosen_screening
    assert chosen is not None
    assert chosen.row.event_title in stage.told(cashier.pilot.app.screen)
    await cashier.press("escape")
    assert (cashier.screening, cashier.counter.agenda.search) == before


async def test_a_slow_scan_after_a_tariff_leaves_the_basket_and_the_screening_as_they_were(
    festival: Festival, cashier: Player, keyboard: Keyboard
) -> None:
    festival.sell_pass()
    code = festival.read(lambda session: session.exec(select(Pass.code)).one())
    await cashier.press("down", "1")
    before = cashier.screening
    keyboard.now = get_time() + LATER
    keyboard.scans(code.lower(), pace=0.06)
    await cashier.wait_until(lambda: isinstance(cashier.pilot.app.screen, CockpitScreen))
    assert (cashier.screening, cashier.counter.basket.seats) == (before, 1)


async def test_the_number_of_a_card_issued_elsewhere_is_scanned_where_it_is_asked_for(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_kind(festival, "CINE3", label="CinéCarte 3 places", places=3)
    await cashier.press("f4", "up", "enter", "1")
    assert "son numéro ?" in stage.told(cashier.pilot.app.screen)
    await scan(cashier, monkeypatch, "3760123456789")
    assert isinstance(cashier.pilot.app.screen, ManagerPin)
    assert "n° 3760123456789" in stage.told(cashier.pilot.app.screen)
