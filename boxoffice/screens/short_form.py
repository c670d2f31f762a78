"""A few lines to fill in, under each other: Enter goes to the next one, and from the last one on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.money import format_amount, parse_amount
from boxoffice.sales.wording import ONE_LINE

from . import errands
from .dialogs import Answer, Dialog, ask_to_give_up
from .listening import Awaited

AMOUNT = r"[\d .,€\u00a0]{0,14}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a form; an amount is typed in euros, and its `cents` stand there already if it has some.

    `choices` are what may be typed and what it means, where it is one of those.
    """

    name: str
    label: str
    is_amount: bool = False
    placeholder: str = ""
    longest: int = 120
    text: str = ""
    cents: int | None = None
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """What was written in the lines, by their names; an amount left empty is None."""

    texts: Mapping[str, str]
    cents: Mapping[str, int | None]


class ShortForm(Dialog[Answer | None]):
    """Lines to fill in. F9 goes on from any of them; what is wrong is said under them, nothing is lost."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f9,ctrl+s",
            "submit",
            later("Valider"),
            id="form.submit",
            tooltip=later("Valide ce qui est écrit, depuis n'importe quelle ligne"),
        ),
        Binding("down", "step(1)", later("Suivant"), id="form.next", tooltip=later("La ligne suivante")),
        Binding(
            "up", "step(-1)", later("Précédent"), id="form.previous", tooltip=later("La ligne précédente")
        ),
    ]
    DEFAULT_CSS = """
    ShortForm {
        .dialog { width: 78; }
        .form-row { height: 1; }
        .form-label { width: 22; text-align: right; color: $text-muted; }
        Input, Input:focus { width: 1fr; margin: 0 1; background: $panel; }
        Input:focus { background: $primary 30%; }
        .dialog-wrong { margin-top: 1; }
    }
    """

    REPLACES: ClassVar[bool] = False
    """Whether what is typed takes the place of all that a line says, whatever it is."""

    def __init__(self, title: str, lines: Sequence[Line], words: str = "") -> None:
        super().__init__()
        self.title_text = title
        self._lines, self._words = tuple(lines), words
        self._as_found: tuple[str, ...] = ()

    def compose_question(self) -> ComposeResult:
        if self._words:
            yield Static(self._words, id="form-words", classes="dialog-text", markup=False)
        for line in self._lines:
            with Horizontal(classes="form-row"):
                yield Static(line.label, classes="form-label", markup=False)
                yield Input(
                    line.text if line.cents is None else format_amount(line.cents),
                    placeholder=line.placeholder,
                    max_length=line.longest,
                    restrict=AMOUNT if line.is_amount else ONE_LINE,
                    select_on_focus=line.is_amount or self.REPLACES,
                    id=f"field-{line.name}",
                )
                yield from self.beside(line)
        yield from self.hint()
        if any(line.is_amount for line in self._lines):
            yield from self.digits()
        yield from self.foot(*self.keys())

    def on_mount(self) -> None:
        self._as_found = self._written()
        self.query(Input).first().focus()

    def beside(self, _line: Line) -> ComposeResult:
        """What stands at the end of a line."""
        yield from ()

    def hint(self) -> ComposeResult:
        """What helps to fill the lines in, under them."""
        yield from ()

    def keys(self) -> tuple[tuple[str, str], ...]:
        """What its keys do."""
        return ("enter", _("Entrée suivant")), ("f9", _("F9 valider")), ("escape", _("Échap renoncer"))

    def nothing(self) -> None:
        return None

    def action_leave(self) -> None:
        if self._written() == self._as_found:
            self.dismiss(None)
        else:
            ask_to_give_up(self, _("Abandonner cette saisie ?"), lambda: self.dismiss(None))

    def _written(self) -> tuple[str, ...]:
        return tuple(field.value for field in self.query(Input))

    def filled(self, form: Filled) -> None:
        """Go on with what was written."""
        raise NotImplementedError

    def action_step(self, by: int) -> None:
        if by > 0:
            self.focus_next(Input)
        else:
            self.focus_previous(Input)

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input is self.query(Input).last():
            self.action_submit()
        else:
            self.focus_next(Input)

    def action_submit(self) -> None:
        texts: dict[str, str] = {}
        cents: dict[str, int | None] = {}
        for line in self._lines:
            field = self.query_one(f"#field-{line.name}", Input)
            written = field.value.strip()
            if not line.is_amount:
                texts[line.name] = written
                continue
            try:
                cents[line.name] = parse_amount(written) if written else None
            except ValueError:
                field.focus()
                self.say_wrong(
                    Refusal(
                        _("{label} : ce n'est pas un montant.").format(label=line.label),
                        _("Tapez par exemple 12,50."),
                    )
                )
                return
        self.say_wrong()
        self.filled(Filled(texts, cents))


class WorkingForm(ShortForm[Answer]):
    """A form that stays until what it asked of the books is done, or refused, and is said to be."""

    LEADS_ON: ClassVar[bool] = False
    """Whether who types on means the screen beneath: what is typed is for it, once this is gone."""

    at_work = False

    @property
    def awaiting(self) -> Awaited | None:
        """What is written has been sent: nothing more is written here."""
        if not self.at_work:
            return None
        return Awaited.ANOTHER if self.LEADS_ON else Awaited.NOTHING

    @property
    def is_busy(self) -> bool:
        """Whether something is asked of the books, or of a manager, already."""
        return self.at_work or errands.is_asking(self)

    def action_leave(self) -> None:
        if not self.at_work:
            super().action_leave()

    def unlock(self) -> None:
        self.at_work = False
