"""When nobody is at the keys: the moment for what the next sale would otherwise wait for."""

from datetime import datetime, timedelta

REST_AFTER = timedelta(seconds=20)
"""How long nobody presses a key before the database tidies up: between two customers."""
REST_AGAIN_AFTER = timedelta(minutes=10)
"""How often a till left alone looks again whether something is due, such as a backup."""


class Rests:
    """Knows when a till last had a key pressed and last rested."""

    def __init__(self) -> None:
        self._from: datetime | None = None
        self._again = False

    def key_pressed(self, now: datetime) -> None:
        """Somebody is there: what is put off begins again."""
        self._from, self._again = now, False

    def is_due(self, now: datetime) -> bool:
        """Whether it is time for a rest, which is then taken."""
        if self._from is None or now - self._from < (REST_AGAIN_AFTER if self._again else REST_AFTER):
            return False
        self._from, self._again = now, True
        return True
