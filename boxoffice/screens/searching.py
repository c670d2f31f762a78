"""Things found as one types: the field, the rows to walk among, and what is known of the chosen one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.errors import Refusal
from boxoffice.language import later
from boxoffice.sales.codes import read_code
from boxoffice.sales.wording import ONE_LINE

from . import errands
from .dialogs import Answer, Dialog
from .rows import Rows

if TYPE_CHECKING:
    from boxoffice.house import House


class Identified(Protocol):
    """What is found has an id, by which it is known again in the next finds."""

    @property
    def id(self) -> UUID: ...


Found = TypeVar("Found", bound=Identified)


class SearchDialog(Dialog[Answer], Generic[Answer, Found]):
    """What answers to the words typed; Enter acts on the chosen one, once the last words were looked for.

    A search says how it finds in `look_for`, what stands on a row in `row`, what is known of the chosen one
    in `about`, its keys in `keys`, and what Enter does in `act`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", later("Monter"), id="search.up", tooltip=later("La ligne au-dessus")),
        Binding(
            "down", "move(1)", later("Descendre"), id="search.down", tooltip=later("La ligne en dessous")
        ),
        Binding(
            "pageup",
            "move(-8)",
            later("Page"),
            id="search.page_up",
            tooltip=later("Huit lignes plus haut"),
        ),
        Binding(
            "pagedown",
            "move(8)",
            later("Page"),
            id="search.page_down",
            tooltip=later("Huit lignes plus bas"),
        ),
    ]
    DEFAULT_CSS = """
    SearchDialog {
        align: left middle;
        .dialog { width: 84; max-width: 100%; height: 100%; padding: 0 1; }
        #search-doubt { display: none; height: auto; color: $text-warning; }
        #search-panes { layout: horizontal; height: 1fr; }
        #search-found {
            width: 1fr; height: 100%; scrollbar-size-vertical: 1;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        #search-found > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
        #search-chosen { width: 1fr; height: 100%; padding-left: 1; overflow-y: auto; }
    }
    """

    TAKES_SCANS: ClassVar[bool] = True
    SCANS_ONLY_SHOW: ClassVar[bool] = False
    """Whether a scan shows what it is of, and leaves to another Enter what is done with it."""

    def __init__(self, house: "House", title: str, placeholder: str, text: str = "") -> None:
        """`text` is looked for at once."""
        super().__init__()
        self.title_text = title
        self._house, self._placeholder = house, placeholder
        self._sought = text
        self._found_for: str | None = None
        self._found: tuple[Found, ...] = ()
        self._looking = self._look_again = self._then_act = False

    def compose_question(self) -> ComposeResult:
        yield self.field()
        yield Static("", id="search-doubt", markup=False)
        with Container(id="search-panes"):
            found = Rows(id="search-found", markup=False, compact=True)
            found.can_focus = False
            yield found
            yield Static("", id="search-chosen", markup=False)
        yield from self.foot(*self.keys())

    def field(self) -> Input:
        """Where one types."""
        return Input(
            self._sought,
            placeholder=self._placeholder,
            max_length=80,
            restrict=ONE_LINE,
            select_on_focus=False,
        )

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self.look()

    # -- what each search is of

    def look_for(self, text: str) -> tuple[Found, ...]:
        """What answers to `text`, the likeliest first; called away from the screen."""
        raise NotImplementedError

    def row(self, found: Found) -> str | Content:
        """What stands on a row."""
        raise NotImplementedError

    def about(self, chosen: Found | None) -> VisualType:
        """What is known of the chosen one, or what to say when nothing is found."""
        raise NotImplementedError

    def doubt(self) -> str:
        """Why Enter takes none of those found unless it is walked to; empty where it takes the first."""
        return ""

    def keys(self) -> Sequence[tuple[str, str]]:
        """The keys told at the foot."""
        raise NotImplementedError

    def act(self) -> None:
        """What Enter and a click do."""
        raise NotImplementedError

    # -- finding

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._sought:
            if event.value:
                self.say_wrong()
            self._sought = event.value
            self.look()

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        """Act on the chosen one, as soon as what was typed last is found; a scan may only show it."""
        event.stop()
        if self.SCANS_ONLY_SHOW and read_code(event.value) is not None:
            self._sought = event.value
            with self.prevent(Input.Changed):
                event.input.value = ""
        else:
            self._then_act = True
        self.look()

    @on(OptionList.OptionSelected)
    def clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.act()

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_chosen()

    def action_move(self, by: int) -> None:
        rows = self.query_one(Rows)
        if self._found:
            stood = -1 if rows.highlighted is None else rows.highlighted
            rows.highlighted = min(max(stood + by, 0), len(self._found) - 1)

    def look(self) -> None:
        """Look for what is typed, one search at a time: what was typed meanwhile is looked for next."""
        if self._looking:
            self._look_again = True
            return
        self._looking, self._look_again = True, False
        sought = self._sought

        def show(found: tuple[Found, ...]) -> None:
            self._looking = False
            if self._look_again:
                self.look()
            else:
                self._show(sought, found)

        def refused(refusal: Refusal) -> None:
            self._looking = self._then_act = False
            self.say_wrong(refusal)

        errands.send(self, lambda: self.look_for(sought), show, refused)

    def _show(self, sought: str, found: tuple[Found, ...]) -> None:
        """Show what was found: the chosen one stays chosen while the same is looked for."""
        chosen = self.chosen if sought == self._found_for else None
        self._found, self._found_for = found, sought
        rows, doubt = self.query_one(Rows), self.doubt()
        told = self.query_one("#search-doubt", Static)
        told.update(doubt)
        told.display = bool(doubt)
        with self.prevent(OptionList.OptionHighlighted):
            rows.set_options([Option(self.row(each)) for each in found])
            stood = [place for place, each in enumerate(found) if chosen and each.id == chosen.id]
            rows.highlighted = stood[0] if stood else (0 if found and not doubt else None)
        self._show_chosen()
        if self._then_act:
            self._then_act = False
            self.act()

    @property
    def chosen(self) -> Found | None:
        """The thing whose row is lit."""
        place = self.query_one(Rows).highlighted
        return self._found[place] if place is not None and place < len(self._found) else None

    def _show_chosen(self) -> None:
        self.query_one("#search-chosen", Static).update(self.about(self.chosen))
