"""Whether a desk may still write to the books: its shift is open, its operator still has the right to."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.language import _
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


def shift_still_open(session: Session, desk: Desk, *, hold: bool = True) -> datetime:
    """When the shift of this desk was opened, which stays so until the transaction ends if it is to `hold`.

    Raises Refusal if the shift, or the right to it, is gone.
    """
    found = (_HELD_SESSION if hold else _OPEN_SESSION).first(
        session, {"id": desk.till_session_id, "till": desk.post.till_id, "operator": desk.operator_id}
    )
    if found is None:
        raise Refusal(
            _("Cette session de caisse a été fermée."), _("Ouvrez une nouvelle session pour vendre.")
        )
    if not found["active"] or found["role"] is Role.BADGES:
        raise Refusal(
            _("{name} ne tient plus de caisse.").format(name=desk.operator_name),
            _("Demandez à un responsable."),
        )
    opened_at: datetime = found["opened_at"]
    return opened_at
