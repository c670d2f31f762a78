"""Opening a till: a float typed or counted, a shift resumed, another's closed by a manager."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from boxoffice.house import House
from boxoffice.kinds import ClosingPeriod
from boxoffice.models import JournalEntry, TillSession
from boxoffice.sales.staff.operators import StaffMember, log_in, staff
from boxoffice.sales.staff.shift_closing import ShiftEnd, close_shift
from boxoffice.sales.staff.till_changes import retire_till
from boxoffice.screens.shift import ShiftScreen
from boxoffice.screens.shift_ending import close_own_shift
from tests.sales.closed_books import close_the, close_the_till
from tests.sales.closing_life import close_one
from tests.sales.conftest import Festival

from .stage import Stage, house_of, press, settle, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def house(festival: Festival, tmp_path: Path) -> House:
    return house_of(festival, folder=tmp_path)


@pytest.fixture
def trusting(house: House) -> House:
    """The same house, where any float is taken at a word."""
    rules = replace(house.post.rules, cash_difference_limit_cents=100_000)
    return replace(house, post=replace(house.post, rules=rules))


@pytest.fixture
def free_till(festival: Festival) -> None:
    """Till 1 with Karim's shift closed, its drawer not counted."""
    desk = festival.desk
    festival.write(
        lambda session: close_shift(
            session,
            desk.post,
            festival.cashier,
            desk.till_session_id,
            None,
            clock=festival.clock,
            authorized_by=festival.manager,
            end=ShiftEnd(reason="Non compté"),
        )
    )


def _open_shifts(festival: Festival) -> list[TillSession]:
    return list(
        festival.read(
            lambda session: session.exec(
                select(TillSession).where(
                    TillSession.till_id == festival.desk.post.till_id, col(TillSession.closed_at).is_(None)
                )
            ).all()
        )
    )


def _member(festival: Festival, name: str) -> StaffMember:
    return next(member for member in festival.read(staff) if member.name == name)


def _desks(app: Stage) -> list[str]:
    return [event.desk.operator_name for event in app.heard if isinstance(event, ShiftScreen.Opened)]


@pytest.mark.usefixtures("free_till")
async def test_a_float_typed_opens_the_till(festival: Festival, trusting: House) -> None:
    app = Stage(trusting, ShiftScreen(trusting, festival.cashier))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"150,5", "enter")
    assert _desks(app) == ["Karim D."]
    assert [shift.float_cents for shift in _open_shifts(festival)] == [15_050]


@pytest.mark.usefixtures("free_till")
async def test_a_float_counted_is_summed_as_it_is_typed_and_told_to_the_journal(
    festival: Festival, trusting: House
) -> None:
    app = Stage(trusting, ShiftScreen(trusting, festival.cashier))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "down", "down", "down", "down", "2")
        assert "Total  100,00\u00a0€" in told(app.screen)
        await press(pilot, "enter", "5")
        assert "Total  200,00\u00a0€" in told(app.screen)
        await press(pilot, "ctrl+s")
    assert [shift.float_cents for shift in _open_shifts(festival)] == [20_000]
    (*_before, opened) = festival.read(
        lambda session: session.exec(
            select(JournalEntry.content)
            .where(JournalEntry.kind == "till.opened", JournalEntry.till_id == festival.desk.post.till_id)
            .order_by(col(JournalEntry.sequence))
        ).all()
    )
    assert '"count":{"2000":5,"5000":2}' in opened


@pytest.mark.usefixtures("free_till")
async def test_an_amount_that_means_nothing_opens_nothing(festival: Festival, house: House) -> None:
    app = Stage(house, ShiftScreen(house, festival.cashier))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "1", ",", ",", "enter")
        assert "Tapez un montant, comme 150 ou 150,50." in told(app.screen)
    assert not _open_shifts(festival)


@pytest.mark.usefixtures("free_till")
async def test_a_float_beyond_reason_is_refused_and_typed_again(festival: Festival, house: House) -> None:
    app = Stage(house, ShiftScreen(house, festival.cashier))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *"999999", "enter")
        assert "Ce fond de caisse n'est pas possible." in told(app.screen)
        await press(pilot, "escape", *["backspace"] * 6, *"100", "enter")
    assert _desks(app) == ["Karim D."]


@pytest.mark.usefixtures("free_till")
async def test_a_till_out_of_service_asks_for_no_float(festival: Festival, house: House) -> None:
    close_one(festival, 0)
    festival.write(
        lambda session: retire_till(
            session, festival.posts[1], 1, clock=festival.clock, manager=festival.manager
        )
    )
    app = Stage(house, ShiftScreen(house, festival.cashier))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        said = " ".join(told(app.screen).split())
        assert "La caisse 1 n'est plus en service." in said
        assert "F10, Réglages, Caisses" in said
        await press(pilot, *"100", "enter")
    assert not _open_shifts(festival)


