"""Verifying the journal: the chain of every till, and the books that it describes, row by row.

Each digest binds all that came before it, signatures included, so one valid signature vouches for every entry
before it: signatures are checked at checkpoints, and one by one only where a checkpoint fails.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, NoReturn, Protocol

from sqlalchemy import bindparam, or_, select
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import JournalEntry, Numbering, table
from boxoffice.prepared import Prepared

from . import paper_books
from .bookkeeping import Names
from .closing_books import ClosingBooks
from .credit_books import CreditBooks
from .customer_books import CustomerBooks
from .entries import EntryRow, count_entries, read_entries
from .journal import GENESIS, SUPERSEDES, UNSIGNED, canonical, link
from .ledgers import Merges
from .notices import notices
from .pass_books import PassBooks
from .reconciliation import (
    Fault,
    Place,
    Told,
    Wrong,
    compare_rest,
    compare_sale,
    read_names,
    read_operation,
    readable,
)
from .reservation_books import ReservationBooks
from .retelling import Frame, Retelling, SaleTold
from .signing import Anchor
from .signing_keys import Key, WhoSigns, read_keys, where_key
from .spelling import compare_spelling, find_misspelled
from .statement_books import StatementBooks
from .surroundings import Surroundings
from .untold import find_references_to_nothing, find_untold
from .value_books import ValueBooks
from .witnesses import Witness, compare_witnesses, signed_since_lost, told_heads

BATCH = 2_000
"""Entries read at a time; the last of each batch is a checkpoint. More would only take memory."""

_entry, _numbering = table(JournalEntry), table(Numbering)

_NUMBERED = Prepared(select(_numbering.c.journal).where(_numbering.c.till_id == bindparam("till")))

Progress = Callable[[int], None]


class Books(Protocol):
    """What the journals of all tills tell of together, to be held against the tables at the end."""

    def hear(self, kind: str, content: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much was read before a fault, or until the end if there is none.

    `notices` are no faults, but what an auditor should ask about: breaks and restored databases that the
    journal tells of, clocks set back, chains whose end nothing outside the database vouches for.
    """

    entries: int
    sales: int
    fault: Fault | None
    notices: tuple[str, ...] = ()


@dataclass
class _Chain:
    """How far the chain of one till has been followed, and what it is held against."""

    till_id: int
    till_number: int
    anchor: Anchor | None
    keys: Mapping[str, Key]
    names: Names
    retelling: Retelling
    surroundings: Surroundings
    books: Sequence[Books]
    witnesses: list[Witness]
    frame: Frame | None = None
    sequence: int = 0
    digest: str = GENESIS
    signature: str = GENESIS
    key: str = ""
    who_signs: WhoSigns = field(default_factory=WhoSigns)
    signs_anchor: bool = False
    told_keys: set[str] = field(default_factory=set)
    untellable: Wrong | None = None

    def where(self, sequence: int) -> Place:
        return Place(self.till_number, sequence)


