"""What is known to have been given when a database is put back: only what is verified, or what a till signed.

Anybody who can write to the database in place, or to the folder of backups, would have it signed otherwise.
"""

import json
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.backup_file import Backup, Total
from boxoffice.config import Settings
from boxoffice.errors import Refusal
from boxoffice.kinds import ClosingPeriod, JournalKind
from boxoffice.models import JournalEntry, SigningKey, table
from boxoffice.revisions import revision_of
from boxoffice.sales.books import journal, numbering
from boxoffice.sales.books.entries import STANDS, read_begun
from boxoffice.sales.books.gone_entries import read_gone_entries
from boxoffice.sales.books.reconciliation import Fault, Wrong
from boxoffice.sales.books.signing import Anchor, Verifier
from boxoffice.sales.books.signing_keys import read_keys
from boxoffice.sales.books.told_restorings import BEFORE, read_told_restorings
from boxoffice.sales.books.verification import verify
from boxoffice.sales.closings.leaving_out import Known, highest, read_closing_numbers, read_totals
from boxoffice.sales.closings.put_back import Restoring
from boxoffice.sales.closings.restorings import GONE_ON_FROM, read_restorings, series_of
from boxoffice.sales.statements.given_out import Given, given_by, read_given

from .backups import KeptBackup, check_alone, list_backups, sha256_of
from .holding import hold_backups
from .keys import keys_here
from .witnessing import seen_by_backups

_entry, _key = table(JournalEntry), table(SigningKey)
_before = _entry.alias("entry_before")
_OF_KIND = select(
    _entry.c.content,
    _entry.c.digest,
    _entry.c.signature,
    _entry.c.key_fingerprint,
    _before.c.digest.label("digest_before"),
    _before.c.signature.label("signature_before"),
).join(_before, and_(_before.c.till_id == _entry.c.till_id, _before.c.sequence == _entry.c.sequence - 1))


@dataclass(frozen=True, slots=True)
class PutBack:
    """Books that are put back: how each journal has `begun`, its last entry, what checks its signatures.

    `parted` is the first entry of each journal in place that is not in theirs, by the number of its till.
    """

    begun: frozenset[str] = frozenset()
    heads: Mapping[int, int] = field(default_factory=dict)
    keys: Mapping[str, Verifier] = field(default_factory=dict)
    parted: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, session: Session, settings: Settings) -> "PutBack":
        """Those of a backup that was restored apart."""
        heads = {till: sequence for till, sequence, _digest in journal.read_heads(session)}
        return cls(read_begun(session), heads, read_verifiers(session), _parted(session, settings))


@dataclass(frozen=True, slots=True)
class Before:
    """What a database showed before another took its place.

    `known` is all that it gave where it `is_sound`; else what each entry tells whose signature holds by
    itself, for its `fault` may be anywhere. `backups` are the SHA-256 of those that such entries tell.
    """

    fault: str = ""
    is_sound: bool = False
    known: Known = field(default_factory=Known)
    backups: frozenset[str] = frozenset()


def look_before(session: Session, settings: Settings, books: PutBack) -> Before:
    """Verify a database about to be replaced by these `books`; nothing is known of others that verify.

    They are others where no journal begins alike, and no key is the same: whoever altered that in place has
    made a fault of it. Of what is at fault, all is known that the keys of these books or of this computer
    signed.
    """
    is_same = not books.begun.isdisjoint(read_begun(session)) or not books.keys.keys().isdisjoint(
        session.execute(select(_key.c.fingerprint)).scalars()
    )
    fault = _fault_of(session, settings) if is_same else verify(session).fault
    if fault is not None:
        return replace(what_was_signed(session, settings, books), fault=str(fault))
    if not is_same:
        return Before()
    return Before(is_sound=True, known=replace(_known_to(session), parted=_gone_from(session, books.parted)))


def _fault_of(session: Session, settings: Settings) -> Fault | None:
    """What is wrong in these books, held to the anchors and to the backups of this computer."""
    held = hold_backups(session, settings, list_backups(settings.backups_folder))
    return verify(session, anchors=_anchors(settings), seen=seen_by_backups(session, held.kept)).fault


def what_was_signed(session: Session, settings: Settings, books: PutBack) -> Before:
    """What a database tells that is not believed as a whole: by each entry that was signed."""
    return _by_entries_alone(session, _believed(settings, books.keys))


def with_backups(settings: Settings, before: Before, books: PutBack) -> Before:
    """What was in place, with what the backups of these `books` kept here show beside it."""
    seen = look_at_backups(settings, books.begun, books.keys, told=before.backups, heads=books.heads)
    known, told = highest([before.known, seen.known]), before.backups | seen.backups
    return replace(before, known=known, backups=told)


def _anchors(settings: Settings) -> dict[int, Anchor]:
    """The anchors of the keys of this computer; those that cannot be read are told when a till signs."""
    anchors = {}
    for number, signer in keys_here(settings).items():
        with suppress(ValueError):
            if (anchor := signer.anchor()) is not None:
                anchors[number] = anchor
    return anchors


