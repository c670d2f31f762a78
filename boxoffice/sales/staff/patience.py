"""How long a program has waited since a wrong PIN, by a time that nobody can set."""

from datetime import timedelta


class Patience:
    """The wrong PINs that a program has seen, each at what its clock had run.

    A program that stands at a counter counts those seen before it started from its start: to start it again,
    and to set the clock forward, shortens no wait. A command, which ends at once, believes the clock.
    """

    def __init__(self) -> None:
        self._seen: dict[int, timedelta] = {}
        self._stands = False

    def stand(self) -> None:
        """Believe no clock for what was before the start."""
        self._stands = True

    def see(self, operator_id: int, elapsed: timedelta) -> None:
        """Note a wrong PIN."""
        self._seen[operator_id] = elapsed

    def left(self, operator_id: int, wait: timedelta, elapsed: timedelta) -> timedelta:
        """What is left of the wait after an operator's last wrong PIN."""
        seen = self._seen.get(operator_id, timedelta() if self._stands else None)
        return timedelta() if seen is None else max(seen + wait - elapsed, timedelta())
