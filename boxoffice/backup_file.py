"""A backup: every row of every table in one compressed file of lines of JSON, the same for both engines.

It is written from one view of the database while others go on selling, and holds nothing but rows: no page
left over from what was erased. Its last line seals the others.
"""

import gzip
import hashlib
import json
import os
import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from graphlib import TopologicalSorter
from itertools import groupby, islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from .errors import Refusal
from .language import _

SUFFIX = ".backup"
LOCK = ".lock"
"""The file of a folder of backups that whoever makes one there holds."""
FORMAT = 1
ROWS_AT_ONCE = 500
_COMPRESSION = 3
_REVISIONS = "alembic_version"
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

Progress = Callable[[int, int], None]
"""Told how many rows of how many are done."""


class NotABackup(Refusal):
    """The file is no backup, or not whole."""


class Total(NamedTuple):
    """The turnover of a till since its first use, until an operation; `absolute_cents` adds returns."""

    operation: int
    cents: int
    absolute_cents: int


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself; `rows` by table are known once it was read to its end.

    `revision` is that of its schema, `erased` the customers erased by then, by their ids. `heads` are the
    ends of the journals: the number of each till, of its last entry, and the digest of that. `numbers` are
    the last ones drawn, by the number of each till; `closings` those of each series of closings, `totals`
    what each till sold, by its number. `statements` are the final ones issued, and the last copies of all
    papers, as the journal calls them. `begun` are the digests of the first entry of each journal: none but
    backups of the same books have one in common. `count` is that of all rows, if known beforehand.
    """

    revision: str
    version: str
    at: datetime
    reason: str
    erased: tuple[str, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    heads: tuple[tuple[int, int, str], ...] = ()
    count: int = 0
    numbers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    closings: Mapping[str, int] = field(default_factory=dict)
    totals: Mapping[str, Total] = field(default_factory=dict)
    begun: frozenset[str] = frozenset()
    statements: Mapping[str, Any] = field(default_factory=dict)

    def may_be_of(self, begun: frozenset[str]) -> bool:
        """Whether it is of the books whose journals have `begun` so; older backups do not say."""
        return not self.begun or not begun or not self.begun.isdisjoint(begun)


def write_backup(
    connection: Connection, path: Path, about: Backup, *, progress: Progress = lambda _done, _of: None
) -> Backup:
    """Write all rows as `connection` sees them to a new file for its owner alone; returns what was written.

    Raises FileExistsError, overwriting nothing.
    """
    tables = _tables(connection)
    total = sum(_count(connection, each) for each in tables)
    rows: dict[str, int] = {}
    with (
        os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
        gzip.GzipFile("", "wb", _COMPRESSION, file, mtime=0) as packed,
    ):
        lines = _Lines(packed)
        lines.write(
            {
                "boxoffice": FORMAT,
                "revision": about.revision,
                "version": about.version,
                "at": about.at.isoformat(),
                "reason": about.reason,
                "erased": list(about.erased),
                "heads": [list(head) for head in about.heads],
                "count": total,
                "numbers": about.numbers,
                "closings": about.closings,
                "totals": about.totals,
                "begun": sorted(about.begun),
                "statements": about.statements,
            }
        )
        for each in tables:
            lines.write({"table": each.name, "columns": each.columns})
            rows[each.name] = 0
            for row in _rows(connection, each):
                lines.write(row)
                rows[each.name] += 1
                if not sum(rows.values()) % ROWS_AT_ONCE:
                    progress(sum(rows.values()), total)
        lines.seal(rows)
        packed.close()
        file.flush()
        os.fsync(file.fileno())
    return replace(about, rows=rows, count=total)


def read_header(path: Path) -> Backup:
    """What a backup says of itself in its first line. Raises NotABackup."""
    with _readable(path), gzip.open(path, "rb") as file:
        return _header(json.loads(file.readline()))


def read_rows(path: Path, names: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of some tables with the names of these, each as it was written. Raises NotABackup."""
    with _readable(path), gzip.open(path, "rb") as file:
        lines = _Lines(file)
        lines.read()
        name, columns = "", list[str]()
        for part in lines.rest():
            if isinstance(part, dict):
                name, columns = part["table"], part["columns"]
            elif name in names:
                yield name, dict(zip(columns, part, strict=True))


