"""Everybody who may come in to a screening, by name and number: for when the power is cut.

Whoever looks at it or has it printed sees personal data: the journal tells of it each time.
"""

from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.kinds import Action, JournalKind
from boxoffice.models import (
    Booking,
    BookingEnd,
    BookingScan,
    Customer,
    Pass,
    PassState,
    Reservation,
    ReservedSeat,
    ReservedSeatState,
    SaleLine,
    Screening,
    Tariff,
    Ticket,
    TicketHolder,
    TicketScan,
    Till,
    table,
)

from ..books import journal
from ..books.numbers import paper_number
from ..prints.letterhead import read_letterhead
from ..prints.papers import DocumentKind
from ..prints.print_orders import check_printer, order_report
from ..prints.statement_papers import DoorListPaper, DoorPass, DoorReservation, DoorTicket
from ..reserving.held_seats import spoken_reference
from ..staff.desk import Post
from ..staff.permissions import require_of
from ..undone import undone, waits_for_credit
from .showings import is_cancelled, read_showing, restorings_of, showing_of

DOOR_LISTS = "portes-*"
"""What the files of door lists are called; there are names in them."""

_ticket, _line, _till = table(Ticket), table(SaleLine), table(Till)
_holder, _scan, _entered = table(TicketHolder), table(TicketScan), table(BookingScan)
_booking, _end, _pass, _customer = table(Booking), table(BookingEnd), table(Pass), table(Customer)
_reservation, _seat = table(Reservation), table(ReservedSeat)
_screening, _tariff = table(Screening), table(Tariff)

_NAME = (_customer.c.surname, _customer.c.first_name, _customer.c.organisation)
_TICKETS = (
    select(
        _till.c.number.label("till_number"),
        _ticket.c.number,
        _line.c.label,
        _holder.c.name,
        _scan.c.at.label("used_at"),
    )
    .select_from(_ticket)
    .join(_line, (_line.c.sale_id == _ticket.c.sale_id) & (_line.c.position == _ticket.c.position))
    .join(_till, _till.c.id == _ticket.c.till_id)
    .outerjoin(_holder, (_holder.c.sale_id == _ticket.c.sale_id) & (_holder.c.position == _ticket.c.position))
    .outerjoin(_scan, (_scan.c.sale_id == _ticket.c.sale_id) & (_scan.c.position == _ticket.c.position))
    .where(
        _ticket.c.screening_id == bindparam("screening"),
        ~undone(_ticket.c.sale_id, _ticket.c.position),
        ~waits_for_credit(_ticket.c.sale_id, _ticket.c.position),
    )
    .order_by(_till.c.number, _ticket.c.number)
)
_PASSES = (
    select(
        _pass.c.number,
        _pass.c.state,
        func.count().label("seats"),
        func.count(_entered.c.booking_id).label("used"),
        *_NAME,
    )
    .select_from(_booking)
    .join(_pass, _pass.c.id == _booking.c.pass_id)
    .join(_customer, _customer.c.id == _pass.c.holder_id)
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .outerjoin(_entered, _entered.c.booking_id == _booking.c.id)
    .where(_booking.c.screening_id == bindparam("screening"), _end.c.booking_id.is_(None))
    .group_by(_pass.c.number, _pass.c.state, *_NAME)
    .order_by(_customer.c.surname, _customer.c.first_name, _pass.c.number)
)
_RESERVATIONS = (
    select(
        _reservation.c.reference,
        func.count().label("seats"),
        func.coalesce(func.sum(_tariff.c.price_cents), 0).label("due_cents"),
        *_NAME,
    )
    .select_from(_seat)
    .join(_reservation, _reservation.c.id == _seat.c.reservation_id)
    .join(_customer, _customer.c.id == _reservation.c.customer_id)
    .join(_screening, _screening.c.id == _seat.c.screening_id)
    .outerjoin(
        _tariff,
        (_tariff.c.price_list_id == _screening.c.price_list_id) & (_tariff.c.code == _seat.c.tariff_code),
    )
    .where(
        _seat.c.screening_id == bindparam("screening"),
        _seat.c.state == ReservedSeatState.HELD,
        _seat.c.expires_at >= bindparam("at"),
    )
    .group_by(_reservation.c.reference, *_NAME)
    .order_by(_customer.c.surname, _customer.c.first_name, _reservation.c.reference)
)


