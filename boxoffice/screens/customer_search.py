"""A customer found as one types, or somebody new."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.people.customer_index import CustomerIndex, read_index
from boxoffice.sales.people.customers import FoundCustomer, find_customers, is_of_something
from boxoffice.sales.wording import ONE_LINE

from . import errands
from .customer_words import customer_row, detail_lines
from .dialogs import Dialog, Rows, keys_line

if TYPE_CHECKING:
    from boxoffice.house import House


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """The wish for a card that does not exist yet, with what of it was typed already."""

    details: CustomerDetails


SearchAnswer = FoundCustomer | NewCustomer | None


class CustomerSearch(Dialog[SearchAnswer]):
    """Customers as one types; Enter chooses one, or begins a new card when nobody is found."""

    HELP = later(
        "Tapez un nom, un e-mail, un téléphone, le numéro d'un pass ou d'un billet ; ou scannez-les. "
        "Les fautes de frappe et les accents oubliés ne gênent pas."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", later("Monter"), id="search.up", tooltip=later("Le client au-dessus")),
        Binding(
            "down", "move(1)", later("Descendre"), id="search.down", tooltip=later("Le client en dessous")
        ),
        Binding("pageup", "move(-8)", later("Page"), id="search.page_up", tooltip=later("Huit plus haut")),
        Binding("pagedown", "move(8)", later("Page"), id="search.page_down", tooltip=later("Huit plus bas")),
        Binding(
            "f3,ctrl+n",
            "new",
            later("Nouveau client"),
            id="search.new",
            tooltip=later("Ouvre une fiche vide, avec ce qui est tapé"),
        ),
    ]
    DEFAULT_CSS = """
    CustomerSearch {
        align: left middle;
        .dialog { width: 84; max-width: 100%; height: 100%; padding: 0 1; }
        #customers-panes { height: 1fr; }
        #customers-found {
            width: 1fr; height: 100%; scrollbar-size-vertical: 1;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        #customers-found > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
        #customer-shown { width: 32; height: 100%; padding-left: 1; overflow-y: auto; }
    }
    CustomerSearch.-small #customer-shown { display: none; }
    """

    def __init__(self, house: "House", text: str = "", *, title: str = "") -> None:
        """`text` is looked for at once."""
        super().__init__()
        self.title_text = title or _("Chercher un client")
        self._house, self._sought = house, text
        self._customers: tuple[FoundCustomer, ...] = ()
        self._index: CustomerIndex | None = None
        self._looking = self._then_choose = False

    def compose_question(self) -> ComposeResult:
        yield Input(
            self._sought,
            placeholder=_("Nom, e-mail, téléphone, numéro de pass ou de billet"),
            max_length=80,
            restrict=ONE_LINE,
            select_on_focus=False,
        )
        with Horizontal(id="customers-panes"):
            found = Rows(id="customers-found", markup=False, compact=True)
            found.can_focus = False
            yield found
            yield Static("", id="customer-shown", markup=False)
        yield Static("", classes="dialog-wrong", markup=False)
        yield keys_line(
            ("enter", _("Entrée choisir")),
            ("down", _("↑ ↓")),
            ("f3", _("F3 nouveau client")),
            ("escape", _("Échap fermer")),
        )

    def on_mount(self) -> None:
        self.set_class(self.app.size.width < 60, "-small")
        self.query_one(Input).focus()
        self._look()
        errands.send(self, self._read_index, self._keep_index, lambda _refusal: None)

    def nothing(self) -> SearchAnswer:
        return None

    # -- finding

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._sought:
            if event.value:
                self.query_one(".dialog-wrong", Static).update("")
            self._sought = event.value
            self._look()

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        """Choose, once what was typed last has been looked for."""
        event.stop()
        self._then_choose = True
        self._look()

    @on(OptionList.OptionSelected)
    def clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._choose()

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_chosen()

    def action_move(self, by: int) -> None:
        rows = self.query_one(Rows)
        if self._customers:
            rows.highlighted = min(max((rows.highlighted or 0) + by, 0), len(self._customers) - 1)

    def action_new(self) -> None:
        self.dismiss(NewCustomer(_details_of(self._sought)))

    def _read_index(self) -> CustomerIndex:
        with self._house.database.read() as session:
            return read_index(session)

    def _keep_index(self, index: CustomerIndex) -> None:
        self._index = index

    def _look(self) -> None:
        """Look for what is typed, one search at a time: what was typed meanwhile is looked for next."""
        if self._looking:
            return
        self._looking = True
        sought, index = self._sought, self._index

        def read() -> tuple[FoundCustomer, ...]:
            with self._house.database.read() as session:
                return find_customers(session, sought, index=index)

        def show(found: tuple[FoundCustomer, ...]) -> None:
            self._looking = False
            if sought == self._sought:
                self._show(found)
            else:
                self._look()

        errands.send(self, read, show, self._refuse)

    def _show(self, found: tuple[FoundCustomer, ...]) -> None:
        chosen = self._chosen
        self._customers = found
        rows = self.query_one(Rows)
        with self.prevent(OptionList.OptionHighlighted):
            rows.set_options([Option(customer_row(customer.details)) for customer in found])
            stood = [place for place, customer in enumerate(found) if chosen and customer.id == chosen.id]
            kept = stood[0] if stood and self._then_choose else 0
            rows.highlighted = kept if found else None
        self._show_chosen()
        if self._then_choose:
            self._then_choose = False
            self._choose()

    @property
    def _chosen(self) -> FoundCustomer | None:
        highlighted = self.query_one(Rows).highlighted
        if highlighted is None or highlighted >= len(self._customers):
            return None
        return self._customers[highlighted]

    def _show_chosen(self) -> None:
        chosen, shown = self._chosen, self.query_one("#customer-shown", Static)
        if chosen is not None:
            shown.update("\n".join(detail_lines(chosen.details)))
        elif self._sought:
            shown.update(
                _("Personne ne répond à « {text} ». Entrée ouvre une fiche.").format(text=self._sought)
            )
        else:
            shown.update(_("Aucun client encore. Entrée ouvre une fiche."))

    def _choose(self) -> None:
        chosen = self._chosen
        if chosen is not None:
            self.dismiss(chosen)
        elif is_of_something(self._sought):
            self._refuse(
                Refusal(_("Ce billet ou ce pass n'est au nom de personne."), _("Cherchez par le nom."))
            )
            self.query_one(Input).clear()
        else:
            self.action_new()

    def _refuse(self, refusal: Refusal) -> None:
        self._looking = self._then_choose = False
        self.query_one(".dialog-wrong", Static).update(str(refusal))


def _details_of(typed: str) -> CustomerDetails:
    """What was typed, as the field that it looks like."""
    typed = typed.strip()
    if is_of_something(typed):
        return CustomerDetails()
    if "@" in typed:
        return CustomerDetails(email=typed)
    if any(character.isdecimal() for character in typed):
        return CustomerDetails(phone=typed)
    surname, _space, first_name = typed.partition(" ")
    return CustomerDetails(surname=surname.capitalize(), first_name=first_name.title())
