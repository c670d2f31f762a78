"""The form in which one setting is typed: what is refused stays written, beside what others wrote there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from boxoffice.errors import FieldsRefused, Refusal
from boxoffice.language import _, later
from boxoffice.money import parse_amount
from boxoffice.sales.staff.meanwhile import ChangedMeanwhile

from .. import errands
from ..choosing import Choose, Search, Thing
from ..dialogs import Confirm
from ..room import at_most
from ..short_form import Filled, Line, ShortForm

if TYPE_CHECKING:
    from boxoffice.database import Session
    from boxoffice.house import House

FEW = 9
"""The things of a list that are told apart by a digit; more are searched."""
FAR = 2
"""How many times another a price is seldom changed to at once."""
LOW = 32
"""A screen of fewer lines has none to spare around a form."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed in the lines of a form, by their names, and what of each was `seen` there before.

    `title` is what the form calls that which is changed, as it was seen.
    """

    texts: Mapping[str, str]
    seen: Mapping[str, str]
    title: str

    def __getitem__(self, name: str) -> str:
        return self.texts[name]


Work = Callable[["Session"], str]
"""Changes something in a session; what to say of it."""
Change = Callable[["Session", Typed], str]
"""Changes something in a session as typed; what to say of it."""


class SettingForm(ShortForm[str]):
    """Lines to fill in; what is refused is said under them, and stays written."""

    REPLACES = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f2,ctrl+n",
            "choose",
            later("Choisir"),
            id="settings.choose",
            tooltip=later("Choisit dans la liste de ce qui peut être écrit ici"),
        ),
    ]
    DEFAULT_CSS = """
    SettingForm {
        .dialog { max-height: 100%; overflow-y: auto; }
        #form-hint { height: 1; margin-left: 24; color: $text-muted; }
        .form-beside { width: auto; max-width: 34; height: 1; padding-right: 2; color: $text-muted; }
        .form-beside.-other { color: $text-warning; text-style: bold; }
        &.-low .dialog { padding: 0 2; }
        &.-low .dialog-title, &.-low .dialog-text { margin-bottom: 0; }
        &.-low .dialog-wrong, &.-low .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(
        self,
        house: "House",
        title: str,
        lines: Sequence[Line],
        change: Change,
        words: str = "",
        secret: Sequence[str] = (),
        prices: Sequence[str] = (),
    ) -> None:
        """What is typed in the lines named `secret` is not shown; `prices` that are odd are asked about."""
        super().__init__(title, lines, words)
        self._house, self._change = house, change
        self._secret, self._prices = tuple(secret), tuple(prices)
        self._seen = {line.name: line.text for line in lines}
        self._meanwhile: dict[str, str] = {}
        self._at_work = False

    def on_mount(self) -> None:
        super().on_mount()
        self._show_beside()
        for name in self._secret:
            self.query_one(f"#field-{name}", Input).password = True

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.height < LOW, "-low")

    def beside(self, line: Line) -> ComposeResult:
        yield Static("", id=f"beside-{line.name}", classes="form-beside", markup=False)

    def hint(self) -> ComposeResult:
        if self._chooses:
            yield Static("", id="form-hint", markup=False)

    def keys(self) -> tuple[tuple[str, str], ...]:
        following, *others = super().keys()
        return (following, ("f2", _("F2 choisir")), *others) if self._chooses else (following, *others)

    def say_wrong(self, what: str | Refusal = "") -> None:
        super().say_wrong(what)
        self.query_one(".dialog-wrong").scroll_visible()

    # -- what may be typed

    @property
    def _chooses(self) -> bool:
        """Whether what is typed in some of the lines is one of a list."""
        return any(line.choices for line in self._lines)

    @property
    def _written_now(self) -> tuple[Line, Input] | None:
        """The line that is being written, if what is typed there is one of a list."""
        for line in self._lines:
            if line.choices and (field := self.query_one(f"#field-{line.name}", Input)).has_focus:
                return line, field
        return None

    @on(Input.Changed)
    @on(events.DescendantFocus)
    def show_hint(self) -> None:
        """Say what may be typed in the line that is being written, and beside each what its code means."""
        self._show_beside()
        for hint in self.query("#form-hint").results(Static):
            said = ""
            if (now := self._written_now) is not None:
                said = " · ".join(typed for typed, _meaning in now[0].choices if typed)
            hint.update(at_most(said, hint.size.width))

    def _show_beside(self) -> None:
        """Say beside each line what its code stands for; or what somebody else has written there."""
        for line in self._lines:
            typed = self.query_one(f"#field-{line.name}", Input).value.strip()
            other = self._meanwhile.get(line.name, typed)
            said = dict(line.choices).get(typed, "")
            if other != typed:
                said = _("entre-temps : {text}").format(text=other or _("rien"))
            beside = self.query_one(f"#beside-{line.name}", Static)
            beside.set_class(other != typed, "-other").update(said)

    def action_choose(self) -> None:
        """Choose what the line says in the list of what it may."""
        if (now := self._written_now) is None:
            return
        line, field = now
        typed = [each for each, _meaning in line.choices]

        def chosen(place: int | None) -> None:
            if place is not None:
                field.value = typed[place]
                self.focus_next(Input)

        things = [Thing(meaning or each, end=each if meaning else "") for each, meaning in line.choices]
        if len(things) > FEW:
            self.app.push_screen(Search(line.label, things, _("chercher")), chosen)
        else:
            at = typed.index(field.value) if field.value in typed else 0
            self.app.push_screen(Choose(line.label, things, at=at), chosen)

    # -- going on

    def filled(self, form: Filled) -> None:
        if self._at_work:
            return
        over = [
            line
            for line in self._lines
            if self._meanwhile.get(line.name, form.texts[line.name]) != form.texts[line.name]
        ]
        odd = [
            line
            for line in self._lines
            if line.name in self._prices and is_odd(self._seen[line.name], form.texts[line.name])
        ]
        if not over and not odd:
            self._send(form)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._send(form)

        question = (
            _("Écrire à la place de ce que quelqu'un d'autre vient d'écrire ?")
            if over
            else _("Est-ce bien le prix, pour toutes les ventes à venir ?")
        )
        asked = "\n".join(
            f"{line.label} : {self._seen[line.name] or _('rien')} → {form.texts[line.name] or _('rien')}"
            for line in self._lines
            if line in over or line in odd
        )
        self.app.push_screen(Confirm(question, asked, considered=True), answered)

    def _send(self, form: Filled) -> None:
        self._at_work = True

        def refused(refusal: Refusal) -> None:
            self._at_work = False
            if isinstance(refusal, ChangedMeanwhile):
                self._show_what_stands(refusal)
                kept = _("Ce que vous avez écrit est gardé : F9 demande s'il faut l'écrire à la place.")
                self.say_wrong(Refusal(refusal.message, kept))
            else:
                self.say_wrong(refusal)
            if isinstance(refusal, FieldsRefused) and refusal.names:
                for wrong in self.query(f"#field-{refusal.names[0]}").results(Input):
                    wrong.focus()
                    wrong.select_all()

        typed = Typed(form.texts, dict(self._seen), self.title_text)
        errands.send(
            self,
            lambda: write(self._house, lambda session: self._change(session, typed)),
            self._done,
            refused,
        )

    def _show_what_stands(self, refusal: ChangedMeanwhile) -> None:
        """Show what somebody else has changed, beside what was typed there, which stays."""
        if refusal.about:
            self.title_text = refusal.about
            self.query_one(".dialog-title", Static).update(refusal.about)
        for name, before in self._seen.items():
            field, stands = self.query_one(f"#field-{name}", Input), refusal.stands[name]
            if name in refusal.names:
                self._meanwhile[name] = stands
            elif field.value == before:
                field.value = stands
            self._seen[name] = stands
        self._as_found = tuple(self._seen.values())
        self._show_beside()

    def _done(self, said: str) -> None:
        self.dismiss(said)


def is_odd(seen: str, typed: str) -> bool:
    """Whether a price that was seen can hardly become what was typed: nothing, or so far from it."""
    try:
        before, after = parse_amount(seen), parse_amount(typed)
    except ValueError:
        return False
    return before != after and max(before, after) > FAR * min(before, after)


def write(house: "House", work: Work) -> str:
    """Do something to the database, and return what to say of it."""
    with house.database.write() as session:
        return work(session)
