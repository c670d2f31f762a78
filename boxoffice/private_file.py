"""Files for their owner's eyes alone: there are names in them, or codes that are worth money."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write_privately(path: Path, content: bytes) -> Path:
    """Write a file that nobody else can read, in place of one that somebody may have opened to all."""
    with private_file(path) as file:
        file.write(content)
    return path


@contextmanager
def private_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write that nobody else can read: there as a whole when the block ends, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            yield file
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
