"""What a customer has to spend, on their card: balance, points, wallet, requests."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from boxoffice.models import JournalEntry, PlaceCard, StoredValue, ValueMovement
from boxoffice.sales.vouchers import loyalty
from boxoffice.screens.card_screen import CardScreen
from boxoffice.screens.customer_card import CustomerCard
from boxoffice.screens.ledgers import AskCents, BalanceScreen, PointsScreen
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.rows import Choices, Rows
from tests.sales.conftest import Festival
from tests.sales.credit_life import asked, cents_of, credited, sell_to
from tests.sales.value_life import add_customer, add_kind, give_card

from .playing import Player, at_the_counter
from .stage import told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


@pytest.fixture
def customer_id(festival: Festival) -> UUID:
    return add_customer(festival, date(1990, 1, 20))


def rows_of(player: Player) -> str:
    rows = player.pilot.app.screen.query_one(Rows)
    return "\n".join(str(rows.get_option_at_index(place).prompt) for place in range(rows.option_count))


async def open_customer(player: Player, festival: Festival) -> CustomerCard:
    assert festival.clock
    await player.press("f3", *"dupont", "enter")
    screen = player.pilot.app.screen
    assert isinstance(screen, CustomerCard)
    return screen


async def choose(player: Player, words: str) -> None:
    """Stand on the row that says this, and open it."""
    rows = player.pilot.app.screen.query_one(Choices)
    prompts = [str(rows.get_option_at_index(place).prompt) for place in range(rows.option_count)]
    rows.highlighted = next(place for place, prompt in enumerate(prompts) if words in prompt)
    await player.press("enter")


async def test_the_card_shows_all_that_there_is_to_spend_and_to_wait_for(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    sale = sell_to(festival, customer_id, festival.seat_line(quantity=3))
    credited(festival, sale, [1])
    asked(festival, sale, [2])
    give_card(festival, add_kind(festival), customer_id=customer_id)
    await open_customer(cashier, festival)
    shown = rows_of(cashier)
    for words in (
        "8,50",
        "point",
        "Carte CARTE5 ··",
        "5 places",
        "place reprise",
        "demande reprise en cours",
    ):
        assert words in shown


async def test_a_balance_opens_with_its_ledger(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    note = credited(festival, sell_to(festival, customer_id))
    await open_customer(cashier, festival)
    await choose(cashier, "8,50\u00a0€")
    assert isinstance(cashier.pilot.app.screen, BalanceScreen)
    assert "Reste 8,50\u00a0€ à dépenser." in told(cashier.pilot.app.screen)
    assert "créditée" in rows_of(cashier)
    assert note.operation in rows_of(cashier)


async def test_a_manager_corrects_a_balance_for_a_reason(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    credited(festival, sell_to(festival, customer_id))
    await open_customer(cashier, festival)
    await cashier.press("f10", "4", "c")
    assert isinstance(cashier.pilot.app.screen, AskCents)
    await cashier.press(*["backspace"] * 4, *"12", "enter")
    assert isinstance(cashier.pilot.app.screen, ManagerPin)
    assert "8,50\u00a0€ → 12,00\u00a0€" in told(cashier.pilot.app.screen)
    await cashier.press(*"1234", "enter", "enter")
    assert isinstance(cashier.pilot.app.screen, ManagerPin)
    assert cents_of(festival, customer_id) == 850
    await cashier.press(*"Erreur de lundi", "enter")
    assert cents_of(festival, customer_id) == 1200
    assert "Reste 12,00\u00a0€" in told(cashier.pilot.app.screen)
    assert "Erreur de lundi" in [row.reason for row in festival.rows(ValueMovement)]
    assert "value.corrected" in {entry.kind for entry in festival.rows(JournalEntry)}
    festival.stands()


async def test_a_balance_is_given_where_there_was_none(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    await open_customer(cashier, festival)
    await cashier.press("f10", "4", "c", *["backspace"] * 4, *"5,50", "enter", *"1234", "enter")
    await cashier.press(*"Geste", "enter")
    assert cents_of(festival, customer_id) == 550
    festival.stands()


async def test_a_balance_corrected_elsewhere_meanwhile_is_read_again(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    await open_customer(cashier, festival)
    await cashier.press("f10", "4", "c", *["backspace"] * 4, *"5", "enter")
    credited(festival, sell_to(festival, customer_id))
    await cashier.press(*"1234", "enter", *"Geste", "enter")
    assert "vient de changer : il est de 8,50" in told(cashier.pilot.app.screen)
    assert cents_of(festival, customer_id) == 850


async def test_points_are_turned_into_a_place_for_the_wallet(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    add_kind(festival, "FIDELITE", points=8, places=1)
    add_kind(festival, "GRANDE", points=300, places=1)
    sell_to(festival, customer_id, festival.seat_line(quantity=2))
    await open_customer(cashier, festival)
    await choose(cashier, "17 points")
    assert isinstance(cashier.pilot.app.screen, PointsScreen)
    assert "Carte GRANDE : encore 283" in told(cashier.pilot.app.screen)
    await cashier.press("g", "1")
    assert "9 points." in told(cashier.pilot.app.screen)
    assert "échangés" in rows_of(cashier)
    assert festival.count(PlaceCard) == 1
    await cashier.press("escape")
    assert "1 place" in rows_of(cashier)
    await choose(cashier, "Carte FIDELITE ··")
    assert isinstance(cashier.pilot.app.screen, CardScreen)
    festival.stands()


async def test_the_place_of_a_birthday_is_given_once(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    add_kind(festival, "ANNIV", birthday=True, places=1)
    await open_customer(cashier, festival)
    await cashier.press("f10", "5")
    assert "Carte ANNIV : offerte" in told(cashier.pilot.app.screen)
    await cashier.press("g", "1")
    assert festival.count(PlaceCard) == 1
    await cashier.press("g")
    assert "Aucune place n'est encore gagnée." in told(cashier.pilot.app.screen)
    assert {value.customer_id for value in festival.rows(StoredValue)} == {customer_id}
    festival.stands()


async def test_a_request_leads_to_its_sale(festival: Festival, cashier: Player, customer_id: UUID) -> None:
    sale = sell_to(festival, customer_id)
    asked(festival, sale)
    await open_customer(cashier, festival)
    await choose(cashier, "demande reprise en cours")
    assert sale.operation in told(cashier.pilot.app.screen)


async def test_a_sale_undone_says_which_points_go_with_it_and_which_were_spent(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    kind = add_kind(festival, "FIDELITE", points=8, places=1)
    sell_to(festival, customer_id, festival.seat_line(quantity=2))
    await cashier.press("f6", "enter", "enter")
    assert cashier.counter.basket_panel.farewell is not None
    assert "17 points repris." in cashier.counter.basket_panel.farewell.detail
    sell_to(festival, customer_id, festival.seat_line(quantity=2))
    festival.write(
        lambda session: loyalty.reward(session, customer_id, kind, festival.desk, clock=festival.clock)
    )
    await cashier.press("f6", "enter", "enter")
    await cashier.press(*"1234", "enter", *"erreur", "enter")
    said = cashier.counter.basket_panel.farewell.detail
    assert "9 points repris sur 17 : les autres sont déjà dépensés." in said


async def test_the_place_of_a_birthday_stands_on_the_card_and_enter_gives_it(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    assert customer_id
    add_kind(festival, "ANNIV", label="Place anniversaire", birthday=True, places=1)
    await open_customer(cashier, festival)
    assert "Place anniversaire  pour son anniversaire" in rows_of(cashier)
    await choose(cashier, "pour son anniversaire")
    await cashier.press("escape")
    assert festival.count(PlaceCard) == 0
    await choose(cashier, "pour son anniversaire")
    await cashier.press("enter")
    assert festival.count(PlaceCard) == 1
    assert "elle est dans le portefeuille" in told(cashier.pilot.app.screen)
    assert "pour son anniversaire" not in rows_of(cashier)
    festival.stands()


async def test_a_place_earned_by_points_stands_on_the_card_and_enter_takes_them(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    add_kind(festival, "FIDELITE", label="Place 7/7", points=8, places=1)
    sell_to(festival, customer_id, festival.seat_line(quantity=2))
    await open_customer(cashier, festival)
    await choose(cashier, "Place 7/7  pour 8 points")
    await cashier.press("enter")
    assert "9 points" in rows_of(cashier)
    assert festival.count(PlaceCard) == 1
    festival.stands()


async def test_a_manager_gives_a_card_to_a_customer_for_a_reason(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    add_kind(festival, "INVIT", label="Invitation", nominative=True, places=None)
    await open_customer(cashier, festival)
    await cashier.press("f10", "6", "1", "enter", *"1234", "enter", *"Jury", "enter")
    (card,) = festival.rows(StoredValue)
    assert (card.customer_id, card.amount) == (customer_id, None)
    (entry,) = [row for row in festival.rows(JournalEntry) if row.kind == "value.issued"]
    assert '"reason":"Jury"' in entry.content
    assert "Invitation donnée" in told(cashier.pilot.app.screen)
    assert "Invitation ··" in rows_of(cashier)
    festival.stands()
