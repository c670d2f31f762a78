"""A fake printer at the end of a cable, and the small festival of the domain's tests."""

from collections.abc import Iterator

import pytest

from tests.sales.conftest import festival, keys

from .fake_printer import FakePrinter

__all__ = ["festival", "keys", "printer"]


@pytest.fixture
def printer() -> Iterator[FakePrinter]:
    """A network printer, turned on and well."""
    fake = FakePrinter()
    yield fake
    fake.throw_away()
