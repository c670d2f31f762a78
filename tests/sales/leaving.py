"""Acts left to roles other than the manager's, as a manager leaves them."""

from boxoffice.kinds import Action, Role
from boxoffice.sales.staff.permission_changes import change_permission

from .conftest import Festival


def leave_to(festival: Festival, action: Action, *roles: Role) -> None:
    """Leave an act to these roles and to no others; the manager answers for it."""
    festival.write(
        lambda session: change_permission(
            session,
            festival.desk.post,
            action,
            frozenset(roles),
            clock=festival.clock,
            manager=festival.manager,
        )
    )
