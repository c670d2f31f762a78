"""The books: their verification, and sales at random to fill them."""

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.language import _, plural

from .spoken import add_command, group
from .workplace import opened_house, print_json, progress_bar

if TYPE_CHECKING:
    from boxoffice.house import House
    from boxoffice.sales.verification import Verdict

_log = logging.getLogger(__name__)

AS_JSON = typer.Option("--json", help=_("Écrire le résultat en JSON."))


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    journal = group(_("Le journal signé."))
    add_command(journal, "verify", verify_journal, _("Vérifier le journal et les ventes qu'il décrit."))
    commands.add_typer(journal, name="journal")


def verify_journal(
    trust: Annotated[
        list[str] | None,
        typer.Option(
            metavar=_("EMPREINTE"),
            help=_("Empreinte d'une clé connue par ailleurs ; toute autre clé est alors une faute."),
        ),
    ] = None,
    as_json: Annotated[bool, AS_JSON] = False,
) -> None:
    from boxoffice.sales.setup import list_tills
    from boxoffice.sales.signing import read_anchor
    from boxoffice.sales.verification import count_entries, verify

    with opened_house() as house, progress_bar(_("Journal")) as progress:
        with house.database.read() as session:
            numbers = [till.number for till in list_tills(session)]
        # Before the view that is verified: what a till signs from now on may be missing from that.
        kept = {number: read_anchor(house.settings.key_path_of(number)) for number in numbers}
        anchors = {number: anchor for number, anchor in kept.items() if anchor is not None}
        total, done = 0, 0

        def show(entries: int) -> None:
            nonlocal done
            done += entries
            progress(done, total)

        with house.database.read() as session:
            total = count_entries(session)
            verdict = verify(session, trusted=frozenset(trust or ()), anchors=anchors, progress=show)
        _say(verdict, as_json=as_json)
        if verdict.fault is not None:
            _tell(house, str(verdict.fault))
            raise typer.Exit(1)


def _say(verdict: "Verdict", *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(verdict))
    elif verdict.fault is None:
        entries = plural("{count} entrée", "{count} entrées", verdict.entries).format(count=verdict.entries)
        sales = plural("{count} vente", "{count} ventes", verdict.sales).format(count=verdict.sales)
        typer.echo(_("Le journal est intact : {entries}, {sales}.").format(entries=entries, sales=sales))
    else:
        typer.echo(str(verdict.fault), err=True)


def _tell(house: "House", fault: str) -> None:
    """Have the journal tell what was found, if it still can: the fault may be in the way."""
    from boxoffice.sales.occurrences import chain_broken

    try:
        with house.database.write() as session:
            chain_broken(session, house.post, fault, clock=house.clock)
    except Exception:
        _log.exception("The journal cannot tell that it is broken")
