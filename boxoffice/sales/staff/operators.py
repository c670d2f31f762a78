"""Who is at the till: PINs kept as argon2 hashes, wrong ones made slower and slower, every log-in told."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, select

from boxoffice.clock import Clock, say
from boxoffice.errors import KeptRefusal, ManagerNeeded, Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _, spoken
from boxoffice.models import Operator, Role, TillSession

from ..books import journal
from . import permissions
from .desk import Desk, Post
from .rules import PIN_LENGTHS, rules_told

FREE_TRIES = 2
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)

_hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1)
"""Slow on purpose, a fifth of a second a try: a copied database lets anybody try as many as they like."""


@dataclass(frozen=True, slots=True)
class StaffMember:
    """An operator, as the counter needs to know them; `proof` is the seal of the PIN that they have typed."""

    id: int
    number: int
    name: str
    role: Role
    proof: str = field(default="", compare=False, repr=False)

    @property
    def is_manager(self) -> bool:
        return self.role is Role.MANAGER


class WrongPin(KeptRefusal):
    """This try lets nobody in; it is counted and told all the same."""


def hash_pin(pin: str) -> str:
    """The argon2 hash of a PIN. Raises Refusal if it is no PIN of 4 to 12 digits."""
    if not (pin.isdecimal() and pin.isascii() and len(pin) in PIN_LENGTHS):
        raise Refusal(_("Un code PIN compte de 4 à 12 chiffres."))
    return _hasher.hash(pin)


def pin_seal(pin_hash: str) -> str:
    """What the journal tells of a PIN: the SHA-256 of its salted hash, which shows no more than a change."""
    return hashlib.sha256(pin_hash.encode()).hexdigest()


def proof_told(member: StaffMember) -> dict[str, str]:
    """What the journal tells of the PIN that somebody typed: a hash put in its place would not be theirs."""
    return {"pin": member.proof} if member.proof else {}


def staff(session: Session) -> tuple[StaffMember, ...]:
    """The operators who may log in, by number."""
    rows = session.exec(select(Operator).where(col(Operator.active)).order_by(col(Operator.number)))
    return tuple(_member(row) for row in rows)


def seals(session: Session) -> dict[int, str]:
    """The seal of the PIN of each operator who may log in, by number."""
    rows = session.exec(select(Operator).where(col(Operator.active)))
    return {row.number: pin_seal(row.pin_hash) for row in rows}


def managers(session: Session) -> tuple[StaffMember, ...]:
    """Those who can lift a refusal with their PIN, by number."""
    return tuple(member for member in staff(session) if member.is_manager)


def check_pin(
    session: Session, post: Post | None, operator_id: int, pin: str, *, clock: Clock
) -> StaffMember:
    """The operator, if the PIN is theirs. Raises WrongPin, and Refusal for an operator no longer active.

    After two wrong tries each further one doubles the wait, up to a quarter of an hour; what is typed during
    the wait is counted, not looked at. A clock set forward ends no wait, one set back prolongs none.
    Without a `post` that can sign, refused tries are kept, and told by the next that can.
    """
    at = clock.now()
    operator = session.exec(
        select(Operator).where(Operator.id == operator_id).with_for_update(key_share=True)
    ).one_or_none()
    if operator is None or not operator.active:
        raise Refusal(_("Ce compte n'est plus actif."), _("Demandez à un responsable."))
    session.add(operator)
    until = _waits_until(post, operator, clock)
    if until is not None:
        raise _count_early_pin(session, post, operator, until, at)
    operator.early_pins = 0
    if not _matches(operator.pin_hash, pin):
        if post is not None:
            post.patience.see(operator_id, clock.elapsed())
        raise _count_wrong_pin(session, post, operator, at)
    operator.wrong_pins, operator.locked_until = 0, None
    if operator.untold_pins:
        _tell_refused(session, post, operator, at)
    return replace(_member(operator), proof=pin_seal(operator.pin_hash))


def prove_manager(session: Session, post: Post | None, number: int, pin: str, *, clock: Clock) -> StaffMember:
    """The manager of this number, if the PIN is theirs: the journal tells it where a `post` can sign.

    Raises WrongPin, and Refusal if nobody of this number is a manager.
    """
    found = check_pin(session, post, find_manager(session, number).id, pin, clock=clock)
    if post is not None:
        _tell(session, post, JournalKind.OPERATOR_PROVED, found, clock.now(), **proof_told(found))
    return found


def prove_allowed(
    session: Session, post: Post, number: int, pin: str, action: Action, what: str, *, clock: Clock
) -> StaffMember:
    """The operator of this number, if the PIN is theirs and their role may do it: the journal tells `what`.

    Raises WrongPin, and Refusal for who may not.
    """
    asking = find_operator(session, number)
    if not permissions.may(session, action, asking.id):
        raise ManagerNeeded(
            _("Il faut un responsable pour {what}.").format(what=_(permissions.MEANINGS[action])),
            _("Donnez son numéro, puis son code."),
        )
    found = check_pin(session, post, asking.id, pin, clock=clock)
    about = {"act": action, "what": what, **proof_told(found)}
    _tell(session, post, JournalKind.FIGURES_READ, found, clock.now(), **about)
    return found


def find_operator(session: Session, number: int) -> StaffMember:
    """The active operator of this number. Raises Refusal."""
    for member in staff(session):
        if member.number == number:
            return member
    raise Refusal(
        _("Il n'y a pas d'opérateur n° {number}.").format(number=number),
        _("« boxoffice users list » les liste."),
    )


def find_manager(session: Session, number: int) -> StaffMember:
    """The manager of this number. Raises Refusal, naming those that there are."""
    there = managers(session)
    for manager in there:
        if manager.number == number:
            return manager
    raise Refusal(
        _("L'opérateur n° {number} n'est pas responsable.").format(number=number),
        _("Responsables : {names}.").format(
            names=", ".join(
                _("n° {number} {name}").format(number=each.number, name=each.name) for each in there
            )
        ),
    )


def log_in(session: Session, post: Post, operator_id: int, pin: str, *, clock: Clock) -> StaffMember:
    """Check the PIN and tell the journal who is at the till, and under which VAT status and rules.

    Raises what `check_pin` does.
    """
    found = check_pin(session, post, operator_id, pin, clock=clock)
    told = {"charges_vat": post.charges_vat, "rules": rules_told(post.rules), **proof_told(found)}
    _tell(session, post, JournalKind.OPERATOR_LOGGED_IN, found, clock.now(), **told)
    return found


def log_out(session: Session, post: Post, member: StaffMember, *, clock: Clock) -> None:
    """Tell the journal that an operator has left the till."""
    _tell(session, post, JournalKind.OPERATOR_LOGGED_OUT, member, clock.now())


def lock(session: Session, post: Post, member: StaffMember, *, clock: Clock) -> None:
    """Tell the journal that the till was locked, by hand or after a while without a key."""
    _tell(session, post, JournalKind.TILL_LOCKED, member, clock.now())


def authorize(
    session: Session, post: Post, manager_id: int, pin: str, act: str, *, clock: Clock
) -> StaffMember:
    """A manager's PIN, typed in place for one act, which the journal names.

    Raises what `check_pin` does, and Refusal for somebody who is no manager.
    """
    found = check_pin(session, post, manager_id, pin, clock=clock)
    if not found.is_manager:
        raise Refusal(
            _("{name} n'est pas responsable.").format(name=found.name), _("Demandez à un responsable.")
        )
    journal.append(
        session,
        post,
        JournalKind.MANAGER_AUTHORIZED,
        {"act": act, **proof_told(found)},
        at=clock.now(),
        operator_number=found.number,
    )
    return found


def answering(session: Session, member: StaffMember | None, action: Action) -> int | None:
    """The number, for the journal, of who answers for a change of what the festival stands on.

    Nobody has to until the first shift was ever opened: the festival is being set up.
    Raises ManagerNeeded for anybody who may not do it today, and afterwards for nobody.
    """
    if member is not None:
        permissions.require(session, action, member.id)
        return member.number
    if session.exec(select(TillSession.id).limit(1)).first() is not None:
        raise ManagerNeeded(_("Un responsable doit répondre de ce changement."))
    return None


def answering_at(session: Session, desk: Desk, action: Action, authorized_by: int | None, needed: str) -> int:
    """The number of who answers: the one who typed their PIN, by their id, or who is at the desk.

    Raises ManagerNeeded, saying what is `needed`, where they may not.
    """
    refusal = ManagerNeeded(needed, _("Demandez-lui de taper son code ici."))
    answers = permissions.require(session, action, desk.operator_id, authorized_by, needed=refusal)
    return session.exec(select(Operator.number).where(Operator.id == answers)).one()


def _matches(pin_hash: str, pin: str) -> bool:
    try:
        return _hasher.verify(pin_hash, pin)
    except (VerificationError, InvalidHashError):
        return False


def wait_after(wrong_pins: int) -> timedelta:
    """How long an operator waits after so many wrong PINs in a row."""
    if wrong_pins <= FREE_TRIES:
        return timedelta()
    return min(FIRST_WAIT * (1 << min(wrong_pins - FREE_TRIES - 1, 16)), LONGEST_WAIT)


def _waits_until(post: Post | None, operator: Operator, clock: Clock) -> datetime | None:
    """When an operator may try again, if it is not now."""
    if operator.locked_until is None:
        return None
    at, wait = clock.now(), wait_after(operator.wrong_pins)
    if operator.locked_until - at > LONGEST_WAIT:
        operator.locked_until = at + wait
    left = timedelta()
    if post is not None and operator.id is not None:
        left = post.patience.left(operator.id, wait, clock.elapsed())
    until = max(operator.locked_until, at + left)
    return until if until > at else None


def _count_wrong_pin(session: Session, post: Post | None, operator: Operator, at: datetime) -> WrongPin:
    operator.wrong_pins += 1
    operator.untold_pins += 1
    wait = wait_after(operator.wrong_pins)
    if wait:
        operator.locked_until = at + wait
    _tell_refused(session, post, operator, at)
    if not wait:
        return WrongPin(
            _("Ce n'est pas le code de {name}.").format(name=operator.name.rstrip(".")),
            _("Tapez-le de nouveau."),
        )
    return WrongPin(
        _("Ce n'est pas le code de {name}.").format(name=operator.name.rstrip(".")),
        _("Attendez {seconds} s avant de le taper de nouveau.").format(seconds=int(wait.total_seconds())),
    )


def _count_early_pin(
    session: Session, post: Post | None, operator: Operator, until: datetime, at: datetime
) -> WrongPin:
    """Refuse without looking what is typed too early.

    The journal tells of the first, the second, the fourth and so on: whoever leans on the keys cannot flood
    it, and the next entry tells how many there were in all.
    """
    operator.early_pins += 1
    operator.untold_pins += 1
    if operator.early_pins.bit_count() == 1:
        _tell_refused(session, post, operator, at)
    return WrongPin(
        _("Trop de codes erronés : {name} doit attendre jusqu'à {time}.").format(
            name=operator.name, time=say(until, "HH:mm:ss", spoken())
        ),
        _("Patientez ou demandez à un responsable."),
    )


def _tell_refused(session: Session, post: Post | None, operator: Operator, at: datetime) -> None:
    """Tell of every refused try that no journal has told yet; `tries` counts the wrong ones in a row.

    A journal that takes no entry must not undo the count: whoever breaks it could then try every PIN.
    """
    if post is None:
        return
    counted = session.begin_nested()
    try:
        journal.append(
            session,
            post,
            JournalKind.OPERATOR_REFUSED,
            {"early": operator.early_pins, "refused": operator.untold_pins, "tries": operator.wrong_pins},
            at=at,
            operator_number=operator.number,
        )
    except Refusal:
        counted.rollback()
        return
    counted.commit()
    operator.untold_pins = 0


def _tell(
    session: Session, post: Post, kind: JournalKind, member: StaffMember, at: datetime, **more: object
) -> None:
    content = {"name": member.name, **more}
    journal.append(session, post, kind, content, at=at, operator_number=member.number)


def _member(operator: Operator) -> StaffMember:
    assert operator.id is not None
    return StaffMember(operator.id, operator.number, operator.name, operator.role)
