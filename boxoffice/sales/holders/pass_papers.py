"""From a pass to its papers: the badge that is worn, and the list of what is booked on it."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.clock import Clock, in_paris
from boxoffice.models import Customer, Event, Pass, Product, table

from ..prints.outbox import Job
from ..prints.papers import BadgePaper, BookingsPaper, DocumentKind, Letterhead, NothingToPrint, PaperBooking
from ..staff.rules import read_rules
from .cockpit import read_cockpit

_pass, _product, _customer, _event = table(Pass), table(Product), table(Customer), table(Event)

_BADGE = (
    select(
        _pass.c.number,
        _pass.c.code,
        _pass.c.places,
        _pass.c.used,
        _pass.c.valid_from,
        _pass.c.valid_until,
        _pass.c.issued_at,
        _product.c.label,
        _customer.c.surname,
        _customer.c.first_name,
        _customer.c.organisation,
    )
    .join(_product, _product.c.id == _pass.c.product_id)
    .join(_customer, _customer.c.id == _pass.c.holder_id)
    .where(_pass.c.id == bindparam("id"))
)


def load_pass_paper(
    session: Session, job: Job, pass_id: UUID, *, letterhead: Letterhead, clock: Clock
) -> BadgePaper | BookingsPaper:
    """The paper of a pass that a job is to bring out. Raises NothingToPrint if there is no such pass."""
    if job.document is DocumentKind.BADGE:
        return badge_paper(session, pass_id, letterhead, copy_number=job.copy_number)
    return _bookings(session, pass_id, letterhead, clock)


def badge_paper(
    session: Session, pass_id: UUID, letterhead: Letterhead, *, copy_number: int = 0
) -> BadgePaper:
    """The badge of a pass. Raises NothingToPrint if there is no such pass."""
    row = session.connection().execute(_BADGE, {"id": pass_id}).one_or_none()
    if row is None:
        raise NothingToPrint(f"no pass {pass_id}")
    year = row.valid_until.year if row.valid_until else in_paris(row.issued_at).year
    return BadgePaper(
        letterhead=letterhead,
        edition=str(year),
        product=row.label,
        surname=row.surname,
        first_name=row.first_name,
        organisation=row.organisation,
        number=row.number,
        code=row.code,
        places=row.places,
        used=row.used,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        copy_number=copy_number,
    )


def _bookings(session: Session, pass_id: UUID, letterhead: Letterhead, clock: Clock) -> BookingsPaper:
    at = clock.now()
    cockpit = read_cockpit(session, pass_id, read_rules(session))
    events = {seat.event_id for seat in cockpit.standing}
    versions = {
        row.id: row.version
        for row in session.execute(select(_event.c.id, _event.c.version).where(_event.c.id.in_(events)))
    }
    alike: dict[PaperBooking, int] = {}
    for seat in cockpit.standing:
        booking = PaperBooking(
            event_title=seat.event_title,
            event_version=versions[seat.event_id],
            starts_at=seat.starts_at,
            place=f"{seat.venue}, {seat.hall}",
            cancellable_until=seat.limit if seat.is_cancellable(at) else None,
            moved=seat.was_moved and seat.is_cancellable(at),
            used=seat.used_at is not None,
            screening_cancelled=seat.screening_cancelled,
        )
        alike[booking] = alike.get(booking, 0) + 1
    return BookingsPaper(
        letterhead=letterhead,
        at=at,
        product=cockpit.label,
        holder=cockpit.holder or cockpit.organisation,
        number=cockpit.number,
        places=cockpit.places,
        used=cockpit.used,
        bookings=tuple(replace(booking, seats=seats) for booking, seats in alike.items()),
    )
