"""Readings, cash carried, shifts ended, tills and days closed on the screen; and what stands in the way."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import update
from textual.screen import Screen
from textual.widgets import Input

from boxoffice.house import House
from boxoffice.kinds import Action, CashKind, ClosingPeriod, JournalKind, PrinterKind, PrinterRole, Role
from boxoffice.models import (
    CashMovement,
    Closing,
    JobState,
    JournalEntry,
    ParkedBasket,
    Printer,
    PrintJob,
    ShiftClosing,
    TillPrinter,
    TillSession,
    table,
)
from boxoffice.sales.parking import park
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.rule_changes import change_rule
from boxoffice.sales.staff.shift_closing import close_shift
from boxoffice.screens.cash_count import CountDrawer
from boxoffice.screens.closings import ClosingsDialog, ShowClosing
from boxoffice.screens.copies import BREATH
from boxoffice.screens.dialogs import Confirm
from boxoffice.screens.login import LoginScreen
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.reading import ReadingDialog
from boxoffice.screens.rows import Choices
from boxoffice.screens.shift import ShiftScreen
from boxoffice.screens.shift_ending import EndShift, close_own_shift
from tests.sales.closed_books import close_the, close_the_till
from tests.sales.conftest import Festival
from tests.sales.leaving import leave_to

from .playing import Player, at_the_counter
from .stage import Stage, house_of, press, released, settle, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PIN = (*"1234", "enter")
EURO = "\u00a0€"


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


@pytest.fixture
def house(festival: Festival, tmp_path: Path) -> House:
    return house_of(festival, folder=tmp_path)


@pytest.fixture
def blind(house: House) -> House:
    """The same house, whose drawers are counted blind."""
    return replace(house, post=replace(house.post, rules=replace(house.post.rules, blind_count=True)))


def seen(player: Player) -> Screen[Any]:
    return player.pilot.app.screen


def shown(player: Player) -> str:
    return told(seen(player))


def listed(player: Player) -> list[str]:
    """The rows of the list that is shown."""
    rows = seen(player).query_one(Choices)
    return [" ".join(str(row.prompt).split()) for row in rows.options]


def overnight(festival: Festival) -> None:
    """A day later, and nobody has closed anything."""
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=1))


def told_in_journal(festival: Festival, kind: JournalKind) -> list[dict[str, Any]]:
    return [json.loads(entry.content) for entry in festival.rows(JournalEntry) if entry.kind == kind]


def ordered(festival: Festival, document: DocumentKind) -> list[PrintJob]:
    return [job for job in festival.rows(PrintJob) if job.document == document]


# -- the X


async def test_the_figures_of_this_till_are_read_in_two_keys_and_those_of_all_by_tab(
    festival: Festival, cashier: Player
) -> None:
    festival.sell()
    festival.sell(festival.seat_line("ETERNAL"), desk=festival.desks[1])
    await cashier.press("f10", "x")
    assert cashier.pressed == 2
    assert isinstance(seen(cashier), ReadingDialog)
    assert "Lecture X · Caisse 1" in shown(cashier)
    assert "1 Plein" in shown(cashier)
    await cashier.press("tab")
    assert "suivre les chiffres de toute la billetterie" in shown(cashier)
    await cashier.press(*PIN)
    assert "Lecture X · toutes les caisses" in shown(cashier)
    assert "2 Plein" in shown(cashier)
    await cashier.press("tab", "tab")
    assert "Lecture X · toutes les caisses" in shown(cashier), "asked once"
    assert "Tab cette caisse" in shown(cashier)
    await cashier.press("p")
    assert "Lecture demandée à l'imprimante." in shown(cashier)
    (job,) = ordered(festival, DocumentKind.READING)
    assert job.till_id == festival.posts[0].till_id
    await cashier.press("escape")
    assert seen(cashier) is cashier.counter
    assert festival.count(Closing) == 0


async def test_a_sale_made_meanwhile_is_in_the_reading_that_is_read_again(
    festival: Festival, cashier: Player
) -> None:
    festival.sell()
    await cashier.press("f10", "x")
    festival.sell(festival.seat_line("ETERNAL"))
    await cashier.press("f5")
    assert "2 Plein" in shown(cashier)


async def test_a_cashier_who_counts_blind_reads_nowhere_what_the_drawer_should_hold(
    festival: Festival, blind: House
) -> None:
    festival.sell()
    desk = replace(festival.desk, post=blind.post)

    async def reads(who: Desk) -> bool:
        app = Stage(blind, ReadingDialog(blind, who))
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            return "108,50" in told(app.screen)

    assert not await reads(desk)
    assert await reads(replace(festival.managers_desk, post=blind.post))
    leave_to(festival, Action.ANSWER_DIFFERENCE, Role.CASHIER)
    assert await reads(desk)


async def test_takings_that_tell_what_a_blind_drawer_should_hold_are_read_by_a_managers_pin(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    post, clock, manager = festival.posts[0], festival.clock, festival.manager
    festival.write(
        lambda session: change_rule(session, post, "blind-count", "oui", clock=clock, manager=manager)
    )
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("f10", "x")
        assert isinstance(seen(cashier), ManagerPin)
        assert "Le tiroir se compte à l'aveugle : un responsable ouvre la lecture X." in shown(cashier)
        await cashier.press(*PIN)
        assert isinstance(seen(cashier), ReadingDialog)


# -- cash carried


async def test_cash_brought_in_is_written_down_with_its_carrier_and_its_slip(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("f10", "e", "1", *"150", "enter", *"Lisa", "enter", *"Monnaie", "enter")
    assert f"Entrée d'espèces n° 1 : 150,00{EURO}, bordereau imprimé." in cashier.shows("tariffs")
    (moved,) = festival.rows(CashMovement)
    assert (moved.kind, moved.amount_cents, moved.carrier, moved.reason) == (
        CashKind.IN,
        15_000,
        "Lisa",
        "Monnaie",
    )
    assert len(ordered(festival, DocumentKind.CASH_SLIP)) == 1


async def test_cash_leaves_the_drawer_by_a_managers_pin_and_never_more_than_there_is(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("f10", "e", "3", *"500", "enter", *"Lisa", "enter")
    assert not isinstance(seen(cashier), ManagerPin)
    assert f"Le tiroir ne devrait contenir que 100,00{EURO}." in shown(cashier)
    assert festival.count(CashMovement) == 0
    seen(cashier).query_one("#field-amount", Input).value = "80"
    await cashier.press("f9")
    assert isinstance(seen(cashier), ManagerPin)
    assert f"Un responsable doit autoriser un prélèvement : 80,00{EURO}, Lisa." in shown(cashier)
    await cashier.press(*PIN)
    assert seen(cashier) is cashier.counter
    (moved,) = festival.rows(CashMovement)
    assert (moved.kind, moved.amount_cents, moved.authorized_by_id) == (
        CashKind.PICKUP,
        8_000,
        festival.manager.id,
    )


async def test_an_amount_that_is_none_or_missing_is_said_and_what_was_written_stays(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("f10", "e", "2", "f9")
    assert "Tapez le montant." in shown(cashier)
    await cashier.press("1", ",", ",", "f9")
    assert "Montant : ce n'est pas un montant. Tapez par exemple 12,50." in shown(cashier)
    await cashier.press("escape")
    assert "Abandonner cette saisie ?" in shown(cashier)
    await cashier.press("escape")
    assert seen(cashier).query_one("#field-amount", Input).value == "1,,"
    await cashier.press("escape", "enter")
    assert seen(cashier) is cashier.counter
    assert festival.count(CashMovement) == 0


async def test_a_drawer_opened_without_a_sale_is_told_to_the_journal_with_its_reason(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("f10", "e", "4", "enter")
    assert "Dites pourquoi le tiroir s'ouvre." in shown(cashier)
    await cashier.press(*"Monnaie", "enter")
    assert "Tiroir ouvert" in cashier.shows("tariffs")
    assert [told["reason"] for told in told_in_journal(festival, JournalKind.DRAWER_OPENED)] == ["Monnaie"]


# -- the end of a shift


async def test_what_differs_is_said_before_the_shift_is_closed(festival: Festival, cashier: Player) -> None:
    festival.sell()
    await cashier.press("ctrl+k", *"107", "enter")
    assert f"Espèces : 107,00{EURO} comptés, il manque 1,50{EURO}" in shown(cashier)
    await cashier.press("1", "0")
    assert f"Carte bancaire : 10,00{EURO} comptés, 10,00{EURO} de trop" in shown(cashier)
    await cashier.press("backspace", "backspace", "0")
    assert "comme attendu" in shown(cashier)
    assert festival.count(ShiftClosing) == 0
    await cashier.press("f9")
    assert isinstance(seen(cashier), LoginScreen)
    assert len(ordered(festival, DocumentKind.HANDOVER)) == 1
    assert ordered(festival, DocumentKind.DEPOSIT_SLIP) == []


async def test_who_counts_blind_is_not_told_what_differs(festival: Festival, blind: House) -> None:
    festival.sell()
    app = Stage(blind, ShiftScreen(blind, festival.cashier))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        desk = replace(festival.desk, post=blind.post)
        close_own_shift(app.screen, blind, desk, lambda: None, lambda refusal: pytest.fail(str(refusal)))
        await press(pilot, *"100", "enter")
        assert isinstance(app.screen, EndShift)
        assert f"Tiroir compté : 100,00{EURO}." in told(app.screen)
        await press(pilot, "f9")
        assert isinstance(app.screen, ManagerPin)
        assert "Le comptage ne correspond pas aux ventes." in told(app.screen)
        assert "8,50" not in told(app.screen)


async def test_a_manager_answers_for_a_difference_of_a_blind_count_that_they_were_told(
    festival: Festival, blind: House
) -> None:
    festival.sell()
    app = Stage(blind, ShiftScreen(blind, festival.cashier))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        desk = replace(festival.desk, post=blind.post)
        close_own_shift(app.screen, blind, desk, lambda: None, lambda refusal: pytest.fail(str(refusal)))
        await press(pilot, *"100", "enter", "f9", *PIN, *"Erreur", "enter")
        assert isinstance(app.screen, Confirm)
        assert "Lisa B. répond de cet écart ?" in told(app.screen)
        assert f"Espèces : 100,00{EURO} comptés, il manque 8,50{EURO}" in told(app.screen)
        await press(pilot, "escape")
        assert isinstance(app.screen, EndShift)
        assert festival.count(ShiftClosing) == 0
        await press(pilot, "f9", *PIN, *"Erreur", "enter", "enter")
    (closed,) = festival.rows(ShiftClosing)
    assert (closed.authorized_by_id, closed.reason) == (festival.manager.id, "Erreur")


async def test_after_two_blind_counts_a_manager_counts_along_and_no_question_helps_to_guess(
    festival: Festival, blind: House
) -> None:
    app = Stage(blind, ShiftScreen(blind, festival.cashier))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        desk = replace(festival.desk, post=blind.post)
        close_own_shift(app.screen, blind, desk, lambda: None, lambda refusal: pytest.fail(str(refusal)))
        for typed in ("480", "90"):
            await press(pilot, *typed, "enter")
            assert isinstance(app.screen, EndShift), "nobody asks about a count that is far"
            await press(pilot, "f9")
            assert "Le comptage ne correspond pas aux ventes." in told(app.screen)
            await press(pilot, "escape", "escape", "home", *["delete"] * 8)
        await press(pilot, *"100", "enter", "f9")
        assert "Deux comptages de ce tiroir ont déjà été refusés." in told(app.screen)
        await press(pilot, *PIN, *"Recompté ensemble", "enter")
        assert "Lisa B. répond de ce comptage ?" in told(app.screen)
        assert f"Espèces : 100,00{EURO} comptés, comme attendu" in told(app.screen)
        await press(pilot, "enter")
    (closed,) = festival.rows(ShiftClosing)
    assert closed.authorized_by_id == festival.manager.id
    kinds = [row.kind for row in festival.rows(JournalEntry)]
    assert kinds.count(JournalKind.COUNT_REFUSED) == 2
    festival.stands()


async def test_the_form_that_ends_a_shift_names_its_till(cashier: Player) -> None:
    await cashier.press("f10", "z", "down", "enter", *PIN)
    assert "Caisse 2 : fermer la session de Chloé M." in shown(cashier)
    await cashier.press(*"100", "enter")
    assert "Caisse 2 : fermer la session de Chloé M." in shown(cashier)


async def test_a_difference_above_the_rule_needs_a_manager_and_a_reason(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("ctrl+k", *"90", "enter", "f9")
    assert isinstance(seen(cashier), ManagerPin)
    assert "Caisse 1 : fermer la session de Karim D." in told(seen(cashier))
    await cashier.press(*PIN, *"Rendu de trop", "enter")
    assert isinstance(seen(cashier), LoginScreen)
    (closed,) = festival.rows(ShiftClosing)
    assert (closed.authorized_by_id, closed.reason) == (festival.manager.id, "Rendu de trop")


async def test_a_pin_typed_for_a_reason_is_refused_and_the_reason_is_typed_in_its_place(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("ctrl+k", *"90", "enter")
    seen(cashier).query_one("#field-reason", Input).value = "1234"
    await cashier.press("f9")
    assert "Un motif ne s'écrit pas en chiffres" in shown(cashier)
    assert seen(cashier).query_one("#field-reason", Input).value == "", "it is in sight no longer"
    await cashier.press(*"Rendu de trop", "f9", *PIN)
    (closed,) = festival.rows(ShiftClosing)
    assert closed.reason == "Rendu de trop"


async def test_the_keys_of_a_count_say_what_enter_does_where_the_cursor_is(cashier: Player) -> None:
    await cashier.press("ctrl+k")
    assert "Entrée valider" in shown(cashier)
    await cashier.press("down")
    assert "Entrée suivante   F9 valider" in shown(cashier)
    await cashier.press("up")
    assert "Entrée valider" in shown(cashier)


async def test_a_deposit_has_its_slip_and_the_rest_is_the_next_float(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("ctrl+k", *"100", "enter", "down", "down", *"140", "f9")
    assert f"On ne dépose pas plus que les 100,00{EURO} comptés." in shown(cashier)
    await cashier.press("home", *["delete"] * 3, *"40", "f9")
    (closed,) = festival.rows(ShiftClosing)
    assert (closed.deposit_cents, closed.left_cents) == (4_000, 6_000)
    assert len(ordered(festival, DocumentKind.DEPOSIT_SLIP)) == 1


async def test_escape_goes_back_to_the_count_and_never_loses_it_without_asking(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("ctrl+k", "down", "down", "down", "4", "enter", "2", "f9")
    app = cashier.pilot.app
    assert isinstance(app.screen, Confirm), "480 € is far from 100 €: asked once"
    await cashier.press("escape")
    assert isinstance(app.screen, CountDrawer)
    assert [app.screen.query_one(f"#cash-{value}", Input).value for value in (10_000, 5_000)] == ["4", "2"]
    app.screen.query_one("#cash-10000", Input).value = ""
    await cashier.press("f9")
    assert isinstance(app.screen, EndShift)
    await cashier.press("5", "escape")
    assert "Abandonner cette saisie ?" in shown(cashier)
    await cashier.press("enter")
    assert isinstance(app.screen, CountDrawer)
    assert app.screen.query_one("#cash-5000", Input).value == "2"
    await cashier.press("escape")
    assert "Abandonner le comptage ?" in shown(cashier)
    await cashier.press("escape", "escape", "enter")
    assert app.screen is cashier.counter
    assert festival.count(ShiftClosing) == 0


# -- tills and days


async def test_a_manager_closes_every_till_and_the_day_from_one_place(
    festival: Festival, cashier: Player
) -> None:
    festival.sell()
    await cashier.press("f10", "z")
    app = cashier.pilot.app
    assert isinstance(app.screen, ClosingsDialog)
    assert listed(cashier) == [
        "Caisse 1 mer. 21 janv. ouverte par Karim D.",
        "Caisse 2 mer. 21 janv. ouverte par Chloé M.",
    ]
    await cashier.press("enter", *PIN, *"108,5", "enter", "f9")
    assert f"Caisse 1 close : Z n° 1, 8,50{EURO}." in shown(cashier)
    assert listed(cashier)[:2] == [
        "Caisse 2 mer. 21 janv. ouverte par Chloé M.",
        "Toute la billetterie mer. 21 janv. attend des caisses",
    ]
    await cashier.press("enter", *PIN, *"50", "enter", "f9")
    assert "Toutes les caisses sont closes. Clore aussi la journée du mer. 21 janv. ?" in shown(cashier)
    assert "Avant 04:00, une caisse n'ouvrira que par un responsable." in shown(cashier)
    assert "Lisa B. en répond." in shown(cashier)
    await cashier.press("enter")
    periods = [(row.period, row.number, row.period_cents) for row in festival.rows(Closing)]
    assert sorted(periods) == [
        (ClosingPeriod.DAY, 1, 850),
        (ClosingPeriod.TILL, 1, 0),
        (ClosingPeriod.TILL, 1, 850),
    ]
    assert len(listed(cashier)) == 3
    await cashier.press("escape")
    assert isinstance(app.screen, LoginScreen), "whoever closed this till has left it"
    festival.stands()


async def test_a_code_closes_one_till_and_that_of_the_next_is_typed_in_no_amount(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("f10", "z", "enter", *PIN, *"100", "enter", "f9")
    assert "Caisse 1 close" in shown(cashier)
    await cashier.press("enter")
    assert isinstance(seen(cashier), ManagerPin), "who sits down next does not close in her name"
    assert "Clôture de Caisse 2, ouverte par Chloé M." in shown(cashier)
    await cashier.press(*PIN)
    assert isinstance(seen(cashier), CountDrawer)
    assert seen(cashier).query_one("#cash-amount", Input).value == ""
    acts = [told["act"] for told in told_in_journal(festival, JournalKind.MANAGER_AUTHORIZED)]
    assert acts == [JournalKind.CLOSING_MADE, JournalKind.CLOSING_MADE]


async def test_a_till_that_still_sells_is_closed_with_the_difference_that_was_seen(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("f10", "z", "down", "enter", *PIN, *"48", "enter")
    assert f"48,00{EURO} comptés, il manque 2,00{EURO}" in shown(cashier)
    festival.sell(festival.seat_line("ETERNAL"), desk=festival.desks[1])
    await cashier.press("f9")
    assert "Cette caisse a encore servi depuis le comptage" in shown(cashier)
    assert f"48,00{EURO} comptés, il manque 10,50{EURO}" in shown(cashier)
    assert festival.count(Closing) == 0
    seen(cashier).query_one("#field-reason", Input).focus()
    await cashier.press(*"oubli", "f9")
    assert "Caisse 2 close" in shown(cashier)
    festival.stands()


async def test_a_day_is_not_closed_while_a_till_is_open_and_what_to_do_is_said(
    festival: Festival, cashier: Player
) -> None:
    festival.sell()
    close_the_till(festival, 1, 5_000)
    await cashier.press("f10", "z", "down")
    assert "Toute la billetterie mer. 21 janv. attend des caisses" in listed(cashier)[1]
    assert "La caisse 1 est ouverte (Karim D.)." in shown(cashier)
    await cashier.press("enter", "enter", *PIN)
    assert "La caisse 1 est ouverte (Karim D.)." in shown(cashier)
    assert [row.period for row in festival.rows(Closing)] == [ClosingPeriod.TILL]


async def test_the_counter_of_a_till_closed_elsewhere_sells_no_more_and_says_why(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1")
    close_the_till(festival, 0, 10_000, at_till=1)
    await cashier.press("enter", "c")
    assert "Cette session de caisse a été fermée." in cashier.shows("payment")
    assert festival.allocated("ETERNAL") == 0
    await cashier.press("escape", "ctrl+w", "enter", "ctrl+t")
    assert isinstance(seen(cashier), LoginScreen)
    assert festival.count(ParkedBasket) == 1


async def test_a_till_whose_computer_is_dead_is_closed_uncounted_with_a_reason(
    festival: Festival, cashier: Player
) -> None:
    festival.sell(desk=festival.desks[1])
    await cashier.press("f10", "z", "end", "enter", *PIN)
    assert "F8 non compté" in shown(cashier)
    await cashier.press("f8", "f9")
    assert "Le tiroir n'a pas été compté." in shown(cashier)
    await cashier.press(*"Poste en panne", "f9")
    assert "Caisse 2 close" in shown(cashier)
    (made,) = festival.rows(Closing)
    assert (made.till_id, made.made_at_till_id) == (festival.posts[1].till_id, festival.posts[0].till_id)
    assert [row.counted_cents for row in festival.rows(TillSession) if row.closed_at] == [None]
    await cashier.press("escape")
    assert seen(cashier) is cashier.counter, "this till still sells"


async def test_uncertain_papers_and_parked_baskets_are_told_and_stop_nothing(
    festival: Festival, house: House
) -> None:
    festival.sell()
    jobs = table(PrintJob)
    festival.write(lambda session: session.execute(update(jobs).values(state=JobState.UNCERTAIN)))
    basket = festival.basket(festival.seat_line())
    festival.write(lambda session: park(session, basket, "", festival.desk, clock=festival.clock))
    app = Stage(house, ClosingsDialog(house, festival.manager))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "1 impression : on ne sait pas si elle est sortie." in told(app.screen)
        assert "1 panier en attente." in told(app.screen)
        await press(pilot, "enter", *"108,5", "enter", "f9")
        assert "Caisse 1 close" in told(app.screen)


async def test_a_day_is_closed_although_no_paper_comes_out(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    broken = {"kind": PrinterKind.FILE, "address": str(tmp_path / "gone" / "roll.bin")}
    festival.write(lambda session: session.execute(update(table(Printer)).values(broken)))
    festival.sell()
    close_the_till(festival, 1, 5_000)
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("f10", "z", "enter", *PIN, *"108,5", "enter", "f9", "enter")
        assert "mer. 21 janv. clos : Z n° 1" in shown(cashier)
    states = {job.state for job in ordered(festival, DocumentKind.CLOSING)}
    assert states <= {JobState.QUEUED, JobState.BLOCKED}
    assert festival.count(Closing) == 3


@pytest.mark.parametrize("left", [(PrinterRole.TICKETS,), ()])
async def test_a_till_without_a_printer_for_reports_prints_them_as_tickets_or_not_at_all(
    festival: Festival, house: House, left: tuple[PrinterRole, ...]
) -> None:
    printers = table(TillPrinter)
    festival.write(lambda session: session.execute(printers.delete().where(printers.c.role.not_in(left))))
    tickets = [row.printer_id for row in festival.rows(TillPrinter) if row.till_id == house.post.till_id]
    app = Stage(house, ShiftScreen(house, festival.cashier))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        close_own_shift(
            app.screen,
            house,
            festival.desk,
            lambda: None,
            lambda refusal: pytest.fail(str(refusal)),
        )
        await press(pilot, *"100", "enter", "down", "down", *"40", "f9")
        assert f"Session de Karim D. fermée : 60,00{EURO} dans le tiroir." in app.said
    slips = [*ordered(festival, DocumentKind.HANDOVER), *ordered(festival, DocumentKind.DEPOSIT_SLIP)]
    assert [job.printer_id for job in slips] == (tickets or [None]) * 2


async def test_a_z_is_shown_and_what_is_printed_of_it_is_a_copy(festival: Festival, cashier: Player) -> None:
    festival.sell()
    close_the_till(festival, 0, 10_850, at_till=1)
    await cashier.press("f10", "z", "end", "enter", *PIN)
    app = cashier.pilot.app
    assert isinstance(app.screen, ShowClosing)
    assert "Z n° 1 · caisse 1 · mer. 21 janv." in shown(cashier), "there are others of this number"
    assert "CLÔTURE DE CAISSE" in shown(cashier)
    await cashier.press("p")
    assert "Duplicata n° 1 demandé à l'imprimante." in shown(cashier)
    festival.clock.advance(BREATH)
    await cashier.press("p")
    copies = [job.copy_number for job in ordered(festival, DocumentKind.CLOSING)]
    assert copies == [0, 1, 2]
    assert len(told_in_journal(festival, JournalKind.DOCUMENT_REPRINTED)) == 2
    assert festival.count(Closing) == 1


async def test_a_key_that_bounces_prints_one_copy_of_a_z_and_asks_about_the_second(
    festival: Festival, cashier: Player
) -> None:
    festival.sell()
    close_the_till(festival, 0, 10_850, at_till=1)
    await cashier.press("f10", "z", "end", "enter", *PIN, "p", "p", "p")
    assert isinstance(seen(cashier), Confirm)
    assert "Déjà demandé : imprimer un duplicata de plus ?" in shown(cashier)
    await cashier.press("escape")
    assert isinstance(seen(cashier), ShowClosing)
    assert [job.copy_number for job in ordered(festival, DocumentKind.CLOSING)] == [0, 1]
    await cashier.press("p", "enter")
    assert [job.copy_number for job in ordered(festival, DocumentKind.CLOSING)] == [0, 1, 2]
    assert len(told_in_journal(festival, JournalKind.DOCUMENT_REPRINTED)) == 2


async def test_two_managers_who_close_the_same_till_at_once_make_one_z(
    festival: Festival, cashier: Player
) -> None:
    festival.sell()
    await cashier.press("f10", "z", "enter", *PIN, *"108,5", "enter")
    close_the_till(festival, 0, 10_850, at_till=1)
    await cashier.press("f9")
    assert "La caisse 1 n'a rien fait depuis sa dernière clôture." in shown(cashier)
    assert festival.count(Closing) == 1
    await cashier.press("escape", "escape", "enter")
    await cashier.wait_until(lambda: any("Z n° 1" in row for row in listed(cashier)))
    festival.stands()


async def test_a_month_that_is_over_is_closed_from_the_same_list(festival: Festival, house: House) -> None:
    close_the_till(festival, 0, 10_000)
    close_the_till(festival, 1, 5_000)
    close_the(festival, ClosingPeriod.DAY)
    festival.clock.advance(timedelta(days=20))
    app = Stage(house, ClosingsDialog(house, festival.manager))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter")
        assert "Clore janvier 2026 ?" in told(app.screen)
        await press(pilot, "enter")
        assert "janvier 2026 clos : Z n° 1" in told(app.screen)
    assert ClosingPeriod.MONTH in {row.period for row in festival.rows(Closing)}


async def test_a_pin_typed_to_look_at_a_z_closes_nothing(festival: Festival, cashier: Player) -> None:
    festival.sell(desk=festival.desks[1])
    close_the_till(festival, 1, 5_850)
    await cashier.press("f10", "z", "end", "enter", *PIN)
    assert isinstance(seen(cashier), ShowClosing)
    await cashier.press("escape", "home", "enter")
    assert isinstance(seen(cashier), ManagerPin)
    assert festival.count(Closing) == 1


# -- a day that was forgotten


@pytest.fixture
def forgotten(festival: Festival) -> None:
    """Yesterday's shift of till 1 was left open, the other till is closed."""
    festival.sell()
    close_the_till(festival, 1, 5_000)
    overnight(festival)


