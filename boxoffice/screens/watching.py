"""What other counters and the printers are doing, heard in a thread and told to the counter."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING

from boxoffice.care.signs import read_sign
from boxoffice.clock import say
from boxoffice.kinds import Action
from boxoffice.language import _, plural, spoken
from boxoffice.sales.credits.listing import count_pending
from boxoffice.sales.parking import count_parked
from boxoffice.sales.prints.outbox_listing import OutboxCount, count_outbox
from boxoffice.sales.reserving.expiring import next_expiry, release_expired
from boxoffice.sales.screenings.programme import Seats, last_change, read_seats
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.permissions import may
from boxoffice.sales.vouchers import expiring

from .widgets.bars import Status

if TYPE_CHECKING:
    from boxoffice.house import House

INTERVAL_SECONDS = 0.5
SIGNS_EACH = timedelta(minutes=1)
PAUSE_SECONDS = 0.2
"""How long it rests at least: a long queue of papers must not take the screen's time by its news."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """The seats and the outbox as they are now; None where nothing has changed. `lost`: nobody answers.

    `change` is another number once the programme was changed, `parked` how many baskets wait,
    `credit_requests` how many requests for a credit note do, `sign` what a manager should know of the till.
    """

    seats: Mapping[int, Seats] | None = None
    change: int | None = None
    parked: int | None = None
    credit_requests: int | None = None
    outbox: OutboxCount | None = None
    sign: str | None = None
    lost: bool = False


class Watch:
    """Asks twice a second, with the lightest question there is, whether the database has changed.

    Reservations that have expired are let go of on the way, and cards that are over emptied, by whichever
    counter sees it first. Signs that something needs care are looked for each minute, for the operator
    `signs_for` if they may close the day.

    `tell` is called from the thread, only when there is something to tell.
    """

    def __init__(
        self, house: "House", tell: Callable[[Heard], None], *, signs_for: int | None = None
    ) -> None:
        self._house, self._tell, self._signs_for = house, tell, signs_for
        self._sign_read: datetime | None = None
        self._sign_told = ""
        self._awake, self._stopping, self._printers = Event(), Event(), Event()
        self._printers.set()
        self._thread = Thread(target=self._work, name="watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End soon; nothing more is told."""
        self._stopping.set()
        self._awake.set()

    def look_at_printers(self) -> None:
        """Something happened at a printer: count the outbox again."""
        self._printers.set()
        self._awake.set()

    def _work(self) -> None:
        mark: object = None
        expiry: datetime | None = None
        emptied: date | None = None
        lost = False
        with self._house.marks() as read_mark:
            while not self._stopping.is_set():
                try:
                    now = read_mark()
                    changed = now != mark or lost
                    heard = self._look() if changed else Heard()
                    expiry = self._next_expiry() if changed else expiry
                    if expiry is not None and expiry < self._house.clock.now():
                        self._release()
                    if emptied != (today := expiring.today(self._house.post, clock=self._house.clock)):
                        emptied = None if self._expire() else today
                    count = self._count() if self._printers.is_set() or lost else None
                    sign = self._sign(changed=changed)
                except Exception:
                    if not lost:
                        _log.exception("The database does not answer")
                        self._hear(Heard(lost=True))
                    lost = True
                else:
                    if changed or count is not None or sign is not None:
                        self._hear(replace(heard, outbox=count, sign=sign))
                    mark, lost = now, False
                self._stopping.wait(PAUSE_SECONDS)
                self._awake.wait(INTERVAL_SECONDS - PAUSE_SECONDS)
                self._awake.clear()

    def _hear(self, heard: Heard) -> None:
        if not self._stopping.is_set():
            self._tell(heard)

    def _look(self) -> Heard:
        with self._house.database.read() as session:
            return Heard(
                read_seats(session), last_change(session), count_parked(session), count_pending(session)
            )

    def _next_expiry(self) -> datetime | None:
        with self._house.database.read() as session:
            return next_expiry(session)

    def _release(self) -> None:
        """Let go of what nobody came for; that is a change like any other, seen at the next look."""
        house = self._house
        house.database.attempt(lambda session: release_expired(session, house.post, clock=house.clock))

    def _expire(self) -> bool:
        """Empty some of the cards that are over; whether there were any."""
        house = self._house
        with house.database.read() as session:
            if not expiring.any_over(session, house.post, clock=house.clock):
                return False
        house.database.attempt(lambda session: expiring.expire_over(session, house.post, clock=house.clock))
        return True

    def _sign(self, *, changed: bool) -> str | None:
        """What needs a manager's care, once a minute; while something does, at each change too."""
        now = self._house.clock.now()
        just_read = self._sign_read is not None and now - self._sign_read < SIGNS_EACH
        if self._signs_for is None or (just_read and not (changed and self._sign_told)):
            return None
        self._sign_read = now
        house = self._house
        with house.database.read() as session:
            if not may(session, Action.CLOSE_DAY, self._signs_for):
                return None
            self._sign_told = read_sign(session, house.settings, house.post, clock=house.clock)
            return self._sign_told

    def _count(self) -> OutboxCount:
        self._printers.clear()
        with self._house.database.read() as session:
            return count_outbox(session, self._house.post.till_id)


def status_of(
    house: "House", desk: Desk, outbox: OutboxCount, credit_requests: int, sign: str, *, lost: bool
) -> Status:
    """What the upper edge of the counter says of where one is, and of what is wrong.

    The `sign` that something needs care gives way to what needs it now.
    """
    trouble = trouble_of(outbox, house.printer_bell.trouble, lost=lost) or sign
    return Status(
        festival=house.festival,
        till=house.post.till_name,
        operator=desk.operator_name,
        moment=say(house.clock.now(), "EEE d MMM HH:mm", spoken()),
        printers="" if trouble else printing_of(outbox),
        printers_brief="" if trouble else printing_brief(outbox),
        trouble=trouble,
        credit_requests=credits_words(credit_requests),
    )


def credits_words(count: int) -> str:
    """How many requests for credit notes wait for an answer; nothing if none does."""
    return _("Avoirs {count}").format(count=count) if count else ""


def trouble_of(outbox: OutboxCount, printers: str, *, lost: bool) -> str:
    """What the counter has to be told is wrong, the worst first; nothing if all is well.

    `printers` is what they tell of themselves, be there something to print or not.
    """
    if lost:
        return _("Base de données injoignable")
    if outbox.uncertain:
        return plural(
            "{count} impression à vérifier (F12)", "{count} impressions à vérifier (F12)", outbox.uncertain
        ).format(count=outbox.uncertain)
    if outbox.blocked:
        return outbox.reason or printers or _("Imprimante arrêtée")
    return printers


def printing_of(outbox: OutboxCount) -> str:
    """How far the printers are with what they were given."""
    if not outbox.waiting:
        return _("Imprimante prête")
    return plural("{count} impression en cours", "{count} impressions en cours", outbox.waiting).format(
        count=outbox.waiting
    )


def printing_brief(outbox: OutboxCount) -> str:
    """The same where there is little room."""
    return _("Impr. ✓") if not outbox.waiting else _("Impr. {count}").format(count=outbox.waiting)
