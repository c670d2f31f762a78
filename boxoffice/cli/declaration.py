"""The document that the user of the program shows to who asks how it keeps the books."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from boxoffice.errors import Refusal
from boxoffice.language import _

from .options import AsJson
from .spoken import add_command
from .workplace import opened_house, print_json, progress_bar


def add_to(commands: typer.Typer) -> None:
    """Add this command to the program."""
    add_command(
        commands, "declaration", declaration, _("Présenter le logiciel : version, sécurité, clés, règles.")
    )


def declaration(
    out: Annotated[
        Path | None, typer.Option(metavar=_("FICHIER"), help=_("Le fichier à écrire : .pdf ou .txt."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.care.verifying import verify_database
    from boxoffice.printing.declaration import declaration_pdf, declaration_text
    from boxoffice.sales.declaration import read_declaration

    if out is not None and out.suffix.lower() not in (".pdf", ".txt"):
        raise Refusal(_("Le nom du fichier finit par .pdf ou .txt."))
    with opened_house() as house:
        with progress_bar(_("Journal")) as show:
            verdict = verify_database(house.settings, progress=show).verdict
        with house.database.read() as session:
            read = read_declaration(session, clock=house.clock, verdict=verdict)
    if as_json:
        print_json(asdict(read) | {"at": read.at.isoformat()})
    elif out is None:
        typer.echo(declaration_text(read), nl=False)
    if out is not None:
        pdf = out.suffix.lower() == ".pdf"
        out.write_bytes(declaration_pdf(read) if pdf else declaration_text(read).encode())
        typer.echo(_("Le document est écrit : {file}.").format(file=out), err=as_json)
