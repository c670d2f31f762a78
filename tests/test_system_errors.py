"""What the operating system refuses is said alike everywhere: which file, why, and what can be done."""

import errno
import os
import resource
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from boxoffice.private_file import write_privately, written_aside
from boxoffice.sales.archives.opened import AlteredArchive
from boxoffice.sales.archives.verifying import verify_archive
from boxoffice.system_errors import explain


def refused(code: int, name: str | None = "/media/usb/z.pdf") -> str:
    return str(explain(OSError(code, os.strerror(code), name)))


@pytest.mark.parametrize(
    ("code", "reason", "remedy"),
    [
        (errno.ENOSPC, "le disque est plein", "Libérez de la place"),
        (errno.EACCES, "l'accès n'est pas permis", "Donnez-en le droit"),
        (errno.ENOTDIR, "un fichier est là où il faut un dossier", "Renommez ce qui est là"),
        (errno.EISDIR, "un dossier porte déjà ce nom", "Renommez ce qui est là"),
        (errno.ENOENT, "il n'y a rien de ce nom", "Vérifiez le chemin"),
        (errno.EIO, "le disque ne répond plus", "Remettez le disque"),
        (errno.EMFILE, os.strerror(errno.EMFILE), "Recommencez."),
    ],
)
def test_each_refusal_names_the_file_the_reason_and_the_remedy(code: int, reason: str, remedy: str) -> None:
    said = refused(code)
    assert said.startswith(f"Le système refuse : {reason} (/media/usb/z.pdf).")
    assert remedy in said


def test_an_error_of_no_file_says_why_alone() -> None:
    assert refused(errno.ENOSPC, None).startswith("Le système refuse : le disque est plein. Libérez")
    assert str(explain(OSError("rien ne va"))) == "Le système refuse : rien ne va. Recommencez."


def test_the_file_that_is_named_is_the_one_that_was_asked_for(tmp_path: Path) -> None:
    """Not the unfinished one, whose name is of a moment and means nothing to anybody."""
    in_the_way = tmp_path / "usb"
    in_the_way.write_text("no folder")
    with pytest.raises(OSError, match="usb") as private:
        write_privately(in_the_way / "z.pdf", b"Z")
    assert ".part" not in str(private.value)
    with pytest.raises(OSError, match="usb") as aside, written_aside(in_the_way):
        raise AssertionError("there is no such folder")
    assert aside.value.filename == str(in_the_way)
    (tmp_path / "z.pdf").mkdir()
    with pytest.raises(IsADirectoryError) as named:
        write_privately(tmp_path / "z.pdf", b"Z")
    assert named.value.filename2 == str(tmp_path / "z.pdf")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["usb", "z.pdf"]


@contextmanager
def no_file_opens() -> Iterator[None]:
    """What a system does that has no more to give: it opens nothing."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_an_archive_that_the_system_cannot_read_is_not_called_altered(tmp_path: Path) -> None:
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("LISEZMOI.txt", "rien")
    with pytest.raises(AlteredArchive):
        verify_archive(path)
    with pytest.raises(OSError, match="Too many open files") as unreadable, no_file_opens():
        verify_archive(path)
    assert unreadable.value.filename == str(path)


def test_an_archive_whose_ends_point_nowhere_is_altered(tmp_path: Path) -> None:
    """Its own bytes send whoever reads them outside of the file: that is nothing of the disk's."""
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("LISEZMOI.txt", "rien")
    whole = path.read_bytes()
    for place in range(len(whole)):
        altered = bytearray(whole)
        altered[place] ^= 0xFF
        path.write_bytes(bytes(altered))
        with pytest.raises(AlteredArchive):
            verify_archive(path)
    shutil.rmtree(tmp_path)
