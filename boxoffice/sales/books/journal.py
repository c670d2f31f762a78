"""The journal: one signed chain of entries per till, where every operation and technical event is told."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select
from sqlmodel import Session

from boxoffice import __version__
from boxoffice.database import after_commit
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import JournalEntry, Numbering, Till, table
from boxoffice.prepared import Prepared

from ..staff.desk import Post
from .numbering import draw_numbers, drawn_now
from .replaced_keys import replaced_key
from .signing import Anchor, Signer

_entry, _numbering, _till = table(JournalEntry), table(Numbering), table(Till)

_LINK = Prepared(
    select(_entry.c.digest, _entry.c.signature, _entry.c.at, _entry.c.kind, _entry.c.key_fingerprint).where(
        _entry.c.till_id == bindparam("till"), _entry.c.sequence == bindparam("before")
    )
)
_INSERT = Prepared(insert(_entry))
_LAST_KEY = Prepared(
    select(_entry.c.content)
    .where(
        _entry.c.till_id == bindparam("till"),
        _entry.c.kind == str(JournalKind.KEY_CREATED),
        _entry.c.sale_id.is_(None),
    )
    .order_by(_entry.c.sequence.desc())
    .limit(1)
)
_ends = _entry.alias()
_HEADS = (
    select(_till.c.number, _entry.c.sequence, _entry.c.digest)
    .select_from(_till)
    .join(
        _entry,
        (_entry.c.till_id == _till.c.id)
        & (
            _entry.c.sequence
            == select(func.max(_ends.c.sequence)).where(_ends.c.till_id == _till.c.id).scalar_subquery()
        ),
    )
    .where(_till.c.id != bindparam("till"))
    .order_by(_till.c.number)
)
"""The end of every other till's chain, as it stands committed: nobody is waited for."""
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))

GENESIS = ""
UNSIGNED = "anchor_unsigned"
"""What the one entry tells that was signed over an anchor which a version before had not signed."""
SUPERSEDES = "supersedes"
"""What a key tells that signs alone from there on, and its anchor too: the key before it, if there is one."""
_TOLD_UNSIGNED = (
    select(_entry.c.sequence)
    .where(_entry.c.till_id == bindparam("till"), _entry.c.content.contains(f'"{UNSIGNED}":true'))
    .limit(1)
)
WITNESSING = frozenset(
    {
        JournalKind.OPERATOR_LOGGED_IN,
        JournalKind.OPERATOR_LOGGED_OUT,
        JournalKind.TILL_OPENED,
        JournalKind.TILL_CLOSED,
        JournalKind.CLOSING_MADE,
        JournalKind.ARCHIVE_MADE,
        JournalKind.DATABASE_RESTORED,
        JournalKind.KEY_CREATED,
        JournalKind.KEY_LOST,
        JournalKind.KEY_BACKED_UP,
        JournalKind.KEY_RESTORED,
        JournalKind.HEADS_WITNESSED,
    }
)
"""The entries that sign the ends of the other tills' chains, beside one entry in so many."""
WITNESSED_EVERY = 500
CLOCK_TOLERANCE = timedelta(minutes=5)
UNREADABLE_ANCHOR = Anchor(0, "")
"""What a till is said to know when the file that keeps it cannot be read: no entry has this number."""
_ANSWERED = "answered_for"
"""Under this it keeps those whose database was restored in it, which an anchor of before no longer stops."""
_SIGNED = "signed_by"
"""Under this a session keeps which tills have signed in it: their anchors come after the commit."""


def append(
    session: Session,
    post: Post,
    kind: JournalKind,
    content: Mapping[str, Any],
    *,
    at: datetime,
    operator_number: int | None = None,
) -> None:
    """Tell a technical event in the chain of this till."""
    numbers = draw_numbers(session, post.till_id)
    write_entry(session, post, numbers.journal, kind, {"operator": operator_number, **content}, at=at)


