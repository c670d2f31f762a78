"""UTC inside, Angers for people, and a business day that ends at four in the morning."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.clock import SettableClock, SystemClock, business_day, in_paris, paris, say

FOUR = time(4)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_winter_and_summer_are_one_and_two_hours_ahead_of_utc() -> None:
    assert in_paris(datetime(2026, 1, 21, 11, 0, tzinfo=UTC)).time() == time(12)
    assert in_paris(datetime(2026, 7, 21, 11, 0, tzinfo=UTC)).time() == time(13)


def test_a_time_on_a_clock_in_angers_becomes_utc() -> None:
    assert paris(date(2026, 1, 21), time(20)) == datetime(2026, 1, 21, 19, 0, tzinfo=UTC)
    assert paris(date(2026, 7, 21), time(20)) == datetime(2026, 7, 21, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("local_day", "local_time", "day"),
    [
        (date(2026, 1, 21), time(12), date(2026, 1, 21)),
        (date(2026, 1, 21), time(23, 59, 59), date(2026, 1, 21)),
        (date(2026, 1, 22), time(0), date(2026, 1, 21)),
        (date(2026, 1, 22), time(3, 59, 59, 999_999), date(2026, 1, 21)),
        (date(2026, 1, 22), time(4), date(2026, 1, 22)),
        (date(2026, 1, 1), time(1), date(2025, 12, 31)),
        (date(2026, 3, 29), time(3, 30), date(2026, 3, 28)),
        (date(2026, 3, 29), time(4), date(2026, 3, 29)),
        (date(2026, 10, 25), time(2, 30), date(2026, 10, 24)),
        (date(2026, 10, 25), time(4), date(2026, 10, 25)),
    ],
)
def test_the_night_counts_for_the_evening_before(local_day: date, local_time: time, day: date) -> None:
    assert business_day(paris(local_day, local_time), FOUR) == day


def test_both_two_oclocks_of_autumn_belong_to_the_evening_before() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert [in_paris(first + timedelta(hours=n)).hour for n in (0, 1)] == [2, 2]
    assert {business_day(first + timedelta(hours=n), FOUR) for n in (0, 1)} == {date(2026, 10, 24)}


def test_a_house_may_end_its_day_at_another_hour() -> None:
    at = paris(date(2026, 1, 22), time(5))
    assert business_day(at, time(6)) == date(2026, 1, 21)
    assert business_day(at, time(0)) == date(2026, 1, 22)


@given(MOMENTS, st.integers(0, 100_000))
def test_business_days_never_go_backwards(at: datetime, seconds: int) -> None:
    assert business_day(at, FOUR) <= business_day(at + timedelta(seconds=seconds), FOUR)


@given(MOMENTS)
def test_a_business_day_is_today_or_yesterday(at: datetime) -> None:
    today = in_paris(at).date()
    assert business_day(at, FOUR) in (today, today - timedelta(days=1))


def test_a_moment_is_said_in_the_language_asked_for() -> None:
    at = datetime(2026, 1, 21, 17, 42, tzinfo=UTC)
    assert say(at, "EEE d MMM HH:mm") == "mer. 21 janv. 18:42"
    assert say(at, "EEE d MMM HH:mm", "en") == "Wed 21 Jan 18:42"


def test_the_computers_clock_tells_the_present_in_utc() -> None:
    before = datetime.now(UTC)
    told = SystemClock().now()
    assert before <= told <= datetime.now(UTC)
    assert told.utcoffset() == timedelta()


def test_a_settable_clock_stands_where_it_is_put() -> None:
    clock = SettableClock(datetime(2026, 1, 21, tzinfo=UTC))
    assert clock.now() == clock.now()
    clock.advance(timedelta(minutes=5))
    assert clock.now() == datetime(2026, 1, 21, 0, 5, tzinfo=UTC)


def test_what_a_clock_has_run_does_not_change_with_the_hour_it_is_set_to() -> None:
    clock = SettableClock(datetime(2026, 1, 21, tzinfo=UTC))
    clock.advance(timedelta(minutes=5))
    clock.at += timedelta(days=1)
    assert clock.elapsed() == timedelta(minutes=5)
    computers = SystemClock()
    before = computers.elapsed()
    assert timedelta() <= before <= computers.elapsed() < timedelta(minutes=1)
