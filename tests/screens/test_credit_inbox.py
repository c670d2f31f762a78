"""Requests for credit notes, answered at the counter: accepted, refused, told to the customer."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from textual.widgets import OptionList

from boxoffice.models import CreditAnswer, CreditNote, JournalEntry, PrintJob
from boxoffice.sales.credits.listing import pending_credits
from boxoffice.screens.asking import AskText
from boxoffice.screens.credit_inbox import CreditInbox
from boxoffice.screens.credit_words import request_row
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.rows import Rows
from tests.sales.conftest import Festival
from tests.sales.credit_life import accepted, asked, cents_of, sell_to
from tests.sales.value_life import add_customer

from .playing import Player, at_the_counter
from .stage import settle, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


@pytest.fixture
def customer_id(festival: Festival) -> UUID:
    return add_customer(festival)


def inbox_of(player: Player) -> CreditInbox:
    screen = player.pilot.app.screen
    assert isinstance(screen, CreditInbox)
    return screen


def rows_of(player: Player) -> list[str]:
    rows = inbox_of(player).query_one(Rows)
    return [str(rows.get_option_at_index(place).prompt) for place in range(rows.option_count)]


async def pin(player: Player) -> None:
    assert isinstance(player.pilot.app.screen, ManagerPin)
    assert " à créditer : " in told(player.pilot.app.screen), "what is allowed stands in the box"
    await player.press(*"1234", "enter")


async def test_how_many_requests_wait_is_said_on_the_status_line(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    assert "Avoirs" not in cashier.shows("status")
    requests = asked(festival, sell_to(festival, customer_id, festival.seat_line(quantity=2)), [1, 2])
    await cashier.wait_until(lambda: "Avoirs 2" in cashier.shows("status"))
    accepted(festival, requests)
    await cashier.wait_until(lambda: "Avoirs" not in cashier.shows("status"))


async def test_the_oldest_request_stands_first_with_what_decides_on_it(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    sale = sell_to(festival, customer_id, festival.seat_line(), festival.seat_line("ETERNAL"))
    asked(festival, sale, [2])
    festival.clock.advance(timedelta(minutes=5))
    asked(festival, sale, [1])
    await cashier.press("f8")
    first, second = rows_of(cashier)
    assert "Eternal" in first
    assert "Kneecap" in second
    assert "8,50 → 8,50" in first
    shown = told(inbox_of(cashier))
    assert "2 en attente" in shown
    assert "Léa Dupont" in shown
    assert f"Vente {sale.operation}" in shown
    assert "places prises sur" in shown or "place prise sur" in shown


async def test_a_request_is_accepted_with_the_code_of_a_manager(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    asked(festival, sell_to(festival, customer_id))
    await cashier.press("f8", "enter")
    await pin(cashier)
    assert festival.allocated() == 0
    assert cents_of(festival, customer_id) == 850
    assert festival.count(CreditNote) == 1
    assert "✓" in rows_of(cashier)[0]
    assert "Acceptée par" in told(inbox_of(cashier))
    await cashier.press("a")
    assert "déjà sa réponse" in told(inbox_of(cashier))
    festival.stands()


async def test_a_request_is_refused_with_a_reason_that_is_kept(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    asked(festival, sell_to(festival, customer_id))
    await cashier.press("f8", "r", "enter")
    assert isinstance(cashier.pilot.app.screen, AskText)
    await cashier.press(*"Trop tard", "enter")
    await pin(cashier)
    (answer,) = festival.rows(CreditAnswer)
    assert (answer.accepted, answer.reason) == (False, "Trop tard")
    assert festival.allocated() == 1
    assert "Trop tard" in told(inbox_of(cashier))
    festival.stands()


async def test_several_requests_are_ticked_and_accepted_at_once(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    asked(festival, sell_to(festival, customer_id, festival.seat_line(quantity=3)), [1, 2, 3])
    await cashier.press("f8", "space", "down", "down", "space", "a")
    await pin(cashier)
    assert [answer.accepted for answer in festival.rows(CreditAnswer)] == [True, True]
    assert festival.allocated() == 1
    assert cents_of(festival, customer_id) == 1700
    assert "1 en attente" in told(inbox_of(cashier))
    festival.stands()


async def test_nothing_is_answered_without_the_code(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    asked(festival, sell_to(festival, customer_id))
    await cashier.press("f8", "a", "escape")
    assert festival.count(CreditAnswer) == 0
    await cashier.press("a")
    await pin(cashier)
    assert festival.count(CreditAnswer) == 1


async def test_a_request_answered_elsewhere_meanwhile_says_so(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    requests = asked(festival, sell_to(festival, customer_id))
    await cashier.press("f8")
    accepted(festival, requests)
    await cashier.press("a")
    assert "déjà été acceptée" in told(inbox_of(cashier))
    assert rows_of(cashier) == []


async def test_the_message_to_the_customer_is_written_and_copied(
    festival: Festival, cashier: Player, customer_id: UUID, tmp_path: Path
) -> None:
    asked(festival, sell_to(festival, customer_id))
    await cashier.press("f8", "a")
    await pin(cashier)
    await cashier.press("m")
    (written,) = (tmp_path / "exports").iterdir()
    text = written.read_text("utf-8")
    assert "Objet : Votre place est reprise" in text
    assert "Bonjour Léa Dupont" in text
    assert cashier.pilot.app.clipboard == text
    assert written.name in told(cashier.pilot.app.screen).replace("\n", "")


async def test_those_answered_are_a_tab_away(festival: Festival, cashier: Player, customer_id: UUID) -> None:
    accepted(festival, asked(festival, sell_to(festival, customer_id)))
    await cashier.press("f8")
    assert rows_of(cashier) == []
    assert "Aucune demande d'avoir n'attend" in told(inbox_of(cashier))
    await cashier.press("tab")
    assert len(rows_of(cashier)) == 1
    await cashier.press("tab")
    assert rows_of(cashier) == []


async def test_the_mouse_does_it_all(festival: Festival, cashier: Player, customer_id: UUID) -> None:
    asked(festival, sell_to(festival, customer_id, festival.seat_line(quantity=2)), [1, 2])
    await cashier.wait_until(lambda: "Avoirs 2" in cashier.shows("status"))
    place = cashier.shows("status").index("Avoirs 2")
    await cashier.pilot.click("#status", offset=(place + 1, 0))
    await settle(cashier.pilot)
    await cashier.pilot.click(Rows, offset=(4, 1))
    await settle(cashier.pilot)
    assert [row[0] for row in rows_of(cashier)] == ["○", "●"]
    await cashier.pilot.click(".dialog-keys", offset=(2, 0))
    await settle(cashier.pilot)
    await pin(cashier)
    assert festival.count(CreditAnswer) == 1
    assert isinstance(inbox_of(cashier).query_one(Rows), OptionList)


async def test_the_paper_of_the_credit_note_comes_out(
    festival: Festival, cashier: Player, customer_id: UUID
) -> None:
    asked(festival, sell_to(festival, customer_id))
    before = festival.count(PrintJob)
    await cashier.press("f8", "a")
    await pin(cashier)
    assert festival.count(PrintJob) == before + 1
    assert "sale.credited" in {entry.kind for entry in festival.rows(JournalEntry)}


@pytest.mark.parametrize("columns", [74, 76, 110])
@pytest.mark.parametrize(("hours", "said"), [(26, "26 h 00"), (-1, "commencée")])
def test_the_hour_of_a_screening_and_the_time_left_stand_apart_in_the_inbox(
    festival: Festival, customer_id: UUID, columns: int, hours: int, said: str
) -> None:
    asked(festival, sell_to(festival, customer_id, festival.seat_line()), [1])
    [row] = festival.read(pending_credits)
    long = replace(row, event_title="Les Nuits blanches de l'Auditorium et du Grand Théâtre réunis")
    line = request_row(long, row.starts_at - timedelta(hours=hours), columns, marked=False).plain
    assert re.search(rf"\d\d:\d\d  +{said} ", line)
    assert len(line) == columns
