"""The card of a customer: who they are, all they hold and bought, and what may be done with their data."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.sales.credits.listing import CreditRow
from boxoffice.sales.history import SaleSummary
from boxoffice.sales.holders.cockpit import Cockpit
from boxoffice.sales.people import customer_changes
from boxoffice.sales.people.customer_changes import CorrectCustomer
from boxoffice.sales.people.customer_record import CustomerRecord, ReservedPlaces, read_record
from boxoffice.sales.people.customers import FoundCustomer
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.vouchers.holdings import Holding

from . import errands
from .choosing import Choose, Thing
from .choosing_returned import ExchangeWish
from .customer_data import CustomerData
from .customer_form import CustomerForm, FormAnswer
from .customer_words import CardRow, card_rows, detail_lines
from .dialogs import Dialog
from .giving_places import PlaceDue, ask_place, give_away, give_place, read_due
from .ledgers import BalanceScreen, PointsScreen
from .opening_holdings import open_holding
from .rows import Choices
from .sales_search import SalesSearch

if TYPE_CHECKING:
    from boxoffice.house import House

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class NameBasket:
    """The wish that the basket be in this customer's name."""

    customer_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class PassChosen:
    """The wish to open a pass, by its number."""

    number: str


@dataclass(frozen=True, slots=True)
class ReservationChosen:
    """The wish to open an e-reservation, by its reference."""

    reference: str


CardAnswer = NameBasket | PassChosen | ReservationChosen | ExchangeWish | None


