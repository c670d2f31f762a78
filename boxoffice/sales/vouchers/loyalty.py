"""Points that a named customer earns by what they pay with money, and the places that they give for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Row, bindparam, func, or_, select
from sqlmodel import Session

from boxoffice.clock import Clock, in_paris, paris, say
from boxoffice.errors import Refusal
from boxoffice.kinds import CardSource, MovementKind, StoredValueKind
from boxoffice.language import _, spoken
from boxoffice.models import Customer, Payment, PlaceCardKind, Sale, StoredValue, ValueMovement, table

from .. import means
from ..people.customers import held_customer, standing_id
from ..pricing import Priced
from ..refunds import Refund
from ..settlement import Tender
from ..staff.desk import Desk
from ..staff.standing import shift_still_open
from . import place_cards, stored_values
from .place_cards import CardState
from .stored_values import account_id
from .value_changes import NOTHING, Changes, Move, NewValue

_value, _movement, _kind = table(StoredValue), table(ValueMovement), table(PlaceCardKind)
_sale, _payment, _customer = table(Sale), table(Payment), table(Customer)

BIRTHDAY_DAYS = 30
"""Days after a birthday within which its place may be asked for."""

_BIRTHDAYS = UUID("0a5f43d2-9b0e-4f7e-8a64-3a8c2b6f5d10")
_MONEY = tuple(each.code for each in means.ALL)
_EARNED = (
    select(_movement.c.amount, _value.c.customer_id)
    .join(_value, _value.c.id == _movement.c.value_id)
    .where(_movement.c.sale_id == bindparam("sale"), _movement.c.kind == MovementKind.EARNED)
)
_PAID = select(func.coalesce(func.sum(_payment.c.amount_cents), 0)).where(
    _payment.c.sale_id == bindparam("sale"), _payment.c.means.in_(_MONEY)
)
_GIVEN_BACK = (
    select(_sale.c.id, func.sum(_payment.c.amount_cents).label("cents"))
    .join(_payment, _payment.c.sale_id == _sale.c.id)
    .where(_sale.c.reverses_sale_id == bindparam("sale"), _payment.c.means.in_(_MONEY))
    .group_by(_sale.c.id, _sale.c.at, _sale.c.number)
    .order_by(_sale.c.at, _sale.c.number)
)
_REVERSED = select(_sale.c.reverses_sale_id).where(_sale.c.id == bindparam("sale"))
_TAKEN = select(func.coalesce(-func.sum(_movement.c.amount), 0)).where(
    _movement.c.sale_id == bindparam("sale"),
    _movement.c.kind == MovementKind.TAKEN_BACK,
    _movement.c.value_id.in_(select(_value.c.id).where(_value.c.kind == StoredValueKind.POINTS)),
)
_KINDS = (
    select(_kind)
    .where(_kind.c.active, or_(_kind.c.points.is_not(None), _kind.c.birthday))
    .order_by(_kind.c.points, _kind.c.label)
)
_PEOPLE = select(_customer.c.id, _customer.c.birth_date, _customer.c.erased_at).where(
    or_(_customer.c.id == bindparam("id"), _customer.c.merged_into_id == bindparam("id"))
)


@dataclass(frozen=True, slots=True)
class RewardOffer:
    """A place that may be had for so many points; `missing` is how many more it takes."""

    kind_id: int
    label: str
    points: int
    missing: int


@dataclass(frozen=True, slots=True)
class Loyalty:
    """The points of a customer, what they are good for, and the kinds of birthday place due to them today.

    The history is the ledger of `value_id`, which had so many `movements`.
    """

    value_id: UUID
    points: int
    rewards: tuple[RewardOffer, ...]
    birthday: tuple[tuple[int, str], ...]
    movements: int = 0


@dataclass(frozen=True, slots=True)
class PointsBack:
    """The points that a reversal was to take back, and those that were still there."""

    due: int
    taken: int

    @property
    def missing(self) -> int:
        return self.due - self.taken


def earn(session: Session, priced: Priced, tenders: Sequence[Tender], desk: Desk, *, at: datetime) -> Changes:
    """The points that a sale brings to the customer it is in the name of, for what is paid with money."""
    customer_id, points = priced.basket.customer_id, _earned_by(tenders, desk)
    if customer_id is None or points <= 0:
        return NOTHING
    opened = open_points(session, customer_id, tenders, desk, at=at)
    value_id = account_id(standing_id(session, customer_id), StoredValueKind.POINTS)
    return Changes(opened=opened, moves=(Move(value_id, MovementKind.EARNED, points),))


def open_points(
    session: Session, customer_id: UUID | None, tenders: Sequence[Tender], desk: Desk, *, at: datetime
) -> tuple[NewValue, ...]:
    """Open the points of a customer who earns some by a sale, unless they are: before any value is held."""
    if customer_id is None or _earned_by(tenders, desk) <= 0:
        return ()
    standing = standing_id(session, customer_id)
    return stored_values.open_account(session, standing, StoredValueKind.POINTS, at=at)


def _earned_by(tenders: Sequence[Tender], desk: Desk) -> int:
    """The points for what is paid with money."""
    money = sum(tender.amount_cents for tender in tenders if tender.means in _MONEY)
    return money * desk.post.rules.points_per_euro // 100


def take_back(session: Session, original_id: UUID, refunds: Iterable[Refund]) -> Changes:
    """The points that go with the money given back of a sale; those spent already cannot be taken."""
    earned, back = _to_take_back(session, original_id, refunds)
    if earned is None or not back.taken:
        return NOTHING
    return Changes(moves=(Move(_account_of(session, earned), MovementKind.TAKEN_BACK, -back.taken),))


def missing_points(session: Session, original_id: UUID, refunds: Iterable[Refund]) -> int:
    """How many of the points that go with the money given back of a sale were spent already."""
    return _to_take_back(session, original_id, refunds)[1].missing


def _to_take_back(
    session: Session, original_id: UUID, refunds: Iterable[Refund]
) -> tuple[Row[Any] | None, PointsBack]:
    """What a sale earned, if anything, and the points that go with the money given back of it."""
    money = sum(refund.amount_cents for refund in refunds if refund.means in _MONEY)
    earned = session.execute(_EARNED, {"sale": original_id}).one_or_none() if money else None
    if earned is None:
        return None, PointsBack(0, 0)
    there = stored_values.read(session, _account_of(session, earned))
    due = _due(session, original_id, earned.amount, money)
    return earned, PointsBack(due, min(due, there["amount"] if there else 0))


def _account_of(session: Session, earned: Row[Any]) -> UUID:
    """The points of whom the customer that earned some is today."""
    return account_id(standing_id(session, earned.customer_id), StoredValueKind.POINTS)


def points_back(session: Session, reversal_id: UUID) -> PointsBack:
    """What a reversal that was made did to the points of its customer."""
    original_id = session.execute(_REVERSED, {"sale": reversal_id}).scalar_one()
    earned = session.execute(_EARNED, {"sale": original_id}).one_or_none()
    if earned is None:
        return PointsBack(0, 0)
    money = -session.execute(_PAID, {"sale": reversal_id}).scalar_one()
    due = _due(session, original_id, earned.amount, money, until=reversal_id)
    return PointsBack(due, session.execute(_TAKEN, {"sale": reversal_id}).scalar_one())


def read_loyalty(session: Session, customer_id: UUID, *, clock: Clock) -> Loyalty:
    """The points of a customer and what may be had for them, today's birthday place included."""
    standing = standing_id(session, customer_id)
    value_id = account_id(standing, StoredValueKind.POINTS)
    there = stored_values.read(session, value_id)
    points = there["amount"] if there else 0
    kinds = session.execute(_KINDS).mappings().all()
    birthday = _birthday_to_claim(session, standing, in_paris(clock.now()).date())
    return Loyalty(
        value_id=value_id,
        points=points,
        rewards=tuple(
            RewardOffer(kind["id"], kind["label"], kind["points"], max(0, kind["points"] - points))
            for kind in kinds
            if kind["points"] is not None
        ),
        birthday=tuple((kind["id"], kind["label"]) for kind in kinds if kind["birthday"] and birthday),
        movements=there["movements"] if there else 0,
    )


