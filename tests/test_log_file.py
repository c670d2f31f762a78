"""The log keeps what went wrong, and says nothing of people."""

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from boxoffice.database import Database
from boxoffice.log_file import LARGEST_BYTES, LogFile, keep_log, log_path
from boxoffice.models import Operator, Role, table

_log = logging.getLogger("boxoffice.anything")


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = list(root.handlers)
    yield
    for handler in root.handlers:
        if isinstance(handler, LogFile):
            handler.close()
    root.handlers[:] = before


def test_nothing_is_written_before_there_is_something_to_tell(tmp_path: Path) -> None:
    keep_log(tmp_path / "new" / "folder")
    assert list(tmp_path.iterdir()) == []
    _log.warning("Something")
    assert log_path().read_text("utf-8").rstrip().endswith("boxoffice.anything: Something")
    assert log_path().parent == tmp_path / "new" / "folder"
    assert stat.S_IMODE(log_path().stat().st_mode) & 0o077 == 0


def test_a_log_moved_elsewhere_is_kept_in_one_place(tmp_path: Path) -> None:
    for name in ("here", "there"):
        keep_log(tmp_path / name)
        _log.warning(name)
    assert (tmp_path / "here" / "boxoffice.log").read_text("utf-8").count("\n") == 1
    assert (tmp_path / "there" / "boxoffice.log").read_text("utf-8").count("\n") == 1


def test_the_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    keep_log(tmp_path)
    for _turn in range(6):
        _log.warning("x" * (LARGEST_BYTES - 1000))
    assert len(list(tmp_path.iterdir())) == 4


def test_the_values_of_a_row_that_the_database_refuses_stay_out_of_the_log(
    database: Database, tmp_path: Path
) -> None:
    keep_log(tmp_path)
    without_pin = insert(table(Operator)).values(number=1, name="Anouk Lefèvre", role=Role.CASHIER)
    with database.write_engine.connect() as connection, pytest.raises(IntegrityError) as refused:
        connection.execute(without_pin)
    assert database.is_sqlite or "Anouk" in str(refused.value)
    _log.error("A row was refused", exc_info=refused.value)
    written = log_path().read_text("utf-8")
    assert "IntegrityError" in written
    assert "Anouk" not in written
