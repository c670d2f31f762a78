"""Seats exchanged for others at the counter: chosen as usual, the difference paid or credited."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from sqlmodel import select

from boxoffice.models import Payment, Sale, SaleKind
from boxoffice.sales import basket as baskets
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.parking import parked
from boxoffice.screens.choosing_returned import ChooseReturned
from boxoffice.screens.counter import CounterScreen
from boxoffice.screens.customer_search import CustomerSearch
from boxoffice.screens.dialogs import Confirm
from boxoffice.screens.login import LoginScreen
from boxoffice.screens.manager_pin import ManagerPin
from tests.sales.conftest import Festival
from tests.sales.credit_life import cents_of, sell_to
from tests.sales.value_life import add_customer, add_kind, card_state, give_card

from .playing import Player, at_the_counter
from .stage import told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


@pytest.fixture
def customer_id(festival: Festival) -> UUID:
    return add_customer(festival)


@pytest.fixture
def sale(festival: Festival, customer_id: UUID) -> CompletedSale:
    """A customer's two full-price seats for Kneecap."""
    return sell_to(festival, customer_id, festival.seat_line(quantity=2))


def kinds(festival: Festival) -> list[SaleKind]:
    return festival.read(lambda session: list(session.exec(select(Sale.kind).order_by(Sale.number)).all()))


async def begin(player: Player, *ticks: str) -> None:
    """From the sale found again to the counter, with these seats of it."""
    await player.press("ctrl+f", "enter", "5")
    assert isinstance(player.pilot.app.screen, ChooseReturned)
    await player.press(*ticks, "enter")
    assert player.pilot.app.screen is player.counter


async def test_the_seats_that_come_back_are_seen_as_negative_lines(
    cashier: Player, sale: CompletedSale
) -> None:
    await begin(cashier, "2")
    assert sale.operation
    basket = cashier.shows("basket")
    assert "−1 Plein · Kneecap" in basket
    assert "-8,50" in basket
    assert "DIFFÉRENCE" in basket
    assert "à choisir" in basket
    assert "CRÉDITÉE" not in basket
    assert "Léa Dupont" in basket


async def test_a_seat_is_exchanged_for_another_of_the_same_price_by_one_confirmation(
    festival: Festival, cashier: Player, sale: CompletedSale, customer_id: UUID
) -> None:
    await begin(cashier, "2")
    before = festival.allocated(cashier.screening)
    await cashier.press("1", "enter")
    assert isinstance(cashier.pilot.app.screen, Confirm)
    assert "Rien à payer, rien à rendre." in told(cashier.pilot.app.screen)
    await cashier.press("enter")
    await cashier.wait_until(lambda: cashier.counter.exchange is None)
    assert sale.operation
    assert kinds(festival) == [SaleKind.SALE, SaleKind.CREDIT_NOTE, SaleKind.SALE]
    assert festival.allocated() == 1
    assert festival.allocated("ETERNAL") == before + 1
    assert cents_of(festival, customer_id) == 0
    assert "✓ Vente" in cashier.shows("basket")
    assert "−1" not in cashier.shows("basket")
    festival.stands()


async def test_what_is_missing_is_paid_as_a_sale_is(
    festival: Festival, cashier: Player, sale: CompletedSale
) -> None:
    await begin(cashier, "2")
    await cashier.press("1", "1", "enter")
    assert cashier.counter.paying.payment is not None
    assert cashier.counter.paying.payment.settlement.total_cents == 850
    await cashier.press("c")
    assert sale.operation
    assert kinds(festival) == [SaleKind.SALE, SaleKind.CREDIT_NOTE, SaleKind.SALE]
    paid = festival.read(lambda session: session.exec(select(Payment.means, Payment.amount_cents)).all())
    assert ("card", 850) in [tuple(payment) for payment in paid]
    assert cashier.counter.exchange is None
    festival.stands()


async def test_what_is_missing_of_an_exchange_is_proposed_from_the_wallet(
    festival: Festival, cashier: Player, sale: CompletedSale, customer_id: UUID
) -> None:
    value_id = give_card(festival, add_kind(festival), customer_id=customer_id)
    await begin(cashier, "2")
    await cashier.press("1", "1", "enter")
    assert "Ordre proposé" in cashier.shows("payment")
    await cashier.press("o", "enter")
    assert kinds(festival) == [SaleKind.SALE, SaleKind.CREDIT_NOTE, SaleKind.SALE]
    assert sale.operation
    assert card_state(festival, value_id).places_left == 4
    festival.stands()


async def test_what_is_left_over_is_credited_to_the_customer(
    festival: Festival, cashier: Player, sale: CompletedSale, customer_id: UUID
) -> None:
    await begin(cashier)
    await cashier.press("1", "enter")
    assert "8,50\u00a0€ crédités" in told(cashier.pilot.app.screen)
    await cashier.press("enter")
    await cashier.wait_until(lambda: cashier.counter.exchange is None)
    assert sale.operation
    assert cents_of(festival, customer_id) == 850
    assert "8,50 € au solde" in " ".join(cashier.shows("basket").replace("│", " ").split())
    assert festival.allocated() == 0
    festival.stands()


