"""How full the screenings are and when they sell out, and where seats are left tonight, for the queue."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, later, plural, spoken
from boxoffice.sales.overview.coming import Coming, Tonight, print_left_tonight, read_left_tonight
from boxoffice.sales.overview.filling import Filling, read_filling
from boxoffice.sales.staff.desk import Desk

from . import errands
from .choosing_returned import ExchangeWish
from .dialogs import Dialog
from .figure_rows import Openers, show_screening
from .room import at_most
from .rows import Choices

if TYPE_CHECKING:
    from boxoffice.house import House

AROUND = 7
"""Columns that the edges of a box, its scroll bar and the mark of its rows take."""
ROOMY = 100
"""Columns from which a row has room for the hall and for a bar."""
HALL, BAR, FORECAST = 14, 10, 25


class ScreeningsDialog(Dialog[ExchangeWish | None]):
    """Screenings on rows; Enter opens what takes the seats of one.

    The answer is the wish to exchange seats of a sale that was opened from here, if it is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f5", "look", later("Relire"), id="screenings.look", tooltip=later("Relit les places maintenant")
        ),
    ]
    DEFAULT_CSS = """
    ScreeningsDialog {
        &.-wide .dialog { margin-right: 0; }
        .dialog { width: 100%; max-width: 100%; height: 100%; max-height: 100%; padding: 0 1; }
        .dialog-title { margin-bottom: 0; }
        #screenings-facts { height: auto; margin-bottom: 1; color: $text-muted; }
        Choices { height: 1fr; scrollbar-size-vertical: 1; }
        .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(self, house: "House", desk: Desk, title: str, openers: Openers) -> None:
        super().__init__()
        self.title_text = title
        self.house, self.desk = house, desk
        self._openers = openers
        self._coming: tuple[Coming, ...] = ()
        self._stale = self._reading = False

    def compose_question(self) -> ComposeResult:
        yield Static(_("Un instant…"), id="screenings-facts", markup=False)
        yield Choices(markup=False, compact=True)
        yield from self.foot(*self.keys())

    def keys(self) -> tuple[tuple[str, str], ...]:
        """The keys told under the rows."""
        return (
            ("enter", _("Entrée voir les ventes")),
            ("f5", _("F5 relire")),
            ("escape", _("Échap fermer")),
        )

    def on_mount(self) -> None:
        self.query_one(Choices).focus()
        self.set_interval(5.0, self._look_if_stale)
        self.action_look()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        if self._coming:
            self.call_after_refresh(self.action_look)

    def nothing(self) -> None:
        return None

    def changed_elsewhere(self) -> None:
        self._stale = True

    def _look_if_stale(self) -> None:
        if self._stale:
            self.action_look()

    def action_look(self) -> None:
        """Read the seats again, and show them."""
        raise NotImplementedError

    def put(self, facts: str, rows: list[tuple[Coming, Content]]) -> None:
        """Show these rows; the screening chosen stays chosen."""
        self._stale = False
        choices = self.query_one(Choices)
        place = choices.highlighted
        chosen = self._coming[place].id if place is not None and place < len(self._coming) else None
        self._coming = tuple(coming for coming, _words in rows)
        self.query_one("#screenings-facts", Static).update(facts)
        choices.set_options([Option(words) for _coming, words in rows])
        stood = [place for place, coming in enumerate(self._coming) if coming.id == chosen]
        choices.highlighted = stood[0] if stood else (0 if rows else None)

    @property
    def columns(self) -> int:
        """How much room a row has."""
        return self.app.size.width - AROUND

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        coming = self._coming[event.option_index]
        show_screening(self, self.house, self.desk, coming, self._openers, self._answered)

    def _answered(self, wish: ExchangeWish | None) -> None:
        if wish is not None:
            self.dismiss(wish)
        else:
            self.action_look()


class FillingScreen(ScreeningsDialog):
    """The screenings of today and tomorrow, what sells out first before the others."""

    HELP = later(
        "La prévision : les places parties ces deux dernières heures donnent un rythme ; les places en vente "
        "divisées par ce rythme, l'heure où il n'y en a plus. Les heures où rien ne s'est vendu hier ne "
        "comptent pas. Entrée montre les ventes et les pass d'une séance."
    )

    def __init__(self, house: "House", desk: Desk, openers: Openers) -> None:
        super().__init__(house, desk, _("Remplissage d'aujourd'hui et de demain"), openers)

    def action_look(self) -> None:
        def read() -> tuple[Filling, ...]:
            with self.house.database.read() as session:
                return read_filling(session, self.house.post.rules, clock=self.house.clock)

        errands.send(self, read, self._show, self.say_wrong)

    def _show(self, found: tuple[Filling, ...]) -> None:
        facts = _("Prévision au rythme des deux dernières heures, la plus pressée d'abord.")
        rows = [(each.screening, filling_words(each, self.columns, self.house)) for each in found]
        self.put(facts if rows else _("Aucune séance aujourd'hui ni demain."), rows)


class LeftTonight(ScreeningsDialog):
    """The screenings that are on sale and have seats; P prints them for the queue."""

    HELP = later(
        "Les séances du jour qui ont encore des places en vente, celles qui viennent de commencer aussi. "
        "P imprime la liste, en grand, à afficher pour la file."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "p",
            "print",
            later("Imprimer"),
            id="tonight.print",
            tooltip=later("Imprime la liste en grand"),
        ),
    ]

    def __init__(self, house: "House", desk: Desk, openers: Openers) -> None:
        super().__init__(house, desk, _("Ce qui reste ce soir"), openers)
        self._printing = False

    def keys(self) -> tuple[tuple[str, str], ...]:
        return ("p", _("P imprimer pour la file")), *super().keys()

    def action_look(self) -> None:
        def read() -> Tonight:
            with self.house.database.read() as session:
                return read_left_tonight(session, self.house.post.rules, clock=self.house.clock)

        errands.send(self, read, self._show, self.say_wrong)

    def _show(self, found: Tonight) -> None:
        now = self.house.clock.now()
        rows = [(coming, left_words(coming, now, self.columns)) for coming in found.screenings]
        self.put(left_facts(found), rows)

    def action_print(self) -> None:
        self.unless_scanned(self._print)

    def _print(self) -> None:
        if self._printing:
            return
        self._printing = True

        def order() -> None:
            with self.house.database.write() as session:
                print_left_tonight(session, self.desk.post.till_id, clock=self.house.clock)

        def ordered(_nothing: None) -> None:
            self._printing = False
            self.say_done(_("Liste demandée à l'imprimante."))

        def refused(refusal: Refusal) -> None:
            self._printing = False
            self.say_wrong(refusal)

        errands.send(self, errands.and_print(self.house, order), ordered, refused)


def filling_words(filling: Filling, columns: int, house: "House") -> Content:
    """A screening, how full it is, in a bar too where there is room, and when it sells out."""
    coming = filling.screening
    day = "" if house.is_today(coming.starts_at) else say(coming.starts_at, "EEE d", spoken())
    head = f"{say(coming.starts_at, 'HH:mm', spoken())} {day:<7} "
    hall = bar = ""
    if columns >= ROOMY:
        full = BAR * filling.percent // 100
        hall, bar = f" {at_most(coming.hall, HALL):<{HALL}}", " " + "█" * full + "░" * (BAR - full)
    middle = f"{hall} {filling.percent:>3} %{bar} {_left(coming):>10}  "
    room = columns - len(head) - len(middle) - FORECAST
    said, look = forecast_words(filling, house)
    return Content.assemble(f"{head}{at_most(coming.event_title, room):<{room}}{middle}", (said, look))


def forecast_words(filling: Filling, house: "House") -> tuple[str, str]:
    """What becomes of a screening, and the look of it: nothing is told by colour alone."""
    if filling.is_over:
        return _("vente finie"), "dim"
    if filling.is_full:
        return _("complet"), "bold"
    if filling.full_at is None:
        return _("ne sera pas complet"), "dim"
    pattern = _("HH 'h' mm") if house.is_today(filling.full_at) else _("EEE HH 'h' mm")
    at = say(filling.full_at, pattern, spoken())
    return _("complet vers {time}").format(time=at), "bold"


def left_facts(found: Tonight) -> str:
    """How many seats are on sale tonight, or why there is none."""
    if found.is_sold_out:
        return _("Complet : il n'y a plus de place ce soir.")
    if not found.screenings:
        return _("Plus de séance à venir ce soir.")
    seats = sum(coming.left for coming in found.screenings)
    return plural("{count} place en vente.", "{count} places en vente.", seats).format(count=seats)


def left_words(coming: Coming, now: datetime, columns: int) -> Content:
    """A screening with its seats left, told if it has begun."""
    room = columns - HALL - 22
    begun = _(" · commencée") if coming.starts_at <= now else ""
    title = at_most(f"{coming.event_title} {coming.event_version}".rstrip(), room - len(begun)) + begun
    when = say(coming.starts_at, "HH:mm", spoken())
    return Content(f"{when}  {title:<{room}} {at_most(coming.hall, HALL):<{HALL}} {_left(coming):>11}")


def _left(coming: Coming) -> str:
    return _("reste {seats}").format(seats=coming.left)
