"""Erasing customers: at their wish, or once nothing was heard of them for years.

The books stay as they are: they never held more of anybody than an id. What waits in a basket and what a
ticket calls them go with the card.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, exists, func, or_, select, tuple_, update
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.kinds import Action, JournalKind, PassTrouble
from boxoffice.models import (
    Booking,
    Customer,
    GiftCard,
    GiftMessage,
    JournalEntry,
    ParkedBasket,
    Pass,
    PlaceCardHolder,
    PrintAttempt,
    Printer,
    PrinterKind,
    PrintJob,
    Reservation,
    Sale,
    Screening,
    StoredValue,
    Ticket,
    TicketHolder,
    table,
)

from ..books.journal import append
from ..prints.papers import DocumentKind
from ..staff.desk import Post
from ..staff.operators import StaffMember
from ..staff.permissions import require
from ..vouchers import holdings
from ..vouchers.value_changes import Hand
from .customer_details import CustomerDetails, folded
from .customer_index import STANDING
from .customer_record import sales_of
from .customers import DETAILS, FoundCustomer, erased, found_customer
from .writing_down import take_turn

_customer, _pass, _sale, _booking = table(Customer), table(Pass), table(Sale), table(Booking)
_reservation, _parked, _holder = table(Reservation), table(ParkedBasket), table(TicketHolder)
_ticket, _screening = table(Ticket), table(Screening)
_message, _surname = table(GiftMessage), table(PlaceCardHolder)
_gift, _value = table(GiftCard), table(StoredValue)
_job, _attempt, _printer = table(PrintJob), table(PrintAttempt), table(Printer)
_entry = table(JournalEntry)

HELD_NAMES = tuple(rows.name for rows in (_customer, _holder, _parked, _message, _surname, _pass, _value))
"""The tables that hold anything personal; those of passes and values, in what was noted of one blocked."""

AT_ONCE = 500
"""Customers blanked by one statement and told by one entry of the journal, at most."""


@dataclass(frozen=True, slots=True)
class InactiveCustomer:
    """A customer of whom nothing was heard since `last_seen_at`."""

    customer: FoundCustomer
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Traces:
    """Where something of erased customers may still be, on this computer or another.

    `jobs` are told by the names of the files in `folders`, those of virtual printers; `files` are those that
    other printers append to, and that hold one of these papers. The last was erased at `erased_at`, the
    words of a gift card were at `forgotten_at`.
    """

    customers: frozenset[UUID]
    erased_at: datetime | None
    forgotten_at: datetime | None
    jobs: frozenset[int]
    folders: tuple[str, ...]
    files: tuple[str, ...]


def erase_customers(
    session: Session,
    customer_ids: Sequence[UUID],
    post: Post,
    *,
    manager: StaffMember,
    clock: Clock,
    losing: bool = False,
) -> int:
    """Leave nothing of these customers but their ids in the books; returns how many they were.

    Their passes and bookings stay, in nobody's name; what they have left to spend is lost, if they agree to
    `losing` it. Raises ManagerNeeded, and Refusal when none of them is left, for a request that waits for an
    answer, and for what would be lost.
    """
    require(session, Action.ERASE_CUSTOMERS, manager.id)
    take_turn(session)
    wanted = select(_customer.c.id, *DETAILS).where(_customer.c.id.in_(customer_ids), STANDING)
    gone = [
        found_customer(row)
        for row in session.connection().execute(wanted.order_by(_customer.c.id).with_for_update()).mappings()
    ]
    if not gone:
        raise erased()
    ids = [customer.id for customer in gone]
    holdings.refuse_waiting(session, ids)
    if not losing:
        for customer in gone:
            holdings.refuse_losing(session, customer.id, customer.details.name)
    _discard_baskets(session, gone, post, manager, clock)
    for first in range(0, len(ids), AT_ONCE):
        _blank(session, ids[first : first + AT_ONCE], post, manager, clock)
    return len(ids)


def list_inactive(
    session: Session, post: Post, *, manager: StaffMember, clock: Clock
) -> tuple[InactiveCustomer, ...]:
    """The same as `inactive_customers`, shown to a manager: the journal tells how many were."""
    require(session, Action.ERASE_CUSTOMERS, manager.id)
    found = inactive_customers(session, post, clock=clock)
    content = {"inactive": len(found)}
    append(
        session, post, JournalKind.CUSTOMER_LISTED, content, at=clock.now(), operator_number=manager.number
    )
    return found


def inactive_customers(session: Session, post: Post, *, clock: Clock) -> tuple[InactiveCustomer, ...]:
    """The customers who have bought, booked and reserved nothing for years, the longest gone first.

    Whoever has something left that was paid for or credited is no more inactive than the festival's debt.
    """
    limit = _years_ago(clock, post.rules.inactive_years)
    sold = exists().where(_sale.c.customer_id == _customer.c.id, _sale.c.at >= limit)
    reserved = exists().where(_reservation.c.customer_id == _customer.c.id, _reservation.c.made_at >= limit)
    issued = exists().where(_pass.c.holder_id == _customer.c.id, _pass.c.issued_at >= limit)
    booked = exists().where(
        _pass.c.holder_id == _customer.c.id, _booking.c.pass_id == _pass.c.id, _booking.c.at >= limit
    )
    heard_of = (
        select(func.max(_sale.c.at)).where(_sale.c.customer_id == _customer.c.id),
        select(func.max(_reservation.c.made_at)).where(_reservation.c.customer_id == _customer.c.id),
        select(func.max(_pass.c.issued_at)).where(_pass.c.holder_id == _customer.c.id),
        select(func.max(_booking.c.at)).where(
            _pass.c.holder_id == _customer.c.id, _booking.c.pass_id == _pass.c.id
        ),
    )
    rows = session.connection().execute(
        select(
            _customer.c.seen_at,
            *(moment.scalar_subquery().label(f"heard_{place}") for place, moment in enumerate(heard_of)),
            _customer.c.id,
            *DETAILS,
        ).where(
            STANDING,
            _customer.c.seen_at < limit,
            ~sold,
            ~reserved,
            ~issued,
            ~booked,
            ~holdings.holds_something(_customer.c.id),
        )
    )
    gone = [
        InactiveCustomer(
            found_customer(row),
            max(at for at in (row["seen_at"], *(row[f"heard_{n}"] for n in range(len(heard_of)))) if at),
        )
        for row in rows.mappings()
    ]
    return tuple(sorted(gone, key=lambda each: (each.last_seen_at, each.customer.id)))


def erase_inactive(session: Session, post: Post, *, manager: StaffMember, clock: Clock) -> int:
    """Erase every inactive customer, and the names on tickets, gift cards and in baskets that are as old.

    Returns how many customers there were: none is no fault.
    """
    require(session, Action.ERASE_CUSTOMERS, manager.id)
    limit = _years_ago(clock, post.rules.inactive_years)
    ended = (
        select(_ticket.c.sale_id, _ticket.c.position)
        .join(_screening, _screening.c.id == _ticket.c.screening_id)
        .where(_screening.c.ends_at < limit)
    )
    session.execute(delete(_holder).where(tuple_(_holder.c.sale_id, _holder.c.position).in_(ended)))
    session.execute(delete(_parked).where(_parked.c.parked_at < limit))
    given = select(_value.c.id).where(_value.c.issued_at < limit)
    session.execute(delete(_message).where(_message.c.value_id.in_(given)))
    inactive = [found.customer.id for found in inactive_customers(session, post, clock=clock)]
    if not inactive:
        return 0
    return erase_customers(session, inactive, post, manager=manager, clock=clock, losing=True)


def traces_of_erased(session: Session) -> Traces:
    """The customers ever erased, and the papers that came out before: theirs, and lists with names.

    So are the papers of gift cards whose words were forgotten.
    """
    erased = select(_customer.c.id).where(_customer.c.erased_at.is_not(None))
    passes = select(_pass.c.id).where(_pass.c.holder_id.in_(erased))
    sales = select(_sale.c.id).where(sales_of(erased))
    cards = select(_gift.c.value_id).where(_gift.c.sale_id.in_(sales))
    theirs = [or_(_job.c.sale_id.in_(sales), _job.c.pass_id.in_(passes), _job.c.value_id.in_(cards))]
    forgotten = session.execute(
        select(_entry.c.at, _entry.c.content).where(_entry.c.kind == JournalKind.VALUE_WORDS_FORGOTTEN)
    ).all()
    theirs.append(_job.c.value_id.in_([UUID(json.loads(row.content)["value"]) for row in forgotten]))
    erased_at = session.execute(select(func.max(_customer.c.erased_at))).scalar_one()
    if erased_at is not None:
        theirs.append(and_(_job.c.document == DocumentKind.DOOR_LIST, _job.c.created_at <= erased_at))
    jobs = frozenset(
        found for of in theirs for found in session.execute(select(_job.c.id).where(of)).scalars()
    )
    printers = session.execute(select(_printer.c.name, _printer.c.kind, _printer.c.address)).all()
    used = select(_attempt.c.printer).join(_job, _job.c.id == _attempt.c.job_id).distinct()
    names = {name for of in theirs if jobs for name in session.execute(used.where(of)).scalars()}
    return Traces(
        customers=frozenset(session.execute(erased).scalars()),
        erased_at=erased_at,
        forgotten_at=max((row.at for row in forgotten), default=None),
        jobs=jobs,
        folders=tuple(row.address for row in printers if row.kind is PrinterKind.VIRTUAL and row.address),
        files=tuple(row.address for row in printers if row.kind is PrinterKind.FILE and row.name in names),
    )


def _blank(session: Session, ids: Sequence[UUID], post: Post, manager: StaffMember, clock: Clock) -> None:
    """Leave nothing in the rows of these customers, and tell the journal."""
    at = clock.now()
    sales = select(_sale.c.id).where(sales_of(ids))
    session.execute(delete(_holder).where(_holder.c.sale_id.in_(sales)))
    holdings.forget_messages(session, sales_of(ids))
    holdings.forfeit(session, ids, Hand(post, manager.id, manager.number), at=at)
    noted = _pass.c.holder_id.in_(ids), _pass.c.state_reason.not_in(list(PassTrouble))
    session.execute(update(_pass).where(*noted).values(state_reason=""))
    session.execute(
        update(_customer)
        .where(_customer.c.id.in_(ids))
        .values(**asdict(CustomerDetails(country="")), search="", erased_at=at, seen_at=at)
    )
    content = {"customers": [str(customer_id) for customer_id in ids]}
    append(session, post, JournalKind.CUSTOMER_ERASED, content, at=at, operator_number=manager.number)


def _discard_baskets(
    session: Session, gone: Sequence[FoundCustomer], post: Post, manager: StaffMember, clock: Clock
) -> None:
    """Throw away the baskets set aside that name one of these customers, and tell the journal."""
    for parked in session.execute(select(_parked.c.id, _parked.c.note, _parked.c.content)).all():
        text = f"{parked.note} {parked.content}"
        words = set(folded(text).split())
        if not any(_names(customer, text, words) for customer in gone):
            continue
        session.execute(delete(_parked).where(_parked.c.id == parked.id))
        content = {"basket": str(parked.id)}
        append(
            session,
            post,
            JournalKind.BASKET_DISCARDED,
            content,
            at=clock.now(),
            operator_number=manager.number,
        )


def _names(customer: FoundCustomer, text: str, words: set[str]) -> bool:
    """Whether a text tells of a customer: by their id, their e-mail, or every word of their name."""
    details = customer.details
    said = folded(f"{details.surname} {details.first_name}").split()
    return (
        str(customer.id) in text
        or bool(details.email and details.email in text)
        or (len(said) > 1 and words.issuperset(said))
    )


def _years_ago(clock: Clock, years: int) -> datetime:
    now = clock.now()
    day = 28 if (now.month, now.day) == (2, 29) else now.day
    return now.replace(year=now.year - years, day=day)