def reward(
    session: Session,
    customer_id: UUID,
    kind_id: int,
    desk: Desk,
    *,
    clock: Clock,
    value_id: UUID | None = None,
) -> CardState:
    """Turn points of a customer into a place, which is put in their wallet.

    `value_id` was made when it was asked for: a second try under it returns the place of the first.
    Raises Refusal when there are too few points, and for a kind that is not given for points.
    """
    shift_still_open(session, desk, at=clock.now())
    at, standing = clock.now(), held_customer(session, customer_id)
    account = account_id(standing, StoredValueKind.POINTS)
    there = stored_values.read(session, account)
    if value_id is not None and (given := place_cards.states(session, [value_id], desk, clock=clock)):
        return given[0]
    kind = place_cards.kinds(session, [kind_id]).get(kind_id)
    if kind is None or kind["points"] is None or not kind["active"]:
        raise Refusal(_("Cette place ne se donne pas contre des points."))
    points = there["amount"] if there else 0
    if points < kind["points"]:
        raise Refusal(
            _("{label} : il faut {needed} points, et le client en a {points}.").format(
                label=kind["label"], needed=kind["points"], points=points
            )
        )
    card = place_cards.new_card(kind, CardSource.GIVEN, at, value_id=value_id, customer_id=standing)
    moves = [Move(account, MovementKind.REWARDED, -kind["points"], reason=kind["code"])]
    stored_values.tell(session, desk, "rewarded", at=at, moves=moves, issued=[card.value])
    place_cards.write_down(session, [card])
    return place_cards.states(session, [card.value.id], desk, clock=clock)[0]