def verify(
    session: Session,
    *,
    trusted: frozenset[str] = frozenset(),
    anchors: Mapping[int, Anchor] = MappingProxyType({}),
    seen: Sequence[Witness] = (),
    progress: Progress = lambda _entries: None,
) -> Verdict:
    """Read every chain and the books it describes, and stop at the first thing that is wrong.

    `trusted` are fingerprints known from outside the database; when given, any other key is a fault.
    `anchors`, by till number, are entries known from outside to be in the journal: without them, nothing
    shows that the end of a chain was cut off together with its sales and its numbers, but for what the other
    tills have seen of it. `seen` is what anybody else has, by their papers.
    """
    told = Told()
    try:
        keys = read_keys(session, trusted)
        names = read_names(session)
        told_keys: set[str] = set()
        for missing in sorted(anchors.keys() - set(names.tills.values())):
            raise Wrong(
                _("caisse {till}").format(till=missing),
                _("elle manque, et ce poste a l'ancre de son journal."),
            )
        retelling, surroundings, witnesses = Retelling(session, names), Surroundings(), list(seen)
        merges = Merges()
        passes, reservations, values = PassBooks(merges), ReservationBooks(merges), ValueBooks(merges)
        customers, credit, closings = CustomerBooks(merges), CreditBooks(), ClosingBooks()
        statements, copies = StatementBooks(), paper_books.CopyBooks()
        books = (merges, customers, passes, reservations, values, credit, closings, statements, copies)
        with closing(retelling):
            for till_id, number in sorted(names.tills.items(), key=lambda item: item[1]):
                chain = _Chain(
                    till_id,
                    number,
                    anchors.get(number),
                    keys,
                    names,
                    retelling,
                    surroundings,
                    books,
                    witnesses,
                )
                _verify_chain(session, chain, told, progress)
                told_keys |= chain.told_keys
        _verify_nothing_unread(session, told, names)
        told.notices.extend(surroundings.pins.notices())
        told.notices.extend(compare_witnesses(session, witnesses, names.tills))
        told.notices.extend(signed_since_lost(session, names.tills))
        for untold in keys.keys() - told_keys:
            raise Wrong(where_key(untold), _("aucun journal ne la raconte."))
        find_misspelled(session)
        customers.compare(session)
        passes.compare(session, names)
        reservations.compare(session, names)
        values.compare(session, names)
        credit.compare(session, names)
        find_untold(session, names, retelling.met())
        compare_rest(session, told, names)
        copies.compare(session)
        paper_books.find_papers_brought_back(session)
        paper_books.find_tickets_ordered_otherwise(session)
        surroundings.compare(session, names, retelling)
        closings.compare(session, names, surroundings.moved())
        statements.compare(session, names, surroundings.showings())
        paper_books.find_papers_elsewhere(session)
        find_references_to_nothing(session)
    except Wrong as wrong:
        return Verdict(told.entries, told.sales, wrong.fault, tuple(told.notices))
    return Verdict(told.entries, told.sales, None, tuple(told.notices))


def _verify_chain(session: Session, chain: _Chain, told: Told, progress: Progress) -> None:
    if chain.anchor is None:
        told.notices.append(
            _("Caisse {till} : ce poste n'a pas l'ancre de son journal, rien n'en garantit la fin.").format(
                till=chain.till_number
            )
        )
    while batch := read_entries(session, chain.till_id, chain.where(chain.sequence + 1), BATCH):
        read = partial(chain.retelling.read, chain.till_id, batch, is_long=len(batch) in (1, BATCH))
        sales = _tell_sales(chain, batch[0], read)
        for entry in batch:
            _follow(chain, entry)
            may_sign = chain.who_signs.may_sign(chain.key)
            if (sale := sales.get(chain.sequence)) and _is_told(chain, entry, sale):
                told.sales += 1
            else:
                _compare_content(session, chain, entry, sales, told)
            if not may_sign or (chain.sequence == 1 and chain.who_signs.key != chain.key):
                _refuse_key(chain)
            told.entries += 1
        if chain.untellable is not None:
            raise chain.untellable
        _verify_signatures(chain, batch)
        progress(len(batch))
    _verify_end(session, chain)


def _tell_sales(
    chain: _Chain, first: EntryRow, tell: Callable[[], dict[int, SaleTold]]
) -> dict[int, SaleTold]:
    """The sales of a batch from an entry on, told again; none where a value cannot be: comparing names it."""
    try:
        with readable(chain.where(first.sequence)):
            return tell()
    except Wrong as wrong:
        chain.untellable = wrong
        return {}


def _is_told(chain: _Chain, entry: EntryRow, sale: SaleTold) -> bool:
    """Whether an entry is to the letter what its own columns and the rows of its sale make it."""
    if chain.frame is None:
        return False
    try:
        told = chain.retelling.entry(entry, sale, chain.till_number, chain.frame)
        return told == str(entry.content, "utf-8")
    except (LookupError, ValueError, TypeError, AttributeError):
        return False