def write_entry(
    session: Session,
    post: Post,
    sequence: int,
    kind: JournalKind,
    content: Mapping[str, Any],
    *,
    at: datetime,
    sale_id: UUID | None = None,
    restored: bool = False,
) -> None:
    """Sign `content` into the chain of this till as its entry number `sequence`.

    A clock that was set back is told in the entry, and an anchor that is gone; so are, now and then, the ends
    of the other tills' chains, which then cannot be rewritten without this till's key.
    Raises Refusal when the entry before it is gone, and when the chain does not hold the last entry that this
    till signed, unless the database was `restored`.
    """
    digest_before, signature_before, clock_told = GENESIS, GENESIS, {}
    if sequence > 1:
        digest_before, signature_before, last_at = _last_link(session, post, sequence - 1)
        if last_at - at > CLOCK_TOLERANCE:
            clock_told = {"clock_set_back_from": last_at.isoformat()}
    anchor_told = {} if restored else _anchor_told(session, post, Anchor(sequence - 1, digest_before))
    told = canonical(
        {
            **content,
            **clock_told,
            **anchor_told,
            **_heads_told(session, post, kind, sequence),
            "at": at.isoformat(),
            "entry": kind,
            "establishment": post.siret,
            "key": post.signer.fingerprint,
            "sequence": sequence,
            "till": post.till_number,
            "version": __version__,
        }
    )
    digest = link(digest_before, signature_before, told)
    entry = {
        "till_id": post.till_id,
        "sequence": sequence,
        "at": at,
        "kind": str(kind),
        "sale_id": sale_id,
        "content": told,
        "digest": digest.hex(),
        "signature": post.signer.sign(digest),
        "key_fingerprint": post.signer.fingerprint,
    }
    _INSERT.insert(session, [entry])
    session.info.setdefault(_SIGNED, set()).add(post.till_id)
    if restored:
        session.info.setdefault(_ANSWERED, set()).add(post.till_id)
    anchor = Anchor(sequence, digest.hex(), numbers=drawn_now(session, post.till_id))
    after_commit(session, lambda: post.signer.keep_anchor(anchor, restored=restored))


def _heads_told(session: Session, post: Post, kind: JournalKind, sequence: int) -> dict[str, Any]:
    """The ends of the other tills' chains, by number, where they are to be told; nothing without others."""
    if kind not in WITNESSING and sequence % WITNESSED_EVERY:
        return {}
    heads = session.connection().execute(_HEADS, {"till": post.till_id}).all()
    return {"heads": [list(head) for head in heads]} if heads else {}


def read_heads(session: Session) -> tuple[tuple[int, int, str], ...]:
    """The end of every till's chain: the till's number, that of its last entry, and the digest of that."""
    heads = session.connection().execute(_HEADS, {"till": 0}).all()
    return tuple((till, sequence, digest) for till, sequence, digest in heads)


