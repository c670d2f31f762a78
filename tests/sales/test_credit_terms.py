"""What a seat that comes back is worth: amounts worked out by hand, at the exact minute."""

from datetime import timedelta

import pytest

from boxoffice.sales.credits.terms import Tier, read_tiers, tier_for, write_tiers

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("rule", "paid", "left", "credited"),
    [
        ("100 %", 850, HOUR, 850),
        ("80 %", 850, HOUR, 680),  # 8,50 × 0,80 = 6,80
        ("50 %", 425, HOUR, 213),  # 4,25 × 0,50 = 2,125, rounded half up
        ("66,67 %", 600, HOUR, 400),  # 6,00 × 0,6667 = 4,0002
        ("100 % - 1,50", 850, HOUR, 700),
        ("80 % - 1,50 €", 850, HOUR, 530),  # 6,80 − 1,50
        ("100 % - 9,00", 850, HOUR, 0),
        ("48 h : 100 % ; 24 h : 50 %", 850, 48 * HOUR, 850),
        ("48 h : 100 % ; 24 h : 50 %", 850, 48 * HOUR - timedelta(seconds=1), 425),
        ("48 h : 100 % ; 24 h : 50 %", 850, 24 * HOUR, 425),
        ("24 h : 50 % ; 48 h : 100 %", 850, 72 * HOUR, 850),
        ("24 h : 100 % ; 80 % - 0,50", 850, HOUR, 630),  # 6,80 − 0,50
    ],
)
def test_a_seat_is_worth_what_the_rule_says(rule: str, paid: int, left: timedelta, credited: int) -> None:
    tier = tier_for(read_tiers(rule), left)
    assert tier is not None
    assert tier.credited(paid) == credited


def test_past_the_last_tier_nothing_is_given() -> None:
    tiers = read_tiers("48 h : 100 % ; 24 h : 50 %")
    assert tier_for(tiers, 24 * HOUR - timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    "rule",
    ["", "100", "0 %", "101 %", "-5 %", "24 h", "x h : 10 %", "10 % ; 20 %", "24 h : 1 % ; 24 h : 2 %"],
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_tiers(rule)


def test_a_rule_is_written_as_it_is_read() -> None:
    tiers = (Tier(48 * HOUR), Tier(24 * HOUR, 5000, 150), Tier(timedelta(), 1250))
    assert write_tiers(tiers) == "48 h : 100 % ; 24 h : 50 % - 1,50 ; 12,5 %"
    assert read_tiers(write_tiers(tiers)) == tiers