def give_birthday_place(
    session: Session, customer_id: UUID, kind_id: int, desk: Desk, *, clock: Clock
) -> CardState:
    """Give a customer the place of this year's birthday, which is put in their wallet.

    Raises Refusal on other days, and once it has been given, which it says.
    """
    shift_still_open(session, desk, at=clock.now())
    at, standing = clock.now(), held_customer(session, customer_id, alone=True)
    kind = place_cards.kinds(session, [kind_id]).get(kind_id)
    birthday = _birthday_to_claim(session, standing, in_paris(at).date())
    if birthday is None and (given_at := _given_at(session, standing, in_paris(at).date())):
        raise Refusal(
            _("La place d'anniversaire de ce client lui a été donnée le {when}.").format(
                when=say(given_at, _("EEE d MMM 'à' H 'h' mm"), spoken())
            ),
            _("Elle est dans son portefeuille, tant qu'elle n'a pas servi."),
        )
    if kind is None or not kind["birthday"] or not kind["active"] or birthday is None:
        raise Refusal(
            _("Aucune place d'anniversaire n'est due aujourd'hui à ce client."),
            _("Elle se demande dans les {days} jours qui suivent l'anniversaire, une fois par an.").format(
                days=BIRTHDAY_DAYS
            ),
        )
    card = place_cards.new_card(
        kind, CardSource.GIVEN, at, value_id=_birthday_id(standing, birthday), customer_id=standing
    )
    stored_values.tell(session, desk, "given_for_birthday", at=at, issued=[card.value])
    place_cards.write_down(session, [card])
    return place_cards.states(session, [card.value.id], desk, clock=clock)[0]


def last_birthday(birth_date: date, today: date) -> date:
    """The latest birthday that is not to come; those born on 29 February have it on the 28th otherwise."""
    this_year = _in_year(birth_date, today.year)
    return this_year if this_year <= today else _in_year(birth_date, today.year - 1)


def _in_year(birth_date: date, year: int) -> date:
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _birthday_to_claim(session: Session, customer_id: UUID, today: date) -> date | None:
    """The birthday whose place a customer may have today; None if there is none, or it was given.

    A place given to a customer merged into this one was given; so was that of a birthday of another year, if
    it came too lately: the date of birth was corrected since.
    """
    people = session.execute(_PEOPLE, {"id": customer_id}).all()
    birth_date = next((row.birth_date for row in people if row.id == customer_id), None)
    if birth_date is None or birth_date > today:
        return None
    birthday = last_birthday(birth_date, today)
    if birthday == birth_date or today > birthday + timedelta(days=BIRTHDAY_DAYS):
        return None
    years = (birthday.year - 1, birthday.year, birthday.year + 1)
    last, given, next_one = (
        [_birthday_id(row.id, _in_year(birth_date, year)) for row in people] for year in years
    )
    lately = paris(today - timedelta(days=364 - BIRTHDAY_DAYS), time())
    found = session.execute(
        select(_value.c.id).where(
            or_(_value.c.id.in_(given), _value.c.id.in_([*last, *next_one]) & (_value.c.issued_at > lately))
        )
    ).first()
    return birthday if found is None else None


def _given_at(session: Session, customer_id: UUID, today: date) -> datetime | None:
    """When the place of the latest birthday of a customer was given, if it was."""
    people = session.execute(_PEOPLE, {"id": customer_id}).all()
    birth_date = next((row.birth_date for row in people if row.id == customer_id), None)
    if birth_date is None:
        return None
    birthday = last_birthday(birth_date, today)
    given = select(_value.c.issued_at).where(
        _value.c.id.in_([_birthday_id(row.id, birthday) for row in people])
    )
    return session.execute(given).scalars().first()


def _birthday_id(customer_id: UUID, birthday: date) -> UUID:
    """The value of the one place that a customer is given for a birthday."""
    return uuid5(_BIRTHDAYS, f"{birthday.year} {customer_id}")


def _due(session: Session, original_id: UUID, earned: int, money: int, *, until: UUID | None = None) -> int:
    """The points that go with so much more money given back of a sale, after what was before `until`."""
    paid = session.execute(_PAID, {"sale": original_id}).scalar_one()
    given = 0
    for row in session.execute(_GIVEN_BACK, {"sale": original_id}):
        if row.id == until:
            break
        given -= row.cents
    return _left(earned, paid, given) - _left(earned, paid, given + money)


def _left(earned: int, paid: int, given_back: int) -> int:
    """The points left of a sale once so much of its money was given back."""
    return earned * max(0, paid - given_back) // paid if paid else 0
