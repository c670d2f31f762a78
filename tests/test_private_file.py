"""Files that only their owner may read."""

from pathlib import Path

import pytest

from boxoffice.private_file import private_file, write_privately


def test_a_file_that_was_open_to_all_is_replaced_by_one_for_its_owner_alone(tmp_path: Path) -> None:
    there = tmp_path / "copies" / "seance-1.csv"
    write_privately(there, b"first")
    there.chmod(0o644)
    with there.open("rb") as opened:
        assert write_privately(there, b"Zo\xc3\xa9") == there
        assert opened.read() == b"first", "whoever had it open reads no more than they could"
    assert there.read_text("utf-8") == "Zoé"
    assert there.stat().st_mode & 0o777 == 0o600
    assert there.parent.stat().st_mode & 0o777 == 0o700


def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = write_privately(tmp_path / "ventes.csv", b"old")

    def write_half() -> None:
        with private_file(path) as file:
            file.write(b"half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_half()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_who_write_one_file_each_write_their_own(tmp_path: Path) -> None:
    path = tmp_path / "ventes.csv"
    with private_file(path) as first:
        first.write(b"first")
        with private_file(path) as second:
            second.write(b"second, and longer")
        assert path.read_bytes() == b"second, and longer"
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]
