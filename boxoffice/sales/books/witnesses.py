"""What others saw of a till's journal: the other tills, which sign it, and papers that customers hold.

Whoever owns a till's key, its anchor and the database can rewrite the end of its chain, but not what the
others saw of it.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _, spoken
from boxoffice.models import JournalEntry, Till, table

from .gone_entries import GoneEntries, read_gone_entries
from .reconciliation import Place, Wrong

LOOKED_UP_AT_ONCE = 500
FEWEST_DIGITS, PRINTED_DIGITS = 8, 16
_entry = table(JournalEntry)
_DIGESTS = select(_entry.c.sequence, _entry.c.digest).where(
    _entry.c.till_id == bindparam("till"), _entry.c.sequence.in_(bindparam("sequences", expanding=True))
)
_at_head = _entry.alias()
_LOST = select(_entry.c.content).where(
    _entry.c.till_id.in_(select(table(Till).c.id)),
    _entry.c.kind == str(JournalKind.KEY_LOST),
    _entry.c.sale_id.is_(None),
)
_SINCE = (
    select(func.min(_entry.c.sequence), func.max(_entry.c.sequence))
    .join(_at_head, (_at_head.c.till_id == _entry.c.till_id) & (_at_head.c.sequence == bindparam("head")))
    .where(
        _entry.c.till_id == bindparam("till"),
        _entry.c.sequence > bindparam("head"),
        _entry.c.key_fingerprint == _at_head.c.key_fingerprint,
    )
)
"""The entries after that at which a key was said to be lost, by the key that signed that."""
_SEEN = re.compile(
    r"(?:journal[ :]+)?(?P<till>\d{1,3})-(?P<sequence>\d{1,12})[ :]+(?P<digest>[0-9a-f ]+)",
    re.ASCII | re.IGNORECASE,
)


class Witness(NamedTuple):
    """An entry that somebody saw: the number of its till, its place, how its digest begins, and by whom.

    Nothing but its date tells whether a paper is from before a restoring.
    """

    till: int
    sequence: int
    digest: str
    by: str
    is_paper: bool = False


def told_heads(content: Mapping[str, Any], place: Place) -> Iterator[Witness]:
    """The ends of the other tills' chains that an entry tells, as `journal` signed them into it."""
    for till, sequence, digest in content.get("heads", ()):
        by = _("la caisse {till} (entrée {sequence})").format(till=place.till, sequence=place.entry)
        yield Witness(till, sequence, digest, by)


def witnessed_as(till: int, sequence: int, digest: str) -> str:
    """How a paper prints an entry: `1-57 3F2A 9C1B 77D0 E4A1`, too much of its digest to find another."""
    shown = digest[:PRINTED_DIGITS].upper()
    return " ".join((f"{till}-{sequence}", *(shown[start : start + 4] for start in range(0, len(shown), 4))))


def read_witness(text: str) -> Witness:
    """An entry as a paper prints it, with what stands before it there. Raises Refusal for anything else."""
    match = _SEEN.fullmatch(" ".join(text.split()))
    digest = match["digest"].replace(" ", "").lower() if match else ""
    if match is None or len(digest) < FEWEST_DIGITS:
        raise Refusal(
            _("« {text} » n'est pas une empreinte, comme 1-57 3F2A 9C1B 77D0 E4A1.").format(text=text)
        )
    by = _("le papier présenté")
    return Witness(int(match["till"]), int(match["sequence"]), digest, by, is_paper=True)


def compare_witnesses(session: Session, witnesses: Iterable[Witness], tills: Mapping[int, int]) -> list[str]:
    """Raise Wrong at the first entry that is not as it was seen; `tills` are their numbers by id.

    Returns what is said of papers that saw what a restoring, as the journals tell, left out. The digests must
    be known already to be those of the chains.
    """
    notices: list[str] = []
    ids = {number: till_id for till_id, number in tills.items()}
    of_till: dict[int, list[Witness]] = defaultdict(list)
    for witness in witnesses:
        of_till[witness.till].append(witness)
    for till, seen in sorted(of_till.items()):
        seen.sort()
        for start in range(0, len(seen), LOOKED_UP_AT_ONCE):
            some = seen[start : start + LOOKED_UP_AT_ONCE]
            wanted = {"till": ids.get(till), "sequences": list({witness.sequence for witness in some})}
            found = {row.sequence: row.digest for row in session.execute(_DIGESTS, wanted)}
            for witness in some:
                try:
                    _compare(witness, found.get(witness.sequence))
                except Wrong:
                    gone = _gone_since(session, witness)
                    if gone is None:
                        raise
                    notices.append(_from_before(witness, gone))
    return notices


def signed_since_lost(session: Session, tills: Mapping[int, int]) -> Iterator[str]:
    """What was signed by a key after another till told that it is lost; `tills` are their numbers by id."""
    ids = {number: till_id for till_id, number in tills.items()}
    for content in session.execute(_LOST).scalars():
        told = json.loads(content)
        heads = {till: sequence for till, sequence, _digest in told.get("heads", ())}
        lost, head = told["lost_till"], heads.get(told["lost_till"])
        if head is None:
            continue
        first, last = session.execute(_SINCE, {"till": ids.get(lost), "head": head}).one()
        if first is not None:
            yield _("Caisse {till} : sa clé perdue a signé depuis, de l'entrée {first} à la {last}.").format(
                till=lost, first=first, last=last
            )


def _gone_since(session: Session, witness: Witness) -> GoneEntries | None:
    """The last restoring that left out the entry which a paper saw, if one did."""
    if not witness.is_paper:
        return None
    told = [each for each in read_gone_entries(session) if each.till == witness.till]
    return next((each for each in reversed(told) if each.first <= witness.sequence <= each.last), None)


def _from_before(witness: Witness, gone: GoneEntries) -> str:
    return _(
        "{place} : {witness} en a vu une autre. La remise du {moment}, que le journal raconte, a emporté les"
        " entrées {first} à {last} : imprimé avant elle, il est en règle ; depuis, il contredit le journal."
    ).format(
        place=Place(witness.till, witness.sequence),
        witness=witness.by,
        moment=say(gone.at, "EEE d MMM y HH:mm", spoken()),
        first=gone.first,
        last=gone.last,
    )


def _compare(witness: Witness, digest: str | None) -> None:
    where = Place(witness.till, witness.sequence)
    if digest is None:
        raise Wrong(where, _("elle manque, et {witness} l'a vue signée.").format(witness=witness.by))
    if not digest.startswith(witness.digest):
        raise Wrong(where, _("elle n'est pas celle que {witness} a vue signée.").format(witness=witness.by))
