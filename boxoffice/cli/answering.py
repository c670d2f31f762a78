"""Who asks for a command that is not for everybody, or answers for it: by their PIN."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.errors import Refusal
from boxoffice.kinds import Action
from boxoffice.language import _

from .spoken import ask, ask_secret

if TYPE_CHECKING:
    from boxoffice.clock import Clock
    from boxoffice.database import Database
    from boxoffice.house import House
    from boxoffice.sales.staff.desk import Post
    from boxoffice.sales.staff.operators import StaffMember

NUMBER_VARIABLE, PIN_VARIABLE = "BOXOFFICE_MANAGER", "BOXOFFICE_MANAGER_PIN"
AnsweredBy = Annotated[
    int | None,
    typer.Option(
        "--manager",
        metavar="N",
        envvar=NUMBER_VARIABLE,
        help=_("Le numéro du responsable qui en répond ; son code PIN est demandé."),
    ),
]

Asker = Annotated[
    int | None,
    typer.Option(
        "--by",
        "--manager",
        metavar="N",
        envvar=NUMBER_VARIABLE,
        help=_("Le numéro de qui le demande ; son code PIN est demandé si ce n'est pas permis à tous."),
    ),
]


def allowed_asker(house: "House", number: int | None, action: Action, what: str) -> "StaffMember | None":
    """Who asks for something that not every role may do, by their PIN; nobody where everybody may."""
    from boxoffice.sales.staff.permissions import is_for_everybody

    with house.database.read() as session:
        if is_for_everybody(session, action):
            return None
    return prove_asker(house, number, action, what)


def prove_asker(house: "House", number: int | None, action: Action, what: str) -> "StaffMember":
    """Who asks for something that their role may do, by their PIN; the journal tells them, and `what`."""
    from boxoffice.sales.staff.operators import find_operator, prove_allowed

    if number is None:
        number = _only_manager(house.database) or _read_number(ask(_("Numéro de l'opérateur"), "--by"))
    with house.database.read() as session:
        name = find_operator(session, number).name
    pin = _read_pin(name)
    with house.database.write() as session:
        return prove_allowed(session, house.post, number, pin, action, what, clock=house.clock)


def answering_manager(house: "House", number: int | None) -> "StaffMember":
    """The manager of this number, or the one whom the terminal names, once they have typed their PIN."""
    return prove_in(house.database, house.post, number, clock=house.clock)


def prove_in(
    database: "Database", post: "Post | None", number: int | None, *, clock: "Clock"
) -> "StaffMember":
    """The same where no till can sign yet: a wrong PIN is then told by the next till that can.

    A script gives the PIN by the environment: on the command line, everybody on this computer could read it.
    """
    from boxoffice.sales.staff.operators import find_manager, prove_manager

    if number is None:
        number = _only_manager(database) or _read_number(ask(_("Numéro du responsable"), "--manager"))
    with database.read() as session:
        name = find_manager(session, number).name
    pin = _read_pin(name)
    with database.write() as session:
        return prove_manager(session, post, number, pin, clock=clock)


def _read_pin(name: str) -> str:
    return os.environ.get(PIN_VARIABLE) or ask_secret(_("Code PIN de {name}").format(name=name), PIN_VARIABLE)


def _only_manager(database: "Database") -> int | None:
    """The number of the manager when there is but one. Raises Refusal when there is none."""
    from boxoffice.sales.staff.operators import staff

    with database.read() as session:
        numbers = [member.number for member in staff(session) if member.is_manager]
    if not numbers:
        raise Refusal(
            _("Il n'y a pas encore de festival dans cette base de données."),
            _("Créez-le avec « boxoffice init »."),
        )
    return numbers[0] if len(numbers) == 1 else None


def _read_number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise Refusal(_("« {text} » n'est pas le numéro d'un opérateur.").format(text=text))
    return int(text)
