"""The command line: one sentence for the user, an exit code for scripts, never a traceback."""

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from functools import cache
from getpass import GetPassWarning
from pathlib import Path

import pytest
from sqlmodel import select

from boxoffice import database as databases
from boxoffice.care.backups import last_backup_at
from boxoffice.cli import DONE, MISUSED, REFUSED, run
from boxoffice.clock import SettableClock, SystemClock
from boxoffice.config import Settings, settings_in
from boxoffice.festival_sample import make_sample_festival, sample_folder
from boxoffice.kinds import VatStatus
from boxoffice.models import Establishment, JournalEntry, Printer, Screening, Till
from boxoffice.sqlite import copy_sqlite

INIT = (
    *("init", "--festival", "Essai", "--operator", "Asso", "--address", "Rue", "--postcode", "49000"),
    *("--town", "Angers", "--siret", "73282932000074", "--vat", "assujetti"),
    *("--manager", "Lisa"),
)

TODAY = datetime(2026, 11, 25, 11, tzinfo=UTC)
"""Noon on a Wednesday, the fifth day of the sample: whenever tests are run, commands are given then."""


def stop_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the clock of this computer stand at noon."""
    monkeypatch.setattr(SystemClock, "now", lambda _clock: TODAY)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a post where nothing is set up yet, and the PINs as a script gives them, at noon."""
    stop_the_clock(monkeypatch)
    for name in list(os.environ):
        if name.startswith("BOXOFFICE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("BOXOFFICE_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("BOXOFFICE_PIN", "1234")
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "1234")
    return tmp_path


@pytest.fixture
def folder_with_tables(folder: Path, sqlite_template: Path) -> Path:
    """The data folder of a post whose tables are made already, which takes most of the time of `init`."""
    shutil.copy(sqlite_template, folder / "boxoffice.sqlite")
    return folder


@cache
def made_sample(tables: Path) -> Path:
    """A data folder with the sample festival, made once for all the files of tests that ask for it."""
    folder = tables.parent / "sample"
    folder.mkdir()
    settings = settings_in(folder)
    shutil.copy(tables, folder / "boxoffice.sqlite")
    database = databases.connect(settings.database_url)
    make_sample_festival(database, settings, clock=SettableClock(TODAY))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return folder


@pytest.fixture(scope="session")
def sample(sqlite_template: Path) -> Path:
    """A data folder with the sample festival."""
    return made_sample(sqlite_template)


@pytest.fixture
def festival_folder(folder: Path, sample: Path) -> Path:
    """The data folder of a post of the sample festival."""
    shutil.copytree(sample, folder, dirs_exist_ok=True)
    return folder


def test_help_is_in_the_language_asked_for_and_needs_no_festival(folder: Path) -> None:
    told = {
        language: subprocess.run(
            [sys.executable, "-m", "boxoffice", "--lang", language, "print", "sample", "--help"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "BOXOFFICE_DATA_FOLDER": str(folder), "PYTHONUTF8": "1"},
        ).stdout
        for language in ("fr", "en")
    }
    assert "Usage : boxoffice print sample" in told["fr"]
    assert "obligatoire" in told["fr"]
    assert "Montrer cette aide." in told["fr"]
    assert "Usage: boxoffice print sample" in told["en"]
    assert "required" in told["en"]
    assert "Montrer" not in told["en"]


