"""Seats for other seats, whatever they were paid with: one act, a credit note and a sale in the books.

What the old seats were paid with pays for the new ones through a clearing means, at the same rates of VAT;
what is missing is paid, what is left over goes back to the cards that paid, or onto the balance. Places of
cards always come back: they may pay again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlmodel import Session

from boxoffice.clock import Clock, say
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, ScreeningState, StoredValueKind
from boxoffice.language import _, spoken
from boxoffice.models import Screening, table

from .. import means, settlement
from ..basket import Basket, SeatLine
from ..checkout import Checkout, Exchanged, checkout
from ..completed_sales import CompletedSale, completed_sale
from ..people.customers import held_customer, read_customer, standing_id
from ..people.writing_down import hold_people
from ..pricing import price
from ..refunds import Refund
from ..settlement import Tender
from ..staff.desk import Desk
from ..staff.permissions import require
from ..staff.standing import shift_still_open
from ..vouchers import loyalty
from ..vouchers.proposal import CentsByRate
from ..vouchers.spending import due_by_rate
from ..vouchers.stored_values import account_id
from ..wording import reason_line
from .credit_notes import (
    CompletedCredit,
    NewCreditNote,
    Shared,
    completed_credit,
    hold_sales,
    onto_values,
    order_paper,
    share_out,
    write,
)
from .seats_to_credit import find_seats, gone, hold_tickets, refuse_remainder

_screening = table(Screening)


@dataclass(frozen=True, slots=True)
class Exchange:
    """The wish to have the seats of a basket for those of a sale at `positions`.

    `sale_id` and `credit_note_id` are made when it begins: trying again exchanges once. `tenders` pay what is
    missing. `authorized_by` is a manager's id, past the deadline, and `reason` is theirs.
    """

    sale_id: UUID
    credit_note_id: UUID
    original_id: UUID
    positions: tuple[int, ...]
    basket: Basket
    tenders: tuple[Tender, ...] = ()
    receipt: bool = False
    print_note: bool = False
    authorized_by: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """What an exchange comes to, in cents: `exchanged` of the old seats pay for the new ones, by rate of VAT.

    `places_back` are places that return to their cards. `back` is what is left over, onto which card or
    balance.
    """

    old_cents: int
    new_cents: int
    exchanged: CentsByRate
    to_pay_cents: int
    places_back: tuple[Refund, ...]
    back: tuple[Refund, ...]

    @property
    def exchanged_cents(self) -> int:
        return sum(cents for _rate, cents in self.exchanged)

    @property
    def back_cents(self) -> int:
        return sum(refund.amount_cents for refund in self.back)


@dataclass(frozen=True, slots=True)
class CompletedExchange:
    """Both operations of an exchange, as the books hold them."""

    credit: CompletedCredit
    sale: CompletedSale


def check_returned(
    session: Session, original_id: UUID, positions: tuple[int, ...], desk: Desk, *, clock: Clock
) -> None:
    """Refuse seats that cannot be exchanged now, before others are chosen. Raises as `exchange` does."""
    at = clock.now()
    seats = _seats(session, original_id, positions)
    _check_seats(seats, at)
    _authority(session, None, seats, desk, at)


def quote(session: Session, command: Exchange, desk: Desk, *, clock: Clock) -> Quote:
    """What an exchange would come to, its tenders so far counted. Raises as `exchange` does."""
    at = clock.now()
    seats = _seats(session, command.original_id, command.positions)
    _check_seats(seats, at)
    _authority(session, command.authorized_by, seats, desk, at)
    _check_basket(session, command.basket)
    plan = _plan(session, command, seats, desk, at)
    paid = sum(tender.amount_cents for tender in command.tenders)
    return Quote(
        old_cents=sum(seat["unit_price_cents"] for seat in seats),
        new_cents=command.basket.total_cents,
        exchanged=plan.exchanged,
        to_pay_cents=command.basket.total_cents - plan.exchanged_cents - paid,
        places_back=plan.places,
        back=plan.back,
    )


def exchange(session: Session, command: Exchange, desk: Desk, *, clock: Clock) -> CompletedExchange:
    """Give seats back and take others, both or nothing; a second try returns what the first one did.

    Raises Refusal for seats used, started, asked for or given back, for what `checkout` refuses, and where
    something is left over for nobody; ManagerNeeded past the deadline of credit notes.
    """
    at, reason = clock.now(), reason_line(command.reason)
    settlement.refuse_card_number(reason)
    hold_sales(session, [command.original_id])
    hold_tickets(session, [(command.original_id, position) for position in command.positions])
    if done := _done_before(session, command):
        return done
    opened_at = shift_still_open(session, desk, at=at)
    seats = _seats(session, command.original_id, command.positions)
    _check_seats(seats, at)
    authorized_by = _authority(session, command.authorized_by, seats, desk, at)
    _check_basket(session, command.basket)
    refuse_remainder(
        session,
        [(command.original_id, position) for position in command.positions],
        leaving=_("Échangez toutes ces places, ou aucune."),
    )
    _hold_customers(session, command, seats, at)
    plan = _plan(session, command, seats, desk, at)
    customer_id = _customer(session, command, seats)
    opened = loyalty.open_points(session, command.basket.customer_id, command.tenders, desk, at=at)
    note = NewCreditNote(
        sale_id=command.credit_note_id,
        original_id=command.original_id,
        seats=tuple((seat, seat["unit_price_cents"]) for seat in seats),
        shared=plan.shared(customer_id),
        customer_id=customer_id,
        authorized_by=authorized_by,
        reason=reason,
    )
    (credit,) = write(
        session,
        [note],
        desk,
        opened_at,
        at=at,
        clock=clock,
        moved_after=_moved_by(session, command),
    )
    if command.print_note:
        order_paper(session, desk, note.sale_id, at=at)
    sale = checkout(
        session,
        Checkout(command.sale_id, command.basket, command.tenders, command.receipt),
        desk,
        clock=clock,
        exchanged=Exchanged(command.credit_note_id, plan.tenders, note.places, opened),
    )
    return CompletedExchange(credit, sale)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where the value of the old seats goes: `exchanged` cents by rate of VAT, places, and what is left."""

    exchanged: CentsByRate
    places: tuple[Refund, ...]
    back: tuple[Refund, ...]

    @property
    def exchanged_cents(self) -> int:
        return sum(cents for _rate, cents in self.exchanged)

    @property
    def tenders(self) -> tuple[Tender, ...]:
        return tuple(Tender(means.EXCHANGE.code, cents, vat_rate=rate) for rate, cents in self.exchanged)

    def shared(self, customer_id: UUID | None) -> Shared:
        """The payments of the credit note: what clears the sale comes last."""
        shared = onto_values((*self.places, *self.back), customer_id)
        clearing = tuple(Refund(means.EXCHANGE.code, cents, vat_rate=rate) for rate, cents in self.exchanged)
        return replace(shared, refunds=(*shared.refunds, *clearing))


