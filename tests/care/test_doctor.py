"""The doctor: each illness is named in words with a remedy, and nothing is found where all is well."""

import os
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from filelock import FileLock
from sqlalchemy import Update, text, update

from boxoffice.care import signs
from boxoffice.care.backups import BackupReason, back_up
from boxoffice.care.doctor.consultation import examine, is_ill
from boxoffice.care.doctor.findings import Finding, Health
from boxoffice.care.restoring import restore
from boxoffice.cli import DONE, REFUSED, run
from boxoffice.clock import SettableClock, SystemClock
from boxoffice.config import Settings
from boxoffice.kinds import ClosingPeriod
from boxoffice.models import JobState, Printer, PrinterKind, PrintJob, TillPrinter, table
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.staff.shift_closing import ShiftEnd
from boxoffice.sales.staff.till_changes import retire_till
from tests.sales.closed_books import close_the, close_the_till
from tests.sales.conftest import Festival


def backed_up(festival: Festival, settings: Settings) -> None:
    """A till with a backup, at the hour that it is."""
    festival.clock.advance(SystemClock().now() - festival.clock.now())
    back_up(
        festival.database,
        settings.backups_folder,
        BackupReason.ASKED,
        festival.posts[0],
        clock=festival.clock,
    )


def ill(festival: Festival, settings: Settings) -> list[Finding]:
    found = examine(settings, clock=festival.clock)
    assert is_ill(found) == any(finding.health is Health.ILL for finding in found)
    return [finding for finding in found if finding.health is Health.ILL]


def test_a_till_that_is_well_has_nothing_to_do(festival: Festival, settings: Settings) -> None:
    backed_up(festival, settings)
    assert ill(festival, settings) == []


def test_a_day_left_open_is_named_with_its_till(festival: Festival, settings: Settings) -> None:
    festival.sell()
    later = SettableClock(festival.clock.now() + timedelta(days=1))
    found = [finding for finding in examine(settings, clock=later) if finding.subject == "closings"]
    assert [(finding.health, finding.said) for finding in found] == [
        (Health.ILL, "La journée du mer. 21 janv. n'est pas close à la caisse 1."),
        (Health.WATCH, "La journée du mer. 21 janv. n'est pas close à la caisse 2."),
    ]
    assert all(finding.remedy for finding in found)


def test_nothing_is_asked_of_a_till_out_of_service(festival: Festival, settings: Settings) -> None:
    for till in range(2):
        close_the_till(festival, till, end=ShiftEnd(reason="Non compté"))
    close_the(festival, ClosingPeriod.DAY)
    festival.write(
        lambda session: retire_till(
            session, festival.posts[0], 2, clock=festival.clock, manager=festival.manager
        )
    )
    later = SettableClock(festival.clock.now() + timedelta(days=1))
    found = [finding for finding in examine(settings, clock=later) if finding.subject == "closings"]
    assert [finding.health for finding in found] == [Health.WELL]


def test_a_day_that_only_its_tills_have_closed_and_a_month_that_is_over_are_told(
    festival: Festival, settings: Settings
) -> None:
    festival.sell()
    for till in range(2):
        close_the_till(festival, till, end=ShiftEnd(reason="Non compté"))
    later = SettableClock(festival.clock.now() + timedelta(days=31))

    def told() -> list[tuple[Health, str]]:
        found = examine(settings, clock=later)
        return [(finding.health, finding.said) for finding in found if finding.subject == "closings"]

    assert told() == [(Health.ILL, "La journée du mer. 21 janv. n'est pas close pour toute la billetterie.")]
    close_the(festival, ClosingPeriod.DAY)
    assert (Health.WATCH, "Le mois qui finit le 31/01/2026 attend sa clôture.") in told()


def test_a_year_that_is_over_and_in_no_archive_is_told(closed_books: Festival, settings: Settings) -> None:
    found = [each for each in examine(settings, clock=closed_books.clock) if each.subject == "archives"]
    assert [(each.health, each.said) for each in found] == [
        (Health.WATCH, "L'année 2026 n'est pas archivée, ou pas en entier.")
    ]


def test_what_a_base_put_back_has_not_is_told_all_year(festival: Festival, settings: Settings) -> None:
    festival.sell()
    post, folder = festival.posts[0], settings.backups_folder
    kept = back_up(festival.database, folder, BackupReason.ASKED, post, clock=festival.clock)
    festival.sell()
    festival.database.close()
    restore(settings, kept.path, festival.manager.number, clock=festival.clock)

    def told(clock: SettableClock) -> list[str]:
        return [each.said for each in examine(settings, clock=clock) if each.subject == "restored"]

    (said,) = told(festival.clock)
    assert "depuis" in said
    assert "opération 1-000002 hors de cette base : 8,50\u00a0€" in said.replace("\u202f", "\u00a0")
    assert told(SettableClock(festival.clock.now() + timedelta(days=370))) == []


