"""A screening cancelled or moved from the counter, and the list of whom it concerns."""

import csv
import json
from pathlib import Path

import pytest
from textual.screen import Screen
from textual.widgets import Input

from boxoffice.kinds import JournalKind
from boxoffice.models import Hall, JournalEntry, PrintJob, Screening, ScreeningChange, ScreeningState, table
from boxoffice.screens.affected import AffectedScreen
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.rows import Rows
from boxoffice.screens.sales_search import SalesSearch
from boxoffice.screens.screening_changes import ScreeningChanges
from tests.sales.conftest import Festival
from tests.sales.test_bookings import book_seats
from tests.sales.test_reservations import take_seats
from tests.sales.test_screening_changes import call_off, shown

from .playing import Player, at_the_counter
from .stage import told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LISA = ("1", "2", "3", "4", "enter")


def rows_of(screen: Screen[object]) -> str:
    return "\n".join(str(option.prompt) for option in screen.query_one(Rows).options)


def lists_told(festival: Festival) -> list[dict[str, object]]:
    """What the journal tells of lists that were opened."""
    told_of = [row for row in festival.rows(JournalEntry) if row.kind == JournalKind.CUSTOMER_LISTED]
    contents = [json.loads(row.content) for row in told_of]
    return [{key: each[key] for key in ("change", "list") if key in each} for each in contents]


async def stand_on(player: Player, code: str) -> None:
    while player.screening != code:
        await player.press("down")


