"""A disk that is full, a folder that is none: the screen says so, and nothing is lost."""

from datetime import timedelta
from pathlib import Path

import pytest

from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry
from tests.sales.conftest import Festival

from .stage import Stage, press, settle, told
from .test_statements import shown, stand_on

__all__ = ["shown"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_folder_that_is_a_file_is_named_and_the_statement_written_after_is_the_original(
    shown: Stage, festival: Festival, tmp_path: Path
) -> None:
    festival.clock.advance(timedelta(hours=10))
    in_the_way = tmp_path / "exports"
    in_the_way.write_text("no folder")
    async with shown.run_test() as pilot:
        await settle(pilot)
        await stand_on(shown, "KNEECAP", pilot)
        await press(pilot, "d")
        said = " ".join(told(shown.screen).split())
        assert "Le système refuse : ce nom est déjà pris" in said
        assert JournalKind.STATEMENT_ISSUED not in [row.kind for row in festival.rows(JournalEntry)]
        in_the_way.unlink()
        await press(pilot, "d")
    assert [path.name for path in in_the_way.iterdir()] == ["releve-KNEECAP.pdf"]
