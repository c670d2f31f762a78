"""The public keys that the database has, to be held against what the journals tell of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.language import _
from boxoffice.models import SigningKey, table
from boxoffice.prepared import Prepared

from .journal import SUPERSEDES
from .reconciliation import Wrong, readable
from .signing import Verifier, fingerprint, read_public_key

_key = table(SigningKey)
_KEYS = Prepared(select(_key))


@dataclass(frozen=True, slots=True)
class Key:
    """A public key of the database, and what the journal must have told of it."""

    till_id: int
    verifier: Verifier
    told: tuple[str, str]


@dataclass(slots=True)
class WhoSigns:
    """Which key signs the journal of a till, entry after entry: the first one, then each that it tells.

    A key that supersedes another signs alone from the next entry on; one of before that was told so, only
    once it has signed.
    """

    key: str = ""
    following: str = ""

    def may_sign(self, key: str) -> bool:
        """Whether the next entry may be signed by `key`; any may be the first."""
        if self.following and key == self.following:
            self.key, self.following = key, ""
        return self.key in ("", key)

    def hear(self, told: Mapping[str, Any], *, sequence: int, by: str) -> bool:
        """Hear of the key that an entry tells; whether its signer has a say."""
        if sequence > 1 and by != self.key:
            return False
        if sequence == 1 or SUPERSEDES in told:
            self.key, self.following = told["fingerprint"], ""
        else:
            self.following = told["fingerprint"]
        return True


def read_keys(session: Session, trusted: frozenset[str]) -> dict[str, Key]:
    """The keys by their fingerprints; where some are `trusted`, any other raises Wrong."""
    with readable(_("table {name}").format(name=_key.name)):
        rows = _KEYS.all(session)
    keys = {}
    for row in rows:
        where = where_key(row["fingerprint"])
        with readable(where):
            verifier = read_public_key(row["public_key"])
        if fingerprint(verifier) != row["fingerprint"]:
            raise Wrong(where, _("son empreinte n'est pas la sienne."))
        if trusted and row["fingerprint"] not in trusted:
            raise Wrong(where, _("elle n'est pas de celles que ce poste connaît."))
        told = (row["public_key"], row["created_at"].isoformat())
        keys[row["fingerprint"]] = Key(row["till_id"], verifier, told)
    return keys


def where_key(key_fingerprint: object) -> str:
    """How a fault names a key."""
    return _("clé {fingerprint}").format(fingerprint=str(key_fingerprint)[:16])
