"""The badge that is chosen, drawn beside the list as it would come out of the printer."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.printing.document import DoesNotFit
from boxoffice.printing.rendering import to_rich
from boxoffice.sales.holders.badge_selection import BadgeLine
from boxoffice.sales.prints import paper_loading
from boxoffice.sales.prints.papers import NothingToPrint

from . import errands

if TYPE_CHECKING:
    from boxoffice.house import House

PREVIEW_COLUMNS = 42


class BadgePreview(VerticalScroll, can_focus=False):
    """Shows one badge at a time; `refused` is told when the books do not answer."""

    DEFAULT_CSS = """
    BadgePreview {
        width: 46; height: 100%; padding: 0 1; background: $panel; scrollbar-size: 1 1;
        Static { width: auto; }
    }
    """

    def __init__(self, house: "House", refused: Callable[[Refusal], None]) -> None:
        super().__init__(id="badges-paper")
        self._house, self._refused = house, refused
        self._shown: BadgeLine | None = None

    def compose(self) -> ComposeResult:
        yield Static("", markup=False)

    def show(self, line: BadgeLine | None) -> None:
        """Draw the badge of a pass, unless it stands there already; nothing of none."""
        if line == self._shown:
            return
        self._shown = line
        paper = self.query_one(Static)
        if line is None:
            paper.update("")
            return

        def update(drawn: Text) -> None:
            if self._shown == line:
                paper.update(drawn)

        errands.send(self.screen, lambda: self._draw(line), update, self._refused)

    def _draw(self, line: BadgeLine) -> Text:
        with self._house.database.read() as session:
            try:
                return to_rich(paper_loading.load_badge(session, line.pass_id), PREVIEW_COLUMNS)
            except (NothingToPrint, DoesNotFit):
                return Text(_("Ce badge ne peut pas être montré."))
