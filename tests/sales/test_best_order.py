"""The best order to pay in: by hand on the cases of the counter, and against every way there is."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from boxoffice.sales.vouchers.best_order import best_order
from boxoffice.sales.vouchers.proposal import (
    BalanceKnown,
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
)

MAY = date(2026, 5, 20)
JUNE = date(2026, 6, 20)


def a_seat(position: int, price: int = 850, rate: int = 550) -> LineDue:
    return LineDue(position, f"Plein {position}", price, rate)


def an_id(number: int) -> UUID:
    return UUID(int=number)


def test_a_whole_place_goes_to_the_dearest_seat_and_the_rest_stays_to_pay() -> None:
    places = PlacesKnown(an_id(1), "Carte 1 place", 1, {1: 600, 2: 850})
    proposal = best_order([a_seat(1, 600), a_seat(2, 850)], Known(places=(places,)))
    assert [(step.covers, step.amount_cents) for step in places_of(proposal)] == [(2, 850)]
    assert proposal.remaining_cents == 600


def test_the_balance_of_100_pays_what_the_card_leaves_of_75() -> None:
    known = Known(cards=(CardKnown(an_id(1), "Carte cadeau", 2500),), balance=BalanceKnown(an_id(2), 10_000))
    proposal = best_order([a_seat(1, 7500)], known)
    assert [type(step) for step in proposal.steps] == [CardStep, BalanceStep]
    assert [step.amount_cents for step in proposal.steps if isinstance(step, BalanceStep)] == [5000]
    assert proposal.remaining_cents == 0


def test_the_card_that_ends_first_is_spent_first() -> None:
    cards = (CardKnown(an_id(1), "juin", 500, JUNE), CardKnown(an_id(2), "mai", 500, MAY))
    proposal = best_order([a_seat(1, 700)], Known(cards=cards))
    assert [(step.value_id, step.amount_cents) for step in proposal.steps if isinstance(step, CardStep)] == [
        (an_id(2), 500),
        (an_id(1), 200),
    ]


def test_a_single_purpose_card_pays_only_what_has_its_rate() -> None:
    cards = (CardKnown(an_id(1), "films", 2000, vat_rate=550), CardKnown(an_id(2), "tout", 2000))
    proposal = best_order([a_seat(1), a_seat(2, 1000, 2000)], Known(cards=cards))
    assert [(step.value_id, step.amount_cents) for step in proposal.steps if isinstance(step, CardStep)] == [
        (an_id(1), 850),
        (an_id(2), 1000),
    ]


def test_each_step_is_explained_in_one_line() -> None:
    known = Known(
        places=(PlacesKnown(an_id(1), "Carte 3 places n° 12", 3, {1: 850}, MAY),),
        cards=(CardKnown(an_id(2), "Carte cadeau ····K3XV", 300),),
        balance=BalanceKnown(an_id(3), 10_000),
    )
    proposal = best_order([a_seat(1), a_seat(2)], known)
    assert [step.reason for step in proposal.steps] == [
        "Carte 3 places n° 12 : une place, 8,50\u00a0€ pour « Plein 1 », valable jusqu'au 20/05/2026",
        "Carte cadeau ····K3XV : 3,00\u00a0€, tout ce qu'elle a",
        "Solde : 5,50\u00a0€, il en reste 94,50\u00a0€",
    ]


def test_points_pay_before_money_and_after_cards() -> None:
    reward = RewardKnown(1, "place 5/7", 240, {1: 850, 2: 850})
    card = PlacesKnown(an_id(1), "Carte 1 place", 1, {1: 850, 2: 850}, MAY)
    proposal = best_order([a_seat(1), a_seat(2)], Known(places=(card,), points=300, rewards=(reward,)))
    assert [type(step) for step in proposal.steps] == [PlaceStep, RewardStep]
    assert proposal.remaining_cents == 0
    alone = best_order([a_seat(1)], Known(places=(card,), points=300, rewards=(reward,)))
    assert [type(step) for step in alone.steps] == [PlaceStep]


def test_a_crowd_with_many_cards_is_answered_too() -> None:
    lines = [a_seat(position, 300 + position) for position in range(1, 41)]
    places = tuple(
        PlacesKnown(an_id(n), f"carte {n}", 2, {line.position: line.price_cents for line in lines[n:]})
        for n in range(1, 9)
    )
    proposal = best_order(lines, Known(places=places))
    assert len(places_of(proposal)) == 16
    assert proposal.remaining_cents == sum(line.price_cents for line in lines[:-16])


def places_of(proposal: Proposal) -> list[PlaceStep]:
    return [step for step in proposal.steps if isinstance(step, PlaceStep)]


# Every way there is -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    lines: tuple[LineDue, ...]
    known: Known


ends = st.sampled_from([None, MAY, JUNE])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    lines = tuple(
        LineDue(n, f"l{n}", draw(st.integers(0, 3)), draw(st.sampled_from([550, 2000])), draw(st.booleans()))
        for n in range(1, draw(st.integers(1, 3)) + 1)
    )
    ids = iter(range(1, 20))

    def covers() -> dict[int, int]:
        return {
            line.position: draw(st.integers(1, line.price_cents))
            for line in lines
            if line.price_cents and draw(st.booleans())
        }

    places = tuple(
        PlacesKnown(an_id(next(ids)), "p", draw(st.sampled_from([1, 2, None])), covers(), draw(ends))
        for _n in range(draw(st.integers(0, 2)))
    )
    cards = tuple(
        CardKnown(
            an_id(next(ids)),
            "c",
            draw(st.integers(1, 3)),
            draw(ends),
            draw(st.sampled_from([None, 550, 2000])),
        )
        for _n in range(draw(st.integers(0, 2)))
    )
    codes = tuple(
        CodeKnown(an_id(next(ids)), "k", covers(), draw(st.sampled_from([1, 2, None])), draw(ends))
        for _n in range(draw(st.integers(0, 1)))
    )
    rewards = tuple(RewardKnown(1, "r", 2, covers()) for _n in range(draw(st.integers(0, 1))))
    balance = BalanceKnown(an_id(90), draw(st.integers(1, 3))) if draw(st.booleans()) else None
    return Case(lines, Known(places, cards, balance, draw(st.integers(0, 5)), rewards, codes))


def spent_in(case: Case, used: Counter[UUID], points: int, balance: int, money: int) -> tuple[int, ...]:
    """Money, balance, points, then each thing by its end: the latest first, the broadest first."""

    def lasts(thing: PlacesKnown | CardKnown | CodeKnown) -> tuple[date, int, str]:
        broad = {CodeKnown: 0, PlacesKnown: 1, CardKnown: 2}[type(thing)]
        if isinstance(thing, CardKnown) and thing.vat_rate is None:
            broad = 3
        return (thing.valid_until or date.max, broad, str(thing.value_id))

    known = case.known
    things = sorted((*known.places, *known.cards, *known.codes), key=lasts, reverse=True)
    return (money, balance, points, *(used[thing.value_id] for thing in things))


def every_way(case: Case) -> Iterator[tuple[int, ...]]:
    """What each possible way spends, found without any cleverness."""
    known = case.known
    choices = []
    for line in case.lines:
        codes: list[CodeKnown | None] = [
            None,
            *(code for code in known.codes if code.off.get(line.position, 0)),
        ]
        payers: list[PlacesKnown | RewardKnown | None] = [
            None,
            *(payer for payer in (*known.places, *known.rewards) if payer.covers.get(line.position, 0)),
        ]
        choices.append([(line, code, payer) for code in codes for payer in payers])
    for way in product(*choices):
        used: Counter[UUID] = Counter()
        code_seats: Counter[UUID] = Counter()
        points, due, due_at = 0, 0, Counter[int]()
        possible = True
        for line, code, payer in way:
            off = code.off[line.position] if code else 0
            price = max(0, line.price_cents - off)
            if code:
                code_seats[code.value_id] += 1
                used[code.value_id] = 1
            if payer:
                paid = max(0, price - (line.price_cents - payer.covers[line.position]))
                possible = possible and paid > 0
                price -= paid
                if isinstance(payer, RewardKnown):
                    points += payer.points
                else:
                    used[payer.value_id] += 1
            due += price
            if not line.buys_value:
                due_at[line.vat_rate] += price
        possible = possible and points <= known.points
        possible = possible and all(
            card.places is None or used[card.value_id] <= card.places for card in known.places
        )
        possible = possible and all(
            code.seats is None or code_seats[code.value_id] <= code.seats for code in known.codes
        )
        if not possible:
            continue
        for parts in product(*(range(card.amount_cents + 1) for card in known.cards)):
            single: Counter[int] = Counter()
            for card, part in zip(known.cards, parts, strict=True):
                if card.vat_rate is not None:
                    single[card.vat_rate] += part
            if sum(parts) > due_at.total() or any(single[rate] > due_at[rate] for rate in single):
                continue
            paid_by = Counter({card.value_id: part for card, part in zip(known.cards, parts, strict=True)})
            most = min(due - sum(parts), known.balance.amount_cents if known.balance else 0)
            for balance in range(most + 1):
                yield spent_in(case, used + paid_by, points, balance, due - sum(parts) - balance)


def spent_by(case: Case, proposal: Proposal) -> tuple[int, ...]:
    used: Counter[UUID] = Counter()
    points = balance = 0
    for step in proposal.steps:
        match step:
            case CodeStep():
                used[step.value_id] = 1
            case PlaceStep():
                used[step.value_id] += 1
            case CardStep():
                used[step.value_id] += step.amount_cents
            case RewardStep():
                points += step.points
            case BalanceStep():
                balance += step.amount_cents
    return spent_in(case, used, points, balance, proposal.remaining_cents)


@settings(max_examples=400)
@given(cases())
def test_no_way_costs_the_customer_less_nor_wastes_less(case: Case) -> None:
    proposal = best_order(case.lines, case.known)
    assert spent_by(case, proposal) == min(every_way(case))


@given(cases())
def test_what_is_proposed_and_what_remains_pay_the_whole(case: Case) -> None:
    proposal = best_order(case.lines, case.known)
    off = sum(cents for step in proposal.steps if isinstance(step, CodeStep) for _line, cents in step.off)
    paid = sum(step.amount_cents for step in proposal.steps if not isinstance(step, CodeStep))
    assert sum(line.price_cents for line in case.lines) == off + paid + proposal.remaining_cents
