"""What befalls a pass, played at its cockpit: lost, replaced, in the wrong name; what was, on demand."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import update
from sqlmodel import select

from boxoffice.models import (
    Booking,
    Customer,
    FormerPassCode,
    JobState,
    Pass,
    PassState,
    PrintJob,
    Screening,
    table,
)
from boxoffice.sales.holders.bookings import Book, CancelBookings, book, cancel
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.screenings.entrance import admit
from boxoffice.screens import scanning
from boxoffice.screens.cockpit import CockpitScreen
from boxoffice.screens.customer_card import CustomerCard
from tests.sales.conftest import Festival

from . import stage
from .playing import Player, at_the_counter
from .stage import told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ZOE = CustomerDetails("Dûpont", "Zoé", email="zoe@example.fr")
PAUL = CustomerDetails("Martin", "Paul", email="paul@example.fr")


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


def held(festival: Festival, pass_id: UUID) -> Pass:
    return festival.read(lambda session: session.exec(select(Pass).where(Pass.id == pass_id)).one())


def booked(festival: Festival, pass_id: UUID, screening: str, seats: int = 1) -> tuple[UUID, ...]:
    command = Book(tuple(uuid4() for _ in range(seats)), pass_id, festival.screening_id(screening))
    festival.write(lambda session: book(session, command, festival.desk, clock=festival.clock))
    return command.booking_ids


def cockpit_of(player: Player) -> CockpitScreen:
    screen = player.pilot.app.screen
    assert isinstance(screen, CockpitScreen)
    return screen


async def scan(player: Player, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Send a code as a scanner does."""
    with monkeypatch.context() as fast:
        fast.setattr(scanning, "BURST_SECONDS", 60.0)
        await player.hurry(*code.lower(), "enter")


async def open_cockpit(player: Player, festival: Festival, pass_id: UUID) -> CockpitScreen:
    player.counter.open_pass(held(festival, pass_id).number)
    await player.wait_until(lambda: isinstance(player.pilot.app.screen, CockpitScreen))
    await stage.settle(player.pilot)
    player.pressed = 0
    return cockpit_of(player)


async def test_a_lost_pass_is_blocked_by_a_cashier_in_three_keys(festival: Festival, cashier: Player) -> None:
    pass_id = festival.sell_pass(ZOE)
    await open_cockpit(cashier, festival, pass_id)
    await cashier.press("g", "1", "1")
    assert cashier.pressed == 3
    assert held(festival, pass_id).state is PassState.BLOCKED
    assert "est bloqué : perdu." in told(cockpit_of(cashier))
    await cashier.press("enter")
    assert festival.count(Booking) == 0


async def test_a_pass_is_blocked_for_a_reason_in_words(festival: Festival, cashier: Player) -> None:
    pass_id = festival.sell_pass(ZOE)
    await open_cockpit(cashier, festival, pass_id)
    await cashier.press("g", "1", "4", "enter")
    assert held(festival, pass_id).state is PassState.ACTIVE
    await cashier.type("Impayé")
    await cashier.press("enter")
    assert held(festival, pass_id).state_reason == "Impayé"


async def test_a_manager_types_their_pin_to_let_a_blocked_pass_serve(
    festival: Festival, cashier: Player
) -> None:
    pass_id = festival.sell_pass(ZOE)
    await open_cockpit(cashier, festival, pass_id)
    await cashier.press("g", "1", "1", "g", "1")
    assert "Un responsable débloque un pass." in told(cashier.pilot.app.screen)
    assert held(festival, pass_id).state is PassState.BLOCKED
    await cashier.press(*"1234", "enter")
    assert held(festival, pass_id).state is PassState.ACTIVE
    assert "est bloqué" not in told(cockpit_of(cashier))


