"""A promo code on a basket: pure, so that each key at the counter puts it on or takes it off at once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import accumulate
from types import MappingProxyType
from uuid import UUID

from boxoffice.errors import Refusal
from boxoffice.kinds import PromoEffect
from boxoffice.language import _, plural

from .. import basket as baskets
from ..basket import Basket, FormerTariff, Line, SeatLine

WHOLE = 10_000
"""All of a price, in basis points."""


@dataclass(frozen=True, slots=True)
class OpenedTariff:
    """A tariff that a code opens at a screening; the price is in cents."""

    tariff_id: int
    code: str
    label: str
    price_cents: int
    proof: str = ""
    minimum_group: int = 1


@dataclass(frozen=True, slots=True)
class PromoOffer:
    """What a code does, for which screenings. `code` is as lists show it.

    `uses_left` None: as many as wanted. Each use is good for `seats_per_use` seats; None: all of a basket.
    `opened` has the tariffs that it opens, by screening.
    """

    value_id: UUID
    code: str
    name: str
    effect: PromoEffect
    screenings: frozenset[int]
    opened: Mapping[int, OpenedTariff] = field(default_factory=lambda: MappingProxyType({}))
    percentage: int | None = None
    amount_cents: int | None = None
    uses_left: int | None = 1
    seats_per_use: int | None = 1
    needs_paid_seat: bool = False
    valid_until: date | None = None

    @property
    def most_seats(self) -> int | None:
        """How many seats of one basket it may cover; None: all of them."""
        if self.seats_per_use is None or self.uses_left is None:
            return None
        return self.seats_per_use * self.uses_left

    def opens(self, screening_id: int, tariff_id: int) -> bool:
        opened = self.opened.get(screening_id)
        return opened is not None and opened.tariff_id == tariff_id


def discount(offer: PromoOffer, price_cents: int) -> int:
    """What a code takes off one price: a percentage is rounded half up, nothing is taken below zero."""
    return discount_of(offer.percentage, offer.amount_cents, price_cents)


def discount_of(percentage: int | None, amount_cents: int | None, price_cents: int) -> int:
    """What so many basis points, or so many cents, take off a price."""
    if percentage is not None:
        return (2 * price_cents * percentage + WHOLE) // (2 * WHOLE)
    return min(price_cents, amount_cents or 0)


def uses_of(offer_seats: int | None, seats: int) -> int:
    """How many uses of a code so many seats of a basket are."""
    if not seats:
        return 0
    return 1 if offer_seats is None else -(-seats // offer_seats)


def put_on(basket: Basket, offer: PromoOffer) -> Basket:
    """The basket with a code on as many of its seats as it covers, the dearest first.

    Seats that it covered before are looked at anew. Raises Refusal when it lowers no price of this basket.
    """
    bare = take_off(basket, offer.value_id, keep_opened=True)
    seats = list(_one_by_one(bare))
    wanted = sorted(
        (index for index, line in enumerate(seats) if _gain(line, offer) > 0),
        key=lambda index: (-_gain(seats[index], offer), -index),
    )
    already = [line for line in seats if isinstance(line, SeatLine) and line.promo_code_id == offer.value_id]
    most = offer.most_seats
    room = len(wanted) if most is None else max(0, most - len(already))
    may = _with_company(seats, wanted, already) if offer.needs_paid_seat else wanted
    chosen = may[:room]
    if not chosen and not already:
        raise _nothing_to_do(offer, wanted)
    for index in chosen:
        line = seats[index]
        assert isinstance(line, SeatLine)
        seats[index] = _lowered(line, offer)
    return _gathered(bare, seats)


def put_on_seats(basket: Basket, chosen: Mapping[int, PromoOffer]) -> Basket:
    """The basket with each seat at a position of the sale, from 1, under the code chosen for it."""
    seats = list(_one_by_one(basket))
    for index, end in enumerate(accumulate(line.quantity for line in seats)):
        line, offer = seats[index], chosen.get(end)
        if offer is not None and isinstance(line, SeatLine) and _gain(line, offer) > 0:
            seats[index] = _lowered(line, offer)
    return _gathered(basket, seats)


def without(basket: Basket, offers: Iterable[PromoOffer]) -> tuple[Basket, tuple[PromoOffer, ...]]:
    """The basket without those of the codes that may go to other seats, and these codes.

    A code that opened the tariff a seat was chosen at stays, and one that gives a seat for another bought.
    """
    free = []
    for offer in offers:
        bare = take_off(basket, offer.value_id, keep_opened=True)
        if not offer.needs_paid_seat and offer.value_id not in codes_on(bare):
            basket = bare
            free.append(offer)
    return basket, tuple(free)


def take_off(basket: Basket, value_id: UUID, *, keep_opened: bool = False) -> Basket:
    """The basket without a code: prices as they were; seats sold at the tariff that it opens are gone.

    `keep_opened` leaves these seats: they were chosen at that tariff.
    """
    lines: list[Line] = []
    for line in basket:
        if not isinstance(line, SeatLine) or line.promo_code_id != value_id:
            lines.append(line)
        elif line.former_tariff is not None:
            lines.append(_restored(line, line.former_tariff))
        elif line.discount_cents:
            full = line.price_cents + line.discount_cents
            lines.append(replace(line, promo_code_id=None, price_cents=full, discount_cents=0))
        elif keep_opened:
            lines.append(line)
    return _gathered(basket, lines)


def codes_on(basket: Basket) -> frozenset[UUID]:
    """The codes that a basket uses."""
    return frozenset(
        line.promo_code_id for line in basket if isinstance(line, SeatLine) and line.promo_code_id is not None
    )


def alone(lines: Iterable[tuple[int, int, bool]]) -> bool:
    """Whether a seat given has no seat bought beside it; from (screening, price, given) of each seat."""
    given: Counter[int] = Counter()
    bought: Counter[int] = Counter()
    for screening_id, price_cents, is_given in lines:
        if is_given:
            given[screening_id] += 1
        elif price_cents > 0:
            bought[screening_id] += 1
    return any(count > bought[screening_id] for screening_id, count in given.items())


def left_alone(basket: Basket, offer: PromoOffer) -> bool:
    """Whether a seat that a code gives for another one bought has none beside it."""
    return offer.needs_paid_seat and alone(
        (line.screening_id, line.price_cents, line.promo_code_id == offer.value_id)
        for line in basket
        if isinstance(line, SeatLine)
        for _seat in range(line.quantity)
    )


def seats_with(basket: Basket, value_id: UUID) -> int:
    """How many seats of a basket a code covers."""
    return sum(
        line.quantity for line in basket if isinstance(line, SeatLine) and line.promo_code_id == value_id
    )


def needs_company() -> Refusal:
    """The refusal of a place given to somebody who comes alone."""
    return Refusal(
        _("« Une place achetée = une place offerte » : il faut deux personnes à la même séance."),
        _("Ajoutez une place payée à cette séance, ou retirez le code."),
    )


def gains(basket: Basket, offer: PromoOffer) -> dict[int, int]:
    """What a code would take off each seat that it covers, by position in the sale, from 1."""
    seats = list(_one_by_one(basket))
    ends = accumulate(line.quantity for line in seats)
    found = ((end, _gain(line, offer)) for end, line in zip(ends, seats, strict=True))
    return {end: gain for end, gain in found if gain > 0}


def _gain(line: Line, offer: PromoOffer) -> int:
    """What a code would take off one seat; zero where it does not cover it, or another code does.

    A group keeps its price: some of its seats at another one would be a group no more.
    """
    if not isinstance(line, SeatLine) or line.promo_code_id is not None or line.pass_id is not None:
        return 0
    if line.screening_id not in offer.screenings:
        return 0
    if line.minimum_group > 1 and offer.most_seats is not None:
        return 0
    if offer.effect is PromoEffect.OPENS_TARIFF:
        opened = offer.opened.get(line.screening_id)
        is_other = opened is not None and opened.tariff_id != line.tariff_id and not line.reservation_id
        return line.price_cents - opened.price_cents if opened is not None and is_other else 0
    return discount(offer, line.price_cents)


def _lowered(line: SeatLine, offer: PromoOffer) -> SeatLine:
    if offer.effect is PromoEffect.OPENS_TARIFF:
        opened = offer.opened[line.screening_id]
        return replace(
            line,
            tariff_id=opened.tariff_id,
            tariff_label=opened.label,
            price_cents=opened.price_cents,
            proof=opened.proof,
            minimum_group=opened.minimum_group,
            promo_code_id=offer.value_id,
            former_tariff=FormerTariff(
                line.tariff_id, line.tariff_label, line.price_cents, line.proof, line.minimum_group
            ),
        )
    off = discount(offer, line.price_cents)
    return replace(line, price_cents=line.price_cents - off, discount_cents=off, promo_code_id=offer.value_id)


def _restored(line: SeatLine, former: FormerTariff) -> SeatLine:
    return replace(
        line,
        tariff_id=former.tariff_id,
        tariff_label=former.label,
        price_cents=former.price_cents,
        proof=former.proof,
        minimum_group=former.minimum_group,
        promo_code_id=None,
        former_tariff=None,
    )


def _with_company(seats: list[Line], wanted: list[int], already: list[SeatLine]) -> list[int]:
    """Those of the seats wanted that have a seat bought beside them at the same screening."""
    chosen: list[int] = []
    for index in wanted:
        given = {*chosen, index}
        told = [
            (line.screening_id, line.price_cents, at in given or line in already)
            for at, line in enumerate(seats)
            if isinstance(line, SeatLine)
        ]
        if not alone(told):
            chosen.append(index)
    return chosen


def _nothing_to_do(offer: PromoOffer, wanted: list[int]) -> Refusal:
    if wanted:
        return needs_company()
    if offer.uses_left == 0:
        return Refusal(_("Code promo {code} : déjà utilisé.").format(code=offer.code))
    return Refusal(
        plural(
            "Le code {code} ne baisse le prix d'aucune place de ce panier : il vaut pour {count} séance.",
            "Le code {code} ne baisse le prix d'aucune place de ce panier : il vaut pour {count} séances.",
            len(offer.screenings),
        ).format(code=offer.code, count=len(offer.screenings)),
        _("Choisissez une séance qu'il couvre."),
    )


def _one_by_one(basket: Basket) -> Iterator[Line]:
    """Each seat on a line of its own, with the name of who comes."""
    for line in basket:
        if not isinstance(line, SeatLine):
            yield line
            continue
        for seat in range(line.quantity):
            yield replace(line, quantity=1, holders=line.holders[seat : seat + 1])


def _gathered(basket: Basket, lines: Iterable[Line]) -> Basket:
    """The basket with these lines, those of the same thing at the same price together again."""
    gathered = replace(basket, lines=())
    for line in lines:
        there = next((i for i, other in enumerate(gathered) if _same(other, line)), None)
        if there is None:
            gathered = replace(gathered, lines=(*gathered.lines, line))
            continue
        before = gathered.lines[there]
        gathered = baskets.set_quantity(gathered, there, before.quantity + line.quantity)
        if isinstance(before, SeatLine) and isinstance(line, SeatLine):
            gathered = baskets.set_holders(gathered, there, before.holders + line.holders)
    return gathered


def _same(line: Line, other: Line) -> bool:
    return line.key == other.key and line.price_cents == other.price_cents
