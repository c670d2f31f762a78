"""What the festival changes after seats were taken: a screening cancelled, or shown elsewhere or later.

A manager answers for it. Bookings and reservations of a cancelled screening end by themselves; those of a
moved one stay, and may be given back without limit. Tickets are left to be turned into credit notes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, func, insert, select, update
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.models import (
    Event,
    Operator,
    Screening,
    ScreeningChange,
    ScreeningChangeKind,
    ScreeningState,
    Ticket,
    table,
)

from ..books import journal
from ..reserving.held_seats import place_of
from ..reserving.reservable import expires_at
from ..staff.desk import Desk
from ..staff.permissions import require
from ..staff.standing import shift_still_open
from ..wording import reason_line
from . import seats
from .screening_endings import end_bookings, keep_until, let_go
from .screening_holds import capacity_in, hold_hall, hold_screening, refuse_overlap

_screening, _event = table(Screening), table(Event)
_change, _operator, _ticket = table(ScreeningChange), table(Operator), table(Ticket)

_ISSUED = select(func.count()).select_from(_ticket).where(_ticket.c.screening_id == bindparam("screening"))
"""Tickets ever sold of a screening: none comes after it is cancelled."""


@dataclass(frozen=True, slots=True)
class CancelScreening:
    """The wish that a screening does not take place. `authorized_by` is a manager's id."""

    change_id: UUID
    screening_id: int
    reason: str
    authorized_by: int | None = None


@dataclass(frozen=True, slots=True)
class MoveScreening:
    """The wish that a screening takes place at another time, in another hall, or both."""

    change_id: UUID
    screening_id: int
    starts_at: datetime
    hall_id: int
    reason: str
    authorized_by: int | None = None


@dataclass(frozen=True, slots=True)
class ChangedScreening:
    """A change made, by the number of its list; `bookings` and `reserved` are the seats that it ended."""

    number: int
    event_title: str
    bookings: int = 0
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class _Decision:
    """A change decided: of the screening as it was `shown`, at which desk, who answers for it, and why."""

    id: UUID
    shown: RowMapping
    desk: Desk
    manager: RowMapping
    reason: str
    at: datetime

    @property
    def told_place(self) -> str:
        """Where the screening was to take place until now, as paper names it."""
        return f"{self.shown['venue']}, {self.shown['hall']}"


def cancel_screening(
    session: Session, command: CancelScreening, desk: Desk, *, clock: Clock
) -> ChangedScreening:
    """Cancel a screening: bookings ended and their places given back, reservations let go of, sales over.

    A second try with the same id returns what the first one did. Raises ManagerNeeded without a manager,
    Refusal for a screening that is over, or cancelled already, and without a reason.
    """
    at = clock.now()
    shift_still_open(session, desk, at=at)
    if (done := _done(session, command.change_id)) is not None:
        return done
    manager, reason = _answered(session, command, desk)
    shown, booked, reserved = hold_screening(session, command.screening_id, desk, at)
    decision = _Decision(command.change_id, shown, desk, manager, reason, at)
    session.execute(
        update(_screening)
        .where(_screening.c.id == command.screening_id)
        .values(state=ScreeningState.CANCELLED)
    )
    number = _write(
        session, decision, ScreeningChangeKind.CANCELLED, bookings=len(booked), reserved=len(reserved)
    )
    end_bookings(session, booked, desk, manager, reason, at)
    let_go(session, reserved, desk, at)
    told = {
        "bookings": _ids(booked),
        "change": str(command.change_id),
        "number": number,
        "reserved": _reserved_told(reserved),
        "sold": session.execute(_ISSUED, {"screening": command.screening_id}).scalar_one(),
    }
    _tell(session, decision, JournalKind.SCREENING_CANCELLED, told)
    seats.give_back(session, Counter(map(place_of, [*booked, *reserved])))
    return ChangedScreening(number, shown["title"], len(booked), len(reserved))


