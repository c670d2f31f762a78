"""What every section of the settings is made of: a list of what stands, and a form to change one thing."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

from rich.cells import cell_len, set_cell_size
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _, later, plural
from boxoffice.sales.staff.last_changes import LastChange, last_changes
from boxoffice.sales.staff.operators import StaffMember

from .. import errands
from ..agenda import fold
from ..choosing import Choose, Thing
from ..dialogs import Dialog
from ..rows import Choices
from ..short_form import Line
from .form import LOW, Change, SettingForm, Work, write
from .words import last_change_words

if TYPE_CHECKING:
    from boxoffice.database import Session
    from boxoffice.house import House

AROUND = 4
"""What of the width of a list is no row, in cells: the mark before it, the bar to scroll by."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One thing that may be changed: what it is, how it stands, and what there is to know of it.

    Its `key` is what the journal knows it by. It is also found by its `name`, where the guides and the
    command line call it by one. What is `retired` is shown to whoever asks for it.
    """

    key: Hashable
    what: Any
    label: str
    value: str = ""
    says: str = ""
    name: str = ""
    retired: bool = False


class By(TypedDict):
    """Who answers for a change, and when."""

    clock: Clock
    manager: StaffMember


class Section:
    """A part of the settings. Whoever opened it may do its `ACTION`, and answers for what is changed.

    It is `lent_by` a manager, named, where somebody else is logged in.
    """

    TITLE: ClassVar[str] = ""
    SAYS: ClassVar[str] = ""
    ADDS: ClassVar[bool] = False
    RETIRES: ClassVar[bool] = False
    ACTION: ClassVar[Action] = Action.CHANGE_SETTINGS
    TOLD_AS: ClassVar[tuple[JournalKind, ...]] = ()
    """The entries of the journal that tell its changes."""

    def __init__(self, house: "House", manager: StaffMember) -> None:
        self.house, self.manager = house, manager
        self.lent_by = ""

    @property
    def title(self) -> str:
        """What it is called, to be translated."""
        return self.TITLE

    @property
    def about(self) -> str:
        """What is in it, to be translated."""
        return self.SAYS

    @property
    def by(self) -> "By":
        """What every service that changes something is told."""
        return {"clock": self.house.clock, "manager": self.manager}

    def read(self, session: "Session") -> Sequence[SettingRow]:
        """What stands now."""
        raise NotImplementedError

    def change(self, listed: "SectionDialog", row: SettingRow) -> None:
        """Ask what is to become of a row."""
        raise NotImplementedError

    def add(self, listed: "SectionDialog") -> None:
        """Ask what is to be added."""

    def form(
        self,
        listed: "SectionDialog",
        title: str,
        lines: Sequence[Line],
        change: Change,
        *,
        words: str = "",
        secret: Sequence[str] = (),
        prices: Sequence[str] = (),
    ) -> None:
        """Ask for lines, and have them written down; `secret` and `prices` name some of them."""
        form = SettingForm(self.house, title, lines, change, words, secret, prices)
        listed.app.push_screen(form, listed.changed)

    def choose(
        self,
        listed: "SectionDialog",
        title: str,
        things: Sequence[Thing],
        then: Callable[[int], None],
        *,
        at: int = 0,
    ) -> None:
        """Ask which of a few things, standing on the one `at` this place."""

        def chosen(place: int | None) -> None:
            if place is not None:
                then(place)

        listed.app.push_screen(Choose(title, things, at=at), chosen)


class SectionDialog(Dialog[None]):
    """What stands in a section; typing narrows it, Enter changes a row, Insert adds one."""

    HELP = later(
        "Tapez quelques lettres pour réduire la liste. Entrée change la ligne choisie ; Inser en ajoute une, "
        "là où c'est possible. F8 montre aussi ce qui est hors service, pour l'y remettre. Ce qui est refusé "
        "est dit, et rien de ce qui est écrit n'est perdu."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "walk(-1)", later("Monter"), id="settings.up", tooltip=later("La ligne au-dessus")),
        Binding(
            "down", "walk(1)", later("Descendre"), id="settings.down", tooltip=later("La ligne en dessous")
        ),
        Binding(
            "pageup", "walk(-10)", later("Page"), id="settings.page_up", tooltip=later("Dix lignes plus haut")
        ),
        Binding(
            "pagedown",
            "walk(10)",
            later("Page"),
            id="settings.page_down",
            tooltip=later("Dix lignes plus bas"),
        ),
        Binding(
            "insert,ctrl+n",
            "add",
            later("Ajouter"),
            id="settings.add",
            tooltip=later("Ajoute une ligne à ce réglage"),
        ),
        Binding(
            "f8,ctrl+r",
            "show_retired",
            later("Hors service"),
            id="settings.retired",
            tooltip=later("Montre aussi ce qui est hors service ou hors vente, ou le cache"),
        ),
    ]
    DEFAULT_CSS = """
    SectionDialog {
        .dialog { width: 92; max-width: 100%; padding: 0 2; }
        .dialog-title { margin-bottom: 0; }
        Input, Input:focus { margin: 0; }
        Choices { height: auto; max-height: 14; margin: 1 0 0 0; }
        #setting-says { height: auto; min-height: 2; max-height: 4; color: $text-muted; }
        #setting-by { height: 1; color: $text-muted; text-style: italic; }
        .dialog-keys { margin-top: 0; }
        &.-low Choices { max-height: 10; margin: 0; }
    }
    """

    def __init__(self, section: Section) -> None:
        super().__init__()
        self.title_text = titled(_("Réglages · {section}").format(section=_(section.title)), section.lent_by)
        self._section = section
        self._rows: tuple[SettingRow, ...] = ()
        self._found: list[SettingRow] = []
        self._changes: Mapping[Hashable, LastChange] = {}
        self._stands_on: Hashable = None
        self._shows_retired = False

    def compose_question(self) -> ComposeResult:
        yield Input(placeholder=_("chercher"))
        yield Choices(markup=False, compact=True)
        yield Static("", id="setting-says", markup=False)
        yield Static("", id="setting-by", markup=False)
        keys = [("enter", _("Entrée changer")), ("escape", _("Échap fermer"))]
        if self._section.ADDS:
            keys.insert(1, ("insert", _("Inser ajouter")))
        if self._section.RETIRES:
            keys.insert(-1, ("f8", _("F8 hors service")))
        yield from self.foot(*keys)

    def on_mount(self) -> None:
        self.query_one(Choices).can_focus = False
        self.query_one(Input).focus()
        self.look()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.height < LOW, "-low")

    def nothing(self) -> None:
        return None

    def look(self) -> None:
        """Read again what stands."""

        def read() -> tuple[tuple[SettingRow, ...], Mapping[Hashable, LastChange]]:
            section = self._section
            with section.house.database.read() as session:
                return tuple(section.read(session)), last_changes(session, section.TOLD_AS)

        errands.send(self, read, lambda found: self._show(*found), self.say_wrong)

    def changed(self, said: str | None) -> None:
        """Say what was done, and show what has become of it."""
        if said:
            highlighted = self.query_one(Choices).highlighted
            self._stands_on = None if highlighted is None else self._found[highlighted].key
            self.say_wrong()
            self.say_done(said)
            self.look()

    def do(self, work: Work) -> None:
        """Change something at once, and say what."""

        def refused(refusal: Refusal) -> None:
            self.say_wrong(refusal)
            self.look()

        errands.send(self, lambda: write(self._section.house, work), self.changed, refused)

    def _show(self, rows: tuple[SettingRow, ...], changes: Mapping[Hashable, LastChange]) -> None:
        """Draw what stands; after a change, on what was changed or added, whatever was looked for."""
        known = {row.key for row in self._rows}
        added = [row.key for row in rows if row.key not in known] if known else []
        wanted, self._stands_on = self._stands_on, None
        if wanted is not None and len(added) == 1:
            wanted = added[0]
        self._rows, self._changes = rows, changes
        field = self.query_one(Input)
        self._narrow(field.value)
        in_sight = {row.key for row in rows if self._shows_retired or not row.retired}
        if wanted in in_sight - {row.key for row in self._found}:
            with self.prevent(Input.Changed):
                field.clear()
            self._narrow("")
        places = {row.key: place for place, row in enumerate(self._found)}
        if wanted in places:
            self.query_one(Choices).highlighted = places[wanted]

    def _narrow(self, text: str) -> None:
        """Show the rows that all words stand in; first those whose names have them, whatever figures say."""
        words, choices = fold(text).split(), self.query_one(Choices)
        before = choices.highlighted or 0
        meant = [
            row
            for row in self._rows
            if all(word in fold(f"{row.label} {row.value} {row.name}") for word in words)
        ]
        found = (row for row in meant if self._shows_retired or not row.retired)
        self._found = sorted(found, key=lambda row: _far_from(words, row))
        room = choices.size.width - AROUND
        choices.clear_options()
        choices.add_options([Option(_words(row, room)) for row in self._found])
        choices.highlighted = min(before, len(self._found) - 1) if self._found else None
        if not self._found:
            says = _("Rien de tel ici.") if not meant else _("Rien de tel en service : F8 montre le reste.")
            self.query_one("#setting-says", Static).update(says)
            self.query_one("#setting-by", Static).update("")

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one(Choices).highlighted = 0
        self._narrow(event.value)

    def action_walk(self, by: int) -> None:
        choices = self.query_one(Choices)
        if choices.option_count:
            wanted = (choices.highlighted or 0) + by
            choices.highlighted = (
                wanted % choices.option_count
                if abs(by) == 1
                else max(0, min(wanted, choices.option_count - 1))
            )

    def action_add(self) -> None:
        if self._section.ADDS:
            self._section.add(self)

    def action_show_retired(self) -> None:
        """Show what is out of service among the others, or no more; nothing is, and it is said."""
        count = sum(row.retired for row in self._rows)
        self._shows_retired = bool(count) and not self._shows_retired
        self._narrow(self.query_one(Input).value)
        if self._shows_retired:
            said = plural(
                "{count} hors service : F8 la cache.", "{count} hors service : F8 les cache.", count
            )
            self.say_done(said.format(count=count))
        else:
            self.say_done("" if count else _("Rien n'est hors service ici."))

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_index < len(self._found):
            row = self._found[event.option_index]
            self.query_one("#setting-says", Static).update(row.says or f"{row.label} : {row.value}")
            self.query_one("#setting-by", Static).update(last_change_words(self._changes.get(row.key)))

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        event.stop()
        highlighted = self.query_one(Choices).highlighted
        if highlighted is not None:
            self._section.change(self, self._found[highlighted])

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._section.change(self, self._found[event.option_index])


def _far_from(words: Sequence[str], row: SettingRow) -> int:
    """How many of the words begin none of those of the name of a row."""
    names = fold(row.label).split()
    return sum(not any(name.startswith(word) for name in names) for word in words)


def _words(row: SettingRow, room: int) -> Content:
    """A row: what it is on the left, how it stands on the right."""
    value = row.value if cell_len(row.value) <= room // 2 else set_cell_size(row.value, room // 2 - 1) + "…"
    left = room - cell_len(value) - 2
    label = row.label if cell_len(row.label) <= left else set_cell_size(row.label, left - 1) + "…"
    return Content.assemble(set_cell_size(label, left), "  ", (value, "bold"))


def titled(title: str, lent_by: str) -> str:
    """A title of the settings, with the name of who answers for what somebody else changes there."""
    return _("{title} · {name} en répond").format(title=title, name=lent_by) if lent_by else title


def show_section(screen: Screen[Any], section: Section, closed: Callable[[], None]) -> None:
    """Open a section over a screen."""
    screen.app.push_screen(SectionDialog(section), lambda _none: closed())
