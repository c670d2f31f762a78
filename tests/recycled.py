"""PostgreSQL databases put back as they were copied, for the next test: a new one costs more than most tests.

Rows that a test left are deleted, those of the template inserted again; numbers start from where they did.
A database whose schema was touched, or that is still at work, is dropped, and another copied when asked for.
"""

from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal
from sqlalchemy import Pool

from boxoffice import database as databases
from boxoffice.database import Database
from tests.postgresql import postgresql_url

USES = 40
"""Of one copy: what is deleted takes place in its files until then."""
POOLED = 3
"""How many connections to a copy wait for its next test."""
KEPT = 4
"""How many copies that serve no more: dropped at once, the server would wait for those who just left them."""

_SCHEMA = (
    "SELECT sum(rows), sum(later) FROM ("
    + " UNION ALL ".join(
        "SELECT count(*) AS rows, count(*) FILTER (WHERE age(xmin) < age('{mark}'::xid)) AS later"
        f" FROM {name}"
        for name in (
            "pg_attrdef",
            "pg_attribute",
            "pg_class",
            "pg_constraint",
            "pg_index",
            "pg_namespace",
            "pg_proc",
            "pg_rewrite",
            "pg_trigger",
        )
    )
    + ") AS catalogs"
)
"""How many rows describe the schema, and how many of them were written after the template was."""

_NOBODY_ELSE = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend' AND NOT pid = ANY(%s)"
)


@dataclass(frozen=True)
class Template:
    """A database that is only copied: its rows, and what tells that a copy still has its schema."""

    name: str
    rows: Composed
    mark: int
    described_by: int


@dataclass
class Copy:
    """A database that one test at a time has to itself."""

    template: Template
    name: str
    uses: int = 0
    pool: Pool | None = field(default=None, repr=False)


class Copies:
    """The copies of every template on one server: those that wait for a test, and those that tests have."""

    def __init__(self, server: str, connection: psycopg.Connection) -> None:
        """`connection` makes and drops them: each one that is opened costs the server a process."""
        self._server = server
        self._connection = connection
        self._templates: dict[str, Template] = {}
        self._waiting: defaultdict[str, list[Copy]] = defaultdict(list)
        self._taken: dict[str, Copy] = {}
        self._over: deque[str] = deque()

    def take(self, template: str) -> str:
        """The address of a database that holds what the template does."""
        if template not in self._templates:
            self._templates[template] = self._read(template)
        copy = self._waiting[template].pop() if self._waiting[template] else self._make(template)
        copy.uses += 1
        url = postgresql_url(self._server, copy.name)
        self._taken[url] = copy
        return url

    def open(self, url: str) -> Database:
        """The database at this address, with the connections that the test before left."""
        opened = databases.connect(url)
        copy = self._taken[url]
        if copy.pool is not None:
            opened.write_engine.pool = copy.pool
            _throw_dead_away(copy.pool)
        return opened

    def close(self, url: str, opened: Database) -> None:
        """Keep the connections for the next test."""
        self._taken[url].pool = opened.write_engine.pool

    def give_back(self, url: str) -> None:
        """Put a database back as it was copied, or drop it where that cannot be known."""
        copy = self._taken.pop(url)
        with suppress(psycopg.Error):
            if copy.uses < USES and self._put_back(copy):
                self._waiting[copy.template.name].append(copy)
                return
        if copy.pool is not None:
            copy.pool.dispose()
        self._over.append(copy.name)
        while len(self._over) > KEPT:
            self._connection.execute(f"DROP DATABASE {self._over.popleft()} WITH (FORCE)")

    def _make(self, template: str) -> Copy:
        copy = Copy(self._templates[template], f"copy_{uuid4().hex}")
        self._connection.execute(f"CREATE DATABASE {copy.name} TEMPLATE {template} STRATEGY file_copy")
        return copy

    def _put_back(self, copy: Copy) -> bool:
        if copy.pool is None or copy.pool.checkedout() or copy.pool.checkedin() > POOLED:
            return False
        pooled = [copy.pool.connect() for _each in range(max(1, copy.pool.checkedin()))]
        connections = [each.driver_connection for each in pooled]
        try:
            for connection in connections:
                connection.autocommit = True
                connection.execute("RESET ALL; UNLISTEN *; SELECT pg_advisory_unlock_all()")
            first, template = connections[0], copy.template
            first.execute(_NOBODY_ELSE, [[each.info.backend_pid for each in connections]])
            described = first.execute(_SCHEMA.format(mark=template.mark)).fetchone()
            if described != (template.described_by, 0):
                return False
            first.execute(template.rows)
            for connection in connections:
                connection.autocommit = False
        finally:
            for each in pooled:
                each.close()
        return True

    def _read(self, name: str) -> Template:
        url = postgresql_url(self._server, name).replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            tables = [
                Identifier(table)
                for (table,) in connection.execute(
                    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
                )
            ]
            put_back = [SQL("BEGIN; SET LOCAL session_replication_role = replica")]
            put_back += [SQL("DELETE FROM {}").format(table) for table in tables]
            for table in tables:
                (rows,) = connection.execute(
                    SQL("SELECT array_agg(row)::text FROM {} AS row").format(table)
                ).fetchone()
                if rows is not None:
                    put_back.append(
                        SQL("INSERT INTO {0} SELECT * FROM unnest({1}::{0}[])").format(table, Literal(rows))
                    )
            for sequence, start, last in connection.execute(
                "SELECT sequencename, start_value, last_value FROM pg_sequences"
            ):
                put_back.append(
                    SQL("SELECT setval({}, {}, {})").format(
                        Literal(sequence), Literal(start if last is None else last), Literal(last is not None)
                    )
                )
            put_back.append(SQL("COMMIT"))
            (mark,) = connection.execute("SELECT pg_current_xact_id()::xid::text").fetchone()
            rows, _later = connection.execute(_SCHEMA.format(mark=mark)).fetchone()
        return Template(name, SQL("; ").join(put_back), int(mark), rows)


def _throw_dead_away(pool: Pool) -> None:
    """A thread that a test left behind may have come back since, with a connection that was ended."""
    for waiting in [pool.connect() for _each in range(pool.checkedin())]:
        try:
            waiting.driver_connection.execute("SELECT")
        except psycopg.Error:
            waiting.invalidate()
        waiting.close()
