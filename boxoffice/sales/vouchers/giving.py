"""Place cards that the festival gives: invitations, what a manager makes good with, cards from elsewhere."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4, uuid5

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, CardSource
from boxoffice.language import _
from boxoffice.models import PlaceCard, PlaceCardKind, table

from ..codes import LONGEST_NUMBER, SHORTEST_NUMBER, masked, normalised
from ..people.customers import held_customer, known_customer
from ..staff.desk import Desk
from ..staff.permissions import require
from ..staff.standing import shift_still_open
from ..wording import reason_line
from . import place_cards, stored_values, value_papers
from .place_cards import CardState

_card, _kind = table(PlaceCard), table(PlaceCardKind)

MOST_CARDS = 500
"""Cards given at one go: each is told to the journal."""


@dataclass(frozen=True, slots=True)
class KindToGive:
    """A kind of card that may be given. `places` None: a permanent invitation."""

    kind_id: int
    label: str
    places: int | None
    nominative: bool


@dataclass(frozen=True, slots=True)
class GiveCards:
    """The wish to give so many cards of a kind; a manager, by their id, answers for them, with a reason.

    A nominative card bears a `surname`; `customer_id` is in whose wallet they go. `number` is that of the one
    card that was issued elsewhere, and serves here from now on. `gift_id` was made when the question was
    asked: giving again under it gives nothing more. `print_papers` has their papers come out.
    """

    kind_id: int
    reason: str
    authorized_by: int
    count: int = 1
    customer_id: UUID | None = None
    surname: str = ""
    number: str = ""
    gift_id: UUID = field(default_factory=uuid4)
    print_papers: bool = False


def kinds_to_give(session: Session) -> tuple[KindToGive, ...]:
    """Every kind of place card that is still made, by name."""
    rows = session.execute(select(_kind).where(_kind.c.active).order_by(_kind.c.label)).mappings()
    return tuple(KindToGive(row["id"], row["label"], row["places"], row["nominative"]) for row in rows)


def give_cards(session: Session, command: GiveCards, desk: Desk, *, clock: Clock) -> tuple[CardState, ...]:
    """Write down cards that nobody pays for; they never were turnover.

    A second try returns the cards of the first.
    Raises ManagerNeeded without a manager, and Refusal without a reason, for a kind that is no more, and for
    a number that is none, or known already.
    """
    shift_still_open(session, desk, at=clock.now())
    require(session, Action.GIVE_CARDS, desk.operator_id, command.authorized_by)
    reason, at = reason_line(command.reason), clock.now()
    if not reason:
        raise Refusal(_("Dites pourquoi ces cartes sont données."))
    if not 1 <= command.count <= MOST_CARDS:
        raise Refusal(_("De 1 à {most} cartes à la fois.").format(most=MOST_CARDS))
    value_ids = [uuid5(command.gift_id, str(nth)) for nth in range(command.count)]
    if given := place_cards.states(session, value_ids, desk, clock=clock):
        return given
    kind = place_cards.kinds(session, [command.kind_id]).get(command.kind_id)
    if kind is None or not kind["active"]:
        raise Refusal(_("Cette sorte de carte n'est plus proposée."))
    customer_id = held_customer(session, command.customer_id) if command.customer_id else None
    if customer_id is not None:
        known_customer(session, customer_id)
    number = _number(session, command)
    cards = [
        place_cards.new_card(
            kind,
            CardSource.ELSEWHERE if number else CardSource.GIVEN,
            at,
            value_id=value_id,
            number=number,
            customer_id=customer_id,
            surname=command.surname,
        )
        for value_id in value_ids
    ]
    numbers = stored_values.operator_numbers(session, [{"authorized_by_id": command.authorized_by}])
    stored_values.tell(
        session,
        desk,
        "issued",
        at=at,
        issued=[card.value for card in cards],
        content={"authorized_by": numbers[command.authorized_by], "reason": reason},
    )
    place_cards.write_down(session, cards)
    if command.print_papers:
        value_papers.print_papers(session, desk, value_ids, clock=clock)
    return place_cards.states(session, value_ids, desk, clock=clock)


def _number(session: Session, command: GiveCards) -> str:
    """The number of a card issued elsewhere, as it is kept; nothing for those that are given one here."""
    if not command.number:
        return ""
    number = normalised(command.number)
    if not SHORTEST_NUMBER <= len(number) <= LONGEST_NUMBER or command.count != 1:
        raise Refusal(
            _("« {text} » n'est pas un numéro de carte : 6 à 40 lettres ou chiffres").format(
                text=command.number
            )
        )
    if session.execute(select(_card.c.value_id).where(_card.c.number == number)).first():
        raise Refusal(
            _("La carte {number} est déjà connue ici.").format(number=masked(number)),
            _("Vérifiez-la par son numéro : F4."),
        )
    return number
