"""The small festival of the domain's tests."""

from tests.sales.conftest import closed_books, festival, keys, rows_of_the_books

__all__ = ["closed_books", "festival", "keys", "rows_of_the_books"]
