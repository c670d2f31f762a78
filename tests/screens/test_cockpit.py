"""The cockpit of a pass, played at the counter: one scan, then the keys of the daily jobs."""

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlmodel import select

from boxoffice.kinds import JournalKind
from boxoffice.models import (
    Booking,
    BookingEnd,
    Customer,
    JobState,
    JournalEntry,
    Pass,
    PassProduct,
    PrintJob,
    Screening,
    table,
)
from boxoffice.sales.holders.bookings import Book, book
from boxoffice.screens.cockpit import CockpitScreen
from boxoffice.screens.widgets.pass_panel import PassPanel
from tests.sales.conftest import Festival

from .playing import Player, at_the_counter
from .stage import told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


def code_of(festival: Festival) -> str:
    held: Pass = festival.read(lambda session: session.exec(select(Pass)).one())
    return held.code


async def scan(player: Player, code: str) -> CockpitScreen:
    await player.hurry(*code.lower(), "enter")
    await player.wait_until(lambda: isinstance(player.pilot.app.screen, CockpitScreen))
    await player.press()
    player.pressed = 0
    screen = player.pilot.app.screen
    assert isinstance(screen, CockpitScreen)
    return screen


async def test_whoever_scans_a_pass_is_told_to_have_looked_at_its_holder(
    festival: Festival, cashier: Player
) -> None:
    festival.sell_pass()
    await scan(cashier, code_of(festival))
    (holder,) = festival.rows(Customer)

    def entries() -> list[JournalEntry]:
        return [row for row in festival.rows(JournalEntry) if row.kind == JournalKind.CUSTOMER_OPENED]

    await cashier.wait_until(lambda: bool(entries()))
    (entry,) = entries()
    told_of = json.loads(entry.content)
    assert (told_of["customer"], told_of["operator"]) == (str(holder.id), festival.cashier.number)


async def test_a_companion_goes_to_the_basket(festival: Festival, cashier: Player) -> None:
    pass_id = festival.sell_pass()
    booked_on(festival, pass_id, "KNEECAP2")
    await scan(cashier, code_of(festival))
    await cashier.press("a", "escape")
    assert "Suppl. pass" in cashier.shows("basket")
    await cashier.press("enter", "enter")
    assert festival.allocated("KNEECAP2") == 2


async def test_a_late_cancellation_asks_for_a_manager(festival: Festival, cashier: Player) -> None:
    pass_id = festival.sell_pass()
    booked_on(festival, pass_id, "ETERNAL", till=1)
    await scan(cashier, code_of(festival))
    await cashier.press("delete", "enter")
    assert festival.count(BookingEnd) == 0
    await cashier.press(*"1234", "enter", *"1234", "enter")
    assert "ne serait-ce pas un code PIN ?" in told(cashier.pilot.app.screen)
    await cashier.type("Malade")
    await cashier.press("enter")
    ends = festival.rows(BookingEnd)
    assert [(end.authorized_by_id, end.reason) for end in ends] == [(festival.manager.id, "Malade")]


async def test_a_full_screening_offers_the_next_ones_on_one_key(festival: Festival, cashier: Player) -> None:
    festival.sell_pass()
    with festival.database.write() as session:
        kneecap = session.exec(select(Screening).where(Screening.code == "KNEECAP")).one()
        kneecap.allocated = kneecap.capacity - kneecap.held
    await cashier.press("down")
    screen = await scan(cashier, code_of(festival))
    assert "COMPLET" in told(screen)
    await cashier.press("1")
    assert festival.allocated("KNEECAP2") == 1


async def test_the_last_seat_booked_is_gone_from_the_list_that_booked_it(
    festival: Festival, cashier: Player
) -> None:
    """At once, without waiting for the minute or for another counter."""
    festival.sell_pass()
    with festival.database.write() as session:
        kneecap = session.exec(select(Screening).where(Screening.code == "KNEECAP")).one()
        kneecap.allocated = kneecap.capacity - kneecap.held - 1
    await cashier.press(*"kneecap")
    await cashier.wait_until(lambda: "reste    1" in cashier.shows("screenings"))
    await scan(cashier, code_of(festival))
    await cashier.press("enter", "escape")
    assert "COMPLET" in cashier.shows("screenings")


async def test_what_another_counter_does_to_the_pass_is_shown(festival: Festival, cashier: Player) -> None:
    pass_id = festival.sell_pass()
    screen = await scan(cashier, code_of(festival))
    assert "20 places sur 20" in told(screen)
    booked_on(festival, pass_id, "KNEECAP2", till=1)
    await cashier.wait_until(lambda: "19 places sur 20" in told(screen))
    assert "▶ jeu. 22 14:00  Kneecap" in told(screen)


