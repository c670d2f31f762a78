"""Archives: making the one of a period, and verifying a file without any database."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.errors import Refusal
from boxoffice.language import _, plural, spoken

from .answering import AnsweredBy, answering_manager
from .exports import DAYS
from .options import AsJson, trusted_keys
from .spoken import add_command, group
from .workplace import opened_house, print_json, progress_bar

if TYPE_CHECKING:
    from boxoffice.care.archives_gone import ToldBefore

DAY = _("JJ/MM/AAAA")


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    archive = group(_("Les archives : tout ce qui est fiscal, signé, lisible sans le programme."))
    add_command(archive, "create", create, _("Archiver une période."))
    add_command(archive, "verify", verify, _("Vérifier une archive, par son seul fichier."))
    commands.add_typer(archive, name="archive")


def create(
    first: Annotated[
        datetime, typer.Option("--from", formats=DAYS, metavar=DAY, help=_("La première journée."))
    ],
    last: Annotated[
        datetime, typer.Option("--to", formats=DAYS, metavar=DAY, help=_("La dernière journée."))
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar=_("FICHIER"), help=_("Le fichier ZIP à écrire, ou le dossier où l'écrire.")),
    ] = None,
    manager: AnsweredBy = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.care.archiving import archive_period
    from boxoffice.exporting.folders import check_folder
    from boxoffice.sales.archives.making import CreateArchive, archive_name

    days = first.date(), last.date()
    with opened_house() as house:
        folder = house.settings.data_folder / "archives"
        name = archive_name(house.post, *days)
        path = folder / name if out is None else out / name if out.is_dir() else out
        if out is not None:
            check_folder(path.parent)
        command = CreateArchive(*days, path)
        answering = answering_manager(house, manager)
        with progress_bar(_("Archive")) as show:
            made = archive_period(
                house.database,
                command,
                house.post,
                clock=house.clock,
                manager=answering,
                progress=show,
                verifying=lambda done, of: show(done, of, _("Vérification")),
            )
    if as_json:
        told = asdict(made) | {"path": str(made.path)}
        del told["unfinished"]
        print_json(told)
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
    here: Annotated[
        bool, typer.Option("--here", help=_("La chercher aussi dans le journal de ce poste."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    from boxoffice.sales.archives.verifying import verify_archive

    with progress_bar(_("Archive")) as show:
        found = verify_archive(file, trusted=trusted_keys(trust), progress=show)
    told = _told_here(found.manifest, datetime.fromisoformat(found.made_at)) if here else None
    if as_json:
        backup = told.gone.backup if told and told.gone else None
        print_json(asdict(found) | ({"entry": told.entry, "backup": backup} if told else {}))
        return
    sales = plural("{count} vente", "{count} ventes", found.sales).format(count=found.sales)
    entries = plural("{count} entrée de journal", "{count} entrées de journal", found.entries)
    what = _("{operator}, SIRET {siret}, du {first} au {last}, {sales}, {entries}").format(
        operator=found.operator,
        siret=found.siret,
        first=f"{date.fromisoformat(found.first):%d/%m/%Y}",
        last=f"{date.fromisoformat(found.last):%d/%m/%Y}",
        sales=sales,
        entries=entries.format(count=found.entries),
    )
    if found.specimen:
        typer.echo(
            _("{specimen} : rien n'est vrai dans cette archive, elle n'est la pièce de personne.").format(
                specimen=found.specimen
            )
        )
    if told is not None:
        typer.echo(_("L'archive est intacte : {what}.").format(what=what))
        _say_told(told)
        return
    if found.trusted:
        typer.echo(_("L'archive est intacte : {what}.").format(what=what))
        typer.echo(_("Elle est signée par la clé {key}, à laquelle vous vous fiez.").format(key=found.key))
        return
    typer.echo(_("Rien n'a changé dans l'archive depuis qu'une clé l'a signée : {what}.").format(what=what))
    typer.echo(
        _(
            "Mais rien d'autre que l'archive ne dit à qui est cette clé, {key} : n'importe qui peut en faire "
            "une. Comparez-la à la présentation du logiciel (« boxoffice declaration »), et un Z imprimé à "
            "donnees/journal, puis : « boxoffice archive verify {file} --trust {key} »."
        ).format(key=found.key, file=file.name)
    )


def _say_told(told: "_Here") -> None:
    from boxoffice.clock import say

    if told.gone is None:
        typer.echo(_("Le journal de ce poste la raconte : entrée {entry}.").format(entry=told.entry))
        return
    typer.echo(
        _(
            "Le journal d'avant la remise du {moment} la raconte : entrée {entry}, que {file} garde. Une part"
            " de ce qu'elle contient peut ne plus être dans la base en place."
        ).format(
            moment=say(told.gone.restored_at, "EEE d MMM y HH:mm", spoken()),
            entry=told.entry,
            file=told.gone.backup,
        )
    )


@dataclass(frozen=True, slots=True)
class _Here:
    """The entry that tells of an archive, and the backup that has it where a restoring took it out."""

    entry: str
    gone: "ToldBefore | None" = None


def _told_here(manifest: str, made_at: datetime) -> _Here:
    """Where the journal of this post tells of an archive. Raises Refusal where it does not."""
    from boxoffice.care.archives_gone import restored_since, told_before_restoring
    from boxoffice.clock import say
    from boxoffice.sales.archives.making import entry_of_archive

    with opened_house() as house, house.database.read() as session:
        entry = entry_of_archive(session, manifest)
        if entry is not None:
            return _Here(entry)
        gone = told_before_restoring(session, house.settings, manifest)
        if gone is not None:
            return _Here(gone.entry, gone)
        since = restored_since(session, made_at)
    if since is not None:
        raise Refusal(
            _(
                "Le journal de ce poste ne raconte pas cette archive. La remise du {moment}, faite depuis, a"
                " pu en ôter l'entrée, et la sauvegarde de ce qui était là n'est pas ici, ou ne la raconte"
                " pas."
            ).format(moment=say(since, "EEE d MMM y HH:mm", spoken())),
            _(
                "Remettez la sauvegarde « avant-remise » de ce jour dans le dossier des sauvegardes, et"
                " recommencez ; ou comparez la clé de l'archive : --trust EMPREINTE."
            ),
        )
    raise Refusal(
        _("Le journal de ce poste ne raconte pas cette archive : elle n'a pas été faite ici."),
        _("Vérifiez-la là où elle fut faite, et « boxoffice journal verify »."),
    )
