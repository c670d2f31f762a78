"""The signing keys of the tills."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.errors import Refusal
from boxoffice.language import _, spoken

from .answering import AnsweredBy, answering_manager, prove_in
from .options import AsJson
from .spoken import add_command, ask_secret, confirm, group
from .staff import add_till
from .workplace import opened_house, print_json, print_table, require_festival, settings_in_force

if TYPE_CHECKING:
    from boxoffice.house import House

PASSPHRASE_VARIABLE = "BOXOFFICE_PASSPHRASE"
FILE = typer.Argument(metavar=_("FICHIER"), help=_("Le fichier de la copie."))


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    key = group(_("Les clés qui signent les journaux."))
    add_command(key, "list", list_all, _("Lister les clés, et celles que ce poste possède."))
    add_command(key, "create", add_till, _("Créer la clé d'une nouvelle caisse : comme « tills add »."))
    add_command(key, "backup", back_up, _("Copier la clé de ce poste, sous une phrase secrète."))
    add_command(key, "restore", restore, _("Remettre la clé de ce poste depuis sa copie."))
    add_command(key, "rotate", rotate, _("Donner une nouvelle clé à la caisse de ce poste."))
    add_command(key, "lost", lost, _("Déclarer perdue la clé d'une autre caisse."))
    commands.add_typer(key, name="key")


def list_all(as_json: AsJson = False) -> None:
    from boxoffice import database as databases
    from boxoffice.care.keys import list_keys
    from boxoffice.clock import say

    settings = settings_in_force()
    require_festival(settings)
    database = databases.connect(settings.database_url)
    try:
        with database.read() as session:
            rows = list_keys(session, settings)
    finally:
        database.close()
    if as_json:
        print_json(
            [
                {
                    "till": row.till,
                    "fingerprint": row.fingerprint,
                    "created_at": row.created_at.isoformat(),
                    "here": row.is_here,
                }
                for row in rows
            ]
        )
        return
    print_table(
        (_("caisse"), _("empreinte"), _("créée le"), _("ici")),
        [
            (
                str(row.till),
                row.fingerprint,
                say(row.created_at, "d MMM y HH:mm", spoken()),
                _("oui") if row.is_here else _("non"),
            )
            for row in rows
        ],
    )


def back_up(file: Annotated[Path, FILE], manager: AnsweredBy = None) -> None:
    from boxoffice.care.keys import back_up_key

    with opened_house() as house:
        answering = answering_manager(house, manager)
        fingerprint = back_up_key(
            house.database,
            house.settings,
            house.post,
            file,
            _new_passphrase(),
            clock=house.clock,
            manager=answering,
        )
        typer.echo(
            _("La clé de la caisse {till} ({fingerprint}…) est copiée dans {file}.").format(
                till=house.post.till_number, fingerprint=fingerprint[:16], file=file
            )
        )
    typer.echo(_("Sans la phrase, cette copie ne vaut rien : gardez-les à deux endroits."))


def restore(
    file: Annotated[Path, FILE],
    backup: Annotated[
        Path | None,
        typer.Option(
            "--for", metavar=_("SAUVEGARDE"), help=_("La sauvegarde à remettre ensuite, où cette clé signe.")
        ),
    ] = None,
    manager: AnsweredBy = None,
    yes: Annotated[bool, typer.Option("--yes", help=_("Ne pas demander confirmation."))] = False,
) -> None:
    from boxoffice import database as databases
    from boxoffice.care.keys import PutBack, WouldSignNoMore, is_under_passphrase, restore_key
    from boxoffice.clock import SystemClock

    settings = settings_in_force()
    require_festival(settings)
    database = databases.connect(settings.database_url)
    try:
        clock = SystemClock()
        answering = prove_in(database, None, manager, clock=clock)
        passphrase = _passphrase(_("Phrase secrète de la copie")) if is_under_passphrase(file) else ""

        def put_back(*, although_replaced: bool) -> PutBack:
            return restore_key(
                database,
                settings,
                file,
                passphrase,
                clock=clock,
                manager=answering,
                although_replaced=although_replaced,
                backup=backup,
            )

        try:
            done = put_back(although_replaced=yes)
        except WouldSignNoMore as wrong:
            typer.echo(f"{wrong.message} {wrong.remedy}", err=True)
            confirm(_("La mettre en place quand même ?"), _("Rien n'est changé."))
            done = put_back(although_replaced=True)
    finally:
        database.close()
    typer.echo(
        _("La clé de la caisse {till} est en place : {fingerprint}…").format(
            till=settings.till, fingerprint=done.fingerprint[:16]
        )
    )
    if not done.signs:
        typer.echo(
            _(
                "Elle ne signe pas dans la base en place : elle ne sert qu'à remettre une sauvegarde où elle"
                " signe."
            ),
            err=True,
        )
    if not done.signs and backup is not None:
        typer.echo(_("Maintenant : « boxoffice restore {backup} ».").format(backup=backup))
    if done.kept is not None:
        typer.echo(_("Celle qui était en place est gardée dans {file}.").format(file=done.kept))


def rotate(
    manager: AnsweredBy = None,
    destroy_old: Annotated[
        bool, typer.Option("--destroy-old", help=_("Détruire l'ancienne clé, au lieu de la garder à part."))
    ] = False,
) -> None:
    from boxoffice.care.keys import rotate_key, take_up

    with opened_house() as house:
        _take_till(house)
        try:
            answering = answering_manager(house, manager)
            with house.database.write() as session:
                signer = rotate_key(session, house.settings, house.post, clock=house.clock, manager=answering)
            kept = take_up(house.settings, destroy=destroy_old)
        finally:
            house.till_lock.release()
    typer.echo(
        _("La caisse {till} signe désormais avec {fingerprint}… ; le journal le raconte.").format(
            till=house.post.till_number, fingerprint=signer.fingerprint[:16]
        )
    )
    if kept is not None:
        typer.echo(_("L'ancienne clé est gardée dans {file}.").format(file=kept))
    typer.echo(_("Copiez la nouvelle en lieu sûr : « boxoffice key backup FICHIER »."))


def lost(
    till: Annotated[int, typer.Argument(metavar="N", help=_("La caisse dont la clé est perdue."))],
    manager: AnsweredBy = None,
) -> None:
    from boxoffice.care.keys import declare_lost

    with opened_house() as house:
        answering = answering_manager(house, manager)
        with house.database.write() as session:
            declare_lost(session, house.post, till, clock=house.clock, manager=answering)
    typer.echo(
        _("Le journal de ce poste raconte que la clé de la caisse {till} est perdue.").format(till=till)
    )


def _take_till(house: "House") -> None:
    from filelock import Timeout

    try:
        house.till_lock.acquire(blocking=False)
    except Timeout as error:
        raise Refusal(
            _("La caisse {number} est ouverte sur ce poste.").format(number=house.post.till_number),
            _("Fermez le guichet, puis recommencez."),
        ) from error


def _passphrase(question: str) -> str:
    given = os.environ.get(PASSPHRASE_VARIABLE)
    return given if given is not None else ask_secret(question, PASSPHRASE_VARIABLE)


def _new_passphrase() -> str:
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given is not None:
        return given
    while True:
        passphrase = ask_secret(_("Phrase secrète de la copie"), PASSPHRASE_VARIABLE)
        if passphrase == ask_secret(_("Encore une fois"), PASSPHRASE_VARIABLE):
            return passphrase
        typer.echo(_("Les deux phrases diffèrent."), err=True)