async def test_the_chosen_booking_stays_chosen_when_another_comes_before_it(
    festival: Festival, cashier: Player
) -> None:
    pass_id = festival.sell_pass()
    booked_on(festival, pass_id, "KNEECAP2")
    screen = await scan(cashier, code_of(festival))
    booked_on(festival, pass_id, "KNEECAP", till=1)
    await cashier.wait_until(lambda: "mer. 21 20:00  Kneecap" in told(screen))
    assert "▶ jeu. 22 14:00  Kneecap" in told(screen)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"valid_from": date(2026, 1, 23)}, "n'est pas valable le mer. 21 janv."),
        ({"places": 1, "used": 1}, "n'a plus de place"),
    ],
    ids=["not valid yet", "used up"],
)
async def test_what_the_service_would_refuse_is_said_before_it_is_asked(
    festival: Festival, cashier: Player, change: dict[str, object], why: str
) -> None:
    festival.sell_pass()
    festival.write(lambda session: session.execute(table(Pass).update().values(**change)))
    screen = await scan(cashier, code_of(festival))
    assert "Entrée réserve" not in told(screen).replace("Entrée réserver", "")
    assert why in told(screen)
    await cashier.press("enter")
    assert festival.count(Booking) == 0


async def test_an_accreditation_used_up_for_the_day_offers_nothing_of_that_day(
    festival: Festival, cashier: Player
) -> None:
    pass_id = festival.sell_pass()
    festival.write(lambda session: session.execute(table(PassProduct).update().values(places_per_day=1)))
    booked_on(festival, pass_id, "KNEECAP")
    screen = await scan(cashier, code_of(festival))
    assert "Cette accréditation donne 1 place par jour." in told(screen)


async def test_a_pass_does_not_stay_in_sight_when_that_cannot_be_told(
    festival: Festival, cashier: Player
) -> None:
    festival.sell_pass()
    cashier.counter.desk.post.signer.anchor_path.write_text("torn")
    await cashier.hurry(*code_of(festival).lower(), "enter")
    await cashier.wait_until(lambda: "n'est pas celle où la caisse" in cashier.notices())
    assert cashier.pilot.app.screen is cashier.counter


def booked_on(festival: Festival, pass_id: object, screening: str, till: int = 0) -> None:
    command = Book((uuid4(),), pass_id, festival.screening_id(screening))  # type: ignore[arg-type]
    festival.write(lambda session: book(session, command, festival.desks[till], clock=festival.clock))


async def test_a_pass_is_sold_to_somebody_new(festival: Festival, cashier: Player) -> None:
    await cashier.press("f2", "1")
    await cashier.type("Martin")
    await cashier.press("enter")
    await cashier.press("f9", "enter", "c")
    assert [(held.places, held.used) for held in festival.rows(Pass)] == [(20, 0)]
    assert [customer.surname for customer in festival.rows(Customer)] == ["Martin"]


async def test_a_pass_given_up_in_its_form_leaves_nothing(festival: Festival, cashier: Player) -> None:
    await cashier.press("f2", "1")
    await cashier.type("Martin")
    await cashier.press("enter", "escape")
    assert cashier.counter.basket.lines == ()
    assert festival.count(Customer) == 0


async def test_the_badge_and_the_list_of_bookings_are_printed_from_the_cockpit(
    festival: Festival, cashier: Player
) -> None:
    pass_id = festival.sell_pass()
    booked_on(festival, pass_id, "KNEECAP2")
    await scan(cashier, code_of(festival))
    await cashier.press("b", "l")
    jobs = [(job.document, job.pass_id) for job in festival.rows(PrintJob)]
    assert jobs == [("badge", pass_id), ("bookings", pass_id)]


async def test_a_badge_printed_before_is_copied_from_the_cockpit_only_on_purpose(
    festival: Festival, cashier: Player
) -> None:
    pass_id = festival.sell_pass()
    await scan(cashier, code_of(festival))
    await cashier.press("b")
    await cashier.wait_until(lambda: festival.rows(PrintJob)[0].state is JobState.PRINTED)
    await cashier.press("b")
    assert "a déjà été imprimé par Karim D." in told(cashier.pilot.app.screen)
    await cashier.press("enter")
    assert [(job.pass_id, job.copy_number) for job in festival.rows(PrintJob)] == [(pass_id, 0), (pass_id, 1)]


async def test_the_cockpit_leaves_the_basket_in_sight_from_its_first_picture(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    festival.sell_pass()
    seen: list[int] = []
    paint = CockpitScreen._compositor_refresh

    def look(screen: CockpitScreen) -> None:
        seen.extend(panel.region.right for panel in screen.query(PassPanel) if panel.region.width)
        paint(screen)

    monkeypatch.setattr(CockpitScreen, "_compositor_refresh", look)
    await scan(cashier, code_of(festival))
    basket = cashier.pilot.app.screen_stack[-2].query_one("#basket")
    assert seen
    assert max(seen) <= basket.region.x
