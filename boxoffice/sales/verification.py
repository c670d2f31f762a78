"""Verifying the journal: the chain of every till, and the books that it describes, row by row.

Each digest binds all that came before it, signatures included, so one valid signature vouches for every entry
before it: signatures are checked at checkpoints, and one by one only where a checkpoint fails.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, RowMapping, Select, bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from boxoffice.language import _
from boxoffice.models import (
    JournalEntry,
    Numbering,
    Operator,
    Payment,
    Product,
    Sale,
    SaleLine,
    Screening,
    SigningKey,
    Ticket,
    TicketScan,
    Till,
    TillSession,
    table,
)

from .bookkeeping import Names, Operation, Row, describe
from .journal import GENESIS, link
from .signing import Anchor, Verifier, fingerprint, read_public_key

BATCH = 1_000
"""Entries read at a time; the last of each batch is a checkpoint."""

_entry, _sale, _line, _payment = table(JournalEntry), table(Sale), table(SaleLine), table(Payment)
_ticket, _scan, _key, _numbering = table(Ticket), table(TicketScan), table(SigningKey), table(Numbering)

_ENTRIES = (
    select(_entry)
    .where(_entry.c.till_id == bindparam("till"), _entry.c.sequence > bindparam("after"))
    .order_by(_entry.c.sequence)
    .limit(bindparam("count"))
)
_OF_SALES: BindParameter[Any] = bindparam("sales", expanding=True)
_SALES = select(_sale).where(_sale.c.id.in_(_OF_SALES))
_PARTS: Mapping[str, Select[Any]] = {
    "lines": select(_line).where(_line.c.sale_id.in_(_OF_SALES)).order_by(_line.c.sale_id, _line.c.position),
    "tickets": select(_ticket)
    .where(_ticket.c.sale_id.in_(_OF_SALES))
    .order_by(_ticket.c.sale_id, _ticket.c.position),
    "payments": select(_payment)
    .where(_payment.c.sale_id.in_(_OF_SALES))
    .order_by(_payment.c.sale_id, _payment.c.position),
}

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing found wrong: which row, and what about it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where} : {self.what}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much was read before a fault, or until the end if there is none."""

    entries: int
    sales: int
    fault: Fault | None


class _Wrong(Exception):
    def __init__(self, where: str, what: str) -> None:
        self.fault = Fault(where, what)


@dataclass
class _Chain:
    """How far the chain of one till has been followed."""

    till_id: int
    till_number: int
    anchor: Anchor | None = None
    sequence: int = 0
    digest: str = GENESIS
    signature: str = GENESIS


@dataclass
class _Told:
    """What the journal has told so far, to be held against the tables at the end."""

    sales: int = 0
    entries: int = 0
    scans: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)
    keys: dict[str, tuple[str, str, int]] = field(default_factory=dict)


def count_entries(session: Session) -> int:
    """How many entries there are to verify."""
    counted: int = session.execute(select(func.count()).select_from(_entry)).scalar_one()
    return counted


def verify(
    session: Session,
    *,
    trusted: frozenset[str] = frozenset(),
    anchors: Mapping[int, Anchor] = MappingProxyType({}),
    progress: Progress = lambda _entries: None,
) -> Verdict:
    """Read every chain and the books it describes, and stop at the first thing that is wrong.

    `trusted` are fingerprints known from outside the database; when given, any other key is a fault.
    `anchors`, by till number, are entries known from outside to be in the journal.
    """
    told = _Told()
    try:
        keys = _read_keys(session, trusted)
        names = _read_names(session)
        for till_id, number in sorted(names.tills.items(), key=lambda item: item[1]):
            _verify_chain(session, _Chain(till_id, number, anchors.get(number)), keys, names, told, progress)
        _verify_nothing_untold(session, told, keys, names)
    except _Wrong as wrong:
        return Verdict(told.entries, told.sales, wrong.fault)
    return Verdict(told.entries, told.sales, None)


