"""The paper of a reservation, for a customer at the counter: what is held, until when; it names nobody."""

from datetime import datetime

from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.language import _

from ..prints.papers import DocumentKind, Letterhead, NothingToPrint, PaperReserved, ReservationPaper
from ..prints.print_orders import check_printer, order_report
from ..staff.desk import Desk
from .held_seats import REFERENCE_DIGITS
from .reservation_listing import KeptReservation, find_reservations


def print_slip(session: Session, desk: Desk, reference: str, *, clock: Clock) -> None:
    """Order the slip of a reservation, as often as one likes: it is worth nothing without its seats.

    Raises Refusal for one that holds no seat, and for one taken elsewhere, whose reference is no number of
    ours.
    """
    kept = _find(session, reference)
    if kept is None or not kept.held:
        raise Refusal(_("Cette réservation ne retient plus de place."))
    if not _is_ours(reference):
        raise Refusal(
            _("Cette réservation a été prise ailleurs, sous la référence {reference}.").format(
                reference=reference
            ),
            _("Son papier vient de là : il se scanne ici."),
        )
    check_printer(session, desk.post.till_id, DocumentKind.RESERVATION)
    order_report(session, desk.post.till_id, DocumentKind.RESERVATION, int(reference), at=clock.now())


def load_slip(session: Session, number: int, *, letterhead: Letterhead, at: datetime) -> ReservationPaper:
    """The slip of the reservation of this reference, as it stands. Raises NothingToPrint if there is none."""
    kept = _find(session, str(number))
    if kept is None:
        raise NothingToPrint(f"no reservation {number}")
    places = tuple(
        PaperReserved(
            event_title=line.event_title,
            starts_at=line.starts_at,
            hall=line.hall,
            tariff_label=line.tariff_label,
            seats=line.quantity,
            price_cents=line.price_cents,
            expires_at=line.expires_at,
        )
        for line in kept.held
    )
    return ReservationPaper(letterhead, at, kept.spoken_reference, kept.code, places)


def _find(session: Session, reference: str) -> KeptReservation | None:
    found = find_reservations(session, reference)
    return next((kept for kept in found if kept.reference == reference), None)


def _is_ours(reference: str) -> bool:
    """Whether a reference is one of those drawn here: a number that a print order can hold."""
    return len(reference) == REFERENCE_DIGITS and reference.isdecimal() and reference[0] != "0"
