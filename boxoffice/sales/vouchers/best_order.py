"""The order in which to pay with all that is known of a customer: least money first, then least wasted.

What is spent is compared from the most to the least precious: money, the balance, points, then everything
else by its end of validity, the latest first; of what ends on the same day, what pays for least is spent
first. Whole places thus go to the dearest seats, and a card to what only it can pay.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import NamedTuple
from uuid import UUID

from boxoffice.language import _
from boxoffice.money import format_euros

from .proposal import (
    BalanceStep,
    CardKnown,
    CardStep,
    CodeKnown,
    CodeStep,
    Known,
    LineDue,
    PlacesKnown,
    PlaceStep,
    Proposal,
    RewardKnown,
    RewardStep,
    Step,
)

MOST_WAYS = 20_000
"""Ways of giving places to seats that are compared; beyond, the dearest seats get them one by one."""


class _Way(NamedTuple):
    """How one line is dealt with: by a code, by a place of one sort, by both or neither."""

    code: int | None
    payer: int | None


@dataclass(frozen=True, slots=True)
class _Payer:
    """Cards whose places do the same, or a reward: `cards` by end of validity, the soonest first."""

    covers: Mapping[int, int]
    cards: tuple[PlacesKnown, ...] = ()
    reward: RewardKnown | None = None

    @property
    def most(self) -> int | None:
        """How many places there are; None is as many as wanted."""
        if any(card.places is None for card in self.cards):
            return None
        return sum(card.places or 0 for card in self.cards)


@dataclass(slots=True)
class _Plan:
    """Ways chosen for every line, and what that leaves to the cards and the balance."""

    ways: dict[int, _Way] = field(default_factory=dict)
    spent: tuple[int, ...] = ()
    cards: dict[UUID, int] = field(default_factory=dict)
    exchanged: int = 0
    balance: int = 0
    money: int = 0


def best_order(lines: Sequence[LineDue], known: Known) -> Proposal:
    """The proposal that costs the customer least and wastes least; nothing where nothing is known.

    What seats given back bring is used up first: nothing more of it is left over than there must be.
    """
    table = _Table(tuple(lines), known)
    best = min(table.plans(), key=lambda plan: (-plan.exchanged, plan.spent))
    return Proposal(tuple(table.steps(best)), best.money)


class _Table:
    """The lines, sorted into those that are alike, and what may be done with each."""

    def __init__(self, lines: tuple[LineDue, ...], known: Known) -> None:
        self._lines = {line.position: line for line in lines}
        self._known = known
        self._payers = _payers(known)
        self._precious = _by_preciousness(known)
        alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for line in lines:
            alike[self._likeness(line)].append(line.position)
        self._classes = [(positions, self._ways(positions[0])) for positions in alike.values()]

    def _likeness(self, line: LineDue) -> tuple[object, ...]:
        return (
            line.price_cents,
            line.vat_rate,
            line.buys_value,
            *(payer.covers.get(line.position, 0) for payer in self._payers),
            *(code.off.get(line.position, 0) for code in self._known.codes),
        )

    def _ways(self, position: int) -> list[_Way]:
        codes = [None, *(i for i, code in enumerate(self._known.codes) if code.off.get(position, 0) > 0)]
        payers = [None, *(i for i, payer in enumerate(self._payers) if payer.covers.get(position, 0) > 0)]
        return [
            way
            for way in map(_Way._make, product(codes, payers))
            if way.payer is None or self._covered(position, way) > 0
        ]

    def _price(self, position: int, way: _Way) -> int:
        price = self._lines[position].price_cents
        return price if way.code is None else max(0, price - self._known.codes[way.code].off[position])

    def _covered(self, position: int, way: _Way) -> int:
        """What a place pays of a line: a supplement that it does not include stays due after a code too."""
        if way.payer is None:
            return 0
        price = self._lines[position].price_cents
        supplement = price - self._payers[way.payer].covers[position]
        return max(0, self._price(position, way) - supplement)

    def plans(self) -> Iterator[_Plan]:
        """Every way that is worth comparing; at least that of paying with cards and balance alone."""
        ways = 1
        for positions, choices in self._classes:
            ways *= _ways_to_share(len(positions), len(choices))
        if ways > MOST_WAYS:
            yield self._settled(self._one_by_one())
            yield self._settled({position: _Way(None, None) for position in self._lines})
            return
        for shared in self._shared(0, {}):
            yield self._settled(shared)

    def _shared(self, at: int, so_far: dict[int, _Way]) -> Iterator[dict[int, _Way]]:
        if at == len(self._classes):
            yield so_far
            return
        positions, choices = self._classes[at]
        for counts in _compositions(len(positions), len(choices)):
            ways = dict(so_far)
            chosen = [way for way, count in zip(choices, counts, strict=True) for _n in range(count)]
            ways.update(zip(positions, chosen, strict=True))
            if self._is_possible(ways):
                yield from self._shared(at + 1, ways)

    def _is_possible(self, ways: Mapping[int, _Way]) -> bool:
        codes = Counter(way.code for way in ways.values() if way.code is not None)
        payers = Counter(way.payer for way in ways.values() if way.payer is not None)
        points = 0
        for index, count in payers.items():
            payer = self._payers[index]
            if payer.reward is not None:
                points += count * payer.reward.points
            elif payer.most is not None and count > payer.most:
                return False
        seats = (self._known.codes[index].seats for index in codes)
        return points <= self._known.points and all(
            most is None or count <= most for most, count in zip(seats, codes.values(), strict=True)
        )

    def _one_by_one(self) -> dict[int, _Way]:
        """The dearest lines first, each by the way that leaves least of it to pay."""
        ways: dict[int, _Way] = {}
        for positions, choices in sorted(
            self._classes, key=lambda alike: -self._lines[alike[0][0]].price_cents
        ):
            for position in positions:
                for way in sorted(choices, key=lambda way: self._left(position, way)):
                    if self._is_possible({**ways, position: way}):
                        ways[position] = way
                        break
        return ways

    def _left(self, position: int, way: _Way) -> int:
        return self._price(position, way) - self._covered(position, way)

    def _settled(self, ways: dict[int, _Way]) -> _Plan:
        """What is left to an exchange, to the cards, soonest to end first, to the balance, and to money."""
        plan = _Plan(ways)
        due_at: Counter[int] = Counter()
        value = 0
        for position, way in ways.items():
            left = self._left(position, way)
            if self._lines[position].buys_value:
                value += left
            else:
                due_at[self._lines[position].vat_rate] += left
        payable = due_at.total()

        def pay(rate: int | None, cents: int) -> int:
            nonlocal payable
            part = max(0, min(cents, payable if rate is None else min(payable, due_at[rate])))
            payable -= part
            if rate is not None:
                due_at[rate] -= part
            return part

        plan.exchanged = sum(pay(rate, cents) for rate, cents in self._known.exchanged)
        for thing in reversed(self._precious):
            if isinstance(thing, CardKnown) and (part := pay(thing.vat_rate, thing.amount_cents)):
                plan.cards[thing.value_id] = part
        due = payable + value
        plan.balance = min(due, self._known.balance.amount_cents) if self._known.balance else 0
        plan.money = due - plan.balance
        plan.spent = self._spent(plan)
        return plan

    def _spent(self, plan: _Plan) -> tuple[int, ...]:
        """What a plan spends, the most precious first."""
        used: Counter[UUID] = Counter(plan.cards)
        points = 0
        for index, count in Counter(way.payer for way in plan.ways.values() if way.payer is not None).items():
            payer = self._payers[index]
            if payer.reward is not None:
                points += count * payer.reward.points
            for card in _drawn(payer.cards, count):
                used[card.value_id] += 1
        for index in {way.code for way in plan.ways.values() if way.code is not None}:
            used[self._known.codes[index].value_id] = 1
        return (plan.money, plan.balance, points, *(used[thing.value_id] for thing in self._precious))

    def steps(self, plan: _Plan) -> Iterator[Step]:
        """What to do, codes first, then in the order of validity, the balance last."""
        yield from self._code_steps(plan)
        places: dict[UUID, list[PlaceStep]] = defaultdict(list)
        rewards: list[RewardStep] = []
        for index, payer in enumerate(self._payers):
            covered = sorted(
                (position for position, way in plan.ways.items() if way.payer == index),
                key=lambda position: (-self._covered(position, plan.ways[position]), position),
            )
            if payer.reward is not None:
                rewards += [self._reward_step(plan, payer.reward, position) for position in covered]
            for card, position in zip(_drawn(payer.cards, len(covered)), covered, strict=False):
                places[card.value_id].append(self._place_step(plan, card, position))
        for thing in reversed(self._precious):
            if isinstance(thing, CardKnown) and (part := plan.cards.get(thing.value_id)):
                yield CardStep(thing.value_id, part, thing.vat_rate, _card_reason(thing, part))
            elif isinstance(thing, PlacesKnown):
                yield from places[thing.value_id]
        yield from rewards
        if plan.balance and self._known.balance:
            kept = self._known.balance.amount_cents - plan.balance
            said = _("Solde : {part}, il en reste {kept}").format(
                part=format_euros(plan.balance), kept=format_euros(kept)
            )
            yield BalanceStep(self._known.balance.value_id, plan.balance, said)

    def _code_steps(self, plan: _Plan) -> Iterator[CodeStep]:
        for index, code in enumerate(self._known.codes):
            off = tuple(
                (position, code.off[position]) for position, way in plan.ways.items() if way.code == index
            )
            if off:
                said = _("{code} : {off} de moins").format(
                    code=code.label, off=format_euros(sum(cents for _position, cents in off))
                )
                yield CodeStep(code.value_id, off, said)

    def _reward_step(self, plan: _Plan, reward: RewardKnown, position: int) -> RewardStep:
        paid = self._covered(position, plan.ways[position])
        said = _("{points} points, {place} : {paid} pour « {seat} »").format(
            points=reward.points,
            place=reward.label,
            paid=format_euros(paid),
            seat=self._lines[position].label,
        )
        return RewardStep(reward.kind_id, reward.points, position, paid, said)

    def _place_step(self, plan: _Plan, card: PlacesKnown, position: int) -> PlaceStep:
        paid, line = self._covered(position, plan.ways[position]), self._lines[position]
        said = _("{card} : une place, {paid} pour « {seat} »{until}").format(
            card=card.label, paid=format_euros(paid), seat=line.label, until=_until(card.valid_until)
        )
        return PlaceStep(card.value_id, position, paid, line.vat_rate, said)


def _payers(known: Known) -> list[_Payer]:
    """Place cards gathered by what their places pay, and the rewards."""
    alike: dict[tuple[tuple[int, int], ...], list[PlacesKnown]] = defaultdict(list)
    for card in known.places:
        alike[tuple(sorted(card.covers.items()))].append(card)
    gathered = [
        _Payer(dict(covers), tuple(sorted(cards, key=_soonest_first))) for covers, cards in alike.items()
    ]
    return [*gathered, *(_Payer(reward.covers, reward=reward) for reward in known.rewards)]


_Thing = PlacesKnown | CardKnown | CodeKnown


def _by_preciousness(known: Known) -> list[_Thing]:
    """What has an end of validity, the latest first; what pays for more is kept longer."""
    things: list[_Thing] = [*known.codes, *known.places, *known.cards]
    return sorted(things, key=_soonest_first, reverse=True)


def _soonest_first(thing: _Thing) -> tuple[date, int, str]:
    match thing:
        case CodeKnown():
            breadth = 0
        case PlacesKnown():
            breadth = 1
        case CardKnown():
            breadth = 2 if thing.vat_rate is not None else 3
    return (thing.valid_until or date.max, breadth, str(thing.value_id))


def _drawn(cards: Sequence[PlacesKnown], count: int) -> list[PlacesKnown]:
    """The cards that so many places come from, the soonest to end first."""
    drawn: list[PlacesKnown] = []
    for card in cards:
        wanted = count - len(drawn)
        drawn += [card] * (wanted if card.places is None else min(card.places, wanted))
    return drawn


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to share `total` like things among `parts` choices."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total, -1, -1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def _ways_to_share(total: int, parts: int) -> int:
    ways = 1
    for step in range(1, parts):
        ways = ways * (total + step) // step
    return ways


def _card_reason(card: CardKnown, part: int) -> str:
    kept = card.amount_cents - part
    said = (
        _("{card} : {part}, il en reste {kept}{until}") if kept else _("{card} : {part}, tout ce qu'elle a")
    )
    return said.format(
        card=card.label, part=format_euros(part), kept=format_euros(kept), until=_until(card.valid_until)
    )


def _until(day: date | None) -> str:
    return "" if day is None else _(", valable jusqu'au {day}").format(day=day.strftime("%d/%m/%Y"))