def _verify_chain(
    session: Session,
    chain: _Chain,
    keys: Mapping[str, Verifier],
    names: Names,
    told: _Told,
    progress: Progress,
) -> None:
    while batch := _read(session, _ENTRIES, chain, {"till": chain.till_id, "count": BATCH}):
        operations = _read_operations(session, chain, [entry["sale_id"] for entry in batch])
        for entry in batch:
            content = _verify_link(chain, entry)
            _verify_content(chain, entry, content, operations, names, told)
            told.entries += 1
        _verify_signatures(chain, batch, keys)
        progress(len(batch))
    if chain.anchor is not None and chain.anchor.sequence > chain.sequence:
        raise _Wrong(
            _where_entry(chain, chain.sequence + 1),
            _("la caisse en a signé jusqu'à la {sequence} : la fin manque.").format(
                sequence=chain.anchor.sequence
            ),
        )
    last = session.execute(
        select(_numbering.c.journal).where(_numbering.c.till_id == chain.till_id)
    ).scalar_one_or_none()
    if last != chain.sequence:
        raise _Wrong(
            _("journal de la caisse {till}, après l'entrée {sequence}").format(
                till=chain.till_number, sequence=chain.sequence
            ),
            _("la caisse en a écrit {count} : la fin manque.").format(count=last),
        )


def _verify_link(chain: _Chain, entry: Row) -> dict[str, Any]:
    """Follow the chain by one entry, and return its content once it is known to be its own."""
    expected = chain.sequence + 1
    where = _where_entry(chain, expected)
    if entry["sequence"] != expected:
        raise _Wrong(
            where, _("l'entrée manque ; la suivante est la {found}.").format(found=entry["sequence"])
        )
    digest = link(chain.digest, chain.signature, entry["content"]).hex()
    if digest != entry["digest"]:
        raise _Wrong(where, _("son empreinte ne suit pas de son contenu et de l'entrée d'avant."))
    try:
        content: dict[str, Any] = json.loads(entry["content"])
    except ValueError:
        raise _Wrong(where, _("son contenu n'est pas lisible.")) from None
    columns = {
        "at": entry["at"].isoformat(),
        "entry": entry["kind"],
        "key": entry["key_fingerprint"],
        "sequence": entry["sequence"],
        "till": chain.till_number,
    }
    for name, value in columns.items():
        if content.get(name) != value:
            raise _Wrong(where, _("« {column} » n'est pas ce qui a été signé.").format(column=name))
    if chain.anchor is not None and chain.anchor.sequence == expected and chain.anchor.digest != digest:
        raise _Wrong(where, _("elle n'est pas celle que cette caisse a signée."))
    chain.sequence, chain.digest, chain.signature = expected, digest, entry["signature"]
    return content


def _verify_content(
    chain: _Chain,
    entry: Row,
    content: Mapping[str, Any],
    operations: Mapping[UUID, Operation],
    names: Names,
    told: _Told,
) -> None:
    """Hold what the entry tells against the rows that it is about."""
    where = _where_entry(chain, entry["sequence"])
    sale_id = entry["sale_id"]
    if "sale" in content:
        if sale_id is None or content["sale"]["id"] != str(sale_id):
            raise _Wrong(where, _("elle n'est plus reliée à la vente {id}.").format(id=content["sale"]["id"]))
        operation = operations.get(sale_id)
        if operation is None:
            raise _Wrong(_("vente {id}").format(id=sale_id), _("elle manque, et le journal la raconte."))
        _compare(where, content, describe(operation, names))
        told.sales += 1
    elif sale_id is not None:
        raise _Wrong(where, _("elle est reliée à une vente qu'elle ne raconte pas."))
    elif entry["kind"] == "ticket.admitted":
        told.scans[content["sale_id"], content["position"]] = (content["door"], content["at"])
    elif entry["kind"] == "key.created":
        told.keys[content["fingerprint"]] = (content["public_key"], content["at"], chain.till_number)


