"""The signing keys of this computer's tills: copied under a passphrase, put back, rotated."""

from collections.abc import Mapping
from contextlib import suppress

from boxoffice.config import Settings
from boxoffice.sales.books.signing import Signer, load_key


def keys_here(settings: Settings) -> Mapping[int, Signer]:
    """The keys that this computer has and can read, by the numbers of their tills."""
    found = {}
    for path in settings.keys_folder.glob("till-*.pem"):
        number = path.stem.removeprefix("till-")
        if number.isascii() and number.isdecimal():
            with suppress(ValueError, OSError):
                found[int(number)] = load_key(path)
    return found
