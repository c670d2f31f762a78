"""Files for their owner's eyes alone: there are names in them, or codes that are worth money."""

import os
from pathlib import Path


def write_privately(path: Path, content: bytes) -> Path:
    """Write a file that nobody else can read, in place of one that somebody may have opened to all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    return path