def _compare_content(
    session: Session,
    chain: _Chain,
    entry: EntryRow,
    sales: dict[int, SaleTold],
    told: Told,
) -> None:
    """Take an entry apart, and hold what it tells against its own columns and what the tables have of it.

    The `sales` of its batch are told anew where it tells its screenings to be of something else.
    """
    where = chain.where(chain.sequence)
    content = _read_content(chain, where, entry)
    if "sale" in content:
        if entry.sale_id is None:
            lost = content["sale"]["id"]
            raise Wrong(where, _("elle n'est plus reliée à la vente {id}.").format(id=lost))
        with readable(where):
            if chain.retelling.learn(content):
                sales |= _tell_sales(chain, entry, chain.retelling.tell)
        sale = sales.get(chain.sequence)
        if sale is None or not chain.retelling.told_besides(content, sale):
            operation = read_operation(session, where, chain.till_id, chain.sequence)
            compare_sale(where, content, operation, chain.names)
            if chain.untellable is not None:
                compare_spelling(session, where._replace(sale=content["sale"]["number"]), chain.till_id)
        told.sales += 1
    elif entry.sale_id is not None:
        raise Wrong(where, _("elle est reliée à une vente qu'elle ne raconte pas."))
    elif entry.kind == JournalKind.TICKET_ADMITTED:
        told.scans[content["sale_id"], content["position"]] = (content["door"], content["at"])
    elif entry.kind == JournalKind.KEY_CREATED:
        _compare_key(chain, content)
    elif entry.kind == JournalKind.DATABASE_RESTORED:
        told.leave_out(content.get("skipped", {}))
    elif entry.kind == JournalKind.ESTABLISHMENT_TOLD:
        told.hear_establishment(content)
    with readable(where):
        chain.surroundings.hear(chain.till_id, entry.kind, content)
        for heard in chain.books:
            heard.hear(entry.kind, content)
        chain.witnesses.extend(told_heads(content, where))
    chain.signs_anchor |= UNSIGNED in content
    told.notices.extend(notices(where, entry.kind, content, chain.names.people))


def _read_content(chain: _Chain, where: Place, entry: EntryRow) -> dict[str, Any]:
    with readable(where):
        content: dict[str, Any] = json.loads(entry.content)
        columns = {
            "at": json.loads(chain.retelling.moment(entry.at)),
            "entry": entry.kind,
            "key": entry.key_fingerprint,
            "sequence": entry.sequence,
            "till": chain.till_number,
        }
        for name, value in columns.items():
            if content.get(name) != value:
                raise Wrong(where, _("« {column} » n'est pas ce qui a été signé.").format(column=name))
        chain.frame = Frame(canonical(content.get("establishment")), canonical(content.get("version")))
    return content


def _follow(chain: _Chain, entry: EntryRow) -> None:
    """Follow the chain by one entry, once its text is known to be its own."""
    _till, sequence, _at, _kind, content, digest, signature, key, _sale_id = entry
    expected = chain.sequence + 1
    if sequence != expected:
        raise Wrong(
            chain.where(expected),
            _("l'entrée manque ; la suivante est la {found}.").format(found=sequence),
        )
    if digest != link(chain.digest, chain.signature, content).hex():
        _blame(chain, chain.where(expected))
    if chain.anchor is not None and chain.anchor.sequence == expected and chain.anchor.digest != digest:
        raise Wrong(chain.where(expected), _("elle n'est pas celle que cette caisse a signée."))
    chain.sequence, chain.digest, chain.signature, chain.key = expected, digest, signature, key


def _blame(chain: _Chain, where: Place) -> NoReturn:
    """Where the chain breaks, either the entry is wrong or the signature before it, which it binds."""
    key = chain.keys.get(chain.key)
    if key is not None and not key.verifier.accepts(bytes.fromhex(chain.digest), chain.signature):
        raise Wrong(chain.where(chain.sequence), _("sa signature est fausse."))
    raise Wrong(where, _("son empreinte ne suit pas de son contenu et de l'entrée d'avant."))


