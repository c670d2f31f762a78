"""Who may do what without a manager: the table of permissions, and leaving an act to a role."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from boxoffice.errors import Refusal
from boxoffice.kinds import Action, Role
from boxoffice.language import _

from .answering import AnsweredBy, answering_manager
from .options import AsJson
from .spoken import add_command, group
from .staff import NAMED_ROLES, ROLE_NAMES
from .workplace import opened_house, print_json, print_table

if TYPE_CHECKING:
    from boxoffice.sales.staff.permission_changes import PermissionRow


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    permissions = group(_("Ce que chaque rôle fait sans responsable."))
    add_command(permissions, "list", list_permissions, _("Lister les actes, et qui peut chacun."))
    add_command(permissions, "set", set_permission, _("Laisser un acte à des rôles, ou le leur reprendre."))
    commands.add_typer(permissions, name="permissions")


def list_permissions(as_json: AsJson = False) -> None:
    from boxoffice.sales.staff import permission_changes

    with opened_house() as house, house.database.read() as session:
        rows = permission_changes.list_permissions(session)
    if as_json:
        print_json([_told(row) for row in rows])
        return
    print_table(
        (_("acte"), _("qui le peut"), _("sens")),
        [(_name(row.action), _who(row), row.meaning) for row in rows],
    )


def set_permission(
    name: Annotated[
        str, typer.Argument(metavar=_("ACTE"), help=_("L'acte, comme « permissions list » le nomme."))
    ],
    roles: Annotated[
        list[str],
        typer.Argument(
            metavar=_("RÔLE…"),
            help=_("Les rôles qui le peuvent ; « responsable » seul le reprend aux autres."),
        ),
    ],
    manager: AnsweredBy = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.sales.staff.permission_changes import change_permission

    action, wanted = _action(name), frozenset(_role(role) for role in roles)
    with opened_house() as house:
        answering = answering_manager(house, manager)
        with house.database.write() as session:
            row = change_permission(session, house.post, action, wanted, clock=house.clock, manager=answering)
    if as_json:
        print_json(_told(row))
    else:
        typer.echo(_("{what} : {who}.").format(what=row.meaning, who=_who(row)))


def _action(name: str) -> Action:
    try:
        return Action(name.replace("-", "_"))
    except ValueError:
        raise Refusal(
            _("L'acte « {name} » n'existe pas.").format(name=name),
            _("« boxoffice permissions list » les nomme."),
        ) from None


def _role(name: str) -> Role:
    if name not in NAMED_ROLES:
        raise Refusal(
            _("« {name} » n'est pas un rôle.").format(name=name),
            _("Rôles : {roles}.").format(roles=", ".join(_(word) for word in ROLE_NAMES.values())),
        )
    return NAMED_ROLES[name]


def _name(action: Action) -> str:
    return action.value.replace("_", "-")


def _who(row: "PermissionRow") -> str:
    """The roles that may: a manager always does."""
    others = (_(word) for role, word in ROLE_NAMES.items() if role in row.roles)
    return ", ".join((_(ROLE_NAMES[Role.MANAGER]), *others))


def _told(row: "PermissionRow") -> dict[str, Any]:
    return {
        "name": _name(row.action),
        "meaning": row.meaning,
        "roles": sorted(row.roles),
        "settable": row.settable,
    }
