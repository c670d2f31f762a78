"""Who may know whom, how large a module grows, and what a start may cost."""

import ast
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import boxoffice
from boxoffice.kinds import TurnsAt

PACKAGE = Path(boxoffice.__file__).parent
PROJECT = PACKAGE.parent
LONGEST_MODULE = 400
HEAVY = {"sqlmodel", "sqlalchemy", "escpos", "PIL", "psycopg", "alembic", "cryptography"}


def modules() -> list[Path]:
    """Every module of the package that people write: migrations, once made, are left as they are."""
    return sorted(path for path in PACKAGE.rglob("*.py") if "versions" not in path.parts)


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def tree_of(path: Path) -> ast.Module:
    """A module as Python reads it."""
    return ast.parse(path.read_text("utf-8"))


def test_layers_know_only_what_is_below_them() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    found = subprocess.run([linter, "--no-cache"], cwd=PROJECT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout
    assert "0 broken" in found.stdout


def known_by(path: Path, known: set[str]) -> set[str]:
    """The modules of the package that a module imports anywhere in it, by their full names."""
    here = path.relative_to(PROJECT).with_suffix("").parts
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            base = ".".join([*here[: -node.level], *filter(None, [node.module])] if node.level else [])
            base = base or str(node.module)
            names = [f"{base}.{name.name}" for name in node.names]
            found |= {name if name in known else base for name in names}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found & known


def test_no_modules_import_each_other_in_a_circle() -> None:
    paths = {
        ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in modules()
    }
    graph = {name: known_by(path, set(paths)) - {name} for name, path in paths.items()}
    assert len(graph["boxoffice.sales.closings.closing"]) > 5
    TopologicalSorter(graph).prepare()


def test_no_module_is_longer_than_it_can_be_read() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


@cache
def calls_of(path: Path) -> frozenset[str]:
    """What a module calls, as it is written: `datetime.now`, `time.time`; looked for once."""
    tree = tree_of(path)
    return frozenset(ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_only_the_clock_reads_the_time() -> None:
    readers = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
    found = {name_of(path): calls_of(path) & readers for path in modules()}
    assert {name: calls for name, calls in found.items() if calls} == {"boxoffice/clock.py": {"datetime.now"}}


def test_services_leave_the_end_of_a_transaction_to_their_caller() -> None:
    found = {name_of(path): calls_of(path) for path in (PACKAGE / "sales").rglob("*.py")}
    enders = {"session.commit", "session.rollback", "session.begin", "connection.commit"}
    assert {name: calls & enders for name, calls in found.items() if calls & enders} == {}


def test_what_is_on_paper_is_french_in_every_language() -> None:
    papers = [
        *(PACKAGE / "printing" / "layouts").glob("*.py"),
        PACKAGE / "sales" / "prints" / "paper_loading.py",
        PACKAGE / "sales" / "prints" / "sale_papers.py",
    ]
    translated = {name_of(path) for path in papers if calls_of(path) & {"_", "plural", "spoken"}}
    assert translated == set()


def test_screens_leave_it_to_the_table_of_permissions_who_may_do_what() -> None:
    """A role tested by a screen would be right until somebody changed the table."""
    found = set()
    for path in (PACKAGE / "screens").rglob("*.py"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute) and (
                node.attr == "is_manager" or ast.unparse(node) == "Role.MANAGER"
            ):
                found.add(name_of(path))
    names_of_roles = {"boxoffice/screens/login.py", "boxoffice/screens/settings/staff.py"}
    assert found <= names_of_roles


def test_each_work_takes_turns_by_a_number_of_its_own() -> None:
    """All of them stand in one list, so that no two are the same."""
    numbers = range(min(TurnsAt), max(TurnsAt) + 1)
    elsewhere = {
        name_of(path)
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value in numbers
    }
    assert elsewhere == {"boxoffice/kinds/turns.py"}
    assert len(set(TurnsAt)) == len(TurnsAt.__members__)


def imports_of(path: Path) -> set[str]:
    """The first name of every module imported, wherever in the file."""
    tree = tree_of(path)
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
    ]
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize(
    ("part", "strangers"),
    [
        ("screens", {"sqlmodel", "sqlalchemy", "escpos", "psycopg", "sqlite3"}),
        ("printing", {"sqlmodel", "sqlalchemy", "textual", "psycopg", "sqlite3"}),
        ("sales", {"textual", "escpos", "typer", "rich"}),
        ("models", {"textual", "escpos", "typer", "rich", "pydantic_settings"}),
    ],
)
def test_a_part_imports_none_of_anothers_tools(part: str, strangers: set[str]) -> None:
    found = {name_of(path): imports_of(path) & strangers for path in (PACKAGE / part).rglob("*.py")}
    assert {name: imported for name, imported in found.items() if imported} == {}


def test_nothing_is_opened_at_module_level() -> None:
    """No engine, session or setting lives at module level."""
    openers = {"create_engine", "connect", "Session", "read_settings", "sessionmaker"}
    found = set()
    for path in modules():
        for statement in tree_of(path).body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Call):
                called = ast.unparse(statement.value.func).split(".")[-1]
                if called in openers:
                    found.add(f"{name_of(path)}: {called}")
    assert found == set()


def loaded_by(code: str) -> set[str]:
    """The packages in memory of a fresh interpreter after `code`."""
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.splitlines()[-1].split())


def test_the_log_in_paints_without_waiting_for_the_database() -> None:
    loaded = loaded_by("import boxoffice.app, boxoffice.screens.login")
    heavy = {
        "sqlmodel",
        "sqlalchemy",
        "babel",
        "pydantic",
        "escpos",
        "PIL",
        "psycopg",
        "alembic",
        "cryptography",
    }
    assert "textual" in loaded
    assert loaded & heavy == set()


def test_help_on_the_command_line_is_instant() -> None:
    code = "import boxoffice.cli\nassert boxoffice.cli.run(['--help']) == 0"
    loaded = loaded_by(code)
    assert "typer" in loaded
    assert loaded & (HEAVY | {"textual"}) == set()
