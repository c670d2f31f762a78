"""The small festival of the domain's tests, for the screens too."""

from tests.sales.conftest import festival, keys

__all__ = ["festival", "keys"]
