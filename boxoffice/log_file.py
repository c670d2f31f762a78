"""The log: one rotating file in the data folder, for whoever has to find out what went wrong."""

import logging
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from tempfile import gettempdir

NAME = "boxoffice.log"
LARGEST_BYTES = 1_000_000
OLDER_FILES = 3

_PERSONAL = "DETAIL:"
"""How PostgreSQL begins the line of an error that shows the values of a row."""


class LogFile(RotatingFileHandler):
    """Writes nothing, not even a folder, before there is something to tell; elsewhere if it must."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=LARGEST_BYTES, backupCount=OLDER_FILES, encoding="utf-8", delay=True)
        self.setFormatter(_Discreet("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))

    def _open(self) -> TextIOWrapper:
        try:
            self._make_private()
        except OSError:
            self.baseFilename = str(Path(gettempdir()) / NAME)
            self._make_private()
        return super()._open()

    def _make_private(self) -> None:
        path = Path(self.baseFilename)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)


class _Discreet(logging.Formatter):
    """Leaves out of the log what the database says of people."""

    def format(self, record: logging.LogRecord) -> str:
        lines = super().format(record).splitlines()
        return "\n".join(line for line in lines if not line.startswith(_PERSONAL))


def keep_log(folder: Path) -> None:
    """From now on, keep the log of this program in `folder`."""
    root = logging.getLogger()
    for handler in _log_files():
        root.removeHandler(handler)
        handler.close()
    root.addHandler(LogFile(folder / NAME))


def log_path() -> Path:
    """Where the log is being kept. Raises IndexError when it is not."""
    return Path(_log_files()[0].baseFilename)


def _log_files() -> list[LogFile]:
    return [handler for handler in logging.getLogger().handlers if isinstance(handler, LogFile)]
