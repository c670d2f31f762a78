"""Short questions that are answered by typing."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from boxoffice.errors import Refusal
from boxoffice.language import _, plural
from boxoffice.printing.characters import printable, unprintable
from boxoffice.sales.wording import ONE_LINE

from .dialogs import Answer, Dialog


class AskLine(Dialog[Answer | None]):
    """One line to type, read when Enter is pressed; None when it is given up."""

    DIGITS: ClassVar[bool] = False
    """Whether it is made of digits, which may be touched or clicked."""

    def __init__(
        self,
        question: str,
        value: str = "",
        *,
        placeholder: str = "",
        longest: int = 80,
        restrict: str = ONE_LINE,
    ) -> None:
        super().__init__()
        self.title_text = question
        self._value, self._placeholder = value, placeholder
        self._longest, self._restrict = longest, restrict

    def compose_question(self) -> ComposeResult:
        yield Input(
            self._value, placeholder=self._placeholder, max_length=self._longest, restrict=self._restrict
        )
        if self.DIGITS:
            yield from self.digits()
        yield from self.foot(("enter", _("Entrée valider")), ("escape", _("Échap renoncer")))

    def read(self, text: str) -> Answer:
        """The answer that was typed. Raises Refusal for what is none."""
        raise NotImplementedError

    def nothing(self) -> None:
        return None

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            answer = self.read(event.value.strip())
        except Refusal as refusal:
            self.say_wrong(refusal)
        else:
            self.dismiss(answer)


class AskText(AskLine[str]):
    """A text."""

    def __init__(
        self,
        question: str,
        value: str = "",
        *,
        placeholder: str = "",
        longest: int = 80,
        required: bool = False,
    ) -> None:
        super().__init__(question, value, placeholder=placeholder, longest=longest)
        self._required = required

    def read(self, text: str) -> str:
        if self._required and not text:
            raise Refusal(_("Il faut écrire quelque chose."))
        return text


class AskQuantity(AskLine[int]):
    """How many. Zero is an answer: it removes the line."""

    DIGITS = True

    def __init__(self, question: str, current: int = 1, *, least: int = 0, most: int = 999) -> None:
        super().__init__(question, str(current), restrict=r"\d{0,3}")
        self._least, self._most = least, most

    def read(self, text: str) -> int:
        if not text:
            raise Refusal(_("Tapez un nombre."))
        if int(text) < self._least:
            raise Refusal(_("Au moins {least}.").format(least=self._least))
        if int(text) > self._most:
            raise Refusal(_("Au plus {most}.").format(most=self._most))
        return int(text)


class AskNames(Dialog[tuple[str, ...] | None]):
    """The names on nominative tickets, one for each; None when they are given up."""

    DEFAULT_CSS = """
    AskNames VerticalScroll { height: auto; max-height: 14; }
    """

    def __init__(self, title: str, count: int, names: Sequence[str] = ()) -> None:
        super().__init__()
        self.title_text = title
        self._names = (*names, *[""] * count)[:count]
        self._told: set[str] = set()

    def compose_question(self) -> ComposeResult:
        count = len(self._names)
        yield Static(
            plural("Un nom sera imprimé sur le billet.", "Un nom sera imprimé sur chaque billet.", count),
            classes="dialog-text",
            markup=False,
        )
        with VerticalScroll(can_focus=False):
            for place, name in enumerate(self._names, start=1):
                yield Input(
                    name,
                    placeholder=_("Prénom et nom du spectateur {place}").format(place=place),
                    max_length=60,
                    restrict=ONE_LINE,
                )
        yield from self.foot(
            ("enter", _("Entrée nom suivant, puis valider")), ("escape", _("Échap renoncer"))
        )

    def nothing(self) -> None:
        return None

    @on(Input.Submitted)
    def next_name(self, event: Input.Submitted) -> None:
        event.stop()
        fields = list(self.query(Input))
        empty = [field for field in fields if not field.value.strip()]
        if event.input in empty:
            self.say_wrong(_("Il faut un nom par billet."))
        elif (lost := unprintable(event.value)) and event.value not in self._told:
            self._told.add(event.value)
            self.say_wrong(
                Refusal(
                    _("{signs} ne s'imprime pas : le billet dira « {name} ».").format(
                        signs=lost, name=printable(event.value).strip()
                    ),
                    _("Corrigez, ou Entrée encore pour l'accepter."),
                )
            )
        elif empty:
            empty[0].focus()
        else:
            self.dismiss(tuple(" ".join(field.value.split()) for field in fields))
