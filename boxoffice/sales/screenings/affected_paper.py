"""From a change of a screening to the list of whom it concerns, for the printer: numbers, and no names."""

from collections import defaultdict
from datetime import datetime

from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.kinds import ScreeningChangeKind

from ..prints.papers import AffectedPaper, Letterhead, NothingToPrint
from .affected import read_affected


def load_affected_list(
    session: Session, number: int, *, letterhead: Letterhead, at: datetime
) -> AffectedPaper:
    """The list of the change of this number. Raises NothingToPrint if there is none."""
    try:
        affected = read_affected(session, number)
    except Refusal as refusal:
        raise NothingToPrint(str(refusal)) from refusal
    change = affected.change
    by_tariff: dict[str, list[str]] = defaultdict(list)
    for ticket in affected.tickets:
        if not ticket.used:
            by_tariff[ticket.tariff_label].append(ticket.number)
    moved = change.kind is ScreeningChangeKind.MOVED
    return AffectedPaper(
        letterhead=letterhead,
        at=at,
        number=str(change.number),
        event_title=change.event_title,
        screening_code=change.code,
        told_starts_at=change.told_starts_at,
        told_place=change.told_place,
        new_starts_at=change.starts_at if moved else None,
        new_place=change.place if moved else "",
        reason=change.reason,
        manager=change.manager,
        tickets=tuple((label, tuple(numbers)) for label, numbers in by_tariff.items()),
        credit_cents=affected.credit_cents,
        bookings=tuple((booking.pass_number, booking.seats) for booking in affected.bookings),
        reservations=tuple((kept.reference, kept.seats) for kept in affected.reservations),
    )
