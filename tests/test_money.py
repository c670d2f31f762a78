"""Amounts are cents, rates are basis points; what is typed, written and split stays exact."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.money import format_amount, format_euros, format_rate, parse_amount, split_vat

CENTS = st.integers(-999_999_999, 999_999_999)
RATES = st.integers(0, 9_999)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12", 1200),
        ("12,5", 1250),
        ("12.50", 1250),
        ("12,50 €", 1250),
        ("0", 0),
        ("0,05", 5),
        ("007", 700),
        ("1 234,56", 123_456),
        ("1\u202f234,56\u00a0€", 123_456),
        ("9999999,99", 999_999_999),
        ("€12", 1200),
    ],
)
def test_an_amount_is_read_as_a_cashier_types_it(text: str, cents: int) -> None:
    assert parse_amount(text) == cents


@pytest.mark.parametrize(
    "text",
    ["", " ", "€", ",5", "5,", "1,234", "1.2.3", "-5", "+5", "12a", "1e3", "12,5,0", "10000000", "nan", "½"],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_amount(text)


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        (0, "0,00"),
        (5, "0,05"),
        (850, "8,50"),
        (-850, "-8,50"),
        (-5, "-0,05"),
        (100_000, "1\u00a0000,00"),
        (123_456_789, "1\u00a0234\u00a0567,89"),
    ],
)
def test_an_amount_is_written_the_french_way(cents: int, text: str) -> None:
    assert format_amount(cents) == text
    assert format_euros(cents) == f"{text}\u00a0€"


@given(st.integers(0, 999_999_999))
def test_what_is_written_is_read_back(cents: int) -> None:
    assert parse_amount(format_euros(cents)) == cents


@pytest.mark.parametrize(
    ("gross", "rate", "net", "vat"),
    [
        (1000, 550, 948, 52),
        (2550, 550, 2417, 133),
        (600, 2000, 500, 100),
        (850, 210, 833, 17),
        (850, 0, 850, 0),
        (0, 550, 0, 0),
        (1, 2000, 1, 0),
        (-1000, 550, -948, -52),
    ],
)
def test_vat_is_split_as_the_tax_office_does(gross: int, rate: int, net: int, vat: int) -> None:
    assert split_vat(gross, rate) == (net, vat)


@given(CENTS, RATES)
def test_net_and_vat_make_the_gross(gross: int, rate: int) -> None:
    net, vat = split_vat(gross, rate)
    assert net + vat == gross


@given(st.integers(0, 999_999_999), RATES)
def test_the_net_is_the_exact_quotient_rounded_half_up(gross: int, rate: int) -> None:
    exact = Fraction(gross * 10_000, 10_000 + rate)
    net, vat = split_vat(gross, rate)
    assert -Fraction(1, 2) < net - exact <= Fraction(1, 2)
    assert 0 <= vat <= gross


@given(CENTS, RATES)
def test_a_reversal_splits_as_the_mirror_of_its_sale(gross: int, rate: int) -> None:
    sale, reversal = split_vat(gross, rate), split_vat(-gross, rate)
    assert (reversal.net, reversal.vat) == (-sale.net, -sale.vat)


@given(st.integers(0, 999_999), RATES)
def test_a_larger_gross_has_no_smaller_net(gross: int, rate: int) -> None:
    assert split_vat(gross, rate).net <= split_vat(gross + 1, rate).net


@pytest.mark.parametrize(
    ("rate", "text"),
    [(550, "5,5\u00a0%"), (2000, "20\u00a0%"), (210, "2,1\u00a0%"), (0, "0\u00a0%"), (1000, "10\u00a0%")],
)
def test_a_rate_is_written_as_a_percentage(rate: int, text: str) -> None:
    assert format_rate(rate) == text
