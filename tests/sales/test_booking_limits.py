"""When a seat may be booked and given back: to the second, around midnight, and where the clocks change."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from boxoffice.clock import in_paris
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.models import (
    Booking,
    BookingEnd,
    Pass,
    PassProduct,
    PriceList,
    Quota,
    Screening,
    Tariff,
    table,
)
from boxoffice.sales.holders import bookings
from boxoffice.sales.holders.cockpit import read_cockpit
from boxoffice.sales.staff.rules import rules_told
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.pass_life import book, cancel, swap
from tests.sales.test_screening_changes import move

SECOND = timedelta(seconds=1)
DAY = timedelta(hours=24)


def show_at(festival: Festival, starts_at: datetime, screening: str = "KNEECAP2", **changes: Any) -> None:
    """Let a screening start then, before anybody has been told otherwise."""
    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=105)}
    row = table(Screening)
    festival.write(
        lambda session: session.execute(
            row.update().where(row.c.code == screening).values(**times, **changes)
        )
    )


def change_pass(festival: Festival, **changes: Any) -> None:
    festival.write(lambda session: session.execute(table(Pass).update().values(**changes)))


def change_product(festival: Festival, **changes: Any) -> None:
    festival.write(lambda session: session.execute(table(PassProduct).update().values(**changes)))


def stand_at(festival: Festival, moment: datetime) -> None:
    festival.clock.advance(moment - festival.clock.now())


MOMENTS = {
    "an ordinary evening": datetime(2026, 1, 24, 19, 0, tzinfo=UTC),
    "midnight": datetime(2026, 1, 23, 23, 0, tzinfo=UTC),
    "one second before midnight": datetime(2026, 1, 23, 22, 59, 59, tzinfo=UTC),
    "one second after midnight": datetime(2026, 1, 23, 23, 0, 1, tzinfo=UTC),
    "the evening that summer time begins": datetime(2026, 3, 29, 18, 0, tzinfo=UTC),
    "three in the morning, when two did not exist": datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    "the evening that summer time ends": datetime(2026, 10, 25, 19, 0, tzinfo=UTC),
    "half past two, for the first time": datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    "half past two, for the second time": datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
}


@pytest.mark.parametrize("starts_at", MOMENTS.values(), ids=MOMENTS)
def test_a_seat_is_given_back_24_hours_before_and_not_one_second_later(
    festival: Festival, starts_at: datetime
) -> None:
    pass_id = festival.sell_pass(code="PASS6")
    show_at(festival, starts_at)
    in_time, late = book(festival, pass_id, seats=2).booking_ids
    stand_at(festival, starts_at - DAY)
    cancel(festival, in_time)
    (seat,) = festival.read(lambda session: read_cockpit(session, pass_id, festival.desk.post.rules)).standing
    assert seat.is_cancellable(festival.clock.now())
    festival.clock.advance(SECOND)
    assert not seat.is_cancellable(festival.clock.now())
    with pytest.raises(ManagerNeeded, match="ne s'annule plus depuis"):
        cancel(festival, late)
    with pytest.raises(ManagerNeeded, match="ne s'annule plus depuis"):
        swap(festival, late, "ETERNAL" if starts_at.month == 1 else "KNEECAP")
    assert festival.allocated("KNEECAP2") == 1
    festival.read(check_the_house)


@pytest.mark.parametrize(
    ("starts_at", "told"),
    [
        (datetime(2026, 3, 29, 18, 0, tzinfo=UTC), "sam. 28 mars à 19 h 00"),
        (datetime(2026, 10, 25, 19, 0, tzinfo=UTC), "sam. 24 oct. à 21 h 00"),
        (datetime(2026, 1, 23, 23, 0, tzinfo=UTC), "ven. 23 janv. à 0 h 00"),
    ],
    ids=["shorter day", "longer day", "midnight"],
)
def test_the_limit_is_told_by_the_clock_on_the_wall(
    festival: Festival, starts_at: datetime, told: str
) -> None:
    pass_id = festival.sell_pass()
    show_at(festival, starts_at)
    booked = book(festival, pass_id)
    stand_at(festival, starts_at - DAY + SECOND)
    with pytest.raises(ManagerNeeded) as refused:
        cancel(festival, *booked.booking_ids)
    assert told in refused.value.message


def test_a_manager_passes_the_limit_with_a_reason_that_is_kept(festival: Festival) -> None:
    booking = book(festival, festival.sell_pass(), "KNEECAP").booking_ids[0]
    festival.clock.advance(timedelta(minutes=11))
    with pytest.raises(Refusal, match="Dites pourquoi"):
        cancel(festival, booking, authorized_by=festival.manager.id, reason="  ")
    with pytest.raises(Refusal):
        cancel(festival, booking, authorized_by=festival.cashier.id, reason="Malade")
    cancel(festival, booking, authorized_by=festival.manager.id, reason="Malade")
    (end,) = festival.rows(BookingEnd)
    assert (end.authorized_by_id, end.reason) == (festival.manager.id, "Malade")
    festival.read(check_the_house)


def test_a_manager_who_was_not_needed_is_not_kept(festival: Festival) -> None:
    booking = book(festival, festival.sell_pass()).booking_ids[0]
    cancel(festival, booking, authorized_by=festival.manager.id, reason="Malade")
    (end,) = festival.rows(BookingEnd)
    assert (end.authorized_by_id, end.reason) == (None, "")


def test_a_screening_has_a_limit_of_its_own(festival: Festival) -> None:
    pass_id = festival.sell_pass(code="PASS6")
    starts_at = datetime(2026, 1, 24, 19, 0, tzinfo=UTC)
    show_at(festival, starts_at, cancelling_ends_minutes=90)
    in_time, late = book(festival, pass_id, seats=2).booking_ids
    stand_at(festival, starts_at - timedelta(minutes=90))
    cancel(festival, in_time)
    festival.clock.advance(SECOND)
    with pytest.raises(ManagerNeeded):
        cancel(festival, late)


def test_a_limit_of_none_lets_go_until_the_very_start(festival: Festival) -> None:
    pass_id = festival.sell_pass(code="PASS6")
    starts_at = datetime(2026, 1, 24, 19, 0, tzinfo=UTC)
    show_at(festival, starts_at, cancelling_ends_minutes=0)
    in_time, late = book(festival, pass_id, seats=2).booking_ids
    stand_at(festival, starts_at)
    cancel(festival, in_time)
    festival.clock.advance(SECOND)
    with pytest.raises(ManagerNeeded):
        cancel(festival, late)


def test_a_festival_has_a_limit_of_its_own(festival: Festival) -> None:
    pass_id = festival.sell_pass(code="PASS6")
    starts_at = datetime(2026, 1, 24, 19, 0, tzinfo=UTC)
    show_at(festival, starts_at)
    in_time, late = book(festival, pass_id, seats=2).booking_ids
    stand_at(festival, starts_at - timedelta(minutes=60))
    post = festival.desk.post
    shorter = replace(
        festival.desk, post=replace(post, rules=replace(post.rules, cancelling_ends_minutes=60))
    )
    cancel(festival, in_time, desk=shorter)
    festival.clock.advance(SECOND)
    with pytest.raises(ManagerNeeded):
        cancel(festival, late, desk=shorter)


@pytest.mark.parametrize("change", [{"later": timedelta(minutes=5)}, {"hall": "AUD"}], ids=str)
def test_a_moved_screening_is_given_back_without_limit_until_it_is_over(
    festival: Festival, change: dict[str, Any]
) -> None:
    pass_id = festival.sell_pass(code="PASS6")
    freed, kept = book(festival, pass_id, "ETERNAL", seats=2).booking_ids
    festival.clock.advance(timedelta(minutes=11))
    with pytest.raises(ManagerNeeded):
        cancel(festival, freed)
    move(festival, "ETERNAL", **({"later": timedelta(hours=20)} | change))
    cockpit = festival.read(lambda session: read_cockpit(session, pass_id, festival.desk.post.rules))
    assert all(seat.is_cancellable(festival.clock.now()) for seat in cockpit.standing)
    cancel(festival, freed)
    stand_at(festival, cockpit.standing[0].ends_at + SECOND)
    assert not cockpit.standing[0].is_cancellable(festival.clock.now())
    with pytest.raises(Refusal, match="est terminée"):
        cancel(festival, kept, authorized_by=festival.manager.id, reason="Malade")
    festival.read(check_the_house)


def use_up(festival: Festival) -> None:
    change_pass(festival, places=1)
    book(festival, festival.rows(Pass)[0].id, "ETERNAL")


REFUSED: dict[str, tuple[Callable[[Festival], object], str]] = {
    "used up": (use_up, "n'a plus de place"),
    "blocked": (lambda festival: change_pass(festival, state="blocked", state_reason="lost"), "perdu"),
    "taken back": (lambda festival: change_pass(festival, state="cancelled"), "a été annulé"),
    "not valid yet": (lambda festival: change_pass(festival, valid_from=date(2026, 1, 23)), "pas valable"),
    "no longer valid": (lambda festival: change_pass(festival, valid_until=date(2026, 1, 21)), "pas valable"),
    "twice at one screening": (lambda festival: book(festival, festival.rows(Pass)[0].id), "déjà réservée"),
    "no tariff of it": (lambda festival: change_product(festival, place_tariff="AUTRE"), "pas ouverte"),
    "over": (lambda festival: festival.clock.advance(timedelta(days=3)), "n'est plus en vente"),
    "full": (lambda festival: sell_out(festival, 0), "est complet"),
}


def sell_out(festival: Festival, left: int) -> None:
    row = table(Screening)
    festival.write(
        lambda session: session.execute(
            row.update().where(row.c.code == "KNEECAP2").values(held=row.c.capacity - left)
        )
    )


@pytest.mark.parametrize("why", REFUSED)
def test_a_booking_is_refused(festival: Festival, why: str) -> None:
    pass_id = festival.sell_pass()
    prepare, words = REFUSED[why]
    prepare(festival)
    before = festival.everything()
    with pytest.raises(Refusal, match=words) as refused:
        book(festival, pass_id)
    assert refused.value.remedy
    assert festival.everything() == before


@pytest.mark.parametrize("why", [why for why in REFUSED if why != "full"])
def test_a_rehearsal_refuses_in_the_words_of_the_booking_and_changes_nothing(
    festival: Festival, why: str
) -> None:
    pass_id = festival.sell_pass()
    post, screening_id = festival.desk.post, festival.screening_id("KNEECAP2")

    def rehearsed() -> dict[int, Refusal]:
        return festival.read(
            lambda session: bookings.rehearse(
                session, pass_id, [screening_id], post.rules, clock=festival.clock
            )
        )

    assert rehearsed() == {}
    prepare, words = REFUSED[why]
    prepare(festival)
    before = festival.everything()
    refused = rehearsed()[screening_id]
    assert festival.everything() == before
    with pytest.raises(Refusal, match=words) as told:
        book(festival, pass_id)
    assert str(refused) == str(told.value)


@pytest.mark.parametrize("day", [date(2026, 1, 22), None])
def test_a_pass_is_valid_on_its_first_and_last_day(festival: Festival, day: date | None) -> None:
    pass_id = festival.sell_pass()
    change_pass(festival, valid_from=day, valid_until=day)
    book(festival, pass_id)
    assert festival.allocated("KNEECAP2") == 1


def test_a_day_is_that_of_paris(festival: Festival) -> None:
    """Half past midnight is the next day, though not yet in Greenwich."""
    pass_id = festival.sell_pass()
    show_at(festival, datetime(2026, 1, 22, 23, 30, tzinfo=UTC))
    change_pass(festival, valid_from=date(2026, 1, 23), valid_until=date(2026, 1, 23))
    assert in_paris(book(festival, pass_id).starts_at).date() == date(2026, 1, 23)


def test_an_accreditation_gives_so_many_places_a_day(festival: Festival) -> None:
    """Of the day on which they are now: a screening moved to tomorrow frees a place of today."""
    pass_id = festival.sell_pass()
    change_product(festival, places_per_day=1)
    book(festival, pass_id, "KNEECAP")
    with pytest.raises(Refusal, match="1 place par jour"):
        book(festival, pass_id, "ETERNAL")
    book(festival, pass_id, "KNEECAP2")
    move(festival, "KNEECAP", later=timedelta(days=2))
    book(festival, pass_id, "ETERNAL")
    festival.read(check_the_house)


def test_a_shareable_pass_books_up_to_what_is_left(festival: Festival) -> None:
    pass_id = festival.sell_pass(code="PASS6")
    change_pass(festival, places=4)
    book(festival, pass_id, seats=3)
    with pytest.raises(Refusal, match="n'a plus que 1 place"):
        book(festival, pass_id, seats=2)
    assert book(festival, pass_id).places_left == 0


def test_a_swap_needs_no_place_left_and_goes_to_another_screening(festival: Festival) -> None:
    change_product(festival, places=1)
    pass_id = festival.sell_pass()
    (booking,) = book(festival, pass_id).booking_ids
    with pytest.raises(Refusal, match="est déjà réservée"):
        swap(festival, booking, "KNEECAP2")
    assert swap(festival, booking, "KNEECAP").places_left == 0
    festival.read(check_the_house)


def add_quota(festival: Festival, screening: str, seats: int) -> None:
    """So many of the seats of a screening for passes alone."""
    row = table(Screening)
    screening_id = festival.screening_id(screening)
    quota = {"screening_id": screening_id, "name": "pass", "seats": seats, "allocated": 0}
    festival.write(lambda session: session.execute(table(Quota).insert().values(quota)))
    festival.write(
        lambda session: session.execute(
            row.update().where(row.c.id == screening_id).values(held=row.c.held + seats)
        )
    )


def in_quota(festival: Festival, screening: str) -> int:
    screening_id = festival.screening_id(screening)
    return next(
        int(row.allocated)
        for row in festival.rows(Quota)
        if (row.screening_id, row.name) == (screening_id, "pass")
    )


def test_a_booking_takes_from_the_quota_of_passes_and_gives_back_there(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    add_quota(festival, "KNEECAP2", 1)
    booked = book(festival, pass_id)
    assert (in_quota(festival, "KNEECAP2"), festival.allocated("KNEECAP2")) == (1, 0)
    assert festival.rows(Booking)[0].quota == "pass"
    swapped = swap(festival, booked.booking_ids[0], "KNEECAP")
    assert (in_quota(festival, "KNEECAP2"), festival.allocated("KNEECAP")) == (0, 1)
    swap_back(festival, swapped.booking_ids[0])
    assert (in_quota(festival, "KNEECAP2"), festival.allocated("KNEECAP")) == (1, 0)
    festival.read(check_the_house)


def swap_back(festival: Festival, booking_id: UUID) -> None:
    row = table(Screening)
    festival.write(
        lambda session: session.execute(
            row.update().where(row.c.code == "KNEECAP").values(cancelling_ends_minutes=0)
        )
    )
    swap(festival, booking_id, "KNEECAP2")


def test_a_full_quota_is_refused_with_the_next_showing_that_has_seats_for_passes(festival: Festival) -> None:
    first, second = festival.sell_pass(), festival.sell_pass()
    add_quota(festival, "KNEECAP2", 1)
    book(festival, first)
    with pytest.raises(Refusal, match=r"Kneecap de 14 h 00 \(contingent pass\) est complet") as refused:
        book(festival, second)
    assert "Prochaine séance : mer. 21 à 20 h 00, Auditorium, 8 places." in refused.value.remedy
    add_quota(festival, "KNEECAP", 0)
    with pytest.raises(Refusal) as refused:
        book(festival, second)
    assert refused.value.remedy == "Aucune autre séance de ce film n'a assez de places."


def test_a_tariff_no_longer_active_opens_nothing(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    tariff, lists = table(Tariff), table(PriceList)
    films = sa.select(lists.c.id).where(lists.c.code == "FILMS").scalar_subquery()
    festival.write(
        lambda session: session.execute(
            tariff.update()
            .where(tariff.c.code == "PASS", tariff.c.price_list_id == films)
            .values(active=False)
        )
    )
    with pytest.raises(Refusal, match="n'est pas ouverte à ce pass"):
        book(festival, pass_id)


def test_a_booking_just_made_is_taken_back_by_its_till_for_ten_minutes_even_inside_the_24_hours(
    festival: Festival,
) -> None:
    pass_id = festival.sell_pass(code="PASS6")
    first, second, third = book(festival, pass_id, "ETERNAL", seats=3).booking_ids
    festival.clock.advance(timedelta(minutes=10))
    assert shown_at(festival, pass_id, 0) == [True, True, True]
    assert shown_at(festival, pass_id, 1) == [False, False, False]
    with pytest.raises(ManagerNeeded, match="ne s'annule plus depuis"):
        cancel(festival, first, desk=festival.desks[1])
    cancel(festival, first)
    swap(festival, second, "KNEECAP")
    festival.clock.advance(SECOND)
    with pytest.raises(ManagerNeeded, match="ne s'annule plus depuis"):
        cancel(festival, third)
    [ended, _swapped] = festival.rows(BookingEnd)
    assert ended.authorized_by_id is None
    festival.read(check_the_house)


def test_the_grace_of_a_booking_is_a_rule_that_the_journal_tells(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    rules = replace(festival.desk.post.rules, booking_grace_minutes=0)
    desk = replace(festival.desk, post=replace(festival.desk.post, rules=rules))
    booked = book(festival, pass_id, "ETERNAL")
    festival.clock.advance(SECOND)
    with pytest.raises(ManagerNeeded, match="ne s'annule plus depuis"):
        cancel(festival, *booked.booking_ids, desk=desk)
    assert rules_told(rules)["booking_grace_minutes"] == 0


def shown_at(festival: Festival, pass_id: UUID, till: int) -> list[bool]:
    """For each booking of a pass, whether a till's cockpit says that it can still be cancelled."""
    post = festival.posts[till]
    shown = festival.read(lambda session: read_cockpit(session, pass_id, post.rules, post))
    return [seat.is_cancellable(festival.clock.now()) for seat in shown.standing]
