"""Exports and statements from the command line, on the sample festival."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from boxoffice import database as databases
from boxoffice.cli import DONE, MISUSED, REFUSED, run
from boxoffice.clock import SystemClock
from boxoffice.config import settings_in
from boxoffice.models import Operator, Sale, SaleLine, Screening, Till, Venue, table
from tests.sales.fec_checker import cents, check
from tests.sales.spreadsheets import csv_rows, workbook
from tests.test_cli import festival_folder, folder, sample, stop_the_clock

__all__ = ["festival_folder", "folder", "sample"]

_sale, _line, _screening = table(Sale), table(SaleLine), table(Screening)
_operator, _venue = table(Operator), table(Venue)


@pytest.fixture(scope="module")
def sample_sold(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the sample festival, once sixty sales were made there."""
    sold = tmp_path_factory.mktemp("sold")
    shutil.copytree(sample, sold, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        stop_the_clock(patch)
        patch.setenv("BOXOFFICE_DATA_FOLDER", str(sold))
        assert run(["simulate", "--here", "--sales", "60", "--json"]) == DONE
    return sold


@pytest.fixture
def rows(folder: Path, sample_sold: Path) -> Iterator[Any]:
    """Asks the database of the festival something, once sixty sales were made there."""
    shutil.copytree(sample_sold, folder, dirs_exist_ok=True)
    database = databases.connect(settings_in(folder).database_url)
    with database.read() as session:
        yield session.execute
    database.close()


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What a command answers in JSON."""
    assert run([*arguments, "--json"]) == DONE, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def files(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[Path]:
    return [Path(name) for name in told(capsys, *arguments)["files"]]


def test_a_period_is_exported_as_three_tables_or_as_a_workbook(
    rows: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = files(capsys, "export", "period", "2000-01-01", "2100-01-01")
    assert [path.name for path in paths] == [
        f"SPECIMEN-ventes-20000101-21000101-{what}.csv" for what in ("lignes", "reglements", "tva-par-jour")
    ]
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}
    lines = len(rows(select(_line)).all())
    assert len(csv_rows(paths[0])) == lines > 100
    (book,) = files(capsys, "export", "period", "2000-01-01", "2100-01-01", "--format", "xlsx")
    assert len(workbook(book)["Lignes"]) == lines + 1


def test_a_day_a_cashier_and_a_screening_are_exported(
    rows: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    day, count = rows(
        select(_sale.c.business_day, _operator.c.number).join(
            _operator, _operator.c.id == _sale.c.operator_id
        )
    ).first()
    paths = files(capsys, "export", "day", day.isoformat(), "--out", str(tmp_path / "ici"))
    assert paths[0].parent == tmp_path / "ici"
    assert {row["journée"] for row in csv_rows(paths[0])} == {f"{day:%d/%m/%Y}"}
    paths = files(capsys, "export", "cashier", str(count))
    assert {row["opérateur n°"] for row in csv_rows(paths[0])} == {str(count)}
    code = rows(select(_screening.c.code).join(_line, _line.c.screening_id == _screening.c.id)).scalar()
    (path,) = files(capsys, "export", "screening", code)
    assert {row["séance"] for row in csv_rows(path)} == {code}


def test_a_day_without_sales_is_an_empty_table(
    festival_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = files(capsys, "export", "day", "2001-01-01")
    assert paths[0].parent == settings_in(festival_folder).exports_folder
    assert [csv_rows(path) for path in paths] == [[], [], []]


@pytest.mark.usefixtures("festival_folder")
def test_a_day_without_sales_is_said_to_be_one_and_is_not_said_to_be_open(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["export", "day", "2001-01-01"]) == DONE
    assert capsys.readouterr().err.splitlines() == [
        "Aucune opération n'y répond : il n'y a que les titres des colonnes."
    ]
    written = told(capsys, "export", "day", "2001-01-01")
    assert (written["lines"], written["not_closed"]) == (0, [])


def test_a_day_that_is_not_closed_is_said_to_be_open_until_it_is(
    rows: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    day = rows(select(_sale.c.business_day)).scalar()
    assert run(["export", "day", day.isoformat()]) == DONE
    said = f"Journée pas encore clôturée ({day:%d/%m/%Y}) : ce qui s'y vend encore n'y est pas."
    assert capsys.readouterr().err.splitlines() == [said]
    written = told(capsys, "export", "period", "2001-01-01", "2100-01-01")
    assert written["not_closed"] == [day.isoformat()]
    assert written["lines"] > 100
    for number in rows(select(table(Till).c.number).order_by(table(Till).c.number)).scalars().all():
        run(["close", "till", str(number), "--reason", "Non compté"])
    assert run(["close", "day"]) == DONE
    capsys.readouterr()
    assert run(["export", "day", day.isoformat()]) == DONE
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "export",
    [
        ["export", "day"],
        ["export", "cashier", "1"],
        ["export", "fec"],
        ["export", "ereporting", "2001-01-01", "2001-01-31"],
        ["archive", "create", "--from", "2001-01-01", "--to", "2001-01-31"],
    ],
    ids=" ".join,
)
def test_a_mistyped_path_is_refused_and_makes_no_folder(
    festival_folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, export: list[str]
) -> None:
    assert festival_folder.is_dir()
    here = tmp_path / "vers"
    assert run([*export, "--out", str(here / "les" / "comptes")]) == REFUSED
    said = capsys.readouterr().err
    assert said.startswith(f"Le dossier « {here}")
    assert "n'existe pas" in said
    assert not here.exists()
    here.touch()
    assert run([*export, "--out", str(here / "comptes")]) == REFUSED
    assert run([*export, "--out", str(here)]) == REFUSED


@pytest.mark.usefixtures("festival_folder")
def test_what_cannot_be_exported_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "screening", "RIEN"]) == REFUSED
    assert "« RIEN » n'existe pas" in capsys.readouterr().err
    assert run(["export", "period", "2026-01-02", "2026-01-01"]) == REFUSED
    assert run(["export", "day", "--format", "pdf"]) == MISUSED
    assert run(["export", "fec", "2001-01-01", "2001-12-31"]) == REFUSED
    assert "Aucune journée n'a été clôturée" in capsys.readouterr().err
    assert run(["export", "ereporting", "2001-01-01", "2001-01-31"]) == REFUSED
    for export in ("fec", "ereporting"):
        capsys.readouterr()
        assert run(["export", export, "2026-01-02", "2026-01-01"]) == REFUSED
        assert "Le dernier jour est avant le premier." in capsys.readouterr().err


@pytest.mark.usefixtures("festival_folder")
def test_entries_asked_for_in_the_night_of_the_new_year_are_those_of_the_year_that_ends(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SystemClock, "now", lambda _clock: datetime(2031, 1, 1, 1, 30, tzinfo=UTC))
    assert run(["export", "fec"]) == REFUSED
    assert "Aucune journée n'a été clôturée du 01/01/2030 au 31/12/2030." in capsys.readouterr().err


@pytest.mark.parametrize(
    "export", [["day"], ["period", "2026-01-01", "2026-01-02"], ["cashier", "1"], ["fec"]], ids="-".join
)
def test_figures_are_written_once_a_manager_answers_for_it(
    festival_folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    export: list[str],
) -> None:
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "9999")
    assert run(["export", *export]) == REFUSED
    assert "code" in capsys.readouterr().err
    assert not settings_in(festival_folder).exports_folder.exists()


def test_days_that_were_closed_are_entered_declared_and_written(
    rows: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in rows(select(table(Till).c.number).order_by(table(Till).c.number)).scalars().all():
        run(["close", "till", str(number), "--reason", "Non compté"])
    assert run(["close", "day"]) == DONE
    capsys.readouterr()
    turnover = told(capsys, "report", "z", "1")["period_cents"]
    found = told(capsys, "export", "fec", "2000-01-01", "2100-12-31")
    (path,) = map(Path, found["files"])
    assert found["entries"] == 1
    assert path.parent == settings_in(folder).exports_folder
    assert path.name.startswith("SPECIMEN-")
    name = path.name.removeprefix("SPECIMEN-")
    lines = check(name, path.read_bytes())
    assert found["debit_cents"] == sum(cents(line["Debit"]) for line in lines) >= turnover > 0
    piped = told(capsys, "export", "fec", "2000-01-01", "2100-12-31", "--pipes")
    check(name, Path(piped["files"][0]).read_bytes(), "|")
    totals = told(capsys, "export", "ereporting", "2000-01-01", "2100-12-31")
    assert sum(each["gross_cents"] for each in totals["days"][0]["totals"]) == turnover
    (pdf,) = files(capsys, "export", "z", "1")
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert run(["export", "z", "9"]) == REFUSED


def test_customers_are_exported_where_an_erasure_finds_them(
    festival_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = files(capsys, "export", "customers")
    assert path.parent == settings_in(festival_folder).copies_folder
    assert path.match("clients-*.csv")
    assert "courriel" in path.read_text("utf-8-sig").splitlines()[0]
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "9999")
    assert run(["export", "customers"]) == REFUSED
    assert len(list(path.parent.glob("clients-*"))) == 1


def test_the_statement_of_a_screening_is_shown_written_and_ordered(
    rows: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, sold = rows(
        select(_screening.c.code, _line.c.screening_id)
        .join(_line, _line.c.screening_id == _screening.c.id)
        .order_by(_screening.c.starts_at)
    ).first()
    quantities = rows(select(_line.c.quantity).where(_line.c.screening_id == sold)).scalars().all()
    found = told(capsys, "report", "screening", code)
    assert (found["screening"], found["sold"]) == (code, sum(quantities))
    assert run(["report", "screening", code]) == DONE
    assert "RELEVÉ DE SÉANCE" in capsys.readouterr().out.replace("BORDEREAU", "RELEVÉ")
    assert run(["report", "screening", code, "--pdf"]) == DONE
    path = Path(capsys.readouterr().out.strip())
    kind = "-provisoire" if found["provisional"] else ""
    assert path == settings_in(folder).exports_folder / f"SPECIMEN-releve-{code}{kind}.pdf"
    assert path.read_bytes().startswith(b"%PDF-")
    assert path.stat().st_mode & 0o777 == 0o600
    assert run(["report", "screening", code, "--print"]) == DONE
    assert "attend l'imprimante" in capsys.readouterr().out
    assert run(["report", "screening", code, "--pdf", "--print"]) == MISUSED
    assert run(["report", "screening", code, "--correct"]) == MISUSED
    assert run(["report", "screening", code, "--correct", "--print"]) == REFUSED
    assert run(["report", "screening", "RIEN"]) == REFUSED


def test_the_statements_of_a_day_are_listed_and_printed_at_one_go(
    rows: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    starts_at = rows(select(_screening.c.starts_at).order_by(_screening.c.starts_at)).scalar()
    day = f"{starts_at:%Y-%m-%d}"
    listed = told(capsys, "report", "screenings", day)
    assert listed
    over = {row["screening"]: row["empty"] for row in listed if row["statement"] == "to_give"}
    assert over
    some = told(capsys, "report", "screenings", day, "--print", "--with-tickets")
    ordered = {row["screening"] for row in some if row["statement"] == "ordered"}
    assert ordered == {code for code, empty in over.items() if not empty}
    printed = told(capsys, "report", "screenings", day, "--print")
    assert {row["statement"] for row in printed if row["screening"] in over} == {"ordered"}
    assert told(capsys, "report", "screenings", day, "--print") == printed
    assert run(["report", "screenings", day]) == DONE
    assert "demandé" in capsys.readouterr().out
    assert run(["report", "screenings", "2001-01-01"]) == DONE
    assert capsys.readouterr().out == "Aucune séance ce jour-là.\n"


def test_a_door_list_is_opened_by_a_manager(
    rows: Any, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code = rows(select(_screening.c.code).join(_line, _line.c.screening_id == _screening.c.id)).scalar()
    found = told(capsys, "report", "doors", code)
    assert found["screening"] == code
    assert found["tickets"]
    assert run(["report", "doors", code, "--pdf"]) == DONE
    path = Path(capsys.readouterr().out.strip())
    assert path == settings_in(folder).copies_folder / f"portes-{code}.pdf"
    assert run(["report", "doors", code, "--print"]) == DONE
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "9999")
    assert run(["report", "doors", code]) == REFUSED


def test_a_week_of_an_exhibitor_is_shown_and_written(
    rows: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    venues = rows(select(_venue.c.code, _venue.c.regime)).all()
    exhibitors = [row.code for row in venues if row.regime == "CNC_EXHIBITOR"]
    assert exhibitors
    found = told(capsys, "report", "week", "--venue", exhibitors[0])
    assert found["venue"] == exhibitors[0]
    assert run(["report", "week", "--venue", exhibitors[0], "--pdf"]) == DONE
    pdf, table_of = map(Path, capsys.readouterr().out.split())
    assert pdf.parent == settings_in(folder).exports_folder
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert sum(int(row["entrées"]) for row in csv_rows(table_of)) == found["entries"]
    assert run(["report", "week", "--venue", exhibitors[0]]) == DONE
    assert "BORDEREAU DE SEMAINE" in capsys.readouterr().out
    assert run(["report", "week", "--venue", "RIEN"]) == REFUSED


@pytest.mark.usefixtures("festival_folder")
def test_accounts_are_listed_and_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["accounts", "set", "tickets", "706100"]) == DONE
    assert capsys.readouterr().out == "tickets : 706100.\n"
    assert {row["name"]: row["number"] for row in told(capsys, "accounts", "list")}["tickets"] == "706100"
    assert run(["accounts", "list"]) == DONE
    assert "billets et pass" in capsys.readouterr().out
    assert run(["accounts", "set", "tickets", "x"]) == REFUSED


@pytest.mark.usefixtures("rows")
def test_what_a_restoring_may_have_left_out_is_said_with_every_export(
    capsys: pytest.CaptureFixture[str],
) -> None:
    period = ("2000-01-01", "2100-01-01")
    assert told(capsys, "export", "period", *period)["left_out"] == []
    assert run(["backup"]) == DONE
    capsys.readouterr()
    (kept,) = told(capsys, "backup", "list")
    assert run(["restore", kept["file"], "--yes"]) == DONE
    capsys.readouterr()
    for words in (("period", *period), ("period", *period, "--format", "xlsx"), ("cashier", "1")):
        (restored,) = told(capsys, "export", *words)["left_out"]
        assert restored["operations"] == []
    assert run(["export", "period", *period]) == DONE
    said = capsys.readouterr().err
    assert "Base remise le " in said
    assert "ce qui fut fait entre-temps n'est pas dans cet export." in said
