"""Making an archive: the rows of a period, streamed into a ZIP, hashed and signed; the journal tells it."""

import base64
import csv
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Select, and_, func, or_, select
from sqlmodel import Session

from boxoffice import __version__
from boxoffice.clock import Clock, paris
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.models import Establishment, JournalEntry, Sale, Till, table

from ..books.journal import GENESIS, append
from ..staff.desk import Post
from ..staff.operators import StaffMember
from ..staff.permissions import require
from . import envelope
from .contents import PARTS, Period, of_its_day, query
from .leaflet import ABOUT, LEAFLET, MANIFEST, PUBLIC_KEY, SIGNATURE, leaflet

FORMAT = 1
ROWS_AT_ONCE = 1_000
JOURNAL = "journal"
_COMPRESSION = 4
_BUFFER = 1 << 16
_entry, _sale, _till = table(JournalEntry), table(Sale), table(Till)
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

Progress = Callable[[int, int], None]
"""Told how many rows of how many are written."""


@dataclass(frozen=True, slots=True)
class CreateArchive:
    """The business days to archive, both included, and the file to make, which must not be there yet."""

    first: date
    last: date
    path: Path


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was made: `manifest` is the SHA-256 of the list that was signed."""

    path: Path
    manifest: str
    files: int
    sales: int
    entries: int
    size: int


@dataclass
class _Making:
    """What is known of the files written so far."""

    zip: zipfile.ZipFile
    at: datetime
    progress: Progress
    total: int
    done: int = 0
    hashes: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


def create_archive(
    session: Session,
    command: CreateArchive,
    post: Post,
    *,
    clock: Clock,
    progress: Progress = lambda _done, _of: None,
) -> Archive:
    """Write the archive of a period from one view of the database; `tell_archive` then has it recorded.

    Raises Refusal for days that have not ended, in the wrong order, and for a file that is there.
    """
    period = _period(command, post, clock.now())
    if command.path.exists():
        raise Refusal(_("Le fichier {file} existe déjà.").format(file=command.path))
    part = command.path.with_name(f".{command.path.name}.part")
    command.path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as packed,
        ):
            making = _Making(packed, clock.now(), progress, _count(session, period))
            archive = _fill(session, making, command, period, post)
            packed.comment = envelope.blank()
        envelope.seal(part)
        os.replace(part, command.path)
    finally:
        part.unlink(missing_ok=True)
    return Archive(
        command.path,
        archive,
        len(making.hashes),
        making.rows["ventes"],
        making.rows[JOURNAL],
        command.path.stat().st_size,
    )


def tell_archive(
    session: Session,
    archive: Archive,
    command: CreateArchive,
    post: Post,
    *,
    clock: Clock,
    manager: StaffMember,
) -> None:
    """Have the journal tell what was archived, by the hash of the list that was signed."""
    require(session, Action.MAKE_ARCHIVE, manager.id)
    told = {
        "entries": archive.entries,
        "first": command.first.isoformat(),
        "last": command.last.isoformat(),
        "manifest": archive.manifest,
        "sales": archive.sales,
    }
    append(session, post, JournalKind.ARCHIVE_MADE, told, at=clock.now(), operator_number=manager.number)


def _period(command: CreateArchive, post: Post, now: datetime) -> Period:
    starts_at = post.rules.business_day_starts
    if command.last < command.first:
        raise Refusal(_("La période finit avant de commencer."))
    until = paris(command.last + timedelta(1), starts_at)
    if until > now:
        raise Refusal(
            _("La journée du {day} n'est pas finie.").format(day=f"{command.last:%d/%m/%Y}"),
            _("Archivez jusqu'à la veille."),
        )
    return Period(command.first, command.last, paris(command.first, starts_at), until)


def _fill(session: Session, making: _Making, command: CreateArchive, period: Period, post: Post) -> str:
    """Write every file; returns the hash of the list of their hashes, which is signed."""
    parts = []
    for part in PARTS:
        columns, statement = query(part, period)
        _write_part(session, making, part.name, columns, statement)
        parts.append((part.name, part.meaning, making.rows[part.name]))
    spans = _spans(session, period)
    _write_journal(session, making, spans)
    parts.append((JOURNAL, "le journal signé de chaque caisse", making.rows[JOURNAL]))
    about = _about(session, making, command, post) | {
        "chains": [_chain(session, span) for span in spans],
        "rows": making.rows,
    }
    _write_text(making, ABOUT, json.dumps(about, ensure_ascii=False, indent=1) + "\n")
    _write_text(making, LEAFLET, leaflet(about, parts))
    _write_text(making, PUBLIC_KEY, post.signer.public_pem)
    manifest = "".join(f"{digest}  {name}\n" for name, digest in making.hashes.items()).encode()
    digest = hashlib.sha256(manifest).digest()
    making.zip.writestr(_info(making, MANIFEST), manifest)
    making.zip.writestr(_info(making, SIGNATURE), base64.b64decode(post.signer.sign(digest)))
    return digest.hex()


def _about(session: Session, making: _Making, command: CreateArchive, post: Post) -> dict[str, Any]:
    seller = session.get(Establishment, 1)
    assert seller is not None
    return {
        "boxoffice_archive": FORMAT,
        "establishment": {
            "festival": seller.festival,
            "operator_name": seller.operator_name,
            "siret": seller.siret,
        },
        "first": command.first.isoformat(),
        "key": post.signer.fingerprint,
        "last": command.last.isoformat(),
        "made_at": making.at.isoformat(timespec="seconds"),
        "till": post.till_number,
        "version": __version__,
    }


@dataclass(frozen=True, slots=True)
class _Span:
    """The entries of a till that belong to the period, without a gap."""

    till_id: int
    till: int
    first: int
    last: int


def _spans(session: Session, period: Period) -> list[_Span]:
    """From the first to the last entry of the period at each till, by number: clocks may have been wrong."""
    then = and_(_entry.c.at >= period.since, _entry.c.at < period.until)
    rows = session.execute(
        select(_till.c.id, _till.c.number, func.min(_entry.c.sequence), func.max(_entry.c.sequence))
        .select_from(_entry)
        .join(_till, _till.c.id == _entry.c.till_id)
        .outerjoin(_sale, _sale.c.id == _entry.c.sale_id)
        .where(or_(then, of_its_day(_sale, period)))
        .group_by(_till.c.id, _till.c.number)
        .order_by(_till.c.number)
    ).all()
    return [_Span(*row) for row in rows]


def _chain(session: Session, span: _Span) -> dict[str, Any]:
    """What the first entry of a till follows, so that it can be checked too."""
    before = session.execute(
        select(_entry.c.digest, _entry.c.signature).where(
            _entry.c.till_id == span.till_id, _entry.c.sequence == span.first - 1
        )
    ).one_or_none()
    digest, signature = (GENESIS, GENESIS) if before is None else before
    return {
        "till": span.till,
        "first": span.first,
        "last": span.last,
        "digest_before": digest,
        "signature_before": signature,
    }


def _write_journal(session: Session, making: _Making, spans: Iterable[_Span]) -> None:
    columns = ("till", *(column.name for column in _entry.columns if column.name != "till_id"))
    read = [
        select(_till.c.number, *(column for column in _entry.columns if column.name != "till_id"))
        .join(_till, _till.c.id == _entry.c.till_id)
        .where(_entry.c.till_id == span.till_id, _entry.c.sequence.between(span.first, span.last))
        .order_by(_entry.c.sequence)
        for span in spans
    ]
    _write_part(session, making, JOURNAL, columns, *read)


def _write_part(
    session: Session, making: _Making, name: str, columns: tuple[str, ...], *statements: Select[Any]
) -> None:
    """Write the same rows as CSV and as JSON, never more than some of them in memory."""

    def rows() -> Iterator[Any]:
        for statement in statements:
            yield from session.execute(statement.execution_options(yield_per=ROWS_AT_ONCE))

    making.rows[name] = 0
    with _member(making, f"donnees/{name}.csv") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(columns)
        for row in rows():
            writer.writerow([_cell(value) for value in row])
            making.rows[name] += 1
            _step(making)
    with _member(making, f"donnees/{name}.json") as file:
        file.write("[")
        between = "\n"
        for row in rows():
            told = {column: _plain(value) for column, value in zip(columns, row, strict=True)}
            file.write(between + _JSON.encode(told))
            between = ",\n"
            _step(making)
        file.write("\n]\n")


@contextmanager
def _member(making: _Making, name: str) -> Iterator[IO[str]]:
    """A text file of the archive, hashed as it is written."""
    with making.zip.open(_info(making, name), "w", force_zip64=True) as member:
        hashed = _Hashed(member)
        text = io.TextIOWrapper(io.BufferedWriter(hashed, _BUFFER), "utf-8", newline="")
        yield text
        text.flush()
        text.detach()
    making.hashes[name] = hashed.digest.hexdigest()


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


def _write_text(making: _Making, name: str, text: str) -> None:
    content = text.encode()
    making.hashes[name] = hashlib.sha256(content).hexdigest()
    making.zip.writestr(_info(making, name), content)


def _info(making: _Making, name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, making.at.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def _step(making: _Making) -> None:
    making.done += 1
    if not making.done % ROWS_AT_ONCE:
        making.progress(making.done, making.total)


def _count(session: Session, period: Period) -> int:
    """About how many rows will be written: those of the sales and their journal are nearly all."""
    counted: int = session.execute(
        select(func.count()).select_from(_sale).where(of_its_day(_sale, period))
    ).scalar_one()
    return counted * 10


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case datetime() | date():
            return value.isoformat()
    return str(value)


def _cell(value: Any) -> Any:
    plain = _plain(value)
    if plain is None:
        return ""
    return int(plain) if isinstance(plain, bool) else plain
