"""The keys that sign the journal: ECDSA P-256, the private half in a file that the database never holds.

Beside the key its anchor is kept, signed by it: the last entry known to be in the journal, so that cutting
the end off the journal in the database is found too.
"""

import base64
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)

from boxoffice.private_file import write_privately

_ALGORITHM = ec.ECDSA(Prehashed(hashes.SHA256()))
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256: of the two numbers `s` and `order - s` that sign alike, only the lower one counts."""
ANCHOR = ".anchor"
"""How the file of an anchor ends, beside the key of its till."""
_LONGER_THAN_AN_ANCHOR = 512
_NUMBERS = "n:"
"""What the numbers of an anchor begin with, as no signature in base64 does."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """An entry known to be in the journal: its place in the chain, and its digest in hex.

    `numbers` are the last that its till had drawn by then of each series, none if a version before kept it.
    Only one kept by a version that signed none `is_signed` by nobody.
    """

    sequence: int
    digest: str
    is_signed: bool = field(default=True, compare=False)
    numbers: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Signer:
    """Signs SHA-256 digests. `fingerprint` is the SHA-256 of the public key (DER), in hex."""

    private_key: ec.EllipticCurvePrivateKey
    fingerprint: str
    anchor_path: Path

    @property
    def public_pem(self) -> str:
        """The public half, as PEM text."""
        return (
            self.private_key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    def sign(self, digest: bytes) -> str:
        """The one signature that counts of a 32-byte digest, as base64 of its DER form."""
        r, s = decode_dss_signature(self.private_key.sign(digest, _ALGORITHM))
        return _write_signature(r, min(s, _ORDER - s))

    @property
    def verifier(self) -> "Verifier":
        """What checks its signatures."""
        return Verifier(self.private_key.public_key())

    def anchor(self) -> Anchor | None:
        """The last entry known to be in the journal, if any.

        Raises ValueError if it is unreadable, or signed by another key.
        """
        return _read_anchor(self.anchor_path, self.verifier)

    def keep_anchor(self, anchor: Anchor, *, restored: bool = False) -> None:
        """Remember an entry that was committed, in one small write that leaves no torn line.

        An anchor never goes back, unless a manager answers for a database that was `restored`.
        """
        file = None if restored else _open_if_there(self.anchor_path, os.O_RDWR)
        if file is None:
            self._write_anchor(anchor, (self,))
            return
        try:
            if _parts_in(file)[0].sequence < anchor.sequence:
                os.lseek(file, 0, os.SEEK_SET)
                os.write(file, _anchor_line(anchor, (self,)))
        finally:
            os.close(file)

    def share_anchor(self, other: "Signer") -> None:
        """Sign the anchor by the `other` key of this till too: whichever of them is then here, it is read.

        Raises ValueError if it is unreadable, or signed by another key.
        """
        anchor = self.anchor()
        if anchor is not None and anchor.is_signed:
            self._write_anchor(anchor, (self, other))

    def _write_anchor(self, anchor: Anchor, signers: "Sequence[Signer]") -> None:
        """Write it whole to the disk: an empty one after a power cut would stop all selling."""
        write_privately(self.anchor_path, _anchor_line(anchor, signers))


def create_key(path: Path) -> Signer:
    """Make a key and keep it at `path` for its owner alone. Raises FileExistsError, overwriting nothing."""
    private_key = ec.generate_private_key(ec.SECP256R1())
    pem = private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return _signer(private_key, path)


def load_key(path: Path) -> Signer:
    """Read the key at `path`. Raises FileNotFoundError, or ValueError if it is no P-256 key."""
    private_key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private_key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path} holds no elliptic-curve key")
    return _signer(private_key, path)


def read_anchor(key_path: Path) -> Anchor | None:
    """The anchor kept beside the key at `key_path`, if any.

    Raises ValueError if it is unreadable, or not signed by that key, and FileNotFoundError without the key.
    """
    return load_key(key_path).anchor()


@dataclass(frozen=True)
class Verifier:
    """Checks what the holder of a private key signed."""

    public_key: ec.EllipticCurvePublicKey

    def accepts(self, digest: bytes, signature: str) -> bool:
        """Whether `signature` (base64 DER) is that of the 32-byte `digest`, written as it would be here."""
        try:
            der = base64.b64decode(signature, validate=True)
            r, s = decode_dss_signature(der)
            self.public_key.verify(der, digest, _ALGORITHM)
        except (InvalidSignature, ValueError):
            return False
        return s <= _ORDER // 2 and _write_signature(r, s) == signature


def read_public_key(pem: str) -> Verifier:
    """A verifier from PEM text. Raises ValueError if it is no P-256 key."""
    public_key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(public_key, ec.EllipticCurvePublicKey):
        raise ValueError("no elliptic-curve key")
    return Verifier(public_key)


def fingerprint(verifier: Verifier) -> str:
    """The SHA-256 of the public key in DER form, in hex."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(
        verifier.public_key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return digest.finalize().hex()


def _write_signature(r: int, s: int) -> str:
    return base64.b64encode(encode_dss_signature(r, s)).decode()


def _signer(private_key: ec.EllipticCurvePrivateKey, path: Path) -> Signer:
    return Signer(private_key, fingerprint(Verifier(private_key.public_key())), _anchor_path(path))


def _read_anchor(path: Path, verifier: Verifier) -> Anchor | None:
    """The anchor at `path`, read from the file each time: another program may have signed since."""
    file = _open_if_there(path, os.O_RDONLY)
    if file is None:
        return None
    try:
        anchor, signatures = _parts_in(file)
    finally:
        os.close(file)
    if signatures and not any(verifier.accepts(_anchored(anchor), each) for each in signatures):
        raise ValueError(f"{path} is not signed by the key beside it")
    return anchor


def _open_if_there(path: Path, flags: int) -> int | None:
    """An open file by its number: text files of Python take longer, and each sale waits for two."""
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        return None


def _parts_in(file: int) -> tuple[Anchor, Sequence[str]]:
    """An anchor and its signatures: what a longer one left after the end of the line is no part of it."""
    line = os.read(file, _LONGER_THAN_AN_ANCHOR).decode("ascii").partition("\n")[0]
    sequence, digest, *rest = line.split()
    drawn = [part for part in rest if part.startswith(_NUMBERS)]
    signatures = [part for part in rest if part not in drawn]
    numbers = tuple(map(int, drawn[0].removeprefix(_NUMBERS).split(","))) if drawn else ()
    return Anchor(int(sequence), digest, bool(signatures), numbers), signatures


def _anchor_line(anchor: Anchor, signers: Sequence[Signer]) -> bytes:
    signatures = " ".join(signer.sign(_anchored(anchor)) for signer in signers)
    return f"{anchor.sequence:012d} {anchor.digest}{_numbers_told(anchor)} {signatures}\n".encode()


def _anchored(anchor: Anchor) -> bytes:
    """What is signed of an anchor, which the signature of no entry can be taken for."""
    told = f"boxoffice-anchor {anchor.sequence} {anchor.digest}{_numbers_told(anchor)}"
    return hashlib.sha256(told.encode()).digest()


def _numbers_told(anchor: Anchor) -> str:
    return f" {_NUMBERS}{','.join(map(str, anchor.numbers))}" if anchor.numbers else ""


def _anchor_path(key_path: Path) -> Path:
    return key_path.with_suffix(ANCHOR)
