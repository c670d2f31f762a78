"""The outbox: every paper of this till, how far it got, what it looks like, and what to do about it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.errors import Refusal
from boxoffice.kinds import JobState, JournalKind
from boxoffice.language import _, later, plural
from boxoffice.sales.prints import outbox_listing, reprinting, rerouting
from boxoffice.sales.prints.outbox_listing import OutboxLine
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.staff import equipment
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.equipment import PrinterRow

from . import errands
from .choosing import Choose, Thing
from .copies import Copies, order_copy
from .dialogs import Dialog
from .doubt import answer_words, answering
from .outbox_words import PRINTER_KINDS, keys_for, row_words, story_words
from .paper_preview import preview_of
from .permitting import Act, with_leave
from .rows import Rows

if TYPE_CHECKING:
    from boxoffice.house import House

REFRESH_SECONDS = 1.0

Done = TypeVar("Done")


class OutboxScreen(Dialog[None]):
    """What this till prints, those that need somebody first; the last ticket is chosen."""

    HELP = later(
        "Les documents de cette caisse : ceux qui demandent une réponse d'abord, puis les derniers. "
        "Un document n'est dit « imprimé » que si l'imprimante l'a confirmé."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "d",
            "copy",
            later("Duplicata"),
            id="outbox.copy",
            tooltip=later("Imprime une copie marquée DUPLICATA"),
        ),
        Binding(
            "r",
            "resend",
            later("Renvoyer"),
            id="outbox.resend",
            tooltip=later("Essaie de nouveau tout de suite un document qui attend"),
        ),
        Binding(
            "a",
            "elsewhere",
            later("Autre imprimante"),
            id="outbox.elsewhere",
            tooltip=later("Envoie un document qui attend à une autre imprimante"),
        ),
        Binding(
            "t",
            "all_elsewhere",
            later("Tous ailleurs"),
            id="outbox.all_elsewhere",
            tooltip=later("Envoie à une autre imprimante tout ce qui attend celle du document choisi"),
        ),
        Binding(
            "o",
            "answer(True)",
            later("Il est sorti"),
            id="outbox.came_out",
            tooltip=later("Répond que le document à vérifier est bien sorti"),
        ),
        Binding(
            "n",
            "answer(False)",
            later("Pas sorti"),
            id="outbox.did_not",
            tooltip=later("Répond qu'il n'est pas sorti, ou abîmé : il ressort en DUPLICATA"),
        ),
        Binding(
            "delete,x",
            "abandon",
            later("Abandonner"),
            id="outbox.abandon",
            tooltip=later("Renonce à imprimer un document qui attend"),
        ),
        Binding(
            "ctrl+down",
            "scroll_paper(1)",
            later("Suite du papier"),
            id="outbox.scroll_down",
            tooltip=later("Montre la suite du document"),
        ),
        Binding(
            "ctrl+up",
            "scroll_paper(-1)",
            later("Début du papier"),
            id="outbox.scroll_up",
            tooltip=later("Revient vers le début du document"),
        ),
        Binding("e", "test", later("Essai"), id="outbox.test", tooltip=later("Imprime une page d'essai")),
    ]
    DEFAULT_CSS = """
    OutboxScreen {
        align: left middle;
        .dialog { width: 84; max-width: 100%; height: 100%; padding: 0 1; }
        #outbox-panes { height: 1fr; }
        #outbox-list { width: 31; height: 100%; }
        #outbox-jobs {
            height: 1fr; scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: ellipsis;
        }
        #outbox-right { width: 1fr; height: 100%; padding-left: 1; }
        #outbox-said { height: auto; margin-bottom: 1; }
        #outbox-paper { height: 1fr; background: $panel; overflow-x: auto; scrollbar-size: 1 1; }
        #outbox-paper Static { width: auto; }
        #outbox-jobs > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
        .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(self, house: "House", desk: Desk) -> None:
        super().__init__()
        self.title_text = _("Impressions")
        self._house, self._desk = house, desk
        self._jobs: tuple[OutboxLine, ...] = ()
        self._previewed: OutboxLine | None = None
        self._read = self._walked = False
        self._copies = Copies(self, house.clock)

    def compose_question(self) -> ComposeResult:
        with Horizontal(id="outbox-panes"):
            with Vertical(id="outbox-list"):
                yield Rows(id="outbox-jobs", markup=False, compact=True)
            with Vertical(id="outbox-right"):
                yield Static("", id="outbox-said", markup=False)
                with VerticalScroll(id="outbox-paper", can_focus=False):
                    yield Static("", markup=False)
        yield from self.foot()

    def on_mount(self) -> None:
        self.query_one(Rows).focus()
        self._look()
        self.set_interval(REFRESH_SECONDS, self._look)

    def nothing(self) -> None:
        return None

    # -- reading

    def _look(self) -> None:
        def read() -> tuple[OutboxLine, ...]:
            with self._house.database.read() as session:
                return outbox_listing.list_outbox(session, self._desk.post.till_id)

        errands.send(self, read, self._show, self._refuse)

    def _show(self, jobs: tuple[OutboxLine, ...]) -> None:
        if self._read and jobs == self._jobs:
            return
        chosen = self._chosen
        self._jobs, first_time, self._read = jobs, not self._read, True
        rows = self.query_one(Rows)
        with self.prevent(OptionList.OptionHighlighted):
            rows.set_options(
                [
                    Option(row_words(job, self._house.is_today(job.ordered_at)), id=str(job.job_id))
                    for job in jobs
                ]
            )
            if first_time or chosen is None:
                rows.highlighted = self._first_to_choose()
            else:
                places = [place for place, job in enumerate(jobs) if job.job_id == chosen.job_id]
                rows.highlighted = places[0] if places else self._first_to_choose()
        self._show_chosen()

    def _first_to_choose(self) -> int | None:
        """What needs somebody, in doubt or blocked, else the last ticket, else the last paper."""
        for state in (JobState.UNCERTAIN, JobState.BLOCKED):
            if waiting := [place for place, job in enumerate(self._jobs) if job.state is state]:
                return waiting[0]
        return self._last_ticket()

    def _last_ticket(self) -> int | None:
        ranked = [(job.document is DocumentKind.TICKET, job.job_id, at) for at, job in enumerate(self._jobs)]
        return max(ranked)[-1] if ranked else None

    @property
    def _chosen(self) -> OutboxLine | None:
        highlighted = self.query_one(Rows).highlighted
        if highlighted is None or highlighted >= len(self._jobs):
            return None
        return self._jobs[highlighted]

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._walked = True
        self.say_wrong()
        self._show_chosen()

    def _show_chosen(self) -> None:
        """Tell the chosen paper's story, show it, and the keys that apply to it."""
        job = self._chosen
        said, keys = self.query_one("#outbox-said", Static), self.query_one(".dialog-keys", Static)
        keys.update(keys_for(job))
        if job is None:
            said.update(_("Rien n'a encore été imprimé à cette caisse."))
            return
        said.update(story_words(job))
        self._show_paper(job)

    def _show_paper(self, job: OutboxLine) -> None:
        if self._previewed == job:
            return
        self._previewed = job

        def show(paper: Text) -> None:
            if (chosen := self._chosen) is not None and chosen.job_id == job.job_id:
                self.query_one("#outbox-paper Static", Static).update(paper)

        errands.send(self, lambda: preview_of(self._house, job), show, self._refuse)

    # -- acting

    def action_scroll_paper(self, by: int) -> None:
        self.query_one("#outbox-paper").scroll_relative(y=by * 8, animate=False)

    def action_copy(self) -> None:
        """Copy the chosen paper; the last ticket where nobody chose the one that waits before it."""
        job = self._chosen
        if job is not None and not self._walked and not job.can_be_copied:
            rows = self.query_one(Rows)
            with self.prevent(OptionList.OptionHighlighted):
                rows.highlighted = self._last_ticket()
            self._show_chosen()
            job = self._chosen
        if job is None or not (job.can_be_copied or job.sale_id):
            self.say_wrong(_("De ce document il ne se fait pas de duplicata."))
        else:
            self._copies.ask(job.title, lambda: self._order_copy(job))

    def _order_copy(self, job: OutboxLine) -> None:
        self._act(
            partial(order_copy, job=job, desk=self._desk, clock=self._house.clock),
            lambda number: _("{title} : duplicata n° {number} demandé.").format(
                title=job.title, number=number
            ),
        )

    def action_resend(self) -> None:
        if job := self._chosen:
            self._act(
                lambda session: reprinting.resend(session, job.job_id, clock=self._house.clock),
                lambda _done: _("{title} : nouvel essai.").format(title=job.title),
            )

    def action_abandon(self) -> None:
        if job := self._chosen:
            self._act(
                lambda session: reprinting.abandon(session, job.job_id, clock=self._house.clock),
                lambda _done: _("{title} : abandonné.").format(title=job.title),
            )

    def action_answer(self, came_out: bool) -> None:
        if job := self._chosen:
            self._act(
                answering(self._house, self._desk, job, came_out=came_out),
                lambda copy_number: answer_words(copy_number, came_out=came_out),
            )

    def action_elsewhere(self) -> None:
        job = self._chosen
        if job is None:
            return

        def send(printer: PrinterRow) -> None:
            self._act(
                lambda session: reprinting.send_elsewhere(
                    session, job.job_id, printer.id, clock=self._house.clock
                ),
                lambda _done: _("{title} : envoyé à {printer}.").format(
                    title=job.title, printer=printer.name
                ),
            )

        self._choose_printer(_("Envoyer à quelle imprimante ?"), send, but=job.printer)

    def action_all_elsewhere(self) -> None:
        """Give all that waits here for the printer of the chosen paper to another one."""
        job = self._chosen
        if job is None or not job.waits:
            return
        till_id = self._desk.post.till_id

        def send(printer: PrinterRow) -> None:
            self._act(
                lambda session: rerouting.give_all(
                    session, job.printer_id, printer.id, clock=self._house.clock, till_id=till_id
                ),
                lambda count: plural(
                    "{count} papier envoyé à {printer}.", "{count} papiers envoyés à {printer}.", count
                ).format(count=count, printer=printer.name),
            )

        self._choose_printer(_("Envoyer tout ce qui attend à quelle imprimante ?"), send, but=job.printer)

    def action_test(self) -> None:
        def order(printer: PrinterRow) -> None:
            self._act(
                lambda session: reprinting.order_printer_test(
                    session, self._desk.post.till_id, printer.id, clock=self._house.clock
                ),
                lambda _done: _("Page d'essai demandée à {printer}.").format(printer=printer.name),
            )

        self._choose_printer(_("Essayer quelle imprimante ?"), order)

    def _choose_printer(self, question: str, then: Callable[[PrinterRow], None], *, but: str = "") -> None:
        """Ask for one of the printers, without the one named `but`."""

        def read() -> tuple[PrinterRow, ...]:
            with self._house.database.read() as session:
                return tuple(row for row in equipment.list_printers(session) if row.name != but)

        def ask(printers: tuple[PrinterRow, ...]) -> None:
            if not printers:
                self.say_wrong(_("Il n'y a pas d'autre imprimante."))
                return

            def answered(index: int | None) -> None:
                if index is not None:
                    then(printers[index])

            things = [Thing(printer.name, end=_(PRINTER_KINDS[printer.kind])) for printer in printers]
            self.app.push_screen(Choose(question, things), answered)

        errands.send(self, read, ask, self._refuse)

    def _act(self, act: Callable[..., Done], words: Callable[[Done], str]) -> None:
        """Do something about papers, wake the printers, and say what was done.

        Copies take the leave of a manager where they are not for everybody.
        """

        def work(authorized_by: int | None) -> Done:
            with self._house.database.write() as session:
                done = act(session) if authorized_by is None else act(session, authorized_by=authorized_by)
            self._house.wake_printers()
            return done

        def tell(done: Done) -> None:
            self.say_wrong()
            self.say_done(words(done))
            self._look()

        job = self._chosen
        told = Act(JournalKind.DOCUMENT_REPRINTED, f"{job.title} · {job.detail}" if job else "")
        with_leave(self, self._house, told, work, tell, self._refuse)

    def _refuse(self, refusal: Refusal) -> None:
        self.say_wrong(refusal)
