"""Whether the keys, uniqueness, references and checks of every table still stand as the models have them.

What was dropped, or made to say something else under its name, leaves no trace in the rows.
"""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, Table, text
from sqlalchemy.schema import CreateIndex, CreateTable

from .base import metadata

_NAMED = re.compile(r"CONSTRAINT (?P<name>\w+) (?P<words>.*)")
_PIECES = re.compile(r"'(?:[^']|'')*'|[(),]|[^'(),]+")
_TABLES_ON_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index')"
_ON_POSTGRESQL = (
    "SELECT conname, pg_get_constraintdef(pg_constraint.oid), conrelid::regclass::text FROM pg_constraint"
    " WHERE connamespace = CAST(current_schema() AS regnamespace) AND convalidated AND contype IN"
    " ('c', 'u', 'p', 'f') AND NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgconstraint = pg_constraint.oid"
    " AND tgenabled NOT IN ('O', 'A'))"
    " UNION SELECT relname, pg_get_indexdef(indexrelid), indrelid::regclass::text FROM pg_index"
    " JOIN pg_class ON pg_class.oid = indexrelid WHERE indisunique AND indisvalid AND indislive"
    " AND relnamespace = CAST(current_schema() AS regnamespace) AND NOT EXISTS (SELECT 1 FROM pg_constraint"
    " WHERE conindid = indexrelid AND contype IN ('p', 'u'))"
)
"""A key has an index of its own name, which is not to stand for it."""
_CAST = re.compile(r"::(?:character varying|\w+)(?:\[\])?")
_WORDS = re.compile(r"'(?:[^']|'')*'|-?\w+|[<>=!]+|[-+*/%]")


def altered(connection: Connection) -> set[str]:
    """The names of those that are not in place word for word; of a table that is otherwise written."""
    if connection.dialect.name == "sqlite":
        return set(_altered_on_sqlite(connection))
    return set(_altered_on_postgresql(connection))


def _altered_on_sqlite(connection: Connection) -> Iterator[str]:
    """SQLite keeps what was once typed: the same parts, in whatever order, make the same table."""
    kept = {row.name: row.sql or "" for row in connection.execute(text(_TABLES_ON_SQLITE))}
    for table in metadata.sorted_tables:
        wanted = _parts(str(CreateTable(table).compile(connection)))
        found = _parts(kept.get(table.name, ""))
        names = {match["name"] for part in wanted - found if (match := _NAMED.fullmatch(part))}
        yield from names or ({table.name} if wanted != found else ())
    for name, statement in _unique_indexes(connection):
        if kept.get(name) != statement:
            yield name


def _altered_on_postgresql(connection: Connection) -> Iterator[str]:
    """PostgreSQL keeps what it understood, and writes it in its own words."""
    kept = {
        (of_table.strip('"'), name): _in_words(definition)
        for name, definition, of_table in connection.execute(text(_ON_POSTGRESQL))
    }
    for table in metadata.sorted_tables:
        for name, definition in _constraints(connection, table):
            if kept.get((table.name, name)) != _in_words(definition):
                yield name
    indexed = {name: words for (_table, name), words in kept.items()}
    for name, statement in _unique_indexes(connection):
        if indexed.get(name) != _in_words(statement):
            yield name


def _constraints(connection: Connection, table: Table) -> Iterator[tuple[str, str]]:
    """Name and words of each constraint of a table, as this database is told of it."""
    for part in _parts(str(CreateTable(table).compile(connection))):
        if match := _NAMED.fullmatch(part):
            yield match["name"], match["words"]


def _unique_indexes(connection: Connection) -> Iterator[tuple[str, str]]:
    for table in metadata.sorted_tables:
        for index in table.indexes:
            if index.unique:
                yield str(index.name), str(CreateIndex(index).compile(connection))


def _parts(statement: str) -> set[str]:
    """The columns and constraints of a CREATE TABLE, as written between its commas."""
    inside = statement.partition("(")[2].rpartition(")")[0]
    parts, depth = [""], 0
    for piece in _PIECES.findall(inside):
        depth += (piece == "(") - (piece == ")")
        if piece == "," and not depth:
            parts.append("")
        else:
            parts[-1] += piece
    return {" ".join(part.split()) for part in parts}


def _in_words(definition: str) -> list[str]:
    """What a definition says, whoever wrote it: no brackets and casts, lists and ranges spelled alike."""
    bare = _CAST.sub("", definition).replace("USING btree", "").replace('"', "")
    bare = re.sub(r"\bON (?:\w+\.)?(\w+)", r"ON \1", bare)
    words = [re.sub(r"^'(-?\d+)'$", r"\1", word) for word in _WORDS.findall(bare)]
    said: list[str] = []
    while words:
        match words:
            case ["=", "ANY", "ARRAY", *words]:
                said.append("IN")
            case ["BETWEEN", low, "AND", *words]:
                said += [">=", low, "AND", said[-1], "<="]
            case [word, *words]:
                said.append(word)
    return said
