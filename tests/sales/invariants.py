"""What holds at every moment, whatever was sold, undone, scanned or refused."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import StoredValueKind
from boxoffice.models import (
    Booking,
    BookingEnd,
    CreditAnswer,
    CreditNote,
    CreditRequest,
    Numbering,
    Pass,
    Payment,
    Quota,
    ReservedSeat,
    ReservedSeatState,
    Sale,
    SaleLine,
    Screening,
    StoredValue,
    Ticket,
    TicketScan,
    ValueMovement,
    table,
)
from boxoffice.sales.books.signing import Anchor
from boxoffice.sales.books.verification import verify
from boxoffice.sales.means import ALL as MONEY

_sale, _line, _payment, _ticket = table(Sale), table(SaleLine), table(Payment), table(Ticket)
_scan, _screening, _quota, _numbering = table(TicketScan), table(Screening), table(Quota), table(Numbering)
_booking, _end, _pass, _reserved = table(Booking), table(BookingEnd), table(Pass), table(ReservedSeat)
_request, _answer, _note = table(CreditRequest), table(CreditAnswer), table(CreditNote)
_value, _movement = table(StoredValue), table(ValueMovement)


def check_the_house(session: Session, anchors: Mapping[int, Anchor] = MappingProxyType({})) -> None:
    """Sums agree, seats and places are those that live, numbers have no gap, nobody gave back too much.

    `anchors`, by till number, are what tills know outside of the database: the journal must hold them.
    """
    _check_sums(session)
    _check_seats(session)
    _check_places(session)
    _check_numbers(session)
    _check_refunds(session)
    _check_credits(session)
    _check_values(session)
    verdict = verify(session, anchors=anchors)
    assert verdict.fault is None, str(verdict.fault)


def _check_sums(session: Session) -> None:
    sale_lines, sale_payments = Counter[object](), Counter[object]()
    for line in session.execute(select(_line)):
        sale_lines[line.sale_id] += line.quantity * line.unit_price_cents
    for payment in session.execute(select(_payment)):
        sale_payments[payment.sale_id] += payment.amount_cents
    for sale in session.execute(select(_sale)):
        assert sale.total_cents == sale_lines[sale.id] == sale_payments[sale.id]


def _check_seats(session: Session) -> None:
    dead = {
        (line.reverses_sale_id, line.reverses_position)
        for line in session.execute(select(_line).where(_line.c.quantity == -1))
    }
    live = Counter(
        (line.screening_id, line.quota)
        for line in session.execute(select(_line).where(_line.c.quantity == 1, _line.c.kind == "ticket"))
        if (line.sale_id, line.position) not in dead
    )
    for booking in _standing_bookings(session):
        live[booking.screening_id, booking.quota] += 1
    for seat in session.execute(select(_reserved).where(_reserved.c.state == ReservedSeatState.HELD)):
        live[seat.screening_id, seat.quota] += 1
    for screening in session.execute(select(_screening)):
        assert screening.allocated == live[screening.id, None]
        assert screening.allocated + screening.held <= screening.capacity
    for quota in session.execute(select(_quota)):
        assert quota.allocated == live[quota.screening_id, quota.name]
        assert quota.allocated <= quota.seats
    for scan in session.execute(select(_scan)):
        assert (scan.sale_id, scan.position) not in dead


def _check_places(session: Session) -> None:
    """The places used of a pass are its bookings; a seat collected is a ticket, and of one reservation."""
    booked = Counter(booking.pass_id for booking in _standing_bookings(session))
    for held in session.execute(select(_pass)):
        assert held.used == booked[held.id]
        assert held.places is None or held.used <= held.places
    tickets = {
        (line.sale_id, line.position): (line.screening_id, line.tariff_code)
        for line in session.execute(select(_line).where(_line.c.kind == "ticket", _line.c.quantity == 1))
    }
    collected = [
        seat for seat in session.execute(select(_reserved)) if seat.state is ReservedSeatState.COLLECTED
    ]
    assert len({(seat.sale_id, seat.sale_position) for seat in collected}) == len(collected)
    for seat in collected:
        assert tickets[seat.sale_id, seat.sale_position] == (seat.screening_id, seat.tariff_code)


def _standing_bookings(session: Session) -> list[Any]:
    ended = select(_end.c.booking_id)
    return list(session.execute(select(_booking).where(_booking.c.id.not_in(ended))))


def _check_numbers(session: Session) -> None:
    for numbering in session.execute(select(_numbering)):
        series = (
            (_sale, numbering.operations),
            (_ticket, numbering.tickets),
            (_note, numbering.credit_notes),
        )
        for rows, last in series:
            drawn = session.execute(
                select(rows.c.number).where(rows.c.till_id == numbering.till_id).order_by(rows.c.number)
            ).scalars()
            assert list(drawn) == list(range(1, last + 1))


def _check_refunds(session: Session) -> None:
    """No means gives more money back than it brought, and a sale no more than was paid, credits included."""
    left: dict[object, Counter[str]] = defaultdict(Counter)
    original_of = {sale.id: sale.reverses_sale_id or sale.id for sale in session.execute(select(_sale))}
    for payment in session.execute(select(_payment)):
        left[original_of[payment.sale_id]][payment.means] += payment.amount_cents
    for by_means in left.values():
        assert sum(by_means.values()) >= 0
        assert all(by_means[means.code] >= 0 for means in MONEY)


def _check_credits(session: Session) -> None:
    """A seat accepted came back by the note that answers, for what was told; one that waits is there."""
    lines = list(session.execute(select(_line)))
    dead = {(line.reverses_sale_id, line.reverses_position): line.sale_id for line in lines}
    used = {(scan.sale_id, scan.position) for scan in session.execute(select(_scan))}
    totals = {sale.id: sale.total_cents for sale in session.execute(select(_sale))}
    answers = {answer.request_id: answer for answer in session.execute(select(_answer))}
    credited = Counter[object]()
    for request in session.execute(select(_request)):
        seat, answer = (request.sale_id, request.position), answers.get(request.id)
        if answer is None:
            assert seat not in dead
            assert seat not in used
        elif answer.accepted:
            assert dead[seat] == answer.sale_id
            credited[answer.sale_id] += request.credited_cents
    assert all(totals[note_id] == -cents for note_id, cents in credited.items())


def _check_values(session: Session) -> None:
    """What is left of a value is what its movements make; what paid moved as much as the payment says."""
    left = Counter[object]()
    moved: dict[object, int] = {}
    for movement in session.execute(select(_movement)):
        left[movement.value_id] += movement.amount
        moved[movement.value_id, movement.sale_id, movement.position] = movement.amount
    kinds = {}
    for value in session.execute(select(_value)):
        kinds[value.id] = value.kind
        assert value.amount is None or value.amount == left[value.id] >= 0
    for payment in session.execute(select(_payment).where(_payment.c.value_id.is_not(None))):
        amount = moved[payment.value_id, payment.sale_id, payment.position]
        if kinds[payment.value_id] is StoredValueKind.PLACE_CARD:
            assert abs(amount) == 1
        else:
            assert amount == -payment.amount_cents
