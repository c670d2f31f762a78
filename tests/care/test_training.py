"""Training: a till of its own from the programme on sale, that nobody takes for the real one."""

from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import select
from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.app import BoxOfficeApp
from boxoffice.care.training import (
    FOLDER,
    PROGRAMME,
    SPECIMEN,
    is_of_today,
    prepare_training,
    throw_away_training,
    training_ended,
    training_settings,
    training_started,
)
from boxoffice.cli import DONE, run
from boxoffice.config import Settings
from boxoffice.errors import Refusal
from boxoffice.house import open_house
from boxoffice.kinds import Action
from boxoffice.models import (
    Customer,
    Establishment,
    JournalEntry,
    Operator,
    Printer,
    PrinterKind,
    PrinterRole,
    Role,
    Sale,
    Setting,
    TillPrinter,
    guards,
    table,
)
from boxoffice.sales.books.verification import verify
from boxoffice.sales.prints.letterhead import read_letterhead
from boxoffice.sales.staff.accounts import change_account
from boxoffice.sales.staff.equipment import AddPrinter, add_printer
from boxoffice.sales.staff.rule_changes import change_rule
from boxoffice.screens.training import TrainingBanner
from tests.sales.conftest import Festival
from tests.sales.leaving import leave_to
from tests.screens.stage import until


def rows_of(settings: Settings, *models: type) -> list[list[object]]:
    database = databases.connect(settings.database_url)
    try:
        with database.read() as session:
            return [list(session.execute(table(model).select()).mappings()) for model in models]
    finally:
        database.close()


def test_the_training_till_has_the_programme_and_nothing_of_anybody(
    festival: Festival, settings: Settings
) -> None:
    festival.sell_pass()
    festival.sell()
    before = festival.everything()
    training = training_settings(settings)
    prepare_training(festival.database, training, clock=festival.clock)
    assert festival.everything() == before, "nothing of it touches the real database"
    for model in PROGRAMME:
        (copied,) = rows_of(training, model)
        assert len(copied) == festival.count(model)
    (screenings,) = rows_of(training, PROGRAMME[5])
    assert {row["allocated"] for row in screenings} == {0}  # type: ignore[index]
    assert rows_of(training, Customer, Sale) == [[], []]
    (staff,) = rows_of(training, Operator)
    assert {row["name"] for row in staff}.isdisjoint({"Lisa B.", "Karim D.", "Chloé M."})  # type: ignore[index]
    (establishment,) = rows_of(training, Establishment)
    assert [row["specimen"] for row in establishment] == [SPECIMEN]  # type: ignore[index]
    database = databases.connect(training.database_url)
    with database.read() as session:
        assert verify(session).fault is None
    database.close()


def test_what_a_manager_set_is_in_force_in_training_too(festival: Festival, settings: Settings) -> None:
    leave_to(festival, Action.CASH_OUT, Role.CASHIER)
    post, clock, manager = festival.posts[0], festival.clock, festival.manager
    festival.write(
        lambda session: change_account(session, post, "cash", "5301", clock=clock, manager=manager)
    )
    festival.write(lambda session: change_rule(session, post, "idle-lock", "9", clock=clock, manager=manager))
    training = training_settings(settings)
    prepare_training(festival.database, training, clock=festival.clock)
    (copied,) = rows_of(training, Setting)
    assert {(row["name"], row["value"]) for row in copied} == {  # type: ignore[index]
        (row.name, row.value) for row in festival.rows(Setting)
    }
    assert len(copied) == 3
    database = databases.connect(training.database_url)
    with database.read() as session:
        assert verify(session).fault is None
    database.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_papers_come_out_of_the_real_printers_only_when_asked(festival: Festival, settings: Settings) -> None:
    training = training_settings(settings)
    added = AddPrinter("Guichet", PrinterKind.NETWORK, "192.168.1.50:9100")

    def assign(session: Session) -> None:
        add_printer(session, festival.posts[0], added, clock=festival.clock, manager=festival.manager)
        used = table(TillPrinter)
        of_till = used.c.till_id == festival.posts[0].till_id
        real = select(table(Printer).c.id).where(table(Printer).c.name == "Guichet").scalar_subquery()
        session.execute(
            used.update().where(of_till, used.c.role == PrinterRole.TICKETS).values(printer_id=real)
        )

    festival.write(assign)
    for wanted in (False, True):
        prepare_training(festival.database, training, clock=festival.clock, printers=wanted)
        printers, used = rows_of(training, Printer, TillPrinter)
        names = {row["id"]: row["name"] for row in printers}  # type: ignore[index]
        out = {row["role"]: names[row["printer_id"]] for row in used}  # type: ignore[index]
        assert (out[PrinterRole.TICKETS] == "Guichet") == wanted
        assert out[PrinterRole.BADGES] != "Guichet"