async def test_a_replaced_pass_has_a_new_code_and_a_new_original_badge(
    festival: Festival, cashier: Player
) -> None:
    pass_id = festival.sell_pass(ZOE)
    booked(festival, pass_id, "KNEECAP2")
    before = held(festival, pass_id)
    await open_cockpit(cashier, festival, pass_id)
    await cashier.press("b")
    await cashier.wait_until(lambda: festival.rows(PrintJob)[0].state is JobState.PRINTED)
    festival.clock.advance(timedelta(seconds=1))
    await cashier.press("g", "2", "1", *"1234", "enter")
    await cashier.wait_until(lambda: festival.count(PrintJob) == 2)
    after = held(festival, pass_id)
    assert (after.number, after.used) == (before.number, 1)
    assert after.code != before.code
    assert [row.code for row in festival.rows(FormerPassCode)] == [before.code]
    assert [(job.position, job.copy_number) for job in festival.rows(PrintJob)] == [(0, 0), (1, 0)]
    assert "▶ jeu. 22 14:00  Kneecap" in told(cockpit_of(cashier))


async def test_the_code_of_a_replaced_pass_says_so_when_scanned(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    pass_id = festival.sell_pass(ZOE)
    former = held(festival, pass_id).code
    await open_cockpit(cashier, festival, pass_id)
    await cashier.press("g", "2", "1", *"1234", "enter", "escape")
    await scan(cashier, monkeypatch, former)
    assert "Ce pass a été remplacé le mer. 21 janv. à 12 h 00." in cashier.notices()
    assert cashier.pilot.app.screen is cashier.counter


async def test_a_pass_in_the_wrong_name_is_given_to_the_right_customer(
    festival: Festival, cashier: Player
) -> None:
    pass_id, pauls = festival.sell_pass(ZOE), festival.sell_pass(PAUL)
    await open_cockpit(cashier, festival, pass_id)
    await cashier.press("g", "3")
    await cashier.type("martin")
    await cashier.press("enter", "enter", *"1234", "enter")
    assert held(festival, pass_id).holder_id == held(festival, pauls).holder_id
    assert "Paul Martin" in told(cockpit_of(cashier))


async def test_a_pass_is_given_to_somebody_new(festival: Festival, cashier: Player) -> None:
    pass_id = festival.sell_pass(ZOE)
    await open_cockpit(cashier, festival, pass_id)
    await cashier.press("g", "3")
    await cashier.type("Abelard")
    await cashier.press("enter", "f9", "enter", *"1234", "enter")
    assert "Abelard" in told(cockpit_of(cashier))
    assert festival.count(Customer) == 2


async def test_given_up_at_the_managers_pin_nobody_new_is_written_down(
    festival: Festival, cashier: Player
) -> None:
    pass_id = festival.sell_pass(ZOE)
    await open_cockpit(cashier, festival, pass_id)
    await cashier.press("g", "3")
    await cashier.type("Abelard")
    await cashier.press("enter", "f9", "enter", "escape")
    assert "Zoé Dûpont" in told(cockpit_of(cashier))
    assert festival.count(Customer) == 1


async def test_a_pass_taken_back_is_left_alone(festival: Festival, cashier: Player) -> None:
    sale = festival.sell(festival.pass_line(holder=ZOE))
    festival.reverse(sale)
    await open_cockpit(cashier, festival, festival.rows(Pass)[0].id)
    await cashier.press("g")
    assert "il faut en vendre un autre" in told(cockpit_of(cashier))


async def test_what_was_cancelled_is_shown_on_demand(festival: Festival, cashier: Player) -> None:
    pass_id = festival.sell_pass(ZOE)
    seats = booked(festival, pass_id, "KNEECAP2")
    command = CancelBookings(seats)
    festival.write(lambda session: cancel(session, command, festival.desk, clock=festival.clock))
    screen = await open_cockpit(cashier, festival, pass_id)
    assert "Aucune réservation." in told(screen)
    await cashier.press("h")
    assert "Kneecap" in told(screen)
    assert "Annulée le mer. 21 janv. à 12 h 00." in told(screen)
    await cashier.press("delete", "e", "a")
    assert cockpit_of(cashier) is screen
    assert festival.count(Booking) == 1
    assert not cashier.counter.basket
    await cashier.press("h")
    assert "Aucune réservation." in told(screen)


async def test_places_used_and_missed_are_counted(festival: Festival, cashier: Player) -> None:
    pass_id = festival.sell_pass(ZOE)
    booked(festival, pass_id, "ETERNAL")
    booked(festival, pass_id, "KNEECAP")
    code = held(festival, pass_id).code
    kneecap = festival.read(
        lambda session: session.exec(select(Screening).where(Screening.code == "KNEECAP")).one()
    )
    festival.clock.at = kneecap.starts_at
    festival.write(lambda session: admit(session, festival.posts[0], code, "Porte A", clock=festival.clock))
    festival.clock.at = kneecap.ends_at + timedelta(minutes=1)
    screen = await open_cockpit(cashier, festival, pass_id)
    assert "1 utilisée · 1 manquée" in told(screen)


async def test_two_screenings_that_overlap_are_said_to(festival: Festival, cashier: Player) -> None:
    pass_id = festival.sell_pass(ZOE)
    kneecap = festival.read(
        lambda session: session.exec(select(Screening).where(Screening.code == "KNEECAP")).one()
    )
    eternal = update(table(Screening)).where(table(Screening).c.code == "ETERNAL")
    starts_at = kneecap.starts_at - timedelta(minutes=30)
    festival.write(
        lambda session: session.execute(
            eternal.values(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=96))
        )
    )
    booked(festival, pass_id, "KNEECAP")
    programme = cashier.counter.house.programme()
    cashier.counter.renew_programme(programme)
    cashier.counter.stand_on_next()
    screen = await open_cockpit(cashier, festival, pass_id)
    assert "Chevauche Kneecap de 20 h 00, Auditorium." in told(screen)
    await cashier.press("enter")
    assert festival.count(Booking) == 2
    assert "Chevauche" in told(screen)


