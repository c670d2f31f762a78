"""Leaving an act to a role, or taking it back; the journal tells which roles might do it and which may."""

import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.models import Role, Setting, table

from ..books import journal
from .desk import Post
from .meanwhile import change_alone
from .operators import StaffMember, answering
from .permissions import MEANINGS, OTHERS, RESERVED, allowed_by_default, allowed_roles, setting_of, written

_setting = table(Setting)


@dataclass(frozen=True, slots=True)
class PermissionRow:
    """An act as listed, with the roles beside the manager's that may do it; `settable`: they may change."""

    action: Action
    meaning: str
    roles: frozenset[Role]
    settable: bool

    @property
    def setting(self) -> str:
        """What the journal calls it."""
        return setting_of(self.action)


def list_permissions(session: Session) -> tuple[PermissionRow, ...]:
    """Every act that is not for everybody, with who may do it today."""
    kept = {row.name: row.value for row in session.execute(select(_setting))}

    def roles(action: Action) -> frozenset[Role]:
        if action in RESERVED or setting_of(action) not in kept:
            return allowed_by_default(action)
        return frozenset(map(Role, json.loads(kept[setting_of(action)])))

    return tuple(
        PermissionRow(action, _(meaning), roles(action), action not in RESERVED)
        for action, meaning in MEANINGS.items()
    )


def change_permission(
    session: Session,
    post: Post,
    action: Action,
    roles: frozenset[Role],
    *,
    clock: Clock,
    manager: StaffMember | None = None,
    seen: frozenset[Role] | None = None,
) -> PermissionRow:
    """Leave an act to these roles, from now on and at every till; a manager may do it in any case.

    A `manager` answers for it, once the first shift was opened. Raises Refusal for what is left to nobody,
    and where it is not left to those that were `seen` any more.
    """
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_PERMISSIONS)
    if action in RESERVED:
        raise Refusal(
            _("Seul un responsable peut {what}.").format(what=_(MEANINGS[action])),
            _("Qui le pourrait se donnerait tous les autres droits."),
        )
    before, after = allowed_roles(session, action), roles & frozenset(OTHERS)
    if seen is not None and before not in {seen, after}:
        raise Refusal(
            _("Entre-temps, quelqu'un d'autre a changé qui peut {what}.").format(what=_(MEANINGS[action])),
            _("Relisez, puis recommencez s'il le faut."),
        )
    if before != after:
        session.merge(Setting(name=setting_of(action), value=written(after)))
        journal.append(
            session,
            post,
            JournalKind.SETTINGS_CHANGED,
            {"name": setting_of(action), "new": sorted(after), "old": sorted(before)},
            at=clock.now(),
            operator_number=answered_by,
        )
    return PermissionRow(action, _(MEANINGS[action]), after, True)
