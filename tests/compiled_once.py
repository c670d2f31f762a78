"""Statements compiled once for all the databases of a test run.

Each test has a database of its own: compiling every statement anew for it takes longer than its answers do.
"""

from typing import Any

import sqlalchemy
from sqlalchemy import URL, Engine, event

STATEMENTS_KEPT = 5_000

_first: dict[str, Engine] = {}


def create_engine(url: str | URL, **options: Any) -> Engine:
    """An engine like any other, with what the first of its kind has learnt of the driver and has compiled."""
    made = sqlalchemy.create_engine(url, query_cache_size=STATEMENTS_KEPT, **options)
    kind = made.url.drivername
    if first := _first.get(kind):
        made.dialect.initialize = lambda _connection: None  # type: ignore[method-assign]
        made.dialect, made._compiled_cache = first.dialect, first._compiled_cache
        return made

    @event.listens_for(made, "engine_connect", once=True)
    def keep(_connection: object) -> None:
        _first.setdefault(kind, made)

    return made
