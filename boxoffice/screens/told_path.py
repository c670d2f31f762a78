"""Where a file was written, told so that it can be found again."""

from pathlib import Path

from boxoffice.errors import Refusal

from .dialogs import RefusalDialog

WIDTH = 56


class Written(RefusalDialog):
    """Tells of a file, until it is read: its name is never cut, and it is broken between folders only."""

    DEFAULT_CSS = """
    Written .dialog { width: 84; }
    """

    def __init__(self, said: str, path: Path, more: str = "") -> None:
        super().__init__(Refusal(said, "\n".join(filter(None, (folded(path), more)))))


def folded(path: Path, width: int = WIDTH) -> str:
    """A path on lines of `width`, each broken after a folder."""
    lines = [""]
    for part in str(path).replace("\\", "/").split("/"):
        piece = f"{part}/"
        if lines[-1] and len(lines[-1]) + len(piece) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines).removesuffix("/")
