"""What holds at every moment, whatever was sold, undone, scanned or refused."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.kinds import LineKind, StoredValueKind
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
from boxoffice.prepared import Prepared
from boxoffice.sales.books.signing import Anchor
from boxoffice.sales.books.verification import verify
from boxoffice.sales.means import ALL as MONEY

_sale, _line, _payment, _ticket = table(Sale), table(SaleLine), table(Payment), table(Ticket)
_scan, _screening, _quota, _numbering = table(TicketScan), table(Screening), table(Quota), table(Numbering)
_booking, _end, _pass, _reserved = table(Booking), table(BookingEnd), table(Pass), table(ReservedSeat)
_request, _answer, _note = table(CreditRequest), table(CreditAnswer), table(CreditNote)
_value, _movement = table(StoredValue), table(ValueMovement)

# Asked after every step of long lives: each statement takes longer to write than to be answered.
_SALES, _LINES, _PAYMENTS = Prepared(select(_sale)), Prepared(select(_line)), Prepared(select(_payment))
_LINES_BACK = Prepared(select(_line).where(_line.c.quantity == -1))
_TICKET_LINES = Prepared(select(_line).where(_line.c.quantity == 1, _line.c.kind == LineKind.TICKET))
_SCANS, _SCREENINGS, _QUOTAS = Prepared(select(_scan)), Prepared(select(_screening)), Prepared(select(_quota))
_STANDING_BOOKINGS = Prepared(select(_booking).where(_booking.c.id.not_in(select(_end.c.booking_id))))
_PASSES, _RESERVED = Prepared(select(_pass)), Prepared(select(_reserved))
_HELD = Prepared(select(_reserved).where(_reserved.c.state == ReservedSeatState.HELD))
_NUMBERINGS = Prepared(select(_numbering))
_NUMBERS = {
    series: Prepared(
        select(rows.c.number).where(rows.c.till_id == bindparam("till_id")).order_by(rows.c.number)
    )
    for series, rows in (("operations", _sale), ("tickets", _ticket), ("credit_notes", _note))
}
_REQUESTS, _ANSWERS = Prepared(select(_request)), Prepared(select(_answer))
_VALUES, _MOVEMENTS = Prepared(select(_value)), Prepared(select(_movement))
_PAID_BY_VALUE = Prepared(select(_payment).where(_payment.c.value_id.is_not(None)))


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
    for line in _LINES.rows(session):
        sale_lines[line.sale_id] += line.quantity * line.unit_price_cents
    for payment in _PAYMENTS.rows(session):
        sale_payments[payment.sale_id] += payment.amount_cents
    for sale in _SALES.rows(session):
        assert sale.total_cents == sale_lines[sale.id] == sale_payments[sale.id]


def _check_seats(session: Session) -> None:
    dead = {(line.reverses_sale_id, line.reverses_position) for line in _LINES_BACK.rows(session)}
    live = Counter(
        (line.screening_id, line.quota)
        for line in _TICKET_LINES.rows(session)
        if (line.sale_id, line.position) not in dead
    )
    for booking in _standing_bookings(session):
        live[booking.screening_id, booking.quota] += 1
    for seat in _HELD.rows(session):
        live[seat.screening_id, seat.quota] += 1
    for screening in _SCREENINGS.rows(session):
        assert screening.allocated == live[screening.id, None]
        assert screening.allocated + screening.held <= screening.capacity
    for quota in _QUOTAS.rows(session):
        assert quota.allocated == live[quota.screening_id, quota.name]
        assert quota.allocated <= quota.seats
    for scan in _SCANS.rows(session):
        assert (scan.sale_id, scan.position) not in dead


def _check_places(session: Session) -> None:
    """The places used of a pass are its bookings; a seat collected is a ticket, and of one reservation."""
    booked = Counter(booking.pass_id for booking in _standing_bookings(session))
    for held in _PASSES.rows(session):
        assert held.used == booked[held.id]
        assert held.places is None or held.used <= held.places
    tickets = {
        (line.sale_id, line.position): (line.screening_id, line.tariff_code)
        for line in _TICKET_LINES.rows(session)
    }
    collected = [seat for seat in _RESERVED.rows(session) if seat.state is ReservedSeatState.COLLECTED]
    assert len({(seat.sale_id, seat.sale_position) for seat in collected}) == len(collected)
    for seat in collected:
        assert tickets[seat.sale_id, seat.sale_position] == (seat.screening_id, seat.tariff_code)


def _standing_bookings(session: Session) -> list[Any]:
    return _STANDING_BOOKINGS.rows(session)


def _check_numbers(session: Session) -> None:
    for numbering in _NUMBERINGS.rows(session):
        for series, numbers in _NUMBERS.items():
            drawn = [row.number for row in numbers.rows(session, {"till_id": numbering.till_id})]
            assert drawn == list(range(1, getattr(numbering, series) + 1))


def _check_refunds(session: Session) -> None:
    """No means gives more money back than it brought, and a sale no more than was paid, credits included."""
    left: dict[object, Counter[str]] = defaultdict(Counter)
    original_of = {sale.id: sale.reverses_sale_id or sale.id for sale in _SALES.rows(session)}
    for payment in _PAYMENTS.rows(session):
        left[original_of[payment.sale_id]][payment.means] += payment.amount_cents
    for by_means in left.values():
        assert sum(by_means.values()) >= 0
        assert all(by_means[means.code] >= 0 for means in MONEY)


def _check_credits(session: Session) -> None:
    """A seat accepted came back by the note that answers, for what was told; one that waits is there."""
    lines = _LINES.rows(session)
    dead = {(line.reverses_sale_id, line.reverses_position): line.sale_id for line in lines}
    used = {(scan.sale_id, scan.position) for scan in _SCANS.rows(session)}
    totals = {sale.id: sale.total_cents for sale in _SALES.rows(session)}
    answers = {answer.request_id: answer for answer in _ANSWERS.rows(session)}
    credited = Counter[object]()
    for request in _REQUESTS.rows(session):
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
    for movement in _MOVEMENTS.rows(session):
        left[movement.value_id] += movement.amount
        moved[movement.value_id, movement.sale_id, movement.position] = movement.amount
    kinds = {}
    for value in _VALUES.rows(session):
        kinds[value.id] = value.kind
        assert value.amount is None or value.amount == left[value.id] >= 0
    for payment in _PAID_BY_VALUE.rows(session):
        amount = moved[payment.value_id, payment.sale_id, payment.position]
        if kinds[payment.value_id] is StoredValueKind.PLACE_CARD:
            assert abs(amount) == 1
        else:
            assert amount == -payment.amount_cents
