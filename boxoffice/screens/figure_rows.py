"""The rows behind a figure, one Enter away: sales to reprint, reverse or credit, passes to open."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from boxoffice.clock import say
from boxoffice.kinds import PassState
from boxoffice.language import _, later, spoken
from boxoffice.sales.history import SaleSummary
from boxoffice.sales.overview.behind import Behind, BookedSeat, read_behind, read_bookings_of
from boxoffice.sales.overview.coming import Coming
from boxoffice.sales.overview.passes_sold import ListedPass, PassesOf, read_passes_of
from boxoffice.sales.staff.desk import Desk

from . import errands
from .choosing import Choose, Thing
from .choosing_returned import ExchangeWish
from .dialogs import Dialog
from .rows import Choices
from .sales_search import SalesSearch

if TYPE_CHECKING:
    from boxoffice.house import House

OpenPass = Callable[[str], None]
"""Opens the cockpit of a pass by its number, over whatever is open."""


class FigureSales(SalesSearch):
    """The sales that a figure counts: typing looks among them, Enter does with one what it always does."""

    HELP = later(
        "Les ventes que ce chiffre compte, les dernières d'abord. Tapez pour chercher parmi elles ; Entrée "
        "ouvre ce qui se fait d'une vente."
    )

    def __init__(self, house: "House", desk: Desk, title: str, behind: Behind) -> None:
        super().__init__(house, desk)
        self.title_text = title
        self._behind = behind

    def look_for(self, text: str) -> tuple[SaleSummary, ...]:
        with self._house.database.read() as session:
            return read_behind(session, self._behind, text)


class PassRows(Dialog[None]):
    """Passes by their numbers, without a name: Enter opens one, which the journal tells."""

    DEFAULT_CSS = """
    PassRows {
        .dialog { width: 80; height: 100%; padding: 0 2; }
        Choices { height: 1fr; scrollbar-size-vertical: 1; }
        .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(self, title: str, passes: Sequence[tuple[str, str]], open_pass: OpenPass) -> None:
        """`passes` are their numbers and what is said of them."""
        super().__init__()
        self.title_text = title
        self._passes, self._open = tuple(passes), open_pass

    def compose_question(self) -> ComposeResult:
        rows = (Option(f"{number:<20} {said}") for number, said in self._passes)
        yield Choices(*rows, markup=False, compact=True)
        yield from self.foot(("enter", _("Entrée ouvrir le pass")), ("escape", _("Échap fermer")))

    def on_mount(self) -> None:
        rows = self.query_one(Choices)
        rows.highlighted = 0 if self._passes else None
        rows.focus()
        if not self._passes:
            self.say_wrong(_("Aucun pass."))

    def nothing(self) -> None:
        return None

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._open(self._passes[event.option_index][0])


def show_passes_of(screen: Dialog[Any], house: "House", of: PassesOf, open_pass: OpenPass) -> None:
    """List the passes of a product."""

    def read() -> tuple[ListedPass, ...]:
        with house.database.read() as session:
            return read_passes_of(session, of.product_id)

    def show(found: tuple[ListedPass, ...]) -> None:
        rows = [(each.number, _pass_words(each)) for each in found]
        screen.app.push_screen(PassRows(of.label, rows, open_pass))

    errands.send(screen, read, show, screen.say_wrong)


def show_screening(
    screen: Dialog[Any],
    house: "House",
    desk: Desk,
    coming: Coming,
    open_pass: OpenPass,
    exchange: Callable[[ExchangeWish | None], None],
) -> None:
    """What takes the seats of a screening: its sales, or the passes that they are booked on."""
    title = screening_title(coming)

    def read() -> tuple[BookedSeat, ...]:
        with house.database.read() as session:
            return read_bookings_of(session, coming.id)

    def show_sales() -> None:
        sales = FigureSales(house, desk, title, Behind(screening_id=coming.id))
        screen.app.push_screen(sales, exchange)

    def show(booked: tuple[BookedSeat, ...]) -> None:
        if not booked:
            show_sales()
            return
        rows = [(seat.pass_number, say(seat.at, "EEE d MMM HH:mm", spoken())) for seat in booked]

        def answered(place: int | None) -> None:
            if place == 0:
                show_sales()
            elif place == 1:
                screen.app.push_screen(PassRows(title, rows, open_pass))

        things = [Thing(_("Les ventes")), Thing(_("Les places de pass"), end=str(len(booked)))]
        screen.app.push_screen(Choose(title, things), answered)

    errands.send(screen, read, show, screen.say_wrong)


def screening_title(coming: Coming) -> str:
    """A screening in a line."""
    return f"{coming.event_title} · {say(coming.starts_at, 'EEE d HH:mm', spoken())} · {coming.hall}"


def _pass_words(listed: ListedPass) -> str:
    issued = say(listed.issued_at, "d MMM HH:mm", spoken())
    if listed.places is None:
        left = _("à volonté, {used} prises").format(used=listed.used)
    else:
        left = _("reste {left} sur {places}").format(left=listed.places - listed.used, places=listed.places)
    blocked = _("bloqué") if listed.state is PassState.BLOCKED else ""
    return f"{issued:<15} {left:<22} {blocked}".rstrip()
