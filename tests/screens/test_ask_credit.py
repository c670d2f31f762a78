"""Seats of a sale turned into credit notes at the counter, from the summary to the request."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import update

from boxoffice.models import CreditRequest, Customer, JobState, PrintJob, table
from boxoffice.sales import means
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.credits import answers
from boxoffice.sales.credits.answers import AcceptCredits
from boxoffice.sales.history import read_sale
from boxoffice.sales.settlement import Tender
from boxoffice.screens.ask_credit import AskCredit
from boxoffice.screens.credit_words import accepted_words
from boxoffice.screens.rows import Rows
from boxoffice.screens.sales_search import SalesSearch
from tests.sales.conftest import Festival
from tests.sales.credit_life import accepted, asked, cents_of, refused, sell_to
from tests.sales.test_credit_requests import desk_with
from tests.sales.value_life import add_customer, add_kind, card_state, give_card

from .playing import Player, at_the_counter
from .stage import Stage, house_of, press, settle, told

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
    """A customer's two seats for Kneecap and one for a film that plays another day."""
    return sell_to(festival, customer_id, festival.seat_line(quantity=2), festival.seat_line("KNEECAP2"))


async def open_credit(player: Player) -> AskCredit:
    """From the sale found again, the latest of all, to its seats."""
    await player.press("ctrl+f", "f8")
    return credit_of(player)


def credit_of(player: Player) -> AskCredit:
    screen = player.pilot.app.screen
    assert isinstance(screen, AskCredit)
    return screen


def rows_of(player: Player) -> list[str]:
    rows = player.pilot.app.screen.query_one(Rows)
    return [str(rows.get_option_at_index(place).prompt) for place in range(rows.option_count)]


async def test_the_summary_says_what_was_paid_what_is_given_and_to_whom(
    cashier: Player, sale: CompletedSale
) -> None:
    shown = told(await open_credit(cashier))
    assert sale.operation in shown
    assert "3 places : payé 25,50\u00a0€, repris 25,50\u00a0€." in shown
    assert "Au nom de Léa Dupont." in shown
    assert "ne donne plus accès" in shown
    await cashier.press("2")
    assert "1 place : payé 8,50\u00a0€" in told(credit_of(cashier))
    assert [row[0] for row in rows_of(cashier)] == ["○", "●", "○"]


async def test_nothing_is_asked_before_the_terms_are_accepted(
    festival: Festival, cashier: Player, sale: CompletedSale
) -> None:
    await open_credit(cashier)
    await cashier.press("enter")
    assert "n'a pas accepté les conditions" in told(credit_of(cashier))
    assert festival.count(CreditRequest) == 0
    await cashier.press("2", "c")
    assert "☑" in told(credit_of(cashier))
    await cashier.press("enter")
    (request,) = festival.rows(CreditRequest)
    assert (request.sale_id, request.position, request.credited_cents) == (sale.sale_id, 2, 850)
    found = cashier.pilot.app.screen
    assert isinstance(found, SalesSearch)
    assert "demande reprise en cours" in told(found)
    festival.stands()


async def test_each_state_of_a_request_is_seen_where_the_ticket_is(
    festival: Festival, cashier: Player, sale: CompletedSale
) -> None:
    accepted(festival, asked(festival, sale, [1]))
    refused(festival, asked(festival, sale, [2]), "Séance complète")
    asked(festival, sale, [3])
    await cashier.press("ctrl+f", *sale.operation)
    shown = told(cashier.pilot.app.screen)
    for words in (
        "place reprise",
        "reprise refusée",
        "Motif : Séance complète",
        "demande reprise en cours",
    ):
        assert words in shown
    await cashier.press("f8")
    assert [row[0] for row in rows_of(cashier)] == ["✗", "●", "✗"]
    assert "déjà repris" in told(credit_of(cashier))
    await cashier.press("end")
    assert "Une demande de reprise est en cours" in told(credit_of(cashier))


async def test_a_sale_to_nobody_asks_whose_balance_grows(festival: Festival, cashier: Player) -> None:
    festival.sell()
    await open_credit(cashier)
    assert "nommez le client" in told(credit_of(cashier))
    await cashier.press("c", "enter")
    assert festival.count(CreditRequest) == 0
    assert isinstance(cashier.pilot.app.screen, AskCredit)
    await cashier.press("f3", *"Quéré Zoé", "enter", "f9")
    assert "Zoé" in told(credit_of(cashier))
    await cashier.press("enter")
    (request,) = festival.rows(CreditRequest)
    (customer,) = festival.rows(Customer)
    assert request.customer_id == customer.id
    festival.stands()