@pytest.mark.usefixtures("forgotten")
async def test_a_forgotten_day_is_closed_next_morning_by_a_manager_in_two_keys(
    festival: Festival, house: House
) -> None:
    app = Stage(house, ShiftScreen(house, festival.manager))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "La journée du mer. 21 janv. n'est pas close à cette caisse" in told(app.screen)
        await press(pilot, "enter", "f9")
        assert app.said == [f"Caisse 1 close : Z n° 1, 8,50{EURO}."]
        assert "Clore aussi la journée du mer. 21 janv. ?" in told(app.screen)
        await press(pilot, "enter")
        assert app.said[-1] == f"mer. 21 janv. clos : Z n° 1, 8,50{EURO}."
        assert "Combien y a-t-il dans le tiroir" in told(app.screen)
        await press(pilot, *"108,5", "enter")
    assert [type(event) for event in app.heard] == [ShiftScreen.Opened]
    festival.stands()


@pytest.mark.usefixtures("forgotten")
async def test_a_cashier_closes_a_forgotten_day_with_a_managers_pin(festival: Festival, house: House) -> None:
    app = Stage(house, ShiftScreen(house, festival.cashier))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter")
        assert isinstance(app.screen, ManagerPin)
        await press(pilot, *PIN, *"108,50", "f9")
        assert app.said == [f"Caisse 1 close : Z n° 1, 8,50{EURO}."]
    (closed,) = [row for row in festival.rows(ShiftClosing) if row.till_id == festival.posts[0].till_id]
    assert (closed.operator_id, closed.left_cents) == (festival.manager.id, 10_850)


