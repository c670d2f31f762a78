"""Signatures: each is written one way only, so that nobody can write another that is as good."""

import base64
import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from boxoffice.sales.books.signing import Signer, create_key, load_key, read_public_key

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
DIGEST = hashlib.sha256(b"entry").digest()


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return create_key(tmp_path / "till-1.pem")


def test_what_is_signed_is_accepted_and_nothing_else(signer: Signer, tmp_path: Path) -> None:
    verifier = read_public_key(signer.public_pem)
    signature = load_key(tmp_path / "till-1.pem").sign(DIGEST)
    assert verifier.accepts(DIGEST, signature)
    assert not verifier.accepts(hashlib.sha256(b"other").digest(), signature)
    assert not verifier.accepts(DIGEST, create_key(tmp_path / "other.pem").sign(DIGEST))


def test_of_two_numbers_that_sign_alike_only_the_lower_counts(signer: Signer) -> None:
    verifier = read_public_key(signer.public_pem)
    for _try in range(8):
        signature = signer.sign(DIGEST)
        r, s = decode_dss_signature(base64.b64decode(signature))
        assert s <= ORDER // 2
        twin = base64.b64encode(encode_dss_signature(r, ORDER - s)).decode()
        assert not verifier.accepts(DIGEST, twin)


def test_the_same_signature_written_otherwise_does_not_count(signer: Signer) -> None:
    verifier = read_public_key(signer.public_pem)
    signature = next(signed for signed in iter(lambda: signer.sign(DIGEST), "") if signed.endswith("="))
    body, padding = signature.rstrip("="), "=" * signature.count("=")
    spare_bit = BASE64[BASE64.index(body[-1]) ^ 1]
    assert base64.b64decode(body[:-1] + spare_bit + padding) == base64.b64decode(signature)
    longer = base64.b64encode(base64.b64decode(signature) + b"\x00").decode()
    for written in (body[:-1] + spare_bit + padding, longer, f"{signature}\n", f" {signature}"):
        assert not verifier.accepts(DIGEST, written)
