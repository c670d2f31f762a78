"""A paper read on the screen, printed, or kept as a file whose path is told."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from boxoffice.errors import Refusal
from boxoffice.language import _, later

from . import errands
from .paper_dialog import PaperDialog
from .told_path import Written, folded

if TYPE_CHECKING:
    from boxoffice.house import House


class FiledPaper(PaperDialog):
    """Adds a file to what can be done with a paper."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "file", later("PDF"), id="paper.file", tooltip=later("L'écrit en PDF, et dit où")),
    ]

    def __init__(self, house: "House", title: str) -> None:
        super().__init__(house, title)
        self._writing = False

    def keys(self) -> tuple[tuple[str, str], ...]:
        return (
            ("p", _("P imprimer")),
            ("d", _("D PDF")),
            ("pagedown", _("↑ ↓ lire")),
            ("escape", _("Échap fermer")),
        )

    def write(self) -> Sequence[Path]:
        """Write the files, the one to open first; called away from the screen."""
        raise NotImplementedError

    def action_file(self) -> None:
        self.unless_scanned(self._file)

    def _file(self) -> None:
        if self._writing:
            return
        if numbered := self.numbered():
            self.copies.ask_to_write(numbered, self._write)
        else:
            self._write()

    def _write(self) -> None:
        self.send_write(self.write)

    def send_write(self, write: Callable[[], Sequence[Path]]) -> None:
        """Have files written away from the screen, one paper at a time."""
        if self._writing:
            return
        self._writing = True

        def written(paths: Sequence[Path]) -> None:
            self._writing = False
            self._written(paths)

        def refused(refusal: Refusal) -> None:
            self._writing = False
            self.copies.forget()
            self.say_wrong(refusal)

        errands.send(self, write, written, refused)

    def _written(self, paths: Sequence[Path]) -> None:
        self.app.push_screen(told_files(paths))


def told_files(paths: Sequence[Path], more: str = "") -> Written:
    """A box that tells where files are: the first one in its folder, the others by their names."""
    first, *others = paths
    said = _("Le fichier est écrit.") if not others else _("Les fichiers sont écrits.")
    named = "\n".join(folded(Path(other.name)) for other in others)
    return Written(said, first, "\n".join(filter(None, (named, more))))
