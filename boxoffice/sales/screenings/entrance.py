"""Letting people in: the first scan of a ticket, or of a seat booked on a pass, is the only valid one."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, insert, select
from sqlmodel import Session

from boxoffice.clock import Clock, say
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _, spoken
from boxoffice.models import (
    CreditAnswer,
    CreditRequest,
    Hall,
    Sale,
    SaleKind,
    SaleLine,
    Screening,
    Ticket,
    TicketScan,
    Till,
    table,
)

from ..books import journal
from ..books.numbers import paper_number
from ..codes import CodeKind, read_code
from ..holders.pass_entrance import admit_holder
from ..staff.desk import Post
from ..wording import one_line
from .doors import Admission, closing, opening, too_early

_ticket, _scan, _line, _till = table(Ticket), table(TicketScan), table(SaleLine), table(Till)
_screening, _hall, _sale = table(Screening), table(Hall), table(Sale)
_request, _answer = table(CreditRequest), table(CreditAnswer)

_FIND = (
    select(
        _ticket,
        _till.c.number.label("till_number"),
        _screening.c.starts_at.label("begins_at"),
        _screening.c.ends_at,
        _screening.c.hall_id,
        _hall.c.name.label("hall"),
    )
    .join(_till, _till.c.id == _ticket.c.till_id)
    .join(_screening, _screening.c.id == _ticket.c.screening_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .where(_ticket.c.code == bindparam("code"))
    .with_for_update(of=_ticket)
)
_FIRST_SCAN = select(_scan.c.at, _scan.c.door).where(
    _scan.c.sale_id == bindparam("sale"), _scan.c.position == bindparam("place")
)
_UNDONE = (
    select(_sale.c.kind)
    .join(_line, _line.c.sale_id == _sale.c.id)
    .where(_line.c.reverses_sale_id == bindparam("sale"), _line.c.reverses_position == bindparam("place"))
)
_REQUESTED = (
    select(_request.c.asked_at)
    .outerjoin(_answer, _answer.c.request_id == _request.c.id)
    .where(
        _request.c.sale_id == bindparam("sale"),
        _request.c.position == bindparam("place"),
        _answer.c.request_id.is_(None),
    )
)
_LET_IN = insert(_scan)


def admit(
    session: Session, post: Post, scanned: str, door: str, *, clock: Clock, hall_id: int | None = None
) -> Admission:
    """Let the holder of a scanned ticket or pass in, once for each seat.

    `hall_id` is the hall that the door opens on, where it opens on one alone. Raises Refusal telling of the
    first scan, for a ticket that was reversed, credited or asked to be, or a pass that does not serve, before
    the doors open or long after the end, which for an event of several days is that of its last, and for a
    seat in another hall.
    """
    door = one_line(door)
    if not door:
        raise Refusal(_("Il manque le nom de la porte."), _("Dites où ce billet est contrôlé."))
    at = clock.now()
    match read_code(scanned):
        case CodeKind.TICKET, code:
            return _admit_ticket(session, post, code, door, hall_id, at)
        case CodeKind.PASS, code:
            return admit_holder(session, post, code, door, hall_id=hall_id, at=at)
        case _:
            raise Refusal(_("Ce code n'est celui ni d'un billet ni d'un pass."))


def _admit_ticket(
    session: Session, post: Post, code: str, door: str, hall_id: int | None, at: datetime
) -> Admission:
    ticket = session.execute(_FIND, {"code": code}).mappings().one_or_none()
    if ticket is None:
        raise Refusal(_("Ce billet est inconnu."), _("Vérifiez qu'il vient bien de ce festival."))
    place = {"sale": ticket["sale_id"], "place": ticket["position"]}
    if first := session.execute(_FIRST_SCAN, place).one_or_none():
        raise Refusal(
            _("Ce billet a déjà servi le {when}, {door}.").format(
                when=say(first.at, _("EEE d MMM 'à' H 'h' mm"), spoken()), door=first.door
            )
        )
    _check_given_back(session, place)
    if hall_id is not None and ticket["hall_id"] != hall_id:
        raise Refusal(
            _("{title} est dans une autre salle : {hall}.").format(
                title=ticket["event_title"], hall=ticket["hall"]
            ),
            _("Ce billet reste valable."),
        )
    _check_hours(ticket, post, at)
    session.execute(
        _LET_IN, {"sale_id": ticket["sale_id"], "position": ticket["position"], "at": at, "door": door}
    )
    journal.append(
        session, post, JournalKind.TICKET_ADMITTED, told(ticket["sale_id"], ticket["position"], door), at=at
    )
    return Admission(
        number=paper_number(ticket["till_number"], ticket["number"]),
        event_title=ticket["event_title"],
        place=ticket["place"],
        starts_at=ticket["starts_at"],
        at=at,
    )


def _check_given_back(session: Session, place: Mapping[str, object]) -> None:
    undone = session.execute(_UNDONE, place).scalars().first()
    if undone is SaleKind.CREDIT_NOTE:
        raise Refusal(_("Ce billet a été repris en avoir : il ne donne plus accès à la salle."))
    if undone is not None:
        raise Refusal(_("Ce billet a été annulé : il ne donne plus accès à la salle."))
    asked_at = session.execute(_REQUESTED, place).scalars().first()
    if asked_at is not None:
        raise Refusal(
            _("Une demande d'avoir est en cours pour ce billet depuis le {when}.").format(
                when=say(asked_at, _("EEE d MMM 'à' H 'h' mm"), spoken())
            ),
            _("Un responsable la refuse pour qu'il serve de nouveau."),
        )


def _check_hours(ticket: RowMapping, post: Post, at: datetime) -> None:
    if at < opening(ticket["begins_at"], post.rules):
        raise too_early(ticket["event_title"], ticket["begins_at"], post.rules, _("Ce billet reste valable."))
    if at > closing(ticket["ends_at"], post.rules):
        raise Refusal(
            _("{title} est terminé depuis le {when} : ce billet ne donne plus accès à la salle.").format(
                title=ticket["event_title"],
                when=say(ticket["ends_at"], _("EEE d MMM 'à' H 'h' mm"), spoken()),
            )
        )


def told(sale_id: object, position: int, door: str) -> dict[str, object]:
    """What the journal tells of a scan, beside its moment."""
    return {"door": door, "position": position, "sale_id": str(sale_id)}