def test_the_closings_that_a_base_put_back_has_not_are_told(festival: Festival, settings: Settings) -> None:
    post, folder = festival.posts[0], settings.backups_folder
    festival.sell()
    kept = back_up(festival.database, folder, BackupReason.ASKED, post, clock=festival.clock)
    for till in (0, 1):
        close_the_till(festival, till, None, ShiftEnd(reason="Pas compté"))
    close_the(festival, ClosingPeriod.DAY)
    festival.database.close()
    restore(settings, kept.path, festival.manager.number, clock=festival.clock)
    (said,) = [each.said for each in examine(settings, clock=festival.clock) if each.subject == "restored"]
    assert "Aucune opération connue n'y manque." in said
    gone = "Z de la journée n° 1, Z de la caisse 1 n° 1, Z de la caisse 2 n° 1."
    assert f"Clôtures qui ne sont plus dans la base : {gone}" in said


def test_a_till_without_a_backup_or_with_an_old_one_is_told_to_make_one(
    festival: Festival, settings: Settings
) -> None:
    subjects = [finding.subject for finding in examine(settings, clock=festival.clock)]
    assert {"database", "guards", "anchor", "closings", "printers", "disk", "keys"} <= set(subjects)
    assert "Il n'y a pas de sauvegarde." in [finding.said for finding in ill(festival, settings)]
    backed_up(festival, settings)
    festival.clock.advance(timedelta(days=2))
    said = [finding.said for finding in ill(festival, settings) if finding.subject == "backups"]
    assert len(said) == 1
    assert "elle est trop vieille" in said[0]


class Case(NamedTuple):
    """What befalls a till, and what is said of it."""

    subject: str
    said: str


