"""Who may do what, listed and changed from the command line; a manager answers for it by their PIN."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from boxoffice import database as databases
from boxoffice.cli import DONE, REFUSED, run
from boxoffice.config import settings_in
from boxoffice.kinds import Action, JournalKind
from boxoffice.models import JournalEntry, table
from tests.test_cli import festival_folder, folder, sample

__all__ = ["festival_folder", "folder", "sample"]

pytestmark = pytest.mark.usefixtures("festival_folder")
_entry = table(JournalEntry)


@pytest.fixture(autouse=True)
def pin_of_lisa(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "1234")


def listed(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    assert run(["permissions", "list", "--json"]) == DONE, capsys.readouterr().err
    return {row["name"]: row for row in json.loads(capsys.readouterr().out)}


def test_an_act_is_left_to_cashiers_and_taken_back(
    festival_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["permissions", "set", "cash-out", "caissier"]) == DONE
    assert "sortir des espèces du tiroir : responsable, caissier." in capsys.readouterr().out
    assert listed(capsys)["cash-out"]["roles"] == ["cashier"]
    assert run(["permissions", "set", "cash_out", "responsable", "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["roles"] == []
    database = databases.connect(settings_in(festival_folder).database_url)
    with database.read() as session:
        told = session.execute(
            select(_entry.c.content)
            .where(_entry.c.kind == JournalKind.SETTINGS_CHANGED)
            .order_by(_entry.c.sequence)
        ).scalars()
        changed = [json.loads(content) for content in told]
    database.close()
    assert [(each["name"], each["new"]) for each in changed[-2:]] == [
        ("permission.cash_out", ["cashier"]),
        ("permission.cash_out", []),
    ]
    assert run(["journal", "verify"]) == DONE


def test_every_act_is_listed_with_who_may_do_it(capsys: pytest.CaptureFixture[str]) -> None:
    rows = listed(capsys)
    assert set(rows) == {action.value.replace("_", "-") for action in Action}
    assert rows["open-drawer"]["roles"] == ["cashier"]
    assert rows["change-staff"]["settable"] is False
    assert run(["permissions", "list"]) == DONE
    out = capsys.readouterr().out
    assert "ouvrir le tiroir sans vente" in out
    assert "responsable, caissier" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cash-out", "chef"], "« chef » n'est pas un rôle"),
        (["rien", "caissier"], "L'acte « rien » n'existe pas"),
        (["change-staff", "caissier"], "Seul un responsable peut changer les opérateurs"),
    ],
)
def test_what_cannot_be_left_to_anybody_is_refused_in_words(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = listed(capsys)
    assert run(["permissions", "set", *arguments]) == REFUSED
    assert said in capsys.readouterr().err
    assert listed(capsys) == before


def test_nobody_changes_a_right_without_the_pin_of_a_manager(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "9999")
    assert run(["permissions", "set", "cash-out", "caissier"]) == REFUSED
    assert "code" in capsys.readouterr().err
    assert listed(capsys)["cash-out"]["roles"] == []