def _plan(
    session: Session, command: Exchange, seats: Sequence[RowMapping], desk: Desk, at: datetime
) -> _Plan:
    """Money pays for the new seats first, then cards; a voucher of one rate of VAT only for what has it."""
    priced = price(session, command.basket, command.sale_id, desk, at=at)
    due = due_by_rate(priced.lines)
    room = command.basket.total_cents
    for tender in command.tenders:
        room -= tender.amount_cents
        if tender.vat_rate is not None:
            due[tender.vat_rate] = due.get(tender.vat_rate, 0) - tender.amount_cents
    given = share_out(session, command.original_id, [(seat, seat["unit_price_cents"]) for seat in seats])
    places = tuple(refund for refund in given if refund.covers is not None)
    exchanged: dict[int | None, int] = {}
    back = []
    for refund in sorted((each for each in given if each.covers is None), key=_money_first):
        rate = refund.vat_rate
        part = min(refund.amount_cents, room if rate is None else min(room, due.get(rate, 0)))
        if (part := max(part, 0)) > 0:
            exchanged[rate] = exchanged.get(rate, 0) + part
            room -= part
            if rate is not None:
                due[rate] -= part
        if part < refund.amount_cents:
            back.append(replace(refund, amount_cents=refund.amount_cents - part))
    return _Plan(tuple(exchanged.items()), places, tuple(back))


def _money_first(refund: Refund) -> tuple[bool, bool]:
    """Vouchers of one rate, which serve for least, before money; what can go back to a card last."""
    return refund.vat_rate is None, means.BY_CODE[refund.means].stored


