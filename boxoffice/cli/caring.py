"""Backups: making one, listing them, looking one through again, and putting one back."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.kinds import Action
from boxoffice.language import _, later, plural, spoken

from .answering import AnsweredBy, Asker, allowed_asker, prove_in
from .options import AsJson
from .restored import say_restored, told_restored
from .spoken import SpokenGroup, add_command, confirm, group
from .workplace import opened_house, print_json, print_table, progress_bar, settings_in_force

if TYPE_CHECKING:
    from boxoffice.backup_file import Backup
    from boxoffice.care.backups import KeptBackup
    from boxoffice.care.restoring import Restored
    from boxoffice.config import Settings
    from boxoffice.sales.staff.operators import StaffMember

NOTHING_REPLACED = later("Rien n'est remplacé.")
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
    from boxoffice.care.backups import back_up_asked, back_up_if_due

    with opened_house() as house:
        folder, kept = house.settings.backups_folder, None
        if if_due:
            kept = back_up_if_due(house.database, folder, house.post, clock=house.clock)
        else:
            asker = allowed_asker(house, by, Action.MAKE_ARCHIVE, "backup")
            number = asker.number if asker else None
            with progress_bar(_("Sauvegarde")) as show:
                kept = back_up_asked(
                    house.database, folder, house.post, number, clock=house.clock, progress=show
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
    from boxoffice.care.restoring import managers_of
    from boxoffice.clock import SystemClock

    settings, path, clock = settings_in_force(), _found(file), SystemClock()
    with managers_of(settings, path, clock) as database:
        answering = prove_in(database, None, manager, clock=clock)
    if not yes:
        confirm(_replacing(path), _(NOTHING_REPLACED))
    put_back = partial(_put_back, settings, path, answering, although_wrong=although_wrong)
    done = put_back() if yes else _asking_of_what_is_wrong(put_back)
    if as_json:
        print_json(_about(done.about) | told_restored(done))
    else:
        say_restored(done, path.name)


def _put_back(
    settings: "Settings",
    path: Path,
    answering: "StaffMember",
    *,
    although_wrong: bool,
    although_wrong_before: bool = False,
) -> "Restored":
    from boxoffice.care.restoring import restore
    from boxoffice.clock import SystemClock

    with progress_bar(_("Sauvegarde")) as show:
        return restore(
            settings,
            path,
            answering.number,
            clock=SystemClock(),
            proof=answering.proof,
            progress=show,
            although_wrong=although_wrong,
            although_wrong_before=although_wrong or although_wrong_before,
        )


def _asking_of_what_is_wrong(put_back: Callable[..., "Restored"]) -> "Restored":
    """Put a backup back; again, where what is in place is at fault, once somebody saw that and said yes."""
    from boxoffice.care.making_room import WrongInPlace

    try:
        return put_back()
    except WrongInPlace as wrong:
        typer.echo(wrong.message, err=True)
    question = _("La remplacer quand même, et en répondre ? Elle est gardée, sans qu'on en croie un montant.")
    confirm(question, _(NOTHING_REPLACED))
    return put_back(although_wrong_before=True)


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
