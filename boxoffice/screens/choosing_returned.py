"""Which seats of a sale come back for others."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID, uuid4

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets.option_list import Option

from boxoffice.language import _, later
from boxoffice.sales.history import SoldLine

from .rows import Rows
from .sale_words import line_words
from .ticking import TickingDialog

ROW_COLUMNS = 62


@dataclass(frozen=True, slots=True)
class ExchangeWish:
    """The wish to have other seats for these of a sale.

    `credit_note_id` is made once, so that the books exchange once; `authorized_by` is a manager's id, and
    `reason` is theirs.
    """

    original_id: UUID
    operation: str
    seats: tuple[SoldLine, ...]
    credit_note_id: UUID = field(default_factory=uuid4)
    authorized_by: int | None = None
    reason: str = ""


class ChooseReturned(TickingDialog[tuple[SoldLine, ...] | None]):
    """Seats ticked by Space or by their digit; none ticked means all, None that nothing is exchanged."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "go_on",
            later("Continuer"),
            id="returned.go_on",
            tooltip=later("Passe au choix des nouvelles places"),
        ),
        Binding(
            "space",
            "tick",
            later("Choisir la place"),
            id="returned.tick",
            tooltip=later("N'échange que les places choisies"),
        ),
    ]
    DEFAULT_CSS = """
    ChooseReturned {
        .dialog { width: 76; }
        Rows { height: auto; max-height: 12; }
    }
    """

    def __init__(self, seats: Sequence[SoldLine]) -> None:
        super().__init__()
        self.title_text = _("Quelles places échanger ?")
        self._seats = tuple(seats)
        self._ticked: frozenset[int] = frozenset()

    def compose_question(self) -> ComposeResult:
        yield Rows(*map(Option, self._prompts()), markup=False, compact=True)
        yield from self.foot(
            ("enter", _("Entrée choisir les nouvelles places")),
            ("space", _("Espace ou chiffre choisir")),
            ("escape", _("Échap renoncer")),
        )

    def on_mount(self) -> None:
        rows = self.query_one(Rows)
        rows.highlighted = 0
        rows.focus()

    def nothing(self) -> None:
        return None

    def _prompts(self) -> list[Content]:
        chosen = self._ticked or frozenset(range(len(self._seats)))
        return [
            Content(
                f"{'●' if place in chosen else '○'} {place + 1 if place < 9 else ' '} "
                + line_words(seat, ROW_COLUMNS)
            )
            for place, seat in enumerate(self._seats)
        ]

    def turn(self, place: int) -> None:
        if place >= len(self._seats):
            return
        self._ticked ^= {place}
        rows = self.query_one(Rows)
        for index, prompt in enumerate(self._prompts()):
            rows.replace_option_prompt_at_index(index, prompt)
        rows.highlighted = place

    def action_go_on(self) -> None:
        chosen = self._ticked or frozenset(range(len(self._seats)))
        self.dismiss(tuple(seat for place, seat in enumerate(self._seats) if place in chosen))
