"""The form in which one setting is typed: what is refused stays written, what others changed is shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from boxoffice.errors import FieldsRefused, Refusal
from boxoffice.language import _, later
from boxoffice.sales.staff.meanwhile import ChangedMeanwhile

from .. import errands
from ..choosing import Choose, Search, Thing
from ..room import at_most
from ..short_form import Filled, Line, ShortForm

if TYPE_CHECKING:
    from boxoffice.database import Session
    from boxoffice.house import House

FEW = 9
"""The things of a list that are told apart by a digit; more are searched."""
LOW = 32
"""A screen of fewer lines has none to spare around a form."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed in the lines of a form, by their names, and what of each was `seen` there before."""

    texts: Mapping[str, str]
    seen: Mapping[str, str]

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
    ) -> None:
        super().__init__(title, lines, words)
        self._house, self._change, self._secret = house, change, tuple(secret)
        self._seen = {line.name: line.text for line in lines}
        self._at_work = False

    def on_mount(self) -> None:
        super().on_mount()
        for name in self._secret:
            self.query_one(f"#field-{name}", Input).password = True

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.height < LOW, "-low")

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
        """Say what the code or the word of the line stands for, else what may be typed there."""
        for hint in self.query("#form-hint").results(Static):
            said = ""
            if (now := self._written_now) is not None:
                line, field = now
                meant = dict(line.choices).get(field.value.strip())
                said = meant or " · ".join(typed for typed, _meaning in line.choices if typed)
            hint.update(at_most(said, hint.size.width))

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
        self._at_work = True

        def refused(refusal: Refusal) -> None:
            self._at_work = False
            if isinstance(refusal, ChangedMeanwhile):
                self._show_what_stands(refusal)
            if isinstance(refusal, FieldsRefused) and refusal.names:
                self.query(f"#field-{refusal.names[0]}").focus()
            self.say_wrong(refusal)

        typed = Typed(form.texts, dict(self._seen))
        errands.send(
            self,
            lambda: write(self._house, lambda session: self._change(session, typed)),
            self._done,
            refused,
        )

    def _show_what_stands(self, refusal: ChangedMeanwhile) -> None:
        """Show what somebody else has changed, in place of what was typed there; the rest stays as typed."""
        for name, before in self._seen.items():
            field, stands = self.query_one(f"#field-{name}", Input), refusal.stands[name]
            if name in refusal.names or field.value == before:
                field.value = stands
            self._seen[name] = stands
        self._as_found = tuple(self._seen.values())

    def _done(self, said: str) -> None:
        self.dismiss(said)


def write(house: "House", work: Work) -> str:
    """Do something to the database, and return what to say of it."""
    with house.database.write() as session:
        return work(session)
