"""Backups made by a process of their own: the keys of the counter are not slowed by them.

`python -m boxoffice.care.apart` is that process; what it is to do comes through its standard input.
"""

import logging
import os
import pickle
import subprocess
import sys
from contextlib import suppress

from boxoffice import database as databases
from boxoffice.clock import Clock, SettableClock, SystemClock
from boxoffice.config import Settings
from boxoffice.database import Database
from boxoffice.log_file import keep_log
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.setup import open_post, read_key

from .backups import BackupReason, back_up, back_up_if_due, is_due
from .witnessing import witness_heads

_POLITE = 10

_log = logging.getLogger(__name__)


def back_up_if_due_apart(database: Database, settings: Settings, post: Post, *, clock: Clock) -> None:
    """Have the backup of the hour begun if it is due."""
    if is_due(database, post, clock=clock):
        back_up_apart(settings, BackupReason.SCHEDULE, clock=clock)


def back_up_apart(settings: Settings, reason: BackupReason, *, clock: Clock) -> None:
    """Have a backup begun: it goes on by itself, even when this program ends, and the log has its failure."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None
    with process.stdin:
        pickle.dump((settings, reason, _told(clock)), process.stdin)


def _told(clock: Clock) -> Clock:
    """The clock as it can be told to another process: that of the computer, or the moment that it shows."""
    return SystemClock() if isinstance(clock, SystemClock) else SettableClock(clock.now())


def make_backup(settings: Settings, reason: BackupReason, clock: Clock) -> None:
    """What the process does: it signs for the same till, each of its entries in the same chain."""
    keep_log(settings.data_folder)
    with suppress(AttributeError, OSError):
        os.nice(_POLITE)
    database = databases.connect(settings.database_url)
    try:
        with database.read() as session:
            post = open_post(session, settings.till, read_key(settings.till, settings.key_path))
        if reason is BackupReason.CLOSING:
            witness_heads(database, settings, clock=clock)
        if reason is BackupReason.SCHEDULE:
            back_up_if_due(database, settings.backups_folder, post, clock=clock)
        else:
            back_up(database, settings.backups_folder, reason, post, clock=clock)
    except Exception:
        _log.exception("A backup failed")
    finally:
        database.close()


if __name__ == "__main__":
    make_backup(*pickle.load(sys.stdin.buffer))
