"""What a manager types to keep the box office well: backups, restoring, keys, archives, the presentation."""

import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from boxoffice.care.backups import list_backups
from boxoffice.cli import DONE, MISUSED, REFUSED, run
from boxoffice.clock import SettableClock
from boxoffice.config import settings_in
from boxoffice.house import open_house
from boxoffice.sales.staff.operators import staff
from tests.sales.closed_books import close_an_empty_day
from tests.test_cli import INIT, folder, folder_with_tables

__all__ = ["folder", "folder_with_tables"]

PASSPHRASE = "cheval agrafe pile correct"


@pytest.fixture
def post(
    folder_with_tables: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """The data folder of a post whose festival was just made, and what a script puts in its environment."""
    monkeypatch.setenv("BOXOFFICE_PASSPHRASE", PASSPHRASE)
    assert run(list(INIT)) == DONE
    capsys.readouterr()
    return folder_with_tables


def close_a_day(folder: Path) -> None:
    """A day of last January, in which nothing was sold, is closed."""
    house = open_house(settings_in(folder))
    clock = SettableClock(datetime(2026, 1, 21, 11, tzinfo=UTC))
    with house.database.read() as session:
        manager = next(member for member in staff(session) if member.is_manager)
    close_an_empty_day(house.database, house.post, manager, clock)
    house.database.close()


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command that is done says."""
    code = run(list(words))
    said = capsys.readouterr()
    assert code == DONE, said.err
    return said.out


def test_a_backup_is_made_listed_checked_and_put_back(
    post: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "relues et justes" in told(capsys, "backup")
    (made,) = json.loads(told(capsys, "backup", "list", "--json"))
    name = Path(made["file"]).name
    assert name in told(capsys, "backup", "list")
    assert "entière et juste" in told(capsys, "backup", "check", name)
    told(capsys, "users", "add", "Zoé L.", "--role", "caissier")
    monkeypatch.setattr("sys.stdin", io.StringIO("non\n"))
    assert run(["restore", name]) == REFUSED
    asked = capsys.readouterr()
    assert "Rien n'est remplacé." in asked.err
    assert "Ce qui fut fait depuis n'y est pas." in asked.out + asked.err
    assert "Zoé" in told(capsys, "users", "list")
    monkeypatch.setattr("sys.stdin", io.StringIO("oui\n"))
    said = told(capsys, "restore", name)
    assert "est en place, et le journal le raconte" in said
    assert "avant-remise" in said
    with closing(sqlite3.connect(post / "boxoffice.sqlite")) as database:
        restored = "SELECT content FROM journalentry WHERE kind = 'database.restored'"
        assert '"pin":"' in database.execute(restored).fetchone()[0]
    assert "Zoé" not in told(capsys, "users", "list")
    assert "À savoir" in told(capsys, "journal", "verify")
    assert len(list_backups(post / "backups")) == 2
    assert run(["restore", "nulle-part.backup", "--yes"]) == REFUSED


def test_restoring_says_which_closings_are_gone_and_to_close_again(
    post: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "backup")
    (made,) = json.loads(told(capsys, "backup", "list", "--json"))
    close_a_day(post)
    printed = json.loads(told(capsys, "report", "z", "1", "--json"))["entry"]
    said = told(capsys, "restore", Path(made["file"]).name, "--manager", "1", "--yes")
    assert "Clôtures qui ne sont plus dans la base : Z de la journée n° 1, Z de la caisse 1 n° 1." in said
    assert "À faire : clore à nouveau" in said
    verified = told(capsys, "journal", "verify", "--seen", f"Journal {printed}")
    assert "avant-remise.backup garde : la base d'avant la remise" in verified
    assert "Ce papier est d'avant elle, et en règle." in verified


def test_a_base_that_is_at_fault_is_replaced_once_somebody_saw_it_and_said_yes(
    post: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "backup")
    (made,) = json.loads(told(capsys, "backup", "list", "--json"))
    name = Path(made["file"]).name
    told(capsys, "users", "add", "Zoé L.", "--role", "caissier")
    with closing(sqlite3.connect(post / "boxoffice.sqlite")) as database, database:
        database.execute("UPDATE operator SET role = 'manager' WHERE name = 'Zoé L.'")
    for typed, option in (("oui\nnon\n", ()), ("", ("--yes",))):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert run(["restore", name, "--manager", "1", *option]) == REFUSED
        said = capsys.readouterr().err
        assert "La base en place est fausse, et la remplacer ne le corrige pas : fiche de l'opérateur" in said
        assert ("Rien n'est remplacé." in said, "--although-wrong" in said) == (not option, bool(option))
        assert "Zoé" in told(capsys, "users", "list")
    monkeypatch.setattr("sys.stdin", io.StringIO("oui\noui\n"))
    assert "est en place, et le journal le raconte" in told(capsys, "restore", name, "--manager", "1")
    assert "celle d'avant était fausse" in told(capsys, "journal", "verify")
    assert "fault_before" in told(capsys, "restore", name, "--manager", "1", "--yes", "--json")


def test_a_key_is_copied_rotated_and_listed(
    post: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = post / "caisse-1.cle"
    assert "est copiée dans" in told(capsys, "key", "backup", str(copy))
    assert "signe désormais avec" in told(capsys, "key", "rotate")
    keys = json.loads(told(capsys, "key", "list", "--json"))
    assert [(key["till"], key["here"]) for key in keys] == [(1, False), (1, True)]
    told(capsys, "journal", "verify")
    monkeypatch.setattr("sys.stdin", io.StringIO("non\n"))
    assert run(["key", "restore", str(copy)]) == REFUSED
    said = capsys.readouterr().err
    assert "le guichet ne s'ouvre pas" in said
    assert "Rien n'est changé." in said
    assert [key["here"] for key in json.loads(told(capsys, "key", "list", "--json"))] == [False, True]
    said = told(capsys, "key", "restore", str(copy), "--yes")
    assert "est en place" in said
    assert "Celle qui était en place est gardée dans" in said
    assert [key["here"] for key in json.loads(told(capsys, "key", "list", "--json"))] == [True, False]
    assert run(["key", "lost", "1"]) == REFUSED


@pytest.mark.usefixtures("post")
def test_a_key_that_a_backup_needs_is_put_back_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "backup")
    (made,) = json.loads(told(capsys, "backup", "list", "--json"))
    told(capsys, "key", "rotate")
    assert run(["restore", made["file"], "--yes"]) == REFUSED
    said = re.search(r"« boxoffice (key restore \S+ --for \S+) »", capsys.readouterr().err)
    assert said is not None
    assert f"Maintenant : « boxoffice restore {made['file']} »." in told(capsys, *said[1].split(), "--yes")
    assert "est en place, et le journal le raconte" in told(capsys, "restore", made["file"], "--yes")


def test_an_archive_is_made_and_verified_without_a_database(
    post: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    days = ("--from", "01/01/2026", "--to", "2026-01-30")
    close_a_day(post)
    out = post / "janvier.zip"
    assert "signée" in told(capsys, "archive", "create", *days, "--out", str(out))
    monkeypatch.setenv("BOXOFFICE_DATA_FOLDER", str(post / "ailleurs"))
    said = told(capsys, "archive", "verify", str(out))
    assert "depuis qu'une clé l'a signée : Asso" in said
    assert "n'importe qui peut en faire une" in said
    key = json.loads(told(capsys, "archive", "verify", str(out), "--json"))["key"]
    assert key in said
    assert run(["archive", "verify", str(out), "--here"]) == REFUSED
    monkeypatch.setenv("BOXOFFICE_DATA_FOLDER", str(post))
    here = told(capsys, "archive", "verify", str(out), "--here")
    assert "L'archive est intacte : Asso" in here
    assert "Le journal de ce poste la raconte : entrée 1-" in here
    known = told(capsys, "archive", "verify", str(out), "--trust", key)
    assert "L'archive est intacte : Asso" in known
    assert "n'importe qui" not in known
    assert run(["archive", "verify", str(out), "--trust", "0" * 64]) == REFUSED
    capsys.readouterr()
    with zipfile.ZipFile(out, "a") as packed:
        packed.writestr("donnees/plus.csv", "rien")
    assert run(["archive", "verify", str(out)]) == REFUSED
    assert "donnees/plus.csv : il est de trop" in capsys.readouterr().err
    capsys.readouterr()
    assert run(["archive", "create", "--from", "31 janvier", "--to", "2026-01-30"]) == MISUSED
    assert "Ce n'est pas une date, à" in capsys.readouterr().err


def test_an_archive_whose_entry_a_restoring_took_out_is_still_one_made_here(
    post: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    close_a_day(post)
    told(capsys, "backup")
    (made,) = json.loads(told(capsys, "backup", "list", "--json"))
    out = post / "janvier.zip"
    told(capsys, "archive", "create", "--from", "01/01/2026", "--to", "30/01/2026", "--out", str(out))
    verify = ("archive", "verify", str(out), "--here")
    assert json.loads(told(capsys, *verify, "--json"))["backup"] is None
    told(capsys, "restore", made["file"], "--yes")
    said = told(capsys, *verify)
    before = next(kept for kept in list_backups(post / "backups") if "avant-remise" in kept.path.name)
    assert "L'archive est intacte : Asso" in said
    assert "la raconte : entrée 1-" in said
    assert f"que {before.path.name} garde" in said
    assert json.loads(told(capsys, *verify, "--json"))["backup"] == before.path.name
    before.path.write_bytes(Path(made["file"]).read_bytes())
    assert run(list(verify)) == REFUSED
    assert "faite depuis, a pu en ôter l'entrée" in capsys.readouterr().err


def test_an_archive_goes_into_the_folder_that_is_named(
    post: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = post / "clé USB"
    folder.mkdir()
    days = ("--from", "01/01/2026", "--to", "2026-01-30")
    close_a_day(post)
    assert str(folder / "archive-") in told(capsys, "archive", "create", *days, "--out", str(folder))
    (made,) = folder.iterdir()
    assert "du 01/01/2026 au 30/01/2026" in told(capsys, "archive", "verify", str(made))


def test_an_archive_where_nothing_is_real_says_so_first(
    post: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(post / "boxoffice.sqlite")) as database, database:
        database.execute("DROP TRIGGER establishment_checks_specimen")
        database.execute("UPDATE establishment SET specimen = 'SPÉCIMEN – FORMATION'")
    days = ("--from", "01/01/2026", "--to", "2026-01-30")
    close_a_day(post)
    told(capsys, "archive", "create", *days)
    (made,) = (post / "archives").iterdir()
    assert made.name.startswith("SPECIMEN-archive-")
    assert told(capsys, "archive", "verify", str(made)).startswith("SPÉCIMEN – FORMATION : rien n'est vrai")


def test_the_presentation_is_written_as_text_and_as_a_pdf(
    post: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "PRÉSENTATION DU LOGICIEL DE CAISSE" in told(capsys, "declaration")
    told(capsys, "declaration", "--out", str(post / "presentation.pdf"))
    assert (post / "presentation.pdf").read_bytes().startswith(b"%PDF-")
    assert json.loads(told(capsys, "declaration", "--json"))["sections"]
    assert run(["declaration", "--out", str(post / "presentation.doc")]) == REFUSED