def look_at_backups(
    settings: Settings,
    begun: frozenset[str],
    keys: Mapping[str, Verifier],
    *,
    told: frozenset[str] = frozenset(),
    heads: Mapping[int, int] = MappingProxyType({}),
) -> Before:
    """Look so at the backups of these books that say to go further than `heads`, and that nobody told of.

    They are what is left of a database that is at fault, gone, or was replaced by hand: the newest is told by
    no entry. That one of them goes less far than the anchors is no fault of it. Those that another one tells,
    by their SHA-256, are believed as they are.
    """
    believed, furthest = _believed(settings, keys), dict(heads)
    known, told = Known(), frozenset(told)
    for kept in list_backups(settings.backups_folder):
        if not kept.about.may_be_of(begun) or not _goes_further(kept.about, furthest):
            continue
        if sha256_of(kept.path) in told:
            continue
        seen = _Seen(begun, believed)
        with suppress(Refusal):
            check_alone(kept.path, settings.backups_folder, look=seen.look)
            known, told = highest([known, seen.known]), told | seen.told
            furthest |= {till: max(last, furthest.get(till, 0)) for till, last in seen.heads.items()}
    return Before(known=known, backups=told)


@dataclass
class _Seen:
    """What a backup showed in a database apart: all of it where it verifies, else what was signed."""

    begun: frozenset[str]
    believed: Mapping[str, Verifier]
    known: Known = field(default_factory=Known)
    told: frozenset[str] = frozenset()
    heads: dict[int, int] = field(default_factory=dict)

    def look(self, session: Session) -> None:
        if self.begun.isdisjoint(read_begun(session)):
            return
        alone = _by_entries_alone(session, self.believed)
        is_sound = verify(session, trusted=frozenset(self.believed)).fault is None
        self.known, self.told = _known_to(session) if is_sound else alone.known, alone.backups
        if is_sound:
            self.heads = {till: sequence for till, sequence, _digest in journal.read_heads(session)}


def look_at_what_was_here(session: Session, settings: Settings) -> Before:
    """What was in place before this database was put there by hand, by the backups kept here."""
    keys = read_verifiers(session)
    heads = {till: sequence for till, sequence, _digest in journal.read_heads(session)}
    told = _backups_signed(session, keys)
    return look_at_backups(settings, read_begun(session), keys, told=told, heads=heads)


def _gone_from(session: Session, parted: Mapping[str, int]) -> dict[str, int]:
    """The first entry of each journal that went from here on, those included that went before unsaid.

    What tells of the latter is a restoring that goes itself.
    """
    first = dict(parted)
    for told in read_told_restorings(session):
        if told.place.entry >= parted.get(str(told.place.till), told.place.entry + 1):
            for till, (found, _known) in told.ends.items():
                first[str(till)] = min(found + 1, first.get(str(till), found + 1))
    return first


def _parted(apart: Session, settings: Settings) -> dict[str, int]:
    """The first entry of each journal in place that is not in those `apart`; none of what cannot be read."""
    database = databases.connect(settings.database_url)
    try:
        with database.read() as here:
            if revision_of(here.connection()) != databases.HEAD:
                return {}
            return {
                str(till): first
                for till, last, _digest in journal.read_heads(here)
                if (first := _first_unlike(here, apart, till, last)) <= last
            }
    except DBAPIError:
        return {}
    finally:
        database.close()


def _first_unlike(here: Session, apart: Session, till: int, last: int) -> int:
    """Each entry binds those before it: from the first that is unlike, all are."""
    places = range(1, last + 1)
    return 1 + bisect_left(places, True, key=lambda place: _unlike(here, apart, till, place))


def _unlike(here: Session, apart: Session, till: int, sequence: int) -> bool:
    place = {"till": till, "sequence": sequence}
    return bool(here.execute(STANDS, place).scalar() != apart.execute(STANDS, place).scalar())


def _goes_further(about: Backup, heads: Mapping[int, int]) -> bool:
    """Whether a backup says to have seen more of a journal; one of before does not say how far it goes."""
    return not heads or any(last > heads.get(till, 0) for till, last, _digest in about.heads)


def _believed(settings: Settings, keys: Mapping[str, Verifier]) -> Mapping[str, Verifier]:
    """These keys, and those of this computer."""
    return {**keys, **{signer.fingerprint: signer.verifier for signer in keys_here(settings).values()}}


def _by_entries_alone(session: Session, believed: Mapping[str, Verifier]) -> Before:
    """What each entry tells whose signature holds by itself."""
    signed = highest([_closings_signed(session, believed), _statements_signed(session, believed)])
    return Before(known=signed, backups=_backups_signed(session, believed))


def read_verifiers(session: Session) -> dict[str, Verifier]:
    """What checks the signatures of the keys of a database; none where one of them is wrong."""
    try:
        return {name: key.verifier for name, key in read_keys(session, frozenset()).items()}
    except Wrong:
        return {}


