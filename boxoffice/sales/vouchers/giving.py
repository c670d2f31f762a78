"""Place cards that the festival gives: invitations, and what a manager makes good with."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import CardSource
from boxoffice.language import _
from boxoffice.models import PlaceCardKind, table

from ..people.customers import read_customer
from ..staff.desk import Desk
from ..staff.operators import require_manager
from ..staff.standing import shift_still_open
from ..wording import one_line
from . import place_cards, stored_values
from .place_cards import CardState

_kind = table(PlaceCardKind)

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

    A nominative card bears a `surname`; `customer_id` is in whose wallet they go.
    """

    kind_id: int
    reason: str
    authorized_by: int
    count: int = 1
    customer_id: UUID | None = None
    surname: str = ""


def kinds_to_give(session: Session) -> tuple[KindToGive, ...]:
    """Every kind of place card that is still made, by name."""
    rows = session.execute(select(_kind).where(_kind.c.active).order_by(_kind.c.label)).mappings()
    return tuple(KindToGive(row["id"], row["label"], row["places"], row["nominative"]) for row in rows)


def give_cards(session: Session, command: GiveCards, desk: Desk, *, clock: Clock) -> tuple[CardState, ...]:
    """Write down cards that nobody pays for; they never were turnover.

    Raises ManagerNeeded without a manager, and Refusal without a reason, or for a kind that is no more.
    """
    shift_still_open(session, desk, at=clock.now())
    require_manager(session, command.authorized_by)
    reason, at = one_line(command.reason), clock.now()
    if not reason:
        raise Refusal(_("Dites pourquoi ces cartes sont données."))
    if not 1 <= command.count <= MOST_CARDS:
        raise Refusal(_("De 1 à {most} cartes à la fois.").format(most=MOST_CARDS))
    kind = place_cards.kinds(session, [command.kind_id]).get(command.kind_id)
    if kind is None or not kind["active"]:
        raise Refusal(_("Cette sorte de carte n'est plus proposée."))
    customer = read_customer(session, command.customer_id) if command.customer_id else None
    if command.customer_id is not None and customer is None:
        raise Refusal(_("Cette fiche n'existe plus : elle a été effacée."), _("Cherchez le client."))
    cards = [
        place_cards.new_card(
            kind,
            CardSource.GIVEN,
            at,
            customer_id=customer.id if customer else None,
            surname=command.surname,
        )
        for _card in range(command.count)
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
    return place_cards.states(session, [card.value.id for card in cards], desk, clock=clock)
