"""The layout of an archive's ZIP, of sizes that no test writes."""

import random
import zipfile
from pathlib import Path

import pytest

from boxoffice.sales.archives.members import PLAIN_FILE, first_oddity

SMALLER = 5_000


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ZIP with a file that is large to it, and one that begins far into it."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", SMALLER)
    path = tmp_path / "large.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, size in (("first.csv", 100), ("large.json", 4 * SMALLER), ("far.csv", 100)):
            info = zipfile.ZipInfo(name, (2026, 1, 21, 12, 0, 0))
            info.external_attr = PLAIN_FILE
            with packed.open(info, "w", force_zip64=True) as file:
                file.write(random.Random(size).randbytes(size))
    return path


def test_a_file_of_many_gigabytes_is_told_alike(large: Path) -> None:
    with zipfile.ZipFile(large) as packed:
        assert [bool(info.extra) for info in packed.infolist()] == [False, True, True]
        assert first_oddity(large, packed) is None


def test_what_a_list_tells_beside_is_held_to_the_file(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 2**31 - 1)
    with zipfile.ZipFile(large) as packed:
        odd = first_oddity(large, packed)
    assert odd is not None
    assert odd.name == "large.json"
