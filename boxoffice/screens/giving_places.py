"""Places given: those that a loyal customer has earned, and cards that a manager gives for a reason."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4, uuid5

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _, plural
from boxoffice.sales.codes import LONGEST_NUMBER
from boxoffice.sales.people.customers import FoundCustomer
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.vouchers import giving, loyalty
from boxoffice.sales.vouchers.gift_cards import LONGEST_NAME
from boxoffice.sales.vouchers.giving import GiveCards, KindToGive
from boxoffice.sales.vouchers.loyalty import Loyalty
from boxoffice.sales.vouchers.place_cards import CardState

from . import errands
from .asking import AskQuantity, AskText
from .choosing import Choose, Thing
from .dialogs import Confirm
from .manager_pin import Authorization
from .permitting import Act, ask_leave, left_to_role

if TYPE_CHECKING:
    from boxoffice.house import House


@dataclass(frozen=True, slots=True)
class PlaceDue:
    """A place that a customer may have today: for so many points, or, at none, for their birthday.

    `value_id` is that of the place: given again as long as nothing was read anew, it is the same one.
    """

    kind_id: int
    label: str
    points: int = 0
    value_id: UUID | None = None


class AskNumber(AskText):
    """The number of a card issued elsewhere, typed or scanned."""

    TAKES_SCANS: ClassVar[bool] = True


def places_due(account: Loyalty) -> tuple[PlaceDue, ...]:
    """The places that a customer may have now, the birthday's first."""
    birthday = (PlaceDue(kind_id, label) for kind_id, label in account.birthday)
    earned = (
        PlaceDue(
            each.kind_id,
            each.label,
            each.points,
            uuid5(account.value_id, f"{each.kind_id} {account.movements}"),
        )
        for each in account.rewards
        if not each.missing
    )
    return (*birthday, *earned)


def read_due(house: "House", customer_id: UUID) -> tuple[PlaceDue, ...]:
    """The places that a customer may have now."""
    with house.database.read() as session:
        return places_due(loyalty.read_loyalty(session, customer_id, clock=house.clock))


def give_place(house: "House", desk: Desk, customer_id: UUID, due: PlaceDue) -> CardState:
    """Put a place that is due into the wallet of its customer. Raises Refusal once it is not due any more."""
    give: Callable[..., CardState] = loyalty.give_birthday_place
    if due.points:
        give = partial(loyalty.reward, value_id=due.value_id)
    return house.database.attempt(
        partial(give, customer_id=customer_id, kind_id=due.kind_id, desk=desk, clock=house.clock)
    )


def ask_place(screen: Screen[Any], name: str, due: PlaceDue, give: Callable[[], None]) -> None:
    """Ask whether a place is to be given now: points do not come back."""
    if due.points:
        question = _("Échanger {points} points de {name} ?").format(points=due.points, name=name)
    else:
        question = _("Donner sa place d'anniversaire à {name} ?").format(name=name)
    detail = _("{label} : rangée dans son portefeuille, elle paie au règlement.").format(label=due.label)
    screen.app.push_screen(Confirm(question, detail), lambda yes: give() if yes else None)


def give_away(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    customer: FoundCustomer | None,
    done: Callable[[str], None],
    refused: Callable[[Refusal], None],
    *,
    numbered: bool = False,
) -> None:
    """Have a manager give cards: one into the wallet of a customer, or several on paper for nobody known.

    `done` is told what was given. `numbered` writes down one that was issued elsewhere, by its number.
    """
    _Giving(screen, house, desk, customer, done, refused, numbered).begin()


