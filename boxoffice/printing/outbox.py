"""The outbox at work: a thread and a connection for each printer of a till; a dead one delays no other."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import TypeVar

from boxoffice import database as databases
from boxoffice.clock import Clock
from boxoffice.database import Database
from boxoffice.kinds import JobState
from boxoffice.language import _, later
from boxoffice.sales.prints import outbox as jobs
from boxoffice.sales.prints.outbox import Job, PrinterSettings
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.papers import BadgePaper

from . import escpos, picture
from .file_names import file_name
from .format import Format
from .layouts import lay_out
from .news import News, PrinterNews
from .printers import Blocked, Driver, Outcome, Printout, Uncertain, open_printer

RETRY_SECONDS = 2.0
STOP_SECONDS = 3.0
LOOK_SECONDS = 30.0
"""How long what another till has given to a printer of this one may wait to be seen."""
DRAWER_PATIENCE = timedelta(seconds=3)

CANNOT_BE_LAID_OUT = later("Ce document ne peut pas être imprimé : prévenez un responsable.")
UNEXPECTED = later("Incident pendant l'impression.")
DATABASE_LOST = later("La base de données ne répond pas : les impressions attendent.")
DRAWER_SILENT = later("Le tiroir-caisse ne répond pas.")

_DRAWER_PULSE = b"\x1bp\x00\x19\xfa"
_STATE_OF = {Outcome.ACKNOWLEDGED: JobState.PRINTED, Outcome.SENT: JobState.SENT}
_log = logging.getLogger(__name__)

Result = TypeVar("Result")
OpenPrinter = Callable[[PrinterSettings, Path, Callable[[bool], None]], Driver]


class Turn(Enum):
    """What a printer did with its turn."""

    IDLE = auto()
    WORKED = auto()
    BLOCKED = auto()


class PrinterQueue:
    """The documents that one till has for one printer, sent one by one by one thread."""

    def __init__(
        self,
        database: Database,
        till_id: int,
        printer_id: int,
        printouts: Path,
        *,
        clock: Clock,
        news: News,
        open_printer: OpenPrinter = open_printer,
    ) -> None:
        self._database = database
        self._till_id = till_id
        self._printer_id = printer_id
        self._printouts = printouts
        self._clock = clock
        self._news = news
        self._open_printer = open_printer
        self._settings: PrinterSettings | None = None
        self._driver: Driver | None = None
        self._claimed: Job | None = None
        self._ended: tuple[int, JobState, str] | None = None
        self._unprintable: frozenset[int] = frozenset()
        self._drawer_asked: datetime | None = None
        self._ailing = False
        self._awake, self._stopping = Event(), Event()
        self._thread = Thread(target=self._work, name=f"printer-{printer_id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Look at once for something to print, and try again what is blocked."""
        self._awake.set()

    def open_drawer(self, asked: datetime) -> None:
        """Open the cash drawer behind this printer, if it has one, once: a failure is told and forgotten.

        So is an opening that cannot be had soon, behind a document that is stuck: nobody would expect it.
        """
        self._drawer_asked = asked
        self._awake.set()

    def stop(self) -> None:
        """Ask the thread to end; a document on its way becomes uncertain soon."""
        self._stopping.set()
        self._awake.set()
        if self._driver is not None:
            self._driver.interrupt()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def run_once(self) -> Turn:
        """Bring out the next document, if there is one and the printer is well."""
        self._give_claim_back()
        self._keep_ending()
        with self._database.read() as session:
            settings = jobs.printer_settings(session, self._printer_id)
            job = jobs.next_job(session, self._till_id, self._printer_id, except_jobs=self._unprintable)
        if settings is None or job is None:
            return Turn.IDLE
        driver = self._driver_for(settings)
        status = driver.check()
        if not status.ready:
            self._block(job, status.reason)
            return Turn.BLOCKED
        printout = self._prepare(job, settings)
        if printout is None:
            return Turn.WORKED
        if not self._claim(job, printout.pass_code):
            return Turn.WORKED
        self._tell(job.id, JobState.SENDING)
        return self._send(driver, job, printout)

    def look(self) -> None:
        """Tell whether the printer is well, without printing anything: one out of service ails no more."""
        with self._database.read() as session:
            settings = jobs.printer_settings(session, self._printer_id)
        if settings is not None:
            self._tell(None, None, self._driver_for(settings).check().reason)
        elif self._ailing:
            self._tell(None, None)

    def _work(self) -> None:
        self._guarded(self.look)
        while not self._stopping.is_set():
            self._guarded(self._pulse_drawer)
            turn = self._guarded(self.run_once)
            if turn is Turn.WORKED:
                continue
            if turn is Turn.IDLE and self._ailing:
                self._guarded(self.look)
            self._let_go()
            is_well = turn is Turn.IDLE and not self._ailing
            woken = self._awake.wait(None if is_well else RETRY_SECONDS)
            self._awake.clear()
            if woken:
                self._unprintable = frozenset()
        self._let_go()

    def _guarded(self, act: Callable[[], Result]) -> Result | None:
        """Do something that must not end the thread, whatever happens to it."""
        try:
            return act()
        except Exception as error:
            _log.exception("printer %s", self._printer_id)
            self._tell(None, None, DATABASE_LOST if databases.lost(error) else UNEXPECTED)
            return None

    def _claim(self, job: Job, pass_code: str) -> bool:
        """Commit that a job is being sent, before its first byte; False when somebody else decided of it.

        A badge that was drawn with a `pass_code` that is replaced by now is drawn again at the next turn.
        """
        self._claimed = job
        with self._database.write() as session:
            begun = jobs.begin_sending(session, job, clock=self._clock, pass_code=pass_code)
        self._claimed = None
        return begun

    def _give_claim_back(self) -> None:
        """A claim whose commit was not answered: no byte has left, so the job waits again."""
        if self._claimed is None:
            return
        with self._database.write() as session:
            jobs.block(session, self._claimed, DATABASE_LOST, clock=self._clock)
        self._claimed = None

    def _send(self, driver: Driver, job: Job, printout: Printout) -> Turn:
        try:
            outcome = driver.send(printout, partial(self._note_trouble, job))
        except Blocked as blocked:
            self._block(job, str(blocked))
            return Turn.BLOCKED
        except Uncertain as uncertain:
            self._end(job, JobState.UNCERTAIN, str(uncertain))
        except Exception:
            _log.exception("printer %s, job %s", self._printer_id, job.id)
            self._end(job, JobState.UNCERTAIN, UNEXPECTED)
        else:
            self._end(job, _STATE_OF[outcome])
        return Turn.WORKED

    def _end(self, job: Job, state: JobState, reason: str = "") -> None:
        """Keep how sending ended: in memory first, so that a database lost just then loses nothing."""
        self._ended = (job.id, state, reason)
        self._keep_ending()

    def _keep_ending(self) -> None:
        if self._ended is None:
            return
        job_id, state, reason = self._ended
        with self._database.write() as session:
            jobs.finish_sending(session, job_id, state, reason, clock=self._clock)
        self._ended = None
        self._tell(job_id, state, reason)

    def _block(self, job: Job, reason: str) -> bool:
        with self._database.write() as session:
            changed = jobs.block(session, job, reason, clock=self._clock)
        if changed:
            self._tell(job.id, JobState.BLOCKED, reason)
        return changed

    def _note_trouble(self, job: Job, reason: str) -> None:
        with self._database.write() as session:
            jobs.note_trouble(session, job.id, reason, clock=self._clock)
        self._tell(job.id, JobState.SENDING, reason)

    def _prepare(self, job: Job, settings: PrinterSettings) -> Printout | None:
        """The document of a job; None, and the job blocked, if it cannot be made: the others go on."""
        try:
            with self._database.read() as session:
                paper = load_paper(session, job, clock=self._clock)
            format = format_of(settings)
            document = lay_out(paper, format.columns, landscape=format.landscape)
            return Printout(
                name=file_name(job, paper),
                data=escpos.render(document, format),
                picture=partial(picture.png, document, format),
                pass_code=paper.code if isinstance(paper, BadgePaper) else "",
            )
        except Exception as error:
            if databases.lost(error):
                raise
            if self._block(job, CANNOT_BE_LAID_OUT):
                _log.exception("printer %s, job %s", self._printer_id, job.id)
            self._unprintable |= {job.id}
            return None

    def _pulse_drawer(self) -> None:
        asked, self._drawer_asked = self._drawer_asked, None
        if asked is None or self._settings is None or not self._settings.drawer:
            return
        if self._clock.now() - asked > DRAWER_PATIENCE:
            self._tell_of_drawer()
            return
        try:
            self._driver_for(self._settings).pulse(_DRAWER_PULSE)
        except Exception:
            _log.exception("drawer of printer %s", self._printer_id)
            self._tell_of_drawer()

    def _driver_for(self, settings: PrinterSettings) -> Driver:
        """The connection to the printer, made anew when its settings have changed."""
        if self._driver is None or settings != self._settings:
            self._let_go()
            self._settings = settings
            self._driver = self._open_printer(settings, self._printouts, self._learn_acknowledging)
        return self._driver

    def _learn_acknowledging(self, acknowledges: bool) -> None:
        with self._database.write() as session:
            jobs.remember_acknowledging(session, self._printer_id, acknowledges)

    def _let_go(self) -> None:
        """Leave the printer to others: most accept one connection at a time."""
        if self._driver is not None:
            self._driver.close()

    def _tell(self, job_id: int | None, state: JobState | None, reason: str = "") -> None:
        """Tell the news. After bad ones, a printer with nothing to do is looked at until it is well."""
        self._ailing = bool(reason)
        name = self._settings.name if self._settings else ""
        self._news(
            PrinterNews(self._printer_id, name, not reason, _(reason) if reason else "", job_id, state)
        )

    def _tell_of_drawer(self) -> None:
        name = self._settings.name if self._settings else ""
        self._news(PrinterNews(self._printer_id, name, True, _(DRAWER_SILENT), of_drawer=True))