def move_screening(session: Session, command: MoveScreening, desk: Desk, *, clock: Clock) -> ChangedScreening:
    """Show a screening at another time or in another hall: what was taken stays taken, and is listed.

    Seats reserved are held until the new hour. A second try with the same id returns what the first one did.
    Raises ManagerNeeded without a manager; Refusal when nothing changes, the new hour has gone by, the hall
    is taken or too small, and for a screening that is over or cancelled.
    """
    at = clock.now()
    shift_still_open(session, desk, at=at)
    if (done := _done(session, command.change_id)) is not None:
        return done
    manager, reason = _answered(session, command, desk)
    hall = hold_hall(session, command.hall_id)
    shown, booked, reserved = hold_screening(session, command.screening_id, desk, at)
    decision = _Decision(command.change_id, shown, desk, manager, reason, at)
    _check_hour(command, decision)
    ends_at = command.starts_at + (shown["ends_at"] - shown["starts_at"])
    refuse_overlap(session, command.screening_id, hall, command.starts_at, ends_at)
    capacity = capacity_in(shown, hall)
    session.execute(
        update(_screening)
        .where(_screening.c.id == command.screening_id)
        .values(starts_at=command.starts_at, ends_at=ends_at, hall_id=command.hall_id, capacity=capacity)
    )
    limit = expires_at(command.starts_at, shown["reservation_expires_minutes"], desk.post.rules)
    keep_until(session, reserved, limit)
    place = f"{hall['venue']}, {hall['name']}"
    number = _write(session, decision, ScreeningChangeKind.MOVED, starts_at=command.starts_at, place=place)
    told = {
        "bookings": _ids(booked),
        "capacity": capacity,
        "change": str(command.change_id),
        "ends_at": ends_at.isoformat(),
        "hall": hall["code"],
        "number": number,
        "place": place,
        "reserved": _reserved_told(reserved),
        "reserved_until": limit.isoformat(),
        "starts_at": command.starts_at.isoformat(),
    }
    _tell(session, decision, JournalKind.SCREENING_MOVED, told)
    return ChangedScreening(number, shown["title"])


def _done(session: Session, change_id: UUID) -> ChangedScreening | None:
    """What a change of this id did, if it was made."""
    row = session.execute(
        select(_change.c.number, _event.c.title, _change.c.bookings, _change.c.reserved)
        .join(_screening, _screening.c.id == _change.c.screening_id)
        .join(_event, _event.c.id == _screening.c.event_id)
        .where(_change.c.id == change_id)
    ).one_or_none()
    return None if row is None else ChangedScreening(*row)


def _answered(
    session: Session, command: CancelScreening | MoveScreening, desk: Desk
) -> tuple[RowMapping, str]:
    """The manager who answers for the change, and why it is made."""
    needed = ManagerNeeded(
        _("Un responsable annule ou déplace une séance."), _("Il l'autorise avec son code.")
    )
    manager_id = require(
        session, Action.CHANGE_SCREENING, desk.operator_id, command.authorized_by, needed=needed
    )
    reason = reason_line(command.reason)
    if not reason:
        raise Refusal(_("Dites pourquoi la séance est changée."), _("Le motif est gardé avec le changement."))
    found = session.execute(select(_operator.c.id, _operator.c.number).where(_operator.c.id == manager_id))
    return found.mappings().one(), reason


def _check_hour(command: MoveScreening, decision: _Decision) -> None:
    """Raise Refusal where nothing would change, or the new hour has gone by."""
    if (command.starts_at, command.hall_id) == (decision.shown["starts_at"], decision.shown["hall_id"]):
        raise Refusal(_("Rien ne change."), _("Donnez une autre heure ou une autre salle."))
    if command.starts_at <= decision.at:
        raise Refusal(_("Cette heure est déjà passée."), _("Donnez une heure à venir, ou annulez la séance."))


def _write(
    session: Session,
    decision: _Decision,
    kind: ScreeningChangeKind,
    *,
    starts_at: datetime | None = None,
    place: str | None = None,
    bookings: int = 0,
    reserved: int = 0,
) -> int:
    """Keep the change under the next number, which it returns; with the seats that it ended."""
    number = int(session.execute(select(func.coalesce(func.max(_change.c.number), 0))).scalar_one()) + 1
    session.execute(
        insert(_change),
        {
            "id": decision.id,
            "number": number,
            "screening_id": decision.shown["id"],
            "kind": kind,
            "told_starts_at": decision.shown["starts_at"],
            "told_place": decision.told_place,
            "starts_at": starts_at or decision.shown["starts_at"],
            "place": place or decision.told_place,
            "reason": decision.reason,
            "bookings": bookings,
            "reserved": reserved,
            "at": decision.at,
            "till_id": decision.desk.post.till_id,
            "operator_id": decision.desk.operator_id,
            "authorized_by_id": decision.manager["id"],
        },
    )
    return number


def _ids(booked: Sequence[RowMapping]) -> list[str]:
    return [str(row["id"]) for row in booked]


def _reserved_told(reserved: Sequence[RowMapping]) -> list[list[str | int]]:
    return [[str(seat["reservation_id"]), seat["position"]] for seat in reserved]


def _tell(session: Session, decision: _Decision, kind: JournalKind, content: dict[str, Any]) -> None:
    journal.append(
        session,
        decision.desk.post,
        kind,
        {
            "authorized_by": decision.manager["number"],
            "reason": decision.reason,
            "screening": decision.shown["code"],
            "told_place": decision.told_place,
            "told_starts_at": decision.shown["starts_at"].isoformat(),
            **content,
        },
        at=decision.at,
        operator_number=decision.desk.operator_number,
    )
