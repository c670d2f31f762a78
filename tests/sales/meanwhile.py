"""Something begun at one counter before another has committed what it waits for."""

from collections.abc import Callable
from threading import Thread
from time import monotonic
from typing import TypeVar

from sqlalchemy import text
from sqlmodel import Session

from boxoffice.errors import Refusal
from tests.sales.conftest import Festival

Result = TypeVar("Result")

PATIENCE_SECONDS = 30
_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def meanwhile(
    festival: Festival,
    first: Callable[[Session], object],
    second: Callable[[], Result],
    before_commit: Callable[[Session], None] = lambda _session: None,
) -> Result | Refusal:
    """What `second` comes to, begun once `first` is done and before it is committed, as its locks allow.

    SQLite lets nobody begin to write before that. `before_commit` looks around while the second waits.
    """
    outcomes: list[Result | Refusal] = []
    errors: list[Exception] = []

    def act() -> None:
        try:
            outcomes.append(second())
        except Refusal as refusal:
            outcomes.append(refusal)
        except Exception as error:
            errors.append(error)

    thread = Thread(target=act, daemon=True)
    deadline = monotonic() + PATIENCE_SECONDS
    with festival.database.write() as session:
        first(session)
        thread.start()
        while thread.is_alive() and not _is_waiting(festival):
            assert monotonic() < deadline, "neither done nor waiting"
            thread.join(0.01)
        before_commit(session)
    thread.join(PATIENCE_SECONDS)
    assert not errors, errors
    (outcome,) = outcomes
    return outcome


def _is_waiting(festival: Festival) -> bool:
    if festival.database.is_sqlite:
        return True
    return bool(festival.read(lambda session: session.execute(_WAITING).scalar_one()))