class Outbox:
    """Every printer of a till at work, from `start` to `stop`."""

    def __init__(
        self, database: Database, till_id: int, printouts: Path, *, clock: Clock, news: News
    ) -> None:
        self._database = database
        self._till_id = till_id
        self._printouts = printouts
        self._clock = clock
        self._news = news
        self._queues: dict[int, PrinterQueue] = {}
        self._drawer_asked: datetime | None = None
        self._awake, self._stopping = Event(), Event()
        self._thread = Thread(target=self._work, name="outbox", daemon=True)

    def start(self) -> None:
        """Find what an earlier run left uncertain, then print what waits, now and at each `wake`."""
        self._awake.set()
        self._thread.start()

    def wake(self) -> None:
        """Look at once for something to print; to be called when a sale has been made. Never waits."""
        self._awake.set()

    def open_drawer(self) -> None:
        """Open the cash drawer; it is no document, and never opened again by a retry."""
        self._drawer_asked = self._clock.now()
        self._awake.set()

    def stop(self) -> None:
        """End every thread; what is on its way becomes uncertain. Waits a few seconds at most."""
        self._stopping.set()
        self._awake.set()
        if self._thread.ident is not None:
            self._thread.join(STOP_SECONDS)
        queues = list(self._queues.values())
        for queue in queues:
            queue.stop()
        for queue in queues:
            queue.join(STOP_SECONDS)

    def _work(self) -> None:
        interrupted_are_marked = False
        while not self._stopping.is_set():
            try:
                if not interrupted_are_marked:
                    with self._database.write() as session:
                        jobs.mark_interrupted(session, self._till_id, clock=self._clock)
                    interrupted_are_marked = True
                with self._database.read() as session:
                    printers = jobs.printers_of_till(session, self._till_id)
            except Exception:
                _log.exception("outbox of till %s", self._till_id)
                self._stopping.wait(RETRY_SECONDS)
                continue
            self._wake_queues(printers)
            self._awake.wait(LOOK_SECONDS)
            self._awake.clear()

    def _wake_queues(self, printers: tuple[int, ...]) -> None:
        for printer_id in printers:
            if printer_id not in self._queues:
                self._queues[printer_id] = PrinterQueue(
                    self._database,
                    self._till_id,
                    printer_id,
                    self._printouts,
                    clock=self._clock,
                    news=self._news,
                )
                self._queues[printer_id].start()
        asked, self._drawer_asked = self._drawer_asked, None
        for queue in self._queues.values():
            if asked is not None:
                queue.open_drawer(asked)
            queue.wake()


def format_of(settings: PrinterSettings) -> Format:
    """The paper of a printer."""
    return Format(
        columns=settings.columns,
        dots=settings.dots,
        dots_per_inch=settings.dots_per_inch,
        code_page=settings.code_page,
        native_qr=settings.native_qr,
        cutter=settings.cutter,
        landscape=settings.badge_landscape,
    )
