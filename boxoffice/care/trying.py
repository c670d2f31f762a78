"""Tries at a PIN that no database counts: each is written down in a file before it is looked at."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from boxoffice.clock import Clock, say
from boxoffice.errors import Refusal
from boxoffice.language import _, spoken
from boxoffice.private_file import write_privately
from boxoffice.sales.staff.operators import LONGEST_WAIT, wait_after

TRIES = "tries.json"


@contextmanager
def counted_try(folder: Path, clock: Clock) -> Iterator[None]:
    """One try, which counts as wrong unless the block ends well.

    After two wrong ones each further one doubles the wait, up to a quarter of an hour, as at the counter.
    Raises Refusal while one has to wait.
    """
    path, now = folder / TRIES, clock.now()
    wrong, last = _read(path)
    until = last + wait_after(wrong) if last is not None else now
    if now < until <= now + LONGEST_WAIT:
        raise Refusal(
            _("Trop de codes erronés : attendez jusqu'à {time}.").format(
                time=say(until, "HH:mm:ss", spoken())
            )
        )
    write_privately(path, json.dumps({"wrong": wrong + 1, "at": now.isoformat()}).encode())
    yield
    path.unlink(missing_ok=True)


def _read(path: Path) -> tuple[int, datetime | None]:
    """How many wrong tries there were in a row, and when the last was."""
    try:
        told = json.loads(path.read_text())
        return int(told["wrong"]), datetime.fromisoformat(told["at"])
    except (OSError, ValueError, LookupError, TypeError):
        return 0, None
