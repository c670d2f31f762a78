"""Seats that a customer wants to turn into credit notes: what each is worth, and what stands in the way."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, exists, func, select, tuple_
from sqlmodel import Session

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, plural, spoken
from boxoffice.models import (
    CreditAnswer,
    CreditRequest,
    Event,
    Hall,
    Pass,
    Payment,
    Sale,
    SaleKind,
    SaleLine,
    Screening,
    ScreeningChange,
    ScreeningState,
    Tariff,
    Ticket,
    TicketScan,
    Till,
    Venue,
    table,
)
from boxoffice.money import format_euros

from ..books.numbers import paper_number
from ..staff.rules import Rules
from ..undone import last_request
from ..vouchers import promo_codes
from .terms import Tier, read_tiers, tier_for

_sale, _line, _payment, _ticket = table(Sale), table(SaleLine), table(Payment), table(Ticket)
_scan, _till, _tariff = table(TicketScan), table(Till), table(Tariff)
_screening, _event, _change = table(Screening), table(Event), table(ScreeningChange)
_request, _answer = table(CreditRequest), table(CreditAnswer)
_pass, _hall, _venue = table(Pass), table(Hall), table(Venue)
_undo, _undoing = table(SaleLine).alias("undo"), table(Sale).alias("undoing_sale")
_sold_by = table(Till).alias("sold_by")

Place = tuple[UUID, int]
"""The sale and the line of a ticket."""

_COVERED = (
    select(func.coalesce(func.sum(_payment.c.amount_cents), 0))
    .where(_payment.c.sale_id == _ticket.c.sale_id, _payment.c.covers == _ticket.c.position)
    .scalar_subquery()
)
_MOVED = exists().where(_change.c.screening_id == _ticket.c.screening_id, _change.c.at >= _sale.c.at)
_SEATS = (
    select(
        _line,
        _ticket.c.number.label("ticket_number"),
        _ticket.c.event_title,
        _ticket.c.starts_at.label("printed_starts_at"),
        _ticket.c.place,
        _ticket.c.code,
        _till.c.number.label("ticket_till"),
        _sold_by.c.number.label("sale_till"),
        _sale.c.number.label("sale_number"),
        _sale.c.kind.label("sale_kind"),
        _sale.c.at.label("sold_at"),
        _sale.c.customer_id,
        _screening.c.code.label("screening_code"),
        _screening.c.starts_at,
        _screening.c.ends_at,
        _screening.c.state.label("screening_state"),
        _event.c.code.label("event_code"),
        _event.c.title,
        _venue.c.code.label("venue_code"),
        _pass.c.number.label("pass_number"),
        func.coalesce(_tariff.c.minimum_group, 1).label("minimum_group"),
        _COVERED.label("covered_cents"),
        _MOVED.label("moved"),
        _scan.c.at.label("used_at"),
        _scan.c.door,
        _undoing.c.kind.label("undone_as"),
        _request.c.id.label("request_id"),
        _request.c.attempt,
        _request.c.asked_at,
        _answer.c.request_id.label("answered_id"),
    )
    .select_from(_ticket)
    .join(_line, (_line.c.sale_id == _ticket.c.sale_id) & (_line.c.position == _ticket.c.position))
    .join(_sale, _sale.c.id == _ticket.c.sale_id)
    .join(_till, _till.c.id == _ticket.c.till_id)
    .join(_sold_by, _sold_by.c.id == _sale.c.till_id)
    .join(_screening, _screening.c.id == _ticket.c.screening_id)
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .join(_venue, _venue.c.id == _hall.c.venue_id)
    .outerjoin(_pass, _pass.c.id == _line.c.pass_id)
    .outerjoin(
        _tariff,
        (_tariff.c.price_list_id == _screening.c.price_list_id) & (_tariff.c.code == _line.c.tariff_code),
    )
    .outerjoin(_scan, (_scan.c.sale_id == _ticket.c.sale_id) & (_scan.c.position == _ticket.c.position))
    .outerjoin(
        _undo,
        (_undo.c.reverses_sale_id == _ticket.c.sale_id) & (_undo.c.reverses_position == _ticket.c.position),
    )
    .outerjoin(_undoing, _undoing.c.id == _undo.c.sale_id)
    .outerjoin(_request, last_request(_ticket.c.sale_id, _ticket.c.position))
    .outerjoin(_answer, _answer.c.request_id == _request.c.id)
    .order_by(_ticket.c.sale_id, _ticket.c.position)
)


@dataclass(frozen=True, slots=True)
class CreditSeat:
    """A seat and what it would be worth, in cents; `obstacle` is why it cannot be turned into a credit note.

    `covered_cents` were paid by a place of a card, which gets its place back. `terms_waived`: the festival
    cancelled or moved the screening, and gives back all that was paid.
    """

    sale_id: UUID
    position: int
    operation: str
    ticket_number: str
    label: str
    event_title: str
    starts_at: datetime
    place: str
    paid_cents: int
    covered_cents: int
    credited_cents: int
    customer_id: UUID | None
    terms_waived: bool = False
    obstacle: Refusal | None = None

    @property
    def worth_cents(self) -> int:
        """What is given as money, beside the place that returns to its card."""
        return self.credited_cents - self.covered_cents

    @property
    def place_comes_back(self) -> bool:
        """Whether a card that paid for it gets its place back."""
        return self.covered_cents > 0


def find_seats(session: Session, places: Iterable[Place]) -> Sequence[RowMapping]:
    """The tickets at these places, with all that decides whether they can come back."""
    wanted = list(places)
    if not wanted:
        return ()
    return _read(session, tuple_(_ticket.c.sale_id, _ticket.c.position).in_(wanted))


def find_sale(session: Session, sale_id: UUID) -> Sequence[RowMapping]:
    """Every ticket of a sale, in the order of its lines."""
    return _read(session, _ticket.c.sale_id == sale_id)


def hold_tickets(session: Session, places: Iterable[Place]) -> None:
    """Keep these tickets from being used, reversed or asked for elsewhere until the transaction ends."""
    held = select(_ticket.c.position).where(tuple_(_ticket.c.sale_id, _ticket.c.position).in_(list(places)))
    ordered = held.order_by(_ticket.c.sale_id, _ticket.c.position)
    session.execute(ordered.with_for_update(key_share=True)).all()


def sum_up(session: Session, sale_id: UUID, rules: Rules, *, at: datetime) -> tuple[CreditSeat, ...]:
    """What each ticket of a sale would be worth, and which cannot come back, before anything is asked."""
    return tuple(credit_seat(seat, rules, at) for seat in find_sale(session, sale_id))


def credit_seat(seat: RowMapping, rules: Rules, at: datetime) -> CreditSeat:
    """A seat with what it is worth to a customer who asks at that moment."""
    waived = _terms_waived(seat)
    tier = Tier() if waived else tier_for(read_tiers(rules.credit_value), seat["starts_at"] - at)
    paid, covered = seat["unit_price_cents"], seat["covered_cents"]
    credited = covered + tier.credited(paid - covered) if tier else 0
    return CreditSeat(
        sale_id=seat["sale_id"],
        position=seat["position"],
        operation=paper_number(seat["sale_till"], seat["sale_number"]),
        ticket_number=paper_number(seat["ticket_till"], seat["ticket_number"]),
        label=seat["label"],
        event_title=seat["event_title"],
        starts_at=seat["starts_at"],
        place=seat["place"],
        paid_cents=paid,
        covered_cents=covered,
        credited_cents=credited,
        customer_id=seat["customer_id"],
        terms_waived=waived,
        obstacle=gone(seat) or _too_late(seat, tier, rules, at) or _worth_nothing(seat, credited),
    )


def gone(seat: RowMapping) -> Refusal | None:
    """Why there is nothing to give back any more: the ticket is dead, was used, or is asked for already."""
    if said := dead(seat):
        return said
    if _pending(seat):
        return Refusal(
            _("Une demande de reprise est en cours pour {title} depuis le {when}.").format(
                title=seat["event_title"], when=say(seat["asked_at"], _("EEE d MMM 'à' H 'h' mm"), spoken())
            ),
            _("Un responsable y répond : demandes d'avoir."),
        )
    return None


def dead(seat: RowMapping) -> Refusal | None:
    """Why a ticket is worth nothing any more: it came back, was annulled, or let somebody in."""
    title = seat["event_title"]
    match seat["undone_as"]:
        case SaleKind.CREDIT_NOTE:
            return Refusal(
                _("Le billet de {title} est déjà repris.").format(title=title),
                _("Choisissez les autres places."),
            )
        case SaleKind.REVERSAL:
            return Refusal(
                _("Le billet de {title} est annulé : il ne vaut plus rien.").format(title=title),
                _("Choisissez les autres places."),
            )
    if seat["used_at"] is not None:
        return Refusal(
            _("Le billet de {title} a déjà servi à l'entrée ({door}).").format(
                title=title, door=seat["door"]
            ),
            _("Un billet utilisé n'est pas repris."),
        )
    return None


def refuse_remainder(session: Session, wanted: Sequence[Place], *, leaving: str) -> None:
    """Raise Refusal where the seats that would remain of a sale could not have been sold so.

    Fewer seats of a group tariff than it asks for, or an offered seat without the one that was paid.
    """
    gone_with = set(wanted)
    for sale_id in sorted({sale for sale, _position in wanted}):
        standing = [
            seat for seat in find_sale(session, sale_id) if seat["undone_as"] is None and not _pending(seat)
        ]
        kept = [seat for seat in standing if (sale_id, seat["position"]) not in gone_with]
        left = Counter((seat["screening_id"], seat["tariff_code"]) for seat in kept)
        for seat in standing:
            remaining = left[seat["screening_id"], seat["tariff_code"]]
            if 0 < remaining < seat["minimum_group"]:
                raise Refusal(
                    plural(
                        "Il ne resterait que {left} place au tarif {tariff}, qui en demande au moins"
                        " {minimum}.",
                        "Il ne resterait que {left} places au tarif {tariff}, qui en demande au moins"
                        " {minimum}.",
                        remaining,
                    ).format(left=remaining, tariff=seat["label"], minimum=seat["minimum_group"]),
                    leaving,
                )
        promo_codes.free(session, sale_id, [place for _sale_id, place in wanted if _sale_id == sale_id])


def _read(session: Session, condition: Any) -> Sequence[RowMapping]:
    return session.execute(_SEATS.where(condition)).mappings().all()


def _pending(seat: RowMapping) -> bool:
    return seat["request_id"] is not None and seat["answered_id"] is None


def _terms_waived(seat: RowMapping) -> bool:
    """Whether the festival itself changed what was sold: no deadline, and nothing kept."""
    return seat["screening_state"] is ScreeningState.CANCELLED or bool(seat["moved"])


def _too_late(seat: RowMapping, tier: Tier | None, rules: Rules, at: datetime) -> Refusal | None:
    if seat["screening_state"] is ScreeningState.CANCELLED:
        return None
    starts_at = seat["starts_at"]
    if at >= starts_at:
        return Refusal(
            _("{title} a commencé à {time} : son billet n'est plus repris.").format(
                title=seat["event_title"], time=say(starts_at, _("H 'h' mm"), spoken())
            )
        )
    if seat["moved"]:
        return None
    until = starts_at - timedelta(minutes=rules.credit_ends_minutes)
    tiers = read_tiers(rules.credit_value)
    until = min(until, starts_at - tiers[-1].before)
    if at > until or tier is None:
        return Refusal(
            _("{title} : les places n'étaient reprises que jusqu'au {until}.").format(
                title=seat["event_title"], until=say(until, _("EEE d MMM 'à' H 'h' mm"), spoken())
            )
        )
    return None


def _worth_nothing(seat: RowMapping, credited: int) -> Refusal | None:
    if credited or not seat["unit_price_cents"]:
        return None
    return Refusal(
        _("Les frais prennent tout : il ne resterait rien des {paid} de {title}.").format(
            paid=format_euros(seat["unit_price_cents"]), title=seat["event_title"]
        ),
        _("Gardez ce billet, ou choisissez d'autres places."),
    )
