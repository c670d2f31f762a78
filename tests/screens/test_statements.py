"""Statements and exports as a manager asks for them: the list of a day, the papers, the files."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update
from textual.pilot import Pilot
from textual.widgets import Button, Input

from boxoffice.clock import business_day
from boxoffice.errors import Refusal
from boxoffice.house import House
from boxoffice.kinds import Action, ClosingPeriod, JournalKind, Regime, Role
from boxoffice.models import JournalEntry, PrintJob, TillPrinter, Venue, table
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.staff.permission_changes import change_permission
from boxoffice.sales.statements.listing import StatementState, list_statements
from boxoffice.screens import statements as screens_statements
from boxoffice.screens.choosing import Choose
from boxoffice.screens.copies import BREATH
from boxoffice.screens.dialogs import Confirm
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.rows import Choices
from boxoffice.screens.short_form import ShortForm
from boxoffice.screens.statement_papers import ShowDoors, ShowStatement, ShowWeek
from boxoffice.screens.statement_rows import EDGES, row_words
from boxoffice.screens.statements import StatementsDialog
from boxoffice.screens.told_path import Written
from tests.sales.closed_books import close_the, close_the_till
from tests.sales.conftest import Festival
from tests.sales.spreadsheets import csv_rows

from .playing import at_the_counter
from .stage import Stage, hold, house_of, press, settle, told, until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def shown(festival: Festival, tmp_path: Path) -> Stage:
    """The list of today as the manager opens it, after one seat of KNEECAP was sold."""
    festival.sell(festival.seat_line())
    house = house_of(festival, folder=tmp_path, data_folder=tmp_path)
    return Stage(house, StatementsDialog(house, festival.manager))


def listed(app: Stage) -> str:
    rows = app.screen.query_one(Choices)
    return "\n".join(str(row.prompt) for row in rows.options)


def statements(festival: Festival) -> int:
    return sum(job.document == DocumentKind.SCREENING_STATEMENT for job in festival.rows(PrintJob))


def copies_of_statements(festival: Festival) -> list[int]:
    jobs = festival.rows(PrintJob)
    return [job.copy_number for job in jobs if job.document == DocumentKind.SCREENING_STATEMENT]


def journal_kinds(festival: Festival) -> list[JournalKind]:
    return [entry.kind for entry in festival.rows(JournalEntry)]


async def stand_on(app: Stage, code: str, pilot: Pilot[None]) -> None:
    screen = app.screen
    assert isinstance(screen, StatementsDialog)
    place = next(place for place, row in enumerate(screen.rows) if row.code == code)
    screen.query_one(Choices).highlighted = place
    await settle(pilot)


async def test_the_day_of_the_list_and_of_what_is_printed_is_the_one_whose_screenings_are_shown(
    shown: Stage, festival: Festival, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()

    def slow(*asked: Any, **how: Any) -> object:
        go.wait(30)
        return list_statements(*asked, **how)

    festival.clock.advance(timedelta(hours=10))
    async with shown.run_test() as pilot:
        await settle(pilot)
        title = told(shown.screen).splitlines()[0]
        monkeypatch.setattr("boxoffice.screens.statements.list_statements", slow)
        await pilot.press("right")
        await pilot.pause()
        assert told(shown.screen).splitlines()[0] == title, "the screenings shown are still those of today"
        go.set()
        await settle(pilot)
        assert told(shown.screen).splitlines()[0] != title
        monkeypatch.setattr("boxoffice.screens.statements.list_statements", refuse)
        after = told(shown.screen).splitlines()[0]
        await press(pilot, "right")
        assert "La base ne répond pas." in told(shown.screen)
        assert told(shown.screen).splitlines()[0] == after
        monkeypatch.setattr("boxoffice.screens.statements.list_statements", list_statements)
        await press(pilot, "left")
        assert told(shown.screen).splitlines()[0] == title, "one day back from the one that is shown"


def refuse(*_asked: Any, **_how: Any) -> object:
    raise Refusal("La base ne répond pas.")


async def test_a_cashier_opens_statements_with_a_managers_pin(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f10", "s")
        await player.wait_until(lambda: isinstance(player.pilot.app.screen, ManagerPin))
        await player.press(*"1234", "enter")
        assert isinstance(player.pilot.app.screen, StatementsDialog)
        assert JournalKind.MANAGER_AUTHORIZED in journal_kinds(festival)


async def test_a_cashier_who_may_export_figures_is_asked_for_a_pin_for_customers_alone(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    cashier = frozenset({Role.CASHIER})
    festival.write(
        lambda session: change_permission(
            session,
            festival.posts[0],
            Action.EXPORT_FIGURES,
            cashier,
            clock=festival.clock,
            manager=festival.manager,
        )
    )
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f10", "s")
        await player.wait_until(lambda: isinstance(player.pilot.app.screen, StatementsDialog))
        await player.press("e")
        await player.wait_until(lambda: isinstance(player.pilot.app.screen, Choose))
        await player.press("5")
        assert isinstance(player.pilot.app.screen, ManagerPin)


async def test_each_screening_tells_what_it_took_and_whether_its_statement_waits(
    shown: Stage, festival: Festival
) -> None:
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert "mer. 21 janv." in told(shown.screen)
        assert "8,50" in listed(shown)
        assert "pas finie" in listed(shown)
        assert "à impr." not in listed(shown)
        festival.clock.advance(timedelta(hours=14))
        await press(pilot, "f5")
        assert "à impr." in listed(shown)


async def test_all_waiting_statements_are_asked_of_the_printer_once_that_is_wished(
    shown: Stage, festival: Festival
) -> None:
    """One of the three was sold: the other two may be left out, and are asked for again the next time."""
    festival.clock.advance(timedelta(hours=14))
    async with shown.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert [listed(shown).count(words) for words in ("à impr.", "vide")] == [1, 2]
        await press(pilot, "t")
        assert "3 relevés, dont 2 sans billet : imprimer ?" in told(shown.screen)
        await press(pilot, "escape")
        assert statements(festival) == 0
        await press(pilot, "t", "1")
        assert statements(festival) == 1, told(shown.screen)
        assert "1 relevé demandé à l'imprimante." in told(shown.screen)
        assert "demandé" in listed(shown)
        assert "imprimé" not in listed(shown)
        await press(pilot, "t")
        assert "2 relevés, dont 2 sans billet : imprimer ?" in told(shown.screen)
        await press(pilot, "enter")
        assert statements(festival) == 3, told(shown.screen)
        await press(pilot, "t")
        assert "Aucun relevé n'attend" in told(shown.screen)
        assert statements(festival) == 3, told(shown.screen)


async def test_arrows_turn_to_the_day_before_and_the_day_after(shown: Stage) -> None:
    async with shown.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "left")
        assert "mar. 20 janv." in told(shown.screen)
        assert "Aucune séance ce jour-là." in told(shown.screen)
        await press(pilot, "right")
        assert "8,50" in listed(shown)


async def test_a_statement_is_read_printed_and_written_as_a_pdf(
    shown: Stage, festival: Festival, tmp_path: Path
) -> None:
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await stand_on(shown, "KNEECAP", pilot)
        await press(pilot, "enter")
        assert isinstance(shown.screen, ShowStatement)
        assert "Kneecap" in told(shown.screen)
        await press(pilot, "p")
        assert statements(festival) == 1
        await press(pilot, "d")
        assert isinstance(shown.screen, Written)
        (path,) = (tmp_path / "exports").glob("*.pdf")
        assert path.name in told(shown.screen)
        assert path.read_bytes().startswith(b"%PDF")
        await press(pilot, "enter", "escape")
        assert isinstance(shown.screen, StatementsDialog)


@pytest.mark.parametrize("opened", [False, True], ids=["in the list", "on its paper"])
async def test_a_key_that_bounces_gives_a_statement_once_and_asks_about_a_copy(
    shown: Stage, festival: Festival, tmp_path: Path, opened: bool
) -> None:
    """Three P are one paper, three D one file; yes makes one copy of each, numbered after the other."""
    festival.clock.advance(timedelta(hours=14))
    async with shown.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await stand_on(shown, "KNEECAP", pilot)
        if opened:
            await press(pilot, "enter")
        await press(pilot, "p", "p", "p")
        assert isinstance(shown.screen, Confirm)
        assert "Déjà demandé : imprimer un duplicata de plus ?" in told(shown.screen)
        assert copies_of_statements(festival) == [0]
        await press(pilot, "escape", "p", "enter")
        assert copies_of_statements(festival) == [0, 1]
        await press(pilot, "d")
        assert isinstance(shown.screen, Written)
        await press(pilot, "enter", "d", "d")
        assert isinstance(shown.screen, Confirm)
        assert "Déjà écrit : écrire un duplicata de plus ?" in told(shown.screen)
        assert len(written(tmp_path)) == 1
        await press(pilot, "enter")
        assert isinstance(shown.screen, Written)
        assert len(written(tmp_path)) == 2
        await press(pilot, "enter")
        festival.clock.advance(BREATH)
        await press(pilot, "p")
        assert copies_of_statements(festival) == [0, 1, 2, 3, 4]


async def test_a_statement_that_was_refused_is_asked_for_again_without_a_question(
    shown: Stage, festival: Festival
) -> None:
    festival.write(lambda session: session.exec(delete(table(TillPrinter))))
    async with shown.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await stand_on(shown, "KNEECAP", pilot)
        await press(pilot, "p", "p")
        assert isinstance(shown.screen, StatementsDialog)
        assert "Ce poste n'a pas d'imprimante" in told(shown.screen)


async def test_the_list_at_the_door_is_told_to_the_journal_with_who_asked(
    shown: Stage, festival: Festival
) -> None:
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await stand_on(shown, "KNEECAP", pilot)
        await press(pilot, "l")
        assert isinstance(shown.screen, ShowDoors)
    (entry,) = (
        entry for entry in festival.rows(JournalEntry) if entry.kind == JournalKind.SCREENING_LIST_EXPORTED
    )
    assert json.loads(entry.content)["operator"] == festival.manager.number


@pytest.mark.parametrize(("kind", "files"), [("csv", 3), ("xlsx", 1)])
async def test_a_day_is_exported_and_its_files_are_told(
    shown: Stage, tmp_path: Path, kind: str, files: int
) -> None:
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "e", "1")
        assert isinstance(shown.screen, ShortForm)
        await press(pilot, "enter")
        shown.screen.query_one("#field-kind", Input).value = kind
        await press(pilot, "enter")
        assert isinstance(shown.screen, Written)
        assert len(list((tmp_path / "exports").glob(f"*.{kind}"))) == files
        said = " ".join(told(shown.screen).split())
        assert "Journée pas encore clôturée (21/01/2026) : ce qui s'y vend encore n'y est pas." in said
        assert "Compris" in str(shown.screen.query_one(Button).label)


async def test_what_is_typed_takes_the_place_of_what_a_line_of_an_export_says(
    shown: Stage, tmp_path: Path
) -> None:
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "e", "2", *"21/01/2026", "enter", "enter", *"xls", "f9")
        assert "en csv ou en xlsx" in told(shown.screen)
        await press(pilot, *"xlsx", "up", *"31022026", "f9")
        assert "« 31022026 » n'est pas une date" in told(shown.screen)
        await press(pilot, *"21/01/2026", "f9")
        assert isinstance(shown.screen, Written)
    assert list((tmp_path / "exports").glob("*.xlsx"))


async def test_a_period_is_exported_with_what_every_day_of_it_took(
    shown: Stage, festival: Festival, tmp_path: Path
) -> None:
    festival.clock.advance(timedelta(days=1))
    festival.sell(festival.product_line())
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "e", "2", *"21/01/2026", "enter", *"22/01/2026", "f9")
        assert isinstance(shown.screen, Written)
    exported = list((tmp_path / "exports").glob("ventes-20260121-20260122-*.csv"))
    assert len(exported) == 3
    assert {row["journée"] for path in exported for row in csv_rows(path) if "journée" in row} == {
        "21/01/2026",
        "22/01/2026",
    }


async def test_the_screening_that_is_chosen_is_exported_alone(
    shown: Stage, festival: Festival, tmp_path: Path
) -> None:
    festival.sell(festival.seat_line("ETERNAL"))
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await stand_on(shown, "KNEECAP", pilot)
        await press(pilot, "e", "3")
        assert shown.screen.query_one("#field-code", Input).value == "KNEECAP"
        await press(pilot, "f9")
        assert isinstance(shown.screen, Written)
    lines = csv_rows(tmp_path / "exports" / "ventes-seance-KNEECAP.csv")
    assert [row["séance"] for row in lines] == ["KNEECAP"]


async def test_days_typed_wrong_are_said_and_nothing_is_written(shown: Stage, tmp_path: Path) -> None:
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "e", "2", *"32/01/2026", "enter", "enter", "enter")
        assert "n'est pas une date" in told(shown.screen)
        shown.screen.query_one("#field-first", Input).value = "21/01/2026"
        shown.screen.query_one("#field-last", Input).value = "20/01/2026"
        await press(pilot, "f9")
        assert "Le dernier jour est avant le premier." in told(shown.screen)
        assert not (tmp_path / "exports").exists()


async def test_entries_of_a_period_with_nothing_closed_are_refused_in_words(shown: Stage) -> None:
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "e", "7", "f9")
        assert "clôtur" in told(shown.screen)
        await press(pilot, "escape")
        assert isinstance(shown.screen, StatementsDialog)


async def test_the_list_of_customers_is_a_file_of_names_told_by_the_journal(
    shown: Stage, festival: Festival, tmp_path: Path
) -> None:
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "e", "5", "f9")
        assert "Il contient des noms" in told(shown.screen)
    assert list((tmp_path / "copies").glob("clients-*.csv"))
    assert JournalKind.CUSTOMER_LISTED in journal_kinds(festival)


async def test_a_cashiers_operations_are_found_by_name(shown: Stage, tmp_path: Path) -> None:
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "e")
        assert isinstance(shown.screen, Choose)
        await press(pilot, "4", *"karim", "enter", "f9")
        assert isinstance(shown.screen, Written)
        assert list((tmp_path / "exports").glob("*operateur-2*"))


@pytest.mark.parametrize("width", [80, 99, 100, 120])
def test_the_state_of_a_statement_is_never_cut_beside_a_scrollbar(festival: Festival, width: int) -> None:
    day = business_day(festival.clock.now(), festival.posts[0].rules.business_day_starts)
    rows = festival.read(lambda session: list_statements(session, day, clock=festival.clock))
    long = replace(rows[0], title="T" * 90, short_hall="H" * 40, sold=9999, takings_cents=9_999_99)
    for state in StatementState:
        for changed in (True, False):
            row = replace(long, state=state, changed=changed)
            assert row_words(row, width).cell_length <= width - EDGES


def test_a_row_names_the_film_and_the_hall_as_the_counter_does(festival: Festival) -> None:
    day = business_day(festival.clock.now(), festival.posts[0].rules.business_day_starts)
    rows = festival.read(lambda session: list_statements(session, day, clock=festival.clock))
    row = replace(rows[0], title="Lecture de scénario : Dahlia", short_hall="400 Coups 6")
    assert "Lecture de scénario : Dahlia" in row_words(row, 120).plain
    assert "Lecture de scénario" in row_words(row, 80).plain
    assert all("400 Coups 6" in row_words(row, width).plain for width in (80, 120))


async def test_a_statement_whose_screening_changed_is_corrected_with_one_more_key(
    shown: Stage, festival: Festival, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(House, "wake_printers", lambda _house: woken.append(statements(festival)))
    now = festival.clock.now()
    festival.clock.advance(timedelta(hours=14))
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await stand_on(shown, "KNEECAP", pilot)
        await press(pilot, "p")
        assert "≠ changé" not in listed(shown)
        await press(pilot, "enter", "r", "1")
        assert "Rien n'a changé depuis" in told(shown.screen)
        festival.clock.advance(now - festival.clock.now())
        festival.sell(festival.seat_line())
        festival.clock.advance(timedelta(hours=14))
        await press(pilot, "escape")
        assert "≠ changé" in listed(shown)
        assert "Entrée, puis R, le corrige" in told(shown.screen)
        await press(pilot, "enter")
        assert "Depuis l'original : 1 billet émis, 8,50" in " ".join(told(shown.screen).split())
        await press(pilot, "r", "1")
        assert "Rectificatif n° 1 demandé" in told(shown.screen)
        assert woken == [1, 2], "the printers are woken once for each paper, when it waits for them"
        await press(pilot, "escape")
        assert "≠ changé" not in listed(shown)


async def test_what_is_asked_of_a_day_is_done_of_it_whatever_is_read_meanwhile(
    shown: Stage, festival: Festival, monkeypatch: pytest.MonkeyPatch
) -> None:
    festival.clock.advance(timedelta(hours=10))
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        screen = shown.screen
        assert isinstance(screen, StatementsDialog)
        waiting = [row.screening_id for row in screen.rows if row.waits and not row.is_empty]
        assert waiting
        listing = hold(monkeypatch, screens_statements, "list_statements")
        await pilot.press("right")
        await listing.until_asked(pilot)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(shown.screen, Choose))
        listing.go.set()
        await until(pilot, lambda: waiting[0] not in [row.screening_id for row in screen.rows])
        await press(pilot, "1")
    assert statements(festival) == len(waiting)


async def test_a_long_day_leaves_room_for_the_keys_and_stands_on_its_last_screening_that_is_over(
    shown: Stage,
) -> None:
    async with shown.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen = shown.screen
        assert isinstance(screen, StatementsDialog)
        states = (StatementState.NOT_OVER, StatementState.TO_GIVE)
        many = [replace(screen.rows[0], screening_id=100 + n, state=states[n < 30]) for n in range(40)]
        screen._show(screen._day, tuple(many))
        await settle(pilot)
        keys = screen.query(".dialog-keys").last()
        assert screen.region.contains_region(keys.region)
        rows = screen.query_one(Choices)
        assert rows.highlighted == 29
        assert rows.scroll_offset.y <= 29 < rows.scroll_offset.y + rows.size.height


@pytest.fixture
def closed(festival: Festival, shown: Stage) -> Stage:
    """The same once both tills and the day are closed."""
    close_the_till(festival, 0, 10_850)
    close_the_till(festival, 1, 5_000)
    close_the(festival, ClosingPeriod.DAY)
    return shown


def written(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "exports").iterdir())


async def test_a_z_is_found_by_its_till_and_written_as_a_pdf(closed: Stage, tmp_path: Path) -> None:
    async with closed.run_test(size=(80, 24)) as pilot:
        await press(pilot, "e", "6", *"caisse 1", "enter")
        assert isinstance(closed.screen, Written)
    (name,) = written(tmp_path)
    assert "caisse-1" in name
    assert (tmp_path / "exports" / name).read_bytes().startswith(b"%PDF-")


async def test_entries_asked_for_from_a_day_to_one_before_it_are_refused_in_the_form(
    closed: Stage, tmp_path: Path
) -> None:
    async with closed.run_test(size=(80, 24)) as pilot:
        await press(pilot, "e", "7")
        form = closed.screen
        assert form.query_one("#field-last", Input).placeholder == "31 décembre de la même année"
        await press(pilot, *"02/01/2026", "enter", *"01/01/2026", "f9")
        assert "Le dernier jour est avant le premier." in told(closed.screen)
        assert closed.screen is form
    assert not (tmp_path / "exports").exists()


async def test_entries_of_a_closed_day_are_written_and_counted(closed: Stage, tmp_path: Path) -> None:
    async with closed.run_test(size=(80, 24)) as pilot:
        await press(pilot, "e", "7", "f9")
        assert "1 écriture équilibrée." in told(closed.screen)
    assert written(tmp_path) == ["732829320FEC20261231.txt"]
    lines = (tmp_path / "exports" / "732829320FEC20261231.txt").read_text("iso8859-15").splitlines()
    assert lines[0].startswith("JournalCode\tJournalLib")


async def test_totals_to_declare_are_written_in_both_kinds_of_file(
    closed: Stage, festival: Festival, tmp_path: Path
) -> None:
    async with closed.run_test(size=(80, 24)) as pilot:
        await press(pilot, "e", "8", "f9")
        assert isinstance(closed.screen, Written)
        await press(pilot, "enter")
    assert sorted(Path(name).suffix for name in written(tmp_path)) == [".csv", ".json"]
    (name,) = (name for name in written(tmp_path) if name.endswith(".json"))
    assert "TPS1" in (tmp_path / "exports" / name).read_text("utf-8")
    assert JournalKind.FIGURES_EXPORTED in journal_kinds(festival)


async def test_the_week_of_an_exhibitor_is_read_turned_printed_and_written(
    festival: Festival, shown: Stage, tmp_path: Path
) -> None:
    festival.write(lambda session: session.execute(update(table(Venue)).values(regime=Regime.CNC_EXHIBITOR)))
    async with shown.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "s")
        if isinstance(shown.screen, Choose):
            await press(pilot, "1")
        assert isinstance(shown.screen, ShowWeek)
        assert "Semaine du 21/01/2026" in told(shown.screen)
        await press(pilot, "left")
        assert "Semaine du 14/01/2026" in told(shown.screen)
        await press(pilot, "right", "p")
        assert "Bordereau demandé" in told(shown.screen)
        await press(pilot, "d")
        assert isinstance(shown.screen, Written)
    assert sorted(Path(name).suffix for name in written(tmp_path)) == [".csv", ".pdf"]
