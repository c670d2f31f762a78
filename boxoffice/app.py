"""The program: paints the log-in at once, opens the house behind it, leads from screen to screen."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from .errors import Refusal
from .language import _
from .screens import errands
from .screens.commands import bindings
from .screens.counter_commands import EVERYWHERE
from .screens.enduring import Enduring, Incidents, endures
from .screens.listening import Listening
from .screens.locking import Locking
from .screens.login import LoginScreen, screen_after_log_in
from .screens.rescue import Rescued, going_on
from .screens.resting import Rests
from .screens.themes import DARK, THEMES
from .screens.training import show_training

if TYPE_CHECKING:
    from datetime import datetime

    from .clock import Clock
    from .config import Settings
    from .database import Database
    from .house import House
    from .sales.screenings.programme import Programme
    from .sales.staff.desk import Desk
    from .sales.staff.operators import StaffMember
    from .screens.counter import CounterScreen
    from .screens.dialogs import Dialog
    from .screens.shift import ShiftScreen

IDLE_CHECK_SECONDS = 5.0
TURN_SECONDS = 0.001
"""How long a thread that prints or reads may keep a key waiting: Python itself lets it five times longer."""

_log = logging.getLogger(__name__)


class BoxOfficeApp(Enduring, Locking, Listening, inherit_bindings=False):
    """One till. Only this class knows in which order the screens come."""

    CSS_PATH = "screens/boxoffice.tcss"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    ESCAPE_TO_MINIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(EVERYWHERE)]

    class HouseOpened(Message):
        """Everything is imported, the database is open and up to date."""

        def __init__(self, house: House) -> None:
            super().__init__()
            self.house = house

    class HouseClosed(Message):
        """The house could not be opened, and why."""

        def __init__(self, refusal: Refusal) -> None:
            super().__init__()
            self.refusal = refusal

    def __init__(
        self, settings: Settings, database: Database | None = None, clock: Clock | None = None
    ) -> None:
        super().__init__()
        self.title = "boxoffice"
        self.settings = settings
        self._database, self._clock = database, clock
        self.house: House | None = None
        self.member: StaffMember | None = None
        self.desk: Desk | None = None
        self.login = LoginScreen(settings.till)
        self._last_key: datetime | None = None
        self.failure: Exception | None = None
        self.incidents = Incidents()
        self._is_troubled = False
        self._is_leaving = False
        self._rescued: Rescued | None = None
        self._rests = Rests()
        for theme, _label in THEMES.values():
            self.register_theme(theme)
        self.set_class(settings.touch, "-touch")
        self.theme = settings.theme if settings.theme in THEMES else DARK.name
        self.set_keymap(dict(settings.keys))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What our stylesheet asks of a theme beyond Textual's own variables."""
        return {name: DARK.variables[name] for name in ("frame", "button")}

    # -- opening

    def get_default_screen(self) -> LoginScreen:
        """The log-in stands below all that is opened: nothing is painted before it."""
        return self.login

    def on_mount(self) -> None:
        if self.settings.training:
            show_training(self)
        self.call_after_refresh(self._open_house)

    def _open_house(self) -> None:
        self.run_worker(self._open_in_thread, thread=True, exit_on_error=False)

    def _open_in_thread(self) -> None:
        try:
            from .house import open_house
            from .screens import counter, shift

            _log.debug("Imported %s and %s before they are shown", counter.__name__, shift.__name__)
            house = open_house(self.settings, self._database, self._clock)
            house.open_for_business()
        except Refusal as refusal:
            self.post_message(self.HouseClosed(refusal))
        except Exception as error:
            _log.exception("The house cannot be opened")
            self.post_message(self.HouseClosed(errands.explain(error)))
        else:
            self.post_message(self.HouseOpened(house))

    def on_box_office_app_house_opened(self, event: HouseOpened) -> None:
        self.house = event.house
        self.login.welcome(event.house)
        self.set_interval(IDLE_CHECK_SECONDS, self.look_after_idleness)

    def on_box_office_app_house_closed(self, event: HouseClosed) -> None:
        self.login.cannot_open(event.refusal)

    def on_login_screen_try_again(self) -> None:
        self._open_house()

    async def on_unmount(self) -> None:
        house, rescued = self.house, self._rescued
        if house is None:
            return
        if rescued is not None:
            self.failure = await asyncio.to_thread(rescued.keep, house)
        await asyncio.to_thread(house.close)

    # -- what nobody foresaw

    def _handle_exception(self, error: Exception) -> None:
        """Go on: say it, keep what it was in the log, hear keys again. End if it would never stop."""
        _log.error("An incident", exc_info=error)
        if not self.is_running or not endures() or not self.incidents.note(error):
            self._end(error)
            return
        if not self._is_troubled:
            self._is_troubled = True
            self.call_later(self._go_on)

    def _go_on(self) -> None:
        self._is_troubled = False
        self.bell()
        self.say(going_on())
        for screen in self.screen_stack:
            if isinstance(screen, Enduring):
                screen.unlock()
        self.screen.refresh()

    def _end(self, error: Exception) -> None:
        """Leave the terminal as it was found, and no traceback in it: `run` tells why in a sentence."""
        if self.failure is not None:
            return
        self.failure = error
        counter = self._counter()
        if counter is not None:
            basket, sale_id = counter.left_basket, counter.paying.sale_id
            self._rescued = Rescued(counter.desk, basket, sale_id, in_doubt=counter.in_doubt)
        self._return_code, self._exception = 1, error
        self._exception_event.set()
        self._close_messages_no_wait()

    # -- from screen to screen

    def on_login_screen_logged_in(self, event: LoginScreen.LoggedIn) -> None:
        assert self.house is not None
        self.member = event.member
        self.push_screen(screen_after_log_in(self.house, event.member))

    def on_shift_screen_opened(self, event: ShiftScreen.Opened) -> None:
        house, desk, beneath = self.house, event.desk, event.opened_by
        assert house is not None

        def show(programme: Programme) -> None:
            while self.screen is not beneath:
                self.pop_screen()
            self._open_counter(desk, programme)

        errands.send(beneath, house.programme, show, beneath.refuse)

    def on_shift_screen_left(self, event: ShiftScreen.Left) -> None:
        self._go_to_log_in(event.member)

    def on_counter_screen_left(self, event: CounterScreen.Left) -> None:
        event.stop()
        if self.member is not None:
            self._go_to_log_in(self.member)

    def on_counter_screen_locked(self, event: CounterScreen.Locked) -> None:
        event.stop()
        self._lock()

    def _open_counter(self, desk: Desk, programme: Programme) -> None:
        from .screens.counter import CounterScreen

        assert self.house is not None
        counter = CounterScreen(self.house, desk, programme)
        self.desk = desk
        self.switch_screen(counter)
        self.call_after_refresh(settle_memory)

    def _go_to_log_in(self, member: StaffMember) -> None:
        from .sales.staff import operators

        house = self.house
        assert house is not None
        self.member = self.desk = None

        def log_out() -> None:
            with house.database.write() as session:
                operators.log_out(session, house.post, member, clock=house.clock)

        errands.send(self.login, log_out, lambda _done: None, self.say)
        self.pop_screen()
        self.login.begin_again()

    # -- what can be done on every screen

    def on_dialog_scanned(self, event: Dialog.Scanned) -> None:
        self.scanned_into_a_field(event.text)

    def scanned_into_a_field(self, text: str) -> None:
        """What is scanned over a dialog is shown over it, as at the counter; nothing over the lock."""
        counter = self._counter()
        if counter is not None and not self.is_locked:
            counter.show_scanned(text)

    def action_lock(self) -> None:
        """Lock, whatever is open: it is found again as it was left. Where there is no till, say so."""
        if self.desk is None:
            self.say(Refusal(_("Il n'y a pas de caisse ouverte à verrouiller.")))
        self._lock()

    def action_leave(self) -> None:
        from .screens.dialogs import Confirm
        from .screens.leaving import what_stays

        def answered(yes: bool | None) -> None:
            if yes:
                self._leave()

        self.push_screen(Confirm(_("Quitter le programme ?"), what_stays(self._counter())), answered)

    def _leave(self) -> None:
        """End the program once the journal knows who left and what was in the basket.

        Where it cannot know it, money that would be forgotten with the basket is told first.
        """
        from .screens.dialogs import Confirm
        from .screens.leaving import tell_who_leaves, what_is_lost

        house, member, counter = self.house, self.member, self._counter()
        if house is None or member is None:
            self.exit()
            return
        if self._is_leaving:
            return
        self._is_leaving = True

        def tell() -> None:
            tell_who_leaves(house, member, counter)

        def untold(_refusal: Refusal) -> None:
            if lost := what_is_lost(counter):
                self.push_screen(Confirm(_("Quitter quand même ?"), lost), answered)
            else:
                self.exit()

        def answered(yes: bool | None) -> None:
            self._is_leaving = False
            if yes:
                self.exit()

        errands.send(self.login, tell, lambda _told: self.exit(), untold)

    def _counter(self) -> CounterScreen | None:
        """The counter, if it stands, whatever stands over it."""
        if self.desk is None:
            return None
        from .screens.counter import CounterScreen

        return next((screen for screen in self.screen_stack if isinstance(screen, CounterScreen)), None)

    def say(self, refusal: Refusal) -> None:
        """Show why something was refused, without stopping anybody."""
        self.notify(refusal.remedy, title=refusal.message, severity="warning", markup=False)

    # -- idleness

    async def on_event(self, event: events.Event) -> None:
        if self.house is not None and isinstance(event, (events.Key, events.MouseDown)):
            self._last_key = self.house.clock.now()
            self._rests.key_pressed(self._last_key)
            self.a_key_is_pressed()
        await super().on_event(event)

    def look_after_idleness(self) -> None:
        """Do what is better done while nobody is at the keys."""
        self.rest_if_idle()
        self.lock_if_idle()

    def rest_if_idle(self) -> None:
        """Let the database do what the next sale would otherwise wait for; now and then, be backed up."""
        if self.house is not None and self._rests.is_due(self.house.clock.now()):
            self.run_worker(self.house.look_after_books, thread=True, exit_on_error=False)

    def lock_if_idle(self) -> None:
        """Lock a counter left alone; what is in its basket waits behind the lock. A badge desk is left."""
        if self.house is None or self._last_key is None:
            return
        patience = timedelta(minutes=self.house.post.rules.idle_lock_minutes)
        if self.house.clock.now() - self._last_key < patience:
            return
        if self.desk is not None:
            self._lock()
        elif self.member is not None:
            from .screens.badges import BadgeScreen

            for badges in [screen for screen in self.screen_stack if isinstance(screen, BadgeScreen)]:
                badges.leave_alone()

    def _lock(self) -> None:
        """Cover the screen until its operator is back; a manager may free the till instead."""
        from .screens.charged import paid_before
        from .screens.lock import LockScreen

        if self.house is None or self.desk is None:
            return
        if self.is_locked:
            return

        counter = self._counter()
        keeps = counter is not None and bool(counter.basket)
        paid = "" if counter is None or counter.in_doubt else paid_before(counter.left_basket)
        lock = LockScreen(self.house, self.desk, keeps_basket=keeps, paid_before=paid)
        self.cover(lock, self._free)

    def _free(self) -> None:
        """Leave all that stands over the counter, then the counter; what is in doubt there is found out."""
        from .screens.reversal import ReversalDialog
        from .screens.unheard import find_out_for_next

        counter = self._counter()
        assert counter is not None
        while self.screen is not counter:
            if isinstance(self.screen, ReversalDialog) and (command := self.screen.unanswered):
                find_out_for_next(self.login, counter.house, command)
            self.pop_screen()
        counter.set_aside_and_leave()


COLLECTED_AFTER = (1_000, 10, 50)
"""How many new objects make the collector look at them; how many looks, at those that last, then at all."""


def settle_memory() -> None:
    """Keep the collector away from what stands for the day: it would halve the speed of the worst keys.

    What an earlier counter left is let go of first.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


def run(settings: Settings, database: Database | None = None) -> None:
    """Open the counter in this terminal, in the language chosen beforehand.

    Raises what nobody foresaw, once the terminal is given back.
    """
    sys.setswitchinterval(TURN_SECONDS)
    app = BoxOfficeApp(settings, database)
    app.run()
    if app.failure is not None:
        raise app.failure
