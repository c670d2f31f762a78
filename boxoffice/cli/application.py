"""Every command of the program, and what happens when none is named: the counter opens."""

from typing import Annotated

import typer

from boxoffice import __version__
from boxoffice.language import LANGUAGES, _

from . import (
    accounts,
    archives,
    books,
    caring,
    closings,
    codes,
    credit_notes,
    customers,
    declaration,
    devices,
    doctor,
    exports,
    festival,
    importing,
    keys,
    permissions,
    rehearsal,
    reports,
    rules,
    staff,
    training,
)
from .spoken import Misuse, group
from .training import train
from .workplace import open_counter

application_commands = group(_("La billetterie du festival. Sans commande : ouvre le guichet sur ce poste."))


@application_commands.callback(invoke_without_command=True, no_args_is_help=False)
def counter(
    context: typer.Context,
    lang: Annotated[
        str,
        typer.Option(
            "--lang", metavar="fr|en", help=_("La langue des écrans ; le papier reste en français.")
        ),
    ] = "",
    in_training: Annotated[
        bool, typer.Option("--training", help=_("Ouvrir le guichet de formation, où rien n'est vrai."))
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, help=_("Montrer la version du programme."))
    ] = False,
) -> None:
    if version:
        typer.echo(f"boxoffice {__version__}")
        raise typer.Exit
    if lang and lang not in LANGUAGES:
        raise Misuse(
            _("La langue « {lang} » n'existe pas : choisissez {languages}.").format(
                lang=lang, languages=", ".join(LANGUAGES)
            )
        )
    if context.invoked_subcommand is not None or context.resilient_parsing:
        return
    if in_training:
        train()
    else:
        open_counter()


festival.add_to(application_commands)
importing.add_to(application_commands)
rehearsal.add_to(application_commands)
staff.add_to(application_commands)
rules.add_to(application_commands)
permissions.add_to(application_commands)
accounts.add_to(application_commands)
devices.add_to(application_commands)
doctor.add_to(application_commands)
declaration.add_to(application_commands)
keys.add_to(application_commands)
training.add_to(application_commands)
books.add_to(application_commands)
archives.add_to(application_commands)
caring.add_to(application_commands)
closings.add_to(application_commands)
customers.add_to(application_commands)
codes.add_to(application_commands)
credit_notes.add_to(application_commands)
reports.add_to(application_commands)
exports.add_to(application_commands)

application = typer.main.get_command(application_commands)
