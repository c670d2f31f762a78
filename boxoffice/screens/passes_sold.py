"""Passes and accreditations by product: how many there are, and the places that nobody has used yet."""

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.language import _, later, plural
from boxoffice.sales.overview.passes_sold import PassesOf, read_passes_sold

from . import errands
from .dialogs import Dialog
from .figure_rows import Opener, show_passes_of
from .room import at_most
from .rows import Choices

if TYPE_CHECKING:
    from boxoffice.house import House

NAME = 36


class PassesSold(Dialog[None]):
    """A row for each product; Enter lists its passes, Enter on one opens it."""

    HELP = later(
        "Les pass et accréditations par produit, annulés exclus : combien, combien d'aujourd'hui, et les "
        "places qui restent à prendre. Entrée montre les pass d'un produit ; Entrée sur un pass l'ouvre."
    )
    DEFAULT_CSS = """
    PassesSold {
        &.-wide .dialog { margin-right: 0; }
        .dialog { width: 80; max-width: 100%; padding: 0 1; }
        Choices { height: auto; max-height: 18; scrollbar-size-vertical: 1; }
        #passes-facts { height: auto; color: $text-muted; }
        .dialog-title { margin-bottom: 0; }
    }
    """

    def __init__(self, house: "House", open_pass: Opener) -> None:
        super().__init__()
        self.title_text = _("Pass vendus et places à prendre")
        self._house, self._open_pass = house, open_pass
        self._products: tuple[PassesOf, ...] = ()

    def compose_question(self) -> ComposeResult:
        yield Static(_("Un instant…"), id="passes-facts", markup=False)
        yield Choices(markup=False, compact=True)
        yield from self.foot(("enter", _("Entrée voir les pass")), ("escape", _("Échap fermer")))

    def on_mount(self) -> None:
        self.query_one(Choices).focus()

        def read() -> tuple[PassesOf, ...]:
            with self._house.database.read() as session:
                return read_passes_sold(session, self._house.post.rules, clock=self._house.clock)

        errands.send(self, read, self._show, self.say_wrong)

    def nothing(self) -> None:
        return None

    def _show(self, found: tuple[PassesOf, ...]) -> None:
        self._products = found
        choices = self.query_one(Choices)
        choices.set_options([Option(passes_words(each)) for each in found])
        choices.highlighted = 0 if found else None
        unused = sum(each.unused for each in found)
        facts = plural("{count} place reste à prendre.", "{count} places restent à prendre.", unused).format(
            count=unused
        )
        columns = _row(_("produit"), _("pass"), _("ce jour"), _("prises"), _("à prendre"))
        said = f"{facts}\n\n {columns}" if found else _("Aucun pass encore.")
        self.query_one("#passes-facts", Static).update(said)

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        show_passes_of(self, self._house, self._products[event.option_index], self._open_pass)


def passes_words(of: PassesOf) -> str:
    """A product: its passes, those of today, its places taken and those left."""
    left = _("à volonté") if of.unlimited == of.passes else str(of.unused)
    return _row(at_most(of.label, NAME), str(of.passes), str(of.today), str(of.used), left)


def _row(name: str, passes: str, today: str, used: str, left: str) -> str:
    return f"{name:<{NAME}} {passes:>5} {today:>8} {used:>8} {left:>11}"
