"""Making an archive: the rows of a period, streamed into a ZIP, hashed and signed; the journal tells it."""

import json
import os
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from boxoffice import __version__
from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.models import Establishment, JournalEntry, Sale, Till, table

from ..books.journal import GENESIS, append
from ..books.witnesses import witnessed_as
from ..exports.file_names import marked
from ..staff.desk import Post
from ..staff.operators import StaffMember
from ..staff.permissions import require
from . import envelope
from .contents import PARTS, Period, numbered, query
from .leaflet import ABOUT, FORMAT, JOURNAL, LEAFLET, PUBLIC_KEY, leaflet
from .packing import COMPRESSION, Packing, Progress
from .periods import Chain, chains_of, read_period

_PARTS_OF_A_SALE = 10
_entry, _sale, _till = table(JournalEntry), table(Sale), table(Till)


@dataclass(frozen=True, slots=True)
class CreateArchive:
    """The business days to archive, both included, and the file to make, which must not be there yet.

    Where nothing is real, the file is called a specimen besides.
    """

    first: date
    last: date
    path: Path


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was made: `manifest` is the SHA-256 of the list that was signed.

    It is whole in the `unfinished` file, to be published at `path` once the journal has told of it.
    """

    path: Path
    manifest: str
    files: int
    sales: int
    entries: int
    size: int
    unfinished: Path


def archive_name(post: Post, first: date, last: date) -> str:
    """What the archive of some days is called."""
    return f"archive-{post.siret}-{first:%Y%m%d}-{last:%Y%m%d}.zip"


def create_archive(
    session: Session,
    command: CreateArchive,
    post: Post,
    *,
    clock: Clock,
    manager: StaffMember,
    progress: Progress = lambda _done, _of: None,
) -> Archive:
    """Write the archive of a period from one view of the database, in a file that is none yet.

    Raises ManagerNeeded, and Refusal for days that have not ended, are not closed or are in the wrong order,
    and for a file that is there.
    """
    require(session, Action.MAKE_ARCHIVE, manager.id)
    period = read_period(session, command.first, command.last, post, clock.now())
    path = command.path.with_name(marked(session, command.path.name))
    if path.exists():
        raise Refusal(_("Le fichier {file} existe déjà.").format(file=path))
    path.parent.mkdir(parents=True, exist_ok=True)
    opened, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(opened, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as packed:
                packing = Packing(packed, clock.now(), progress, _count(session, period))
                manifest = _fill(session, packing, period, post)
                packed.comment = envelope.blank()
            file.flush()
            envelope.seal(unfinished)
            os.fsync(file.fileno())
        _sync_folder(path.parent)
        return Archive(
            path,
            manifest,
            len(packing.hashes),
            packing.rows["ventes"],
            packing.rows[JOURNAL],
            unfinished.stat().st_size,
            unfinished,
        )
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


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


def entry_of_archive(session: Session, manifest: str) -> str | None:
    """Where a journal tells of the archive of this list, as papers print an entry; None where none does."""
    found = session.execute(
        select(_till.c.number, _entry.c.sequence, _entry.c.digest)
        .join(_till, _till.c.id == _entry.c.till_id)
        .where(
            _entry.c.kind == JournalKind.ARCHIVE_MADE,
            _entry.c.sale_id.is_(None),
            _entry.c.content.contains(manifest_told(manifest), autoescape=True),
        )
    ).first()
    return witnessed_as(*found) if found else None


def manifest_told(manifest: str) -> str:
    """What the entry of the archive of this list has in it, and no other entry of its kind."""
    return f'"manifest":"{manifest}"'


def publish_archive(archive: Archive) -> None:
    """Give an archive its name, once the journal tells of it for good."""
    archive.unfinished.replace(archive.path)
    _sync_folder(archive.path.parent)


def _fill(session: Session, packing: Packing, period: Period, post: Post) -> str:
    """Write every file; returns the hash of the list of their hashes, which is signed."""
    for part in PARTS:
        packing.write_rows(session, part.name, *query(part, period))
    chains = chains_of(session, period, post)
    _write_journal(session, packing, chains)
    about = _about(session, packing, period, post, chains)
    files = [(part.name, part.meaning, packing.rows[part.name]) for part in PARTS]
    files.append((JOURNAL, "le journal signé de chaque caisse", packing.rows[JOURNAL]))
    packing.write_text(ABOUT, json.dumps(about, ensure_ascii=False, indent=1) + "\n")
    packing.write_text(LEAFLET, leaflet(about, files))
    packing.write_text(PUBLIC_KEY, post.signer.public_pem)
    return packing.sign(post.signer)


def _about(
    session: Session, packing: Packing, period: Period, post: Post, chains: tuple[Chain, ...]
) -> dict[str, Any]:
    seller = session.get(Establishment, 1)
    assert seller is not None
    return {
        "boxoffice_archive": FORMAT,
        "specimen": seller.specimen,
        "establishment": {
            "festival": seller.festival,
            "operator_name": seller.operator_name,
            "siret": _siret(session, seller.siret, chains),
        },
        "first": period.first.isoformat(),
        "key": post.signer.fingerprint,
        "last": period.last.isoformat(),
        "made_at": packing.at.isoformat(timespec="seconds"),
        "till": post.till_number,
        "version": __version__,
        "chains": [_told_chain(session, chain) for chain in chains],
        "rows": packing.rows,
    }


def _siret(session: Session, today: str, chains: tuple[Chain, ...]) -> str:
    """The SIRET under which the entries were signed: that of today, unless it has changed since."""
    ends = [_content(session, chain, chain.last) for chain in chains]
    told = {content["establishment"] for content in ends}
    return today if today in told else str(max(ends, key=lambda content: content["at"])["establishment"])


def _content(session: Session, chain: Chain, sequence: int) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(
        session.execute(
            select(_entry.c.content).where(_entry.c.till_id == chain.till_id, _entry.c.sequence == sequence)
        ).scalar_one()
    )
    return content


def _told_chain(session: Session, chain: Chain) -> dict[str, Any]:
    """What the first entry of a till follows, so that it can be checked too."""
    before = session.execute(
        select(_entry.c.digest, _entry.c.signature).where(
            _entry.c.till_id == chain.till_id, _entry.c.sequence == chain.first - 1
        )
    ).one_or_none()
    digest, signature = (GENESIS, GENESIS) if before is None else before
    return {
        "till": chain.till,
        "first": chain.first,
        "last": chain.last,
        "digest_before": digest,
        "signature_before": signature,
    }


def _write_journal(session: Session, packing: Packing, chains: Iterable[Chain]) -> None:
    columns = ("till", *(column.name for column in _entry.columns if column.name != "till_id"))
    read = tuple(
        select(_till.c.number, *(column for column in _entry.columns if column.name != "till_id"))
        .join(_till, _till.c.id == _entry.c.till_id)
        .where(_entry.c.till_id == chain.till_id, _entry.c.sequence.between(chain.first, chain.last))
        .order_by(_entry.c.sequence)
        for chain in chains
    )
    packing.write_rows(session, JOURNAL, columns, read)


def _count(session: Session, period: Period) -> int:
    """About how many rows will be written: those of the sales and their journal are nearly all."""
    counted: int = session.execute(
        select(func.count()).select_from(_sale).where(numbered(_sale, period, "operation"))
    ).scalar_one()
    return counted * _PARTS_OF_A_SALE


def _sync_folder(folder: Path) -> None:
    """Have the disk hold what a folder lists, where folders can be opened for that."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
