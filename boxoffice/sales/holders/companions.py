"""The extra tickets that a pass or accreditation opens, sold like any other to who comes with its holder."""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, func, select
from sqlmodel import Session

from boxoffice.clock import in_paris
from boxoffice.errors import Refusal
from boxoffice.language import _, plural
from boxoffice.models import Booking, BookingEnd, LineKind, Pass, PassProduct, SaleLine, table
from boxoffice.prepared import Row

from ..basket import Basket, SeatLine
from .passes import state_obstacle

_pass, _terms, _line = table(Pass), table(PassProduct), table(SaleLine)
_booking, _end = table(Booking), table(BookingEnd)
_undo = table(SaleLine).alias("undo")

_LOOK_AT = (
    select(_pass, _terms.c.companion_tariff, _terms.c.companions)
    .join(_terms, _terms.c.product_id == _pass.c.product_id)
    .where(_pass.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_pass.c.id)
)
_HOLD = _LOOK_AT.with_for_update(of=_pass)
_SOLD = (
    select(func.count())
    .select_from(_line)
    .outerjoin(
        _undo,
        (_undo.c.reverses_sale_id == _line.c.sale_id) & (_undo.c.reverses_position == _line.c.position),
    )
    .where(
        _line.c.pass_id == bindparam("pass"),
        _line.c.screening_id == bindparam("screening"),
        _line.c.kind == LineKind.TICKET,
        _line.c.reverses_sale_id.is_(None),
        _undo.c.sale_id.is_(None),
    )
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
    extras = [line for line in basket if isinstance(line, SeatLine) and line.pass_id is not None]
    if not extras:
        return
    of_basket = session.execute(_HOLD if hold else _LOOK_AT, {"ids": _ids(basket)})
    held = {row["id"]: row for row in of_basket.mappings()}
    wanted: Counter[tuple[UUID | None, int]] = Counter()
    for line in extras:
        wanted[line.pass_id, line.screening_id] += line.quantity
        _check_line(held.get(line.pass_id), offers[line.screening_id, line.tariff_id])
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


def numbers(session: Session, basket: Basket) -> dict[UUID, str]:
    """The numbers of the passes that open something in this basket."""
    ids = _ids(basket)
    return {row.id: row.number for row in session.execute(_NUMBERS, {"ids": ids})} if ids else {}


def _ids(basket: Basket) -> list[UUID]:
    return [line.pass_id for line in basket if isinstance(line, SeatLine) and line.pass_id is not None]


def _check_line(held: RowMapping | None, offer: Row) -> None:
    if held is None:
        raise Refusal(_("Ce pass est inconnu."), _("Retirez cette ligne, puis scannez le pass."))
    if reason := state_obstacle(held["state"], held["state_reason"], held["number"]):
        raise Refusal(reason, _("Retirez cette ligne du panier."))
    day = in_paris(offer["starts_at"]).date()
    is_valid = (held["valid_from"] is None or held["valid_from"] <= day) and (
        held["valid_until"] is None or day <= held["valid_until"]
    )
    if not is_valid or held["companion_tariff"] != offer["tariff_code"]:
        raise Refusal(
            _("Le pass {number} n'ouvre pas le tarif {label} à cette séance.").format(
                number=held["number"], label=offer["label"]
            ),
            _("Choisissez un autre tarif."),
        )
