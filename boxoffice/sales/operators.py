"""Who is at the till: PINs kept as argon2 hashes, wrong ones made slower and slower, every log-in told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, select

from boxoffice.clock import Clock, say
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.language import _, spoken
from boxoffice.models import Operator, Role

from . import journal
from .desk import Post

FREE_TRIES = 2
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)
PIN_LENGTHS = range(4, 13)

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """An operator, as the counter needs to know them."""

    id: int
    number: int
    name: str
    role: Role

    @property
    def is_manager(self) -> bool:
        return self.role is Role.MANAGER


class WrongPin(Refusal):
    """The PIN is not that of the operator. The count of wrong ones must be committed all the same."""


def hash_pin(pin: str) -> str:
    """The argon2 hash of a PIN. Raises Refusal if it is no PIN of 4 to 12 digits."""
    if not (pin.isdecimal() and pin.isascii() and len(pin) in PIN_LENGTHS):
        raise Refusal(_("Un code PIN compte de 4 à 12 chiffres."))
    return _hasher.hash(pin)


def staff(session: Session) -> tuple[StaffMember, ...]:
    """The operators who may log in, by number."""
    rows = session.exec(select(Operator).where(col(Operator.active)).order_by(col(Operator.number)))
    return tuple(_member(row) for row in rows)


def check_pin(
    session: Session, post: Post, operator_id: int, pin: str, *, clock: Clock
) -> StaffMember | WrongPin:
    """The operator, if the PIN is theirs; otherwise the refusal, returned so that its count is committed.

    After two wrong tries each further one doubles the wait, up to a quarter of an hour. Raises Refusal during
    the wait and for an operator no longer active.
    """
    at = clock.now()
    operator = session.exec(
        select(Operator).where(Operator.id == operator_id).with_for_update(key_share=True)
    ).one_or_none()
    if operator is None or not operator.active:
        raise Refusal(_("Ce compte n'est plus actif."), _("Demandez à un responsable."))
    if operator.locked_until is not None and at < operator.locked_until:
        raise Refusal(
            _("Trop de codes erronés : {name} doit attendre jusqu'à {time}.").format(
                name=operator.name, time=say(operator.locked_until, "HH:mm:ss", spoken())
            ),
            _("Patientez ou demandez à un responsable."),
        )
    if not _matches(operator.pin_hash, pin):
        return _count_wrong_pin(session, post, operator, at)
    if operator.wrong_pins:
        operator.wrong_pins, operator.locked_until = 0, None
        session.add(operator)
    return _member(operator)


def log_in(
    session: Session, post: Post, operator_id: int, pin: str, *, clock: Clock
) -> StaffMember | WrongPin:
    """Check the PIN and tell the journal who is at the till."""
    found = check_pin(session, post, operator_id, pin, clock=clock)
    if isinstance(found, StaffMember):
        _tell(session, post, "operator.logged_in", found, clock.now())
    return found


def log_out(session: Session, post: Post, member: StaffMember, *, clock: Clock) -> None:
    """Tell the journal that an operator has left the till."""
    _tell(session, post, "operator.logged_out", member, clock.now())


def lock(session: Session, post: Post, member: StaffMember, *, clock: Clock) -> None:
    """Tell the journal that the till was locked, by hand or after a while without a key."""
    _tell(session, post, "till.locked", member, clock.now())


def authorize(
    session: Session, post: Post, manager_id: int, pin: str, act: str, *, clock: Clock
) -> StaffMember | WrongPin:
    """A manager's PIN, typed in place for one act, which the journal names."""
    found = check_pin(session, post, manager_id, pin, clock=clock)
    if isinstance(found, WrongPin):
        return found
    if not found.is_manager:
        raise Refusal(
            _("{name} n'est pas responsable.").format(name=found.name), _("Demandez à un responsable.")
        )
    journal.append(
        session,
        post,
        "manager.authorized",
        {"act": act},
        at=clock.now(),
        operator_number=found.number,
    )
    return found


def require_manager(session: Session, operator_id: int) -> None:
    """Raise ManagerNeeded unless this operator is one of today's managers, whatever the caller was told."""
    operator = session.get(Operator, operator_id, populate_existing=True)
    if operator is None or not operator.active or operator.role is not Role.MANAGER:
        raise ManagerNeeded(
            _("Cette autorisation n'est pas celle d'un responsable."),
            _("Demandez à un responsable de taper son code."),
        )


def _matches(pin_hash: str, pin: str) -> bool:
    try:
        return _hasher.verify(pin_hash, pin)
    except (VerificationError, InvalidHashError):
        return False


def _count_wrong_pin(session: Session, post: Post, operator: Operator, at: datetime) -> WrongPin:
    operator.wrong_pins += 1
    wait = timedelta()
    if operator.wrong_pins > FREE_TRIES:
        wait = min(FIRST_WAIT * 2 ** min(operator.wrong_pins - FREE_TRIES - 1, 16), LONGEST_WAIT)
        operator.locked_until = at + wait
    session.add(operator)
    journal.append(
        session,
        post,
        "operator.refused",
        {"tries": operator.wrong_pins},
        at=at,
        operator_number=operator.number,
    )
    if not wait:
        return WrongPin(
            _("Ce n'est pas le code de {name}.").format(name=operator.name.rstrip(".")),
            _("Tapez-le de nouveau."),
        )
    return WrongPin(
        _("Ce n'est pas le code de {name}.").format(name=operator.name.rstrip(".")),
        _("Attendez {seconds} s avant de le taper de nouveau.").format(seconds=int(wait.total_seconds())),
    )


def _tell(session: Session, post: Post, kind: str, member: StaffMember, at: datetime) -> None:
    journal.append(session, post, kind, {"name": member.name}, at=at, operator_number=member.number)


def _member(operator: Operator) -> StaffMember:
    assert operator.id is not None
    return StaffMember(operator.id, operator.number, operator.name, operator.role)