async def test_the_holders_card_is_one_key_away_and_leads_back(festival: Festival, cashier: Player) -> None:
    pass_id = festival.sell_pass(ZOE)
    await open_cockpit(cashier, festival, pass_id)
    await cashier.press("f3")
    assert isinstance(cashier.pilot.app.screen, CustomerCard)
    await cashier.press("enter")
    assert "Zoé Dûpont" in told(cockpit_of(cashier))
    await cashier.press("escape")
    assert cashier.pilot.app.screen is cashier.counter


@pytest.mark.parametrize("sought", ["zoe@example.fr", "dupont", "number"])
async def test_a_pass_is_found_by_its_number_or_its_holder(
    festival: Festival, cashier: Player, sought: str
) -> None:
    pass_id = festival.sell_pass(ZOE)
    festival.sell_pass(PAUL)
    await cashier.press("f3")
    await cashier.type(held(festival, pass_id).number if sought == "number" else sought)
    await cashier.press("enter", "enter")
    assert "Zoé Dûpont" in told(cockpit_of(cashier))


async def test_another_pass_scanned_over_the_cockpit_takes_its_place(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoes, pauls = festival.sell_pass(ZOE), festival.sell_pass(PAUL)
    booked(festival, zoes, "KNEECAP2")
    await open_cockpit(cashier, festival, zoes)
    await cashier.press("delete")
    await scan(cashier, monkeypatch, held(festival, pauls).code)
    assert "Paul Martin" in told(cockpit_of(cashier))
    assert held(festival, zoes).used == 1
    await scan(cashier, monkeypatch, held(festival, zoes).code)
    assert "Zoé Dûpont" in told(cockpit_of(cashier))
    await cashier.press("escape")
    assert cashier.pilot.app.screen is cashier.counter


async def test_a_pass_scanned_during_payment_says_so_and_changes_nothing(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    pass_id = festival.sell_pass(ZOE)
    await cashier.press("1", "enter")
    before = cashier.counter.paying.payment
    await scan(cashier, monkeypatch, held(festival, pass_id).code)
    said = "Un pass a été scanné : cela ne change rien au règlement."
    await cashier.wait_until(lambda: said in cashier.notices())
    assert cashier.counter.paying.payment == before
    assert cashier.pilot.app.screen is cashier.counter


async def test_a_shareable_pass_books_several_seats_and_gives_some_back(
    festival: Festival, cashier: Player
) -> None:
    pass_id = festival.sell_pass(ZOE, code="PASS6")
    await open_cockpit(cashier, festival, pass_id)
    await cashier.press("enter", "backspace", "3", "enter")
    assert held(festival, pass_id).used == 3
    await cashier.press("delete", "backspace", "2", "enter")
    assert held(festival, pass_id).used == 1