def test_it_is_made_anew_each_business_day_and_thrown_away_by_a_word(
    festival: Festival, settings: Settings
) -> None:
    training = training_settings(settings)
    assert not is_of_today(training, clock=festival.clock)
    prepare_training(festival.database, training, clock=festival.clock)
    assert is_of_today(training, clock=festival.clock)
    throw_away_training(training)
    assert not training.data_folder.exists()
    with pytest.raises(ValueError, match="not those of a training till"):
        throw_away_training(settings)


def test_it_is_not_thrown_away_under_who_trains_at_it(festival: Festival, settings: Settings) -> None:
    training = training_settings(settings)
    prepare_training(festival.database, training, clock=festival.clock)
    with FileLock(training.data_folder / "till-1.lock"):
        with pytest.raises(Refusal, match="Le guichet de formation est ouvert sur ce poste"):
            throw_away_training(training)
        with pytest.raises(Refusal, match="Le guichet de formation est ouvert sur ce poste"):
            prepare_training(festival.database, training, clock=festival.clock)
        assert is_of_today(training, clock=festival.clock)
    throw_away_training(training)
    assert not training.data_folder.exists()


def test_the_real_journal_tells_when_somebody_trains(festival: Festival) -> None:
    post = festival.posts[0]
    festival.write(lambda session: training_started(session, post, clock=festival.clock))
    festival.write(lambda session: training_ended(session, post, clock=festival.clock))
    told = [row.kind for row in festival.rows(JournalEntry) if row.till_id == post.till_id]
    assert told[-2:] == ["training.started", "training.ended"]
    festival.stands()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_training_is_unmistakable_from_the_log_in_on(festival: Festival, settings: Settings) -> None:
    training = training_settings(settings)
    prepare_training(festival.database, training, clock=festival.clock)
    app = BoxOfficeApp(training, clock=festival.clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.theme == "formation"
        assert "FORMATION" in str(app.screen.query_one(TrainingBanner).render())
        app.action_turn_theme()
        assert app.theme == "formation"
        await until(pilot, lambda: bool(app.login._staff))
        await pilot.press("2", "enter", *"1111", "enter")
        await until(pilot, lambda: app.screen is not app.login and bool(app.screen.query(TrainingBanner)))
        assert app.screen is not app.login
        assert app.screen.query(TrainingBanner)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_prepares_it_beside_the_real_data(
    festival: Festival,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert festival.desk
    monkeypatch.setenv("BOXOFFICE_DATA_FOLDER", str(settings.data_folder))
    monkeypatch.setenv("BOXOFFICE_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("BOXOFFICE_KEYS_FOLDER", str(settings.keys_folder))
    assert run(["training", "--no-open"]) == DONE
    assert "avec le programme de maintenant" in capsys.readouterr().out
    folder: Path = settings.data_folder / FOLDER
    assert {"boxoffice.sqlite", "keys"} <= {path.name for path in folder.iterdir()}
    assert run(["training", "--throw-away"]) == DONE
    assert not folder.exists()


def test_no_file_nor_variable_makes_a_till_train(tmp_path: Path) -> None:
    from boxoffice.config import read_settings

    (tmp_path / "boxoffice.toml").write_text("training = true\n")
    with pytest.raises(Refusal, match="inconnu"):
        read_settings({"BOXOFFICE_DATA_FOLDER": str(tmp_path)})
    (tmp_path / "boxoffice.toml").unlink()
    assert not read_settings({"BOXOFFICE_DATA_FOLDER": str(tmp_path), "BOXOFFICE_TRAINING": "oui"}).training


def test_papers_of_a_training_till_are_marked_whatever_its_row_says_for_an_hour(
    festival: Festival, settings: Settings
) -> None:
    training = training_settings(settings)
    prepare_training(festival.database, training, clock=festival.clock)
    database = databases.connect(training.database_url)
    with database.write() as session:
        guards.remove(session.connection())
        session.execute(table(Establishment).update().values(specimen=""))
    with database.read() as session:
        assert read_letterhead(session).specimen == SPECIMEN
        assert verify(session).fault is not None
    database.close()
    assert festival.read(read_letterhead).specimen == ""


def test_papers_of_a_program_that_trains_are_marked_whatever_its_database_says(
    festival: Festival, settings: Settings
) -> None:
    """Not even a database in which nothing ever said so prints a ticket that looks like a real one."""
    assert festival.read(read_letterhead).specimen == ""
    house = open_house(replace(settings, training=True), festival.database, festival.clock)
    with house.database.read() as session:
        assert read_letterhead(session).specimen == SPECIMEN
    with house.database.write() as session:
        assert read_letterhead(session).specimen == SPECIMEN
    house.close()
