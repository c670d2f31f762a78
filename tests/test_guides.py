"""The README and the guides say what is there: links, commands, settings, keys."""

import re
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding

from boxoffice.cli.application import application
from boxoffice.config import PREFIX, Settings
from boxoffice.database import Database
from boxoffice.sales.staff.accounts import Accounts
from boxoffice.sales.staff.permissions import MEANINGS
from boxoffice.sales.staff.rule_changes import list_rules
from boxoffice.screens.badges import BadgeScreen
from boxoffice.screens.card_screen import CardScreen
from boxoffice.screens.closings import ClosingsDialog
from boxoffice.screens.cockpit import CockpitScreen
from boxoffice.screens.commands import key_name
from boxoffice.screens.counter_commands import COUNTER, EVERYWHERE
from boxoffice.screens.dashboard import Dashboard
from boxoffice.screens.filling import LeftTonight, ScreeningsDialog
from boxoffice.screens.health import HealthDialog
from boxoffice.screens.management_commands import MANAGEMENT
from boxoffice.screens.passes_sold import PassesSold
from boxoffice.screens.statement_papers import ShowStatement, ShowWeek
from boxoffice.screens.statements import StatementsDialog

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
CASHIER = (ROOT / "docs" / "caissier.md").read_text("utf-8")
BADGES = (ROOT / "docs" / "badges.md").read_text("utf-8")
MANAGER = (ROOT / "docs" / "responsable.md").read_text("utf-8")
OPERATOR = (ROOT / "docs" / "exploitant.md").read_text("utf-8")


def commands_typed(text: str) -> Iterator[list[str]]:
    """What follows `boxoffice` on the lines of code blocks."""
    for block in re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        for line in re.findall(r"^(?:\S*/)?boxoffice +([^\n]*)", block, re.MULTILINE):
            yield re.split(r" {2,}", line)[0].split()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_written_exists_with_its_options(page: Path) -> None:
    for words in commands_typed(page.read_text("utf-8")):
        command: Any = application
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        assert not words or words[0].startswith("-") or not hasattr(command, "commands"), words
        assert {word for word in words if word.startswith("--")} <= known, command.name


def test_the_cashiers_guide_names_every_key() -> None:
    table = CASHIER.partition("## Toutes les touches")[2].replace("\\", "").replace("−", "-")
    shown = {key_name(key) for command in (*EVERYWHERE, *COUNTER) for key in command.keys.split(",")}
    untold = {name for name in shown if name not in table and name != "⌫"}
    assert untold == set()


def test_the_badge_guide_names_every_key() -> None:
    table = BADGES.partition("## Toutes les touches")[2]
    bound = [binding for binding in BadgeScreen.BINDINGS if isinstance(binding, Binding)]
    shown = {key_name(key) for binding in bound for key in binding.key.split(",")}
    assert {name for name in shown if name not in table} == set()


def test_the_cashiers_guide_names_every_key_of_a_pass() -> None:
    table = CASHIER.partition("| touche | sur un pass |")[2].partition("\n\n")[0]
    bound = [binding for binding in CockpitScreen.BINDINGS if isinstance(binding, Binding)]
    shown = {key_name(binding.key.split(",")[0]) for binding in bound}
    assert {name for name in shown if f"{name} " not in table} == set()


def test_the_cashiers_guide_names_every_key_of_a_gift_card() -> None:
    table = CASHIER.partition("| touche | sur une carte |")[2].partition("\n\n")[0]
    bound = [binding for binding in CardScreen.BINDINGS if isinstance(binding, Binding)]
    shown = {key_name(binding.key.split(",")[0]) for binding in bound}
    assert {name for name in shown if f"{name} " not in table} == set()


MANAGERS = {
    "Clore la journée": (ClosingsDialog,),
    "Relevés, listes d'entrée, semaines": (StatementsDialog, ShowStatement, ShowWeek),
    "Est-ce que ce poste va bien": (HealthDialog,),
    "Pendant la file": (Dashboard, ScreeningsDialog, LeftTonight, PassesSold),
}
"""The sections of the manager's guide, and the screens whose keys are told there."""


@pytest.mark.parametrize("section", MANAGERS)
def test_the_managers_guide_names_every_key(section: str) -> None:
    text = MANAGER.partition(f"## {section}")[2].partition("\n## ")[0]
    bound = [binding for screen in MANAGERS[section] for binding in vars(screen).get("BINDINGS", ())]
    shown = {key_name(key) for each in bound if isinstance(each, Binding) for key in each.key.split(",")}
    assert shown
    assert {name for name in shown if f"**{name}**" not in text} == set()


def test_the_managers_guide_names_every_letter_of_the_management_menu() -> None:
    letters = {command.letter.upper() for command in MANAGEMENT}
    in_table = set(re.findall(r"^\| \*\*(\w)\*\* \|", MANAGER.partition("| F10, puis |")[2], re.MULTILINE))
    named = set(re.findall(r"\bF10(?:\*\*)?, (?:\*\*)?(\w)\b", MANAGER))
    assert letters - in_table - named == set()


def test_the_operators_guide_names_every_setting() -> None:
    names = {field.name for field in fields(Settings)} - {"demo", "training"}
    assert {name for name in names if f"`{name}`" not in OPERATOR} == set()
    variables = {PREFIX + name.upper() for name in names - {"keys"}}
    assert {variable for variable in variables if f"`{variable}`" not in OPERATOR} == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_operators_guide_names_every_rule_with_its_default(database: Database) -> None:
    table = OPERATOR.partition("| règle | contenu | par défaut |")[2].partition("\n\n")[0]
    with database.read() as session:
        rules = list_rules(session)
    told = {line.split("`")[1]: line.rsplit("|", 2)[1] for line in table.splitlines() if "`" in line}
    assert {rule.name for rule in rules} == told.keys()
    amounts = {
        rule.name: rule.default
        for rule in rules
        if rule.default.isdecimal() or rule.default in {"oui", "non"}
    }
    assert {name: told[name].strip() for name in amounts} == amounts


def test_the_operators_guide_says_what_each_account_is_for() -> None:
    numbers = asdict(Accounts())
    table = OPERATOR.partition("| compte | par défaut | ce qui s'y écrit |")[2].partition("\n\n")[0]
    assert {name for name, number in numbers.items() if f"| `{name}` | {number} |" not in table} == set()


def test_the_operators_guide_names_every_act_that_can_be_left_to_a_role() -> None:
    table = OPERATOR.partition("| acte | ce que c'est | d'abord |")[2].partition("\n\n")[0]
    for action, meaning in MEANINGS.items():
        assert f"| `{action.value.replace('_', '-')}` | {meaning} |" in table


def test_the_operators_guide_names_only_commands_that_keys_can_be_given_to() -> None:
    named = set(re.findall(r'[`"]((?:app|counter)\.\w+)[`"]', OPERATOR)) - {"app.py"}
    assert named <= {command.id for command in (*EVERYWHERE, *COUNTER)}
