"""The form in which one setting is typed: what is refused stays written, what others changed is shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.widgets import Input

from boxoffice.errors import Refusal
from boxoffice.sales.staff.meanwhile import ChangedMeanwhile

from .. import errands
from ..short_form import Filled, Line, ShortForm

if TYPE_CHECKING:
    from boxoffice.database import Session
    from boxoffice.house import House

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

    DEFAULT_CSS = """
    SettingForm {
        .dialog { max-height: 100%; overflow-y: auto; }
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

    def say_wrong(self, what: str | Refusal = "") -> None:
        super().say_wrong(what)
        self.query_one(".dialog-wrong").scroll_visible()

    def filled(self, form: Filled) -> None:
        if self._at_work:
            return
        self._at_work = True

        def refused(refusal: Refusal) -> None:
            self._at_work = False
            if isinstance(refusal, ChangedMeanwhile):
                self._show_what_stands(refusal)
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
