"""The ZIP itself: its comment seals every byte before it, those that no file of the archive owns included."""

import hashlib
from pathlib import Path

PREFIX = b"boxoffice archive sha256 "
_DIGITS = 64
LENGTH = len(PREFIX) + _DIGITS
_AT_ONCE = 1 << 20


def blank() -> bytes:
    """What stands in place of the seal until all else is written."""
    return PREFIX + b"0" * _DIGITS


def seal(path: Path) -> None:
    """Write the hash of all that comes before the comment into it."""
    digest = _digest(path)
    with path.open("r+b") as file:
        file.seek(-_DIGITS, 2)
        file.write(digest.encode())


def is_whole(path: Path) -> bool:
    """Whether no byte has changed since it was sealed."""
    size = path.stat().st_size
    if size < LENGTH:
        return False
    with path.open("rb") as file:
        file.seek(-LENGTH, 2)
        return file.read() == PREFIX + _digest(path).encode()


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        left = path.stat().st_size - LENGTH
        while left > 0:
            some = file.read(min(_AT_ONCE, left))
            digest.update(some)
            left -= len(some)
    return digest.hexdigest()
