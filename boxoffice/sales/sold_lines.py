"""The lines of a sale as they are undone: which of them can be, and what is written for each."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, func, select
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.language import _, plural
from boxoffice.models import (
    Event,
    Hall,
    Pass,
    Product,
    SaleLine,
    Screening,
    ScreeningState,
    Tariff,
    Ticket,
    TicketScan,
    Venue,
    table,
)

from .undone import waits_for_credit

_line, _ticket, _scan, _screening = table(SaleLine), table(Ticket), table(TicketScan), table(Screening)
_tariff, _pass, _event, _product = table(Tariff), table(Pass), table(Event), table(Product)
_hall, _venue = table(Hall), table(Venue)
_undo = table(SaleLine).alias("undo")

_LINES = (
    select(
        _line,
        _ticket.c.number.label("ticket_number"),
        _ticket.c.event_title,
        _screening.c.code.label("screening_code"),
        _screening.c.ends_at,
        _screening.c.state.label("screening_state"),
        _event.c.code.label("event_code"),
        _venue.c.code.label("venue_code"),
        _product.c.code.label("product_code"),
        _pass.c.number.label("pass_number"),
        _scan.c.at.label("used_at"),
        _scan.c.door,
        _undo.c.sale_id.label("undone_by"),
        func.coalesce(_tariff.c.minimum_group, 1).label("minimum_group"),
        waits_for_credit(_line.c.sale_id, _line.c.position).label("waits_for_credit"),
    )
    .outerjoin(_ticket, (_ticket.c.sale_id == _line.c.sale_id) & (_ticket.c.position == _line.c.position))
    .outerjoin(_screening, _screening.c.id == _line.c.screening_id)
    .outerjoin(_event, _event.c.id == _screening.c.event_id)
    .outerjoin(_hall, _hall.c.id == _screening.c.hall_id)
    .outerjoin(_venue, _venue.c.id == _hall.c.venue_id)
    .outerjoin(
        _tariff,
        (_tariff.c.price_list_id == _screening.c.price_list_id) & (_tariff.c.code == _line.c.tariff_code),
    )
    .outerjoin(_product, _product.c.id == _line.c.product_id)
    .outerjoin(_pass, _pass.c.id == _line.c.pass_id)
    .outerjoin(_scan, (_scan.c.sale_id == _line.c.sale_id) & (_scan.c.position == _line.c.position))
    .outerjoin(
        _undo,
        (_undo.c.reverses_sale_id == _line.c.sale_id) & (_undo.c.reverses_position == _line.c.position),
    )
    .where(_line.c.sale_id == bindparam("id"))
    .order_by(_line.c.position)
)
_HOLD_TICKETS = (
    select(_ticket.c.position)
    .where(_ticket.c.sale_id == bindparam("id"))
    .order_by(_ticket.c.position)
    .with_for_update(key_share=True)
)


def sold_lines(session: Session, sale_id: UUID) -> Sequence[RowMapping]:
    """The lines of a sale, each with what it sold and what became of that."""
    return session.execute(_LINES, {"id": sale_id}).mappings().all()


def hold_tickets(session: Session, sale_id: UUID) -> None:
    """Let nobody scan the tickets of a sale meanwhile."""
    session.execute(_HOLD_TICKETS, {"id": sale_id}).all()


def lines_to_undo(
    lines: Sequence[RowMapping], positions: tuple[int, ...] | None, at: datetime
) -> Sequence[RowMapping]:
    """The lines at `positions`, or all that still stand. Raises Refusal where one cannot be undone."""
    if positions is None:
        chosen = [line for line in lines if line["undone_by"] is None]
    else:
        wanted = set(positions)
        chosen = [line for line in lines if line["position"] in wanted]
        if len(chosen) != len(wanted):
            raise Refusal(_("Cette vente n'a pas cette ligne."))
    if not chosen or any(line["undone_by"] is not None for line in chosen):
        raise Refusal(_("C'est déjà annulé."), _("Rien n'est à rembourser une seconde fois."))
    for line in chosen:
        if line["waits_for_credit"]:
            raise Refusal(
                _("Une demande d'avoir est en cours pour {title}.").format(title=line["event_title"]),
                _("Acceptez-la ou refusez-la : demandes d'avoir."),
            )
        if line["used_at"] is not None:
            raise Refusal(
                _("Le billet de {title} a déjà servi à l'entrée ({door}).").format(
                    title=line["event_title"], door=line["door"]
                ),
                _("Un billet utilisé ne s'annule pas : choisissez les autres lignes."),
            )
        has_ended = line["ends_at"] is not None and at > line["ends_at"]
        if has_ended and line["screening_state"] is not ScreeningState.CANCELLED:
            raise Refusal(
                _("La séance de {title} est terminée : son billet ne s'annule plus.").format(
                    title=line["event_title"]
                ),
                _("Choisissez les autres lignes."),
            )
    return chosen


def broken_group(lines: Sequence[RowMapping], undone: Sequence[RowMapping]) -> str:
    """Why the lines that would remain are no longer a group at their group tariff, or nothing."""
    gone = {line["position"] for line in undone}
    kept = [line for line in lines if line["undone_by"] is None and line["position"] not in gone]
    left = Counter((line["screening_id"], line["tariff_code"]) for line in kept)
    for line in undone:
        remaining = left[line["screening_id"], line["tariff_code"]]
        if 0 < remaining < line["minimum_group"]:
            return plural(
                "Il ne resterait que {left} place au tarif {tariff}, qui en demande au moins {minimum}.",
                "Il ne resterait que {left} places au tarif {tariff}, qui en demande au moins {minimum}.",
                remaining,
            ).format(left=remaining, tariff=line["label"], minimum=line["minimum_group"])
    return ""


def undoing(line: RowMapping, sale_id: UUID, position: int) -> dict[str, Any]:
    """The line of an operation, at `position`, that undoes a line of a sale whole."""
    return {
        "sale_id": sale_id,
        "position": position,
        "kind": line["kind"],
        "label": line["label"],
        "quantity": -1,
        "unit_price_cents": line["unit_price_cents"],
        "vat_rate": line["vat_rate"],
        "tariff_code": line["tariff_code"],
        "quota": line["quota"],
        "screening_id": line["screening_id"],
        "product_id": line["product_id"],
        "pass_id": line["pass_id"],
        "value_id": line["value_id"],
        "promo_code_id": line["promo_code_id"],
        "discount_cents": line["discount_cents"],
        "reverses_sale_id": line["sale_id"],
        "reverses_position": line["position"],
    }
