"""Prepaid place cards: what one is good for at a scan, in whose wallet, and the seats that it pays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import RowMapping, Table, bindparam, insert, select
from sqlmodel import Session

from boxoffice.clock import Clock, business_day, in_paris, say
from boxoffice.errors import Refusal
from boxoffice.kinds import CardSource, MovementKind, StoredValueKind
from boxoffice.language import _, spoken
from boxoffice.models import (
    FormerValueCode,
    PlaceCard,
    PlaceCardHolder,
    PlaceCardKind,
    PriceList,
    StoredValue,
    table,
)

from .. import means
from ..basket import PlaceCardLine
from ..books.value_books import described_place_card
from ..codes import (
    CodeKind,
    grouped,
    masked,
    new_card_number,
    new_code,
    normalised,
    read_code,
)
from ..people.customer_details import folded
from ..people.customers import standing_id
from ..pricing import Priced
from ..settlement import Tender
from ..staff.desk import Desk
from .eligibility import PlaceTerms, SeatAsked, covered_cents, named_in, obstacle
from .guessing import UnknownCode
from .obstacles import state_words
from .value_changes import Move, NewValue

_value, _card, _kind = table(StoredValue), table(PlaceCard), table(PlaceCardKind)
_holder, _former, _list = table(PlaceCardHolder), table(FormerValueCode), table(PriceList)

_CARDS = (
    select(
        _value,
        _card.c.number,
        _card.c.code,
        _card.c.source,
        _card.c.kind_id,
        _kind.c.code.label("kind_code"),
        _kind.c.label,
        _kind.c.places,
        _kind.c.vat_rate,
        _kind.c.nominative,
        _kind.c.includes_supplement,
        _kind.c.weekdays,
        _kind.c.sections,
        _kind.c.price_lists,
    )
    .join(_card, _card.c.value_id == _value.c.id)
    .join(_kind, _kind.c.id == _card.c.kind_id)
)
_BY_ID = _CARDS.where(_value.c.id.in_(bindparam("ids", expanding=True)))
_BY_CODE = select(_card.c.value_id).where(_card.c.code == bindparam("code"))
_BY_NUMBER = select(_card.c.value_id).where(_card.c.number == bindparam("number"))
_REPLACED = select(_former.c.replaced_at).where(_former.c.code == bindparam("code"))
_SURNAME = select(_holder.c.surname).where(_holder.c.value_id == bindparam("id"))
_LISTS = select(_list.c.id, _list.c.code, _list.c.supplement_cents)
_KINDS = select(_kind).where(_kind.c.id.in_(bindparam("ids", expanding=True)))

Row = Mapping[Any, Any]
CardRows = tuple[tuple[Table, Mapping[str, Any]], ...]


class SurnameNeeded(Refusal):
    """A card that serves with its number and the surname of its holder: it is to be asked for."""


@dataclass(frozen=True, slots=True)
class CardState:
    """A place card as a scan finds it. `places_left` None: as many as wanted.

    `trouble` says in a sentence why it serves nothing at all any more; empty when it does. `number` is as it
    is printed, `masked` as lists show it.
    """

    value_id: UUID
    kind_id: int
    label: str
    number: str
    masked: str
    places_left: int | None
    places: int | None
    terms: PlaceTerms
    customer_id: UUID | None
    trouble: str = ""

    @property
    def valid_until(self) -> date | None:
        return self.terms.valid_until


def look_up(
    session: Session, text: str, desk: Desk, *, clock: Clock, surname: str | None = None
) -> CardState:
    """The card of a scanned code or typed number, with the places left and its end of validity.

    Raises SurnameNeeded for a nominative card, UnknownCode for one that nobody knows or of another name,
    Refusal for one that was replaced.
    """
    value_id = find(session, text)
    card = session.execute(_BY_ID, {"ids": [value_id]}).mappings().one()
    if card["nominative"]:
        if surname is None:
            raise SurnameNeeded(
                _("{label} : nominative.").format(label=card["label"]), _("Tapez le nom de son titulaire.")
            )
        if session.execute(_SURNAME, {"id": value_id}).scalar_one_or_none() != folded(surname):
            raise UnknownCode(
                _("Ce numéro et ce nom ne vont pas ensemble."), _("Vérifiez une pièce d'identité.")
            )
    return _state(card, business_day(clock.now(), desk.post.rules.business_day_starts))


def find(session: Session, text: str) -> UUID:
    """The value of a scanned code or typed number. Raises Refusal for an unknown or replaced one."""
    scanned = read_code(text)
    if scanned is not None and scanned[0] is CodeKind.PLACE_CARD:
        code, statement = scanned[1], _BY_CODE
    else:
        code, statement = normalised(text), _BY_NUMBER
    found: UUID | None = session.execute(statement, {"code": code, "number": code}).scalar_one_or_none()
    if found is not None:
        return found
    if replaced_at := session.execute(_REPLACED, {"code": code}).scalar_one_or_none():
        raise Refusal(
            _("Cette carte a été remplacée le {when}.").format(
                when=say(replaced_at, _("EEE d MMM 'à' H 'h' mm"), spoken())
            ),
            _("Demandez la nouvelle."),
        )
    said = (
        _("Cette carte de places est inconnue.") if scanned else _("Aucune carte n'a ce code ni ce numéro.")
    )
    raise UnknownCode(said, _("Vérifiez son numéro."))


def states(session: Session, value_ids: Iterable[UUID], desk: Desk, *, clock: Clock) -> tuple[CardState, ...]:
    """The cards of these values that are place cards, the soonest to end first."""
    today = business_day(clock.now(), desk.post.rules.business_day_starts)
    rows = session.execute(_BY_ID, {"ids": list(value_ids)}).mappings()
    found = [_state(row, today) for row in rows]
    return tuple(sorted(found, key=lambda card: (card.valid_until or date.max, card.label, card.number)))


def in_wallet(session: Session, customer_id: UUID, desk: Desk, *, clock: Clock) -> tuple[CardState, ...]:
    """The cards that a customer keeps here and that still serve, the soonest to end first."""
    ids = session.execute(
        select(_value.c.id).where(
            _value.c.customer_id == customer_id, _value.c.kind == StoredValueKind.PLACE_CARD
        )
    ).scalars()
    return tuple(card for card in states(session, ids, desk, clock=clock) if not card.trouble)


def pay(card: CardState, position: int, seat: SeatAsked, vat_rate: int) -> Tender:
    """What one place of a card pays of the line at `position`, which is charged with `vat_rate`.

    Raises Refusal where it does not pay that seat: what counts is the day of the screening.
    """
    if card.trouble:
        raise Refusal(card.trouble, _("Demandez un autre moyen de paiement."))
    if reason := obstacle(card.terms, seat):
        raise _not_eligible(card.label, seat, reason)
    return Tender(
        means.PLACE_CARD.code,
        covered_cents(card.terms, seat),
        value_id=card.value_id,
        vat_rate=vat_rate,
        covers=position,
    )


def draw(session: Session, tender: Tender, position: int, priced: Priced) -> Move:
    """The place that a payment at `position` takes, held to the seat that it covers.

    Raises Refusal where the card does not pay that seat, or not that much.
    """
    card = session.execute(_BY_ID, {"ids": [tender.value_id]}).mappings().one_or_none()
    offer = priced.offer_of(tender.covers or 0)
    if card is None or offer is None:
        raise Refusal(
            _("Une place de carte paie une place d'une séance."),
            _("Retirez-la, puis scannez la carte de nouveau."),
        )
    line = priced.lines[(tender.covers or 0) - 1]
    price_list = session.execute(_LISTS.where(_list.c.id == offer["price_list_id"])).mappings().one()
    seat, terms = seat_asked(offer, line["unit_price_cents"], price_list), terms_of(card)
    if reason := obstacle(terms, seat):
        raise _not_eligible(card["label"], seat, reason)
    if (tender.amount_cents, tender.vat_rate) != (covered_cents(terms, seat), line["vat_rate"]):
        raise Refusal(
            _("{label} : le prix de cette place a changé.").format(label=card["label"]),
            _("Retirez la carte, puis scannez-la de nouveau."),
        )
    day = in_paris(offer["starts_at"]).date()
    return Move(card["id"], MovementKind.USED, -1, position=position, on=day)


def make(
    session: Session, line: PlaceCardLine, row: Row, priced: Priced, *, at: datetime
) -> tuple[NewValue, CardRows]:
    """The card that a line sells, kept in the wallet of whom the customer who was named is today."""
    kind_id = priced.articles[line.product_id]["place_card_kind_id"]
    kind = kinds(session, [kind_id])[kind_id]
    if not kind["active"]:
        raise Refusal(
            _("{label} n'est plus proposé.").format(label=line.label), _("Retirez cette ligne du panier.")
        )
    named = priced.basket.customer_id
    card = new_card(
        kind,
        CardSource.COUNTER,
        at,
        value_id=line.value_id,
        customer_id=None if named is None else standing_id(session, named),
        surname=line.surname,
        sale=(row["sale_id"], row["position"]),
    )
    return card.value, card.rows


def seat_asked(offer: Row, price_cents: int, price_list: Row) -> SeatAsked:
    """A seat of a screening under a tariff as cards look at it."""
    return SeatAsked(
        title=offer["title"],
        starts_at=offer["starts_at"],
        section=offer["section"],
        price_list=price_list["code"],
        price_cents=price_cents,
        vat_rate=offer["vat_rate"],
        supplement_cents=price_list["supplement_cents"],
    )


def terms_of(card: Row) -> PlaceTerms:
    """What a card was made for, from the rows of its kind and value."""
    return PlaceTerms(
        label=card["label"],
        vat_rate=card["vat_rate"],
        weekdays=card["weekdays"],
        sections=named_in(card["sections"]),
        price_lists=named_in(card["price_lists"]),
        includes_supplement=card["includes_supplement"],
        valid_from=card["valid_from"],
        valid_until=card["valid_until"],
    )


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card to write down with the value that it is of; its rows come after the value and its line."""

    value: NewValue
    rows: CardRows


