"""Lists of a dialog: rows to move among, the chosen one marked."""

from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widgets import OptionList

from boxoffice.language import later

MARK = "▶"


class Rows(OptionList, inherit_bindings=False):
    """Rows to move among, one line each; what is done with them is the screen's.

    The chosen one is marked, and not by its colour alone.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "cursor_up", later("Monter"), id="rows.up", tooltip=later("La ligne au-dessus")),
        Binding(
            "down", "cursor_down", later("Descendre"), id="rows.down", tooltip=later("La ligne en dessous")
        ),
        Binding("home", "first", later("Début"), id="rows.first", tooltip=later("La première ligne")),
        Binding("end", "last", later("Fin"), id="rows.last", tooltip=later("La dernière ligne")),
        Binding("pageup", "page_up", later("Page"), id="rows.page_up", tooltip=later("Une page plus haut")),
        Binding(
            "pagedown", "page_down", later("Page"), id="rows.page_down", tooltip=later("Une page plus bas")
        ),
    ]
    DEFAULT_CSS = """
    Rows { text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        line = self.scroll_offset.y + y
        if line >= len(self._lines):
            return strip
        place, line_of_row = self._lines[line]
        mark = MARK if place == self.highlighted and not line_of_row else " " * len(MARK)
        return Strip([Segment(mark, next((segment.style for segment in strip), None)), *strip])

    def _get_left_gutter_width(self) -> int:
        return len(MARK)


class Choices(Rows):
    """Rows of which one is chosen, by Enter or by mouse."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", later("Choisir"), id="rows.choose", tooltip=later("Choisit cette ligne")),
    ]