def test_showing_the_help_loads_neither_the_tables_nor_the_screens() -> None:
    program = (
        "import sys; from boxoffice.cli import run; run(['--help']);"
        "print(sorted({'sqlmodel', 'sqlalchemy', 'textual', 'escpos', 'pydantic', 'babel'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.usefixtures("folder")
def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == DONE
    assert capsys.readouterr().out.startswith("boxoffice ")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["vendre"], "La commande vendre n'existe pas."),
        (["--langue"], "L'option --langue n'existe pas."),
        (["--lang", "de"], "La langue « de » n'existe pas : choisissez fr, en."),
        (["import", "programme"], "Il manque 'FICHIER'. Voyez « boxoffice import programme --help »."),
        (["print", "sample", "ticket"], "Il manque '--out'."),
        (["print", "sample", "menu", "--out", "x.txt"], "« menu » n'est pas possible"),
        (["print", "sample", "ticket", "--out", "x.pdf"], "finit par .bin, .png ou .txt"),
        (["print", "sample", "ticket", "--out", "x.txt", "--columns", "40"], "32, 42 ou 48 colonnes"),
        (["users", "add", "Zoé", "--role", "roi"], "Le rôle est caissier, responsable ou badges."),
        (["users", "pin", "un"], "Ce n'est pas un nombre possible, à 'N'."),
        (["export", "day", "31/02/2026"], "Ce n'est pas une date, à 'JOUR' : écrivez-la comme 21/01/2026."),
        (
            ["archive", "verify", "a.zip", "--trust", "83f7"],
            "« 83f7 » n'est pas l'empreinte entière d'une clé",
        ),
    ],
)
def test_words_that_make_no_command_are_answered_in_french(
    capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert run(words) == MISUSED
    told = capsys.readouterr().err
    assert sentence in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    "words", [[], ["users", "list"], ["journal", "verify"], ["import", "programme", str(sample_folder())]]
)
def test_without_a_festival_nothing_is_made_and_the_way_on_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert run(words) == REFUSED
    assert "Créez-le avec « boxoffice init »" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_a_festival_is_made_its_programme_imported_and_its_journal_verified(
    folder: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*INIT, "--till", "4", "--database", database_url]) == DONE
    assert "gardez-en une copie en lieu sûr" in capsys.readouterr().out
    assert (folder / "keys" / "till-4.pem").is_file()

    assert run(["import", "programme", str(sample_folder()), "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["screening"]["added"] >= 300
    assert run(["import", "programme", str(sample_folder())]) == DONE
    assert [word for line in capsys.readouterr().out.splitlines()[2:] for word in line.split()[-4:-2]] == [
        "0"
    ] * 20

    online = sample_folder() / "en-ligne"
    assert run(["import", "passes", str(online / "pass.csv"), "--json"]) == DONE
    assert json.loads(capsys.readouterr().out) == {"added": 12, "known": 0, "kept": 0}
    assert run(["import", "passes", str(online / "pass.csv")]) == DONE
    assert capsys.readouterr().out.splitlines()[2].split() == ["Pass", "0", "12"]
    assert run(["import", "accreditations", str(online / "accreditations.csv"), "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["added"] == 8

    screening = (sample_folder() / "7-seances.csv").read_text("utf-8-sig").splitlines()[1]
    reserved = folder / "web.csv"
    reserved.write_text(
        f"référence;séance;tarif;places;nom\nWEB-1;{screening.partition(';')[0]};PLEIN;2;Dupont\n", "utf-8"
    )
    assert run(["import", "reservations", str(reserved), "--json"]) == DONE
    assert json.loads(capsys.readouterr().out) == {"added": 0, "known": 0, "late": 1}
    reserved.write_text("référence;séance;tarif;places;nom\nWEB-1;RIEN;PLEIN;2;Dupont\n", "utf-8")
    assert run(["import", "reservations", str(reserved)]) == REFUSED
    assert "web.csv, ligne 2, colonne « séance » : « RIEN » n'existe pas." in capsys.readouterr().err

    assert run(["journal", "verify"]) == DONE
    assert capsys.readouterr().out == "Le journal est intact : 14 entrées, 0 vente.\n"


def test_faults_of_passes_sold_online_are_told_by_line_and_column(
    folder: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*INIT, "--till", "4", "--database", database_url]) == DONE
    online = folder / "online.csv"
    online.write_text("numéro;pass;nom\nW-1;PASS99;Vidal\n", "utf-8")
    capsys.readouterr()
    assert run(["import", "passes", str(online)]) == REFUSED
    said = capsys.readouterr().err
    assert "online.csv, ligne 2, colonne « pass » : « PASS99 » n'existe pas ; valeurs admises : –." in said
    assert "Rien n'est importé : une erreur." in said
    assert run(["import", "passes", str(online), "--json"]) == REFUSED
    assert json.loads(capsys.readouterr().out)["faults"][0]["column"] == "pass"


def test_init_asks_for_what_is_missing_and_asks_again_for_what_is_wrong(
    folder_with_tables: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["123", "732 829 320 00074"])
    monkeypatch.setattr("typer.prompt", lambda *_question, **_manner: next(answers))
    words = list(INIT)
    del words[words.index("--siret") : words.index("--siret") + 2]
    assert run(words) == DONE
    assert "Le SIRET compte quatorze chiffres" in capsys.readouterr().err
    database = databases.connect(settings_in(folder_with_tables).database_url)
    with database.read() as session:
        assert session.exec(select(Till.name)).all() == ["Caisse 1"]
    database.close()


@pytest.mark.parametrize("typed", ["exonéré", "Exonere", " EXONÉRÉ ", "exempt"])
def test_whoever_is_exempt_says_so_with_or_without_accents(folder_with_tables: Path, typed: str) -> None:
    words = list(INIT)
    words[words.index("--vat") + 1] = typed
    assert run(words) == DONE
    database = databases.connect(settings_in(folder_with_tables).database_url)
    with database.read() as session:
        assert session.exec(select(Establishment.vat_status)).all() == [VatStatus.EXEMPT]
    database.close()


def test_init_in_a_script_names_the_option_that_is_missing(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = list(INIT)
    del words[words.index("--town") : words.index("--town") + 2]
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert run(words) == MISUSED
    assert capsys.readouterr().err.endswith("Il manque --town.\n")
    assert list(folder.iterdir()) == []


def test_files_with_faults_are_refused_with_each_fault_on_a_line(
    festival_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = festival_folder / "salles.csv"
    file.write_text("salle;lieu;nom;places\nA;CCJM;Salle A;0\nB;RIEN;Salle B;10\n", "utf-8")
    assert run(["import", "programme", str(file)]) == REFUSED
    assert capsys.readouterr().err.splitlines() == [
        "salles.csv, ligne 2, colonne « places » : « 0 » n'est pas un nombre entier de 1 à 99999.",
        "salles.csv, ligne 3, colonne « lieu » : « RIEN » n'existe pas.",
        "Le programme n'est pas importé : 2 erreurs."
        " Corrigez les fichiers, puis recommencez : rien n'a été changé.",
    ]
    assert run(["import", "programme", str(file), "--json"]) == REFUSED
    assert [fault["line"] for fault in json.loads(capsys.readouterr().out)["faults"]] == [2, 3]


def test_a_file_that_is_not_there_is_told(festival_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "programme", str(festival_folder / "rien.csv")]) == REFUSED
    assert "rien.csv ne peut pas être lu" in capsys.readouterr().err


@pytest.mark.usefixtures("festival_folder")
def test_operators_are_added_and_listed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOXOFFICE_PIN", "7777")
    assert run(["users", "add", "Inès T.", "--role", "responsable"]) == REFUSED
    assert "Le code d'un responsable compte au moins 6 chiffres." in capsys.readouterr().err
    monkeypatch.setenv("BOXOFFICE_PIN", "777777")
    assert run(["users", "add", "Inès T.", "--role", "responsable"]) == DONE
    assert capsys.readouterr().out == "Inès T. est l'opérateur n° 5.\n"
    monkeypatch.setenv("BOXOFFICE_PIN", "12")
    assert run(["users", "pin", "5", "--manager", "1"]) == REFUSED
    assert "code PIN" in capsys.readouterr().err
    assert run(["users", "list", "--json"]) == DONE
    assert [row["role"] for row in json.loads(capsys.readouterr().out)] == [
        "manager",
        "cashier",
        "cashier",
        "badges",
        "manager",
    ]


def test_a_till_is_added_with_its_key(festival_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tills", "add", "9", "--name", "Renfort"]) == DONE
    assert (festival_folder / "keys" / "till-9.pem").is_file()
    capsys.readouterr()
    assert run(["tills", "list", "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)[-1]["name"] == "Renfort"


@pytest.mark.usefixtures("festival_folder")
def test_a_till_that_serves_no_more_is_put_out_of_service_and_brought_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["tills", "deactivate", "1"]) == REFUSED
    assert "La caisse 1 est celle de ce poste." in capsys.readouterr().err
    for act, said, active in (
        ("deactivate", "n'est plus en service", False),
        ("reactivate", "est de nouveau en service", True),
    ):
        assert run(["tills", act, "2"]) == DONE
        assert said in capsys.readouterr().out
        assert run(["tills", "list", "--json"]) == DONE
        tills = {row["number"]: row["active"] for row in json.loads(capsys.readouterr().out)}
        assert tills[2] is active
        assert tills[1]


def test_a_printer_is_added_assigned_and_tested(
    festival_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = festival_folder / "billets.bin"
    assert run(["printers", "add", "Rouleau", "--kind", "file", "--address", str(paper)]) == DONE
    assert run(["printers", "assign", "rouleau", "tickets", "receipts"]) == DONE
    assert run(["printers", "test", "Rouleau"]) == DONE
    assert paper.read_bytes().startswith(b"\x1b@")
    capsys.readouterr()
    assert run(["printers", "list", "--json"]) == DONE
    (row,) = [row for row in json.loads(capsys.readouterr().out) if row["name"] == "Rouleau"]
    assert row["papers"] == {"1": ["receipts", "tickets"]}

    assert run(["printers", "add", "Réseau", "--kind", "network"]) == REFUSED
    assert "Par exemple : 192.168.1.50:9100." in capsys.readouterr().err
    assert run(["printers", "test", "Inconnue"]) == REFUSED
    assert "Imprimantes : Imprimante virtuelle, Rouleau." in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the user's folders private by itself")
def test_what_a_festival_keeps_is_for_its_owner_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = folder / "billetterie"
    monkeypatch.setenv("BOXOFFICE_DATA_FOLDER", str(kept))
    assert run([*INIT, "--till", "2"]) == DONE
    readable = {path.name for path in (kept, *kept.rglob("*")) if path.stat().st_mode & 0o077}
    assert {path.name for path in kept.iterdir()} >= {"boxoffice.toml", "boxoffice.sqlite", "keys"}
    assert readable <= {"till-2.anchor", "boxoffice.log"}


@pytest.mark.usefixtures("folder_with_tables")
def test_the_first_pin_is_typed_twice_and_no_more(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["123456", "124356", "12", "12", "1234", "1234", "123456", "123456"])
    asked: list[str] = []

    def answer(question: str, **_look: object) -> str:
        asked.append(question)
        return next(answers)

    monkeypatch.setattr("typer.prompt", answer)
    monkeypatch.delenv("BOXOFFICE_PIN")
    assert run([*INIT]) == DONE
    assert asked == ["Son code PIN", "Encore une fois"] * 4
    told = capsys.readouterr().err
    assert told.count("Les deux codes diffèrent.") == 1
    assert told.count("code PIN") == 1, "two digits make no PIN: told once"
    assert told.count("au moins 6 chiffres") == 1, "four make none of a manager"


def test_a_change_names_the_manager_who_answered_for_it(festival_folder: Path) -> None:
    paper = str(festival_folder / "billets.bin")
    for words in (
        ["users", "add", "Anouk"],
        ["users", "pin", "5"],
        ["users", "deactivate", "5"],
        ["users", "reactivate", "5"],
        ["tills", "add", "9"],
        ["rules", "set", "grace", "15"],
        ["printers", "add", "Rouleau", "--kind", "file", "--address", paper],
        ["printers", "assign", "Rouleau", "tickets"],
    ):
        assert run(words) == DONE
    told = entries_told(festival_folder)
    assert [told[kind]["operator"] for kind in CHANGES] == [1] * len(CHANGES)


@pytest.mark.parametrize(
    "words",
    [
        ["users", "add", "Anouk"],
        ["users", "pin", "2"],
        ["users", "deactivate", "2"],
        ["users", "reactivate", "2"],
        ["tills", "add", "9"],
        ["tills", "deactivate", "2"],
        ["tills", "reactivate", "2"],
        ["rules", "set", "grace", "15"],
        ["import", "programme", str(sample_folder())],
        ["printers", "add", "Rouleau", "--kind", "file", "--address", "billets.bin"],
        ["printers", "assign", "Imprimante virtuelle"],
        ["journal", "resume"],
    ],
)
def test_nobody_changes_what_the_books_stand_on_without_the_pin_of_a_manager(
    festival_folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
) -> None:
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "9999")
    assert run(words) == REFUSED
    assert "Ce n'est pas le code de Lisa B. Tapez-le de nouveau." in capsys.readouterr().err
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "2345")
    assert run([*words, "--manager", "2"]) == REFUSED
    assert "L'opérateur n° 2 n'est pas responsable. Responsables : n° 1 Lisa B." in capsys.readouterr().err
    monkeypatch.delenv("BOXOFFICE_MANAGER_PIN")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("getpass.getpass", would_be_seen)
    assert run(words) == MISUSED
    assert capsys.readouterr().err.endswith("Il manque BOXOFFICE_MANAGER_PIN.\n")
    assert not entries_told(festival_folder).keys() & {*CHANGES}


CHANGES = (
    "operator.pin_changed",
    "operator.deactivated",
    "operator.reactivated",
    "settings.changed",
    "printer.added",
    "printer.assigned",
)


def entries_told(folder: Path) -> dict[str, dict[str, object]]:
    """The last entry of each kind in the journal of the first till."""
    database = databases.connect(settings_in(folder).database_url)
    with database.read() as session:
        contents = session.exec(select(JournalEntry.content).order_by(JournalEntry.sequence)).all()
    database.close()
    return {told["entry"]: told for told in map(json.loads, contents)}


def would_be_seen(*_question: object, **_look: object) -> str:
    raise GetPassWarning


@pytest.mark.usefixtures("festival_folder")
def test_wrong_pins_of_a_command_make_the_next_one_wait(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "9999")
    for _try in range(3):
        assert run(["rules", "set", "grace", "15"]) == REFUSED
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "1234")
    assert run(["tills", "add", "9"]) == REFUSED
    assert "Lisa B. doit attendre" in capsys.readouterr().err


def test_the_pin_of_the_manager_is_asked_for_once_and_unseen(
    festival_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOXOFFICE_PIN", "765432")
    assert run(["users", "add", "Inès T.", "--role", "responsable"]) == DONE
    monkeypatch.delenv("BOXOFFICE_MANAGER_PIN")
    asked: list[tuple[str, bool]] = []
    answers = iter(["5", "765432"])

    def answer(question: str, *, hide_input: bool, **_look: object) -> str:
        asked.append((question, hide_input))
        return next(answers)

    monkeypatch.setattr("typer.prompt", answer)
    assert run(["rules", "set", "grace", "15"]) == DONE
    assert asked == [("Numéro du responsable", False), ("Code PIN de Inès T.", True)]
    assert entries_told(festival_folder)["settings.changed"]["operator"] == 5


@pytest.mark.usefixtures("festival_folder")
def test_an_operator_who_leaves_is_deactivated_and_may_come_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["users", "deactivate", "2"]) == DONE
    assert capsys.readouterr().out == "L'opérateur n° 2, Karim D., n'a plus de droits.\n"
    assert run(["users", "list", "--json"]) == DONE
    assert [row["active"] for row in json.loads(capsys.readouterr().out)] == [True, False, True, True]
    assert run(["users", "deactivate", "1"]) == REFUSED
    assert "dernier responsable" in capsys.readouterr().err
    assert run(["users", "reactivate", "2"]) == DONE
    assert capsys.readouterr().out == "L'opérateur n° 2, Karim D., retrouve ses droits.\n"
    assert run(["journal", "verify"]) == DONE


@pytest.mark.usefixtures("festival_folder")
def test_rules_are_listed_and_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "set", "grace", "15"]) == DONE
    assert capsys.readouterr().out.startswith("grace : 15.")
    assert run(["rules", "list", "--json"]) == DONE
    rules = {rule["name"]: rule["value"] for rule in json.loads(capsys.readouterr().out)}
    assert (rules["grace"], rules["sale-ends"], rules["receipt"]) == ("15", "20", "on_request")
    assert run(["rules", "list"]) == DONE
    assert re.search("ticket-advice +Les billets ne sont ni échangés", capsys.readouterr().out)
    assert run(["rules", "set", "grace", "toujours"]) == REFUSED
    assert "n'est pas un nombre de minutes" in capsys.readouterr().err
    assert run(["journal", "verify"]) == DONE


@pytest.mark.parametrize("kind", ["ticket", "receipt", "reversal_slip", "printer_test"])
@pytest.mark.parametrize(("suffix", "start"), [("bin", b"\x1b@"), ("png", b"\x89PNG"), ("txt", b"")])
def test_a_sample_of_every_document_is_written(folder: Path, kind: str, suffix: str, start: bytes) -> None:
    file = folder / f"{kind}.{suffix}"
    assert run(["print", "sample", kind, "--out", str(file), "--columns", "32"]) == DONE
    content = file.read_bytes()
    assert content.startswith(start)
    assert len(content) > 100


def test_a_journal_that_was_tampered_with_is_found_wrong(
    festival_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = databases.connect(settings_in(festival_folder).database_url)
    with database.write_engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER journalentry_refuses_update")
        connection.exec_driver_sql(
            "UPDATE journalentry SET content = replace(content, 'Karim', 'Carim') WHERE till_id = 1"
        )
    database.close()
    assert run(["journal", "verify"]) == REFUSED
    assert "caisse 1, entrée 4" in capsys.readouterr().err
    assert run(["journal", "verify", "--json"]) == REFUSED
    assert json.loads(capsys.readouterr().out)["fault"]["where"]


def test_a_backup_put_back_is_answered_for_by_a_manager_before_the_till_goes_on(
    festival_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Path(settings_in(festival_folder).database_url.removeprefix("sqlite:///"))
    backup = tmp_path / "backup.sqlite"
    copy_sqlite(database, backup)
    assert run(["users", "add", "Anouk", "--role", "caissier"]) == DONE
    for part in database.parent.glob(f"{database.name}*"):
        part.unlink()
    copy_sqlite(backup, database)
    capsys.readouterr()

    assert run(["journal", "verify"]) == REFUSED
    assert "la fin manque" in capsys.readouterr().err
    assert run(["users", "add", "Anouk", "--role", "caissier"]) == REFUSED
    assert "n'est pas celle où la caisse 1 a signé en dernier" in capsys.readouterr().err
    assert run(["journal", "resume", "--manager", "2"]) == REFUSED
    assert "n'est pas responsable" in capsys.readouterr().err
    assert run(["journal", "resume", "--manager", "1"]) == DONE
    assert run(["journal", "verify"]) == DONE
    assert "base de données remise en arrière" in capsys.readouterr().out


@pytest.mark.usefixtures("festival_folder")
def test_the_journal_is_held_to_what_a_paper_says_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["journal", "verify", "--seen", "1-2 0000 0000 0000 0000"]) == REFUSED
    assert "elle n'est pas celle que le papier présenté a vue signée" in capsys.readouterr().err
    assert run(["journal", "verify", "--seen", "reçu"]) == MISUSED
    assert "« reçu » n'est pas une empreinte" in capsys.readouterr().err


@pytest.mark.usefixtures("festival_folder")
def test_verifying_writes_nothing_unless_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["journal", "verify"]) == DONE
    first = capsys.readouterr().out
    assert run(["journal", "verify"]) == DONE
    assert capsys.readouterr().out == first


@pytest.mark.usefixtures("festival_folder")
def test_a_crowd_stays_away_from_tills_out_of_service(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tills", "deactivate", "2"]) == DONE
    capsys.readouterr()
    assert run(["simulate", "--here", "--sales", "3", "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["sales"] >= 1
    assert run(["close", "till", "3", "--counted", "0", "--reason", "Essai"]) == DONE
    assert run(["tills", "deactivate", "3"]) == DONE
    capsys.readouterr()
    assert run(["simulate", "--here"]) == REFUSED
    assert "Les autres caisses du festival d'exemple ne sont plus en service." in capsys.readouterr().err


def test_a_crowd_buys_in_the_sample_and_nowhere_else(
    festival_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["simulate", "--here", "--sales", "5", "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["sales"] >= 1
    assert run(["journal", "verify"]) == DONE
    (festival_folder / "keys" / "till-2.pem").unlink()
    assert run(["simulate", "--here"]) == REFUSED
    assert "La clé de signature de la caisse 2 n'est pas sur ce poste" in capsys.readouterr().err
    shutil.rmtree(festival_folder)
    assert run([*INIT]) == DONE
    capsys.readouterr()
    assert run(["simulate", "--here"]) == REFUSED
    assert "n'est pas celui d'exemple" in capsys.readouterr().err


def test_the_demonstration_is_kept_when_asked(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    kept = folder / "demo"
    kept.mkdir()
    make_folder = tempfile.mkdtemp

    def kept_or_made(*named: str, **prefix: str) -> str:
        return make_folder(*named, **prefix) if named else str(kept)

    monkeypatch.setattr("tempfile.mkdtemp", kept_or_made)
    assert run(["demo", "--no-open", "--sales", "10", "--database", database_url]) == DONE
    said = capsys.readouterr().err
    assert f"BOXOFFICE_DATA_FOLDER ne compte pas ici, cet essai a un dossier à lui ({kept})." in said
    told = shlex.split(said.partition(" : ")[2])
    assert told == [
        "BOXOFFICE_DEMO=1",
        f"BOXOFFICE_DATA_FOLDER={kept}",
        f"BOXOFFICE_DATABASE_URL={database_url}",
        "boxoffice",
    ]
    database = databases.connect(database_url)
    with database.read() as session:
        rows = session.exec(select(Screening)).all()
        assert session.exec(select(Printer)).all()
        assert last_backup_at(session, clock=SystemClock()) is not None
    database.close()
    left = [row.capacity - row.held - row.allocated for row in rows]
    assert 0 in left
    assert any(0 < seats < 10 for seats in left)


def test_what_nobody_foresaw_is_one_sentence_and_a_log(
    festival_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_session: object) -> None:
        raise ZeroDivisionError("nobody foresaw this")

    monkeypatch.setattr("boxoffice.sales.staff.staff_changes.list_operators", fail)
    assert run(["users", "list"]) == REFUSED
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith("Une erreur inattendue")
    assert "nobody foresaw this" in (festival_folder / "boxoffice.log").read_text("utf-8")


@pytest.mark.usefixtures("festival_folder")
def test_a_database_that_does_not_answer_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOXOFFICE_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    assert run(["users", "list"]) == REFUSED
    told = capsys.readouterr().err
    assert told.startswith("La base de données ne répond pas")
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize("words", [[], ["--lang", "fr"], ["--lang=fr"]])
def test_without_a_command_the_counter_of_this_post_opens(
    festival_folder: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    opened: list[Settings] = []
    monkeypatch.setattr("boxoffice.app.run", opened.append)
    monkeypatch.setenv("BOXOFFICE_TILL", "2")
    assert run(words) == DONE
    assert [(settings.data_folder, settings.till, settings.language) for settings in opened] == [
        (festival_folder, 2, "fr")
    ]
