"""Printers that are files: the virtual printer, which keeps every paper, and a file or device to write to."""

import os
from pathlib import Path
from threading import Event
from time import monotonic

from .driver import (
    CONNECTION_LOST,
    NO_FOLDER,
    OFF,
    READY,
    Blocked,
    Outcome,
    Printout,
    Status,
    Trouble,
    Uncertain,
)

PAPER_SECONDS = 0.25
"""How long a good printer takes for a ticket. A virtual one that hurried would only hold up the keys."""


class VirtualPrinter:
    """Keeps each paper in a folder, as its bytes and as a picture. The picture is the paper: it came out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._last = -PAPER_SECONDS
        self._interrupted = Event()

    def check(self) -> Status:
        """Wait until the last paper would be out, before the next is said to be on its way."""
        self._interrupted.wait(max(0.0, self._last + PAPER_SECONDS - monotonic()))
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            return Status(False, NO_FOLDER)
        return READY if os.access(self.folder, os.W_OK) else Status(False, NO_FOLDER)

    def send(self, printout: Printout, _trouble: Trouble, /) -> Outcome:
        self._last = monotonic()
        picture = printout.picture()
        try:
            self._keep(f"{printout.name}.bin", printout.data)
            self._keep(f"{printout.name}.png", picture)
        except OSError as error:
            raise Blocked(NO_FOLDER) from error
        return Outcome.ACKNOWLEDGED

    def pulse(self, data: bytes) -> None:
        """A virtual printer has no drawer."""

    def close(self) -> None:
        """Nothing is held."""

    def interrupt(self) -> None:
        """From now on, papers come out as fast as they can."""
        self._interrupted.set()

    def _keep(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all, for its owner alone: its code opens a door."""
        unfinished = self.folder / f".{name}"
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        unfinished.replace(self.folder / name)


class FilePrinter:
    """Appends to a file, or writes to a device such as `/dev/usb/lp0`; nothing answers there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def check(self) -> Status:
        there = self.path if self.path.exists() else self.path.parent
        return READY if not self.path.is_dir() and os.access(there, os.W_OK) else Status(False, OFF)

    def send(self, printout: Printout, _trouble: Trouble, /) -> Outcome:
        try:
            file = self.path.open("ab", buffering=0)
        except OSError as error:
            raise Blocked(OFF) from error
        with file:
            try:
                _write_all(file.fileno(), printout.data)
            except OSError as error:
                raise Uncertain(CONNECTION_LOST) from error
        return Outcome.SENT

    def pulse(self, data: bytes) -> None:
        with self.path.open("ab", buffering=0) as file:
            _write_all(file.fileno(), data)

    def close(self) -> None:
        """Each document opens the file for itself."""

    def interrupt(self) -> None:
        """Nothing waits."""


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
