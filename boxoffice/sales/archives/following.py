"""Following the journals in an archive: each entry follows the one before, signed by a key that is told.

The first key of a chain is taken at its word; any other signs once the key before has told it, which then
signs no more.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from boxoffice.kinds import JournalKind
from boxoffice.language import _

from ..books.journal import link
from ..books.signing import Verifier, fingerprint, read_public_key
from ..books.signing_keys import WhoSigns
from .leaflet import JOURNAL, PUBLIC_KEY
from .opened import AlteredArchive, OpenedArchive, altered, contradicted, file_of

CHECKPOINT = 250
"""Each digest binds all before it: one signature in so many vouches for them."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Key:
    till: int
    verifier: Verifier
    pem: str


def follow(
    archive: OpenedArchive,
    about: Mapping[str, Any],
    tills: Mapping[int, int],
    hear: Callable[[Row, Mapping[str, Any]], None],
) -> None:
    """Follow the chain of every till, and have each entry heard with what it tells. Raises AlteredArchive.

    `tills` are their numbers by id.
    """
    keys = _read_keys(archive, tills)
    chains = {chain["till"]: chain for chain in about["chains"]}
    seen: dict[int, tuple[int, str]] = {}
    followed: dict[int, int] = {}
    signs: dict[int, WhoSigns] = {}
    told: set[tuple[int, str]] = set()
    before, last = ("", ""), None
    for row in archive.rows(JOURNAL):
        till, sequence, key = row["till"], row["sequence"], row["key_fingerprint"]
        if till not in followed:
            _sign_off(last, keys)
            chain = chains.get(till)
            if chain is None:
                raise _broken(row)
            followed[till] = chain["first"] - 1
            signs[till] = WhoSigns(key)
            told.add((till, key))
            before, last = (chain["digest_before"], chain["signature_before"]), None
        content = json.loads(row["content"])
        columns = (row["sequence"], row["till"], row["key_fingerprint"], row["at"], row["kind"])
        signed = tuple(content[name] for name in ("sequence", "till", "key", "at", "entry"))
        if (
            sequence != followed[till] + 1
            or row["digest"] != link(*before, row["content"]).hex()
            or columns != signed
            or not signs[till].may_sign(key)
        ):
            raise _broken(row)
        if last is not None and last["key_fingerprint"] != key:
            _sign_off(last, keys)
        if row["kind"] == JournalKind.KEY_CREATED:
            _check_key(row, content, keys)
            signs[till].hear(content, sequence=sequence, by=key)
            told.add((till, content["fingerprint"]))
        followed[till] = sequence
        before, last = (row["digest"], row["signature"]), row
        if not sequence % CHECKPOINT:
            _sign_off(row, keys)
        _see_others(content, chains, seen)
        hear(row, content)
    _sign_off(last, keys)
    if followed != {till: chain["last"] for till, chain in chains.items()}:
        raise altered(file_of(JOURNAL), _("la fin d'un journal manque"))
    _check_seen(archive, seen)
    if (about["till"], about["key"]) not in told:
        raise contradicted(PUBLIC_KEY, _("aucun journal de l'archive ne connaît cette clé"))


def _see_others(content: Row, chains: Mapping[int, Row], seen: dict[int, tuple[int, str]]) -> None:
    """Keep the last entry of each other till that an entry vouches for: it binds all those before it."""
    for till, sequence, digest in content.get("heads", ()):
        chain = chains.get(till)
        if chain is not None and chain["first"] <= sequence <= chain["last"]:
            seen[till] = max(seen.get(till, (0, "")), (sequence, digest))


def _check_seen(archive: OpenedArchive, seen: Mapping[int, tuple[int, str]]) -> None:
    """The tills' entries are those that the other tills saw."""
    left = {(till, sequence): digest for till, (sequence, digest) in seen.items()}
    for row in archive.objects(JOURNAL):
        if not left:
            return
        if left.pop((row["till"], row["sequence"]), row["digest"]) != row["digest"]:
            what = _("l'entrée {sequence} de la caisse {till} n'est pas celle qu'une autre caisse a vue")
            raise contradicted(file_of(JOURNAL), what.format(till=row["till"], sequence=row["sequence"]))


def _read_keys(archive: OpenedArchive, tills: Mapping[int, int]) -> dict[str, _Key]:
    keys = {}
    for row in archive.rows("cles"):
        verifier = read_public_key(row["public_key"])
        if fingerprint(verifier) != row["fingerprint"]:
            raise altered(file_of("cles"), _("une empreinte n'est pas celle de sa clé"))
        keys[row["fingerprint"]] = _Key(tills[row["till_id"]], verifier, row["public_key"])
    return keys


def _check_key(row: Row, content: Mapping[str, Any], keys: Mapping[str, _Key]) -> None:
    """A key that an entry tells is among those of the archive, as it is told."""
    key = keys.get(content["fingerprint"])
    if key is None or (key.pem, key.till) != (content["public_key"], row["till"]):
        raise contradicted(file_of("cles"), _("une clé n'est pas celle que le journal raconte"))


def _sign_off(row: Row | None, keys: Mapping[str, _Key]) -> None:
    """The key of an entry is that of its till, and signed it, and with it all those before."""
    if row is None:
        return
    key = keys.get(row["key_fingerprint"])
    if (
        key is None
        or key.till != row["till"]
        or not key.verifier.accepts(bytes.fromhex(row["digest"]), row["signature"])
    ):
        raise _broken(row)


def _broken(row: Row) -> AlteredArchive:
    what = _("le journal de la caisse {till} est rompu à l'entrée {sequence}")
    return altered(file_of(JOURNAL), what.format(till=row["till"], sequence=row["sequence"]))
