"""A gift card or place card as a scan opens it: what is left, until when, in whose wallet, its history."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import StoredValueKind, StoredValueState
from boxoffice.language import _
from boxoffice.models import PlaceCard, table

from ..codes import read_code
from ..people.customers import read_customer
from ..staff.desk import Desk
from . import balances, gift_cards, guessing, place_cards, stored_values, value_papers, which_card
from .balances import LedgerRow
from .guessing import UnknownCode

_place = table(PlaceCard)
_SCANNABLE = select(_place.c.code.is_not(None)).where(_place.c.value_id == bindparam("id"))


@dataclass(frozen=True, slots=True)
class CardView:
    """A card with its history, the latest movement first; amounts are in its unit, None: as many as wanted.

    `masked` is its code as it may be shown. `trouble` says in a sentence why it pays nothing; empty when it
    pays. `has_paper` is whether this house can print it; `copies` how often it was printed again, None: never
    printed with its present codes.
    """

    value_id: UUID
    kind: StoredValueKind
    label: str
    masked: str
    left: int | None
    issued_with: int | None
    valid_until: date | None
    issued_at: datetime
    state: StoredValueState
    trouble: str
    single_purpose: bool
    customer_id: UUID | None
    customer_name: str
    has_paper: bool
    copies: int | None
    ledger: tuple[LedgerRow, ...]

    @property
    def is_gift(self) -> bool:
        return self.kind is StoredValueKind.GIFT_CARD


def find_card(
    session: Session, text: str, desk: Desk, *, clock: Clock, surname: str | None = None
) -> CardView:
    """The card of a scanned code, of a code typed in groups, or of a number; see `guessing.look_up`.

    Raises SurnameNeeded for a nominative card, CodeRefused for a code that nobody knows, and Refusal for one
    that was replaced.
    """

    def find() -> UUID:
        return which_card.find(text, lambda: gift_cards.find(session, text), by_number)

    def by_number() -> UUID:
        try:
            return place_cards.look_up(session, text, desk, clock=clock, surname=surname).value_id
        except UnknownCode as unknown:
            if surname is not None or read_code(text):
                raise
            raise UnknownCode(_("Aucune carte n'a ce code ni ce numéro."), unknown.remedy) from None

    found = guessing.look_up(session, text, find, desk, clock=clock)
    return read_card(session, found, desk, clock=clock)


def read_card(session: Session, value_id: UUID, desk: Desk, *, clock: Clock) -> CardView:
    """A card as it is now. Raises Refusal for a value that is no card."""
    value = stored_values.read(session, value_id)
    if value is None or value["kind"] not in (StoredValueKind.GIFT_CARD, StoredValueKind.PLACE_CARD):
        raise Refusal(_("Cette carte est inconnue."), _("Scannez-la de nouveau."))
    said: tuple[str, str, int | None, str]
    if value["kind"] is StoredValueKind.GIFT_CARD:
        gift = gift_cards.state(session, value_id, desk, clock=clock)
        said = (gift.label, gift.masked, gift.sold_cents, gift.trouble)
        single_purpose, has_paper = gift.vat_rate is not None, True
    else:
        (card,) = place_cards.states(session, [value_id], desk, clock=clock)
        said = (card.label, card.masked, card.places, card.trouble)
        single_purpose, has_paper = False, bool(session.execute(_SCANNABLE, {"id": value_id}).scalar_one())
    label, masked, issued_with, trouble = said
    customer = read_customer(session, value["customer_id"]) if value["customer_id"] else None
    last = value_papers.last_paper(session, value_id)
    return CardView(
        value_id=value_id,
        kind=value["kind"],
        label=label,
        masked=masked,
        left=value["amount"],
        issued_with=issued_with,
        valid_until=value["valid_until"],
        issued_at=value["issued_at"],
        state=value["state"],
        trouble=trouble,
        single_purpose=single_purpose,
        customer_id=value["customer_id"],
        customer_name=customer.details.name if customer else "",
        has_paper=has_paper,
        copies=last.copy_number if last is not None and not last.void else None,
        ledger=balances.read_ledger(session, value_id),
    )
