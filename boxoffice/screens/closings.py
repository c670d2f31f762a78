"""Closing tills, then the day, the month and the year: what is left to close, what is in its way, the Zs."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID, uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, ClosingPeriod, JournalKind
from boxoffice.language import _, later
from boxoffice.sales.closings.closing import find_closing
from boxoffice.sales.closings.outcomes import Made
from boxoffice.sales.closings.papers_of_closings import print_closing_again
from boxoffice.sales.closings.period_closing import ClosePeriod
from boxoffice.sales.closings.state import ClosingRow, ClosingState, TillState, list_closings, read_state
from boxoffice.sales.prints.closing_papers import ClosingPaper
from boxoffice.sales.prints.letterhead import read_letterhead
from boxoffice.sales.staff.operators import StaffMember

from . import errands
from .closing_acts import begin_period, begin_till, close_the_period, offer_day
from .closing_words import (
    closing_about,
    closing_row_words,
    done_words,
    period_about,
    period_words,
    till_about,
    till_words,
)
from .dialogs import Dialog
from .paper_dialog import PaperDialog
from .permitting import Act, LeftTo, ask_leave
from .rows import Choices

if TYPE_CHECKING:
    from boxoffice.house import House

LISTED = 60
"""How many of the last Zs are listed."""


@dataclass(frozen=True, slots=True)
class _Row:
    """Something to close, or a Z: what it is, what is said of it, and what Enter does."""

    what: object
    words: Content
    says: str
    act: Callable[[], None]


class ClosingsDialog(Dialog[bool]):
    """What is left to close, the oldest first, then the last Zs.

    The answer is whether this till was closed: nothing can be sold with its shift any more.
    """

    HELP = later(
        "Ce qui reste à clore d'abord : les caisses, puis la journée, le mois, l'année ; ensuite les "
        "derniers Z. Entrée clôt ou montre. Ce qui empêche une clôture est dit, avec quoi faire."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f5", "look", later("Relire"), id="closings.look", tooltip=later("Relit ce qui reste à clore")
        ),
    ]
    DEFAULT_CSS = """
    ClosingsDialog {
        .dialog { width: 86; max-width: 100%; padding: 0 2; }
        .dialog-title { margin-bottom: 0; }
        Choices { height: auto; max-height: 16; margin: 1 0; }
        #closing-says { height: auto; min-height: 3; max-height: 6; }
        .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(self, house: "House", member: StaffMember) -> None:
        super().__init__()
        self.title_text = _("Clôtures")
        self._house = house
        self._member = member
        self._rows: tuple[_Row, ...] = ()
        self._ids: defaultdict[object, UUID] = defaultdict(uuid4)
        self._closed_here = self._at_work = False
        self._closed_a_till: StaffMember | None = None
        self._looks = errands.Latest(self)

    def compose_question(self) -> ComposeResult:
        yield Choices(markup=False, compact=True)
        yield Static(_("Un instant…"), id="closing-says", markup=False)
        yield from self.foot(
            ("enter", _("Entrée clore ou montrer")), ("f5", _("F5 relire")), ("escape", _("Échap fermer"))
        )

    def on_mount(self) -> None:
        self.query_one(Choices).focus()
        self.action_look()

    def nothing(self) -> bool:
        return self._closed_here

    def action_leave(self) -> None:
        """Stay until what is being closed is closed, and said to be."""
        if not self._at_work:
            super().action_leave()

    # -- reading

    def action_look(self) -> None:
        """Read again what is left to close."""

        def read() -> tuple[ClosingState, tuple[ClosingRow, ...]]:
            with self._house.database.read() as session:
                state = read_state(session, self._house.post.rules, clock=self._house.clock)
                return state, list_closings(session, limit=LISTED)

        self._looks.send(read, lambda found: self._show(*found), self.say_wrong)

    def changed_elsewhere(self) -> None:
        if not self._at_work:
            self.action_look()

    def _show(self, state: ClosingState, made: tuple[ClosingRow, ...]) -> None:
        """Draw what is left; the row that was chosen stays so, unless something was just closed."""
        rows = self.query_one(Choices)
        chosen = None if rows.highlighted is None else self._rows[rows.highlighted].what
        self._rows = (*self._to_close(state), *(self._row_of(row) for row in made))
        rows.set_options([Option(row.words) for row in self._rows])
        places = {row.what: place for place, row in enumerate(self._rows)}
        self._ids = defaultdict(uuid4, {what: self._ids[what] for what in self._ids if what in places})
        rows.highlighted = places.get(chosen, 0) if self._rows else None
        if not self._rows:
            self.query_one("#closing-says", Static).update(_("Il n'y a rien à clore."))
        if (manager := self._closed_a_till) is not None and self.is_active:
            self._closed_a_till = None
            self._offer_day(state, manager)

    def _to_close(self, state: ClosingState) -> list[_Row]:
        tills = sorted(
            (till for till in state.tills if till.days is not None),
            key=lambda till: (not till.is_late, till.till_id != self._house.post.till_id, till.till),
        )
        rows = [self._till_row(till) for till in tills]
        if state.day is not None:
            stops = "\n".join(f"{each.message} {each.remedy}" for each in state.stops)
            ready = _("Toutes les caisses de ce jour sont closes : Entrée clôt la journée.")
            rows.append(
                self._period_row(ClosingPeriod.DAY, state.day, state.today, stops or ready, not stops)
            )
        for period, last in ((ClosingPeriod.MONTH, state.month), (ClosingPeriod.YEAR, state.year)):
            if last is not None:
                says = _("Terminé : Entrée le clôt, quand tous ses jours le sont.")
                rows.append(self._period_row(period, last, state.today, says, True))
        return rows

    def _till_row(self, till: TillState) -> _Row:
        known = [f"{each.message} {each.remedy}" for each in till.obstacles]
        if till.shift is not None:
            known[:1] = [
                _("Ouverte par {name} : Entrée compte son tiroir, puis clôt la caisse.").format(
                    name=till.shift.operator_name
                )
            ]
        says = "\n".join(known) or _("Entrée clôt la caisse et imprime son Z.")
        return _Row(till.till_id, till_words(till), says, lambda: self._begin_till(till))

    def _period_row(self, period: ClosingPeriod, last: date, today: date, says: str, is_ready: bool) -> _Row:
        words = period_words(period, last, is_ready=is_ready)
        return _Row((period, last), words, says, lambda: self._begin_period(period, last, today))

    def _row_of(self, row: ClosingRow) -> _Row:
        says = _("Clos par {manager} ; Entrée le montre, et P y imprime une copie.").format(
            manager=row.manager
        )
        return _Row(row.id, closing_row_words(row), says, lambda: self._show_closing(row))

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.query_one("#closing-says", Static).update(self._rows[event.option_index].says)

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if not self._at_work:
            self.say_wrong()
            self._rows[event.option_index].act()

    # -- closing

    def _answered_for(self, action: Action, about: str, act: Callable[[StaffMember], None]) -> None:
        """Do what somebody has to answer for: who is here, or a manager who types their PIN for it alone."""
        closing = Act(JournalKind.CLOSING_MADE, about, left_to=LeftTo(self._member, action))
        needed = ManagerNeeded(_("Un responsable répond d'une clôture."))
        ask_leave(self, self._house, closing, needed, lambda leave: act(leave.manager), self.say_wrong)

    def _begin_till(self, till: TillState) -> None:
        def begin(manager: StaffMember) -> None:
            closing_id = self._ids[till.till_id]
            begin_till(
                self, self._house, till, closing_id, manager, lambda made: done(made, manager), working
            )

        def done(made: Made, manager: StaffMember) -> None:
            del self._ids[till.till_id]
            self._till_made(made, manager)

        def working(at_work: bool) -> None:
            self._at_work = at_work

        self._answered_for(Action.CLOSE_TILL, till_about(till), begin)

    def _till_made(self, made: Made, manager: StaffMember) -> None:
        self._closed_a_till = manager
        self._closed_here |= made.till == self._house.post.till_number
        self._made(made)

    def _offer_day(self, state: ClosingState, manager: StaffMember) -> None:
        """Offer what is left of a day to who has just closed its last till: no PIN is asked again for it."""
        if manager is self._member:
            offer_day(self, self._house, state, lambda day: self._close_period(ClosingPeriod.DAY, day))
            return

        def close(day: date) -> None:
            self._send_period(ClosingPeriod.DAY, day, manager)

        offer_day(self, self._house, state, close, manager)

    def _begin_period(self, period: ClosingPeriod, last: date, today: date) -> None:
        begin_period(self, self._house, period, last, today, lambda: self._close_period(period, last))

    def _close_period(self, period: ClosingPeriod, last: date) -> None:
        self._answered_for(
            Action.CLOSE_DAY,
            period_about(period, last),
            lambda manager: self._send_period(period, last, manager),
        )

    def _send_period(self, period: ClosingPeriod, last: date, manager: StaffMember) -> None:
        house, command = self._house, ClosePeriod(self._ids[period, last], period, last)
        self._at_work = True
        errands.send(self, lambda: close_the_period(house, command, manager), self._made, self._refuse)

    def _made(self, made: Made) -> None:
        self._at_work = False
        self.say_done(done_words(made))
        self.action_look()

    def _refuse(self, refusal: Refusal) -> None:
        self._at_work = False
        self.say_wrong(refusal)
        self.action_look()

    def _show_closing(self, row: ClosingRow) -> None:
        def show(manager: StaffMember) -> None:
            self.app.push_screen(ShowClosing(self._house, row, manager))

        self._answered_for(Action.REPRINT_CLOSING, closing_about(row), show)


class ShowClosing(PaperDialog):
    """A Z on the screen; printed, it is a copy."""

    def __init__(self, house: "House", row: ClosingRow, manager: StaffMember) -> None:
        super().__init__(house, closing_about(row))
        self._closing_id, self._manager = row.id, manager

    def keys(self) -> tuple[tuple[str, str], ...]:
        return ("p", _("P duplicata")), ("pagedown", _("↑ ↓ lire la suite")), ("escape", _("Échap fermer"))

    def numbered(self) -> str:
        return str(self._closing_id)

    def read(self) -> ClosingPaper:
        with self.house.database.read() as session:
            made = find_closing(session, self._closing_id)
            if made is None:
                raise Refusal(_("Cette clôture n'existe pas."))
            return ClosingPaper(read_letterhead(session), made)

    def order(self) -> str:
        with self.house.database.write() as session:
            copy = print_closing_again(
                session, self.house.post, self._manager, self._closing_id, clock=self.house.clock
            )
        return _("Duplicata n° {copy} demandé à l'imprimante.").format(copy=copy)
