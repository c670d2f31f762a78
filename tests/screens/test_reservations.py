"""Reserving instead of paying, and paying for what was reserved, at the counter."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from textual.screen import Screen
from textual.widgets import Static

from boxoffice.kinds import JournalKind
from boxoffice.models import (
    Customer,
    JournalEntry,
    PrintJob,
    Reservation,
    ReservedSeat,
    ReservedSeatState,
    Sale,
)
from boxoffice.sales.basket import SeatLine
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.reserving.expiring import release_expired
from boxoffice.screens import scanning
from boxoffice.screens.asking import AskNames
from boxoffice.screens.counter import CounterScreen
from boxoffice.screens.customer_form import SamePerson
from boxoffice.screens.reservations import ReservationsScreen
from boxoffice.screens.rows import Rows
from boxoffice.screens.take_reservation import TakeReservation
from tests.sales.conftest import Festival
from tests.sales.test_reservations import SECOND, give_up, take_seats

from .playing import at_the_counter
from .stage import told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ZOE = CustomerDetails("Martin", "Zoé", phone="06 98 76 54 32")


def states(festival: Festival) -> list[ReservedSeatState]:
    return [seat.state for seat in festival.rows(ReservedSeat)]


async def test_the_basket_is_reserved_instead_of_paid(festival: Festival, keys: Path, tmp_path: Path) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("1", "1", "2", "f5")
        assert isinstance(player.pilot.app.screen, TakeReservation)
        await player.type("Dupont")
        await player.press("enter")
        await player.type("Léa")
        await player.press("enter")
        await player.type("0612345678")
        await player.press("enter")
        assert isinstance(player.pilot.app.screen, CounterScreen)
        reference = festival.rows(Reservation)[0].reference
        assert f"{reference[:2]} {reference[2:4]} {reference[4:]}" in player.shows("basket")
        assert "jusqu'à mer. 21 14:30" in player.shows("basket")
        assert not player.counter.basket
    assert states(festival) == [ReservedSeatState.HELD] * 3
    assert festival.rows(Customer)[0].phone == "06 12 34 56 78"


async def test_who_may_be_somebody_known_is_asked_about_before_a_card_is_made(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    take_seats(festival, ("ETERNAL", "PLEIN", 1), customer=ZOE)
    async with at_the_counter(festival, keys, tmp_path) as player:
        for answer in (("enter",), ("down", "enter")):
            await player.press("1", "f5")
            await player.type("Martin")
            await player.press("enter")
            await player.type("Zoe")
            await player.press("enter", "enter")
            assert isinstance(player.pilot.app.screen, SamePerson)
            await player.press(*answer)
            assert isinstance(player.pilot.app.screen, CounterScreen)
    assert sorted(Counter(row.customer_id for row in festival.rows(Reservation)).values()) == [1, 2]


async def test_the_names_of_the_audience_are_asked_for_when_they_pay_and_not_before(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        while player.screening != "RENCONTRE":
            await player.press("down")
        await player.press("1", "f5")
        await player.type("Dupont")
        await player.press("f9")
        assert states(festival) == [ReservedSeatState.HELD]
        await player.press("f5", "enter", "enter")
        assert isinstance(player.pilot.app.screen, AskNames)


async def test_what_cannot_be_reserved_is_told_before_a_name_is_asked_for(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("3", "minus", "f5")
        assert "Groupe : à partir de 4 places." in player.shows("tariffs")
        await player.press("plus")
        festival.clock.at = festival.seat_line("ETERNAL").starts_at
        await player.press("f5")
        assert "ne se réserve plus depuis" in player.shows("tariffs")
        assert isinstance(player.pilot.app.screen, CounterScreen)
    assert festival.count(Reservation) == 0


async def test_a_name_is_asked_for_and_a_phone_that_is_none_is_told(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("1", "f5", "enter", "enter")
        await player.type("12")
        await player.press("enter")
        assert "Il faut le nom." in told(player.pilot.app.screen)
        assert "Numéro inconnu" in told(player.pilot.app.screen)
        await player.press("escape")
        assert player.counter.basket
    assert festival.count(Reservation) == 0


async def test_what_is_not_a_plain_seat_is_not_reserved(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("1", "ctrl+b", "1", "f5")
        assert isinstance(player.pilot.app.screen, ReservationsScreen)
        await player.press("escape")
        assert player.counter.basket.articles == 1


async def test_a_reservation_is_recalled_with_one_key_and_paid_as_any_basket(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    take_seats(festival, ("KNEECAP", "PLEIN", 8))
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f5", "enter")
        assert player.counter.basket.seats == 8
        assert player.counter.basket.customer_name == "Léa Dupont"
        assert "réservée" in player.shows("basket")
        await player.press("enter", "c")
    assert states(festival) == [ReservedSeatState.COLLECTED] * 8
    sale = festival.rows(Sale)[0]
    assert sale.customer_id == festival.rows(Reservation)[0].customer_id
    assert festival.allocated() == 8


async def test_recalled_twice_it_is_in_the_basket_once(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    take_seats(festival)
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f5", "enter", "f5", "enter")
        assert player.counter.basket.seats == 3


async def test_no_seat_is_added_to_a_line_that_a_reservation_holds(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    take_seats(festival)
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f5", "enter", "plus")
        assert player.counter.basket.seats == 3
        assert "La réservation n'en retient pas plus" in player.shows("tariffs")


async def test_part_of_a_reservation_is_collected(festival: Festival, keys: Path, tmp_path: Path) -> None:
    take_seats(festival, ("KNEECAP", "PLEIN", 3), ("KNEECAP", "REDUIT", 2))
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f5", "asterisk", "1", "down", "0", "enter", "enter", "c")
    assert states(festival).count(ReservedSeatState.COLLECTED) == 1
    assert states(festival).count(ReservedSeatState.HELD) == 4


async def test_seats_and_a_tariff_are_changed(festival: Festival, keys: Path, tmp_path: Path) -> None:
    take_seats(festival)
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f5", "tab", "minus", "t", "2", "enter")
        assert "modifiée" in told(player.pilot.app.screen)
        assert "2 × Réduit jeune" in told(player.pilot.app.screen)
    held = [seat for seat in festival.rows(ReservedSeat) if seat.state is ReservedSeatState.HELD]
    assert [seat.tariff_code for seat in held] == ["REDUIT", "REDUIT"]
    assert festival.allocated() == 2


async def test_the_seats_of_the_basket_are_added_to_a_reservation(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    take_seats(festival, ("KNEECAP", "PLEIN", 1))
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("1", "f5", "f5", "tab", "f5", "enter")
        held = [seat.screening_id for seat in festival.rows(ReservedSeat)]
        assert len(held) == 2
        assert festival.allocated("ETERNAL") == 1


async def test_a_reservation_is_given_up_and_its_seats_are_on_sale_again(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    take_seats(festival, ("ETERNAL", "PLEIN", 5))
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.wait_until(lambda: "COMPLET" in player.shows("screenings"))
        await player.press("f5", "delete", "enter", "escape")
        await player.wait_until(lambda: "COMPLET" not in player.shows("screenings"))
    assert states(festival) == [ReservedSeatState.CANCELLED] * 5


async def test_what_another_counter_does_to_a_reservation_is_shown(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    reserved = take_seats(festival)
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f5")
        screen = player.pilot.app.screen
        assert isinstance(screen, ReservationsScreen)
        assert screen.query_one(Rows).option_count == 1
        give_up(festival, reserved)
        await player.wait_until(lambda: not screen.query_one(Rows).option_count)
        assert "Aucune réservation." in told(screen)
    lists = [row for row in festival.rows(JournalEntry) if row.kind == JournalKind.CUSTOMER_LISTED]
    assert len(lists) == 1


async def test_the_counter_lets_go_of_what_has_expired(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    reserved = take_seats(festival, ("ETERNAL", "PLEIN", 5))
    assert reserved.expires_at
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.wait_until(lambda: "COMPLET" in player.shows("screenings"))
        festival.clock.at = reserved.expires_at + SECOND
        await player.wait_until(lambda: "COMPLET" not in player.shows("screenings"))
    assert states(festival) == [ReservedSeatState.EXPIRED] * 5


async def test_an_expired_reservation_is_found_and_taken_again_where_there_is_room(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    reserved = take_seats(festival)
    assert reserved.expires_at
    festival.clock.at = reserved.expires_at + SECOND
    festival.write(lambda session: release_expired(session, festival.posts[0], clock=festival.clock))
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f5")
        shown = player.pilot.app.screen.query_one("#search-chosen", Static)
        assert str(shown.content) == "Aucune réservation."
        await player.type(reserved.reference)
        assert "expirée" in _rows(player.pilot.app.screen)
        await player.press("enter", "enter", "c")
    assert states(festival) == [ReservedSeatState.COLLECTED] * 3


@pytest.mark.parametrize("typed", ["dupont", "léa du", "lea dupond", "06 12 34", "5678", "{reference}"])
async def test_it_is_found_by_name_phone_or_reference(
    festival: Festival, keys: Path, tmp_path: Path, typed: str
) -> None:
    reserved = take_seats(festival)
    take_seats(festival, ("ETERNAL", "PLEIN", 1), customer=ZOE)
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f5")
        assert "Léa Dupont" in _rows(player.pilot.app.screen)
        assert "Zoé Martin" in _rows(player.pilot.app.screen).splitlines()[0]
        await player.type(typed.format(reference=reserved.reference))
        assert "Léa Dupont" in _rows(player.pilot.app.screen)
        assert "Zoé Martin" not in _rows(player.pilot.app.screen)


async def test_a_scanned_reservation_is_opened_and_goes_to_the_basket_with_one_key(
    festival: Festival, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "BURST_SECONDS", 3_600.0)
    take_seats(festival, ("ETERNAL", "PLEIN", 1), customer=ZOE)
    reserved = take_seats(festival)
    code = festival.read(
        lambda session: session.exec(
            select(Reservation.code).where(Reservation.id == reserved.reservation_id)
        ).one()
    )
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.hurry(*code, "enter")
        assert isinstance(player.pilot.app.screen, ReservationsScreen)
        assert "Zoé Martin" not in _rows(player.pilot.app.screen)
        monkeypatch.setattr(scanning, "BURST_SECONDS", 0.0)
        await player.press("enter")
        lines = player.counter.basket.lines
        assert [line.reservation_id for line in lines if isinstance(line, SeatLine)] == [
            reserved.reservation_id
        ]


async def test_a_reservation_is_taken_and_printed_for_a_customer_at_the_counter(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("1", "f5")
        await player.type("Dupont")
        await player.press("f12")
        await player.wait_until(lambda: festival.count(PrintJob) == 1)
        assert not player.counter.basket
        await player.press("f5", "f12")
        await player.wait_until(lambda: festival.count(PrintJob) == 2)
    (reservation,) = festival.rows(Reservation)
    assert {(job.document, job.position) for job in festival.rows(PrintJob)} == {
        ("reservation", int(reservation.reference))
    }


def _rows(screen: Screen[Any]) -> str:
    rows = screen.query_one(Rows)
    return "\n".join(str(option.prompt) for option in rows.options)
