"""Archives as tests make them, read them, and forge them."""

import base64
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from boxoffice.care.archiving import archive_period
from boxoffice.sales.archives import envelope
from boxoffice.sales.archives.leaflet import ABOUT, MANIFEST, PUBLIC_KEY, SIGNATURE
from boxoffice.sales.archives.making import Archive, CreateArchive
from boxoffice.sales.books.signing import Signer
from boxoffice.sales.staff.desk import Post
from tests.sales.conftest import Festival

DAY = date(2026, 1, 21)

Rows = list[dict[str, Any]]
Files = dict[str, bytes]


def archived(
    festival: Festival, path: Path, first: date = DAY, last: date = DAY, *, post: Post | None = None
) -> Archive:
    """The archive of some days, made now."""
    return archive_period(
        festival.database,
        CreateArchive(first, last, path),
        post or festival.posts[0],
        clock=festival.clock,
        manager=festival.manager,
    )


def archive(festival: Festival, folder: Path, first: date = DAY, last: date = DAY) -> Archive:
    """The archive of some days, made two days later."""
    festival.clock.advance(timedelta(days=2))
    return archived(festival, folder / "archive.zip", first, last)


def rows_in(path: Path, name: str) -> list[dict[str, str]]:
    """The rows of a file, as its CSV has them."""
    with zipfile.ZipFile(path) as packed:
        text = packed.read(f"donnees/{name}.csv").decode()
        told = json.loads(packed.read(f"donnees/{name}.json"))
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert len(rows) == len(told)
    assert [list(row) for row in rows] == [list(row) for row in told]
    return rows


def files_in(path: Path) -> Files:
    """Everything in an archive, by name."""
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def change_rows(files: Files, name: str, change: Callable[[Rows], Rows]) -> None:
    """Change the rows of a file, in JSON and in CSV, and how many there are said to be."""
    rows = change(json.loads(files[f"donnees/{name}.json"]))
    text = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    files[f"donnees/{name}.json"] = f"[\n{text}\n]\n".encode()
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\n")
    if rows:
        writer.writerow(rows[0])
    writer.writerows(row.values() for row in rows)
    files[f"donnees/{name}.csv"] = written.getvalue().encode()

    def count(about: dict[str, Any]) -> None:
        about["rows"][name] = len(rows)

    change_about(files, count)


def change_about(files: Files, change: Callable[[dict[str, Any]], None]) -> None:
    """Change what an archive says of itself."""
    about = json.loads(files[ABOUT])
    change(about)
    files[ABOUT] = json.dumps(about, ensure_ascii=False).encode()


def sign_again(files: Mapping[str, bytes], path: Path, signer: Signer) -> Path:
    """Files as an archive that a key has signed as a whole, which is all that openssl can tell."""
    files = {name: content for name, content in files.items() if name not in (MANIFEST, SIGNATURE)}
    change_about(files, lambda about: about.update(key=signer.fingerprint))
    files[PUBLIC_KEY] = signer.public_pem.encode()
    listed = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    files[MANIFEST] = listed.encode()
    files[SIGNATURE] = base64.b64decode(signer.sign(hashlib.sha256(files[MANIFEST]).digest()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
        packed.comment = envelope.blank()
    envelope.seal(path)
    return path