CASES = {
    "guards": Case("guards", "Des gardes de la base manquent ou ont été changées"),
    "clock": Case("clock", "L'horloge de ce poste"),
    "key gone": Case("keys", "n'est pas sur ce poste"),
    "key seen": Case("keys", "peut être lue par d'autres que vous"),
    "anchor": Case("anchor", "n'est pas celle où la caisse 1 a signé en dernier"),
    "printer": Case("printers", "éteinte"),
    "disk": Case("disk", "Il reste 50 Mo"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_befalls_a_till_is_named_with_its_remedy(
    name: str, festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "key seen" and os.name == "nt":
        pytest.skip("Windows keeps the user's folders private by itself")
    backed_up(festival, settings)
    match name:
        case "guards":
            on = "" if festival.database.is_sqlite else " ON sale"
            dropped = "sale_refuses_update" if festival.database.is_sqlite else "sale_refuses_change"
            festival.write(lambda session: session.execute(text(f"DROP TRIGGER {dropped}{on}")))
        case "clock":
            festival.clock.advance(-timedelta(days=2))
        case "key gone":
            settings.key_path.unlink()
        case "key seen":
            settings.key_path.chmod(0o644)
        case "anchor":
            path = festival.posts[0].signer.anchor_path
            path.write_text(f"{999:012d} {'f' * 64}\n")
        case "printer":
            festival.write(lambda session: session.execute(_unplugged()))
        case "disk":
            usage = shutil.disk_usage(Path.cwd())._replace(free=50_000_000)
            monkeypatch.setattr(signs.shutil, "disk_usage", lambda _folder: usage)
    case = CASES[name]
    found = [finding for finding in ill(festival, settings) if finding.subject == case.subject]
    assert [finding for finding in found if case.said in finding.said and finding.remedy], found


def test_a_clock_is_held_against_that_of_the_server_where_there_is_one(
    festival: Festival, settings: Settings
) -> None:
    """Two days too early or too late: nothing written would tell of a clock that is ahead."""
    backed_up(festival, settings)
    ahead = SettableClock(festival.clock.now() + timedelta(days=2))
    (found,) = [each for each in examine(settings, clock=ahead) if each.subject == "clock"]
    if festival.database.is_sqlite:
        assert found.health is Health.WELL
        return
    assert found.health is Health.ILL
    apart = re.fullmatch(r"L'horloge de ce poste diffère de (\d+) secondes de celle du serveur.", found.said)
    assert apart is not None
    assert abs(timedelta(seconds=int(apart[1])) - timedelta(days=2)) < timedelta(hours=1)


def _unplugged() -> Update:
    return update(table(Printer)).values(kind=PrinterKind.NETWORK, address="127.0.0.1:1")


def test_a_database_that_does_not_answer_is_ill(festival: Festival, settings: Settings) -> None:
    nowhere = replace(settings, database_url="postgresql+psycopg://localhost:1/nowhere?connect_timeout=1")
    found = [finding for finding in ill(festival, nowhere) if finding.subject == "database"]
    assert [finding.said for finding in found] == ["La base de données ne répond pas."]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_answers_one_when_something_is_ill(
    festival: Festival,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert festival.desk
    monkeypatch.setenv("BOXOFFICE_DATA_FOLDER", str(settings.data_folder))
    monkeypatch.setenv("BOXOFFICE_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("BOXOFFICE_KEYS_FOLDER", str(settings.keys_folder))
    assert run(["doctor"]) == REFUSED
    told = capsys.readouterr().out
    assert "✗ Il n'y a pas de sauvegarde." in told
    assert "→ Faites-en une maintenant : « boxoffice backup »." in told
    assert run(["backup", "--if-due"]) == DONE
    assert run(["doctor", "--json"]) == REFUSED
    assert '"subject": "backups",\n    "health": "well"' in capsys.readouterr().out


def test_a_printer_that_the_open_counter_has_is_not_said_to_be_well(
    festival: Festival, settings: Settings
) -> None:
    """Nothing has asked it: it may be dead."""
    settings.data_folder.mkdir(exist_ok=True)
    with FileLock(settings.data_folder / "till-1.lock"):
        found = [each for each in examine(settings, clock=festival.clock) if each.subject == "printers"]
    assert {each.health for each in found} == {Health.WATCH}
    assert "elle n'a pas été essayée" in found[0].said


@pytest.mark.parametrize(("trouble", "health"), [("", Health.WELL), ("Plus de papier.", Health.ILL)])
def test_an_open_counter_tells_what_its_printers_told_it(
    festival: Festival, settings: Settings, trouble: str, health: Health
) -> None:
    settings.data_folder.mkdir(exist_ok=True)
    (printer,) = {row.printer_id for row in festival.rows(TillPrinter) if row.till_id == 1}
    with FileLock(settings.data_folder / "till-1.lock"):
        told = examine(settings, clock=festival.clock, heard={printer: trouble})
    (found,) = [each for each in told if each.subject == "printers"]
    assert found.health is health
    assert (trouble or "elle lui a répondu qu'elle est prête") in found.said


def test_a_printer_from_which_the_open_counter_had_a_paper_lately_is_well(
    festival: Festival, settings: Settings
) -> None:
    festival.sell(festival.seat_line())
    settings.data_folder.mkdir(exist_ok=True)
    printed = {"state": JobState.PRINTED, "changed_at": festival.clock.now()}
    festival.write(lambda session: session.execute(update(table(PrintJob)).values(printed)))
    with FileLock(settings.data_folder / "till-1.lock"):
        (found,) = [each for each in examine(settings, clock=festival.clock) if each.subject == "printers"]
        assert found.health is Health.WELL
        assert "son dernier papier est parti à" in found.said
        festival.clock.advance(timedelta(hours=13))
        (later,) = [each for each in examine(settings, clock=festival.clock) if each.subject == "printers"]
    assert later.health is Health.WATCH


def stuck(festival: Festival, till: int, papers: int) -> None:
    """A sale whose tickets alone have not come out."""
    sold = festival.sell(festival.seat_line(quantity=papers), desk=festival.desks[till])
    jobs = table(PrintJob)
    tickets = (jobs.c.sale_id == sold.sale_id) & (jobs.c.document == DocumentKind.TICKET)
    out, held = {"state": JobState.PRINTED}, {"state": JobState.BLOCKED, "reason": "Plus de papier."}
    festival.write(lambda session: session.execute(update(jobs).where(~tickets).values(out)))
    festival.write(lambda session: session.execute(update(jobs).where(tickets).values(held)))


def test_papers_that_wait_are_counted_by_printer(festival: Festival, settings: Settings) -> None:
    stuck(festival, 0, papers=3)
    said = [each.said for each in examine(settings, clock=festival.clock) if each.subject == "printers"]
    assert "3 papiers attendent « Imprimante virtuelle ». Plus de papier." in said


def test_papers_that_wait_for_a_printer_out_of_service_are_something_to_do(
    festival: Festival, settings: Settings
) -> None:
    """At whichever till: nobody else looks."""
    stuck(festival, 1, papers=1)
    festival.write(lambda session: session.execute(update(table(Printer)).values(active=False)))
    (found,) = [each for each in ill(festival, settings) if "hors service" in each.said]
    said = "1 papier de la caisse 2 attend « Imprimante virtuelle », hors service : il n'en sort pas."
    assert found.said == said
    assert "À la caisse 2" in found.remedy
