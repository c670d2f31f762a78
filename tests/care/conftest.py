"""The small festival, cared for on each engine, and the post that it is cared for at."""

from collections.abc import Callable
from pathlib import Path

import pytest

from boxoffice.config import Settings, settings_in
from tests.sales.conftest import Festival, closed_books, festival, full_books, keys

__all__ = ["closed_books", "festival", "full_books", "keys"]


@pytest.fixture
def settings(festival: Festival, keys: Path, tmp_path: Path) -> Settings:
    """The settings of the post of the first till."""
    url = festival.database.engine.url.render_as_string(hide_password=False)
    return settings_in(
        tmp_path / "post",
        database_url=url.replace("sqlite+reading", "sqlite"),
        keys_folder=keys,
    )


@pytest.fixture
def close(festival: Festival) -> Callable[[], None]:
    """Has every program leave the database."""
    return festival.database.close
