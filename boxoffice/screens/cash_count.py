"""Cash, typed as an amount or counted by denomination."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.money import format_amount, format_euros, parse_amount
from boxoffice.sales.staff.drawer import is_far_from_expected
from boxoffice.sales.staff.shifts import DENOMINATIONS

from . import errands
from .dialogs import Confirm, Dialog, ask_to_give_up, keys_line, keys_words
from .keypad import Digits

if TYPE_CHECKING:
    from boxoffice.house import House

CENTS_IN_A_EURO = 100


class CashCount(Vertical):
    """An amount of cash, typed at one go or counted by denomination; the total follows every key.

    Enter in the amount, or in the last denomination, submits; F9 does from anywhere.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "up", "step(-1)", later("Champ précédent"), id="cash.up", tooltip=later("Remonte d'un champ")
        ),
        Binding(
            "down", "step(1)", later("Champ suivant"), id="cash.down", tooltip=later("Descend d'un champ")
        ),
        Binding(
            "ctrl+s,f9",
            "submit",
            later("Valider le montant"),
            id="cash.submit",
            tooltip=later("Valide le montant depuis n'importe quelle coupure"),
        ),
    ]
    DEFAULT_CSS = """
    CashCount {
        height: auto;
        Grid { grid-size: 3 5; grid-columns: 1fr; grid-rows: 1; height: 5; grid-gutter: 0 2; }
        Grid Horizontal { height: 1; }
        Grid Static { width: 7; text-align: right; margin-right: 1; }
        Grid Input { width: 1fr; margin: 0; }
        Input, Input:focus { height: 1; border: none; padding: 0 1; margin: 0; }
        Keypad { margin-top: 1; }
        #cash-or { color: $text-muted; margin: 1 0 0 0; }
        #cash-total { text-style: bold; margin-top: 1; text-align: right; height: 1; }
    }
    """

    @dataclass
    class Submitted(Message):
        """The amount is final: cents, and how many pieces of each denomination if it was counted."""

        cents: int
        count: Mapping[int, int]

    def __init__(self, label: str, cents: int | None = None, pieces: Mapping[int, int] | None = None) -> None:
        """`cents` and `pieces` were typed before: those go before these."""
        super().__init__()
        self._label, self._pieces = label, pieces or {}
        self._typed = "" if cents is None or self._pieces else format_amount(cents)

    def compose(self) -> ComposeResult:
        yield Static(self._label, markup=False)
        yield Input(
            self._typed, placeholder=_("par exemple 150"), restrict=r"[\d .,€\u00a0]{0,14}", id="cash-amount"
        )
        yield Digits()
        yield Static(_("… ou comptez. Entrée : coupure suivante ; F9 : valider"), id="cash-or", markup=False)
        with Grid():
            for value in self._down_columns():
                with Horizontal():
                    yield Static(denomination(value), markup=False)
                    known = str(self._pieces.get(value, ""))
                    yield Input(known, restrict=r"\d{0,4}", compact=True, id=f"cash-{value}")
        yield Static("", id="cash-total", markup=False)

    def on_mount(self) -> None:
        self._show_total()

    def on_click(self) -> None:
        self.query_one(Digits).offer()

    @property
    def count(self) -> dict[int, int]:
        """How many pieces of each denomination were counted."""
        pieces = {value: self.query_one(f"#cash-{value}", Input).value for value in DENOMINATIONS}
        return {value: int(typed) for value, typed in pieces.items() if typed and int(typed)}

    @property
    def cents(self) -> int | None:
        """The amount as it stands; None while it means nothing."""
        count = self.count
        if count:
            return sum(value * pieces for value, pieces in count.items())
        try:
            return parse_amount(self.query_one("#cash-amount", Input).value)
        except ValueError:
            return None

    @property
    def is_begun(self) -> bool:
        """Whether anything is typed."""
        return any(field.value for field in self._fields())

    def begin(self) -> None:
        """Put the cursor where the amount is typed."""
        self.query_one("#cash-amount", Input).focus()

    def action_step(self, by: int) -> None:
        fields = self._fields()
        here = next((place for place, field in enumerate(fields) if field.has_focus), 0)
        fields[(here + by) % len(fields)].focus()

    def action_submit(self) -> None:
        cents = self.cents
        if cents is None:
            self.query_one("#cash-total", Static).update(_("Tapez un montant, comme 150 ou 150,50."))
        else:
            self.post_message(self.Submitted(cents, self.count))

    @on(Input.Changed)
    def changed(self, event: Input.Changed) -> None:
        """A count replaces what was typed, and an amount typed replaces the count."""
        event.stop()
        typed = self.query_one("#cash-amount", Input)
        with self.prevent(Input.Changed):
            if event.input is typed:
                if typed.value:
                    for field in self._fields()[1:]:
                        field.clear()
            else:
                typed.clear()
        self._show_total()

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        event.stop()
        fields = self._fields()
        if event.input in (fields[0], fields[-1]):
            self.action_submit()
        else:
            self.action_step(1)

    def _fields(self) -> list[Input]:
        return [
            self.query_one("#cash-amount", Input),
            *(self.query_one(f"#cash-{value}", Input) for value in DENOMINATIONS),
        ]

    def _down_columns(self) -> list[int]:
        """The denominations in the order a grid of three columns takes them, read down each column."""
        rows = len(DENOMINATIONS) // 3
        return [DENOMINATIONS[column * rows + row] for row in range(rows) for column in range(3)]

    def _show_total(self) -> None:
        cents = self.cents
        self.query_one("#cash-total", Static).update(
            "" if cents is None else _("Total  {total}").format(total=format_euros(cents))
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """Cash that was counted, in cents, and how many pieces of each denomination if it was counted so."""

    cents: int
    pieces: Mapping[int, int]


class CountDrawer(Dialog[Counted | None]):
    """The cash in a drawer, counted to close a shift; None when it is given up."""

    DEFAULT_CSS = """
    CountDrawer {
        .dialog { width: 70; }
        .dialog-keys { margin-top: 0; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f8",
            "go_uncounted",
            later("Non compté"),
            id="cash.uncounted",
            tooltip=later("Continue sans compter, pour un responsable : le tiroir est hors de portée"),
        ),
    ]

    def __init__(
        self, title: str, before: Counted | None = None, uncounted: Callable[[], None] | None = None
    ) -> None:
        """`before` is what was counted at a first try; `uncounted` goes on where nobody can count."""
        super().__init__()
        self.title_text = title
        self._before, self._uncounted = before, uncounted

    def compose_question(self) -> ComposeResult:
        if self._before is None:
            yield CashCount(_("Espèces dans le tiroir"))
        else:
            yield CashCount(_("Espèces dans le tiroir"), self._before.cents, self._before.pieces)
        yield keys_line(*self._keys(counts_pieces=False))

    def _keys(self, *, counts_pieces: bool) -> tuple[tuple[str, str], ...]:
        """What its keys do, in the amount or in a denomination."""
        keys = (("enter", _("Entrée valider")), ("down", _("↑ ↓ coupures")))
        if counts_pieces:
            keys = (("enter", _("Entrée suivante")), ("f9", _("F9 valider")))
        uncounted = (("f8", _("F8 non compté")),) if self._uncounted else ()
        return *keys, *uncounted, ("escape", _("Échap renoncer"))

    def on_mount(self) -> None:
        self.query_one(CashCount).begin()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        keys = self._keys(counts_pieces=event.widget.id != "cash-amount")
        self.query_one(".dialog-keys", Static).update(keys_words(*keys))

    def nothing(self) -> None:
        return None

    def action_leave(self) -> None:
        if self.query_one(CashCount).is_begun:
            ask_to_give_up(self, _("Abandonner le comptage ?"), lambda: self.dismiss(None))
        else:
            self.dismiss(None)

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """Going on uncounted is a manager's."""
        return action != "go_uncounted" or self._uncounted is not None

    def action_go_uncounted(self) -> None:
        if self._uncounted is not None:
            self.dismiss(None)
            self._uncounted()

    @on(CashCount.Submitted)
    def counted(self, event: CashCount.Submitted) -> None:
        event.stop()
        self.dismiss(Counted(event.cents, event.count))


def count_drawer(
    screen: Screen[Any],
    house: "House",
    title: str,
    shift_id: int,
    counted: Callable[[Counted], None],
    refused: Callable[[Refusal], None],
    *,
    before: Counted | None = None,
    uncounted: Callable[[], None] | None = None,
    asks_if_far: bool = True,
) -> None:
    """Have a drawer counted, and ask once about a count that is far from what the books expect of it.

    `before` is a count to be looked at again. `uncounted` goes on without one, where that is allowed. Whoever
    counts blind is not asked: what is asked about, and what is not, would tell them what is expected.
    """

    def ask_to_count(again: Counted | None) -> None:
        screen.app.push_screen(CountDrawer(title, again, uncounted), answered)

    def answered(found: Counted | None) -> None:
        if found is not None and not asks_if_far:
            counted(found)
        elif found is not None:
            errands.ask(screen, lambda: is_far(found), lambda far: look_at(found, far), refused)

    def is_far(found: Counted) -> bool:
        with house.database.read() as session:
            return is_far_from_expected(session, shift_id, found.cents)

    def look_at(found: Counted, far: bool) -> None:
        if not far:
            counted(found)
            return

        def confirmed(yes: bool | None) -> None:
            if yes:
                counted(found)
            else:
                ask_to_count(found)

        question = _("{total} dans le tiroir : est-ce bien cela ?").format(total=format_euros(found.cents))
        detail = _("C'est loin de ce que les ventes de la session laissent attendre.")
        screen.app.push_screen(
            Confirm(question, detail, yes=_("Oui, c'est compté"), no=_("Recompter")), confirmed
        )

    ask_to_count(before)


def denomination(cents: int) -> str:
    """A note or coin by its name: `20 €`, `50 c`."""
    return f"{cents // CENTS_IN_A_EURO} €" if cents >= CENTS_IN_A_EURO else f"{cents} c"