async def test_where_only_the_z_is_missing_two_keys_close_the_day_too(
    festival: Festival, house: House
) -> None:
    festival.sell()
    desk = festival.desk
    festival.write(
        lambda session: close_shift(
            session, desk.post, festival.cashier, desk.till_session_id, 10_850, clock=festival.clock
        )
    )
    overnight(festival)
    app = Stage(house, ShiftScreen(house, festival.manager))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "n'est pas close à cette caisse" in told(app.screen)
        await press(pilot, "enter", "enter")
        assert app.said == [f"Caisse 1 close : Z n° 1, 8,50{EURO}."]
        assert "n'est pas close pour toute la billetterie" in told(app.screen)
        assert "D'autres caisses sont à clore d'abord : Entrée les montre." in told(app.screen)
        await released(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, ClosingsDialog)
        assert "Ouverte par Chloé M. : Entrée compte son tiroir" in told(app.screen)
        await press(pilot, "enter", "f9", "enter", "escape")
        assert "Combien y a-t-il dans le tiroir" in told(app.screen), "the list led through what was left"


async def test_a_day_that_only_the_tills_have_closed_is_closed_next_morning_in_one_key(
    festival: Festival, house: House
) -> None:
    festival.sell()
    close_the_till(festival, 0, 10_850)
    close_the_till(festival, 1, 5_000)
    overnight(festival)
    app = Stage(house, ShiftScreen(house, festival.manager))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "La journée du mer. 21 janv. n'est pas close pour toute la billetterie" in told(app.screen)
        await press(pilot, "enter")
        assert app.said == [f"mer. 21 janv. clos : Z n° 1, 8,50{EURO}."]
        assert "Combien y a-t-il dans le tiroir" in told(app.screen)
        await press(pilot, *"108,50", "enter")
    assert [type(event) for event in app.heard] == [ShiftScreen.Opened]
    festival.stands()


