"""Reports from the command line: what customers may still spend."""

import json
import re
from pathlib import Path

import pytest

from boxoffice import database as databases
from boxoffice.cli import DONE, MISUSED, REFUSED, run
from boxoffice.clock import SystemClock, business_day
from boxoffice.config import settings_in
from boxoffice.kinds import CardSource
from boxoffice.models import PlaceCardKind
from boxoffice.sales.books.signing import load_key
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.rules import Rules
from boxoffice.sales.staff.setup import open_post
from boxoffice.sales.vouchers import place_cards, stored_values
from boxoffice.sales.vouchers.value_changes import Hand
from tests.test_cli import festival_folder, folder, sample

__all__ = ["festival_folder", "folder", "sample"]


def give_a_card(folder: Path) -> Post:
    """A card of three places, given today."""
    settings = settings_in(folder)
    database = databases.connect(settings.database_url)
    at = SystemClock().now()
    with database.write() as session:
        post = open_post(session, settings.till, load_key(settings.key_path))
        kind = PlaceCardKind(code="TROIS", label="Carte 3 places", places=3, vat_rate=550)
        session.add(kind)
        session.flush()
        assert kind.id is not None
        card = place_cards.new_card(place_cards.kinds(session, [kind.id])[kind.id], CardSource.GIVEN, at)
        stored_values.tell(session, Hand(post, None, None), "issued", at=at, issued=[card.value])
        place_cards.write_down(session, [card])
    database.close()
    return post


def test_liabilities_are_listed_for_people_and_for_programs(
    festival_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    today = business_day(SystemClock().now(), Rules().business_day_starts)
    assert run(["report", "liabilities", "--date", "2001-01-01"]) == DONE
    assert capsys.readouterr().out == "Rien n'a été émis jusqu'à ce jour.\n"
    give_a_card(festival_folder)
    assert run(["report", "liabilities"]) == DONE
    told = capsys.readouterr().out
    assert re.search(r"carte de places · Carte 3 places +3 +0 +0 +0 +0 +3\n", told)
    assert told.endswith("Dû aux clients : 0,00\u00a0€\n")
    assert run(["report", "liabilities", "--date", f"{today:%d/%m/%Y}", "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert (found["date"], found["owed_cents"]) == (today.isoformat(), 0)
    (row,) = [row for row in found["rows"] if row["code"] == "TROIS"]
    assert (row["kind"], row["code"], row["unit"], row["outstanding"]) == ("place_card", "TROIS", "places", 3)
    assert run(["report", "liabilities", "--date", "demain"]) == MISUSED


@pytest.mark.usefixtures("festival_folder")
def test_codes_are_made_listed_and_handed_out(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["promo", "list"]) == DONE
    assert capsys.readouterr().out == "Il n'y a pas encore de code promo.\n"
    assert run(["promo", "make", "Presse", "--off", "20 %", "--count", "3", "--json"]) == DONE
    made = json.loads(capsys.readouterr().out)
    assert len({*made["codes"]}) == 3
    assert run(["promo", "make", "Amis", "--off", "2,50", "--word", "Été 26", "--uses", "0"]) == DONE
    assert capsys.readouterr().out == "ETE26\n"
    assert run(["promo", "list"]) == DONE
    assert "sans limite" in capsys.readouterr().out
    out = tmp_path / "codes.csv"
    assert run(["promo", "export", made["batch"], "--out", str(out)]) == DONE
    assert out.read_text(encoding="utf-8-sig").count("\n") == 4
    assert run(["promo", "export", "LOT", "--out", str(out)]) == REFUSED
    assert run(["promo", "print", made["batch"]]) == DONE
    assert "3 papiers" in capsys.readouterr().out
    assert run(["promo", "make", "Rien"]) == MISUSED
    assert run(["promo", "make", "Rien", "--off", "beaucoup"]) == MISUSED


def test_cards_issued_elsewhere_are_imported(
    festival_folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    give_a_card(festival_folder)
    path = tmp_path / "cartes.csv"
    path.write_text("numéro de carte;carte\n777777777777;TROIS\n", encoding="utf-8")
    assert run(["import", "cards", str(path), "--json"]) == DONE
    assert json.loads(capsys.readouterr().out) == {"added": 1, "known": 0}
    path.write_text("numéro de carte;carte\n12;TROIS\n", encoding="utf-8")
    assert run(["import", "cards", str(path)]) == REFUSED
    assert "6 à 40 lettres ou chiffres" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        "report screenings 9999-12-31",
        "report screenings 0001-01-01",
        "report liabilities --date 9999-12-31",
        "report z 99999999999999999999",
        "report z 99999999999999999999 --till 1",
        "report x --till 99999999999999999999",
        "report week TOTO 9999-12-31",
        "export day 9999-12-31",
        "export cashier 99999999999999999999",
        "export fec 9999-12-31 9999-12-31",
        "export ereporting 9999-12-31 9999-12-31",
        "export z 99999999999999999999",
        "archive create --from 31/12/9999 --to 31/12/9999",
        "archive create --from 01/01/0001 --to 01/01/0001",
    ],
)
@pytest.mark.usefixtures("festival_folder")
def test_a_day_or_a_number_that_no_festival_reaches_is_answered_like_any_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "1234")
    run(words.split())
    said = capsys.readouterr()
    assert "inattendue" not in said.out + said.err
    assert said.out or said.err