@dataclass(frozen=True, slots=True)
class _Giving:
    """The questions before cards are given: which, its number, in what name, how many, who answers."""

    screen: Screen[Any]
    house: "House"
    desk: Desk
    customer: FoundCustomer | None
    done: Callable[[str], None]
    refused: Callable[[Refusal], None]
    numbered: bool
    gift_id: UUID = field(default_factory=uuid4)

    def begin(self) -> None:
        """Ask for the kind first, of those that there are."""

        def read() -> tuple[KindToGive, ...]:
            with self.house.database.read() as session:
                return giving.kinds_to_give(session)

        errands.send(self.screen, read, self._ask_kind, self.refused)

    def _ask_kind(self, kinds: tuple[KindToGive, ...]) -> None:
        if not kinds:
            self.refused(Refusal(_("Le programme n'a aucune carte de places à donner.")))
            return

        def chosen(place: int | None) -> None:
            if place is not None:
                (self._ask_number if self.numbered else self._ask_surname)(kinds[place])

        things = [Thing(kind.label, _places_words(kind)) for kind in kinds]
        question = _("Quelle carte inscrire ?") if self.numbered else _("Quelle carte donner ?")
        self.screen.app.push_screen(Choose(question, things), chosen)

    def _ask_number(self, kind: KindToGive) -> None:
        def typed(number: str | None) -> None:
            if number is not None:
                self._ask_surname(kind, number)

        question = _("{label} : son numéro ?").format(label=kind.label)
        self.screen.app.push_screen(AskNumber(question, longest=LONGEST_NUMBER, required=True), typed)

    def _ask_surname(self, kind: KindToGive, number: str = "") -> None:
        if not kind.nominative:
            self._ask_leave(kind, number=number) if number else self._ask_count(kind)
            return

        def named(surname: str | None) -> None:
            if surname is not None:
                self._ask_leave(kind, surname=surname, number=number)

        question = _("{label} : nom de famille de son titulaire ?").format(label=kind.label)
        known = self.customer.details.surname if self.customer else ""
        self.screen.app.push_screen(AskText(question, known, longest=LONGEST_NAME, required=True), named)

    def _ask_count(self, kind: KindToGive) -> None:
        if self.customer is not None:
            self._ask_leave(kind)
            return

        def counted(count: int | None) -> None:
            if count:
                self._ask_leave(kind, count)

        question = _("{label} : combien ?").format(label=kind.label)
        self.screen.app.push_screen(AskQuantity(question, least=1, most=giving.MOST_CARDS), counted)

    def _ask_leave(self, kind: KindToGive, count: int = 1, surname: str = "", number: str = "") -> None:
        def allowed(leave: Authorization) -> None:
            self._give(
                GiveCards(
                    kind.kind_id,
                    leave.reason,
                    leave.manager.id,
                    count=count,
                    customer_id=self.customer.id if self.customer else None,
                    surname=surname,
                    number=number,
                    gift_id=self.gift_id,
                    print_papers=self.customer is None and not number,
                )
            )

        what = _("Donner : {count} × {label}.").format(count=count, label=kind.label)
        if number:
            what = _("Inscrire : {label} n° {number}.").format(label=kind.label, number=number)
        needed = Refusal(what, _("Un responsable en répond : son code et son motif."))
        act = Act(
            f"{JournalKind.VALUE_ISSUED} {count} × {kind.label}",
            ask_reason=True,
            left_to=left_to_role(self.desk, Action.GIVE_CARDS),
        )
        ask_leave(self.screen, self.house, act, needed, allowed, self.refused)

    def _give(self, command: GiveCards) -> None:
        def work() -> tuple[CardState, ...]:
            return self.house.database.attempt(
                lambda session: giving.give_cards(session, command, self.desk, clock=self.house.clock)
            )

        def told(cards: tuple[CardState, ...]) -> None:
            self.done(_given_words(cards, self.customer, numbered=self.numbered))

        errands.send(self.screen, errands.and_print(self.house, work), told, self.refused)


def _given_words(cards: tuple[CardState, ...], customer: FoundCustomer | None, *, numbered: bool) -> str:
    if numbered:
        return _("{label} {number} inscrite : elle paie des places.").format(
            label=cards[0].label, number=cards[0].masked
        )
    if customer is not None:
        return _("{label} donnée : elle est dans le portefeuille.").format(label=cards[0].label)
    count = len(cards)
    said = plural(
        "{count} carte donnée, elle s'imprime.", "{count} cartes données, elles s'impriment.", count
    )
    return said.format(count=count)


def _places_words(kind: KindToGive) -> str:
    if kind.places is None:
        return _("autant que voulu")
    return plural("{count} place", "{count} places", kind.places).format(count=kind.places)