def accept_restored(
    session: Session,
    post: Post,
    manager_number: int,
    *,
    at: datetime,
    about: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Go on from where this database stands although this till has signed further: a manager answers for it.

    The journal tells what was known and what was found, and `about` it the backup that was restored if one
    is known, and what is left out since: it may be on papers.
    Raises Refusal when nothing is amiss and no backup was.
    """
    numbers = draw_numbers(session, post.till_id)
    before = Anchor(numbers.journal - 1, GENESIS)
    if numbers.journal > 1:
        before = Anchor(numbers.journal - 1, _last_link(session, post, numbers.journal - 1)[0])
    try:
        known = post.signer.anchor()
    except ValueError:
        known = UNREADABLE_ANCHOR
    if "backup" not in about and (known is None or _holds(session, post, known, before)):
        raise Refusal(_("Le journal de cette caisse est entier : il n'y a rien à reprendre."))
    known = known or before
    write_entry(
        session,
        post,
        numbers.journal,
        JournalKind.DATABASE_RESTORED,
        {
            **about,
            "found": before.sequence,
            "known": known.sequence,
            "known_digest": known.digest,
            "operator": manager_number,
        },
        at=at,
        restored=True,
    )


def _last_link(session: Session, post: Post, sequence: int) -> tuple[str, str, datetime]:
    """The digest, signature and moment of an entry that must be there."""
    last = _LINK.first(session, {"till": post.till_id, "before": sequence})
    if last is None:
        raise Refusal(
            _("Le journal de la caisse {number} est rompu : sa dernière entrée manque.").format(
                number=post.till_number
            ),
            _("Ne vendez plus à cette caisse et prévenez le responsable."),
        )
    fingerprint = post.signer.fingerprint
    goes_on = last["key_fingerprint"] == fingerprint and last["kind"] != JournalKind.KEY_CREATED
    if not goes_on and (told := last_key_told(session, post.till_id)["fingerprint"]) != fingerprint:
        raise replaced_key(post.till_number, post.signer, told)
    return last["digest"], last["signature"], last["at"]


def _anchor_told(session: Session, post: Post, before: Anchor) -> dict[str, Any]:
    """What an entry tells of the anchor: nothing, or that it is gone, and with it what was cut off before.

    Raises Refusal where it would sign over what this till has signed already: that would hide it for ever.
    """
    if post.till_id in session.info.get(_ANSWERED, ()):
        return {}
    try:
        known = post.signer.anchor()
        there = known is None or _holds(session, post, known, before)
    except ValueError:
        known, there = UNREADABLE_ANCHOR, False
    is_unsigned = known is not None and not known.is_signed
    if not there or (is_unsigned and signs_anchors(session, post.till_id)):
        raise Refusal(
            _("Cette base de données n'est pas celle où la caisse {number} a signé en dernier.").format(
                number=post.till_number
            ),
            _("Si une sauvegarde a été remise, un responsable le déclare : « boxoffice journal resume »."),
        )
    if post.till_id in session.info.get(_SIGNED, ()) or not before.sequence:
        return {}
    return {UNSIGNED: True} if is_unsigned else {"anchor_missing": True} if known is None else {}


def signs_anchors(session: Session, till_id: int) -> bool:
    """Whether the journal of a till tells that its anchor is signed: by its key, or since it once was not."""
    created = last_key_told(session, till_id)
    if SUPERSEDES in created:
        return True
    return bool(session.execute(_TOLD_UNSIGNED, {"till": till_id}).first())


def describe_key(signer: Signer, till_name: str, *, supersedes: str = "") -> dict[str, str]:
    """What a journal tells of a key that signs from now on, alone: that before it, if any, signs no more."""
    return {
        "fingerprint": signer.fingerprint,
        "name": till_name,
        "public_key": signer.public_pem,
        SUPERSEDES: supersedes,
    }


def last_key_told(session: Session, till_id: int) -> Mapping[str, Any]:
    """What the journal of a till tells of the key that it told last; nothing before the first."""
    last = _LAST_KEY.first(session, {"till": till_id})
    told: dict[str, Any] = json.loads(last["content"]) if last else {}
    return told


def _holds(session: Session, post: Post, known: Anchor, before: Anchor) -> bool:
    """Whether the chain that ends at `before` has the entry `known` in it."""
    if known.sequence == before.sequence:
        return known.digest == before.digest
    if known.sequence > before.sequence:
        return False
    found = _LINK.first(session, {"till": post.till_id, "before": known.sequence})
    return found is not None and bool(found["digest"] == known.digest)


def canonical(content: object) -> str:
    """The one way to write a content as JSON: keys in order, no space, UTF-8 as it is."""
    return _CANONICAL.encode(content)


def link(digest_before: str, signature_before: str, content: str | bytes) -> bytes:
    """The digest of an entry: it binds the content to everything that was ever written before it."""
    octets = content if isinstance(content, bytes) else content.encode()
    return hashlib.sha256(f"{digest_before}\n{signature_before}\n".encode() + octets).digest()