async def test_a_manager_cancels_the_chosen_screening_and_sees_whom_it_concerns(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    festival.sell(festival.seat_line(quantity=2))
    book_seats(festival, festival.sell_pass(), "KNEECAP")
    take_seats(festival)
    async with at_the_counter(festival, keys, tmp_path) as player:
        await stand_on(player, "KNEECAP")
        await player.press("ctrl+z")
        app = player.pilot.app
        assert "2 billets · 1 place de pass · 3 places réservées" in told(app.screen)
        await player.press("a")
        await player.type("Panne")
        await player.press("enter")
        assert "Les billets payés seront à transformer en avoirs" in told(app.screen)
        await player.press("enter")
        assert isinstance(app.screen, ManagerPin)
        assert "Annuler Kneecap" in told(app.screen)
        await player.press(*LISA)
        assert isinstance(app.screen, AffectedScreen)
        assert "2 billets à créditer · 17,00\u00a0€" in told(app.screen)
        assert "Léa Dupont · 06 12 34 56 78" in rows_of(app.screen)
        await player.press("escape", "escape")
        await player.wait_until(lambda: "annulée" in player.shows("tariffs"))
    assert shown(festival).state is ScreeningState.CANCELLED
    (change,) = festival.rows(ScreeningChange)
    assert (change.operator_id, change.authorized_by_id) == (festival.cashier.id, festival.manager.id)


async def test_a_moved_screening_is_shown_at_its_new_hour_on_every_counter(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    festival.sell(festival.seat_line(quantity=2))
    async with at_the_counter(festival, keys, tmp_path) as player:
        await stand_on(player, "KNEECAP")
        await player.press("ctrl+z", "d")
        await player.type("20h30")
        await player.press("enter")
        await player.type("Retard du vol")
        await player.press("f9")
        assert "les billets sont toujours valables" in told(player.pilot.app.screen)
        await player.press("enter", *LISA)
        assert isinstance(player.pilot.app.screen, AffectedScreen)
        shown = told(player.pilot.app.screen)
        assert "déplacée au mer. 21 janv. à 20 h 30" in shown
        assert "2 billets toujours valables · à reprendre si le client le demande" in shown
        assert "à créditer" not in shown
        await player.press("escape", "escape")
        await player.wait_until(lambda: "20:30" in player.shows("screenings"))


async def test_a_hall_with_a_new_name_is_still_the_one_that_stands_chosen(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    """The counter's programme was read before the name was corrected."""
    async with at_the_counter(festival, keys, tmp_path) as player:
        hall = table(Hall)
        festival.write(
            lambda session: session.execute(
                hall.update().where(hall.c.code == "JAR").values(name="Amphi du Jardin")
            )
        )
        await stand_on(player, "ETERNAL")
        await player.press("ctrl+z", "d")
        await player.type("20h30")
        await player.press("enter")
        await player.type("Retard du vol")
        await player.press("f9")
        assert "à 20 h 30, Centre de Congrès, Amphi du Jardin." in told(player.pilot.app.screen)


async def test_an_hour_that_cannot_be_read_and_a_hall_that_is_taken_are_told_in_place(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await stand_on(player, "KNEECAP")
        await player.press("ctrl+z", "d", "x", "f9")
        assert "n'est pas une heure" in told(player.pilot.app.screen)
        await player.press("ctrl+u")
        await player.type("2230")
        await player.press("f9")
        assert "Dites pourquoi" in told(player.pilot.app.screen)
        await player.type("Salle")
        await player.press("enter", "up", "enter", "enter", *LISA)
        assert isinstance(player.pilot.app.screen, ScreeningChanges)
        assert "est déjà prise par Rencontre nominative" in told(player.pilot.app.screen)
    assert festival.count(ScreeningChange) == 0


async def test_a_move_that_is_refused_is_corrected_and_not_typed_again(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await stand_on(player, "KNEECAP")
        await player.press("ctrl+z", "d")
        await player.type("2230")
        await player.press("enter")
        await player.type("Panne")
        await player.press("enter", "up", "enter", "enter", *LISA)
        assert "est déjà prise par Rencontre nominative" in told(player.pilot.app.screen)
        await player.press("d")
        form = player.pilot.app.screen
        typed = [form.query_one(f"#field-{name}", Input).value for name in ("time", "reason")]
        assert typed == ["22:30", "Panne"]
        await player.press("tab", "tab", "down", "enter", "enter", *LISA)
    assert [change.reason for change in festival.rows(ScreeningChange)] == ["Panne"]


async def test_the_list_of_an_earlier_change_is_printed_and_exported(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    festival.sell(festival.seat_line())
    take_seats(festival)
    call_off(festival)
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("ctrl+z", "enter")
        assert isinstance(player.pilot.app.screen, AffectedScreen)
        await player.press("i", "e")
        folder = player.counter.house.settings.copies_folder
    job = next(job for job in festival.rows(PrintJob) if job.document == "affected_list")
    assert job.position == 1
    (path,) = folder.glob("seance-*.csv")
    assert path.stat().st_mode & 0o077 == 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [(row["sorte"], row["état"], row["nom"]) for row in rows] == [
        ("billet", "à créditer", ""),
        ("réservation", "annulée", "Léa Dupont"),
    ]
    assert rows[1]["téléphone"] == "06 12 34 56 78"


async def test_whoever_opens_the_list_of_a_change_is_told_of(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    number = call_off(festival).number
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("ctrl+z", "enter")
        assert isinstance(player.pilot.app.screen, AffectedScreen)
    assert lists_told(festival) == [{"change": number, "list": "affected"}]


async def test_a_ticket_of_a_cancelled_screening_leads_to_its_sale_and_its_credit(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    festival.sell(festival.seat_line(quantity=2))
    call_off(festival)
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("ctrl+z", "enter", "down", "enter")
        found = player.pilot.app.screen
        assert isinstance(found, SalesSearch)
        assert found.query_one(Input).value == "1-000002"
        await player.press("enter")
        assert "Transformer en avoir" in rows_of(player.pilot.app.screen)
        await player.press("escape", "escape")
        assert isinstance(player.pilot.app.screen, AffectedScreen)


async def test_no_motive_is_asked_for_without_saying_that_no_name_belongs_there(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await stand_on(player, "KNEECAP")
        for key, field in (("a", "Input"), ("d", "#field-reason")):
            await player.press("ctrl+z", key)
            assert "aucun nom" in player.pilot.app.screen.query_one(field, Input).placeholder
            await player.press("escape", "escape")


async def test_without_any_screening_nothing_is_changed(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.type("zzz")
        await player.press("ctrl+z", "a", "d")
        assert "Aucune séance n'est choisie." in told(player.pilot.app.screen)
    assert {row.state for row in festival.rows(Screening)} == {ScreeningState.SCHEDULED}
