"""A counter that follows what happens elsewhere: seats sold by others, papers and printers, the time."""

import gc
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.printing.news import PrinterNews
from boxoffice.sales.pricing import price_changed
from boxoffice.sales.prints.outbox_listing import OutboxCount
from boxoffice.sales.screenings.programme import Programme, Seats
from boxoffice.sales.staff.desk import Desk

from . import doubt, errands
from .dialogs import Dialog
from .shopping import ShoppingScreen
from .watching import Heard, Watch, status_of
from .widgets.bars import Status, StatusBar
from .widgets.basket_panel import BasketPanel

if TYPE_CHECKING:
    from boxoffice.house import House

TICK_SECONDS = 1.0


class FollowingScreen(ShoppingScreen):
    """The part of the counter that nobody presses a key for. Its state is what it heard last."""

    def __init__(self, house: "House", desk: Desk, programme: Programme) -> None:
        super().__init__(house, programme)
        self.desk = desk
        self._outbox = OutboxCount(0, 0, 0, "")
        self._doubts_known = 0
        self._credit_requests = 0
        self._sign, self._lost = "", False
        self._change: int | None = None
        self._minute: datetime = house.clock.now()
        self._programmes = errands.Latest(self)
        self._watch = Watch(house, self._tell, signs_for=desk.operator_id)
        self.status = StatusBar(self._say_status())

    @property
    def is_serving(self) -> bool:
        """Whether a customer is being served, who is not to wait for a question."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.set_interval(TICK_SECONDS, self._tick)
        self.house.printer_bell.heeded = self._heed
        self._watch.start()

    def on_screen_resume(self) -> None:
        """Papers may have been dealt with on the screen that stood over this one."""
        self._watch.look_at_printers()

    def on_unmount(self) -> None:
        self.house.printer_bell.heeded = None
        self._watch.stop()

    def say(self, refusal: Refusal) -> None:
        self.notify(refusal.remedy, title=refusal.message, severity="warning", markup=False)

    def ask_about_doubtful(self) -> None:
        """Between two customers, ask about the papers newly in doubt."""
        if self.is_serving or not self.is_active:
            return
        if self._outbox.uncertain > self._doubts_known:
            doubt.ask_about_doubtful(self, self.house, self.desk, self._watch.look_at_printers, self.say)
        self._doubts_known = self._outbox.uncertain

    def _heed(self, news: PrinterNews) -> None:
        """Called by the printers' threads."""
        self._watch.look_at_printers()
        if news.of_drawer:
            self.call_later(self.say, Refusal(news.reason, _("Ouvrez-le avec sa clé.")))

    def _tell(self, heard: Heard) -> None:
        """Called by the watch's thread."""
        self.call_later(self._heard, heard)

    def _heard(self, heard: Heard) -> None:
        self._lost = heard.lost
        if heard.outbox is not None:
            self._outbox = heard.outbox
            self.ask_about_doubtful()
        if heard.seats is not None:
            self.hear_seats(heard.seats)
            for screen in self.app.screen_stack:
                if isinstance(screen, Dialog):
                    screen.changed_elsewhere()
        if heard.parked is not None:
            self.basket_panel.tell_parked(heard.parked)
        if heard.credit_requests is not None:
            self._credit_requests = heard.credit_requests
        if heard.sign is not None:
            self._sign = heard.sign
        if heard.change is not None:
            self._follow_changes(heard.change)
        self.status.show(self._say_status())

    def hear_seats(self, seats: Mapping[int, Seats]) -> None:
        """Show the seats as they are now; read the programme again where there are other screenings."""
        if seats == self.agenda.seats:
            return
        self.agenda.refresh_seats(seats)
        self.screenings.repaint()
        self.show_tariffs()
        if seats.keys() != self.agenda.seats.keys():
            self.read_programme()

    async def on_basket_panel_recalled(self, event: BasketPanel.Recalled) -> None:
        event.stop()
        await self.app.run_action("recall", self)

    def _follow_changes(self, change: int) -> None:
        """Read the programme again once a row of it was changed, or a screening cancelled or moved."""
        before, self._change = self._change, change
        if before not in (None, change):
            self.read_programme()

    def read_programme(self) -> None:
        """Read again what is on sale, and say what the basket still holds at another price."""
        self._programmes.send(self.house.programme, self._renewed, self.say)

    def _renewed(self, programme: Programme) -> None:
        self.renew_programme(programme)
        for line in self.basket.lines:
            price_cents = programme.price_of(line)
            if price_cents is not None and (changed := price_changed(line, price_cents)):
                self.say(changed)

    def _tick(self) -> None:
        """Each minute, say the time and let go of what is no longer on sale."""
        now = self.house.clock.now()
        if now.replace(second=0, microsecond=0) == self._minute.replace(second=0, microsecond=0):
            return
        self._minute = now
        if self.is_active and not self.is_serving:
            gc.collect()  # what closed dialogs left is let go of while nobody waits
        self.status.show(self._say_status())
        if self.agenda.look_at(now):
            self.stand_on_next()
        listed = self.screenings.chosen_screening
        if listed and not self.agenda.is_on_sale(listed.row, now) and not self.agenda.search:
            self.stand_on_next()
        self.screenings.repaint()

    def _say_status(self) -> Status:
        return status_of(
            self.house, self.desk, self._outbox, self._credit_requests, self._sign, lost=self._lost
        )