class CustomerCard(Dialog[CardAnswer]):
    """What the festival knows of a customer, on one screen; the answer is what to do next at the counter."""

    HELP = later(
        "Entrée ouvre le pass, la réservation, la carte, le solde ou l'achat choisi, ou donne la place due. "
        "F9 met le panier au nom du client. Une carte offerte, son solde, ses points, la copie et "
        "l'effacement de ses données sont sous F10 ; le journal retient qui a ouvert cette fiche."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f9,ctrl+s",
            "name_basket",
            later("Panier à son nom"),
            id="customer.basket",
            tooltip=later("Met le panier au nom de ce client"),
        ),
        Binding(
            "f3,ctrl+n",
            "correct",
            later("Corriger"),
            id="customer.correct",
            tooltip=later("Corrige la fiche"),
        ),
        Binding(
            "f10,ctrl+g",
            "more",
            later("Données"),
            id="customer.more",
            tooltip=later(
                "Fusionner, copier ou effacer ses données ; son solde, ses points, une carte offerte"
            ),
        ),
    ]
    DEFAULT_CSS = """
    CustomerCard {
        align: left middle;
        .dialog { width: 84; max-width: 100%; height: 100%; padding: 0 1; }
        .dialog-title { margin-bottom: 0; }
        #customer-details { height: auto; max-height: 4; color: $text-muted; margin-bottom: 1; }
        Choices, Choices:focus { background: $surface; }
        Choices { height: 1fr; text-wrap: nowrap; text-overflow: ellipsis; scrollbar-size-vertical: 1; }
        Choices > .option-list--option-disabled { color: $primary; }
        Choices:focus > .option-list--option-highlighted, Choices > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
    }
    """

    def __init__(
        self, house: "House", desk: Desk, record: CustomerRecord, due: tuple[PlaceDue, ...] = ()
    ) -> None:
        """`due` are the places that the customer may have now."""
        super().__init__()
        self.title_text = record.details.name
        self._house, self._desk, self._record, self._due = house, desk, record, due
        self._rows: tuple[CardRow, ...] = ()
        self._at_work = False

    def compose_question(self) -> ComposeResult:
        yield Static("", id="customer-details", markup=False)
        yield Choices(markup=False, compact=True)
        yield from self.foot(
            ("enter", _("Entrée ouvrir")),
            ("f9", _("F9 à son nom")),
            ("f3", _("F3 corriger")),
            ("f10", _("F10 données")),
            ("escape", _("Échap fermer")),
        )

    def on_mount(self) -> None:
        self._show(self._record, self._due)
        self.query_one(Choices).focus()

    def nothing(self) -> CardAnswer:
        return None

    def _show(self, record: CustomerRecord, due: tuple[PlaceDue, ...]) -> None:
        self._record, self._due = record, due
        self.query_one(".dialog-title", Static).update(record.details.name)
        known = detail_lines(record.details)[1:]
        self.query_one("#customer-details", Static).update(
            " · ".join(known) or _("Rien d'autre n'est connu.")
        )
        self._rows = tuple(card_rows(record, due, self._house.clock.now()))
        rows = self.query_one(Choices)
        stood = rows.highlighted or 1
        rows.set_options([Option(row.words, disabled=row.subject is None) for row in self._rows])
        rows.highlighted = min(stood, len(self._rows) - 1) if len(self._rows) > 1 else None

    # -- at the counter

    def action_name_basket(self) -> None:
        self.dismiss(NameBasket(self._record.id, self._record.details.name))

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        match self._rows[event.option_index].subject:
            case Cockpit(number=number):
                self.dismiss(PassChosen(number))
            case ReservedPlaces(reference=reference):
                self.dismiss(ReservationChosen(reference))
            case Holding() as holding:
                house, desk = self._house, self._desk
                open_holding(self, house, desk, self._customer, holding, self._read_again, self.say_wrong)
            case PlaceDue() as due:
                ask_place(self, self._called, due, lambda: self._give(due))
            case CreditRow() | SaleSummary() as sold:
                self.app.push_screen(SalesSearch(self._house, self._desk, sold.operation), self._seen)

    def _seen(self, wish: ExchangeWish | None) -> None:
        """Leave with the seats that are to be exchanged, or show what became of the sale."""
        if wish is not None:
            self.dismiss(wish)
        else:
            self._read_again()

    @property
    def _customer(self) -> FoundCustomer:
        return FoundCustomer(self._record.id, self._record.details)

    def _open_ledger(self, kind: type[BalanceScreen | PointsScreen]) -> None:
        ledger = kind(self._house, self._desk, self._customer)
        self.app.push_screen(ledger, lambda _seen: self._read_again())

    def _give(self, due: PlaceDue) -> None:
        said = _("{label} donnée : elle est dans le portefeuille.").format(label=due.label)
        work = partial(give_place, self._house, self._desk, self._record.id, due)
        self._do(work, lambda _card: self._read_again(said))

    def _give_away(self) -> None:
        give_away(self, self._house, self._desk, self._customer, self._read_again, self.say_wrong)

    # -- correcting

    def action_correct(self) -> None:
        before = self._record.details

        def answered(answer: FormAnswer) -> None:
            if isinstance(answer, FoundCustomer):
                self._data.propose_merge(answer)
            elif answer is not None:
                self._correct(CorrectCustomer(self._record.id, before, answer.details, answer.not_these))

        title = _("Corriger la fiche de {name}").format(name=before.name)
        form = CustomerForm(self._house, before, title=title, known_id=self._record.id)
        self.app.push_screen(form, answered)

    def _correct(self, command: CorrectCustomer) -> None:
        def correct() -> FoundCustomer:
            return self._house.database.attempt(
                lambda session: customer_changes.correct_customer(
                    session, command, self._desk, clock=self._house.clock
                )
            )

        self._do(correct, lambda _found: self._read_again(_("Fiche corrigée.")))

    def _read_again(self, words: str = "") -> None:
        def read() -> tuple[CustomerRecord, tuple[PlaceDue, ...]]:
            with self._house.database.read() as session:
                record = read_record(session, self._record.id, self._house.post.rules)
            return record, read_due(self._house, record.id)

        def show(read: tuple[CustomerRecord, tuple[PlaceDue, ...]]) -> None:
            self._show(*read)
            if words:
                self.say_done(words)

        self._do(read, show)

    # -- what a customer or a manager may ask of the data

    @property
    def _data(self) -> CustomerData:
        return CustomerData(self, self._house, self._desk, self._customer, self._do, self._read_again)

    def action_more(self) -> None:
        data = self._data
        acts = (
            (_("Copier ses données"), _("en JSON et sur une page"), data.copy),
            (_("Fusionner"), _("avec une autre fiche du client"), data.search_other),
            (_("Effacer ses données"), _("sans rien changer aux comptes"), data.ask_erasure),
            (_("Solde"), _("un responsable le corrige"), partial(self._open_ledger, BalanceScreen)),
            (_("Points"), _("les places qu'ils donnent"), partial(self._open_ledger, PointsScreen)),
            (_("Offrir une carte"), _("un responsable, un motif"), self._give_away),
        )

        def answered(place: int | None) -> None:
            if place is not None:
                acts[place][2]()

        things = [Thing(label, about) for label, about, _act in acts]
        self.app.push_screen(Choose(_("Données de {name}").format(name=self._called), things), answered)

    @property
    def _called(self) -> str:
        return self._record.details.name

    # -- errands

    def _do(self, act: Callable[[], Done], then: Callable[[Done], None]) -> None:
        """Do one thing at a time, and say why it cannot be done."""
        if self._at_work:
            return
        self._at_work = True

        def done(answer: Done) -> None:
            self._at_work = False
            self.say_wrong()
            then(answer)

        def refused(refusal: Refusal) -> None:
            self._at_work = False
            self.say_wrong(refusal)

        errands.send(self, act, done, refused)
