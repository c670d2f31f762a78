"""Files for their owner's eyes alone: there are names in them, or codes that are worth money."""

import os
import tempfile
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
    """A file to write that nobody else can read: on the disk as a whole when the block ends, or not at all.

    Another that writes the same file at the same time writes one of its own: the last to end has it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(number, "w+b") as file:
            yield file
        with unfinished.open("r+b") as written:
            os.fsync(written.fileno())
        unfinished.replace(path)
        _keep_name(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _keep_name(folder: Path) -> None:
    """Have the disk keep the names in a folder, which Windows does by itself."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
