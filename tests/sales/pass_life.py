"""A little of everything that passes, reservations and changed screenings leave in the books."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlmodel import Session

from boxoffice.kinds import PassTrouble
from boxoffice.models import Customer, Pass
from boxoffice.sales.holders import bookings, pass_care
from boxoffice.sales.holders.bookings import Book, Booked, CancelBookings, SwapBooking
from boxoffice.sales.holders.pass_care import BlockPass, GivePass, ReplacePass, UnblockPass
from boxoffice.sales.people.customer_changes import merge_customers
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.reserving.expiring import release_expired
from boxoffice.sales.reserving.reservations import Reserved
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.staff.desk import Desk
from tests.sales.conftest import Festival
from tests.sales.test_pass_import import HEADER, ZOE, sold
from tests.sales.test_reservations import change_seats, give_up, take_seats
from tests.sales.test_screening_changes import call_off, move

MINUTE = timedelta(minutes=1)


def book(
    festival: Festival, pass_id: UUID, screening: str = "KNEECAP2", seats: int = 1, desk: Desk | None = None
) -> Booked:
    """Book seats on a pass and commit."""
    command = Book(tuple(uuid4() for _ in range(seats)), pass_id, festival.screening_id(screening))
    return festival.write(
        lambda session: bookings.book(session, command, desk or festival.desk, clock=festival.clock)
    )


def cancel(
    festival: Festival,
    *booking_ids: UUID,
    desk: Desk | None = None,
    authorized_by: int | None = None,
    reason: str = "",
) -> tuple[Booked, ...]:
    """Give booked seats back and commit."""
    command = CancelBookings(booking_ids, authorized_by, reason)
    return festival.write(
        lambda session: bookings.cancel(session, command, desk or festival.desk, clock=festival.clock)
    )


def swap(festival: Festival, booking_id: UUID, screening: str, desk: Desk | None = None) -> Booked:
    """Exchange a booked seat for one of another screening and commit."""
    command = SwapBooking(booking_id, uuid4(), festival.screening_id(screening))
    return festival.write(
        lambda session: bookings.swap(session, command, desk or festival.desk, clock=festival.clock)
    )


def let_in(festival: Festival, pass_id: UUID, door: str) -> None:
    """Let the holder of a pass in for a seat that is booked on it."""
    code = next(row.code for row in festival.rows(Pass) if row.id == pass_id)
    festival.write(lambda session: admit(session, festival.posts[0], code, door, clock=festival.clock))


def live_with_passes(festival: Festival) -> None:
    """Two rows at least in every table of passes, bookings, reservations and changed screenings."""
    shared, alone = _get_passes(festival)
    second = festival.desks[1]
    seats = book(festival, shared, seats=3).booking_ids
    booked = book(festival, alone, desk=second).booking_ids[0]
    swap(festival, booked, "RENCONTRE", desk=second)
    cancel(festival, seats[0])
    festival.clock.advance(MINUTE)
    late = book(festival, shared, "KNEECAP", desk=second).booking_ids[0]
    cancel(festival, late, authorized_by=festival.manager.id, reason="Malade")
    let_in(festival, shared, "Porte A")
    festival.clock.advance(MINUTE)
    let_in(festival, shared, "Porte B")
    reserve_some(festival)
    call_off(festival, "RENCONTRE")
    move(festival, "KNEECAP2", later=timedelta(hours=1), desk=festival.managers_desk)
    care_for(festival, shared, alone)


def _get_passes(festival: Festival) -> tuple[UUID, UUID]:
    """A shareable and an individual pass sold, another sold and taken back, one imported."""
    second = festival.desks[1]
    shared = festival.pass_line("PASS6", CustomerDetails("Morel", "Luc"))
    alone = festival.pass_line()
    festival.sell(shared, alone, desk=second)
    festival.reverse(festival.sell(festival.pass_line(), desk=second), desk=second)
    sold(festival, HEADER + ZOE)
    return shared.pass_id, alone.pass_id


def _reserve(festival: Festival, *wishes: tuple[str, str, int], till: int = 0) -> Reserved:
    """Reserve for somebody new, whoever is known by the same name."""
    others = frozenset(row.id for row in festival.rows(Customer))
    return take_seats(festival, *wishes, till=till, not_these=others)


def reserve_some(festival: Festival) -> None:
    """Reservations held, changed, given up, expired, and collected in time or after it."""
    changed = _reserve(festival, ("KNEECAP2", "PLEIN", 1), till=1)
    change_seats(festival, changed, ("KNEECAP2", "REDUIT", 1))
    give_up(festival, _reserve(festival, ("RENCONTRE", "PLEIN", 1)))
    reserved = _reserve(festival, ("KNEECAP", "PLEIN", 2), till=1)
    line = festival.seat_line(reservation_id=reserved.reservation_id)
    festival.sell(line)
    assert reserved.expires_at is not None
    now = festival.clock.now()
    festival.clock.advance(reserved.expires_at + timedelta(seconds=1) - now)
    festival.write(lambda session: release_expired(session, festival.posts[0], clock=festival.clock))
    festival.clock.advance(now - festival.clock.now())


def care_for(festival: Festival, shared: UUID, alone: UUID) -> None:
    """One pass blocked and replaced; the other replaced, given, blocked; their holder merged with another."""
    desk, second, clock = festival.desk, festival.desks[1], festival.clock
    manager = festival.manager.id
    codes = {row.id: row.code for row in festival.rows(Pass)}
    holders = {row.id: row.holder_id for row in festival.rows(Pass)}
    zoe = next(row.id for row in festival.rows(Customer) if row.first_name == "Zoé")

    def care(session: Session) -> None:
        pass_care.block(session, BlockPass(shared, PassTrouble.LOST), desk, clock=clock)
        wish = ReplacePass(shared, codes[shared], PassTrouble.LOST, manager)
        pass_care.replace(session, wish, second, clock=clock)
        wish = ReplacePass(alone, codes[alone], PassTrouble.SPOILT, manager)
        pass_care.replace(session, wish, desk, clock=clock)
        pass_care.give(session, GivePass(alone, holders[shared], manager), second, clock=clock)
        pass_care.block(session, BlockPass(alone, PassTrouble.LENT), second, clock=clock)
        pass_care.unblock(session, UnblockPass(alone, manager), desk, clock=clock)
        pass_care.block(session, BlockPass(alone, PassTrouble.STOLEN), desk, clock=clock)
        merge_customers(session, holders[shared], zoe, desk, manager_id=manager, clock=clock)

    festival.write(care)
