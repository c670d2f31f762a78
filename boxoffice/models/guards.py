"""What the database itself refuses: changing the books, unbalanced sales, tickets both used and reversed,
papers forgotten or brought back to be printed again.

Migrations run without them, for a table that is made anew is dropped and renamed; `remove` takes them away
before and `install` puts them in place after.
"""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

from . import constraints

INSERT_ONLY = (
    "sale",
    "saleline",
    "payment",
    "ticket",
    "ticketscan",
    "journalentry",
    "signingkey",
    "formerpasscode",
    "booking",
    "bookingend",
    "bookingscan",
    "screeningchange",
    "valuemovement",
    "formervaluecode",
    "promobatch",
    "creditrequest",
    "creditanswer",
    "creditnote",
    "cashmovement",
    "shiftclosing",
    "shiftcount",
    "cashcount",
    "closing",
)
"""The books: nothing is changed or deleted, and the journal tells of every row."""

KEPT = ("establishment", "printjob", "printattempt", "storedvalue", "giftcard", "placecard", "promocode")
"""Who sells, what became of each paper and of each value: no row is deleted."""

_CREATED = re.compile(r"CREATE TRIGGER (?P<name>\w+) ")
_FUNCTION = re.compile(r"CREATE OR REPLACE FUNCTION (?P<name>\w+)\(\).*?\$\$(?P<body>.*)\$\$", re.DOTALL)
_TRIGGER = re.compile(
    r"CREATE OR REPLACE TRIGGER (?P<name>\w+) BEFORE (?P<events>[\w ]+) ON (?P<table>\w+)"
    r" FOR EACH (?P<each>\w+) EXECUTE FUNCTION (?P<function>\w+)\(\)"
)
_KINDS = {"ROW": 1, "STATEMENT": 0, "BEFORE": 2, "INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
"""What the bits of `pg_trigger.tgtype` mean."""
_ON_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
_ON_POSTGRESQL = (
    "SELECT tgname, relname, tgtype, prosrc FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal AND relnamespace = CAST(current_schema() AS"
    " regnamespace) AND tgenabled IN ('O', 'A') AND tgqual IS NULL AND CAST(tgattr AS text) = ''"
    " UNION SELECT rulename, tablename, 0, definition FROM pg_rules WHERE schemaname = current_schema()"
)
_UNBALANCED = {
    "the payments do not sum to the total": (
        "(SELECT COALESCE(SUM(amount_cents), 0) FROM payment WHERE sale_id = NEW.sale_id)"
        " <> (SELECT total_cents FROM sale WHERE id = NEW.sale_id)"
    ),
    "the lines do not sum to the total": (
        "(SELECT COALESCE(SUM(quantity * unit_price_cents), 0) FROM saleline WHERE sale_id = NEW.sale_id)"
        " <> (SELECT total_cents FROM sale WHERE id = NEW.sale_id)"
    ),
}
_SEALED = "EXISTS (SELECT 1 FROM journalentry WHERE sale_id = NEW.sale_id)"
_USED = (
    "EXISTS (SELECT 1 FROM ticketscan"
    " WHERE sale_id = NEW.reverses_sale_id AND position = NEW.reverses_position)"
)
_REVERSED = (
    "EXISTS (SELECT 1 FROM saleline"
    " WHERE reverses_sale_id = NEW.sale_id AND reverses_position = NEW.position)"
)
_BOOKING_USED = "EXISTS (SELECT 1 FROM bookingscan WHERE booking_id = NEW.booking_id)"
_BOOKING_ENDED = "EXISTS (SELECT 1 FROM bookingend WHERE booking_id = NEW.booking_id)"
_OTHER_MARK = "OLD.specimen <> NEW.specimen"
_OTHER_PAPER = (
    "OLD.document <> NEW.document OR OLD.position <> NEW.position OR OLD.copy_number <> NEW.copy_number"
    " OR OLD.sale_id <> NEW.sale_id OR (OLD.sale_id IS NULL) <> (NEW.sale_id IS NULL)"
    " OR OLD.pass_id <> NEW.pass_id OR (OLD.pass_id IS NULL) <> (NEW.pass_id IS NULL)"
    " OR OLD.value_id <> NEW.value_id OR (OLD.value_id IS NULL) <> (NEW.value_id IS NULL)"
    " OR OLD.closing_id <> NEW.closing_id OR (OLD.closing_id IS NULL) <> (NEW.closing_id IS NULL)"
)
_REQUESTED = (
    "EXISTS (SELECT 1 FROM creditrequest LEFT JOIN creditanswer ON request_id = creditrequest.id"
    " WHERE creditrequest.sale_id = NEW.sale_id AND creditrequest.position = NEW.position"
    " AND request_id IS NULL)"
)
_UNTOLD_MOVEMENT = (
    "(NEW.movements = OLD.movements AND COALESCE(NEW.amount, -1) <> COALESCE(OLD.amount, -1))"
    " OR NEW.movements NOT IN (OLD.movements, OLD.movements + 1) OR NEW.kind <> OLD.kind"
)
_WRONG_MOVEMENT = (
    "EXISTS (SELECT 1 FROM storedvalue WHERE id = NEW.value_id AND (movements <> NEW.sequence"
    " OR COALESCE(amount, -1) <> COALESCE(NEW.left_after, -1)))"
)
_BROUGHT_BACK = (
    "NEW.state <> OLD.state AND (OLD.state IN ('printed', 'sent', 'abandoned')"
    " OR (OLD.state = 'uncertain' AND NEW.state NOT IN ('printed', 'abandoned')))"
)

CHECKED: tuple[tuple[str, str, str, str, str], ...] = (
    *(
        ("journalentry", "INSERT", f"balance_{index}", condition, message)
        for index, (message, condition) in enumerate(_UNBALANCED.items())
    ),
    *(
        (table, "INSERT", "sealed", _SEALED, f"no {table} is added to a sale already in the journal")
        for table in ("saleline", "payment", "ticket")
    ),
    ("saleline", "INSERT", "used", _USED, "a used ticket is not reversed"),
    ("bookingend", "INSERT", "used", _BOOKING_USED, "a booking that let somebody in is not undone"),
    ("bookingscan", "INSERT", "ended", _BOOKING_ENDED, "a booking undone lets nobody in"),
    ("ticketscan", "INSERT", "reversed", _REVERSED, "a reversed ticket lets nobody in"),
    ("ticketscan", "INSERT", "requested", _REQUESTED, "a ticket to be credited lets nobody in"),
    ("storedvalue", "UPDATE", "movement", _UNTOLD_MOVEMENT, "a value moves with its ledger"),
    ("valuemovement", "INSERT", "left", _WRONG_MOVEMENT, "a movement tells what is left"),
    ("establishment", "UPDATE", "specimen", _OTHER_MARK, "sales do not become real, nor cease to be"),
    ("printjob", "UPDATE", "identity", _OTHER_PAPER, "a paper ordered does not become another"),
    ("printjob", "UPDATE", "state", _BROUGHT_BACK, "a paper that may have come out is not printed again"),
    ("printattempt", "UPDATE", "past", "1 = 1", "what became of a paper is not told otherwise"),
)
"""Table, statement, name, the condition that refuses, and in which words."""


def missing(connection: Connection) -> tuple[str, ...]:
    """The names of the triggers that are not in place word for word, and of those that are not ours.

    One that was emptied and kept its name is missed too, as is a rule of PostgreSQL that rewrites statements;
    and so are the keys and checks of the tables themselves.
    """
    on_sqlite = connection.dialect.name == "sqlite"
    wanted = _wanted_on_sqlite() if on_sqlite else _wanted_on_postgresql()
    there = {tuple(row) for row in connection.execute(text(_ON_SQLITE if on_sqlite else _ON_POSTGRESQL))}
    return tuple(sorted({str(name) for name, *_rest in wanted ^ there} | constraints.altered(connection)))


def _wanted_on_sqlite() -> set[tuple[object, ...]]:
    """Name and statement of each trigger, as SQLite keeps them."""
    found = ((_CREATED.match(statement), statement) for statement in _for_sqlite())
    return {(match["name"], statement) for match, statement in found if match}


def _wanted_on_postgresql() -> set[tuple[object, ...]]:
    """Name, table, kind in bits and function of each trigger, as PostgreSQL keeps them."""
    bodies: dict[str, str] = {}
    wanted: set[tuple[object, ...]] = set()
    for statement in _for_postgresql():
        if function := _FUNCTION.match(statement):
            bodies[function["name"]] = function["body"]
        elif trigger := _TRIGGER.match(statement):
            kinds = ("BEFORE", trigger["each"], *trigger["events"].split(" OR "))
            bits = sum(_KINDS[kind] for kind in kinds)
            wanted.add((trigger["name"], trigger["table"], bits, bodies[trigger["function"]]))
    return wanted


def remove(connection: Connection) -> None:
    """Take every trigger away, those of another version of this program included."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, '' FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname, ' ON ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"
    for name, of_table in connection.execute(text(query)).all():
        connection.execute(text(f"DROP TRIGGER {name}{of_table}"))


def install(connection: Connection) -> None:
    """Put every trigger in place on this database, replacing those that are there."""
    statements = _for_sqlite() if connection.dialect.name == "sqlite" else _for_postgresql()
    for statement in statements:
        connection.execute(text(statement))


def _for_sqlite() -> Iterator[str]:
    for table in INSERT_ONLY:
        for change in ("UPDATE", "DELETE"):
            yield f"DROP TRIGGER IF EXISTS {table}_refuses_{change.lower()}"
            yield (
                f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
            )
    for table in KEPT:
        yield f"DROP TRIGGER IF EXISTS {table}_refuses_delete"
        yield (
            f"CREATE TRIGGER {table}_refuses_delete BEFORE DELETE ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is kept'); END"
        )
    for table, statement, name, condition, message in CHECKED:
        yield f"DROP TRIGGER IF EXISTS {table}_checks_{name}"
        yield (
            f"CREATE TRIGGER {table}_checks_{name} BEFORE {statement} ON {table} WHEN {condition}"
            f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )


def _for_postgresql() -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$"
    )
    for table in INSERT_ONLY:
        yield (
            f"CREATE OR REPLACE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        yield (
            f"CREATE OR REPLACE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for table in KEPT:
        for change, each in (("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            yield (
                f"CREATE OR REPLACE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table}"
                f" FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            )
    for table, statement, name, condition, message in CHECKED:
        yield (
            f"CREATE OR REPLACE FUNCTION {table}_checks_{name}() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN IF {condition} THEN RAISE EXCEPTION '{message}'; END IF; RETURN NEW; END $$"
        )
        yield (
            f"CREATE OR REPLACE TRIGGER {table}_checks_{name} BEFORE {statement} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_checks_{name}()"
        )
