"""Archives: making the one of a period, and verifying a file without any database."""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from boxoffice.errors import Refusal
from boxoffice.language import _, plural

from .answering import AnsweredBy, answering_manager
from .spoken import add_command, group
from .workplace import opened_house, print_json, progress_bar

AS_JSON = typer.Option("--json", help=_("Écrire le résultat en JSON."))
DAY = _("JJ/MM/AAAA")


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    archive = group(_("Les archives : tout ce qui est fiscal, signé, lisible sans le programme."))
    add_command(archive, "create", create, _("Archiver une période."))
    add_command(archive, "verify", verify, _("Vérifier une archive, par son seul fichier."))
    commands.add_typer(archive, name="archive")


def create(
    first: Annotated[str, typer.Option("--from", metavar=DAY, help=_("La première journée."))],
    last: Annotated[str, typer.Option("--to", metavar=DAY, help=_("La dernière journée."))],
    out: Annotated[
        Path | None, typer.Option(metavar=_("FICHIER"), help=_("Le fichier ZIP à écrire."))
    ] = None,
    manager: AnsweredBy = None,
    as_json: Annotated[bool, AS_JSON] = False,
) -> None:
    from boxoffice.sales.archives.making import CreateArchive, create_archive, tell_archive

    days = _day(first), _day(last)
    with opened_house() as house:
        name = f"archive-{house.post.siret}-{days[0]:%Y%m%d}-{days[1]:%Y%m%d}.zip"
        command = CreateArchive(*days, out or house.settings.data_folder / "archives" / name)
        answering = answering_manager(house, manager)
        with progress_bar(_("Archive")) as show, house.database.read() as session:
            made = create_archive(session, command, house.post, clock=house.clock, progress=show)
        with house.database.write() as session:
            tell_archive(session, made, command, house.post, clock=house.clock, manager=answering)
    if as_json:
        print_json(asdict(made) | {"path": str(made.path)})
        return
    sales = plural("{count} vente", "{count} ventes", made.sales).format(count=made.sales)
    typer.echo(
        _("{file} : {sales}, signée. Copiez-la hors de ce poste, et gardez-la six ans.").format(
            file=made.path, sales=sales
        )
    )


def verify(
    file: Annotated[Path, typer.Argument(metavar=_("FICHIER"), help=_("L'archive."))],
    trust: Annotated[
        list[str] | None,
        typer.Option(metavar=_("EMPREINTE"), help=_("L'empreinte de la clé, connue par ailleurs.")),
    ] = None,
    as_json: Annotated[bool, AS_JSON] = False,
) -> None:
    from boxoffice.sales.archives.reading import verify_archive

    with progress_bar(_("Archive")) as show:
        found = verify_archive(file, trusted=frozenset(trust or ()), progress=show)
    if as_json:
        print_json(asdict(found))
        return
    sales = plural("{count} vente", "{count} ventes", found.sales).format(count=found.sales)
    entries = plural("{count} entrée de journal", "{count} entrées de journal", found.entries)
    typer.echo(
        _("L'archive est intacte : {operator}, du {first} au {last}, {sales}, {entries}.").format(
            operator=found.operator,
            first=found.first,
            last=found.last,
            sales=sales,
            entries=entries.format(count=found.entries),
        )
    )
    typer.echo(_("Elle est signée par la clé {key}.").format(key=found.key))


def _day(text: str) -> date:
    """A day as it is typed in French, or as computers write it."""
    for pattern in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 — a day has no zone
        except ValueError:
            continue
    raise Refusal(_("« {text} » n'est pas une date, comme 31/12/2026.").format(text=text))