def new_card(
    kind: Row,
    source: CardSource,
    at: datetime,
    *,
    value_id: UUID | None = None,
    number: str = "",
    customer_id: UUID | None = None,
    surname: str = "",
    sale: tuple[UUID, int] | None = None,
    validity: tuple[date | None, date | None] | None = None,
) -> NewCard:
    """A card of a kind, issued at `at`: sold by a line, given, or numbered elsewhere.

    Raises Refusal for a nominative card without a surname.
    """
    if kind["nominative"] and not folded(surname):
        raise Refusal(_("{label} : il faut le nom de son titulaire.").format(label=kind["label"]))
    sale_id, position = sale or (None, None)
    row = {
        "value_id": value_id or uuid4(),
        "kind_id": kind["id"],
        "number": number or new_card_number(),
        "code": None if source is CardSource.ELSEWHERE else new_code(CodeKind.PLACE_CARD),
        "source": source,
        "sale_id": sale_id,
        "sale_position": position,
    }
    valid_from, valid_until = validity or (None, ends_on(kind, in_paris(at).date()))
    value = NewValue(
        row["value_id"],
        StoredValueKind.PLACE_CARD,
        kind["places"],
        customer_id=customer_id,
        valid_from=valid_from,
        valid_until=valid_until,
        told=described_place_card(row, {kind["id"]: kind["code"]}),
        position=position,
    )
    holder = {"value_id": row["value_id"], "surname": folded(surname)}
    return NewCard(value, ((_card, row), *([(_holder, holder)] if kind["nominative"] else [])))


