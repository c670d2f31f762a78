"""A manager's PIN, or somebody's reason, typed in place for one act."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.sales.staff import operators
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.wording import ONE_LINE, reason_line

from . import errands
from .asking import AskLine
from .dialogs import Dialog
from .listening import Awaited
from .rows import Choices

if TYPE_CHECKING:
    from boxoffice.house import House


@dataclass(frozen=True, slots=True)
class Authorization:
    """A manager's leave for one act. The reason is empty where none was asked."""

    manager: StaffMember
    reason: str


class ManagerPin(Dialog[Authorization | None]):
    """A manager types their PIN in place, for this act alone; None when they do not."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "up", "move(-1)", later("Nom précédent"), id="pin.up", tooltip=later("Choisit le nom au-dessus")
        ),
        Binding(
            "down",
            "move(1)",
            later("Nom suivant"),
            id="pin.down",
            tooltip=later("Choisit le nom en dessous"),
        ),
    ]

    class Allowed(Message):
        """A manager has answered for what follows here: who unlocks the till later does not."""

    DEFAULT_CSS = """
    ManagerPin Choices { height: auto; max-height: 6; margin-bottom: 1; }
    """

    def __init__(
        self,
        house: "House",
        managers: Sequence[StaffMember],
        refusal: Refusal,
        act: str,
        *,
        about: str = "",
        ask_reason: bool = False,
    ) -> None:
        """`act` names in the journal what is allowed: `sale.reversed 1-000123`; `about` tells it in words."""
        super().__init__()
        self.awaiting: Awaited | None = None
        self.title_text, self._about = refusal.message, about
        self._house, self._managers = house, managers
        self._remedy, self._act, self._ask_reason = refusal.remedy, act, ask_reason

    def compose_question(self) -> ComposeResult:
        if self._about:
            yield Static(self._about, classes="dialog-text", markup=False)
        if self._remedy:
            yield Static(self._remedy, classes="dialog-remedy", markup=False)
        yield Choices(
            *(Option(Content(manager.name)) for manager in self._managers), markup=False, compact=True
        )
        yield Input(placeholder=_("Code PIN du responsable"), password=True, restrict=r"\d{0,12}", id="pin")
        if self._ask_reason:
            hint = _("Motif, sans aucun nom")
            yield Input(placeholder=hint, max_length=120, restrict=ONE_LINE, id="reason")
        yield from self.digits()
        several = (("down", _("↑ ↓ responsable")),) if len(self._managers) > 1 else ()
        yield from self.foot(
            (
                "enter",
                _("Entrée champ suivant, puis autoriser") if self._ask_reason else _("Entrée autoriser"),
            ),
            *several,
            ("escape", _("Échap renoncer")),
        )

    def on_mount(self) -> None:
        managers = self.query_one(Choices)
        managers.can_focus = False
        managers.highlighted = 0 if self._managers else None
        self.query(Input).first().focus()

    def action_move(self, by: int) -> None:
        """Choose another manager, whose code is to be typed."""
        if not self._managers:
            return
        managers = self.query_one(Choices)
        managers.highlighted = ((managers.highlighted or 0) + by) % len(self._managers)
        self._begin_pin()

    def _begin_pin(self) -> None:
        """Have the code of who is chosen typed: what was typed of another's is not given to them."""
        pin = self.query_one("#pin", Input)
        pin.clear()
        pin.focus()

    def nothing(self) -> None:
        return None

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._begin_pin()

    @on(Input.Submitted, "#pin")
    def pin_given(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value:
            return
        if not self._ask_reason:
            self._ask("")
        elif (reason := self.query_one("#reason", Input)).value:
            reason.post_message(Input.Submitted(reason, reason.value))
        else:
            reason.focus()

    @on(Input.Submitted, "#reason")
    def reason_given(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            reason = reason_line(event.value)
        except Refusal as refusal:
            event.input.clear()
            self.say_wrong(refusal)
            return
        if reason:
            self._ask(reason)
        else:
            self.say_wrong(_("Il faut un motif : il est gardé dans le journal."))

    def _ask(self, reason: str) -> None:
        """Have the PIN checked; it is typed again if it is wrong, the reason is not."""
        field = self.query_one("#pin", Input)
        pin, chosen = field.value, self.query_one(Choices).highlighted
        field.clear()
        if not pin or chosen is None:
            field.focus()
            return
        manager = self._managers[chosen]

        def refuse(refusal: Refusal) -> None:
            self.unlock()
            field.focus()
            self.say_wrong(refusal)

        self.awaiting = Awaited.ANOTHER

        errands.send(
            self,
            lambda: _authorize(self._house, manager, pin, self._act),
            lambda found: self._allow(Authorization(found, reason)),
            refuse,
        )

    def unlock(self) -> None:
        self.awaiting = None

    def _allow(self, authorization: Authorization) -> None:
        self.post_message(self.Allowed())
        self.dismiss(authorization)


def _authorize(house: "House", manager: StaffMember, pin: str, act: str) -> StaffMember:
    with house.database.write() as session:
        return operators.authorize(session, house.post, manager.id, pin, act, clock=house.clock)


class AskReason(AskLine[str]):
    """Why somebody does what is left to them, and who is not a manager."""

    def __init__(self, refusal: Refusal, about: str = "") -> None:
        question = "\n".join(filter(None, (refusal.message, about)))
        super().__init__(question, placeholder=_("Motif, sans aucun nom"), longest=120)

    def read(self, text: str) -> str:
        reason = reason_line(text)
        if not reason:
            raise Refusal(_("Il faut un motif : il est gardé dans le journal."))
        return reason