def _refuse_key(chain: _Chain) -> NoReturn:
    """A key signs once the one before has told it; only the first of a chain vouches for itself.

    The one before then signs no more; as told by a version of before, once the next one signs.
    """
    where = chain.where(chain.sequence)
    key = chain.keys.get(chain.key)
    if key is None:
        raise Wrong(where, _("sa clé est inconnue."))
    if key.till_id != chain.till_id:
        raise Wrong(where, _("sa clé est celle d'une autre caisse."))
    if chain.key in chain.told_keys:
        raise Wrong(where, _("sa clé avait été remplacée."))
    raise Wrong(where, _("aucune entrée d'avant n'a raconté sa clé."))


def _verify_signatures(chain: _Chain, batch: Sequence[EntryRow]) -> None:
    """Check the last signature of each run of entries by one key; on a failure, find the first wrong."""
    for entry, following in zip(batch, (*batch[1:], None), strict=True):
        is_checkpoint = following is None or following.key_fingerprint != entry.key_fingerprint
        if is_checkpoint and not _accepts(chain, entry):
            wrong = next(earlier for earlier in batch if not _accepts(chain, earlier))
            raise Wrong(chain.where(wrong.sequence), _("sa signature est fausse."))


def _accepts(chain: _Chain, entry: EntryRow) -> bool:
    verifier = chain.keys[entry.key_fingerprint].verifier
    return verifier.accepts(bytes.fromhex(entry.digest), entry.signature)


def _verify_end(session: Session, chain: _Chain) -> None:
    """The chain goes as far as its numbers and its anchor say, which is signed if the chain tells so."""
    if chain.anchor is not None and chain.signs_anchor and not chain.anchor.is_signed:
        raise Wrong(
            chain.where(chain.sequence),
            _("son ancre n'est pas signée, et le journal raconte qu'elle l'est."),
        )
    if chain.anchor is not None and chain.anchor.sequence > chain.sequence:
        raise Wrong(
            chain.where(chain.sequence + 1),
            _("la caisse en a signé jusqu'à la {sequence} : la fin manque.").format(
                sequence=chain.anchor.sequence
            ),
        )
    numbered = _NUMBERED.first(session, {"till": chain.till_id})
    last = numbered and numbered["journal"]
    if last != chain.sequence:
        raise Wrong(
            chain.where(chain.sequence + 1),
            _("la caisse en a numéroté {count} : la fin manque.").format(count=last or 0),
        )


def _verify_nothing_unread(session: Session, told: Told, names: Names) -> None:
    """Entries outside of every chain: of a till that does not exist, or before the first."""
    if count_entries(session) == told.entries:
        return
    stray = session.execute(
        select(_entry.c.till_id, _entry.c.sequence)
        .where(or_(_entry.c.till_id.not_in(names.tills), _entry.c.sequence < 1))
        .limit(1)
    ).first()
    if stray is None:
        return
    till = names.tills.get(stray.till_id, stray.till_id)
    raise Wrong(Place(till, stray.sequence), _("elle n'est d'aucune caisse, ou précède la première."))


def _compare_key(chain: _Chain, content: Mapping[str, Any]) -> None:
    key = chain.keys.get(content["fingerprint"])
    where = where_key(content["fingerprint"])
    if key is None:
        raise Wrong(where, _("elle manque, et le journal la raconte."))
    if key.told != (content["public_key"], content["at"]) or key.till_id != chain.till_id:
        raise Wrong(where, _("elle n'est pas telle que le journal l'a racontée."))
    if chain.who_signs.hear(content, sequence=chain.sequence, by=chain.key):
        chain.told_keys.add(content["fingerprint"])
        chain.signs_anchor |= SUPERSEDES in content
