"""Small questions asked over the screen: each answers with a value, and Escape always answers too."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from rich.console import RenderableType
from textual import events, on
from textual._styles_cache import StylesCache
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen, Screen
from textual.style import Style
from textual.widgets import Button, Static
from textual.widgets.button import ButtonVariant

from boxoffice.errors import Refusal
from boxoffice.language import _, later

from . import scanning
from .enduring import Enduring
from .keypad import Digits
from .scanning import Scanner, WithScanner
from .veil import Veil

Answer = TypeVar("Answer")

WIDE = 100
"""Columns from which the basket stays in sight beside a dialog."""
READ_IN_SECONDS = 0.4
"""Nobody reads a question and answers it sooner."""
BASKET = "basket"
"""The identity of its panel."""


class Dialog(Enduring, ModalScreen[Answer], Generic[Answer]):
    """A box over the screen, set to the left of the basket so that it stays in sight.

    A dialog says its `title`, yields what it asks in `compose_question`, and names in `nothing` the answer
    that Escape gives.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "leave",
            later("Fermer"),
            id="dialog.leave",
            tooltip=later("Ferme cette question sans rien changer"),
        ),
        Binding(
            "f1,ctrl+underscore",
            "app.help",
            later("Aide"),
            id="app.help",
            tooltip=later("Toutes les touches de cet écran et ce qu'elles font"),
        ),
        Binding(
            "ctrl+l",
            "app.lock",
            later("Verrouiller"),
            id="counter.lock",
            tooltip=later("Verrouille la caisse ; le panier et ce qui est ouvert sont gardés"),
        ),
    ]
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 40%;
        &.-wide .dialog { margin-right: 36; }

        .dialog {
            width: 64; max-width: 96%; height: auto; max-height: 96%;
            border: round $primary; background: $surface; padding: 1 2;
        }
        .dialog-title { text-style: bold; margin-bottom: 1; height: auto; }
        .dialog-text { height: auto; margin-bottom: 1; }
        .dialog-remedy { height: auto; margin-bottom: 1; color: $text-accent; }
        .dialog-wrong { height: auto; color: $text-error; text-style: bold; }
        .dialog-wrong.-done { color: $text-success; }
        .dialog-buttons { height: auto; align-horizontal: right; }
        .dialog-buttons Button { margin-left: 2; min-width: 12; padding: 0 1; }
        Button:focus { text-style: bold underline; background-tint: $foreground 0%; }
        .dialog-keys {
            color: $text-muted; height: auto; margin-top: 1;
            link-color: $text-muted; link-style: none; link-background: $surface;
            link-color-hover: $primary; link-background-hover: $surface; link-style-hover: bold;
        }
        Input, Input:focus { height: 1; border: none; padding: 0 1; margin-bottom: 1; }
    }
    """

    title_text: str = ""
    OPENED_BY_SCANS: ClassVar[bool] = False
    """Whether it shows what was scanned: another scan takes its place."""

    @dataclass
    class Scanned(Message):
        """A scanner sent this text to a dialog that had no field for it."""

        text: str

    def __init__(self) -> None:
        super().__init__()
        self._leaving: Callable[[], object] | None = None

    @property
    def _scanner(self) -> Scanner:
        """One for all dialogs: the first key of a scan may open another one, which hears the rest."""
        app = self.app
        assert isinstance(app, WithScanner)
        return app.dialogs_scanner

    def on_key(self, event: events.Key) -> None:
        scanner = self._scanner
        if not scanner.sends(event):
            self.key_typed(event)
            return
        event.stop()
        if event.key == "enter":
            self.post_message(self.Scanned(scanner.text))

    def on_unmount(self) -> None:
        """Let go of what was drawn: Textual remembers the edges of a thousand widgets, and their lines."""
        StylesCache.get_inner_outer.cache_clear()

    def changed_elsewhere(self) -> None:
        """Something was changed in the books, here or at another counter, while this is in sight."""

    def key_typed(self, event: events.Key) -> None:
        """A key pressed by hand, before the bindings see it; to be stopped if it is done with."""

    def unless_scanned(self, act: Callable[[], None]) -> None:
        """Do what a letter asks for once no other key follows it: a scanned code may begin with it."""
        scanner = self._scanner
        heard = scanner.heard

        def sure() -> None:
            if scanner.heard == heard:
                act()

        def await_late_keys() -> None:
            self.app.call_later(self.call_later, sure)

        self.set_timer(scanning.PATIENCE * scanning.BURST_SECONDS, await_late_keys)

    def on_resize(self, event: events.Resize) -> None:
        self._stand_beside_basket(event.size.width)

    def render(self) -> RenderableType:
        beneath = super().render()
        return Veil(beneath.screen, beneath.color) if isinstance(beneath, BackgroundScreen) else beneath

    def compose(self) -> ComposeResult:
        self._stand_beside_basket(self.app.size.width)
        with Vertical(classes="dialog"):
            if self.title_text:
                yield Static(self.title_text, classes="dialog-title", markup=False)
            yield from self.compose_question()

    def _stand_beside_basket(self, width: int) -> None:
        """Leave the basket in sight where there is one; else stand in the middle."""
        has_basket = any(screen.query(f"#{BASKET}") for screen in self.app.screen_stack)
        self.set_class(has_basket and width >= WIDE, "-wide")

    def compose_question(self) -> ComposeResult:
        """What stands under the title."""
        raise NotImplementedError

    def foot(self, *keys: tuple[str, str]) -> ComposeResult:
        """What stands under a question: what is wrong with the answer, then the keys."""
        yield Static("", classes="dialog-wrong", markup=False)
        yield keys_line(*keys)

    def say_wrong(self, what: str | Refusal = "") -> None:
        """Say what cannot be, or that nothing is wrong any more."""
        self.query_one(".dialog-wrong", Static).remove_class("-done").update(str(what))

    def say_done(self, what: str) -> None:
        """Say what is done, where what cannot be is said: nothing else is covered by it."""
        self.query_one(".dialog-wrong", Static).add_class("-done").update(what)

    def digits(self) -> ComposeResult:
        """Digits to touch or to click."""
        yield Digits()

    def on_click(self) -> None:
        for digits in self.query(Digits):
            digits.offer()

    def nothing(self) -> Answer:
        """The answer that Escape gives."""
        raise NotImplementedError

    def action_leave(self) -> None:
        self.dismiss(self.nothing())

    # -- closing: Textual closes whatever is on top, be it the lock

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Close this with an answer: at once if it is on top, else as soon as what stands over it is left."""
        answer = partial(super().dismiss, result)
        if self.is_active:
            return answer()
        self._leaving = answer
        return AwaitComplete()

    @property
    def stays(self) -> bool:
        """Whether nothing closes it now but its own answer."""
        return False

    def leave_unanswered(self) -> None:
        """Close this without an answer, once it is on top."""
        if self.stays:
            return
        if self.is_active:
            self.app.pop_screen()
        else:
            self._leaving = self.app.pop_screen

    def on_screen_resume(self) -> None:
        """Close what was answered beneath another screen."""
        if self._leaving is not None and self.is_active:
            leave, self._leaving = self._leaving, None
            leave()


