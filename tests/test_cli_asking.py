"""Figures, statements and backups asked for on the command line: by the PIN of who may, or by everybody."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from boxoffice import database as databases
from boxoffice.care.backups import list_backups
from boxoffice.cli import DONE, REFUSED, run
from boxoffice.config import settings_in
from boxoffice.festival_sample import STAFF
from boxoffice.kinds import Action, JournalKind
from boxoffice.models import JournalEntry, Screening, table
from tests.test_cli import festival_folder, folder, sample

__all__ = ["festival_folder", "folder", "sample"]

_entry = table(JournalEntry)

KARIM = STAFF[0]
ASKED = {
    "x": Action.SEE_FIGURES,
    "x --till 1": Action.SEE_TAKINGS,
    "z": Action.SEE_FIGURES,
    "screenings": Action.EXPORT_FIGURES,
    "week": Action.EXPORT_FIGURES,
    "liabilities": Action.SEE_FIGURES,
}


def told(folder: Path, kind: JournalKind) -> list[dict[str, Any]]:
    """What the entries of a kind tell."""
    database = databases.connect(settings_in(folder).database_url)
    with database.read() as session:
        contents = session.execute(select(_entry.c.content).where(_entry.c.kind == kind)).scalars().all()
    database.close()
    return [json.loads(content) for content in contents]


def ask(report: str, *more: str) -> int:
    return run(["report", *report.split(), *more])


@pytest.mark.parametrize("report", ASKED)
def test_figures_are_read_by_who_may_and_the_journal_tells_who(
    festival_folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    report: str,
) -> None:
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "9999")
    assert ask(report) == REFUSED
    said = capsys.readouterr()
    assert (said.out, "Ce n'est pas le code de" in said.err) == ("", True)
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "1234")
    assert ask(report) == DONE, capsys.readouterr().err
    (read,) = told(festival_folder, JournalKind.FIGURES_READ)
    assert read["operator"] == 1
    assert run(["journal", "verify"]) == DONE


@pytest.mark.parametrize("report", ASKED)
def test_what_everybody_may_read_asks_for_no_pin(
    festival_folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    report: str,
) -> None:
    left = ASKED[report].value.replace("_", "-")
    assert run(["permissions", "set", left, "caissier", "badges"]) == DONE
    monkeypatch.delenv("BOXOFFICE_MANAGER_PIN")
    assert ask(report) == DONE, capsys.readouterr().err
    assert told(festival_folder, JournalKind.FIGURES_READ) == []


def test_a_cashier_reads_the_takings_of_this_till_and_nothing_else(
    festival_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = databases.connect(settings_in(festival_folder).database_url)
    with database.read() as session:
        code = session.execute(select(table(Screening).c.code)).scalars().first()
    database.close()
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", KARIM.pin)
    assert ask("x --till 1", "--by", str(KARIM.number)) == DONE, capsys.readouterr().err
    assert [read["operator"] for read in told(festival_folder, JournalKind.FIGURES_READ)] == [KARIM.number]
    capsys.readouterr()
    for report in ("x", "liabilities", f"screening {code}", f"doors {code}", "z"):
        assert ask(report, "--by", str(KARIM.number)) == REFUSED
        assert "Il faut un responsable" in capsys.readouterr().err
    assert ask("x", "--by", "99") == REFUSED


def test_a_backup_takes_who_may_make_an_archive_but_for_the_one_that_is_due(
    festival_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = settings_in(festival_folder).backups_folder
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "9999")
    assert run(["backup"]) == REFUSED
    assert list_backups(folder) == ()
    assert run(["backup", "--if-due"]) == DONE
    assert len(list_backups(folder)) == 1
    capsys.readouterr()
    assert run(["backup", "--if-due"]) == DONE
    assert "Aucune sauvegarde n'est à faire" in capsys.readouterr().out
    assert len(list_backups(folder)) == 1
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "1234")
    assert run(["backup"]) == DONE
    assert len(list_backups(folder)) == 2
