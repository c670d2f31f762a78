"""A customer found as one types, or somebody new."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from boxoffice.language import _, later
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.people.customers import FoundCustomer, find_customers, is_of_something

from .customer_words import customer_row, detail_lines
from .knowing_customers import KnowsCustomers
from .searching import SearchDialog

if TYPE_CHECKING:
    from boxoffice.house import House


PARTICLES = frozenset(
    ("d'", "da", "de", "del", "della", "den", "der", "des", "di", "du", "el", "la", "le", "les", "van", "von")
)
"""Words that begin a surname and are never the whole of it."""


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """The wish for a card that does not exist yet, with what of it was typed already."""

    details: CustomerDetails


SearchAnswer = FoundCustomer | NewCustomer | None


class CustomerSearch(SearchDialog[SearchAnswer, FoundCustomer], KnowsCustomers):
    """Customers as one types; Enter chooses one, or begins a new card when nobody is found."""

    HELP = later(
        "Tapez un nom, un e-mail, un téléphone, le numéro d'un pass ou d'un billet ; ou scannez-les. "
        "Les fautes de frappe et les accents oubliés ne gênent pas."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f3,ctrl+n",
            "new",
            later("Nouveau client"),
            id="search.new",
            tooltip=later("Ouvre une fiche vide, avec ce qui est tapé"),
        ),
    ]
    DEFAULT_CSS = """
    CustomerSearch #search-chosen { width: 32; }
    CustomerSearch.-small #search-chosen { display: none; }
    """

    def __init__(
        self, house: "House", text: str = "", *, title: str = "", double_of: FoundCustomer | None = None
    ) -> None:
        """`double_of` is whose other card is wanted: those most like it are shown, and never itself."""
        placeholder = _("Nom, e-mail, téléphone, numéro de pass ou de billet")
        super().__init__(house, title or _("Chercher un client"), placeholder, text)
        self._double_of = double_of

    def on_mount(self) -> None:
        self.set_class(self.app.size.width < 60, "-small")

    def nothing(self) -> SearchAnswer:
        return None

    def keys(self) -> Sequence[tuple[str, str]]:
        return (
            ("enter", _("Entrée choisir")),
            ("down", _("↑ ↓")),
            ("f3", _("F3 nouveau client")),
            ("escape", _("Échap fermer")),
        )

    def look_for(self, text: str) -> tuple[FoundCustomer, ...]:
        """Nobody before something is typed: who stands at the counter can read the screen too."""
        known = self._double_of
        wanted = text.strip() or (known.details.name if known is not None else "")
        if not wanted:
            return ()
        with self._house.database.read() as session:
            found = find_customers(session, wanted, index=self._index)
        return tuple(each for each in found if known is None or each.id != known.id)

    def doubt(self) -> str:
        """Somebody whose name is only a little like what was typed is nobody's choice before it is made."""
        far = bool(self._found) and self._found[0].far and bool(self._sought.strip())
        return _("Aucun nom exact, peut-être :") if far else ""

    def row(self, found: FoundCustomer) -> Content:
        return customer_row(found.details)

    def about(self, chosen: FoundCustomer | None) -> str:
        if chosen is not None:
            return "\n".join(detail_lines(chosen.details))
        if self._found:
            return _("↓ choisit parmi ces noms. Entrée inscrit « {text} ».").format(text=self._sought)
        if self._sought:
            return _(
                "Personne ne répond à « {text} ». Entrée ouvre une fiche. Un billet sans nom se trouve par "
                "Ctrl+F."
            ).format(text=self._sought)
        return _("Tapez un nom, ou scannez. Entrée ouvre une fiche.")

    def act(self) -> None:
        if self.chosen is not None:
            self.dismiss(self.chosen)
        elif is_of_something(self._sought):
            self.say_wrong(_("Ce billet ou ce pass n'est au nom de personne. Cherchez par le nom."))
            self.query_one(Input).clear()
        else:
            self.action_new()

    def action_new(self) -> None:
        self.dismiss(NewCustomer(_details_of(self._sought)))


def _details_of(typed: str) -> CustomerDetails:
    """What was typed, as the field that it looks like."""
    typed = typed.strip()
    if is_of_something(typed):
        return CustomerDetails()
    if "@" in typed:
        return CustomerDetails(email=typed)
    if any(character.isdecimal() for character in typed):
        return CustomerDetails(phone=typed)
    words = [word.capitalize() if word.isalpha() else word for word in typed.split()]
    of_surname = 1
    while of_surname < len(words) and words[of_surname - 1].lower() in PARTICLES:
        of_surname += 1
    return CustomerDetails(surname=" ".join(words[:of_surname]), first_name=" ".join(words[of_surname:]))
