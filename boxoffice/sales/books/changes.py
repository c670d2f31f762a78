"""What changes come to that several chains tell of, in whatever order they were written."""

from collections import Counter
from collections.abc import Iterable


def left_standing(changes: Iterable[tuple[str, str]], default: str | None) -> str | None:
    """The value that changes, from old to new, come to: put in force once more than it was given up.

    Where none is, they lead back to where they began, which is the default.
    """
    told = list(changes)
    balance = Counter(new for _old, new in told)
    balance.subtract(old for old, _new in told)
    return next((value for value, times in balance.items() if times > 0), default)