def open_doors(
    session: Session, post: Post, screening_id: int, *, operator_number: int, clock: Clock
) -> DoorListPaper:
    """The list of a screening to be shown or written to a file: the journal tells who asked for it.

    Raises Refusal if there is no such screening, and ManagerNeeded for who may not read names.
    """
    require_of(session, Action.EXPORT_FIGURES, operator_number)
    paper = read_doors(session, screening_id, at=clock.now())
    _tell(session, post, paper, operator_number)
    return paper


def print_doors(
    session: Session, post: Post, screening_id: int, *, operator_number: int, clock: Clock
) -> None:
    """Order the list from the printer for reports. Raises Refusal as `open_doors`, or for want of one."""
    require_of(session, Action.EXPORT_FIGURES, operator_number)
    check_printer(session, post.till_id, DocumentKind.DOOR_LIST)
    paper = read_doors(session, screening_id, at=clock.now())
    order_report(session, post.till_id, DocumentKind.DOOR_LIST, screening_id, at=paper.at)
    _tell(session, post, paper, operator_number)


def read_doors(session: Session, screening_id: int, *, at: datetime) -> DoorListPaper:
    """Who may come in, as it stands `at` this moment: the caller tells the journal. Raises Refusal as above.

    Tickets given back, or asked to be, are not on it, nor what was reserved until a moment that is past.
    """
    row = read_showing(session, screening_id)
    asked = {"screening": screening_id}
    return DoorListPaper(
        letterhead=read_letterhead(session),
        at=at,
        showing=showing_of(row),
        capacity=row["capacity"],
        tickets=tuple(
            DoorTicket(
                paper_number(ticket["till_number"], ticket["number"]),
                ticket["label"],
                ticket["name"] or "",
                ticket["used_at"] is not None,
            )
            for ticket in session.execute(_TICKETS, asked).mappings()
        ),
        passes=tuple(
            DoorPass(
                booking["number"],
                _name(booking["first_name"], booking["surname"], booking["organisation"]),
                booking["seats"],
                booking["used"],
                booking["state"] is not PassState.ACTIVE,
            )
            for booking in session.execute(_PASSES, asked).mappings()
        ),
        reservations=tuple(
            DoorReservation(
                spoken_reference(kept["reference"]),
                _name(kept["first_name"], kept["surname"], kept["organisation"]),
                kept["seats"],
                kept["due_cents"],
            )
            for kept in session.execute(_RESERVATIONS, {**asked, "at": at}).mappings()
        ),
        restorings=restorings_of(session, row["starts_at"], row["ends_at"], is_cancelled=is_cancelled(row)),
    )


def door_list_name(paper: DoorListPaper) -> str:
    """What the file of a list is called, without what tells its kind."""
    return DOOR_LISTS.replace("*", paper.showing.code)


def _tell(session: Session, post: Post, paper: DoorListPaper, operator_number: int) -> None:
    journal.append(
        session,
        post,
        JournalKind.SCREENING_LIST_EXPORTED,
        {
            "list": DocumentKind.DOOR_LIST,
            "screening": paper.showing.code,
            "tickets": len(paper.tickets),
            "passes": len(paper.passes),
            "reservations": len(paper.reservations),
        },
        at=paper.at,
        operator_number=operator_number,
    )


def _name(first_name: str, surname: str, organisation: str) -> str:
    """By surname first, as a list at a door is searched."""
    return " ".join(filter(None, (surname.upper(), first_name))) or organisation
