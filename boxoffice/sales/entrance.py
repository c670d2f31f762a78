"""Letting a ticket holder in: the first scan is the only valid one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, bindparam, insert, select
from sqlmodel import Session

from boxoffice.clock import Clock, say
from boxoffice.errors import Refusal
from boxoffice.language import _, spoken
from boxoffice.models import SaleLine, Screening, Ticket, TicketScan, Till, table

from . import journal
from .codes import CodeKind, read_code
from .desk import Post
from .numbers import paper_number
from .wording import one_line

_ticket, _scan, _line, _till = table(Ticket), table(TicketScan), table(SaleLine), table(Till)
_screening = table(Screening)

_FIND = (
    select(
        _ticket,
        _till.c.number.label("till_number"),
        _screening.c.starts_at.label("begins_at"),
        _screening.c.ends_at,
    )
    .join(_till, _till.c.id == _ticket.c.till_id)
    .join(_screening, _screening.c.id == _ticket.c.screening_id)
    .where(_ticket.c.code == bindparam("code"))
    .with_for_update(of=_ticket)
)
_FIRST_SCAN = select(_scan.c.at, _scan.c.door).where(
    _scan.c.sale_id == bindparam("sale"), _scan.c.position == bindparam("place")
)
_UNDONE = select(_line.c.sale_id).where(
    _line.c.reverses_sale_id == bindparam("sale"), _line.c.reverses_position == bindparam("place")
)
_LET_IN = insert(_scan)


@dataclass(frozen=True, slots=True)
class Admission:
    """A ticket that has just let its holder in."""

    number: str
    event_title: str
    place: str
    starts_at: datetime
    at: datetime


def admit(session: Session, post: Post, scanned: str, door: str, *, clock: Clock) -> Admission:
    """Let the holder of a scanned ticket in, once.

    Raises Refusal telling of the first scan, for a ticket that was reversed, and before the doors open or
    long after the end, which for an event of several days is that of its last.
    """
    door = one_line(door)
    if not door:
        raise Refusal(_("Il manque le nom de la porte."), _("Dites où ce billet est contrôlé."))
    read = read_code(scanned)
    if read is None or read[0] is not CodeKind.TICKET:
        raise Refusal(_("Ce code n'est pas celui d'un billet."))
    ticket = session.execute(_FIND, {"code": read[1]}).mappings().one_or_none()
    if ticket is None:
        raise Refusal(_("Ce billet est inconnu."), _("Vérifiez qu'il vient bien de ce festival."))
    place = {"sale": ticket["sale_id"], "place": ticket["position"]}
    if first := session.execute(_FIRST_SCAN, place).one_or_none():
        raise Refusal(
            _("Ce billet a déjà servi {when}, {door}.").format(
                when=say(first.at, _("EEE d MMM 'à' HH:mm"), spoken()), door=first.door
            )
        )
    if session.execute(_UNDONE, place).first():
        raise Refusal(_("Ce billet a été annulé : il ne donne plus accès à la salle."))
    at = clock.now()
    _check_hours(ticket, post, at)
    session.execute(
        _LET_IN, {"sale_id": ticket["sale_id"], "position": ticket["position"], "at": at, "door": door}
    )
    journal.append(session, post, "ticket.admitted", told(ticket["sale_id"], ticket["position"], door), at=at)
    return Admission(
        number=paper_number(ticket["till_number"], ticket["number"]),
        event_title=ticket["event_title"],
        place=ticket["place"],
        starts_at=ticket["starts_at"],
        at=at,
    )


def _check_hours(ticket: RowMapping, post: Post, at: datetime) -> None:
    opens_at = ticket["begins_at"] - timedelta(minutes=post.rules.entrance_opens_minutes)
    if at < opens_at:
        raise Refusal(
            _("Il est trop tôt pour {title} : les portes ouvrent {when}.").format(
                title=ticket["event_title"], when=say(opens_at, _("EEE d MMM 'à' HH:mm"), spoken())
            ),
            _("Ce billet reste valable."),
        )
    if at > ticket["ends_at"] + timedelta(minutes=post.rules.entrance_ends_minutes):
        raise Refusal(
            _("{title} est terminé depuis {when} : ce billet ne donne plus accès à la salle.").format(
                title=ticket["event_title"], when=say(ticket["ends_at"], _("EEE d MMM 'à' HH:mm"), spoken())
            )
        )


def told(sale_id: object, position: int, door: str) -> dict[str, object]:
    """What the journal tells of a scan, beside its moment."""
    return {"door": door, "position": position, "sale_id": str(sale_id)}