def _compare(where: str, content: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Name the first column of a sale that is not what was signed."""
    for part, expected in found.items():
        signed = content.get(part)
        if signed == expected:
            continue
        if not isinstance(expected, list) or not isinstance(signed, list):
            column = (
                next((name for name, value in expected.items() if signed.get(name) != value), part)
                if isinstance(expected, dict) and isinstance(signed, dict)
                else part
            )
            raise _Wrong(where, _("vente : « {column} » n'est pas ce qui a été signé.").format(column=column))
        if len(signed) != len(expected):
            raise _Wrong(
                where,
                _("{part} : {found} dans la table, {signed} signées.").format(
                    part=part, found=len(expected), signed=len(signed)
                ),
            )
        for told, row in zip(signed, expected, strict=True):
            for column, value in row.items():
                if told.get(column) != value:
                    raise _Wrong(
                        where,
                        _("{part}, ligne {position} : « {column} » n'est pas ce qui a été signé.").format(
                            part=part, position=told.get("position", ""), column=column
                        ),
                    )


def _verify_signatures(chain: _Chain, batch: Sequence[Row], keys: Mapping[str, Verifier]) -> None:
    """Check the last signature of each run of entries by one key; on a failure, find the first wrong."""
    for index, entry in enumerate(batch):
        verifier = keys.get(entry["key_fingerprint"])
        if verifier is None:
            raise _Wrong(_where_entry(chain, entry["sequence"]), _("sa clé est inconnue."))
        is_checkpoint = (
            index == len(batch) - 1 or batch[index + 1]["key_fingerprint"] != entry["key_fingerprint"]
        )
        if is_checkpoint and not _accepts(verifier, entry):
            wrong = next(
                earlier for earlier in batch if not _accepts(keys[earlier["key_fingerprint"]], earlier)
            )
            raise _Wrong(_where_entry(chain, wrong["sequence"]), _("sa signature est fausse."))


def _accepts(verifier: Verifier, entry: Row) -> bool:
    return verifier.accepts(bytes.fromhex(entry["digest"]), entry["signature"])


def _verify_nothing_untold(session: Session, told: _Told, keys: Mapping[str, Verifier], names: Names) -> None:
    """Rows that no journal tells, numbers with a gap, scans and keys that are not as told."""
    untold = (
        session.execute(
            select(_sale.c.id)
            .outerjoin(_entry, _entry.c.sale_id == _sale.c.id)
            .where(_entry.c.sale_id.is_(None))
            .limit(1)
        )
    ).first()
    if untold:
        raise _Wrong(_("vente {id}").format(id=untold.id), _("aucun journal ne la raconte."))
    for part in (_line, _ticket, _payment):
        lost = session.execute(
            select(part.c.sale_id, part.c.position)
            .outerjoin(_sale, _sale.c.id == part.c.sale_id)
            .where(_sale.c.id.is_(None))
            .limit(1)
        ).first()
        if lost:
            raise _Wrong(f"{part.name} {lost.sale_id}/{lost.position}", _("sa vente n'existe pas."))
    _verify_numbers(session, names)
    _verify_scans(session, told)
    _verify_told_keys(session, told, keys, names)


def _verify_numbers(session: Session, names: Names) -> None:
    for rows, drawn, what in (
        (_sale, _numbering.c.operations, _("ventes")),
        (_ticket, _numbering.c.tickets, _("billets")),
    ):
        counted = session.execute(
            select(_numbering.c.till_id, drawn, func.count(rows.c.number), func.max(rows.c.number))
            .outerjoin(rows, rows.c.till_id == _numbering.c.till_id)
            .group_by(_numbering.c.till_id, drawn)
        )
        for till_id, last, count, highest in counted:
            if last != count or last != (highest or 0):
                raise _Wrong(
                    _("{what} de la caisse {till}").format(what=what, till=names.tills.get(till_id)),
                    _("{last} numéros tirés, {count} lignes, le plus grand est {highest}.").format(
                        last=last, count=count, highest=highest
                    ),
                )


def _verify_scans(session: Session, told: _Told) -> None:
    left = dict(told.scans)
    for scan in session.execute(select(_scan)).mappings():
        where = _("entrée du billet {id}/{position}").format(id=scan["sale_id"], position=scan["position"])
        expected = left.pop((str(scan["sale_id"]), scan["position"]), None)
        if expected is None:
            raise _Wrong(where, _("aucun journal ne la raconte."))
        if expected != (scan["door"], scan["at"].isoformat()):
            raise _Wrong(where, _("elle n'est pas ce qui a été signé."))
    for sale_id, position in left:
        raise _Wrong(
            _("entrée du billet {id}/{position}").format(id=sale_id, position=position),
            _("elle manque, et le journal la raconte."),
        )


def _verify_told_keys(session: Session, told: _Told, keys: Mapping[str, Verifier], names: Names) -> None:
    for row in session.execute(select(_key)).mappings():
        kept = (row["public_key"], row["created_at"].isoformat(), names.tills.get(row["till_id"]))
        if told.keys.get(row["fingerprint"]) != kept:
            raise _Wrong(
                _("clé {fingerprint}").format(fingerprint=row["fingerprint"][:16]),
                _("elle n'est pas telle que le journal l'a racontée."),
            )
    for missing in told.keys.keys() - keys.keys():
        raise _Wrong(
            _("clé {fingerprint}").format(fingerprint=missing[:16]),
            _("elle manque, et le journal la raconte."),
        )


def _read_keys(session: Session, trusted: frozenset[str]) -> dict[str, Verifier]:
    keys = {}
    for row in session.execute(select(_key.c.fingerprint, _key.c.public_key)):
        where = _("clé {fingerprint}").format(fingerprint=str(row.fingerprint)[:16])
        try:
            verifier = read_public_key(row.public_key)
        except ValueError:
            raise _Wrong(where, _("elle n'est pas lisible.")) from None
        if fingerprint(verifier) != row.fingerprint:
            raise _Wrong(where, _("son empreinte n'est pas la sienne."))
        if trusted and row.fingerprint not in trusted:
            raise _Wrong(where, _("elle n'est pas de celles que ce poste connaît."))
        keys[row.fingerprint] = verifier
    return keys


def _read_names(session: Session) -> Names:
    tills, operators, sessions = table(Till), table(Operator), table(TillSession)
    screenings, products = table(Screening), table(Product)
    return Names(
        tills=_pairs(session, select(tills.c.id, tills.c.number)),
        operators=_pairs(session, select(operators.c.id, operators.c.number)),
        sessions=_pairs(session, select(sessions.c.id, sessions.c.opened_at)),
        screenings=_pairs(session, select(screenings.c.id, screenings.c.code)),
        products=_pairs(session, select(products.c.id, products.c.code)),
    )


def _pairs(session: Session, statement: Select[Any]) -> dict[int, Any]:
    return {row[0]: row[1] for row in session.execute(statement)}


def _read(
    session: Session, statement: Select[Any], chain: _Chain, values: dict[str, Any]
) -> Sequence[RowMapping]:
    """The rows of a statement; a value that its column cannot hold is a fault like any other."""
    try:
        return session.execute(statement, {**values, "after": chain.sequence}).mappings().all()
    except (SQLAlchemyError, ValueError, TypeError, LookupError, AttributeError):
        raise _Wrong(
            _where_entry(chain, chain.sequence + 1),
            _("elle ou l'une des suivantes contient une valeur illisible."),
        ) from None


def _read_operations(session: Session, chain: _Chain, ids: Sequence[UUID | None]) -> dict[UUID, Operation]:
    sales = {"sales": [sale_id for sale_id in ids if sale_id is not None]}
    if not sales["sales"]:
        return {}
    parts: dict[str, dict[UUID, list[Row]]] = {}
    for name, statement in _PARTS.items():
        of_sale: dict[UUID, list[Row]] = defaultdict(list)
        for row in _read(session, statement, chain, sales):
            of_sale[row["sale_id"]].append(row)
        parts[name] = of_sale
    return {
        sale["id"]: Operation(
            sale,
            parts["lines"].get(sale["id"], []),
            parts["tickets"].get(sale["id"], []),
            parts["payments"].get(sale["id"], []),
        )
        for sale in _read(session, _SALES, chain, sales)
    }


def _where_entry(chain: _Chain, sequence: int) -> str:
    return _("journal de la caisse {till}, entrée {sequence}").format(
        till=chain.till_number, sequence=sequence
    )