def load_rows(connection: Connection, path: Path, *, progress: Progress = lambda _done, _of: None) -> Backup:
    """Put the rows of a backup into the empty tables of the same revision; returns what it says of itself.

    Raises NotABackup if the file is not whole, to the byte.
    """
    rows: dict[str, int] = {}
    with _readable(path), gzip.open(path, "rb") as file:
        lines = _Lines(file)
        about = _header(lines.read())
        for is_row, parts in groupby(lines.rest(), key=lambda part: isinstance(part, list)):
            if not is_row:
                for part in parts:
                    name, columns = part["table"], part["columns"]
                    rows[name] = 0
                continue
            rows[name] = _put(
                connection, name, columns, parts, partial(_add, progress, sum(rows.values()), about.count)
            )
        if lines.sealed != {"end": rows}:
            raise ValueError("the rows are not as many as were written")
    _set_sequences(connection)
    return replace(about, rows=rows)


class _Lines:
    """The lines of a backup, hashed as they are written or read."""

    def __init__(self, file: BinaryIO | gzip.GzipFile) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.sealed: dict[str, Any] = {}

    def write(self, part: object) -> None:
        line = _JSON.encode(part).encode() + b"\n"
        self._digest.update(line)
        self._file.write(line)

    def seal(self, rows: Mapping[str, int]) -> None:
        self._file.write(_JSON.encode({"end": rows, "sha256": self._digest.hexdigest()}).encode() + b"\n")

    def read(self) -> Any:
        line = self._file.readline()
        part = json.loads(line)
        if "end" in part:
            if part.pop("sha256") != self._digest.hexdigest() or self._file.read(1):
                raise ValueError("the seal is not that of the lines")
            self.sealed = part
        else:
            self._digest.update(line)
        return part

    def rest(self) -> Iterator[Any]:
        """Each line until the seal. Raises ValueError where the file ends before it."""
        while "end" not in (part := self.read()):
            yield part


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Make a NotABackup of whatever goes wrong in reading a file that should be one."""
    try:
        yield
    except (ValueError, LookupError, TypeError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise NotABackup(
            _("Le fichier {file} n'est pas une sauvegarde, ou n'est pas entier.").format(file=path.name),
            _("Prenez-en une autre : « boxoffice backup list » les nomme."),
        ) from error


def _header(part: Mapping[str, Any]) -> Backup:
    if part["boxoffice"] != FORMAT:
        raise Refusal(
            _("Cette sauvegarde vient d'une version plus récente du programme."),
            _("Installez la dernière version du programme sur ce poste."),
        )
    return Backup(
        part["revision"],
        part["version"],
        datetime.fromisoformat(part["at"]),
        part["reason"],
        tuple(part["erased"]),
        heads=tuple((till, sequence, digest) for till, sequence, digest in part.get("heads", ())),
        count=part.get("count", 0),
        numbers=part.get("numbers", {}),
        closings=part.get("closings", {}),
        totals={till: Total(*total) for till, total in part.get("totals", {}).items()},
        begun=frozenset(part.get("begun", ())),
        statements=part.get("statements", {}),
    )


class _Kept(NamedTuple):
    """A table as a database has it, and the columns of its key in their order."""

    name: str
    columns: list[str]
    key: list[str]


_COLUMNS = {
    "sqlite": (
        "SELECT kept.name, part.name, part.pk FROM sqlite_master AS kept"
        " JOIN pragma_table_info(kept.name) AS part"
        " WHERE kept.type = 'table' AND kept.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        " ORDER BY kept.name, part.cid"
    ),
    "postgresql": (
        "SELECT kept.relname, part.attname, coalesce(array_position(key.conkey, part.attnum), 0)"
        " FROM pg_class AS kept"
        " JOIN pg_attribute AS part ON part.attrelid = kept.oid AND part.attnum > 0 AND NOT part.attisdropped"
        " LEFT JOIN pg_constraint AS key ON key.conrelid = kept.oid AND key.contype = 'p'"
        " WHERE kept.relkind = 'r' AND kept.relnamespace = current_schema()::text::regnamespace"
        " ORDER BY kept.relname, part.attnum"
    ),
}
"""Every column of every table, and its place in the key, from 1; 0 out of it."""
_REFERENCES = {
    "sqlite": (
        'SELECT kept.name, reference."table" FROM sqlite_master AS kept'
        " JOIN pragma_foreign_key_list(kept.name) AS reference WHERE kept.type = 'table'"
    ),
    "postgresql": (
        "SELECT kept.relname, target.relname FROM pg_constraint AS reference"
        " JOIN pg_class AS kept ON kept.oid = reference.conrelid"
        " JOIN pg_class AS target ON target.oid = reference.confrelid"
        " WHERE reference.contype = 'f' AND kept.relnamespace = current_schema()::text::regnamespace"
    ),
}
"""Every table that has rows which refer to those of another, and that other."""


def _tables(connection: Connection) -> list[_Kept]:
    """The tables as this database has them, each after those that its rows refer to.

    Asked of the engine in two questions: SQLAlchemy asks several for each table, at every backup.
    """
    kind = connection.dialect.name
    columns: defaultdict[str, list[str]] = defaultdict(list)
    keys: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for name, column, place in connection.exec_driver_sql(_COLUMNS[kind]):
        columns[name].append(column)
        if place:
            keys[name].append((place, column))
    order: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(columns, ()))
    for name, other in sorted(map(tuple, connection.exec_driver_sql(_REFERENCES[kind]))):
        if other != name:
            order.add(name, other)
    return [
        _Kept(name, columns[name], [column for _place, column in sorted(keys[name])])
        for name in order.static_order()
        if name != _REVISIONS
    ]


def _count(connection: Connection, rows: _Kept) -> int:
    counted: int = connection.execute(text(f'SELECT count(*) FROM "{rows.name}"')).scalar_one()
    return counted


def _rows(connection: Connection, rows: _Kept) -> Iterator[list[Any]]:
    """Every row, its values as SQLite keeps them."""
    key = ", ".join(f'"{column}"' for column in rows.key)
    names = ", ".join(f'"{column}"' for column in rows.columns)
    query = f'SELECT {names} FROM "{rows.name}"' + (f" ORDER BY {key}" if key else "")
    streamed = connection.exec_driver_sql(query, execution_options={"yield_per": ROWS_AT_ONCE})
    if connection.dialect.name == "sqlite":
        for row in streamed:
            yield list(row)
    else:
        for row in streamed:
            yield [_plain(value) for value in row]


def _plain(value: Any) -> Any:
    """A value of PostgreSQL as SQLite keeps it."""
    match value:
        case bool():
            return int(value)
        case None | int() | str():
            return value
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
        case date():
            return value.isoformat()
        case UUID():
            return value.hex
    raise TypeError(f"no backup keeps a {type(value).__name__}")


def _put(
    connection: Connection,
    name: str,
    columns: Sequence[str],
    rows: Iterator[Any],
    progress: Callable[[int], None],
) -> int:
    """Put rows into a table, in one statement on PostgreSQL: a row may refer to one that comes later."""
    names = ", ".join(f'"{column}"' for column in columns)
    done = 0
    if connection.dialect.name == "sqlite":
        insert = f'INSERT INTO "{name}" ({names}) VALUES ({", ".join("?" * len(columns))})'
        while some := [tuple(row) for row in islice(rows, ROWS_AT_ONCE)]:
            connection.exec_driver_sql(insert, some)
            done += len(some)
            progress(done)
        return done
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(f'COPY "{name}" ({names}) FROM STDIN') as copying:
        for row in rows:
            copying.write_row(row)
            done += 1
            if not done % ROWS_AT_ONCE:
                progress(done)
    return done


def _add(progress: Progress, before: int, count: int, done: int) -> None:
    """Tell how many rows of how many are done, those of the tables before included."""
    progress(before + done, count)


def _set_sequences(connection: Connection) -> None:
    """Have PostgreSQL number its next rows after those that were put in with their numbers."""
    if connection.dialect.name == "sqlite":
        return
    numbered = connection.exec_driver_sql(
        "SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name)"
        " FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND (is_identity = 'YES' OR starts_with(column_default, 'nextval('))"
    )
    for name, column, sequence in numbered.all():
        highest = f'(SELECT max("{column}") FROM "{name}")'
        connection.execute(
            text(f"SELECT setval('{sequence}', coalesce({highest}, 1), {highest} IS NOT NULL)")
        )
