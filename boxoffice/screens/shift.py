"""Opening a shift: the float typed or counted, a shift resumed, another's taken over by a manager."""

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID, uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Input, Static

from boxoffice.clock import say
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, ClosingPeriod, JournalKind
from boxoffice.language import _, later, spoken
from boxoffice.money import format_amount
from boxoffice.sales.closings.outcomes import Made
from boxoffice.sales.closings.period_closing import ClosePeriod
from boxoffice.sales.closings.state import TillState
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.shifts import OpenShift
from boxoffice.sales.staff.standing import day_words

from . import errands
from .cash_count import CashCount
from .closing_acts import begin_till, close_the_period, offer_day_after
from .closing_words import done_words, period_about, till_about
from .dialogs import RefusalDialog, button, button_words, keys_line
from .enduring import Enduring
from .listening import Awaited
from .permitting import Act, LeftTo, ask_leave
from .shift_ending import CLOSED_SECONDS, Ended, closing_of_shift, end_shift
from .shift_opening import begin_shift
from .till_found import Found, find
from .unopened import UnopenedScreen

if TYPE_CHECKING:
    from boxoffice.house import House


class ShiftScreen(Enduring, UnopenedScreen):
    """Opens the till for who has just logged in, or gives them back the shift they left open."""

    HELP = later(
        "Le fond de caisse est l'argent du tiroir avant la première vente : tapez le montant, ou comptez-le."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "leave",
            later("Changer d'opérateur"),
            id="shift.leave",
            tooltip=later("Revient au choix du nom sans ouvrir la caisse"),
        ),
        Binding(
            "f10,ctrl+g",
            "menu",
            later("Gestion"),
            id="shift.menu",
            tooltip=later("Clôtures, papiers, états, santé et réglages, sans ouvrir la caisse"),
        ),
        Binding(
            "f12,ctrl+o",
            "outbox",
            later("Impr."),
            id="shift.outbox",
            tooltip=later("Montre ce que cette caisse imprime, sans l'ouvrir"),
        ),
    ]
    DEFAULT_CSS = """
    ShiftScreen {
        align: center middle;

        #shift {
            width: 64; max-width: 100%; height: auto; max-height: 100%; overflow-y: auto;
            border: round $border; padding: 1 2;
        }
        #shift-title { text-style: bold; color: $primary; }
        #shift-said { height: auto; margin: 1 0; }
        #shift-said.-refused { color: $text-error; }
        .dialog-keys { color: $text-muted; link-color: $text-muted; link-style: none; }
        Horizontal.shift-buttons { height: auto; }
        Horizontal.shift-buttons Button { margin-right: 2; }
    }
    """

    class Opened(Message):
        """The till has a shift, and an operator at it; `opened_by` goes on where it cannot be shown."""

        def __init__(self, desk: Desk, opened_by: "ShiftScreen") -> None:
            super().__init__()
            self.desk, self.opened_by = desk, opened_by

    class Left(Message):
        """The operator goes without opening the till."""

        def __init__(self, member: StaffMember) -> None:
            super().__init__()
            self.member = member

    def __init__(self, house: "House", member: StaffMember) -> None:
        super().__init__()
        self._house, self._member = house, member
        self._found = Found()
        self._float: int | None = None
        self._opening = False
        self._ids: defaultdict[object, UUID] = defaultdict(uuid4)
        self.awaiting: Awaited | None = Awaited.ITSELF

    def compose(self) -> ComposeResult:
        with Vertical(id="shift"):
            yield Static(
                _("{till} · {name}").format(till=self._house.post.till_name, name=self._member.name),
                id="shift-title",
                markup=False,
            )
            yield Static(_("Un instant…"), id="shift-said", markup=False)
            with Horizontal(classes="shift-buttons"):
                yield button(_("Clore la journée"), _("Entrée"), "close-day", primary=True)
                yield button(_("Fermer sa session"), _("Entrée"), "take-over", primary=True)
                yield button(_("Changer d'opérateur"), _("Échap"), "leave")
            yield keys_line(
                ("ctrl+s", _("Entrée ouvrir")),
                ("down", _("↑ ↓ compter")),
                ("f10", _("F10 gestion")),
                ("f12", _("F12 impr.")),
                ("escape", _("Échap retour")),
            )

    def on_mount(self) -> None:
        self._show_form(False)
        self._show_take_over(False)
        self._look()

    def action_leave(self) -> None:
        if not self._opening:
            self.post_message(self.Left(self._member))

    @property
    def is_free(self) -> bool:
        return not self._opening

    def looked_away(self) -> None:
        self._look()

    @property
    def _is_busy(self) -> bool:
        """Whether what stands here is not sure: something is opened or closed, or the books are asked."""
        return self._opening or self.awaiting is not None

    @on(Button.Pressed, "#leave")
    def leave_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_leave()

    @on(CashCount.Submitted)
    def open_till(self, event: CashCount.Submitted) -> None:
        event.stop()
        if self._opening:
            return
        self._opening, self.awaiting = True, Awaited.ANOTHER
        command = OpenShift(event.cents, dict(event.count))
        begin_shift(self, self._house, self._member, command, self._enter, self.refuse, self._not_opened)

    def _not_opened(self) -> None:
        self._opening, self.awaiting = False, None

    @on(Button.Pressed, "#take-over")
    def take_over(self, event: Button.Pressed) -> None:
        """Close another's shift: a manager may, or allows it with their PIN."""
        event.stop()
        if self._is_busy:
            return
        there = self._found.there
        about = f"{self._house.post.till_name}, {there.operator_name}" if there else ""
        ask_leave(
            self,
            self._house,
            Act(JournalKind.TILL_CLOSED, about, left_to=LeftTo(self._member, Action.CLOSE_OTHERS_SHIFT)),
            ManagerNeeded(_("Un responsable doit fermer la session d'un autre.")),
            lambda leave: self._count_others_drawer(leave.manager),
            self.refuse,
        )

    def _count_others_drawer(self, manager: StaffMember) -> None:
        there = self._found.there
        assert there is not None

        end = closing_of_shift(self._house, self._member, there.id)
        end_shift(
            self,
            self._house,
            there.id,
            there.operator_name,
            end,
            self._shift_closed,
            self.refuse,
            manager,
            allowed_by=None if manager is self._member else manager,
        )

    def _shift_closed(self, ended: Ended) -> None:
        """What stays in the drawer is the next one's float, unless they say otherwise."""
        self._float = ended.left_cents
        for form in self.query(CashCount):
            form.query_one("#cash-amount", Input).value = format_amount(ended.left_cents)
        self._look()

    def _look(self) -> None:
        """See whether the till is free, ours, or somebody else's; what is typed meanwhile is for that."""
        self.awaiting = Awaited.ITSELF
        errands.send(self, lambda: find(self._house, self._member), self._show, self.refuse)

    def _show(self, found: Found) -> None:
        if found.desk is not None:
            self.awaiting = Awaited.ANOTHER
            self._enter(found.desk)
            return
        self._found, there = found, found.there
        if found.late is not None:
            self._show_late(found.late)
            return
        if found.closed is not None:
            self._show_closed(found.closed)
            return
        if found.day is not None:
            self._show_day_open(found.day, waits=found.waits)
            return
        self._show_form(there is None)
        self._show_take_over(there is not None)
        if there is None and found.reopens:
            self._say(
                _(
                    "La journée est close : un responsable peut rouvrir, avec un motif, et ce qui se vend "
                    "compte dans la suivante. Combien y a-t-il dans le tiroir ?"
                )
            )
        elif there is None:
            self._say(_("Combien y a-t-il dans le tiroir, avant la première vente ?"))
        else:
            since = say(there.opened_at, "EEE d MMM HH:mm", spoken())
            self._say(
                _(
                    "Cette caisse est ouverte par {name} depuis {since}. {name} peut se connecter pour la "
                    "reprendre ; sinon un responsable ferme sa session, tiroir compté."
                ).format(name=there.operator_name, since=since)
            )
            self.query_one("#take-over", Button).focus()

    def _show_closed(self, refusal: Refusal) -> None:
        """No till opens by this clock: no float is asked for."""
        self._show_form(False)
        self._show_take_over(True)
        self.query_one("#take-over").display = False
        self._say(f"{refusal.message} {refusal.remedy}")
        self.query_one("#leave", Button).focus()

    def _show_late(self, late: TillState) -> None:
        """A day of the past is open here: nothing is sold before it is closed, which takes two keys."""
        assert late.days is not None
        self._show_form(False)
        self._show_take_over(True, closing=True)
        self._say(
            _(
                "La journée du {day} n'est pas close à cette caisse : rien ne s'y vend avant. Entrée la "
                "clôt ; un responsable en répond."
            ).format(day=day_words(late.days[0]))
        )
        self.query_one("#close-day", Button).focus()

    def _show_day_open(self, day: date, *, waits: bool) -> None:
        """Nobody has closed a day gone by for the box office: two keys do, or show the tills it waits for."""
        self._show_form(False)
        self._show_take_over(True, closing=True)
        said = _("La journée du {day} n'est pas close pour toute la billetterie : rien ne se vend avant.")
        does = (
            _("D'autres caisses sont à clore d'abord : Entrée les montre.")
            if waits
            else _("Entrée la clôt ; un responsable en répond.")
        )
        self._say(f"{said.format(day=day_words(day))} {does}")
        close = self.query_one("#close-day", Button)
        close.label = button_words(_("Voir les caisses") if waits else _("Clore la journée"), _("Entrée"))
        close.focus()

    @on(Button.Pressed, "#close-day")
    def close_day(self, event: Button.Pressed) -> None:
        """Close the day that was forgotten: a manager does, or allows it with their PIN."""
        event.stop()
        late, day = self._found.late, self._found.day
        if self._is_busy:
            return
        if self._found.waits:
            self.action_closing()
            return

        def begin_late_till(manager: StaffMember) -> None:
            assert late is not None
            closing_id = self._ids[late.days]
            begin_till(
                self,
                self._house,
                late,
                closing_id,
                manager,
                lambda made: self._till_closed(made, manager),
                self._work,
            )

        def begin_day(manager: StaffMember) -> None:
            house, command = self._house, ClosePeriod(self._ids[day], ClosingPeriod.DAY, day)
            self._work(True)
            errands.send(
                self, lambda: close_the_period(house, command, manager), self._day_closed, self.refuse
            )

        begin = begin_late_till if late else begin_day
        about = till_about(late) if late else period_about(ClosingPeriod.DAY, day) if day else ""
        left_to = LeftTo(self._member, Action.CLOSE_TILL if late else Action.CLOSE_DAY)
        ask_leave(
            self,
            self._house,
            Act(JournalKind.CLOSING_MADE, about, left_to=left_to),
            ManagerNeeded(_("Un responsable répond d'une clôture.")),
            lambda leave: begin(leave.manager),
            self.refuse,
        )

    def _day_closed(self, made: Made) -> None:
        self._tell_closed(made)
        self._look()

    def _till_closed(self, made: Made, manager: StaffMember) -> None:
        """Go on to the float; before, offer to close the day that is over, if this till was its last."""
        self._tell_closed(made)
        self._look()
        offer_day_after(self, self._house, manager, self._day_closed, self.refuse, self._work)

    def _work(self, at_work: bool) -> None:
        """Stay until what is being closed is closed, and said to be."""
        self._opening = at_work

    def _tell_closed(self, made: Made) -> None:
        self._work(False)
        self.app.notify(done_words(made), markup=False, timeout=CLOSED_SECONDS)

    def _enter(self, desk: Desk) -> None:
        self._opening = True
        self.post_message(self.Opened(desk, self))

    def unlock(self) -> None:
        self._opening, self.awaiting = False, None

    def refuse(self, refusal: Refusal) -> None:
        """Say what cannot be, then look again: a till that was opened and could not be shown is resumed."""
        self._opening, self.awaiting = False, None
        self.app.push_screen(RefusalDialog(refusal), lambda _answer: self._look())

    def _say(self, sentence: str) -> None:
        self.query_one("#shift-said", Static).update(sentence)

    def _show_form(self, shown: bool) -> None:
        """Ask for the float, or do not; its many fields are made for who needs them, not at every log-in."""
        if shown and not self.query(CashCount):
            self.query_one("#shift").mount(
                CashCount(_("Fond de caisse"), self._float), before=".shift-buttons"
            )
        for form in self.query(CashCount):
            form.display = shown
            if shown:
                form.call_later(form.begin)
                form.call_later(self._await_nothing)
        if not shown:
            self._await_nothing()
        self.query_one(".dialog-keys").display = shown

    def _await_nothing(self) -> None:
        self.awaiting = None

    def _show_take_over(self, shown: bool, *, closing: bool = False) -> None:
        self.query_one(".shift-buttons").display = shown
        self.query_one("#close-day").display = closing
        self.query_one("#take-over").display = not closing
