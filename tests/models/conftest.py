"""The small festival of the domain's tests."""

from tests.sales.conftest import festival, keys

__all__ = ["festival", "keys"]
