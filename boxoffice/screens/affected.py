"""Whom a cancelled or moved screening concerns: to read, to print, to take to a spreadsheet."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static
from textual.widgets.option_list import Option

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.kinds import ScreeningChangeKind
from boxoffice.language import _, later, plural, spoken
from boxoffice.money import format_amount, format_euros
from boxoffice.private_file import write_privately, written_aside
from boxoffice.sales.people.opened_lists import PeopleList
from boxoffice.sales.screenings import affected, affected_file
from boxoffice.sales.screenings.affected import Affected, Change, Contact
from boxoffice.sales.staff.desk import Desk

from . import errands
from .choosing_returned import ExchangeWish
from .dialogs import Dialog
from .opened_lists import tell_opened
from .rows import Rows
from .sales_search import SalesSearch
from .told_path import Written
from .widgets.panel import fit

if TYPE_CHECKING:
    from boxoffice.house import House

ROW_WIDTH = 68


class AffectedScreen(Dialog[ExchangeWish | None]):
    """Tickets, bookings and reservations of one change, with whom to call.

    The answer is the wish to exchange seats of a sale that was opened from here, if it is.
    """

    HELP = later(
        "Les billets d'une séance annulée sont à transformer en avoirs ; ceux d'une séance déplacée restent "
        "valables, et se reprennent si le client le demande. "
        "Entrée sur un billet ouvre sa vente : avoir, échange, annulation. I imprime la liste, E l'écrit "
        "dans un fichier pour un tableur."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "open",
            later("Vente du billet"),
            id="affected.open",
            tooltip=later("Ouvre la vente du billet choisi, pour un avoir ou un échange"),
        ),
        Binding("i", "print", later("Imprimer"), id="affected.print", tooltip=later("Imprime la liste")),
        Binding(
            "e",
            "export",
            later("Exporter"),
            id="affected.export",
            tooltip=later("Écrit la liste dans un fichier CSV"),
        ),
    ]
    DEFAULT_CSS = """
    AffectedScreen {
        .dialog { width: 80; height: 100%; padding: 0 2; }
        .dialog-title { margin-bottom: 0; }
        #affected-facts { height: auto; }
        Rows { height: 1fr; margin-top: 1; scrollbar-size-vertical: 1; }
        .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(self, house: "House", desk: Desk, shown: Affected) -> None:
        super().__init__()
        self.title_text = change_words(shown.change)
        self._house, self._desk, self._shown = house, desk, shown

    def compose_question(self) -> ComposeResult:
        yield Static(_facts(self._shown), id="affected-facts", markup=False)
        yield Rows(*(Option(row) for row in _rows(self._shown)), markup=False, compact=True)
        yield from self.foot(
            ("enter", _("Entrée vente du billet")),
            ("i", _("I imprimer")),
            ("e", _("E exporter")),
            ("escape", _("Échap fermer")),
        )

    def on_mount(self) -> None:
        rows = self.query_one(Rows)
        rows.highlighted = 0
        rows.focus()
        number = self._shown.change.number
        tell_opened(self, self._house, self._desk, PeopleList.AFFECTED, change=number)

    def nothing(self) -> None:
        return None

    def action_open(self) -> None:
        """Open the sale of the chosen ticket; whoever reads another row is told what leads further."""
        place = self.query_one(Rows).highlighted
        tickets = self._shown.tickets
        if place is None or place >= len(tickets):
            self._refuse(Refusal(_("Seul un billet a une vente."), _("Scannez le pass, ou F5 au guichet.")))
            return

        def answered(wish: ExchangeWish | None) -> None:
            if wish is not None:
                self.dismiss(wish)

        self.app.push_screen(SalesSearch(self._house, self._desk, tickets[place].number), answered)

    def action_print(self) -> None:
        number = self._shown.change.number

        def order() -> None:
            with self._house.database.write() as session:
                affected.print_list(session, self._desk, number, clock=self._house.clock)

        def ordered(_nothing: None) -> None:
            self.say_done(_("Liste demandée."))

        errands.send(self, errands.and_print(self._house, order), ordered, self._refuse)

    def action_export(self) -> None:
        change = self._shown.change

        def export() -> Path:
            house, desk = self._house, self._desk
            with written_aside(house.settings.copies_folder) as aside:
                with house.database.write() as session:
                    text = affected_file.export_list(session, desk, change.number, clock=house.clock)
                    path = aside.path(affected_file.list_name(change))
                    unfinished = write_privately(path, text.encode(affected_file.ENCODING))
                return aside.publish(unfinished)[0]

        def told(path: Path) -> None:
            said = _("La liste, avec les noms et les téléphones, est écrite. Effacez-la une fois lue.")
            self.app.push_screen(Written(said, path))

        errands.send(self, export, told, self._refuse)

    def _refuse(self, refusal: Refusal) -> None:
        self.say_wrong(refusal)


def change_words(change: Change) -> str:
    """What was done to a screening, in a line."""
    told = _when(change.told_starts_at)
    if change.kind is ScreeningChangeKind.CANCELLED:
        return _("{title}, {when} : annulée").format(title=change.event_title, when=told)
    now = _when(change.starts_at)
    return _("{title}, {when} : déplacée au {now}").format(title=change.event_title, when=told, now=now)


def _when(at: datetime) -> str:
    return say(at, _("EEE d MMM 'à' H 'h' mm"), spoken())


def _facts(shown: Affected) -> Content:
    change = shown.change
    lines = [
        _("{place} ; décidé par {manager} : {reason}").format(
            place=change.told_place, manager=change.manager, reason=change.reason
        )
    ]
    if change.kind is ScreeningChangeKind.MOVED:
        lines.append(_("Maintenant : {place}").format(place=change.place))
    tickets = sum(not ticket.used for ticket in shown.tickets)
    booked = sum(booking.seats for booking in shown.bookings)
    reserved = sum(kept.seats for kept in shown.reservations)
    counts = [
        *_ticket_words(shown, tickets),
        plural("{count} place de pass", "{count} places de pass", booked).format(count=booked),
        plural("{count} place réservée", "{count} places réservées", reserved).format(count=reserved),
    ]
    return Content.assemble("\n".join(lines), "\n", (" · ".join(counts), "bold"))


def _ticket_words(shown: Affected, tickets: int) -> tuple[str, ...]:
    """What becomes of tickets: nobody gives money back for a move unless they are asked to."""
    if shown.change.kind is ScreeningChangeKind.MOVED:
        valid = plural("{count} billet toujours valable", "{count} billets toujours valables", tickets)
        return (valid.format(count=tickets), _("à reprendre si le client le demande"))
    to_credit = plural("{count} billet à créditer", "{count} billets à créditer", tickets)
    return (to_credit.format(count=tickets), format_euros(shown.credit_cents))


def _rows(shown: Affected) -> list[Content]:
    rows = []
    for ticket in shown.tickets:
        state = _("utilisé") if ticket.used else f"{format_amount(ticket.price_cents)} €"
        rows.append(_row(_("Billet {number}").format(number=ticket.number), ticket.contact, state))
    for booking in shown.bookings:
        state = _("place rendue") if booking.ended else _("{count} pl.").format(count=booking.seats)
        rows.append(_row(_("Pass {number}").format(number=booking.pass_number), booking.contact, state))
    for kept in shown.reservations:
        state = _("{count} pl.").format(count=kept.seats)
        rows.append(_row(_("Rés. {number}").format(number=kept.reference), kept.contact, state))
    return rows or [Content(_("Personne n'est concerné."))]


def _row(what: str, contact: Contact, state: str) -> Content:
    room = ROW_WIDTH - 24 - len(state) - 1
    whom = " · ".join(filter(None, (contact.name, contact.phone or contact.email)))
    return Content.assemble(fit(what, 24), (f"{fit(whom, room)} ", "$text-muted"), (state, "bold"))