def _seats(session: Session, original_id: UUID, positions: Sequence[int]) -> Sequence[RowMapping]:
    wanted = [(original_id, position) for position in positions]
    seats = find_seats(session, wanted)
    if not seats or len(seats) != len(set(wanted)):
        raise Refusal(_("Ces billets n'existent pas."), _("Cherchez la vente par son numéro."))
    return seats


def _check_seats(seats: Sequence[RowMapping], at: datetime) -> None:
    for seat in seats:
        if said := gone(seat):
            raise said
        if at >= seat["starts_at"] and seat["screening_state"] is not ScreeningState.CANCELLED:
            raise Refusal(
                _("{title} a commencé à {time} : son billet ne s'échange plus.").format(
                    title=seat["event_title"], time=say(seat["starts_at"], _("H 'h' mm"), spoken())
                )
            )


def _check_basket(session: Session, basket: Basket) -> None:
    """Seats are exchanged for seats, of screenings that take place."""
    if not basket or not all(isinstance(line, SeatLine) for line in basket):
        raise Refusal(
            _("Des places s'échangent contre d'autres places."), _("Vendez le reste dans une autre vente.")
        )
    wanted = [line.screening_id for line in basket if isinstance(line, SeatLine)]
    cancelled = select(_screening.c.id).where(
        _screening.c.id.in_(wanted), _screening.c.state == ScreeningState.CANCELLED
    )
    if session.execute(cancelled).first():
        raise Refusal(_("Cette séance est annulée."), _("Choisissez une autre séance."))


def _authority(
    session: Session, authorized_by: int | None, seats: Sequence[RowMapping], desk: Desk, at: datetime
) -> int | None:
    """The manager who answers for an exchange past the deadline, or nobody where the cashier may do it."""
    if authorized_by is not None:
        return require(session, Action.EXCHANGE_LATE, authorized_by)
    before = timedelta(minutes=desk.post.rules.credit_ends_minutes)
    late = [
        seat
        for seat in seats
        if at > seat["starts_at"] - before
        and not seat["moved"]
        and seat["screening_state"] is not ScreeningState.CANCELLED
    ]
    if not late:
        return None
    needed = ManagerNeeded(
        _("{title} : les places ne s'échangeaient que jusqu'au {until}.").format(
            title=late[0]["event_title"],
            until=say(late[0]["starts_at"] - before, _("EEE d MMM 'à' H 'h' mm"), spoken()),
        ),
        _("Un responsable peut l'autoriser avec son code."),
    )
    return require(session, Action.EXCHANGE_LATE, desk.operator_id, needed=needed)


def _hold_customers(session: Session, command: Exchange, seats: Sequence[RowMapping], at: datetime) -> None:
    """Hold whoever is named, in the order that every till goes by, before any value."""
    named = {seats[0]["customer_id"], command.basket.customer_id} - {None}
    for customer_id in sorted(named):
        hold_people(session, {}, at, named=customer_id)


def _customer(session: Session, command: Exchange, seats: Sequence[RowMapping]) -> UUID | None:
    """Whose balance gets what is left over: that of the sale, else that of who exchanges."""
    for customer_id in (seats[0]["customer_id"], command.basket.customer_id):
        if customer_id and (customer := read_customer(session, customer_id)):
            return held_customer(session, customer.id)
    return None


def _moved_by(session: Session, command: Exchange) -> set[UUID]:
    """The values that the sale of an exchange will move."""
    lines = (line for line in command.basket if isinstance(line, SeatLine))
    moved = {tender.value_id for tender in command.tenders} | {line.promo_code_id for line in lines}
    if command.basket.customer_id:
        standing = standing_id(session, command.basket.customer_id)
        moved.add(account_id(standing, StoredValueKind.POINTS))
    return {value_id for value_id in moved if value_id is not None}


def _done_before(session: Session, command: Exchange) -> CompletedExchange | None:
    credit = completed_credit(session, command.credit_note_id)
    sale = completed_sale(session, command.sale_id)
    if credit is None or sale is None:
        return None
    if credit.original_id != command.original_id:
        raise Refusal(_("Cet échange a déjà servi à une autre vente."), _("Recommencez."))
    return CompletedExchange(credit, sale)
