"""A code asked for: typed with or without its groups, or scanned; what is wrong with it is said in place."""

from collections.abc import Callable
from typing import Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.sales.wording import ONE_LINE

from . import errands
from .dialogs import Dialog

LONGEST_CODE = 60

Found = TypeVar("Found")


class AskCode(Dialog[Found | None], Generic[Found]):
    """Answers with what `look_up` finds by a code; None when it is given up, by Escape or an empty Enter."""

    def __init__(
        self,
        question: str,
        hint: str,
        look_up: Callable[[str], Found],
        *,
        placeholder: str = "····-····-····-····",
    ) -> None:
        """`look_up` is called away from the screen; it raises Refusal for what is no such code."""
        super().__init__()
        self.title_text = question
        self._hint, self._look_up, self._placeholder = hint, look_up, placeholder
        self._looking = False

    def compose_question(self) -> ComposeResult:
        yield Static(self._hint, classes="dialog-text", markup=False)
        yield Input(placeholder=self._placeholder, max_length=LONGEST_CODE, restrict=ONE_LINE)
        yield from self.foot(("enter", _("Entrée chercher")), ("escape", _("Échap renoncer")))

    def nothing(self) -> None:
        return None

    @on(Input.Submitted)
    def typed(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if not text:
            self.action_leave()
        elif not self._looking:
            self._looking = True
            errands.send(self, lambda: self._look_up(text), self._answer, self._refuse)

    def _answer(self, found: Found) -> None:
        self.dismiss(found)

    def _refuse(self, refusal: Refusal) -> None:
        self._looking = False
        field = self.query_one(Input)
        field.select_all()
        self.say_wrong(refusal)
