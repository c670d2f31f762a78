"""Trying the program: a throw-away festival to sell in, and a crowd that buys at random."""

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from random import Random
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.config import PREFIX, Settings, settings_in
from boxoffice.language import _
from boxoffice.log_file import keep_log
from boxoffice.money import format_euros

from .options import AsJson
from .spoken import add_command
from .workplace import print_json, print_table, progress_bar, require_festival, settings_in_force

if TYPE_CHECKING:
    from boxoffice.database import Database
    from boxoffice.simulation import Plan, Tally

SEED = typer.Option(metavar="N", help=_("Graine du hasard des ventes."))
DATABASE = typer.Option(metavar="URL", help=_("Une base de données vide à remplir."))
KEEP = typer.Option("--keep", help=_("Garder les fichiers après l'essai."))


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    add_command(commands, "demo", demo, _("Essayer : un festival d'exemple, autour d'aujourd'hui."))
    add_command(commands, "simulate", simulate_crowd, _("Vendre au hasard dans un festival d'exemple."))


def demo(
    sales: Annotated[int, typer.Option(min=0, metavar="N", help=_("Le nombre de ventes au hasard."))] = 150,
    seed: Annotated[int, SEED] = 1,
    database: Annotated[str | None, DATABASE] = None,
    keep: Annotated[bool, KEEP] = False,
    open_counter: Annotated[
        bool, typer.Option("--open/--no-open", help=_("Ouvrir le guichet, ou seulement préparer et garder."))
    ] = True,
) -> None:
    with _throw_away(database, keep=keep or not open_counter) as settings:
        from boxoffice.clock import SystemClock
        from boxoffice.demonstration import Demonstration, prepare

        titles = {"programme": _("Programme"), "sales": _("Ventes")}
        with _migrated(settings) as opened:
            with progress_bar(_("Base de données")) as show:
                prepare(
                    opened,
                    settings,
                    Demonstration(sales, seed),
                    clock=SystemClock(),
                    progress=lambda what, done, total: show(done, total, titles[what]),
                )
            if open_counter:
                from boxoffice.app import run

                run(settings, opened)


def simulate_crowd(
    sales: Annotated[int, typer.Option(min=0, metavar="N", help=_("Le nombre de ventes."))] = 1000,
    seed: Annotated[int, SEED] = 1,
    rate: Annotated[
        float | None,
        typer.Option(min=0.001, metavar="N", help=_("Ventes par seconde ; sinon, au plus vite.")),
    ] = None,
    database: Annotated[str | None, DATABASE] = None,
    here: Annotated[
        bool, typer.Option("--here", help=_("Vendre dans le festival d'exemple gardé sur ce poste."))
    ] = False,
    keep: Annotated[bool, KEEP] = False,
    as_json: AsJson = False,
) -> None:
    from boxoffice.clock import SystemClock
    from boxoffice.festival_sample import make_sample_festival
    from boxoffice.simulation import Plan

    plan = Plan(sales, seed=seed, rate=rate)
    if here:
        settings = settings_in_force()
        require_festival(settings)
        with _migrated(settings) as opened:
            _sell(opened, settings, plan, as_json=as_json)
        return
    with _throw_away(database, keep=keep) as settings, _migrated(settings) as opened:
        make_sample_festival(opened, settings, clock=SystemClock())
        _sell(opened, settings, plan, as_json=as_json)


def _sell(database: "Database", settings: Settings, plan: "Plan", *, as_json: bool) -> None:
    """Let the crowd buy at the other tills of the sample, holders of passes among it, and say how fast."""
    from boxoffice.clock import SystemClock
    from boxoffice.demonstration import open_other_tills
    from boxoffice.pass_crowd import PassHolders
    from boxoffice.simulation import simulate

    clock = SystemClock()
    desks = open_other_tills(database, settings, clock=clock)
    holders = PassHolders(database, desks, Random(plan.seed), clock)
    if plan.sales:
        holders.come()
    started = monotonic()
    with progress_bar(_("Ventes")) as show:

        def tell(tally: "Tally") -> None:
            show(tally.sales + tally.refused, plan.sales)

        done = simulate(database, desks, plan, clock=clock, progress=tell)
    seconds = monotonic() - started
    if plan.sales:
        holders.change_their_minds()
    if as_json:
        print_json({**asdict(done), "seconds": round(seconds, 3)})
        return
    rate = f"{done.sales / seconds:.0f} / s" if seconds else ""
    print_table(
        (
            _("ventes"),
            _("billets"),
            _("annulées"),
            _("duplicatas"),
            _("refusées"),
            _("recette"),
            _("vitesse"),
        ),
        [
            (
                *map(str, (done.sales, done.tickets, done.reversed, done.reprinted, done.refused)),
                format_euros(done.takings_cents),
                rate,
            )
        ],
    )


@contextmanager
def _throw_away(database: str | None, *, keep: bool) -> Iterator[Settings]:
    """Settings of a post with a folder of its own, which is deleted in the end unless it is to be kept."""
    folder = Path(tempfile.mkdtemp(prefix="boxoffice-demo-"))
    mine = settings_in_force()
    settings = settings_in(
        folder, language=mine.language, theme=mine.theme, touch=mine.touch, keys=mine.keys, demo=True
    )
    if os.environ.get(f"{PREFIX}DATA_FOLDER"):
        typer.echo(
            _("{name} ne compte pas ici, cet essai a un dossier à lui ({folder}).").format(
                name=f"{PREFIX}DATA_FOLDER", folder=folder
            ),
            err=True,
        )
    keep_log(folder)
    try:
        yield settings if database is None else replace(settings, database_url=database)
    finally:
        keep_log(mine.data_folder)
        if keep:
            typer.echo(
                _("Le festival d'exemple est gardé : {command}").format(command=_to_reopen(folder, database)),
                err=True,
            )
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _to_reopen(folder: Path, database: str | None) -> str:
    """What to type to open the counter on a sample that was kept, its PINs shown."""
    chosen = {"DEMO": "1", "DATA_FOLDER": str(folder), "DATABASE_URL": database}
    said = (f"{PREFIX}{name}={shlex.quote(value)}" for name, value in chosen.items() if value)
    return " ".join((*said, "boxoffice"))


@contextmanager
def _migrated(settings: Settings) -> Iterator["Database"]:
    """The database of these settings, opened and up to date."""
    from boxoffice import database as databases

    opened = databases.connect(settings.database_url)
    try:
        databases.migrate(opened, backups=settings.backups_folder)
        yield opened
    finally:
        opened.close()
