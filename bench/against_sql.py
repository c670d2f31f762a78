"""What a service writes, against the database alone being sent what the service sent.

The raw side plays back, through `sqlite3` or `psycopg` and nothing else, the statements of the same acts
recorded beforehand on a copy of the database: the same reads, rows, commits and triggers.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import psycopg
from sqlalchemy import event

from .measuring import Figure, Progress, Sides, alternate, median_ms
from .servers import copy_database
from .stage import Stage

BLOCK = 10
"""Acts before it is the other side's turn."""

Acts = Callable[[Stage], Iterator[Callable[[], object]]]
"""The same acts on any copy of a stage, one after the other, each committed."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a database was sent at one go."""

    sql: str
    parameters: Any
    many: bool


def measure(
    stage: Stage, what: str, engine: str, aim: float, acts: Acts, *, times: int, progress: Progress
) -> list[Figure]:
    """How many times longer an act takes than its SQL, waiting for the disk as at the counter, then not."""
    recorded, service, raw = (
        stage.on_copy(copy_database(stage.database, f"{name}_{what}"))
        for name in ("recorded", "service", "raw")
    )
    wanted = 2 * (times + BLOCK)
    scripts = iter(_record(recorded, acts, wanted, partial(progress, f"{engine}: recording {what}")))
    doing = acts(service)
    figures = []
    for waiting in (True, False):
        with _raw_connection(raw, waiting) as connection, _waiting_for_the_disk(service, waiting):
            sides: Sides = {
                "service": lambda: next(doing)(),
                "raw": lambda: _play(connection, next(scripts)),
            }
            alternate(sides, blocks=1, size=BLOCK)
            taken = alternate(
                sides,
                blocks=times // BLOCK,
                size=BLOCK,
                progress=lambda block: progress(f"{engine}: {what}", block * BLOCK, times),
            )
        ours, theirs = median_ms(taken["service"]), median_ms(taken["raw"])
        figures.append(
            Figure(
                f"{what} against its SQL, {engine}" + ("" if waiting else ", not waiting for the disk"),
                ours / theirs,
                "×",
                aim if waiting else None,
                note=f"{ours:.2f} ms / {theirs:.2f} ms",
            )
        )
    for copy in (recorded, service, raw):
        copy.database.close()
    return figures


def _record(stage: Stage, acts: Acts, wanted: int, progress: partial[None]) -> list[list[Statement]]:
    """What each of so many acts sends to its database."""
    scripts: list[list[Statement]] = []

    def note(sql: str, parameters: Any, *, many: bool) -> None:
        scripts[-1].append(Statement(sql, parameters, many))

    with _noting(stage, note):
        for number, act in zip(range(wanted), acts(stage), strict=False):
            scripts.append([])
            act()
            progress(number + 1, wanted)
    return scripts


@contextmanager
def _noting(stage: Stage, note: Callable[..., None]) -> Iterator[None]:
    """Have the driver itself tell what it is sent, on new connections."""

    class NotingSqlite(sqlite3.Cursor):
        def execute(self, sql: str, parameters: Any = ()) -> Self:
            note(sql, parameters, many=False)
            return super().execute(sql, parameters)

        def executemany(self, sql: str, parameters: Any) -> Self:
            note(sql, parameters, many=True)
            return super().executemany(sql, parameters)

    class NotingSqliteConnection(sqlite3.Connection):
        def cursor(self, factory: Any = NotingSqlite) -> Any:
            return super().cursor(factory)

    class NotingPostgresql(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **settings: Any) -> Self:
            note(query, params, many=False)
            return super().execute(query, params, **settings)

        def executemany(self, query: Any, params_seq: Any, **settings: Any) -> None:
            note(query, params_seq, many=True)
            super().executemany(query, params_seq, **settings)

    def take_note(_dialect: Any, _record: Any, _arguments: Any, settings: dict[str, Any]) -> None:
        if stage.database.is_sqlite:
            settings["factory"] = NotingSqliteConnection
        else:
            settings["cursor_factory"] = NotingPostgresql

    engine = stage.database.write_engine
    engine.dispose()
    event.listen(engine, "do_connect", take_note)
    try:
        yield
    finally:
        event.remove(engine, "do_connect", take_note)
        engine.dispose()


def _play(connection: Any, script: list[Statement]) -> None:
    """Send an act to the database, read what it answers, and commit."""
    cursor = connection.cursor()
    for statement in script:
        if statement.many:
            cursor.executemany(statement.sql, statement.parameters)
        else:
            cursor.execute(statement.sql, statement.parameters)
            if cursor.description:
                cursor.fetchall()
    connection.commit()


@contextmanager
def _raw_connection(stage: Stage, waiting: bool) -> Iterator[Any]:
    """A connection of the driver itself, opened and set as the service's own are."""
    with _waiting_for_the_disk(stage, waiting):
        pooled = stage.database.write_engine.raw_connection()
        try:
            yield pooled.driver_connection
        finally:
            pooled.close()


@contextmanager
def _waiting_for_the_disk(stage: Stage, waiting: bool) -> Iterator[None]:
    """Whether commits on new connections wait until the disk has them, as they do by default."""
    hurry = "PRAGMA synchronous = OFF" if stage.database.is_sqlite else "SET synchronous_commit = off"

    def do_not_wait(connection: Any, _record: Any) -> None:
        connection.cursor().execute(hurry)
        connection.commit()

    engine = stage.database.write_engine
    engine.dispose()
    if waiting:
        yield
        return
    event.listen(engine, "connect", do_not_wait)
    try:
        yield
    finally:
        event.remove(engine, "connect", do_not_wait)
        engine.dispose()
