"""The festival box office: sells, prints and keeps the books from a terminal."""

__version__ = "0.1.0"