async def test_a_known_customer_is_searched_for(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    festival.sell()
    await open_credit(cashier)
    await cashier.press("f3", *"dupont", "enter")
    assert "Au nom de Léa Dupont." in told(credit_of(cashier))
    await cashier.press("c", "enter")
    (request,) = festival.rows(CreditRequest)
    assert request.customer_id == customer_id


async def test_terms_accepted_for_one_amount_are_read_again_for_another(
    festival: Festival, sale: CompletedSale, tmp_path: Path
) -> None:
    """Kneecap is in eight hours: a minute later, half of it is given."""
    desk = desk_with(festival, credit_value="8 h : 100 % ; 50 %")
    house = replace(house_of(festival, folder=tmp_path), post=desk.post)
    found = festival.read(lambda session: read_sale(session, sale.sale_id))
    assert found is not None
    app = Stage(house, AskCredit(house, desk, found))
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "1", "c")
        festival.clock.advance(timedelta(minutes=1))
        await press(pilot, "enter")
        assert "la reprise vaut maintenant 4,25\u00a0€" in told(app.shown)
        assert "☐" in told(app.shown)
        await press(pilot, "enter")
        assert festival.count(CreditRequest) == 0
        await press(pilot, "c", "enter")
    (request,) = festival.rows(CreditRequest)
    assert request.credited_cents == 425


async def test_escape_asks_for_nothing(festival: Festival, cashier: Player, sale: CompletedSale) -> None:
    await open_credit(cashier)
    await cashier.press("c", "escape", "escape")
    assert sale.operation
    assert festival.count(CreditRequest) == 0
    assert cashier.pilot.app.screen is cashier.counter


async def test_a_credit_note_is_found_among_the_sales_and_printed_again(
    festival: Festival, cashier: Player, sale: CompletedSale
) -> None:
    accepted(festival, asked(festival, sale, [1]))
    await cashier.press("ctrl+f")
    shown = told(cashier.pilot.app.screen)
    assert f"Reprend des places de la vente {sale.operation}." in shown
    festival.write(
        lambda session: session.execute(
            update(table(PrintJob))
            .where(table(PrintJob).c.document == "credit_note")
            .values(state=JobState.PRINTED)
        )
    )
    await cashier.press("enter", "1")
    copies = [job.document for job in festival.rows(PrintJob) if job.copy_number]
    assert copies == ["credit_note"]


async def test_the_mouse_asks_too(festival: Festival, cashier: Player, sale: CompletedSale) -> None:
    screen = await open_credit(cashier)
    await cashier.pilot.click(Rows, offset=(5, 1))
    keys = str(screen.query_one(".dialog-keys").render())
    await cashier.pilot.click(".dialog-keys", offset=(keys.index("C cond"), 0))
    await settle(cashier.pilot)
    await cashier.pilot.click(".dialog-keys", offset=(keys.index("Entrée"), 0))
    await settle(cashier.pilot)
    assert sale.operation
    assert [request.position for request in festival.rows(CreditRequest)] == [2]


async def test_a_seat_that_a_place_card_paid_gives_its_place_back_and_no_money(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    value_id = give_card(festival, add_kind(festival), customer_id=customer_id)
    lines = (festival.seat_line(), festival.seat_line())
    by_card = Tender(means.PLACE_CARD.code, 850, value_id=value_id, vat_rate=550, covers=1)
    sell_to(festival, customer_id, *lines, tenders=(by_card, Tender(means.CASH.code, 850, 850)))
    assert card_state(festival, value_id).places_left == 4
    await open_credit(cashier)
    shown = told(credit_of(cashier))
    assert rows_of(cashier)[0].endswith("8,50 → place rendue")
    assert "repris 8,50\u00a0€ et 1 place rendue sur sa carte." in shown
    await cashier.press("1")
    shown = told(credit_of(cashier))
    assert "1 place : payé 8,50\u00a0€, 1 place rendue sur sa carte." in shown
    assert "repris" not in shown.split("Chacune")[0].split("payé")[1].split("Au nom")[0]
    await cashier.press("c", "enter")
    await cashier.press("escape", "f8")
    inbox = cashier.pilot.app.screen
    assert "place rendue" in rows_of(cashier)[0]
    assert "1 place rendue sur sa carte si vous acceptez" in told(inbox)
    requests = festival.rows(CreditRequest)
    accept = AcceptCredits(uuid4(), (requests[0].id,))
    desk = festival.managers_desk
    notes = festival.write(lambda session: answers.accept(session, accept, desk, clock=festival.clock))
    assert accepted_words(notes).endswith("1 place rendue sur sa carte. La place est remise en vente.")
    assert card_state(festival, value_id).places_left == 5
    assert cents_of(festival, customer_id) == 0
    festival.stands()


async def test_a_sale_of_which_nothing_can_come_back_asks_for_nothing(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    requests = asked(festival, sell_to(festival, customer_id, festival.seat_line()))
    accepted(festival, requests)
    await cashier.press("ctrl+f", "down", "f8")
    shown = told(credit_of(cashier))
    assert "Aucune place de cette vente ne peut être reprise" in shown
    assert "Échap fermer" in shown
    for absent in ("conditions", "Au nom de", "F3", "Entrée"):
        assert absent not in shown
    await cashier.press("c", "f3", "enter")
    assert credit_of(cashier)
    assert festival.count(CreditRequest) == 1