async def test_a_basket_open_when_the_day_ends_waits_while_the_till_is_closed(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1")
    overnight(festival)
    await cashier.press("enter", "c")
    assert "La journée du mer. 21 janv. n'est pas close à cette caisse." in cashier.shows("payment")
    await cashier.press("escape")
    assert festival.allocated("ETERNAL") == 0
    assert cashier.counter.basket.seats == 1, "the sale is refused, the basket stays"
    await cashier.press("f10", "z", "enter", *PIN, *"100", "f9", "escape")
    assert isinstance(seen(cashier), LoginScreen)
    (waiting,) = festival.rows(ParkedBasket)
    assert waiting.note == "Caisse close ou libérée par un responsable"
    assert festival.count(Closing) == 1


async def test_a_day_whose_tills_are_closed_is_closed_before_any_till_is_opened(
    festival: Festival, house: House
) -> None:
    close_the_till(festival, 0, 10_000)
    close_the_till(festival, 1, 5_000)
    app = Stage(house, ShiftScreen(house, festival.manager))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "f10", "z", "enter", "enter")
        assert "mer. 21 janv. clos : Z n° 1" in told(app.screen)
        await press(pilot, "escape")
        assert isinstance(app.screen, ShiftScreen)
        assert "La journée est close : un responsable peut rouvrir" in told(app.screen)
        await press(pilot, *"100", "enter")
        assert isinstance(app.screen, ManagerPin)
        await press(pilot, "escape")
    assert festival.count(TillSession) == 2
    assert festival.count(Closing) == 3