def write_down(session: Session, cards: Iterable[NewCard]) -> None:
    """Write down cards whose values have been brought in."""
    rows: dict[Table, list[Mapping[str, Any]]] = {_card: [], _holder: []}
    for card in cards:
        for into, row in card.rows:
            rows[into].append(row)
    for into, several in rows.items():
        if several:
            session.connection().execute(insert(into), several)


def ends_on(kind: Row, issued_on: date) -> date | None:
    """The last day of screenings that a card issued that day is good for."""
    ends = [kind["valid_until"]] if kind["valid_until"] else []
    if kind["valid_days"] is not None:
        ends.append(issued_on + timedelta(days=kind["valid_days"]))
    return min(ends, default=None)


def kinds(session: Session, ids: Iterable[int]) -> dict[int, RowMapping]:
    """Kinds of cards by id."""
    return {row["id"]: row for row in session.execute(_KINDS, {"ids": list(ids)}).mappings()}


def number_shown(number: str) -> str:
    """A number as it is printed: digits in groups, others as they came."""
    return grouped(number) if number.isdigit() else number


def _state(card: RowMapping, today: date) -> CardState:
    hidden = masked(card["number"])
    name = f"{card['label']} {hidden}"
    trouble = state_words(card, name)
    if not trouble and card["amount"] == 0:
        trouble = _("{name} : il ne reste aucune place.").format(name=name)
    if not trouble and card["valid_until"] is not None and card["valid_until"] < today:
        trouble = _("{name} : n'était valable que jusqu'au {day}.").format(
            name=name, day=card["valid_until"].strftime("%d/%m/%Y")
        )
    return CardState(
        value_id=card["id"],
        kind_id=card["kind_id"],
        label=card["label"],
        number=number_shown(card["number"]),
        masked=hidden,
        places_left=card["amount"],
        places=card["places"],
        terms=terms_of(card),
        customer_id=card["customer_id"],
        trouble=trouble,
    )


def _not_eligible(label: str, seat: SeatAsked, reason: str) -> Refusal:
    return Refusal(
        _("{label}, {title} : {reason}.").format(label=label, title=seat.title, reason=reason),
        _("Choisissez un autre moyen de paiement, ou une autre séance."),
    )
