"""How a total is paid: no session, only values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.errors import Refusal
from boxoffice.sales import means
from boxoffice.sales.settlement import Settlement, Tender, check, tender, withdraw_last

LIMIT = 100_000
TOTALS = st.integers(1, 90_000)
STEPS = st.lists(st.tuples(st.sampled_from(means.ALL), st.integers(-50, 60_000) | st.none()), max_size=6)


def pay(settlement: Settlement, by: means.Means, handed: int | None = None) -> Settlement:
    return tender(settlement, by, handed, cash_limit_cents=LIMIT)


def test_all_that_remains_is_paid_when_no_amount_is_given() -> None:
    paid = pay(Settlement(2300), means.CARD)
    assert paid.tenders == (Tender("card", 2300),)
    assert (paid.remaining_cents, paid.change_cents, paid.is_complete) == (0, 0, True)


def test_a_note_gives_change() -> None:
    paid = pay(Settlement(2300), means.CASH, 5000)
    assert paid.tenders == (Tender("cash", 2300, 5000),)
    assert (paid.remaining_cents, paid.change_cents) == (0, 2700)


def test_a_smaller_amount_leaves_the_rest() -> None:
    paid = pay(Settlement(2300), means.CHEQUE, 2000)
    assert (paid.remaining_cents, paid.is_complete) == (300, False)
    assert pay(paid, means.CASH, 500).change_cents == 200


def test_a_reference_is_kept() -> None:
    paid = tender(Settlement(100), means.CARD, reference="A12", cash_limit_cents=LIMIT)
    assert paid.tenders[0].reference == "A12"


def test_the_last_tender_can_be_taken_back() -> None:
    once = pay(Settlement(2300), means.CARD, 1000)
    assert withdraw_last(pay(once, means.CASH)) == once
    assert withdraw_last(Settlement(2300)) == Settlement(2300)


def test_a_total_of_zero_is_complete_and_takes_nothing() -> None:
    assert Settlement(0).is_complete
    check(Settlement(0), cash_limit_cents=LIMIT)
    with pytest.raises(Refusal, match=r"Tout est déjà payé."):
        pay(Settlement(0), means.CARD)


@pytest.mark.parametrize("handed", [0, -1])
def test_nothing_is_no_payment(handed: int) -> None:
    with pytest.raises(Refusal, match=r"Le montant doit être supérieur à zéro."):
        pay(Settlement(100), means.CASH, handed)


def test_the_change_never_holds_the_largest_note() -> None:
    assert pay(Settlement(850), means.CASH, 50_849).change_cents == 49_999
    with pytest.raises(Refusal, match=r"le montant reçu semble erroné"):
        pay(Settlement(850), means.CASH, 50_850)


def test_each_means_says_what_it_can_do() -> None:
    assert [by.code for by in means.ALL] == ["cash", "card", "cheque"]
    assert [by.gives_change for by in means.ALL] == [True, False, False]
    assert [by.takes_reference for by in means.ALL] == [False, True, True]
    assert [by.counted for by in means.ALL] == [True, False, True]
    assert len({by.key for by in means.ALL}) == len(means.ALL)


@given(TOTALS, STEPS)
def test_whatever_is_tendered_the_sums_hold(total: int, steps: list[tuple[means.Means, int | None]]) -> None:
    settlement = Settlement(total)
    for by, handed in steps:
        before = settlement
        try:
            settlement = pay(settlement, by, handed)
        except Refusal:
            assert settlement is before
            continue
        taken = settlement.tenders[-1]
        assert 0 < taken.amount_cents <= before.remaining_cents
        assert settlement.remaining_cents == before.remaining_cents - taken.amount_cents
        assert taken.tendered_cents is None or taken.tendered_cents >= taken.amount_cents
    assert 0 <= settlement.remaining_cents <= total
    assert settlement.change_cents >= 0
    assert sum(part.amount_cents for part in settlement.tenders) + settlement.remaining_cents == total
    in_cash = sum(part.amount_cents for part in settlement.tenders if part.means == "cash")
    assert in_cash <= LIMIT
    if settlement.is_complete:
        check(settlement, cash_limit_cents=LIMIT)
    else:
        with pytest.raises(Refusal, match=r"Les règlements ne font pas le total"):
            check(settlement, cash_limit_cents=LIMIT)


@given(TOTALS, st.integers(0, 49_999))
def test_cash_received_is_what_is_due_and_the_change(total: int, change: int) -> None:
    paid = pay(Settlement(total), means.CASH, total + change)
    assert paid.change_cents == change
    assert paid.is_complete


@given(st.integers(1, 10**7), st.lists(st.integers(1, 10**6), min_size=1, max_size=4))
def test_no_split_gets_more_cash_than_the_law_allows(total: int, parts: list[int]) -> None:
    settlement = Settlement(total)
    for part in parts:
        try:
            settlement = pay(settlement, means.CASH, part)
        except Refusal:
            break
    assert sum(part.amount_cents for part in settlement.tenders) <= LIMIT


@pytest.mark.parametrize("reference", ["4970101234567890", "4970 1012 3456 7"])
def test_a_reference_that_could_be_a_card_number_is_refused(reference: str) -> None:
    with pytest.raises(Refusal, match="numéro de carte ne se note jamais"):
        tender(Settlement(850), means.CARD, reference=reference, cash_limit_cents=100_000)


def test_an_authorisation_number_is_kept() -> None:
    (given,) = tender(Settlement(850), means.CARD, reference="A1B2C3", cash_limit_cents=100_000).tenders
    assert given.reference == "A1B2C3"


@pytest.mark.parametrize("reference", ["\x1b@", "A\n12", "A" * 41])
def test_a_reference_that_is_no_short_line_is_refused(reference: str) -> None:
    with pytest.raises(Refusal, match="numéro d'autorisation ou de chèque"):
        tender(Settlement(850), means.CARD, reference=reference, cash_limit_cents=100_000)
