"""A paper read on the screen, as it would come out, and printed if that is wanted."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.printing.rendering import to_rich
from boxoffice.sales.prints.papers import Paper

from . import errands
from .copies import Copies
from .dialogs import Dialog

if TYPE_CHECKING:
    from boxoffice.house import House

COLUMNS = 48
"""How wide a paper is drawn here: as on the widest roll."""


class PaperDialog(Dialog[None]):
    """Draws a paper that is read away from the screen; what prints it is up to whoever shows it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "print", later("Imprimer"), id="paper.print", tooltip=later("Imprime ce document")),
        Binding("up", "turn(-1)", later("Monter"), id="paper.up", tooltip=later("Remonte d'une ligne")),
        Binding("down", "turn(1)", later("Descendre"), id="paper.down", tooltip=later("Descend d'une ligne")),
        Binding(
            "pageup", "turn(-15)", later("Page"), id="paper.page_up", tooltip=later("Une page plus haut")
        ),
        Binding(
            "pagedown", "turn(15)", later("Page"), id="paper.page_down", tooltip=later("Une page plus bas")
        ),
    ]
    DEFAULT_CSS = """
    PaperDialog {
        .dialog { width: 56; height: 100%; padding: 0 2; }
        .dialog-title { margin-bottom: 0; }
        VerticalScroll { height: 1fr; scrollbar-size: 1 1; }
        VerticalScroll Static { width: 48; height: auto; }
        .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(self, house: "House", title: str) -> None:
        super().__init__()
        self.title_text = title
        self.house = house
        self.copies = Copies(self, house.clock)
        self._looks = errands.Latest(self)
        self._printing = False

    def compose_question(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static(_("Un instant…"), id="paper", markup=False)
        yield from self.foot(*self.keys())

    def on_mount(self) -> None:
        self.look()

    def keys(self) -> tuple[tuple[str, str], ...]:
        """The keys told under the paper."""
        return ("p", _("P imprimer")), ("pagedown", _("↑ ↓ lire la suite")), ("escape", _("Échap fermer"))

    def read(self) -> Paper:
        """The paper to show; called away from the screen."""
        raise NotImplementedError

    def order(self) -> str:
        """Order the paper, and say so; called away from the screen."""
        raise NotImplementedError

    def numbered(self) -> str:
        """What a paper asked for again is a numbered copy of; nothing where papers have no number."""
        return ""

    def nothing(self) -> None:
        return None

    def look(self) -> None:
        """Read the paper again and draw it."""

        def draw() -> Text:
            return to_rich(self.read(), COLUMNS)

        self._looks.send(draw, self.query_one("#paper", Static).update, self.say_wrong)

    def turn_to(self, title: str) -> None:
        """Show another paper under its title; until it is read, nothing stands there that it is not."""
        self.query_one(".dialog-title", Static).update(title)
        self.query_one("#paper", Static).update(_("Un instant…"))
        self.say_wrong()
        self.look()

    def action_turn(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def action_print(self) -> None:
        self.unless_scanned(self._print)

    def _print(self) -> None:
        if self._printing:
            return
        if numbered := self.numbered():
            self.copies.ask_to_print(numbered, self._order)
        else:
            self._order()

    def _order(self) -> None:
        self.send_order(self.order)

    def send_order(self, order: Callable[[], str]) -> None:
        """Have a paper ordered away from the screen, one at a time, and the printers woken."""
        if self._printing:
            return
        self._printing = True
        errands.send(self, errands.and_print(self.house, order), self._ordered, self._refuse)

    def _ordered(self, said: str) -> None:
        self._printing = False
        self.say_done(said)

    def _refuse(self, refusal: Refusal) -> None:
        self._printing = False
        self.copies.forget()
        self.say_wrong(refusal)
