"""Who may log in, and at which tills."""

from typing import Annotated

import typer

from boxoffice.kinds import Role
from boxoffice.language import _, later

from .answering import AnsweredBy, answering_manager, prove_in
from .options import AsJson
from .spoken import Misuse, add_command, group, new_pin
from .workplace import opened_house, print_json, print_table, require_festival, settings_in_force

ROLE_NAMES = {
    Role.CASHIER: later("caissier"),
    Role.MANAGER: later("responsable"),
    Role.BADGES: later("badges"),
}
NAMED_ROLES = {name: role for role in Role for name in (ROLE_NAMES[role], role)}
"""What may be typed for each role."""

ROLES = "|".join(ROLE_NAMES.values())
NUMBER = typer.Argument(metavar="N", help=_("Le numéro de l'opérateur."))
TILL = typer.Argument(metavar="N", help=_("Le numéro de la caisse."))


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    users = group(_("Les opérateurs et leurs codes PIN."))
    add_command(users, "list", list_users, _("Lister les opérateurs."))
    add_command(users, "add", add_user, _("Ajouter un opérateur."))
    add_command(users, "pin", change_pin, _("Donner un nouveau code PIN à un opérateur."))
    add_command(users, "deactivate", deactivate_user, _("Retirer ses droits à un opérateur qui s'en va."))
    add_command(users, "reactivate", reactivate_user, _("Rendre ses droits à un opérateur qui revient."))
    commands.add_typer(users, name="users")
    tills = group(_("Les caisses."))
    add_command(tills, "list", list_tills, _("Lister les caisses."))
    add_command(tills, "deactivate", retire_till, _("Mettre hors service une caisse qui ne sert plus."))
    add_command(tills, "reactivate", bring_back_till, _("Remettre en service une caisse."))
    add_command(tills, "add", add_till, _("Ajouter une caisse, dont ce poste garde la clé."))
    commands.add_typer(tills, name="tills")


def list_users(as_json: AsJson = False) -> None:
    from boxoffice.sales.staff.staff_changes import list_operators

    with opened_house() as house, house.database.read() as session:
        rows = list_operators(session)
    if as_json:
        print_json(
            [
                {"number": row.number, "name": row.name, "role": row.role.value, "active": row.active}
                for row in rows
            ]
        )
        return
    print_table(
        (_("n°"), _("nom"), _("rôle"), _("actif")),
        [
            (str(row.number), row.name, _(ROLE_NAMES[row.role]), _("oui") if row.active else _("non"))
            for row in rows
        ],
    )


def add_user(
    name: Annotated[str, typer.Argument(metavar=_("NOM"), help=_("Le nom, tel qu'affiché."))],
    role: Annotated[str, typer.Option(metavar=ROLES, help=_("Le rôle."))] = ROLE_NAMES[Role.CASHIER],
    number: Annotated[
        int | None, typer.Option(metavar="N", help=_("Le numéro ; par défaut, celui d'après le plus grand."))
    ] = None,
    manager: AnsweredBy = None,
) -> None:
    if role.casefold() not in NAMED_ROLES:
        raise Misuse(_("Le rôle est caissier, responsable ou badges."))
    from boxoffice.sales.staff.staff_changes import AddOperator, add_operator

    with opened_house() as house:
        answering = answering_manager(house, manager)
        pin = new_pin(_("Code PIN de {name}").format(name=name))
        command = AddOperator(name, NAMED_ROLES[role.casefold()], pin, number)
        with house.database.write() as session:
            given = add_operator(session, house.post, command, clock=house.clock, manager=answering)
    typer.echo(_("{name} est l'opérateur n° {number}.").format(name=name, number=given))


def change_pin(number: Annotated[int, NUMBER], manager: AnsweredBy = None) -> None:
    from boxoffice.sales.staff import staff_changes

    with opened_house() as house:
        answering = answering_manager(house, manager)
        pin = new_pin(_("Nouveau code PIN de l'opérateur n° {number}").format(number=number))
        with house.database.write() as session:
            staff_changes.change_pin(session, house.post, number, pin, clock=house.clock, manager=answering)
    typer.echo(_("Le code PIN de l'opérateur n° {number} est changé.").format(number=number))


def deactivate_user(number: Annotated[int, NUMBER], manager: AnsweredBy = None) -> None:
    from boxoffice.sales.staff.staff_changes import deactivate

    with opened_house() as house:
        answering = answering_manager(house, manager)
        with house.database.write() as session:
            name = deactivate(session, house.post, number, clock=house.clock, manager=answering)
    typer.echo(_("L'opérateur n° {number}, {name}, n'a plus de droits.").format(number=number, name=name))


def reactivate_user(number: Annotated[int, NUMBER], manager: AnsweredBy = None) -> None:
    from boxoffice.sales.staff.staff_changes import reactivate

    with opened_house() as house:
        answering = answering_manager(house, manager)
        with house.database.write() as session:
            name = reactivate(session, house.post, number, clock=house.clock, manager=answering)
    typer.echo(_("L'opérateur n° {number}, {name}, retrouve ses droits.").format(number=number, name=name))


def list_tills(as_json: AsJson = False) -> None:
    from boxoffice.sales.staff import setup

    with opened_house() as house, house.database.read() as session:
        rows = setup.list_tills(session)
    if as_json:
        print_json(
            [
                {"number": row.number, "name": row.name, "keys": list(row.keys), "active": row.active}
                for row in rows
            ]
        )
        return
    print_table(
        (_("n°"), _("nom"), _("en service"), _("empreinte de la clé")),
        [
            (str(row.number), row.name, _("oui") if row.active else _("non"), " ".join(row.keys))
            for row in rows
        ],
    )


def retire_till(number: Annotated[int, TILL], manager: AnsweredBy = None) -> None:
    from boxoffice.sales.staff import till_changes

    with opened_house() as house:
        answering = answering_manager(house, manager)
        with house.database.write() as session:
            name = till_changes.retire_till(session, house.post, number, clock=house.clock, manager=answering)
    typer.echo(_("La caisse {number}, {name}, n'est plus en service.").format(number=number, name=name))


def bring_back_till(number: Annotated[int, TILL], manager: AnsweredBy = None) -> None:
    from boxoffice.sales.staff import till_changes

    with opened_house() as house:
        answering = answering_manager(house, manager)
        with house.database.write() as session:
            name = till_changes.bring_back_till(
                session, house.post, number, clock=house.clock, manager=answering
            )
    typer.echo(_("La caisse {number}, {name}, est de nouveau en service.").format(number=number, name=name))


def add_till(
    number: Annotated[int, typer.Argument(metavar="N", help=_("Le numéro imprimé sur les billets."))],
    name: Annotated[str, typer.Option(metavar=_("TEXTE"), help=_("Le nom de la caisse."))] = "",
    manager: AnsweredBy = None,
) -> None:
    from boxoffice import database as databases
    from boxoffice.clock import SystemClock
    from boxoffice.sales.staff import setup

    settings = settings_in_force()
    require_festival(settings)
    database = databases.connect(settings.database_url)
    try:
        databases.migrate(database, backups=settings.backups_folder)
        answering = prove_in(database, None, manager, clock=SystemClock())
        path, command = settings.key_path_of(number), setup.AddTill(number, name)
        with database.write() as session:
            post = setup.add_till(session, command, key_path=path, clock=SystemClock(), manager=answering)
    finally:
        database.close()
    typer.echo(
        _("{till} est créée. Elle signe avec {path} : gardez-en une copie en lieu sûr.").format(
            till=post.till_name, path=path
        )
    )
