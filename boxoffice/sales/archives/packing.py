"""Packing an archive: files streamed into a ZIP and hashed on the way, then their list, which is signed."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any

from sqlalchemy import Select
from sqlmodel import Session

from ..books.signing import Signer
from .leaflet import MANIFEST, SIGNATURE
from .members import PLAIN_FILE
from .rows import csv_line, json_object, plain

ROWS_AT_ONCE = 1_000
COMPRESSION = 4
_BUFFER = 1 << 16

Progress = Callable[[int, int], None]
"""Told how many rows of how many are written."""


class Packing:
    """A ZIP being written, and what is known of the files in it so far."""

    def __init__(self, packed: zipfile.ZipFile, at: datetime, progress: Progress, total: int) -> None:
        self._zip, self.at, self._progress, self._total = packed, at, progress, total
        self._done = 0
        self.hashes: dict[str, str] = {}
        self.rows: dict[str, int] = {}

    def write_rows(
        self, session: Session, name: str, columns: tuple[str, ...], statements: tuple[Select[Any], ...]
    ) -> None:
        """Write the same rows as CSV and as JSON, never more than some of them in memory."""

        def rows() -> Iterator[list[Any]]:
            for statement in statements:
                for row in session.execute(statement.execution_options(yield_per=ROWS_AT_ONCE)):
                    yield [plain(value) for value in row]
                    self._step()

        count = 0
        with self._member(f"donnees/{name}.csv") as file:
            file.write(csv_line(columns))
            for row in rows():
                file.write(csv_line(row))
                count += 1
        with self._member(f"donnees/{name}.json") as file:
            file.write("[")
            between = "\n"
            for row in rows():
                file.write(between + json_object(dict(zip(columns, row, strict=True))))
                between = ",\n"
            file.write("\n]\n")
        self.rows[name] = count

    def write_text(self, name: str, text: str) -> None:
        """Write a text as a file."""
        content = text.encode()
        self.hashes[name] = hashlib.sha256(content).hexdigest()
        self._zip.writestr(self._info(name), content)

    def sign(self, signer: Signer) -> str:
        """Write the list of all files, signed; returns its hash."""
        manifest = "".join(f"{digest}  {name}\n" for name, digest in self.hashes.items()).encode()
        digest = hashlib.sha256(manifest).digest()
        self._zip.writestr(self._info(MANIFEST), manifest)
        self._zip.writestr(self._info(SIGNATURE), base64.b64decode(signer.sign(digest)))
        return digest.hex()

    @contextmanager
    def _member(self, name: str) -> Iterator[IO[str]]:
        """A text file of the archive, hashed as it is written."""
        with self._zip.open(self._info(name), "w", force_zip64=True) as member:
            hashed = _Hashed(member)
            text = io.TextIOWrapper(io.BufferedWriter(hashed, _BUFFER), "utf-8", newline="")
            yield text
            text.flush()
            text.detach()
        self.hashes[name] = hashed.digest.hexdigest()

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self.at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = PLAIN_FILE
        return info

    def _step(self) -> None:
        self._done += 1
        if not self._done % ROWS_AT_ONCE:
            self._progress(self._done, self._total)


class _Hashed(io.RawIOBase):
    """Passes on what is written, and hashes it."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        return self._file.write(data)