async def test_ones_own_shift_is_resumed_without_a_question(festival: Festival, house: House) -> None:
    app = Stage(house, ShiftScreen(house, festival.cashier))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
    assert _desks(app) == ["Karim D."]
    assert len(_open_shifts(festival)) == 1


async def test_anothers_shift_is_told_and_a_manager_closes_it_with_the_drawer_counted(
    festival: Festival, house: House
) -> None:
    app = Stage(house, ShiftScreen(house, festival.manager))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert "Cette caisse est ouverte par Karim D. depuis" in told(app.screen)
        await press(pilot, "enter", *"120", "enter")
        assert "20,00\u00a0€ de trop" in told(app.screen)
        await press(pilot, "f9")
        assert "Recomptez, ou dites pourquoi." in told(app.screen)
        await press(pilot, *"Fond mal compté", "f9")
        assert "Cette caisse est ouverte" not in told(app.screen)
        await press(pilot, "enter")
    assert _desks(app) == ["Lisa B."]
    closed = festival.read(lambda session: session.get(TillSession, festival.desk.till_session_id))
    assert closed is not None
    assert closed.counted_cents == 12_000


async def test_a_cashier_needs_a_managers_pin_to_close_anothers_shift(
    festival: Festival, house: House
) -> None:
    app = Stage(house, ShiftScreen(house, _member(festival, "Chloé M.")))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter", *"1234", "enter", *"100", "enter", "f9", "enter")
    assert _desks(app) == ["Chloé M."]


async def test_a_cashier_who_has_just_logged_in_far_from_all_work_is_asked_whether_it_is_that_day(
    festival: Festival, house: House
) -> None:
    """The log-in has signed the wrong date already: it is no work."""
    for till in range(2):
        close_the_till(festival, till, end=ShiftEnd(reason="Non compté"))
    close_the(festival, ClosingPeriod.DAY)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=700))
    festival.write(
        lambda session: log_in(session, house.post, festival.cashier.id, "2345", clock=festival.clock)
    )
    app = Stage(house, ShiftScreen(house, festival.cashier))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"0", "enter")
        assert "Sommes-nous bien le 22/12/2027 ?" in told(pilot.app.screen)
        await press(pilot, "escape")
    assert _desks(app) == []


async def test_escape_goes_back_to_the_log_in(festival: Festival, house: House) -> None:
    app = Stage(house, ShiftScreen(house, _member(festival, "Chloé M.")))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "escape")
    assert [type(event) for event in app.heard] == [ShiftScreen.Left]


@pytest.mark.usefixtures("free_till")
async def test_a_count_goes_on_by_enter_and_f9_opens_the_till_from_any_coin(
    festival: Festival, trusting: House
) -> None:
    app = Stage(trusting, ShiftScreen(trusting, festival.cashier))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "down", "enter", "enter", "2", "enter", "3")
        assert "F9 : valider" in told(app.screen)
        assert _open_shifts(festival) == []
        await press(pilot, "f9")
    (opened,) = _open_shifts(festival)
    assert opened.float_cents == 2 * 10_000 + 3 * 5_000


async def test_closing_a_shift_says_that_it_is_closed_and_with_how_much(
    festival: Festival, house: House
) -> None:
    app = Stage(house, ShiftScreen(house, festival.cashier))
    closed: list[str] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        close_own_shift(app.screen, house, festival.desk, lambda: closed.append("closed"), pytest.fail)
        await press(pilot, *"103", "enter", "f9")
    assert closed == ["closed"]
    assert app.said == ["Session de Karim D. fermée : 103,00\u00a0€ dans le tiroir."]
    assert _open_shifts(festival) == []


async def test_a_manager_who_answers_for_a_float_counted_blind_is_told_of_it_first(
    festival: Festival, house: House
) -> None:
    desk, member = festival.desk, festival.cashier
    festival.write(
        lambda session: close_shift(
            session, desk.post, member, desk.till_session_id, 10_000, clock=festival.clock
        )
    )
    blind = replace(house, post=replace(house.post, rules=replace(house.post.rules, blind_count=True)))
    app = Stage(blind, ShiftScreen(blind, festival.cashier))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"30", "enter")
        assert "100,00" not in told(app.screen)
        await press(pilot, *"1234", "enter", *"coffre", "enter")
        assert "Lisa B. répond de ce fond de caisse ?" in told(app.screen)
        said = " ".join(told(app.screen).split())
        assert "Il est resté 100,00 € dans le tiroir, et le fond de caisse serait de 30,00 €." in said
        await press(pilot, "escape")
        assert not _open_shifts(festival)
        await press(pilot, "enter", *"1234", "enter", *"coffre", "enter", "enter")
    assert _desks(app) == ["Karim D."]
    assert [shift.float_cents for shift in _open_shifts(festival)] == [3_000]
