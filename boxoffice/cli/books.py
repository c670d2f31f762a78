"""The books: their verification, and sales at random to fill them."""

from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

import typer

from boxoffice.errors import Refusal
from boxoffice.language import _, plural

from .spoken import add_command, group
from .workplace import opened_house, print_json, progress_bar

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
    from boxoffice.sales.occurrences import chain_broken
    from boxoffice.sales.setup import list_tills
    from boxoffice.sales.signing import read_anchor
    from boxoffice.sales.verification import count_entries, verify

    with opened_house() as house, house.database.read() as session, progress_bar(_("Journal")) as progress:
        total = count_entries(session)
        done = 0

        def show(entries: int) -> None:
            nonlocal done
            done += entries
            progress(done, total)

        numbers = [till.number for till in list_tills(session)]
        anchors = {number: read_anchor(house.settings.key_path_of(number)) for number in numbers}
        verdict = verify(
            session,
            trusted=frozenset(trust or ()),
            anchors={number: anchor for number, anchor in anchors.items() if anchor is not None},
            progress=show,
        )
        if verdict.fault is not None:
            fault = str(verdict.fault)
            with suppress(Refusal):
                house.database.attempt(
                    lambda writing: chain_broken(writing, house.post, fault, clock=house.clock)
                )
    if as_json:
        print_json(asdict(verdict))
    elif verdict.fault is None:
        entries = plural("{count} entrée", "{count} entrées", verdict.entries).format(count=verdict.entries)
        sales = plural("{count} vente", "{count} ventes", verdict.sales).format(count=verdict.sales)
        typer.echo(_("Le journal est intact : {entries}, {sales}.").format(entries=entries, sales=sales))
    else:
        typer.echo(str(verdict.fault), err=True)
    if verdict.fault is not None:
        raise typer.Exit(1)
