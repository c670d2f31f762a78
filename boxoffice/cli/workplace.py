"""What commands work with: the settings in force, the house they open, and how they show what they do."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from boxoffice.config import Settings, read_settings
from boxoffice.errors import Refusal
from boxoffice.language import _, spoken

if TYPE_CHECKING:
    from boxoffice.house import House

SQLITE = "sqlite:///"


class Show(Protocol):
    """Shows how many of how many are done, and of what if that has changed."""

    def __call__(self, done: int, total: int, title: str = ...) -> None: ...


def settings_in_force() -> Settings:
    """The settings, speaking the language that was asked for."""
    return replace(read_settings(), language=spoken())


def require_festival(settings: Settings) -> None:
    """Refuse, without creating anything, when there is no database yet."""
    path = sqlite_path(settings.database_url)
    if path is not None and not path.is_file():
        raise Refusal(
            _("Il n'y a pas encore de festival ici ({path}).").format(path=path),
            _("Créez-le avec « boxoffice init », ou essayez avec « boxoffice demo »."),
        )


def open_counter() -> None:
    """Open the counter of this post, until the cashier leaves it."""
    settings = settings_in_force()
    require_festival(settings)
    from boxoffice.app import run

    run(settings)


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite database; None for a database on a server."""
    return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None


@contextmanager
def opened_house() -> Iterator["House"]:
    """The house of this post, for as long as a command needs it."""
    settings = settings_in_force()
    require_festival(settings)
    from boxoffice.house import open_house

    house = open_house(settings)
    try:
        yield house
    finally:
        house.database.close()


@contextmanager
def progress_bar(title: str) -> Iterator[Show]:
    """A bar on a terminal, nothing elsewhere: the caller tells how many of how many are done, and of what."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(title, total=None)

        def show(done: int, total: int, title: str = title) -> None:
            progress.update(task, completed=done, total=total, description=title)

        yield show


def print_json(value: Any) -> None:
    """Write data for another program."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Write data for people; plain lines, as wide as what they hold."""
    widths = [max(len(cell) for cell in cells) for cells in zip(columns, *rows, strict=True)]
    for row in (columns, tuple("─" * width for width in widths), *rows):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write(line.rstrip() + "\n")
