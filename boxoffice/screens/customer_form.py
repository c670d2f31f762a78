"""The form of a customer: what is typed is checked field by field, and possible doubles are shown.

It saves nothing: it answers with details that can be saved, or with the customer found to be the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import DescendantBlur
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.clock import in_paris
from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.sales.people.customer_details import LONGEST_TEXT, CustomerDetails, WrongDetails, read_details
from boxoffice.sales.people.customers import FoundCustomer, usual_town
from boxoffice.sales.people.doubles import possible_doubles
from boxoffice.sales.wording import ONE_LINE

from . import errands
from .customer_words import birth_words, customer_row
from .dialogs import Dialog, keys_line
from .rows import Choices

if TYPE_CHECKING:
    from boxoffice.house import House

LABELS = {
    "surname": later("Nom"),
    "first_name": later("Prénom"),
    "birth_date": later("Né(e) le"),
    "phone": later("Téléphone"),
    "email": later("E-mail"),
    "postcode": later("Code postal"),
    "town": later("Ville"),
    "country": later("Pays"),
    "organisation": later("Organisme"),
}
"""What each field is called, in the order in which they are asked for."""

HINTS = {
    "surname": later("obligatoire"),
    "birth_date": later("jour/mois/année"),
    "organisation": later("pour un professionnel"),
}


@dataclass(frozen=True, slots=True)
class FilledForm:
    """Details that can be saved; `not_these` look like the same person, and were said to be others."""

    details: CustomerDetails
    not_these: frozenset[UUID] = frozenset()


FormAnswer = FilledForm | FoundCustomer | None


class CustomerForm(Dialog[FormAnswer]):
    """A customer's details, typed or corrected; None when they are given up, which leaves nothing behind."""

    HELP = later(
        "Entrée ou Tab passe au champ suivant ; Entrée au dernier champ, ou F9 n'importe où, valide. "
        "Échap renonce : rien n'est gardé."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9,ctrl+s", "save", later("Valider"), id="form.save", tooltip=later("Valide la fiche")),
        Binding("down", "next_field", later("Suivant"), id="form.next", tooltip=later("Le champ suivant")),
        Binding(
            "up",
            "previous_field",
            later("Précédent"),
            id="form.previous",
            tooltip=later("Le champ précédent"),
        ),
    ]
    DEFAULT_CSS = """
    CustomerForm {
        .dialog { width: 84; padding: 0 1; }
        #form-fields { height: auto; max-height: 17; }
        .form-row { height: auto; }
        .form-label { width: 12; text-align: right; color: $text-muted; }
        Input { width: 32; height: 1; margin: 0 1; background: $panel; }
        Input:focus { width: 32; height: 1; margin: 0 1; background: $primary 30%; }
        .form-wrong { width: 1fr; height: auto; color: $text-error; text-style: bold; }
    }
    """

    def __init__(
        self,
        house: "House",
        details: CustomerDetails | None = None,
        *,
        title: str = "",
        known_id: UUID | None = None,
    ) -> None:
        """`known_id` is of the customer being corrected: they are no double of themselves."""
        super().__init__()
        self.title_text = title or _("Nouveau client")
        self._house, self._known_id = house, known_id
        self._details = details or CustomerDetails()
        self._checking = False

    def compose_question(self) -> ComposeResult:
        with VerticalScroll(id="form-fields", can_focus=False):
            for name, label in LABELS.items():
                with Horizontal(classes="form-row"):
                    yield Static(_(label), classes="form-label", markup=False)
                    yield Input(
                        _typed(self._details, name),
                        placeholder=_(HINTS[name]) if name in HINTS else "",
                        max_length=LONGEST_TEXT,
                        restrict=ONE_LINE,
                        select_on_focus=False,
                        id=f"field-{name}",
                    )
                    yield Static("", classes="form-wrong", id=f"wrong-{name}", markup=False)
        yield from self.foot(
            ("enter", _("Entrée champ suivant")), ("f9", _("F9 valider")), ("escape", _("Échap renoncer"))
        )

    def on_mount(self) -> None:
        empty = (name for name in LABELS if not self._field(name).value)
        self._field(next(empty, "surname") if self._known_id is None else "surname").focus()

    def nothing(self) -> FormAnswer:
        return None

    def action_next_field(self) -> None:
        self.focus_next(Input)

    def action_previous_field(self) -> None:
        self.focus_previous(Input)

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input is self._field(list(LABELS)[-1]):
            self.action_save()
        else:
            self.focus_next(Input)

    @on(Input.Changed)
    def changed(self, event: Input.Changed) -> None:
        """What was wrong with a field is no longer said once it is corrected."""
        event.stop()
        name = (event.input.id or "").removeprefix("field-")
        self.query_one(f"#wrong-{name}", Static).update("")

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """The town that others of the same postcode have given, once that is typed."""
        postcode = self._field("postcode")
        if event.widget is not postcode or not postcode.value or self._field("town").value:
            return
        typed = postcode.value.strip()

        def look() -> str:
            with self._house.database.read() as session:
                return usual_town(session, typed)

        errands.send(self, look, self._propose_town, lambda _refusal: None)

    def _propose_town(self, town: str) -> None:
        field = self._field("town")
        if town and not field.value:
            field.value = town
            field.cursor_position = len(town)

    # -- saving

    def action_save(self) -> None:
        """Answer with the details, once every field is right and no other customer is the same person."""
        if self._checking:
            return
        typed = {name: self._field(name).value for name in LABELS}
        try:
            details = read_details(typed, in_paris(self._house.clock.now()).date())
        except WrongDetails as wrong:
            self._show_wrong(wrong)
            return
        self._checking = True

        def look() -> tuple[FoundCustomer, ...]:
            with self._house.database.read() as session:
                return possible_doubles(session, details, but=self._known_id)

        errands.send(self, look, lambda doubles: self._compare(details, doubles), self._refuse)

    def _compare(self, details: CustomerDetails, doubles: Sequence[FoundCustomer]) -> None:
        self._checking = False
        if not doubles:
            self.dismiss(FilledForm(details))
            return

        def answered(answer: FoundCustomer | bool | None) -> None:
            if isinstance(answer, FoundCustomer):
                self.dismiss(answer)
            elif answer:
                self.dismiss(FilledForm(details, frozenset(double.id for double in doubles)))

        self.app.push_screen(SamePerson(details, doubles), answered)

    def _show_wrong(self, wrong: WrongDetails) -> None:
        """Say beside each field what is wrong with it, and go to the first."""
        for name in LABELS:
            self.query_one(f"#wrong-{name}", Static).update(wrong.fields.get(name, ""))
        first = next(name for name in LABELS if name in wrong.fields)
        self._field(first).focus()

    def _refuse(self, refusal: Refusal) -> None:
        self._checking = False
        self.say_wrong(refusal)

    def _field(self, name: str) -> Input:
        return self.query_one(f"#field-{name}", Input)


