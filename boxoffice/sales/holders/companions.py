"""The extra tickets that a pass or accreditation opens, sold like any other to who comes with its holder."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from boxoffice.clock import in_paris
from boxoffice.errors import Refusal
from boxoffice.language import _, plural
from boxoffice.models import (
    Booking,
    BookingEnd,
    LineKind,
    Pass,
    SaleLine,
    Screening,
    ScreeningState,
    Ticket,
    Till,
    table,
)
from boxoffice.prepared import Row

from ..basket import Basket, SeatLine
from ..books.numbers import paper_number
from .passes import hold_pass, is_valid_on, look_at_pass, state_obstacle

_pass, _line, _ticket = table(Pass), table(SaleLine), table(Ticket)
_screening, _till = table(Screening), table(Till)
_booking, _end = table(Booking), table(BookingEnd)
_undo = table(SaleLine).alias("undo")

_STANDING = (
    select(_line)
    .outerjoin(
        _undo,
        (_undo.c.reverses_sale_id == _line.c.sale_id) & (_undo.c.reverses_position == _line.c.position),
    )
    .where(
        _line.c.kind == LineKind.TICKET,
        _line.c.reverses_sale_id.is_(None),
        _undo.c.sale_id.is_(None),
    )
)
_SOLD = _STANDING.with_only_columns(func.count()).where(
    _line.c.pass_id == bindparam("pass"), _line.c.screening_id == bindparam("screening")
)
_KEPT = (
    _STANDING.with_only_columns(
        _till.c.number.label("till_number"),
        _ticket.c.number,
        _ticket.c.event_title,
        _pass.c.number.label("pass_number"),
    )
    .join(_ticket, (_ticket.c.sale_id == _line.c.sale_id) & (_ticket.c.position == _line.c.position))
    .join(_till, _till.c.id == _ticket.c.till_id)
    .join(_screening, _screening.c.id == _line.c.screening_id)
    .join(_pass, _pass.c.id == _line.c.pass_id)
    .where(
        _line.c.pass_id.in_(bindparam("passes", expanding=True)),
        _screening.c.ends_at >= bindparam("at"),
        _screening.c.state != ScreeningState.CANCELLED,
    )
    .order_by(_till.c.number, _ticket.c.number)
    .limit(1)
)
_BOOKED = (
    select(func.count())
    .select_from(_booking)
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .where(
        _booking.c.pass_id == bindparam("pass"),
        _booking.c.screening_id == bindparam("screening"),
        _end.c.booking_id.is_(None),
    )
)
_NUMBERS = select(_pass.c.id, _pass.c.number).where(_pass.c.id.in_(bindparam("ids", expanding=True)))


def check(
    session: Session, basket: Basket, offers: Mapping[tuple[int, int], Row], *, hold: bool = True
) -> None:
    """Refuse extra tickets that their pass does not open: it must serve, be booked there, and not be used up.

    Unless one only looks, the passes are held until the sale is made: two tills cannot both sell the last.
    """
    extras = [(line.pass_id, line) for line in basket if isinstance(line, SeatLine) and line.pass_id]
    if not extras:
        return
    look = hold_pass if hold else look_at_pass
    held = {pass_id: look(session, pass_id) for pass_id in sorted(_ids(basket))}
    wanted: Counter[tuple[UUID, int]] = Counter()
    for pass_id, line in extras:
        wanted[pass_id, line.screening_id] += line.quantity
        _check_line(held[pass_id], offers[line.screening_id, line.tariff_id])
    for (pass_id, screening_id), quantity in wanted.items():
        values = {"pass": pass_id, "screening": screening_id}
        sold = session.execute(_SOLD, values).scalar_one()
        most = held[pass_id]["companions"]
        if sold + quantity > most:
            raise Refusal(
                plural(
                    "Le pass {number} donne droit à {most} supplément par séance.",
                    "Le pass {number} donne droit à {most} suppléments par séance.",
                    most,
                ).format(number=held[pass_id]["number"], most=most),
                _("Vendez les autres places à un autre tarif."),
            )
        if not session.execute(_BOOKED, values).scalar_one():
            raise Refusal(
                _("Le pass {number} n'a pas de place réservée à cette séance.").format(
                    number=held[pass_id]["number"]
                ),
                _("Réservez d'abord la place de son titulaire."),
            )


def refuse_kept(session: Session, pass_ids: Sequence[UUID], *, at: datetime) -> None:
    """Refuse to take back passes, which the caller holds, while an extra ticket of theirs still lets in."""
    kept = session.execute(_KEPT, {"passes": pass_ids, "at": at}).first() if pass_ids else None
    if kept is not None:
        raise Refusal(
            _("Le billet {ticket} ({title}) est un supplément du pass {number}, et il vaut encore.").format(
                ticket=paper_number(kept.till_number, kept.number),
                title=kept.event_title,
                number=kept.pass_number,
            ),
            _("Annulez d'abord ce billet."),
        )


def numbers(session: Session, basket: Basket) -> dict[UUID, str]:
    """The numbers of the passes that open something in this basket."""
    ids = _ids(basket)
    return {row.id: row.number for row in session.execute(_NUMBERS, {"ids": ids})} if ids else {}


def _ids(basket: Basket) -> set[UUID]:
    return {line.pass_id for line in basket if isinstance(line, SeatLine) and line.pass_id is not None}


def _check_line(held: Row, offer: Row) -> None:
    if reason := state_obstacle(held["state"], held["state_reason"], held["number"]):
        raise Refusal(reason, _("Retirez cette ligne du panier."))
    if (
        not is_valid_on(held, in_paris(offer["starts_at"]).date())
        or held["companion_tariff"] != offer["tariff_code"]
    ):
        raise Refusal(
            _("Le pass {number} n'ouvre pas le tarif {label} à cette séance.").format(
                number=held["number"], label=offer["label"]
            ),
            _("Choisissez un autre tarif."),
        )
