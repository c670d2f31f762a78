"""Logging in: who is at this till. Painted before anything heavy is imported, so it needs only Textual."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import set_cell_size
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.kinds import Role
from boxoffice.language import _, later

from . import errands
from .enduring import Enduring
from .listening import Awaited
from .room import at_most

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boxoffice.errors import Refusal
    from boxoffice.house import House
    from boxoffice.sales.staff.operators import StaffMember

NAME_COLUMNS = 18
LONGEST_PIN = 12
_ROLES = {
    Role.CASHIER: later("caisse"),
    Role.MANAGER: later("responsable"),
    Role.BADGES: later("badges"),
}


class StaffList(OptionList, inherit_bindings=False):
    """The names to choose from, by digit, arrow or mouse; it shows, the screen handles the keys."""

    can_focus = False


class LoginScreen(Enduring, Screen[None]):
    """Asks who is there and for their PIN.

    The app calls `welcome` once the house is open, or `cannot_open`; the screen posts `LoggedIn`.
    Keys pressed before that are kept, and count from then on.
    """

    HELP = later("Choisissez votre nom, tapez votre code PIN, puis Entrée.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "up",
            "press('up')",
            later("Nom précédent"),
            id="login.up",
            tooltip=later("Choisit le nom au-dessus"),
        ),
        Binding(
            "down",
            "press('down')",
            later("Nom suivant"),
            id="login.down",
            tooltip=later("Choisit le nom en dessous"),
        ),
        Binding(
            "tab,shift+tab",
            "press('tab')",
            later("Nom ou code"),
            id="login.tab",
            tooltip=later("Passe du choix du nom au code PIN, et retour"),
        ),
        Binding(
            "backspace",
            "press('backspace')",
            later("Effacer un chiffre"),
            id="login.backspace",
            tooltip=later("Efface le dernier chiffre du code PIN"),
        ),
        Binding(
            "escape",
            "press('escape')",
            later("Recommencer"),
            id="login.escape",
            tooltip=later("Efface le code PIN, puis revient au choix du nom"),
        ),
        Binding(
            "enter",
            "press('enter')",
            later("Ouvrir"),
            id="login.enter",
            tooltip=later("Vérifie le code PIN et ouvre la caisse"),
        ),
    ]

    DEFAULT_CSS = """
    LoginScreen {
        align: center middle;

        #login { width: 56; height: auto; max-height: 100%; }
        #login-title { text-style: bold; text-align: center; color: $primary; }
        #login-till { text-align: center; margin-bottom: 1; }
        #login-staff {
            background: transparent; height: auto; max-height: 12; border: round $border; margin-bottom: 1;
        }
        Center { height: auto; }
        #login-staff:blur > .option-list--option-highlighted {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
        #login-pin { text-align: center; text-style: bold; height: 1; margin-bottom: 1; }
        #login-said { text-align: center; height: auto; min-height: 2; }
        #login-said.-refused { color: $text-error; }
        #login-keys { text-align: center; color: $text-muted; margin-top: 1; height: auto; }
    }
    """

    class LoggedIn(Message):
        """A member of the staff has proved who they are."""

        def __init__(self, member: StaffMember) -> None:
            super().__init__()
            self.member = member

    class TryAgain(Message):
        """The house could not be opened; somebody pressed Enter for another try."""

    def __init__(self, till_number: int) -> None:
        super().__init__()
        self._till_number = till_number
        self._shown_pins: Mapping[str, str] = {}
        self._house: House | None = None
        self._staff: tuple[StaffMember, ...] = ()
        self._early: list[str] = []
        self._choosing = False
        self._checking = False
        self._pin = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="login"):
            yield Static(_("BILLETTERIE"), id="login-title", markup=False)
            yield Static(_("Caisse {number}").format(number=self._till_number), id="login-till", markup=False)
            yield StaffList(id="login-staff", markup=False)
            yield Static(self._pin_line(), id="login-pin", markup=False)
            yield Center(id="login-digits")
            yield Static(_("Ouverture de la base…"), id="login-said", markup=False)
            yield Static(
                _("1-9 ou ↑ ↓ choisir son nom   Entrée continuer"),
                id="login-keys",
                markup=False,
            )

    def on_mount(self) -> None:
        self.query_one(StaffList).display = False
        self.query_one("#login-digits").display = False
        if self.app.has_class("-touch"):
            self._offer_digits()

    def on_click(self) -> None:
        self._offer_digits()

    def _offer_digits(self) -> None:
        """Show digits to touch: whoever clicks may have no keyboard."""
        from .keypad import Keypad

        digits = self.query_one("#login-digits")
        if not digits.display:
            digits.display = True
            digits.mount(Keypad())

    def welcome(self, house: House) -> None:
        """The database is open: show the staff, and let the keys kept so far count."""
        from boxoffice.sales.staff import operators, shifts

        self._house = house

        def read() -> tuple[tuple[StaffMember, ...], int | None]:
            if house.settings.demo:
                from boxoffice.festival_sample import MANAGER, STAFF

                self._shown_pins = {member.name: member.pin for member in (MANAGER, *STAFF)}
            if house.settings.training:
                from boxoffice.care import training

                learners = (training.MANAGER, *training.STAFF)
                self._shown_pins = {member.name: member.pin for member in learners}
            with house.database.read() as session:
                return operators.staff(session), shifts.last_operator(session, house.post.till_id)

        errands.send(self, read, lambda found: self._show_staff(*found), self.cannot_open)

    def cannot_open(self, refusal: Refusal) -> None:
        """The database could not be opened: say why, and what can be done."""
        self._early.clear()
        self._pin = ""
        self._show_pin()
        self._say(f"{refusal} {_('Entrée pour un nouvel essai.')}", refused=True)

    def begin_again(self, said: str = "") -> None:
        """Make ready for the next person: nobody's PIN is left, the names are read again."""
        self._pin, self._checking = "", False
        if self._house is not None:
            self.welcome(self._house)
        self._say(said)

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character in "0123456789":
            event.stop()
            self.action_press(event.character)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._choose(event.option_index)

    def action_press(self, key: str) -> None:
        """One key of this screen; kept for later while nobody can be known yet."""
        if self._staff:
            self._apply(key)
        elif self._said_refused:
            if key == "enter":
                self._try_again()
        else:
            self._early.append(key)
            self._pin = "".join(early for early in self._early if early.isdecimal())[:LONGEST_PIN]
            self._show_pin()

    def _try_again(self) -> None:
        self._say(_("Ouverture de la base…"))
        if self._house is None:
            self.post_message(self.TryAgain())
        else:
            self.welcome(self._house)

    def _apply(self, key: str) -> None:
        if self._checking:
            return
        match key:
            case "up" | "down":
                self._move(-1 if key == "up" else 1)
            case "tab":
                self._choosing = not self._choosing
            case "backspace":
                self._pin = self._pin[:-1]
            case "escape":
                self._choosing = not self._pin
                self._pin = ""
            case "enter" if self._choosing:
                self._choosing = False
            case "enter":
                self._check_pin()
            case digit if self._choosing:
                if 0 < int(digit) <= len(self._staff):
                    self._choose(int(digit) - 1)
            case digit:
                self._pin += digit
        self._show_pin()

    def _show_staff(self, staff: tuple[StaffMember, ...], last: int | None) -> None:
        names = self.query_one(StaffList)
        names.clear_options()
        names.add_options([self._option(position, member) for position, member in enumerate(staff, start=1)])
        names.display = bool(staff)
        self._staff = staff
        known = next((index for index, member in enumerate(staff) if member.id == last), None)
        names.highlighted = known or 0
        self._choosing = known is None and len(staff) > 1
        self._pin = ""
        if not staff:
            self._say(
                _("Personne ne peut ouvrir cette caisse : créez un opérateur avec « boxoffice users »."),
                refused=True,
            )
        elif not self._said_refused:
            self._say("")
        early, self._early = self._early, []
        for key in early:
            self._apply(key)
        self._show_pin()

    def _option(self, position: int, member: StaffMember) -> Option:
        digit = str(position) if position < 10 else " "
        pin = self._shown_pins.get(member.name)
        role = _(_ROLES[member.role]) + (f"  PIN {pin}" if pin else "")
        name = at_most(member.name, 48 - len(role))
        return Option(
            Content.assemble(set_cell_size(f" {digit}  {name}", 51 - len(role)), (role, "dim")),
            id=str(member.id),
        )

    def _move(self, by: int) -> None:
        names = self.query_one(StaffList)
        self._pin = ""
        names.highlighted = ((names.highlighted or 0) + by) % len(self._staff)

    def _choose(self, index: int) -> None:
        self.query_one(StaffList).highlighted = index
        self._choosing, self._pin = False, ""
        self._show_pin()

    def _check_pin(self) -> None:
        """Try to log in, unless nothing was typed, or more than any PIN has: a scanner sent it."""
        house, pin, self._pin = self._house, self._pin, ""
        if not pin or house is None:
            return
        if len(pin) > LONGEST_PIN:
            self._say(
                _("Un code PIN compte au plus {longest} chiffres.").format(longest=LONGEST_PIN), refused=True
            )
            return
        from boxoffice.sales.staff import operators

        member = self._staff[self.query_one(StaffList).highlighted or 0]
        self._checking = True
        self._say(_("Un instant…"))

        def log_in() -> StaffMember:
            with house.database.write() as session:
                return operators.log_in(session, house.post, member.id, pin, clock=house.clock)

        errands.send(self, log_in, self._enter, self._refuse)

    @property
    def awaiting(self) -> Awaited | None:
        """Who types on after their PIN means the screen that it opens; after a wrong one, nothing."""
        return Awaited.ANOTHER if self._checking else None

    def _enter(self, member: StaffMember) -> None:
        self._say(_("Bonjour, {name}.").format(name=member.name))
        self.post_message(self.LoggedIn(member))

    def unlock(self) -> None:
        self._checking = False

    def _refuse(self, refusal: Refusal) -> None:
        self._checking = False
        self._say(str(refusal), refused=True)
        self._show_pin()

    def _say(self, sentence: str, *, refused: bool = False) -> None:
        said = self.query_one("#login-said", Static)
        said.update(sentence)
        said.set_class(refused, "-refused")

    @property
    def _said_refused(self) -> bool:
        return self.query_one("#login-said").has_class("-refused")

    def _show_pin(self) -> None:
        self.query_one("#login-pin", Static).update(self._pin_line())
        self._show_keys()

    def _pin_line(self) -> str:
        if self._choosing:
            return _("Qui êtes-vous ? Tapez le chiffre devant votre nom.")
        dots = " ".join("●" * min(len(self._pin), LONGEST_PIN)) or "_"
        if not self._staff:
            return _("Code PIN  {dots}").format(dots=dots)
        chosen = self._staff[self.query_one(StaffList).highlighted or 0]
        return _("Code PIN de {name}  {dots}").format(name=at_most(chosen.name, NAME_COLUMNS), dots=dots)

    def _show_keys(self) -> None:
        """Say above all how to be somebody else: the last operator is chosen already."""
        if self._choosing or not self._staff:
            words = _("1-9 ou ↑ ↓ choisir son nom   Entrée continuer")
        elif len(self._staff) == 1:
            words = _("0-9 code PIN   Entrée ouvrir")
        else:
            words = _("Échap : changer de nom   0-9 code PIN   Entrée ouvrir")
        self.query_one("#login-keys", Static).update(words)


def screen_after_log_in(house: House, member: StaffMember) -> Screen[None]:
    """Where a member of the staff goes once logged in, loaded then: the log-in paints without it."""
    if member.role is Role.BADGES:
        from .badges import BadgeScreen

        return BadgeScreen(house, member)
    from .shift import ShiftScreen

    return ShiftScreen(house, member)
