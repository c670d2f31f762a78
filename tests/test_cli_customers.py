"""What customers ask of their data, from the command line: a manager answers for each."""

import io
import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from boxoffice import database as databases
from boxoffice.cli import DONE, MISUSED, REFUSED, run
from boxoffice.clock import SettableClock, SystemClock
from boxoffice.config import settings_in
from boxoffice.models import Customer, GiftCard, GiftMessage, JournalEntry
from boxoffice.sales.people.customer_details import CustomerDetails, search_words
from tests.sales.conftest import Festival, festival, keys
from tests.test_cli import festival_folder, folder, sample

__all__ = ["festival", "festival_folder", "folder", "keys", "sample"]

LEA = CustomerDetails("Quiquengrogne", "Zénobie", email="zenobie@example.fr", phone="06 98 76 54 32")


@pytest.fixture
def zenobie(festival_folder: Path) -> UUID:
    """A customer of whom nothing was heard for four years."""
    customer_id = uuid4()
    at = SettableClock(SystemClock().now() - timedelta(days=4 * 366)).now()
    database = databases.connect(settings_in(festival_folder).database_url)
    with database.write() as session:
        session.add(
            Customer(
                id=customer_id,
                surname=LEA.surname,
                first_name=LEA.first_name,
                email=LEA.email,
                phone=LEA.phone,
                search=search_words(LEA),
                created_at=at,
                seen_at=at,
            )
        )
    database.close()
    return customer_id


def told(folder: Path) -> list[str]:
    database = databases.connect(settings_in(folder).database_url)
    with database.read() as session:
        kinds = session.exec(select(JournalEntry.kind)).all()
    database.close()
    return [kind for kind in kinds if kind.startswith("customer.")]


def test_a_copy_is_written_where_it_says(
    zenobie: UUID, festival_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["customers", "export", "zenobie@example.fr"]) == DONE
    data, page = map(Path, capsys.readouterr().out.split())
    assert json.loads(data.read_text("utf-8"))["coordonnées"]["identifiant"] == str(zenobie)
    assert "Quiquengrogne" in page.read_text("utf-8")
    assert told(festival_folder) == ["customer.exported"]


def test_nobody_is_erased_without_a_yes_nor_without_a_managers_pin(
    zenobie: UUID, festival_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert run(["customers", "erase", str(zenobie)]) == MISUSED
    monkeypatch.setattr("sys.stdin", io.StringIO("non\n"))
    assert run(["customers", "erase", str(zenobie)]) == REFUSED
    assert "--yes" in capsys.readouterr().err
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "9999")
    assert run(["customers", "erase", "quiquengrogne", "--yes"]) == REFUSED
    assert told(festival_folder) == []


def test_a_misspelt_name_erases_nobody(
    zenobie: UUID, festival_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["customers", "erase", "quiquengrogme", "--yes"]) == REFUSED
    assert "Aucun client" in capsys.readouterr().err
    assert told(festival_folder) == []
    assert run(["customers", "erase", str(zenobie), "--yes"]) == DONE
    assert run(["customers", "export", str(zenobie)]) == REFUSED
    assert told(festival_folder) == ["customer.erased"]


def test_the_inactive_are_listed_then_erased_together(
    zenobie: UUID, festival_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["customers", "inactive", "--json"]) == DONE
    listed = json.loads(capsys.readouterr().out)
    assert [(each["name"], each["id"]) for each in listed] == [("Zénobie Quiquengrogne", str(zenobie))]
    assert run(["customers", "inactive", "--erase", "--yes"]) == DONE
    assert "1 client effacé." in capsys.readouterr().out
    assert run(["customers", "inactive"]) == DONE
    assert "Aucun client" in capsys.readouterr().out
    assert run(["journal", "verify"]) == DONE
    assert told(festival_folder) == [
        "customer.listed",
        "customer.listed",
        "customer.erased",
        "customer.listed",
    ]
    for path in (path for path in festival_folder.rglob("*") if path.is_file()):
        assert b"quiquengrogne" not in path.read_bytes().lower(), path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_gift_card_says_is_forgotten_for_whoever_asks(
    festival: Festival,
    keys: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = festival.database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("BOXOFFICE_DATABASE_URL", url)
    monkeypatch.setenv("BOXOFFICE_KEYS_FOLDER", str(keys))
    festival.sell_gift(recipient="Zénobie")
    (card,) = festival.rows(GiftCard)
    assert run(["customers", "forget-words", card.typed_code, "--yes"]) == DONE
    assert not festival.count(GiftMessage)
    assert "value.words_forgotten" in {entry.kind for entry in festival.rows(JournalEntry)}
    assert run(["customers", "forget-words", card.code, "--yes"]) == DONE
    assert capsys.readouterr().out.splitlines() == [
        "Mots effacés ; la carte paie toujours.",
        "Cette carte ne dit rien.",
    ]
    assert run(["customers", "forget-words", "BCDF-BCDF-BCDF-BCDF", "--yes"]) == REFUSED