def known_here(session: Session, settings: Settings, tills: Sequence[int], before: Before) -> Known:
    """The highest numbers, Zs and totals known here, and by the anchors of these tills.

    A sound database in place knows all of its own. Without one, backups kept here tell it, if an entry that
    was signed tells their SHA-256: nobody has touched them since.
    """
    seen = [before.known]
    if not before.is_sound:
        told = before.backups | _backups_signed(session, read_verifiers(session))
        believed = (kept for kept in _kept_of(session, settings) if sha256_of(kept.path) in told)
        seen += [_told_by(kept.about) for kept in believed]
    for number, signer in keys_here(settings).items():
        with suppress(ValueError):
            anchor = signer.anchor() if number in tills else None
            if anchor is not None and anchor.numbers:
                seen.append(Known({str(number): dict(zip(numbering.SERIES, anchor.numbers, strict=True))}))
    return highest(seen)


def erased_here(session: Session, settings: Settings) -> frozenset[UUID]:
    """The customers known to have been erased, by every backup kept here, be it only said."""
    kept = (backup.about for backup in _kept_of(session, settings))
    return frozenset(UUID(customer_id) for about in kept for customer_id in about.erased)


def _kept_of(session: Session, settings: Settings) -> list[KeptBackup]:
    """The backups kept here that say to be of these books and no other: one is of what was there."""
    begun = read_begun(session)
    return [kept for kept in list_backups(settings.backups_folder) if kept.about.may_be_of(begun)]


def _known_to(session: Session) -> Known:
    """All that a database knows: what it gave, and what restorings told that it has no more."""
    totals = read_totals(session)
    heads = {str(till): last for till, last, _digest in journal.read_heads(session)}
    numbers, closings = numbering.read_numbers(session), read_closing_numbers(session)
    given = Known(numbers, closings, totals, read_given(session), heads)
    gone = [Known(entries={str(each.till): each.last}) for each in read_gone_entries(session)]
    return highest([given, *gone, *(_known_by(each, totals.keys()) for each in read_restorings(session))])


def _known_by(restoring: Restoring, counted: Collection[str]) -> Known:
    """What a restoring told of the closings, and of tills that are not `counted` in the database."""
    gone = [each for each in restoring.left_out if str(each.till) not in counted]
    return Known(
        {str(each.till): {"operations": each.last} for each in gone},
        {series: known for series, (_found, known) in restoring.ends.items()},
        {str(each.till): Total(each.counted, each.cents, each.absolute_cents) for each in gone},
    )


def _closings_signed(session: Session, keys: Mapping[str, Verifier]) -> Known:
    """The last number of each series of closings, by the entries alone."""
    numbers: dict[str, int] = {}
    for content in _signed(session, JournalKind.CLOSING_MADE, keys):
        closing = content["closing"]
        series = series_of(ClosingPeriod(closing["period"]), closing["till"])
        numbers[series] = max(closing["number"], numbers.get(series, 0))
    told = (each.get(GONE_ON_FROM, {}) for each in _signed(session, JournalKind.DATABASE_RESTORED, keys))
    gone = ({series: known for series, (_found, known) in ends.items()} for ends in told)
    return highest([Known(closings=numbers), *(Known(closings=each) for each in gone)])


def _statements_signed(session: Session, keys: Mapping[str, Verifier]) -> Known:
    """The final statements issued and copied, by the entries alone."""
    kinds = (
        JournalKind.STATEMENT_ISSUED,
        JournalKind.DOCUMENT_REPRINTED,
        JournalKind.DATABASE_RESTORED,
    )
    told = (content for kind in kinds for content in _signed(session, kind, keys))
    return Known(statements=given_by(told))


def _told_by(about: Backup) -> Known:
    """What a backup that is believed says of itself."""
    heads = {str(till): last for till, last, _digest in about.heads}
    return Known(about.numbers, about.closings, about.totals, Given.retold(about.statements), heads)


def _backups_signed(session: Session, keys: Mapping[str, Verifier]) -> frozenset[str]:
    made = _signed(session, JournalKind.DATABASE_BACKED_UP, keys)
    restored = _signed(session, JournalKind.DATABASE_RESTORED, keys)
    told = [*made, *(content.get(BEFORE, {}) for content in restored)]
    return frozenset(content["sha256"] for content in told if "sha256" in content)


def _signed(session: Session, kind: JournalKind, keys: Mapping[str, Verifier]) -> Iterator[Mapping[str, Any]]:
    """What the entries of a kind tell that follow from those before them, and whose own signature holds."""
    for entry in session.execute(_OF_KIND.where(_entry.c.kind == str(kind), _entry.c.sale_id.is_(None))):
        key = keys.get(entry.key_fingerprint)
        digest = journal.link(entry.digest_before, entry.signature_before, entry.content)
        if key is not None and digest.hex() == entry.digest and key.accepts(digest, entry.signature):
            content: dict[str, Any] = json.loads(entry.content)
            if content["entry"] == kind:
                yield content
