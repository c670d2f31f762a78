"""What goes back by which means when lines are undone: hand-worked cases, no database."""

from uuid import UUID

import pytest

from boxoffice.sales.refunds import LineBack, Paid, Refund, share

CARD, OTHER, PLACES, BALANCE = (UUID(int=number) for number in range(1, 5))
CASH, BANK = Paid("cash"), Paid("card")
GIFT, BON, LOW = (
    Paid("gift_card", CARD),
    Paid("gift_card", OTHER, 550),
    Paid("gift_card", OTHER, 210),
)
SEAT, SECOND, POSTER = LineBack(1, 850, 550), LineBack(2, 850, 550), LineBack(3, 1000, 2000)


def place(position: int) -> Paid:
    return Paid("place_card", PLACES, 550, position)


CASES = {
    # 17,00 paid 10,00 by card and 7,00 in cash; one seat of 8,50 back: all of it to the card.
    "the card before money": ({GIFT: 1000, CASH: 700}, [SEAT], [Refund("gift_card", 850, CARD)]),
    # Both seats back: 10,00 to the card, 17,00 - 10,00 = 7,00 in cash.
    "each what it brought": (
        {GIFT: 1000, CASH: 700},
        [SEAT, SECOND],
        [Refund("gift_card", 1000, CARD), Refund("cash", 700)],
    ),
    # 8,50 by bank card then 8,50 in cash, 10,00 back: the last used first, 8,50 in cash and 1,50 by card.
    "the last money first": (
        {BANK: 850, CASH: 850},
        [LineBack(1, 1000, 550)],
        [Refund("cash", 850), Refund("card", 150)],
    ),
    # A place paid the first seat, cash the second: the first back is a place, and no cash.
    "a place for the seat that it paid": (
        {place(1): 850, CASH: 850},
        [SEAT],
        [Refund("place_card", 850, PLACES, 550, 1)],
    ),
    "no place for another seat": ({place(1): 850, CASH: 850}, [SECOND], [Refund("cash", 850)]),
    # Two places, both back: each names its line in the operation that gives back.
    "two places": (
        {place(1): 850, place(2): 850},
        [SECOND, SEAT],
        [Refund("place_card", 850, PLACES, 550, 1), Refund("place_card", 850, PLACES, 550, 2)],
    ),
    # The seat at 5,5 % goes back to the voucher that only pays such, the poster's 10,00 in cash.
    "a single-purpose voucher at its rate": (
        {BON: 850, CASH: 1000},
        [SEAT, POSTER],
        [Refund("gift_card", 850, OTHER, 550), Refund("cash", 1000)],
    ),
    "nothing of another rate to it": ({BON: 850, CASH: 1000}, [POSTER], [Refund("cash", 1000)]),
    # 5,00 of a seat of 8,50 by voucher, 3,50 by card: 5,00 and 3,50 back.
    "a voucher that paid a part": (
        {BON: 500, GIFT: 350},
        [SEAT],
        [Refund("gift_card", 500, OTHER, 550), Refund("gift_card", 350, CARD)],
    ),
    # A multi-purpose card of 20,00 sold with a seat: no voucher pays for it, money does.
    "no voucher for a card sold": (
        {BON: 850, CASH: 2000},
        [LineBack(4, 2000, 0, owed=True)],
        [Refund("cash", 2000)],
    ),
    "the balance after the cards it followed": (
        {Paid("balance", BALANCE): 500, GIFT: 350},
        [SEAT],
        [Refund("gift_card", 350, CARD), Refund("balance", 500, BALANCE)],
    ),
    "nothing given for free seats": ({CASH: 850}, [LineBack(5, 0, 550)], []),
}


@pytest.mark.parametrize("case", CASES)
def test_the_shares_are_those_worked_by_hand(case: str) -> None:
    paid, lines, refunds = CASES[case]
    shares = share(paid, lines)
    assert (list(shares.refunds), shares.left_cents) == (refunds, 0)


def test_what_no_means_brought_is_left() -> None:
    assert share({CASH: 500}, [SEAT]).left_cents == 350


def test_without_money_the_rest_is_left_for_the_balance() -> None:
    shares = share({GIFT: 300, CASH: 1400}, [SEAT, SECOND], money=False)
    assert shares.refunds == (Refund("gift_card", 300, CARD),)
    assert shares.left_cents == 1400


def test_a_voucher_of_another_rate_gives_nothing_for_a_seat() -> None:
    assert share({LOW: 850}, [SEAT]).left_cents == 850


def test_what_was_given_back_before_is_not_given_twice() -> None:
    assert share({GIFT: 0, CASH: 850}, [SEAT]).refunds == (Refund("cash", 850),)