class SamePerson(Dialog[FoundCustomer | bool]):
    """Customers who may be the one typed: one of them, or True for somebody else; False to correct."""

    DEFAULT_CSS = """
    SamePerson {
        .dialog { width: 84; padding: 1; }
        Choices { height: auto; max-height: 12; text-wrap: nowrap; text-overflow: ellipsis; }
        Choices:focus > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
    }
    """

    def __init__(self, details: CustomerDetails, doubles: Sequence[FoundCustomer]) -> None:
        super().__init__()
        self.title_text = _("{name} existe peut-être déjà. Est-ce la même personne ?").format(
            name=details.name
        )
        self._doubles = tuple(doubles)

    def compose_question(self) -> ComposeResult:
        rows = [customer_row(double.details) for double in self._doubles]
        rows.append(Content.styled(_("Non : c'est quelqu'un d'autre"), "bold"))
        yield Choices(*(Option(row) for row in rows), markup=False, compact=True)
        yield keys_line(("enter", _("Entrée choisir")), ("escape", _("Échap corriger la fiche")))

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.highlighted = 0
        choices.focus()

    def nothing(self) -> bool:
        return False

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        places = event.option_index
        self.dismiss(self._doubles[places] if places < len(self._doubles) else True)


def _typed(details: CustomerDetails, name: str) -> str:
    return birth_words(details) if name == "birth_date" else str(getattr(details, name))
