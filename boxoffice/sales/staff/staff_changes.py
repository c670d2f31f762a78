"""Who works here: letting members of the staff in, giving them another PIN, letting them go and come back."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.models import LARGEST_OPERATOR_NUMBER, Operator, Role

from ..books.journal import append
from ..people.customer_details import folded
from ..wording import one_line
from .desk import Post
from .meanwhile import change_alone
from .operators import StaffMember, answering, hash_pin, pin_seal
from .rules import Rules, read_rules


@dataclass(frozen=True, slots=True)
class AddOperator:
    """A member of the staff to let in; the number after the highest when none is chosen."""

    name: str
    role: Role
    pin: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """A member of the staff, as listed."""

    number: int
    name: str
    role: Role
    active: bool


def list_operators(session: Session) -> tuple[OperatorRow, ...]:
    """The staff, by number."""
    return tuple(
        OperatorRow(operator.number, operator.name, operator.role, operator.active)
        for operator in session.exec(select(Operator).order_by(col(Operator.number)))
    )


def add_operator(
    session: Session, post: Post, command: AddOperator, *, clock: Clock, manager: StaffMember | None = None
) -> int:
    """Let a member of the staff in, and tell the journal; returns their number.

    A `manager` answers for it, as for all that is done here once the first shift was opened. Raises Refusal,
    also for a PIN shorter than the rule of their role; the first of all, who founds the festival, has any.
    """
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_STAFF)
    name = one_line(command.name)
    if not name:
        raise Refusal(_("Il manque le nom de l'opérateur."))
    highest = session.exec(select(func.max(Operator.number))).one()
    number = (highest or 0) + 1 if command.number is None else command.number
    if not 1 <= number <= LARGEST_OPERATOR_NUMBER:
        raise Refusal(
            _("Le numéro d'un opérateur va de 1 à {most}.").format(most=LARGEST_OPERATOR_NUMBER),
            _("Choisissez-en un autre."),
        )
    if session.exec(select(Operator).where(Operator.number == number)).first() is not None:
        raise Refusal(_("L'opérateur n° {number} existe déjà.").format(number=number))
    _refuse_namesake(session, name)
    pin_hash = hash_pin(command.pin)
    if highest is not None:
        check_digits(read_rules(session), command.role, command.pin)
    session.add(Operator(number=number, name=name, role=command.role, pin_hash=pin_hash))
    append(
        session,
        post,
        JournalKind.OPERATOR_ADDED,
        {"added": number, "name": name, "pin": pin_seal(pin_hash), "role": command.role.value},
        at=clock.now(),
        operator_number=answered_by,
    )
    return number


def change_pin(
    session: Session, post: Post, number: int, pin: str, *, clock: Clock, manager: StaffMember | None = None
) -> None:
    """Give an operator another PIN, end their wait, and tell the journal. Raises Refusal for a short one."""
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_STAFF)
    operator = _find(session, number)
    old = pin_seal(operator.pin_hash)
    operator.pin_hash = hash_pin(pin)
    check_digits(read_rules(session), operator.role, pin)
    operator.wrong_pins, operator.early_pins, operator.locked_until = 0, 0, None
    session.add(operator)
    append(
        session,
        post,
        JournalKind.OPERATOR_PIN_CHANGED,
        {"changed": number, "old": old, "pin": pin_seal(operator.pin_hash)},
        at=clock.now(),
        operator_number=answered_by,
    )


def check_digits(rules: Rules, role: Role, pin: str) -> None:
    """Refuse a PIN that is too short for somebody of a role."""
    digits = rules.manager_pin_digits if role is Role.MANAGER else rules.pin_digits
    if len(pin) < digits:
        said = _("Ce code compte au moins {digits} chiffres.")
        if role is Role.MANAGER:
            said = _("Le code d'un responsable compte au moins {digits} chiffres.")
        raise Refusal(said.format(digits=digits), _("Choisissez-en un plus long."))


def change_role(
    session: Session,
    post: Post,
    number: int,
    role: Role,
    *,
    clock: Clock,
    manager: StaffMember,
    seen: Role | None = None,
) -> str:
    """Give a member of the staff another role, from their next log-in on; returns their name.

    Raises Refusal for the last manager: nobody could then answer for anything; and where the role is not
    the one that was `seen` any more.
    """
    change_alone(session)
    managers = _hold_managers(session)
    answered_by = answering(session, manager, Action.CHANGE_STAFF)
    operator = _find(session, number)
    before = operator.role
    if before is role:
        return operator.name
    if seen not in {None, before}:
        raise Refusal(
            _("Entre-temps, quelqu'un d'autre a changé le rôle de {name}.").format(name=operator.name),
            _("Relisez, puis recommencez s'il le faut."),
        )
    if managers == [number]:
        raise _last_manager(operator)
    operator.role = role
    session.add(operator)
    append(
        session,
        post,
        JournalKind.OPERATOR_ROLE_CHANGED,
        {"changed": number, "name": operator.name, "new": role.value, "old": before.value},
        at=clock.now(),
        operator_number=answered_by,
    )
    return operator.name


def deactivate(session: Session, post: Post, number: int, *, clock: Clock, manager: StaffMember) -> str:
    """Let a member of the staff go; returns their name. What they did stays theirs in the books.

    Raises Refusal for the last manager: nobody could then answer for anything.
    """
    change_alone(session)
    managers = _hold_managers(session)
    answered_by = answering(session, manager, Action.CHANGE_STAFF)
    operator = _find(session, number)
    if not operator.active:
        raise Refusal(_("{name} n'est déjà plus en service.").format(name=operator.name))
    if managers == [number]:
        raise _last_manager(operator)
    operator.active = False
    session.add(operator)
    append(
        session,
        post,
        JournalKind.OPERATOR_DEACTIVATED,
        {"deactivated": number, "name": operator.name},
        at=clock.now(),
        operator_number=answered_by,
    )
    return operator.name


def reactivate(session: Session, post: Post, number: int, *, clock: Clock, manager: StaffMember) -> str:
    """Let a member of the staff come back, with the PIN they had; returns their name."""
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_STAFF)
    operator = _find(session, number)
    if operator.active:
        raise Refusal(_("{name} est déjà en service.").format(name=operator.name))
    _refuse_namesake(session, operator.name)
    operator.active = True
    session.add(operator)
    append(
        session,
        post,
        JournalKind.OPERATOR_REACTIVATED,
        {"name": operator.name, "reactivated": number},
        at=clock.now(),
        operator_number=answered_by,
    )
    return operator.name


def _hold_managers(session: Session) -> list[int]:
    """The numbers of the managers on duty.

    Locked in one order, and first: two managers who deactivate each other do so one after the other.
    """
    return list(
        session.exec(
            select(Operator.number)
            .where(Operator.role == Role.MANAGER, col(Operator.active))
            .order_by(col(Operator.number))
            .with_for_update()
        )
    )


def _last_manager(operator: Operator) -> Refusal:
    return Refusal(
        _("{name} est le dernier responsable en service.").format(name=operator.name),
        _("Ajoutez d'abord un autre responsable."),
    )


def _refuse_namesake(session: Session, name: str) -> None:
    """Raise Refusal where somebody on duty has this name: nobody could tell them apart at the log-in."""
    for other in session.exec(select(Operator).where(col(Operator.active)).order_by(col(Operator.number))):
        if folded(other.name) == folded(name):
            raise Refusal(
                _("{name} est déjà le nom de l'opérateur n° {number}.").format(
                    name=other.name, number=other.number
                ),
                _("Ajoutez une lettre ou le nom entier : on les confondrait à la connexion."),
            )


def _find(session: Session, number: int) -> Operator:
    there_may_be = 1 <= number <= LARGEST_OPERATOR_NUMBER
    operator = (
        session.exec(select(Operator).where(Operator.number == number)).first() if there_may_be else None
    )
    if operator is None:
        raise Refusal(_("L'opérateur n° {number} n'existe pas.").format(number=number))
    return operator
