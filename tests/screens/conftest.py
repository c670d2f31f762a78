"""The small festival of the domain's tests, for the screens too."""

import pytest

from boxoffice.screens import scanning
from tests.sales.conftest import festival, keys

__all__ = ["festival", "keys"]


@pytest.fixture(autouse=True)
def no_key_is_taken_for_a_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pilot types faster than fingers; tests of the scanner say so themselves."""
    monkeypatch.setattr(scanning, "BURST_SECONDS", 1e-6)
