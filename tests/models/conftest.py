"""The small festival of the domain's tests."""

from tests.sales.conftest import festival, keys, rows_of_the_books

__all__ = ["festival", "keys", "rows_of_the_books"]