async def test_what_is_left_over_of_an_unnamed_sale_asks_for_the_customer_before_anything_is_confirmed(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    festival.sell(festival.seat_line(quantity=2))
    await begin(cashier)
    await cashier.press("1", "enter")
    assert isinstance(cashier.pilot.app.screen, CustomerSearch)
    advice = " ".join(cashier.shows("tariffs").replace("│", " ").split())
    assert "8,50 € iront au solde du client : nommez-le, puis Entrée." in advice
    await cashier.press(*"dupont", "enter", "f9", "enter", "enter")
    await cashier.wait_until(lambda: cashier.counter.exchange is None)
    assert cents_of(festival, customer_id) == 850
    festival.stands()


async def test_escape_gives_up_without_a_trace(
    festival: Festival, cashier: Player, sale: CompletedSale
) -> None:
    await begin(cashier, "2")
    await cashier.press("1", "escape")
    assert isinstance(cashier.pilot.app.screen, Confirm)
    await cashier.press("enter")
    assert sale.operation
    assert kinds(festival) == [SaleKind.SALE]
    assert cashier.counter.exchange is None
    assert "−1" not in cashier.shows("basket")
    assert festival.allocated() == 2


async def test_a_basket_in_hand_is_not_lost_to_an_exchange(cashier: Player, sale: CompletedSale) -> None:
    await cashier.press("1", "ctrl+f", "enter", "5", "enter")
    assert sale.operation
    assert cashier.counter.exchange is None
    assert cashier.counter.basket.seats == 1


async def test_past_the_deadline_a_managers_pin_typed_in_place_exchanges(
    festival: Festival, cashier: Player, sale: CompletedSale
) -> None:
    """Before any new seat is chosen: until when it went, and why not; the credit note keeps both answers."""
    festival.clock.advance(timedelta(hours=7, seconds=1))
    await cashier.press("ctrl+f", "enter", "5", "enter")
    assert isinstance(cashier.pilot.app.screen, ManagerPin)
    assert "ne s'échangeaient que jusqu'au mer. 21 janv. à 19 h 00" in told(cashier.pilot.app.screen)
    assert "Échange de la vente 1-000001 : Plein Kneecap" in told(cashier.pilot.app.screen)
    await cashier.press(*"0000", "enter", *"Train en retard", "enter")
    assert cashier.counter.exchange is None
    assert kinds(festival) == [SaleKind.SALE]
    await cashier.press(*"1234", "enter")
    assert cashier.counter.exchange is not None
    cashier.counter.change(baskets.add(cashier.counter.basket, festival.seat_line("KNEECAP2", quantity=2)))
    await cashier.press("enter")
    assert isinstance(cashier.pilot.app.screen, Confirm)
    await cashier.press("enter")
    await cashier.wait_until(lambda: cashier.counter.exchange is None)
    assert kinds(festival) == [SaleKind.SALE, SaleKind.CREDIT_NOTE, SaleKind.SALE]
    credit = next(row for row in festival.rows(Sale) if row.kind is SaleKind.CREDIT_NOTE)
    assert (credit.reverses_sale_id, credit.authorized_by_id) == (sale.sale_id, festival.manager.id)
    assert credit.reason == "Train en retard"
    festival.stands()


async def test_a_deadline_that_passes_while_seats_are_chosen_is_answered_for_at_the_end(
    festival: Festival, cashier: Player, sale: CompletedSale
) -> None:
    await begin(cashier)
    assert sale.operation
    cashier.counter.change(baskets.add(cashier.counter.basket, festival.seat_line("KNEECAP2", quantity=2)))
    festival.clock.advance(timedelta(hours=7, seconds=1))
    await cashier.press("enter")
    assert isinstance(cashier.pilot.app.screen, ManagerPin)
    await cashier.press(*"1234", "enter", *"File d'attente", "enter")
    assert isinstance(cashier.pilot.app.screen, Confirm)


async def test_seats_of_a_screening_that_has_begun_are_refused_before_others_are_chosen(
    festival: Festival, cashier: Player, sale: CompletedSale
) -> None:
    festival.clock.advance(timedelta(hours=8))
    await begin(cashier)
    assert sale.operation
    assert cashier.counter.exchange is None
    assert "son billet ne s'échange plus" in cashier.notices()


async def test_a_manager_who_frees_a_till_in_the_middle_of_an_exchange_changes_nothing(
    festival: Festival, cashier: Player, sale: CompletedSale
) -> None:
    """The tickets stay good; what was chosen instead waits with a word on what it was for."""
    await begin(cashier, "2")
    await cashier.press("1", "ctrl+l", "down", *"1234", "enter")
    assert isinstance(cashier.pilot.app.screen, LoginScreen)
    assert kinds(festival) == [SaleKind.SALE]
    (waiting,) = festival.read(parked)
    assert waiting.note == f"Échange interrompu : refaites-le depuis la vente {sale.operation}"
    await cashier.press(*"2345", "enter")
    counter = cashier.pilot.app.screen
    assert isinstance(counter, CounterScreen)
    assert (counter.exchange, counter.basket.lines) == (None, ())
    festival.stands()