def leave_scanned(screen: Screen[Any]) -> None:
    """Close what a scan opened over a screen, and what that asks: nothing of it was done."""
    stack = list(screen.app.screen_stack)
    opened = (isinstance(each, Dialog) and each.OPENED_BY_SCANS for each in stack)
    place = next((place for place, is_opened in enumerate(opened) if is_opened), len(stack))
    for each in reversed(stack[place:]):
        if isinstance(each, Dialog):
            each.leave_unanswered()


def keys_line(*keys: tuple[str, str]) -> Static:
    """The keys of a dialog, which a mouse may press too: each by its name and what it does."""
    return Static(keys_words(*keys), classes="dialog-keys", markup=False)


def keys_words(*keys: tuple[str, str]) -> Content:
    """What stands in the line of keys."""
    pressed = [Style.from_meta({"@click": f"app.simulate_key({key!r})"}) for key, _says in keys]
    words = [Content.styled(says, press) for (_key, says), press in zip(keys, pressed, strict=True)]
    return Content("   ").join(words)


def button(label: str, key: str, identity: str, *, primary: bool = False) -> Button:
    """A button that tells the key that does the same."""
    variant: ButtonVariant = "primary" if primary else "default"
    return Button(button_words(label, key), id=identity, variant=variant, compact=True)


def button_words(label: str, key: str) -> Content:
    """What stands on a button: what it does, and the key that does the same."""
    return Content(f"{label}  {key}")


class Told(Dialog[Answer]):
    """A few words, and buttons under them."""

    def __init__(self, title: str, words: str, *, look: str) -> None:
        super().__init__()
        self.title_text = title
        self._words, self._look = words, look

    def compose_question(self) -> ComposeResult:
        if self._words:
            yield Static(self._words, classes=self._look, markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield from self.buttons()

    def buttons(self) -> ComposeResult:
        """The answers that there are, the likeliest first."""
        raise NotImplementedError


class Confirm(Told[bool]):
    """A question answered by yes (Enter) or no (Escape).

    One that is to be `considered` takes no yes that was on its way before anybody could read it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "left,right,up,down",
            "other",
            later("Autre réponse"),
            id="confirm.other",
            tooltip=later("Passe d'un bouton à l'autre"),
        ),
    ]

    def __init__(
        self, question: str, detail: str = "", *, yes: str = "", no: str = "", considered: bool = False
    ) -> None:
        super().__init__(question, detail, look="dialog-text")
        self._yes, self._no = yes or _("Oui"), no or _("Non")
        self._least_seconds = READ_IN_SECONDS if considered else 0.0
        self._shown_at = 0.0

    def on_mount(self, event: events.Mount) -> None:
        self._shown_at = event.time

    def buttons(self) -> ComposeResult:
        yield button(self._yes, _("Entrée"), "yes", primary=True)
        yield button(self._no, _("Échap"), "no")

    def nothing(self) -> bool:
        return False

    def action_other(self) -> None:
        self.focus_next()

    @on(Button.Pressed)
    def answer(self, event: Button.Pressed) -> None:
        event.stop()
        is_yes = event.button.id == "yes"
        if not is_yes or event.time - self._shown_at >= self._least_seconds:
            self.dismiss(is_yes)


class RefusalDialog(Told[None]):
    """What cannot be done, why, and what can: for a refusal that stops the work."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message, refusal.remedy, look="dialog-remedy")

    def buttons(self) -> ComposeResult:
        yield button(_("Compris"), _("Entrée"), "understood", primary=True)

    def nothing(self) -> None:
        return None

    @on(Button.Pressed)
    def understood(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(None)


def ask_to_give_up(screen: Screen[Any], question: str, give_up: Callable[[], object]) -> None:
    """Ask before what was typed over `screen` is lost."""

    def answered(yes: bool | None) -> None:
        if yes:
            give_up()

    detail = _("Ce qui est écrit ici est perdu.")
    screen.app.push_screen(Confirm(question, detail, yes=_("Abandonner"), no=_("Continuer")), answered)
