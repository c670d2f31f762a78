"""The badge desk: find who wants a badge, print it once, and let the batches of the morning run."""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, later, spoken
from boxoffice.sales.codes import scanned_pass
from boxoffice.sales.credits.listing import count_pending
from boxoffice.sales.holders import badge_batches, passes
from boxoffice.sales.holders.badge_batches import BatchProgress
from boxoffice.sales.holders.badge_selection import BadgeLine, BadgeSelection, list_badges
from boxoffice.sales.people.opened_lists import PeopleList
from boxoffice.sales.staff.desk import BadgeDesk
from boxoffice.sales.staff.operators import StaffMember

from . import errands
from .badge_preview import BadgePreview
from .badge_words import badge_keys, batches_words, holder_words, row_words, story_words
from .batch_desk import BatchDesk
from .dialogs import Confirm
from .doubt import ask_about_doubtful
from .opened_lists import tell_opened
from .pass_printing import PassPrinter
from .rows import Rows
from .shift import ShiftScreen
from .watching import credits_words
from .widgets.bars import WIDE, KeyBar, Status, StatusBar

if TYPE_CHECKING:
    from boxoffice.house import House

REFRESH_SECONDS = 1.0


class BadgeScreen(Screen[None]):
    """Badges and nothing else: no shift is open, nothing can be sold from here."""

    HELP = later(
        "Tapez un nom, une organisation ou un numéro, ou scannez un pass : Entrée imprime son badge. "
        "Un badge déjà imprimé n'est réimprimé qu'après confirmation, et porte la marque DUPLICATA. "
        "Une série imprime d'un coup les badges que personne n'a encore ; elle s'arrête d'elle-même "
        "quand nul ne sait si un badge est sorti."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "print", later("Imprimer"), id="badges.print", tooltip=later("Imprime le badge choisi")
        ),
        Binding("up", "move(-1)", later("Monter"), id="badges.up", tooltip=later("Le badge au-dessus")),
        Binding(
            "down", "move(1)", later("Descendre"), id="badges.down", tooltip=later("Le badge en dessous")
        ),
        Binding(
            "pageup", "move(-10)", later("Page"), id="badges.page_up", tooltip=later("Dix badges plus haut")
        ),
        Binding(
            "pagedown", "move(10)", later("Page"), id="badges.page_down", tooltip=later("Dix badges plus bas")
        ),
        Binding(
            "f2,ctrl+b",
            "order_batch",
            later("Série"),
            id="badges.batch",
            tooltip=later("Imprime d'un coup les badges d'une sélection que personne n'a encore"),
        ),
        Binding(
            "f4,ctrl+r",
            "pause_or_resume",
            later("Pause, reprise"),
            id="badges.pause",
            tooltip=later("Met une série en pause, ou la reprend"),
        ),
        Binding(
            "f5,ctrl+g",
            "send_elsewhere",
            later("Autre imprimante"),
            id="badges.elsewhere",
            tooltip=later("Envoie ce qui attend d'une série à une autre imprimante"),
        ),
        Binding(
            "f6,ctrl+o",
            "answer",
            later("Est-il sorti ?"),
            id="badges.answer",
            tooltip=later("Dit si le badge à vérifier est sorti"),
        ),
        Binding(
            "f8,ctrl+x",
            "give_up_batch",
            later("Abandonner"),
            id="badges.give_up",
            tooltip=later("Abandonne ce qui attend encore d'une série"),
        ),
        Binding(
            "escape",
            "leave",
            later("Se déconnecter"),
            id="badges.leave",
            tooltip=later("Efface la recherche, puis revient au choix du nom"),
        ),
    ]
    DEFAULT_CSS = """
    BadgeScreen {
        #badges-panes { height: 1fr; }
        #badges-left { width: 1fr; height: 100%; }
        #badges-search { height: 1; border: none; padding: 0 1; background: $panel; }
        #badges-found { height: 1fr; border: none; padding: 0 1; scrollbar-size-vertical: 1; }
        #badges-found > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
        #badges-said { height: auto; max-height: 3; padding: 0 1; color: $text-accent; }
        #badges-wrong { height: auto; padding: 0 1; color: $text-error; text-style: bold; }
        #badges-batches {
            height: auto; padding: 0 1; border-top: solid $border; border-title-color: $primary;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        &.-narrow BadgePreview { display: none; }
    }
    """

    TAKES_SCANS: ClassVar[bool] = True

    def __init__(self, house: "House", member: StaffMember) -> None:
        super().__init__()
        self._house, self._member = house, member
        self._desk = BadgeDesk(house.post, member.id, member.number, member.name)
        self._printer = PassPrinter(self, house, self._desk, self._say, self._refuse)
        self._batch_desk = BatchDesk(self, house, self._desk, self._say, self._refuse)
        self._sought = ""
        self._lines: tuple[BadgeLine, ...] = ()
        self._selection = BadgeSelection()
        self._batches: tuple[BatchProgress, ...] = ()
        self._put_off: set[int] = set()
        self._pointed = self._looking = False

    def compose(self) -> ComposeResult:
        yield StatusBar(self._status())
        with Horizontal(id="badges-panes"):
            with Vertical(id="badges-left"):
                yield Input(
                    placeholder=_("Nom, organisation ou numéro ; ou scannez un pass"),
                    max_length=80,
                    select_on_focus=False,
                    id="badges-search",
                )
                found = Rows(id="badges-found", markup=False, compact=True)
                found.can_focus = False
                yield found
                yield Static("", id="badges-said", markup=False)
                yield Static("", id="badges-wrong", markup=False)
                yield Static("", id="badges-batches", markup=False)
            yield BadgePreview(self._house, self._refuse)
        yield KeyBar(badge_keys(self._unfinished))

    def on_mount(self) -> None:
        self.query_one("#badges-batches").border_title = _("Séries")
        self.query_one(Input).focus()
        self._look()
        tell_opened(self, self._house, self._desk, PeopleList.BADGES, untold=self._refuse)
        self.set_interval(REFRESH_SECONDS, self._keep_looking)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < WIDE, "-narrow")

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        event.stop()
        await self.app.run_action(event.action, self)

    # -- finding

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._sought:
            self._sought = event.value
            self._selection = BadgeSelection(words=event.value)
            self._pointed = bool(event.value.strip())
            self._say_wrong("")
            self._look()

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Enter prints; at the end of a scan it only shows whose pass that is."""
        event.stop()
        if (code := scanned_pass(event.value)) is None:
            self.action_print()
            return
        self._clear_search()

        def find() -> UUID:
            with self._house.database.read() as session:
                return passes.find_pass(session, code)

        errands.send(self, find, self._show_pass, self._refuse)

    def _show_pass(self, pass_id: UUID) -> None:
        self._selection, self._pointed = BadgeSelection(pass_id=pass_id), True
        self._look()

    def _clear_search(self) -> None:
        self._sought = ""
        self.query_one(Input).value = ""

    def _keep_looking(self) -> None:
        """Look again, unless the books have not answered yet: errands would pile up where they are slow."""
        if not self._looking:
            self._look()

    def _look(self) -> None:
        """Read the badges found and the batches, as they are now."""
        selection = self._selection
        self._looking = True

        def read() -> tuple[tuple[BadgeLine, ...], tuple[BatchProgress, ...], int]:
            try:
                with self._house.database.read() as session:
                    batches = badge_batches.list_batches(session, self._desk.post.till_id)
                    return list_badges(session, selection), batches, count_pending(session)
            finally:
                self._looking = False

        def show(found: tuple[tuple[BadgeLine, ...], tuple[BatchProgress, ...], int]) -> None:
            if selection == self._selection:
                self._show(*found)

        errands.send(self, read, show, self._refuse)

    def _show(self, lines: tuple[BadgeLine, ...], batches: tuple[BatchProgress, ...], asked: int) -> None:
        self.query_one(StatusBar).show(replace(self._status(), credit_requests=credits_words(asked)))
        if lines != self._lines:
            chosen = self._chosen
            self._lines = lines
            rows = self.query_one(Rows)
            with self.prevent(OptionList.OptionHighlighted):
                rows.set_options([Option(row_words(line)) for line in lines])
                same = (n for n, line in enumerate(lines) if chosen and line.pass_id == chosen.pass_id)
                rows.highlighted = next(same, 0 if lines and self._pointed else None)
        self._show_chosen()
        self._batches = batches
        self.query_one("#badges-batches", Static).update(batches_words(self._batches))
        self.query_one(KeyBar).show(badge_keys(self._unfinished))
        self._ask_once()

    @property
    def _chosen(self) -> BadgeLine | None:
        highlighted = self.query_one(Rows).highlighted
        if highlighted is None or highlighted >= len(self._lines):
            return None
        return self._lines[highlighted]

    def action_move(self, by: int) -> None:
        """Choose another row: until somebody was looked for, scanned or moved to, Enter prints nobody's."""
        rows = self.query_one(Rows)
        self._pointed = bool(self._lines)
        if self._lines and rows.highlighted is None:
            rows.highlighted = 0
        elif self._lines:
            rows.highlighted = max(0, min(len(self._lines) - 1, (rows.highlighted or 0) + by))

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._say_wrong("")
        self._show_chosen()

    def _show_chosen(self) -> None:
        line = self._chosen
        said = self.query_one("#badges-said", Static)
        if line is None:
            said.update(_("Aucun pass ni accréditation ne correspond.") if self._sought else "")
        else:
            said.update(Content(story_words(line)))
        self.query_one(BadgePreview).show(line)

    # -- printing

    def action_print(self) -> None:
        line = self._chosen
        if line is None or not self._pointed:
            self._say_wrong(_("Cherchez un nom, scannez un pass, ou choisissez-le par ↑ ↓."))
        else:
            self._printer.print_badge(line.pass_id, holder_words(line))

    def _say(self, words: str) -> None:
        """Say what is done; the same Enter pressed again prints nothing more."""
        self.notify(words, markup=False, timeout=4)
        self._pointed = False
        self._clear_search()
        self._look()

    # -- batches

    def action_order_batch(self) -> None:
        self._batch_desk.offer(self._sought.strip())

    def action_pause_or_resume(self) -> None:
        self._batch_desk.turn(self._unfinished, self._look)

    def action_send_elsewhere(self) -> None:
        self._batch_desk.send_elsewhere(self._unfinished, self._look)

    def action_give_up_batch(self) -> None:
        self._batch_desk.give_up(self._unfinished, self._look)

    @property
    def _unfinished(self) -> list[BatchProgress]:
        return [batch for batch in self._batches if not batch.is_over]

    # -- what nobody knows

    def _ask_once(self) -> None:
        """Ask about a badge in doubt as soon as there is one; once put off, only when F6 is pressed."""
        doubtful = {batch.doubtful_job for batch in self._batches if batch.doubtful_job is not None}
        doubtful |= {line.last.job_id for line in self._lines if line.last and line.last.is_doubtful}
        if doubtful - self._put_off and self.is_active:
            self._put_off |= doubtful
            self.action_answer()

    def action_answer(self) -> None:
        ask_about_doubtful(self, self._house, self._desk, self._look, self._refuse)

    # -- the edges

    def action_leave(self) -> None:
        if self._sought or self._selection != BadgeSelection():
            self._selection = BadgeSelection()
            self._clear_search()
            self._look()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.post_message(ShiftScreen.Left(self._member))

        detail = _("Ce qui est demandé continue de s'imprimer tant que le programme est ouvert.")
        self.app.push_screen(Confirm(_("Se déconnecter ?"), detail), answered)

    def leave_alone(self) -> None:
        """Log out of a desk that nobody is at, where people's names can be read."""
        while self.app.screen is not self:
            self.app.pop_screen()
        self.post_message(ShiftScreen.Left(self._member))

    def _status(self) -> Status:
        house = self._house
        trouble = house.printer_bell.trouble
        return Status(
            festival=house.festival,
            till=house.post.till_name,
            operator=self._member.name,
            moment=say(house.clock.now(), "EEE d MMM HH:mm", spoken()),
            printers="" if trouble else _("Imprimante prête"),
            printers_brief="" if trouble else _("Impr. ✓"),
            trouble=trouble,
        )

    def _refuse(self, refusal: Refusal) -> None:
        self._say_wrong(str(refusal))

    def _say_wrong(self, sentence: str) -> None:
        self.query_one("#badges-wrong", Static).update(sentence)
