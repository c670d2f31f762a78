"""Baskets that a card has paid a part of, left before they were sold: nobody forgets the money."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
import pytest_asyncio

from boxoffice.database import DatabaseLost
from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, Payment, Sale
from boxoffice.sales.basket import CardCharge
from boxoffice.sales.parking import park, parked
from boxoffice.screens import leaving
from boxoffice.screens.dialogs import Confirm
from boxoffice.screens.login import LoginScreen
from boxoffice.screens.parked import ParkedBaskets
from tests.sales.closed_books import close_the_till
from tests.sales.conftest import Festival

from . import stage
from .playing import Player, at_the_counter, counter_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TOLD = "5,00\N{NO-BREAK SPACE}€ déjà débités par carte, sans vente."


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


@pytest_asyncio.fixture
async def again(cashier: Player) -> Player:
    """A cashier who took back a basket of 8,50 of which a card, authorised A1, paid 5,00 before."""
    await cashier.press("1", "enter", "5", "n", "A", "1", "enter", "c", "ctrl+l", "down", *"1234", "enter")
    await cashier.press(*"2345", "enter", "ctrl+r", "enter")
    return replace(cashier, counter=counter_of(cashier.pilot.app))


def told_by_the_journal(festival: Festival) -> list[int]:
    entries = (row for row in festival.rows(JournalEntry) if row.kind == JournalKind.BASKET_CHARGED)
    return [json.loads(entry.content)["amount"] for entry in entries]


async def test_what_a_card_has_paid_is_told_when_a_manager_frees_the_till(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "enter", "5", "c", "ctrl+l")
    assert TOLD in stage.told(cashier.pilot.app.screen)
    await cashier.press("down", *"1234", "enter")
    assert cashier.notices() == TOLD
    (waiting,) = festival.read(parked)
    assert waiting.note == TOLD
    (entry,) = (row for row in festival.rows(JournalEntry) if row.kind == JournalKind.BASKET_CHARGED)
    assert json.loads(entry.content)["amount"] == 500
    assert json.loads(entry.content)["basket"] == str(waiting.sale_id)


async def test_whoever_quits_leaves_what_a_card_has_paid_among_the_waiting_baskets(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "enter", "5", "c", "ctrl+q")
    assert TOLD in stage.told(cashier.pilot.app.screen)
    await cashier.press("enter")
    (waiting,) = festival.read(parked)
    assert waiting.note == TOLD
    assert told_by_the_journal(festival) == [500]


async def test_a_basket_taken_back_is_paid_from_where_its_payment_was_left(
    festival: Festival, again: Player
) -> None:
    assert TOLD in again.shows("tariffs")
    assert again.notices() == ""
    await again.press("enter")
    assert "Carte bancaire  A1" in again.shows("payment")
    assert "RESTE À PAYER" in again.shows("payment")
    await again.press("enter")
    paid = [(row.means, row.amount_cents, row.reference) for row in festival.rows(Payment)]
    assert paid == [("card", 500, "A1"), ("cash", 350, "")]
    assert told_by_the_journal(festival) == [500]
    assert again.counter.basket.charges == ()


async def test_a_basket_that_waits_again_without_a_note_still_says_what_a_card_has_paid(
    festival: Festival, again: Player
) -> None:
    await again.press("ctrl+w", "enter", "ctrl+r")
    assert isinstance(again.pilot.app.screen, ParkedBaskets)
    assert [waiting.note for waiting in festival.read(parked)] == [TOLD]
    assert TOLD in stage.told(again.pilot.app.screen)
    await again.press("enter", "enter", "enter")
    assert [row.amount_cents for row in festival.rows(Payment)] == [500, 350]
    assert told_by_the_journal(festival) == [500]


async def test_what_is_given_back_on_the_terminal_is_to_be_paid_again(again: Player) -> None:
    await again.press("enter", "escape")
    assert "remboursez-les sur le terminal" in again.shows("payment")
    await again.press("escape", "escape")
    assert again.counter.basket.charges == ()
    await again.press("enter")
    assert "RESTE" not in again.shows("payment")


async def test_a_basket_of_which_the_last_line_goes_says_what_is_to_be_given_back(again: Player) -> None:
    await again.press("delete")
    assert again.counter.basket.charges == ()
    assert again.notices().startswith(TOLD)


async def test_a_basket_that_costs_less_than_a_card_has_paid_asks_to_give_it_back(
    festival: Festival, cashier: Player
) -> None:
    charged = replace(festival.basket(festival.product_line()), charges=(CardCharge(500),))
    festival.write(lambda session: park(session, charged, "", festival.desk, clock=festival.clock))
    await cashier.press("ctrl+r", "enter", "enter")
    assert "plus que ce panier ne coûte" in cashier.shows("payment")
    assert "RESTE" not in cashier.shows("payment")
    await cashier.press("escape")
    assert cashier.counter.basket.charges == (CardCharge(500),)


async def test_what_a_card_has_paid_waits_where_the_till_was_closed_from_another(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "enter", "5", "c")
    close_the_till(festival, 0, 10_000, at_till=1)
    await cashier.press("c")
    assert "Cette session de caisse a été fermée." in cashier.shows("payment")
    await cashier.press("escape", "ctrl+w", "enter", "ctrl+t")
    assert isinstance(cashier.pilot.app.screen, LoginScreen)
    (waiting,) = festival.read(parked)
    assert waiting.basket is not None
    assert waiting.basket.charged_cents == 850
    assert told_by_the_journal(festival) == [850]


async def test_emptying_a_basket_that_a_card_has_paid_is_asked_with_the_amount(again: Player) -> None:
    await again.press("ctrl+d")
    assert isinstance(again.pilot.app.screen, Confirm)
    assert TOLD in stage.told(again.pilot.app.screen)
    await again.press("enter")
    assert not again.counter.basket


async def test_quitting_while_the_books_take_nothing_says_what_would_be_forgotten(
    cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_what: object) -> NoReturn:
        raise DatabaseLost("La base de données ne répond pas.")

    monkeypatch.setattr(leaving, "tell_who_leaves", lost)
    await cashier.press("1", "enter", "5", "c", "ctrl+q", "enter")
    asked = stage.told(cashier.pilot.app.screen)
    assert TOLD in asked
    assert "remboursez-les sur le terminal" in asked
    await cashier.press("escape")
    assert cashier.counter.paying.charges
    assert cashier.pilot.app.is_running


@pytest.mark.parametrize("written", [True, False], ids=["written", "not written"])
async def test_a_card_payment_in_doubt_is_not_said_to_be_without_sale(
    festival: Festival, keys: Path, tmp_path: Path, written: bool
) -> None:
    mute = stage.MuteDatabase(festival.database.engine, festival.database.write_engine, deaf=not written)
    async with at_the_counter(festival, keys, tmp_path, database=mute) as cashier:
        mute.losses.append(DatabaseLost("La base de données ne répond pas."))
        await cashier.press("1", "enter", "c")
        cashier.counter.action_lock()
        await stage.settle(cashier.pilot)
        assert "débités par carte" not in stage.told(cashier.pilot.app.screen)
        await cashier.press("down", *"1234", "enter")
        assert "débités par carte" not in cashier.notices()
    assert told_by_the_journal(festival) == []
    (waiting,) = festival.read(parked)
    assert waiting.basket is not None
    assert waiting.basket.charged_cents == 850
    assert festival.count(Sale) == (1 if written else 0)
