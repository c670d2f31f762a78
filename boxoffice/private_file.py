"""Files for their owner's eyes alone: there are names in them, or codes that are worth money."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_UNFINISHED = ".part"


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
    with _named(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_UNFINISHED, dir=path.parent)
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


@dataclass(frozen=True, slots=True)
class Aside:
    """Files to come in a folder, written where nobody looks for them: there, a full disk does no harm."""

    folder: Path
    unfinished: Path

    def path(self, name: str) -> Path:
        """Where to write a file until it has its name. Raises OSError where a folder has that name."""
        if (self.folder / name).is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self.folder / name))
        return self.unfinished / name

    def publish(self, *written: Path) -> tuple[Path, ...]:
        """Give files their names, in place of those that had them; returns where they are now."""
        published = tuple(file.replace(self.folder / file.name) for file in written)
        _keep_name(self.folder)
        return published


@contextmanager
def written_aside(folder: Path) -> Iterator[Aside]:
    """Files of a folder that are written, then told to the journal, then published: or none of these.

    What the journal tells of a file that is not there, or numbers for it, could never be made good.
    """
    with _named(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = Path(tempfile.mkdtemp(prefix=".", suffix=_UNFINISHED, dir=folder))
    try:
        yield Aside(folder, unfinished)
    except OSError as error:
        if error.filename is not None and Path(str(error.filename)).parent == unfinished:
            error.filename = str(folder / Path(str(error.filename)).name)
        raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Have an error of the system name what was to be written: it says nothing, or a name of a moment."""
    try:
        yield
    except OSError as error:
        is_named = error.filename is not None and not str(error.filename).endswith(_UNFINISHED)
        if error.errno is not None and not is_named:
            error.filename = str(path)
        raise


def _keep_name(folder: Path) -> None:
    """Have the disk keep the names in a folder, which Windows does by itself."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
