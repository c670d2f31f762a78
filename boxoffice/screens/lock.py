"""The till locked, by a key or after a while without one: the basket waits behind it."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.sales.staff import operators
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.shifts import member_at

from . import errands
from .dialogs import Dialog, keys_words
from .listening import Awaited
from .rows import Rows

if TYPE_CHECKING:
    from boxoffice.house import House

FREED = "till.freed"


class LockScreen(Dialog[bool]):
    """Waits for the operator's PIN: True. A manager's frees the till for somebody else: False.

    Nothing else opens it, Escape included; it only empties what was typed.
    """

    HELP = later("Tapez le code PIN de la personne dont le nom est choisi, puis Entrée.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "up", "move(-1)", later("Nom précédent"), id="lock.up", tooltip=later("Choisit le nom au-dessus")
        ),
        Binding(
            "down",
            "move(1)",
            later("Nom suivant"),
            id="lock.down",
            tooltip=later("Choisit le nom en dessous"),
        ),
    ]
    DEFAULT_CSS = """
    LockScreen {
        background: $background 85%;
        Rows { height: auto; max-height: 8; margin-bottom: 1; }
    }
    LockScreen.-wide .dialog { margin-right: 0; }
    """

    def __init__(
        self, house: "House", desk: Desk, *, keeps_basket: bool = True, paid_before: str = ""
    ) -> None:
        """`keeps_basket`: something waits in the basket behind it; `paid_before`: what cards paid of it."""
        super().__init__()
        self.title_text = _("Caisse verrouillée")
        self._keeps_basket, self._paid_before = keeps_basket, paid_before
        self._house, self._desk = house, desk
        self._operator = member_at(desk)
        self._openers: tuple[StaffMember, ...] = (self._operator,)
        self._checking = False

    def compose_question(self) -> ComposeResult:
        words = (
            _("Le panier de {name} est gardé. Son code la rouvre ; celui d'un responsable la libère.")
            if self._keeps_basket
            else _("Le code de {name} la rouvre ; celui d'un responsable la libère.")
        )
        yield Static(words.format(name=self._desk.operator_name), classes="dialog-text", markup=False)
        if self._paid_before:
            yield Static(self._paid_before, classes="dialog-remedy", markup=False)
        yield Rows(Option(Content(self._desk.operator_name)), markup=False, compact=True)
        yield Input(placeholder=_("Code PIN"), password=True, restrict=r"\d{0,12}")
        yield from self.digits()
        yield from self.foot(*self._keys(0))

    def _keys(self, chosen: int) -> tuple[tuple[str, str], ...]:
        """What the keys do: a manager's code gives the till back to nobody."""
        enter = _("Entrée libérer la caisse") if chosen else _("Entrée rouvrir")
        return ("enter", enter), ("down", _("↑ ↓ responsable"))

    @on(OptionList.OptionHighlighted)
    def chosen(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.query_one(".dialog-keys", Static).update(keys_words(*self._keys(event.option_index)))

    def on_mount(self) -> None:
        rows = self.query_one(Rows)
        rows.can_focus = False
        rows.highlighted = 0
        self.query_one(Input).focus()

        def lock() -> tuple[StaffMember, ...]:
            with self._house.database.write() as session:
                operators.lock(session, self._house.post, self._operator, clock=self._house.clock)
                return operators.managers(session)

        errands.send(self, lock, self._show_managers, self._refuse)

    @property
    def stays(self) -> bool:
        return True

    def nothing(self) -> bool:
        return False

    def action_leave(self) -> None:
        self.query_one(Input).clear()

    def action_move(self, by: int) -> None:
        rows = self.query_one(Rows)
        rows.highlighted = ((rows.highlighted or 0) + by) % len(self._openers)
        self.query_one(Input).clear()

    @on(OptionList.OptionSelected)
    def clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.query_one(Input).clear()
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def try_pin(self, event: Input.Submitted) -> None:
        event.stop()
        pin = event.value
        event.input.clear()
        if not pin or self._checking:
            return
        self._checking = True
        chosen = self._openers[self.query_one(Rows).highlighted or 0]
        errands.send(self, lambda: self._open(chosen, pin), self._opened, self._refuse)

    def _open(self, chosen: StaffMember, pin: str) -> bool:
        """Whether it is the operator who is back. Raises WrongPin."""
        post, clock = self._house.post, self._house.clock
        same = chosen.id == self._operator.id
        with self._house.database.write() as session:
            if same:
                operators.log_in(session, post, chosen.id, pin, clock=clock)
            else:
                operators.authorize(session, post, chosen.id, pin, FREED, clock=clock)
        return same

    def _opened(self, same: bool) -> None:
        self.dismiss(same)

    def _show_managers(self, found: tuple[StaffMember, ...]) -> None:
        managers = [member for member in found if member.id != self._operator.id]
        self._openers = (self._operator, *managers)
        rows = self.query_one(Rows)
        rows.add_options(
            [Option(Content(_("{name} (responsable)").format(name=member.name))) for member in managers]
        )

    @property
    def awaiting(self) -> Awaited | None:
        """Who types on after their PIN means what is beneath; after a wrong one, nothing."""
        return Awaited.ANOTHER if self._checking else None

    def unlock(self) -> None:
        self._checking = False

    def _refuse(self, refusal: Refusal) -> None:
        self._checking = False
        self.say_wrong(refusal)
