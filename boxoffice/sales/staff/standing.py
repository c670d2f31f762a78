"""Whether a desk may still write to the books: its shift is open, its operator still has the right to."""

from datetime import date, datetime

from babel.dates import format_date
from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.clock import business_day
from boxoffice.errors import DeskClosed, Refusal
from boxoffice.language import _, spoken
from boxoffice.models import Operator, Role, TillSession, table
from boxoffice.prepared import Prepared

from .desk import Desk

_session, _operator = table(TillSession), table(Operator)

_LOOK_AT = (
    select(_session.c.opened_at, _operator.c.active, _operator.c.role)
    .join(_operator, _operator.c.id == bindparam("operator"))
    .where(
        _session.c.id == bindparam("id"),
        _session.c.till_id == bindparam("till"),
        _session.c.closed_at.is_(None),
    )
)
_OPEN_SESSION = Prepared(_LOOK_AT)
_HELD_SESSION = Prepared(_LOOK_AT.with_for_update(read=True, of=_session))


def shift_still_open(session: Session, desk: Desk, *, at: datetime, hold: bool = True) -> datetime:
    """When the shift of this desk was opened, which stays so until the transaction ends if it is to `hold`.

    Raises DeskClosed if the shift, or the right to it, is gone, and Refusal if the business day that it began
    in is over (nothing is sold before it is closed), and if the clock says that it has not come yet.
    """
    found = (_HELD_SESSION if hold else _OPEN_SESSION).first(
        session, {"id": desk.till_session_id, "till": desk.post.till_id, "operator": desk.operator_id}
    )
    if found is None:
        raise DeskClosed(
            _("Cette session de caisse a été fermée."),
            _("Mettez le panier en attente (Échap, Ctrl+W), puis ouvrez une autre session (Ctrl+T)."),
        )
    if not found["active"] or found["role"] is Role.BADGES:
        raise DeskClosed(
            _("{name} ne tient plus de caisse.").format(name=desk.operator_name),
            _("Demandez à un responsable."),
        )
    opened_at: datetime = found["opened_at"]
    starts_at = desk.post.rules.business_day_starts
    opened_on, today = business_day(opened_at, starts_at), business_day(at, starts_at)
    if opened_on < today:
        raise day_not_closed(opened_on)
    if today < opened_on:
        raise Refusal(
            _("L'horloge de ce poste a reculé : il y est le {now}, et la caisse a ouvert le {then}.").format(
                now=f"{today:%d/%m/%Y}", then=f"{opened_on:%d/%m/%Y}"
            ),
            _("Remettez l'horloge à l'heure, puis recommencez."),
        )
    return opened_at


def day_not_closed(day: date) -> Refusal:
    """What a till answers to everything while a day of the past is not closed there."""
    return Refusal(
        _("La journée du {day} n'est pas close à cette caisse.").format(day=day_words(day)),
        _("Un responsable la clôture : F10 puis Z, ou « boxoffice close till »."),
    )


def day_words(day: date) -> str:
    """A business day as it is named in a sentence: `mer. 21 janv.`"""
    return str(format_date(day, "EEE d MMM", spoken()))
