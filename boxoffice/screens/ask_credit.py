"""Seats of a sale turned into credit notes: which can, what they are worth, for whom; then asked for."""

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID, uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, later, plural, spoken
from boxoffice.money import format_amount, format_euros
from boxoffice.sales.credits import requests
from boxoffice.sales.credits.requests import AskCredits, AskedCredit, SeatAsked
from boxoffice.sales.credits.seats_to_credit import CreditSeat, sum_up
from boxoffice.sales.history import SaleSummary
from boxoffice.sales.people.customers import FoundCustomer, read_customer
from boxoffice.sales.staff.desk import Desk

from . import errands
from .choosing_customer import choose_customer
from .credit_words import accepted_words, given_words, worth_words
from .dialogs import keys_words
from .room import at_most
from .rows import Rows
from .sale_words import sale_header
from .ticking import TickingDialog

if TYPE_CHECKING:
    from boxoffice.house import House

ROW_COLUMNS = 66


class AskCredit(TickingDialog[str | None]):
    """Shows the seats of a sale with what each is worth; the answer is what was done, None if nothing was.

    Seats are chosen by Space or by their digit; none chosen means all that can come back. The customer hears
    the terms, C says that they agree, and Enter asks.
    """

    HELP = later(
        "Choisissez les places à reprendre, dites au client ce qu'il recevra, lisez-lui les conditions, puis "
        "C et Entrée. Dès la demande, le billet ne laisse plus entrer ; la place n'est remise en vente "
        "qu'une fois la demande acceptée."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "ask",
            later("Demander"),
            id="credit.ask",
            tooltip=later("Demande la reprise des places, une fois les conditions acceptées"),
        ),
        Binding(
            "space",
            "tick",
            later("Choisir la place"),
            id="credit.tick",
            tooltip=later("Ne reprend que les places choisies"),
        ),
        Binding(
            "c",
            "agree",
            later("Conditions acceptées"),
            id="credit.agree",
            tooltip=later("Le client accepte les conditions de reprise"),
        ),
        Binding(
            "f3,ctrl+u",
            "customer",
            later("Client"),
            id="credit.customer",
            tooltip=later("Cherche ou inscrit le client dont le solde est crédité"),
        ),
    ]
    DEFAULT_CSS = """
    AskCredit {
        .dialog { width: 78; padding: 0 1; }
        .dialog-title { margin-bottom: 0; }
        Rows { height: auto; max-height: 9; }
        #credit-why { height: auto; color: $text-warning; }
        #credit-worth { height: auto; text-style: bold; margin-top: 1; }
        #credit-customer { height: auto; }
        #credit-terms { height: auto; color: $text-muted; margin-top: 1; }
        #credit-agreed { height: auto; text-style: bold; }
    }
    """

    def __init__(self, house: "House", desk: Desk, sale: SaleSummary) -> None:
        super().__init__()
        self.title_text = _("Transformer en avoir · {sale}").format(sale=sale_header(sale, house))
        self._house, self._desk, self._sale = house, desk, sale
        self._seats: tuple[CreditSeat, ...] = ()
        self._request_ids: dict[int, UUID] = {}
        self._ticked: frozenset[int] = frozenset()
        self._customer: FoundCustomer | None = None
        self._agreed = self._at_work = False

    def compose_question(self) -> ComposeResult:
        yield Rows(markup=False, compact=True)
        yield Static("", id="credit-why", markup=False)
        yield Static("", id="credit-worth", markup=False)
        yield Static("", id="credit-customer", markup=False)
        yield Static(self._desk.post.rules.credit_terms, id="credit-terms", markup=False)
        yield Static("", id="credit-agreed", markup=False)
        yield from self.foot()

    def on_mount(self) -> None:
        self._read()

    def nothing(self) -> None:
        return None

    # -- reading and choosing

    def _read(self) -> None:
        house, sale_id = self._house, self._sale.id

        def read() -> tuple[tuple[CreditSeat, ...], FoundCustomer | None]:
            with house.database.read() as session:
                seats = sum_up(session, sale_id, house.post.rules, at=house.clock.now())
                named = next((seat.customer_id for seat in seats if seat.customer_id), None)
                return seats, read_customer(session, named) if named else None

        def show(answer: tuple[tuple[CreditSeat, ...], FoundCustomer | None]) -> None:
            told = {seat.position: seat.credited_cents for seat in self._seats}
            self._seats, buyer = answer
            if any(told.get(seat.position) != seat.credited_cents for seat in self._seats):
                self._agreed = False
            self._customer = buyer or self._customer
            for seat in self._seats:
                self._request_ids.setdefault(seat.position, uuid4())
            self._ticked &= {seat.position for seat in self._seats if seat.obstacle is None}
            rows = self.query_one(Rows)
            rows.set_options([Option(self._row(place, seat)) for place, seat in enumerate(self._seats)])
            rows.highlighted = 0 if self._seats else None
            rows.focus()
            self._show()

        errands.send(self, read, show, self.say_wrong)

    def _chosen(self) -> tuple[CreditSeat, ...]:
        """The seats to ask for: those ticked, or all that can come back."""
        if self._ticked:
            return tuple(seat for seat in self._seats if seat.position in self._ticked)
        return tuple(seat for seat in self._seats if seat.obstacle is None)

    def _row(self, place: int, seat: CreditSeat) -> Content:
        chosen = seat.position in {each.position for each in self._chosen()}
        mark = "●" if chosen else "✗" if seat.obstacle else "○"
        digit = str(place + 1) if place < 9 else " "
        at = say(seat.starts_at, _("EEE d HH:mm"), spoken())
        end = f"{format_amount(seat.paid_cents)} → {worth_words(seat)}"
        room = ROW_COLUMNS - len(end) - 5
        words = at_most(f"{seat.label} · {seat.event_title} · {at}", room).ljust(room)
        line = Content(f"{mark} {digit} {words} {end}")
        return line.stylize("dim") if seat.obstacle else line

    def _show(self) -> None:
        """Say what is worth what, to whom it goes, and what is still missing."""
        rows = self.query_one(Rows)
        for place, seat in enumerate(self._seats):
            rows.replace_option_prompt_at_index(place, self._row(place, seat))
        self._show_why()
        chosen = self._chosen()
        self._offer_only_to_leave(not chosen)
        paid = format_euros(sum(seat.paid_cents for seat in chosen))
        words = plural(
            "{count} place : payé {paid}, {given}.", "{count} places : payé {paid}, {given}.", len(chosen)
        )
        given = given_words(_("repris {cents}"), chosen)
        self.query_one("#credit-worth", Static).update(
            words.format(count=len(chosen), paid=paid, given=given)
            if chosen
            else _("Aucune place de cette vente ne peut être reprise : Échap revient à la vente.")
        )
        named = self._customer.details.name if self._customer else ""
        to_nobody = _("F3 : nommez le client dont le solde est crédité.")
        if not any(seat.worth_cents for seat in chosen):
            to_nobody = _("Rien n'est rendu en argent : la carte reprend sa place.")
        self.query_one("#credit-customer", Static).update(
            _("Au nom de {name}.").format(name=named) if named else to_nobody
        )
        self.query_one("#credit-agreed", Static).update(
            _("☑ Le client accepte ces conditions.")
            if self._agreed
            else _("☐ C : le client accepte ces conditions.")
        )

    def _offer_only_to_leave(self, nothing: bool) -> None:
        """Ask for no terms and no customer where nothing can come back."""
        for name in ("#credit-customer", "#credit-terms", "#credit-agreed"):
            self.query_one(name, Static).display = not nothing
        leave = ("escape", _("Échap fermer"))
        keys = keys_words(leave) if nothing else keys_words(*_keys(), leave)
        self.query_one(".dialog-keys", Static).update(keys)

    def _show_why(self) -> None:
        """Why the seat whose row is lit cannot come back."""
        place = self.query_one(Rows).highlighted
        seat = self._seats[place] if place is not None and place < len(self._seats) else None
        self.query_one("#credit-why", Static).update(str(seat.obstacle) if seat and seat.obstacle else "")

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_why()

    def turn(self, place: int) -> None:
        if self._at_work or place >= len(self._seats):
            return
        self.query_one(Rows).highlighted = place
        seat = self._seats[place]
        self.say_wrong()
        if seat.obstacle is None:
            self._ticked ^= {seat.position}
        self._show()

    def action_agree(self) -> None:
        if not self._chosen():
            return
        self._agreed = not self._agreed
        self.say_wrong()
        self._show()

    def action_customer(self) -> None:
        if not self._chosen():
            return

        def chosen(customer: FoundCustomer) -> None:
            self._customer = customer
            self._show()

        title = _("Quel client est crédité ?")
        choose_customer(self, self._house, self._desk, chosen, self.say_wrong, title=title)

    # -- asking

    def action_ask(self) -> None:
        chosen = self._chosen()
        if self._at_work or not chosen:
            return
        self._at_work = True
        command = AskCredits(
            tuple(
                SeatAsked(self._request_ids[seat.position], seat.sale_id, seat.position, seat.credited_cents)
                for seat in chosen
            ),
            self._customer.id if self._customer else None,
            terms_accepted=self._agreed,
        )

        def ask() -> tuple[AskedCredit, ...]:
            return self._house.database.attempt(
                lambda session: requests.ask(session, command, self._desk, clock=self._house.clock)
            )

        errands.send(self, errands.and_print(self._house, ask), self._asked, self._refuse)

    def _asked(self, asked: tuple[AskedCredit, ...]) -> None:
        self._at_work = False
        notes = {each.credit_note.sale_id: each.credit_note for each in asked if each.credit_note}
        if notes:
            self.dismiss(accepted_words(tuple(notes.values())))
            return
        words = plural(
            "Reprise demandée pour {count} place : un responsable y répond (F8).",
            "Reprise demandée pour {count} places : un responsable y répond (F8).",
            len(asked),
        )
        self.dismiss(words.format(count=len(asked)))

    def _refuse(self, refusal: Refusal) -> None:
        self._at_work = False
        self.say_wrong(refusal)
        self._read()

    def unlock(self) -> None:
        """What was asked can be asked again: it is asked once."""
        self._at_work = False


def _keys() -> tuple[tuple[str, str], ...]:
    """The keys of a sale of which something can come back."""
    return (
        ("enter", _("Entrée demander")),
        ("c", _("C conditions acceptées")),
        ("space", _("Espace choisir")),
        ("f3", _("F3 client")),
    )
