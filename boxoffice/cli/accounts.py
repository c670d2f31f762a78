"""The accounts that entries are written to."""

from dataclasses import asdict
from typing import Annotated

import typer

from boxoffice.language import _

from .answering import AnsweredBy, answering_manager
from .options import AsJson
from .spoken import add_command, group
from .workplace import opened_house, print_json, print_table


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    accounts = group(_("Les comptes de l'export comptable."))
    add_command(accounts, "list", list_accounts, _("Lister les comptes en vigueur."))
    add_command(accounts, "set", set_account, _("Changer un compte."))
    commands.add_typer(accounts, name="accounts")


def list_accounts(
    as_json: AsJson = False,
) -> None:
    from boxoffice.sales.staff import accounts

    with opened_house() as house, house.database.read() as session:
        rows = accounts.list_accounts(session)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    print_table(
        (_("nom"), _("compte"), _("ce qui s'y écrit")), [(row.name, row.number, row.meaning) for row in rows]
    )


def set_account(
    name: Annotated[
        str, typer.Argument(metavar=_("NOM"), help=_("Le nom, comme « accounts list » l'écrit."))
    ],
    number: Annotated[str, typer.Argument(metavar=_("COMPTE"), help=_("Le numéro du compte."))],
    manager: AnsweredBy = None,
) -> None:
    from boxoffice.sales.staff.accounts import change_account

    with opened_house() as house:
        answering = answering_manager(house, manager)
        with house.database.write() as session:
            row = change_account(session, house.post, name, number, clock=house.clock, manager=answering)
    typer.echo(_("{name} : {number}.").format(name=row.name, number=row.number))
