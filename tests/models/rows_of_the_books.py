"""A row at least in each table of the books, some written straight into it."""

from typing import Any
from uuid import uuid4

from sqlmodel import Session, SQLModel

from boxoffice.models import (
    Booking,
    BookingEnd,
    BookingScan,
    CashCount,
    CashMovement,
    Closing,
    CreditAnswer,
    CreditNote,
    CreditRequest,
    Customer,
    FormerPassCode,
    FormerValueCode,
    Pass,
    PassProduct,
    PromoBatch,
    Screening,
    ScreeningChange,
    ShiftClosing,
    ShiftCount,
    StoredValue,
    Ticket,
    TillSession,
    ValueMovement,
    table,
)
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.screenings.entrance import admit
from tests.sales.conftest import Festival


def write_rows_of_the_books(festival: Festival) -> CompletedSale:
    """Sell, let somebody in, and write down what selling alone does not; the sale."""
    sale = festival.sell(festival.seat_line(quantity=2), festival.product_line())
    code = festival.rows(Ticket)[0].code
    festival.write(lambda session: admit(session, festival.posts[0], code, "Porte A", clock=festival.clock))
    festival.write(lambda session: write_down_a_pass(session, festival))
    festival.write(lambda session: write_down_values(session, festival, sale))
    festival.write(lambda session: write_down_closings(session, festival))
    return sale


def write_down_a_pass(session: Session, festival: Festival) -> None:
    """A pass whose code was replaced, a booking that let its holder in, one that ended with its screening."""
    at, customer_id, pass_id, used, ended = festival.clock.now(), uuid4(), uuid4(), uuid4(), uuid4()
    product = session.execute(table(PassProduct).select()).first()
    screening = session.execute(table(Screening).select()).first()
    assert product is not None
    assert screening is not None
    by = {"at": at, "till_id": 1, "operator_id": 1}
    booking = {"pass_id": pass_id, "screening_id": screening.id, "tariff_code": "PASS", "place": "Auditorium"}
    change = {
        "id": uuid4(),
        "number": 1,
        "screening_id": screening.id,
        "kind": "cancelled",
        "reason": "Panne",
    }
    rows: list[tuple[type[SQLModel], dict[str, Any]]] = [
        (Customer, {"id": customer_id, "created_at": at, "seen_at": at}),
        (
            Pass,
            {
                "id": pass_id,
                "number": "W-1",
                "code": "PB",
                "product_id": product.product_id,
                "holder_id": customer_id,
                "source": "online",
                "issued_at": at,
            },
        ),
        (FormerPassCode, {"code": "PC", "pass_id": pass_id, "replaced_at": at}),
        *((Booking, {"id": each, "starts_at": at} | booking | by) for each in (used, ended)),
        (BookingScan, {"booking_id": used, "at": at, "door": "Porte A"}),
        (BookingEnd, {"booking_id": ended, "kind": "screening_changed"} | by),
        (
            ScreeningChange,
            {"told_starts_at": at, "told_place": "A", "starts_at": at, "place": "A", "authorized_by_id": 1}
            | change
            | by,
        ),
    ]
    for model, row in rows:
        session.execute(table(model).insert().values(row))


def write_down_values(session: Session, festival: Festival, sale: CompletedSale) -> None:
    """A value that moved and has a former code, a batch of promo codes, a seat asked back and credited."""
    at, value_id, request_id = festival.clock.now(), uuid4(), uuid4()
    by = {"at": at, "till_id": 1, "operator_id": 1}
    seat = {"sale_id": sale.sale_id, "position": 2, "paid_cents": 850, "credited_cents": 850}
    rows: list[tuple[type[SQLModel], dict[str, Any]]] = [
        (
            StoredValue,
            {"id": value_id, "kind": "gift_card", "amount": 1000, "movements": 1, "issued_at": at},
        ),
        (
            ValueMovement,
            {"value_id": value_id, "sequence": 1, "kind": "issued", "amount": 1000, "left_after": 1000} | by,
        ),
        (FormerValueCode, {"code": "GB", "value_id": value_id, "replaced_at": at}),
        (
            PromoBatch,
            {"id": uuid4(), "name": "Presse", "effect": "amount_off", "amount_cents": 100, "made_at": at},
        ),
        (
            CreditRequest,
            {"id": request_id, "source": "counter", "asked_at": at, "till_id": 1, "operator_id": 1} | seat,
        ),
        (CreditAnswer, {"request_id": request_id, "accepted": False, "reason": "Trop tard"} | by),
        (CreditNote, {"sale_id": sale.sale_id, "till_id": 1, "number": 1}),
    ]
    for model, row in rows:
        session.execute(table(model).insert().values(row))


def write_down_closings(session: Session, festival: Festival) -> None:
    """Cash carried away, a shift counted, and a closing of the day."""
    at = festival.clock.now()
    shift = session.execute(table(TillSession).select()).first()
    assert shift is not None
    by = {"at": at, "till_id": 1, "operator_id": 1, "till_session_id": shift.id, "number": 1}
    of_shift = {"till_session_id": shift.id}
    carried = {"id": uuid4(), "kind": "pickup", "amount_cents": 5_000, "reason": "Trop", "carrier": "Lisa"}
    totals = ("period_cents", "period_absolute_cents", "perpetual_cents", "perpetual_absolute_cents")
    day = {"period": "day", "first_day": at.date(), "last_day": at.date(), "figures": "{}"}
    closing = {"id": uuid4(), "made_at_till_id": 1, "operator_id": 1, "number": 1, "at": at}
    rows: list[tuple[type[SQLModel], dict[str, Any]]] = [
        (CashMovement, carried | by),
        (ShiftClosing, {"reason": "", "deposit_cents": 0, "left_cents": 0, "note": ""} | by),
        (ShiftCount, {"means": "cash", "expected_cents": 0} | of_shift),
        (CashCount, {"value": 100, "pieces": 3} | of_shift),
        (Closing, closing | day | dict.fromkeys(totals, 850)),
    ]
    for model, row in rows:
        session.execute(table(model).insert().values(row))
