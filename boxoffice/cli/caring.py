"""Backups: making one, listing them, looking one through again, and putting one back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.kinds import Action
from boxoffice.language import _, plural, spoken

from .answering import AnsweredBy, Asker, allowed_asker, prove_in
from .options import AsJson
from .spoken import SpokenGroup, add_command, confirm, group
from .workplace import opened_house, print_json, print_table, progress_bar, settings_in_force

if TYPE_CHECKING:
    from boxoffice.backup_file import Backup
    from boxoffice.care.backups import KeptBackup

FILE = typer.Argument(metavar=_("FICHIER"), help=_("La sauvegarde : un fichier, ou son nom dans la liste."))


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    backup = group(_("Les sauvegardes. Sans commande : en faire une."))
    backup.callback(invoke_without_command=True, no_args_is_help=False, cls=SpokenGroup)(make_backup)
    add_command(backup, "list", list_kept, _("Lister les sauvegardes de ce poste."))
    add_command(backup, "check", check_kept, _("Relire une sauvegarde, dans une base à part."))
    commands.add_typer(backup, name="backup")
    add_command(commands, "restore", restore_backup, _("Remettre une sauvegarde à la place de la base."))


def make_backup(
    context: typer.Context,
    if_due: Annotated[
        bool,
        typer.Option(
            "--if-due",
            help=_("Seulement si le poste l'aurait faite de lui-même : sans code, pour une tâche planifiée."),
        ),
    ] = False,
    by: Asker = None,
    as_json: AsJson = False,
) -> None:
    """Whoever has a backup has all that is in the database: it takes who may make an archive."""
    if context.invoked_subcommand is not None or context.resilient_parsing:
        return
    from boxoffice.care.backups import BackupReason, back_up, back_up_if_due

    with opened_house() as house:
        folder, kept = house.settings.backups_folder, None
        if if_due:
            kept = back_up_if_due(house.database, folder, house.post, clock=house.clock)
        else:
            allowed_asker(house, by, Action.MAKE_ARCHIVE, "backup")
            with progress_bar(_("Sauvegarde")) as show:
                kept = back_up(
                    house.database, folder, BackupReason.ASKED, house.post, clock=house.clock, progress=show
                )
    if kept is None:
        if as_json:
            print_json(None)
        else:
            typer.echo(_("Aucune sauvegarde n'est à faire maintenant."))
        return
    if as_json:
        print_json(_told(kept) | {"rows": sum(kept.about.rows.values())})
        return
    count = sum(kept.about.rows.values())
    rows = plural("{count} ligne", "{count} lignes", count).format(count=count)
    typer.echo(_("{file} : {rows}, relues et justes.").format(file=kept.path, rows=rows))


def list_kept(as_json: AsJson = False) -> None:
    from boxoffice.care.backups import list_backups
    from boxoffice.clock import say

    kept = list_backups(settings_in_force().backups_folder)
    if as_json:
        print_json([_told(backup) for backup in kept])
        return
    print_table(
        (_("fichier"), _("faite le"), _("taille"), _("état")),
        [
            (
                backup.path.name,
                say(backup.about.at, "EEE d MMM y HH:mm", spoken()),
                _("{size} Ko").format(size=-(-backup.size // 1000)),
                _("relue") if backup.checked else _("douteuse"),
            )
            for backup in kept
        ],
    )


def check_kept(file: Annotated[Path, FILE], as_json: AsJson = False) -> None:
    from boxoffice.care import backups

    with progress_bar(_("Sauvegarde")) as show:
        about = backups.check_alone(_found(file), settings_in_force().backups_folder, progress=show)
    if as_json:
        print_json(_about(about) | {"rows": dict(about.rows)})
        return
    count = sum(about.rows.values())
    rows = plural("{count} ligne", "{count} lignes", count).format(count=count)
    typer.echo(_("La sauvegarde est entière et juste : {rows}.").format(rows=rows))


def restore_backup(
    file: Annotated[Path, FILE],
    manager: AnsweredBy = None,
    yes: Annotated[bool, typer.Option("--yes", help=_("Ne pas demander confirmation."))] = False,
    although_wrong: Annotated[
        bool,
        typer.Option(
            "--although-wrong",
            help=_(
                "Remettre même une sauvegarde fausse, ou à la place d'une base fausse ; le journal le dit."
            ),
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    from boxoffice.care.making_room import WrongInPlace
    from boxoffice.care.restoring import Restored, managers_of, restore
    from boxoffice.clock import SystemClock
    from boxoffice.sales.closings.put_back import gone_words

    settings, path, clock = settings_in_force(), _found(file), SystemClock()
    with managers_of(settings, path, clock) as database:
        answering = prove_in(database, None, manager, clock=clock)
    if not yes:
        confirm(_replacing(path), _("Rien n'est remplacé."))

    def put_back(*, answered_for_before: bool) -> Restored:
        with progress_bar(_("Sauvegarde")) as show:
            return restore(
                settings,
                path,
                answering.number,
                clock=clock,
                proof=answering.proof,
                progress=show,
                although_wrong=although_wrong,
                although_wrong_before=answered_for_before,
            )

    try:
        done = put_back(answered_for_before=although_wrong)
    except WrongInPlace as wrong:
        if yes:
            raise
        typer.echo(wrong.message, err=True)
        question = _(
            "La remplacer quand même, et en répondre ? Elle est gardée, sans qu'on en croie un montant."
        )
        confirm(question, _("Rien n'est remplacé."))
        done = put_back(answered_for_before=True)
    if as_json:
        print_json(
            {
                **_about(done.about),
                "before": done.before and str(done.before.path),
                "set_aside": done.set_aside and str(done.set_aside),
                "tills": done.tills,
                "fault": done.fault,
                "fault_before": done.fault_before,
                "skipped": done.skipped,
                "left_out": [each.told() for each in done.left_out],
                "closings_gone": done.gone,
                "not_erased": [str(customer_id) for customer_id in done.not_erased],
            }
        )
        return
    typer.echo(_("La sauvegarde {file} est en place, et le journal le raconte.").format(file=path.name))
    if done.before is not None:
        typer.echo(_("Ce qui était là est gardé dans {file}.").format(file=done.before.path))
    if done.set_aside is not None:
        typer.echo(_("La base abîmée est gardée dans {file}.").format(file=done.set_aside))
    if done.fault:
        typer.echo(_("Elle est fausse : {fault}").format(fault=done.fault), err=True)
    if done.fault_before:
        typer.echo(
            _("Celle d'avant était fausse, aucun montant n'en est repris : {fault}").format(
                fault=done.fault_before
            ),
            err=True,
        )
    for till, left_out in done.skipped.items():
        typer.echo(
            _(
                "Caisse {till} : {operations} opérations et {tickets} billets faits depuis ne sont plus dans"
                " la base ; leurs numéros ne seront pas redonnés."
            ).format(till=till, operations=left_out.get("operations", 0), tickets=left_out.get("tickets", 0))
        )
    for each in done.left_out:
        typer.echo(each.said(_))
    if done.gone:
        typer.echo(
            _("Clôtures qui ne sont plus dans la base : {gone}.").format(gone=gone_words(done.gone, _))
        )
        typer.echo(
            _(
                "À faire : clore à nouveau, par F10 puis Z au guichet, ou « boxoffice close ». Gardez les Z"
                " imprimés avant : les nouveaux disent qu'ils comptent à nouveau ce qui est dans la base."
            )
        )
    for customer_id in done.not_erased:
        typer.echo(
            _("Ce client avait été effacé, et ne peut pas l'être maintenant : {id}.").format(id=customer_id),
            err=True,
        )
    typer.echo(_("Sur les autres postes, un responsable le déclare : « boxoffice journal resume »."))


def _replacing(path: Path) -> str:
    """The question before a restoring: what would take the place of all, and since when nothing is in it."""
    from boxoffice.backup_file import NotABackup, read_header
    from boxoffice.clock import say

    try:
        at = say(read_header(path).at, "EEE d MMM y HH:mm", spoken())
    except NotABackup:
        return _("Remplacer tout ce que la base contient par {file} ?").format(file=path.name)
    return _(
        "Remplacer tout ce que la base contient par {file}, du {moment} ? Ce qui fut fait depuis n'y est pas."
    ).format(file=path.name, moment=at)


def _found(file: Path) -> Path:
    """The file as it was typed, else the backup of this name that this post keeps."""
    kept = settings_in_force().backups_folder / file.name
    return kept if not file.exists() and kept.is_file() else file


def _told(kept: "KeptBackup") -> dict[str, object]:
    return {"file": str(kept.path), **_about(kept.about), "size": kept.size, "checked": kept.checked}


def _about(about: "Backup") -> dict[str, object]:
    return {
        "at": about.at.isoformat(),
        "reason": about.reason,
        "revision": about.revision,
        "version": about.version,
    }
