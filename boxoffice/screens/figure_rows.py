"""The rows behind a figure, one Enter away: sales to reprint, reverse or credit, passes to open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from boxoffice.clock import say
from boxoffice.kinds import PassState
from boxoffice.language import _, later, plural, spoken
from boxoffice.sales.history import SaleSummary
from boxoffice.sales.overview.behind import (
    Behind,
    BookedSeat,
    ReservedSeats,
    find_behind,
    read_bookings_of,
    read_reservations_of,
)
from boxoffice.sales.overview.coming import Coming
from boxoffice.sales.overview.passes_sold import ListedPass, PassesOf, read_passes_of
from boxoffice.sales.reserving.held_seats import spoken_reference
from boxoffice.sales.staff.desk import Desk

from . import errands
from .choosing import Choose, Thing
from .choosing_returned import ExchangeWish
from .dialogs import Dialog
from .rows import Choices
from .sales_search import SalesSearch

if TYPE_CHECKING:
    from boxoffice.house import House

Opener = Callable[[str], None]
"""Opens something by its number, over whatever is open."""


@dataclass(frozen=True, slots=True)
class Openers:
    """What opens a pass by its number, and a reservation by its reference."""

    of_pass: Opener
    of_reservation: Opener


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
            return find_behind(session, self._behind, text, today=self._house.today(), index=self._index)


class _OpenedRows(Dialog[None]):
    """Rows that are told by a number, without a name: Enter opens one, which the journal tells."""

    OPENS: ClassVar[str]
    NONE: ClassVar[str]
    DEFAULT_CSS = """
    _OpenedRows {
        .dialog { width: 80; height: 100%; padding: 0 2; }
        Choices { height: 1fr; scrollbar-size-vertical: 1; }
        .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(self, title: str, rows: Sequence[tuple[str, str]], open_row: Opener) -> None:
        """`rows` are their numbers and what is said of them."""
        super().__init__()
        self.title_text = title
        self._rows, self._open = tuple(rows), open_row

    def compose_question(self) -> ComposeResult:
        rows = (Option(f"{self.spoken(number):<20} {said}") for number, said in self._rows)
        yield Choices(*rows, markup=False, compact=True)
        yield from self.foot(("enter", _(self.OPENS)), ("escape", _("Échap fermer")))

    def spoken(self, number: str) -> str:
        """A number as it is told."""
        return number

    def on_mount(self) -> None:
        rows = self.query_one(Choices)
        rows.highlighted = 0 if self._rows else None
        rows.focus()
        if not self._rows:
            self.say_wrong(_(self.NONE))

    def nothing(self) -> None:
        return None

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._open(self._rows[event.option_index][0])


class PassRows(_OpenedRows):
    """Passes by their numbers."""

    OPENS = later("Entrée ouvrir le pass")
    NONE = later("Aucun pass.")


class ReservationRows(_OpenedRows):
    """Unpaid reservations by their references."""

    OPENS = later("Entrée ouvrir la réservation")
    NONE = later("Aucune réservation.")

    def spoken(self, number: str) -> str:
        return spoken_reference(number)


def show_passes_of(screen: Dialog[Any], house: "House", of: PassesOf, open_pass: Opener) -> None:
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
    openers: Openers,
    exchange: Callable[[ExchangeWish | None], None],
) -> None:
    """What takes the seats of a screening: its sales, the passes they are booked on, what is to be paid."""
    title = screening_title(coming)

    def read() -> tuple[tuple[BookedSeat, ...], tuple[ReservedSeats, ...]]:
        with house.database.read() as session:
            return read_bookings_of(session, coming.id), read_reservations_of(session, coming.id)

    def show_sales() -> None:
        sales = FigureSales(house, desk, title, Behind(screening_id=coming.id))
        screen.app.push_screen(sales, exchange)

    def show_booked(booked: tuple[BookedSeat, ...]) -> None:
        rows = [(seat.pass_number, say(seat.at, "EEE d MMM HH:mm", spoken())) for seat in booked]
        screen.app.push_screen(PassRows(title, rows, openers.of_pass))

    def show_reserved(reserved: tuple[ReservedSeats, ...]) -> None:
        rows = [(each.reference, _reserved_words(each)) for each in reserved]
        screen.app.push_screen(ReservationRows(title, rows, openers.of_reservation))

    def show(found: tuple[tuple[BookedSeat, ...], tuple[ReservedSeats, ...]]) -> None:
        booked, reserved = found
        acts: list[tuple[Thing, Callable[[], None]]] = [(Thing(_("Les ventes")), show_sales)]
        if booked:
            acts.append((Thing(_("Les places de pass"), end=str(len(booked))), lambda: show_booked(booked)))
        if reserved:
            seats = str(sum(each.seats for each in reserved))
            acts.append(
                (Thing(_("Les places réservées, à payer"), end=seats), lambda: show_reserved(reserved))
            )
        if len(acts) == 1:
            show_sales()
            return

        def answered(place: int | None) -> None:
            if place is not None:
                acts[place][1]()

        screen.app.push_screen(Choose(title, [thing for thing, _act in acts]), answered)

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


def _reserved_words(reserved: ReservedSeats) -> str:
    seats = plural("{count} place", "{count} places", reserved.seats).format(count=reserved.seats)
    until = _("jusqu'à {moment}").format(moment=say(reserved.expires_at, "EEE d MMM HH:mm", spoken()))
    return f"{seats:<12} {until}"
