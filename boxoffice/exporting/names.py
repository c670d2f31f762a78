"""What files are called."""

from unicodedata import normalize


def file_part(text: str) -> str:
    """A name as every system lets a file be called."""
    plain = normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in plain)
