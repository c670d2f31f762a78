"""Verifying an archive by its file alone: nothing of it has changed, and its journal holds together."""

import base64
import binascii
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boxoffice.errors import Refusal
from boxoffice.language import _

from ..books.journal import link
from ..books.signing import Verifier, fingerprint, read_public_key
from . import envelope
from .leaflet import ABOUT, MANIFEST, PUBLIC_KEY, SIGNATURE
from .making import FORMAT, JOURNAL

CHECKPOINT = 250
"""Each digest binds all before it: one signature in so many vouches for them."""
_AT_ONCE = 1 << 20
_UNLISTED = {MANIFEST, SIGNATURE}

Progress = Callable[[int, int], None]
"""Told how many bytes of how many have been read."""


class AlteredArchive(Refusal):
    """Something of the archive is not as it was signed; the message names the file."""


@dataclass(frozen=True, slots=True)
class Verified:
    """An archive in which nothing is wrong: whose it is, of which days, and the key that signed it."""

    operator: str
    siret: str
    first: str
    last: str
    made_at: str
    key: str
    files: int
    sales: int
    entries: int


def verify_archive(
    path: Path,
    *,
    trusted: frozenset[str] = frozenset(),
    progress: Progress = lambda _done, _of: None,
) -> Verified:
    """Check every byte, the signature, and the chain of every till. Needs no database.

    `trusted` are fingerprints of keys known from elsewhere: without them, the archive only agrees with
    itself. Raises AlteredArchive.
    """
    if not path.is_file():
        raise Refusal(_("Il n'y a pas de fichier {file}.").format(file=path))
    try:
        with zipfile.ZipFile(path) as packed:
            archive = _Archive(packed)
            hashes = archive.hashes()
            archive.compare(hashes, progress)
            if not envelope.is_whole(path):
                raise _altered(path.name, _("son enveloppe ZIP a changé"))
            about = archive.about(trusted)
            _follow(archive, about)
            _compare_sales(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise _altered(path.name, _("ce n'est pas, ou plus, un ZIP entier")) from error
    seller = about["establishment"]
    return Verified(
        seller["operator_name"],
        seller["siret"],
        about["first"],
        about["last"],
        about["made_at"],
        about["key"],
        len(hashes),
        about["rows"]["ventes"],
        about["rows"][JOURNAL],
    )


class _Archive:
    """The files of a ZIP, each read in a stream; whatever cannot be read is named."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._zip = packed

    def read(self, name: str) -> bytes:
        return b"".join(self._chunks(name))

    def hashes(self) -> Mapping[str, str]:
        """The list that was signed: the hash of each file by its name."""
        try:
            signature, manifest = self.read(SIGNATURE), self.read(MANIFEST)
            verifier = read_public_key(self.read(PUBLIC_KEY).decode("ascii"))
        except (ValueError, UnicodeDecodeError) as error:
            raise _altered(PUBLIC_KEY, _("ce n'est pas une clé")) from error
        signed = base64.b64encode(signature).decode()
        if not verifier.accepts(hashlib.sha256(manifest).digest(), signed):
            raise _altered(MANIFEST, _("ce n'est pas la liste qui a été signée"))
        hashes = {}
        for line in manifest.decode().splitlines():
            digest, _space, name = line.partition("  ")
            hashes[name] = digest
        return hashes

    def compare(self, hashes: Mapping[str, str], progress: Progress) -> None:
        """Raise AlteredArchive at a file that is not as listed, lacking, or too many."""
        there = [info.filename for info in self._zip.infolist()]
        listed = {*hashes, *_UNLISTED}
        for name in sorted(listed - set(there)):
            raise _altered(name, _("il manque"))
        for name in sorted(set(there) - listed):
            raise _altered(name, _("il est de trop"))
        if len(there) != len(set(there)):
            raise _altered(MANIFEST, _("un fichier est là deux fois"))
        total = sum(info.file_size for info in self._zip.infolist())
        done = 0
        for name, expected in hashes.items():
            digest = hashlib.sha256()
            for chunk in self._chunks(name):
                digest.update(chunk)
                done += len(chunk)
                progress(done, total)
            if digest.hexdigest() != expected:
                raise _altered(name, _("son empreinte n'est pas celle qui a été signée"))

    def about(self, trusted: frozenset[str]) -> Mapping[str, Any]:
        """What the archive says of itself, once its key is known to be the one that it names."""
        about: dict[str, Any] = json.loads(self.read(ABOUT))
        if about.get("boxoffice_archive") != FORMAT:
            raise Refusal(
                _("Cette archive vient d'une version plus récente du programme."),
                _("Vérifiez-la avec celle-ci, ou selon son LISEZMOI.txt."),
            )
        key = fingerprint(read_public_key(self.read(PUBLIC_KEY).decode()))
        if key != about["key"] or (trusted and key not in trusted):
            raise _altered(PUBLIC_KEY, _("cette clé n'est pas celle qu'on attend"))
        return about

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """The rows of a file of data, one at a time."""
        with self._zip.open(f"donnees/{name}.json") as file:
            for line in io.TextIOWrapper(file, "utf-8"):
                text = line.strip().rstrip(",")
                if text not in ("[", "]", ""):
                    yield json.loads(text)

    def _chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as file:
                while chunk := file.read(_AT_ONCE):
                    yield chunk
        except KeyError as error:
            raise _altered(name, _("il manque")) from error
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
            raise _altered(name, _("il ne se lit plus")) from error
        except (RuntimeError, OSError, binascii.Error) as error:
            raise _altered(name, _("il ne se lit plus")) from error


def _follow(archive: _Archive, about: Mapping[str, Any]) -> None:
    """Follow the chain of every till, entry by entry."""
    keys: dict[str, Verifier] = {}
    for row in archive.rows("cles"):
        keys[row["fingerprint"]] = read_public_key(row["public_key"])
        if fingerprint(keys[row["fingerprint"]]) != row["fingerprint"]:
            raise _altered("donnees/cles.json", _("une empreinte n'est pas celle de sa clé"))
    chains = {chain["till"]: chain for chain in about["chains"]}
    followed: dict[int, int] = {}
    before, last = ("", ""), None
    for row in archive.rows(JOURNAL):
        till, sequence = row["till"], row["sequence"]
        if till not in followed:
            _sign_off(last, keys)
            chain = chains.get(till)
            if chain is None:
                raise _broken(row)
            followed[till] = chain["first"] - 1
            before = chain["digest_before"], chain["signature_before"]
        content = json.loads(row["content"])
        if (
            sequence != followed[till] + 1
            or row["digest"] != link(*before, row["content"]).hex()
            or (content["sequence"], content["till"], content["key"])
            != (sequence, till, row["key_fingerprint"])
        ):
            raise _broken(row)
        followed[till] = sequence
        before, last = (row["digest"], row["signature"]), row
        if not sequence % CHECKPOINT:
            _sign_off(row, keys)
    _sign_off(last, keys)
    if followed != {till: chain["last"] for till, chain in chains.items()}:
        raise _altered(f"donnees/{JOURNAL}.json", _("la fin d'un journal manque"))


def _sign_off(row: Mapping[str, Any] | None, keys: Mapping[str, Verifier]) -> None:
    """The key of an entry signed it, and with it all those before."""
    if row is None:
        return
    key = keys.get(row["key_fingerprint"])
    if key is None or not key.accepts(bytes.fromhex(row["digest"]), row["signature"]):
        raise _broken(row)


def _compare_sales(archive: _Archive) -> None:
    """Each sale of the file is one that the journal tells, of the same total."""
    sold = {row["id"]: row["total_cents"] for row in archive.rows("ventes")}
    for row in archive.rows(JOURNAL):
        if row["sale_id"] in sold:
            told = json.loads(row["content"])["sale"]
            if (told["id"], told["total"]) != (row["sale_id"], sold.pop(row["sale_id"])):
                raise _altered(
                    "donnees/ventes.json",
                    _("la vente {id} n'est pas celle que le journal raconte").format(id=row["sale_id"]),
                )
    for sale_id in sold:
        raise _altered("donnees/ventes.json", _("aucun journal ne raconte la vente {id}").format(id=sale_id))


def _broken(row: Mapping[str, Any]) -> AlteredArchive:
    what = _("le journal de la caisse {till} est rompu à l'entrée {sequence}")
    return _altered(f"donnees/{JOURNAL}.json", what.format(till=row["till"], sequence=row["sequence"]))


def _altered(name: str, why: str) -> AlteredArchive:
    return AlteredArchive(
        _("Cette archive a été changée. {file} : {why}.").format(file=name, why=why),
        _("N'en tirez rien : prenez-en une autre copie."),
    )
