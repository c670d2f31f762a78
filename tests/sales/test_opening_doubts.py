"""A till that opens with another float than was left, after its day, or on a far date: who answers."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, ClosingPeriod, Role
from boxoffice.models import JournalEntry, TillSession
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import lock, log_in
from boxoffice.sales.staff.rule_changes import change_rule
from boxoffice.sales.staff.rules import read_rules
from boxoffice.sales.staff.shift_closing import ShiftEnd, close_shift
from boxoffice.sales.staff.shifts import OpenShift, open_shift
from tests.sales.closed_books import close_the, close_the_till
from tests.sales.conftest import Festival
from tests.sales.leaving import leave_to

EURO = "\u00a0€"
NOT_COUNTED = ShiftEnd(reason="Non compté")


def opened(festival: Festival, command: OpenShift) -> Desk:
    return festival.write(
        lambda session: open_shift(
            session, festival.posts[0], festival.cashier, command, clock=festival.clock
        )
    )


def log_in_first(festival: Festival) -> None:
    """As at a counter, where nobody opens a till before the journal was told who is there, and when."""
    post = replace(festival.posts[0], rules=festival.read(read_rules))
    cashier, clock = festival.cashier, festival.clock
    festival.write(lambda session: log_in(session, post, cashier.id, "2345", clock=clock))


def refused(festival: Festival, command: OpenShift) -> ManagerNeeded:
    log_in_first(festival)
    before = festival.everything()
    with pytest.raises(ManagerNeeded) as needed:
        opened(festival, command)
    assert festival.everything() == before
    return needed.value


def last_told(festival: Festival) -> dict[str, Any]:
    rows = [row for row in festival.rows(JournalEntry) if row.till_id == festival.posts[0].till_id]
    content: dict[str, Any] = json.loads(rows[-1].content)
    return content


def by_a_manager(festival: Festival, cents: int, reason: str = "Porté au coffre") -> OpenShift:
    return OpenShift(cents, authorized_by=festival.manager, reason=reason)


def test_a_float_that_is_not_what_was_left_is_answered_for_with_a_reason(festival: Festival) -> None:
    close_the_till(festival, 0, 10_000)
    needed = refused(festival, OpenShift(0))
    assert needed.message == (
        f"Il est resté 100,00{EURO} dans le tiroir, et le fond de caisse serait de 0,00{EURO}."
    )
    refused(festival, by_a_manager(festival, 0, reason="  "))
    cashier = OpenShift(0, authorized_by=festival.cashier, reason="Porté au coffre")
    refused(festival, cashier)
    opened(festival, by_a_manager(festival, 0))
    told = last_told(festival)
    assert (told["entry"], told["float"], told["left"]) == ("till.opened", 0, 10_000)
    assert (told["authorized_by"], told["reason"]) == (festival.manager.number, "Porté au coffre")
    festival.stands()


@pytest.mark.parametrize("cents", [9_500, 10_000, 10_500])
def test_a_float_that_is_what_was_left_within_the_rule_is_asked_of_nobody(
    festival: Festival, cents: int
) -> None:
    close_the_till(festival, 0, 10_000)
    opened(festival, OpenShift(cents))
    assert "left" not in last_told(festival)


@pytest.mark.parametrize("cents", [9_499, 10_501])
def test_a_cent_beyond_the_rule_is_asked(festival: Festival, cents: int) -> None:
    close_the_till(festival, 0, 10_000)
    refused(festival, OpenShift(cents))


def test_a_drawer_that_nobody_counted_should_hold_what_the_books_say(festival: Festival) -> None:
    festival.sell(festival.product_line())
    close_the_till(festival, 0, end=NOT_COUNTED)
    needed = refused(festival, OpenShift(0))
    assert needed.message == (
        f"Personne n'a compté le tiroir, où il devait rester 103,00{EURO} ;"
        f" le fond de caisse serait de 0,00{EURO}."
    )
    opened(festival, by_a_manager(festival, 0))
    told = last_told(festival)
    assert (told["left"], told["counted"], told["authorized_by"]) == (10_300, False, festival.manager.number)
    festival.stands()


def test_who_finds_what_an_uncounted_drawer_should_hold_is_asked_nothing(festival: Festival) -> None:
    festival.sell(festival.product_line())
    close_the_till(festival, 0, end=NOT_COUNTED)
    opened(festival, OpenShift(10_300))
    assert "left" not in last_told(festival)
    festival.stands()


def open_and_close(festival: Festival, cents: int, *, answered: bool = False) -> None:
    """The cashier opens with a float, and closes with it a minute later."""
    desk = opened(festival, by_a_manager(festival, cents) if answered else OpenShift(cents))
    festival.clock.advance(timedelta(minutes=1))
    post, cashier, clock = festival.posts[0], festival.cashier, festival.clock
    festival.write(
        lambda session: close_shift(session, post, cashier, desk.till_session_id, cents, clock=clock)
    )
    festival.clock.advance(timedelta(minutes=1))


def test_floats_each_a_little_lower_are_summed_over_the_day(festival: Festival) -> None:
    close_the_till(festival, 0, 10_000)
    open_and_close(festival, 9_800)
    open_and_close(festival, 9_500)
    needed = refused(festival, OpenShift(9_499))
    assert needed.message == (
        f"Les petits écarts de cette caisse s'ajoutent sur la journée : -5,01{EURO} en tout,"
        f" pour 5,00{EURO} au plus."
    )
    opened(festival, by_a_manager(festival, 9_499))
    told = last_told(festival)
    assert (told["left"], told["off_today"], told["reason"]) == (9_500, -501, "Porté au coffre")
    festival.stands()


def test_what_somebody_answered_for_is_summed_no_more(festival: Festival) -> None:
    close_the_till(festival, 0, 10_000)
    open_and_close(festival, 9_700)
    open_and_close(festival, 9_300, answered=True)
    open_and_close(festival, 8_800)
    refused(festival, OpenShift(8_799))


def test_a_float_that_is_put_right_again_is_asked_of_nobody(festival: Festival) -> None:
    close_the_till(festival, 0, 10_000)
    for cents in (9_600, 10_000, 9_500, 9_900, 9_500):
        open_and_close(festival, cents)
    refused(festival, OpenShift(9_499))


def test_each_day_is_summed_by_itself(festival: Festival) -> None:
    close_the_till(festival, 0, 10_000)
    open_and_close(festival, 9_500)
    for till in range(2):
        close_the_till(festival, till, (9_500, 5_000)[till])
    close_the(festival, ClosingPeriod.DAY)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=1))
    opened(festival, OpenShift(9_000))
    festival.stands()


def test_what_went_to_the_bank_is_not_looked_for_in_the_drawer(festival: Festival) -> None:
    festival.sell()
    close_the_till(festival, 0, 10_850, ShiftEnd(deposit_cents=5_850))
    opened(festival, OpenShift(5_000))


def test_where_drawers_are_counted_blind_nobody_is_told_what_was_left(festival: Festival) -> None:
    post, clock, manager = festival.posts[0], festival.clock, festival.manager
    festival.write(
        lambda session: change_rule(session, post, "blind-count", "oui", clock=clock, manager=manager)
    )
    close_the_till(festival, 0, 10_000)
    blind = replace(post, rules=festival.read(read_rules))
    with pytest.raises(ManagerNeeded) as needed:
        festival.write(
            lambda session: open_shift(session, blind, festival.cashier, OpenShift(0), clock=clock)
        )
    assert "100" not in str(needed.value)


@pytest.mark.parametrize("set_back", [timedelta(), timedelta(hours=1)])
def test_floats_counted_blind_and_refused_are_told_and_are_not_guessed(
    festival: Festival, set_back: timedelta
) -> None:
    """Be the clock that the drawer was counted by set back meanwhile."""
    post, clock, manager = festival.posts[0], festival.clock, festival.manager
    festival.write(
        lambda session: change_rule(session, post, "blind-count", "oui", clock=clock, manager=manager)
    )
    close_the_till(festival, 0, 10_000)
    clock.advance(-set_back)
    blind = replace(post, rules=festival.read(read_rules))

    def tried(command: OpenShift) -> None:
        festival.write(lambda session: open_shift(session, blind, festival.cashier, command, clock=clock))

    for cents in (0, 9_000):
        with pytest.raises(ManagerNeeded, match="n'est pas ce qui est resté"):
            tried(OpenShift(cents))
    for cents in (9_000, 10_000):
        with pytest.raises(ManagerNeeded, match="Deux comptages de ce tiroir ont déjà été refusés"):
            tried(OpenShift(cents))
    told = [json.loads(row.content) for row in festival.rows(JournalEntry) if row.kind == "count.refused"]
    assert [each["counted"] for each in told] == [{"cash": 0}, {"cash": 9_000}]
    tried(by_a_manager(festival, 10_000, "Recompté ensemble"))
    assert "left" not in last_told(festival)
    assert last_told(festival)["authorized_by"] == manager.number
    festival.stands()


def test_after_the_day_is_closed_a_manager_opens_again_and_it_counts_for_the_next(
    festival: Festival,
) -> None:
    festival.sell()
    for till in range(2):
        close_the_till(festival, till, end=NOT_COUNTED)
    close_the(festival, ClosingPeriod.DAY)
    assert "La journée du 21/01/2026 est close." in refused(festival, OpenShift(0)).message
    desk = opened(festival, by_a_manager(festival, 0, "Close une heure trop tôt"))
    assert last_told(festival)["after_closed_day"] == "2026-01-21"
    festival.sell(festival.product_line(), desk=desk)
    assert close_the_till(festival, 0, 300).last_day == date(2026, 1, 22)
    with pytest.raises(Refusal, match="compte dans la suivante"):
        close_the(festival, ClosingPeriod.DAY)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=1))
    festival.sell(festival.product_line(), desk=opened(festival, OpenShift(300)))
    close_the_till(festival, 0, 600)
    assert close_the(festival, ClosingPeriod.DAY).period_cents == 600
    festival.stands()


def test_what_is_signed_at_a_wrong_date_without_work_says_nothing_of_the_date(festival: Festival) -> None:
    """At the other till somebody typed a wrong PIN, then the right one, and locked it again."""
    for till in range(2):
        close_the_till(festival, till, end=NOT_COUNTED)
    close_the(festival, ClosingPeriod.DAY)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=700))
    post, cashier = festival.posts[1], festival.cashier
    with pytest.raises(Refusal):
        festival.write(lambda session: log_in(session, post, cashier.id, "0000", clock=festival.clock))
    festival.write(lambda session: log_in(session, post, cashier.id, "2345", clock=festival.clock))
    festival.write(lambda session: lock(session, post, cashier, clock=festival.clock))
    assert "La dernière opération date du 21/01/2026." in refused(festival, OpenShift(0)).message


def test_a_date_far_from_all_work_is_confirmed_by_a_manager(festival: Festival) -> None:
    for till in range(2):
        close_the_till(festival, till, end=NOT_COUNTED)
    close_the(festival, ClosingPeriod.DAY)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=7, seconds=1))
    needed = refused(festival, OpenShift(10_000))
    assert needed.message == "Sommes-nous bien le 28/01/2026 ? La dernière opération date du 21/01/2026."
    opened(festival, by_a_manager(festival, 10_000, "Relâche"))
    assert last_told(festival)["long_after"] == "2026-01-21"
    assert festival.count(TillSession) == 3


def test_every_doubt_is_asked_at_once_answered_for_and_told(festival: Festival) -> None:
    festival.sell()
    close_the_till(festival, 0, 10_850)
    close_the_till(festival, 1, end=NOT_COUNTED)
    close_the(festival, ClosingPeriod.DAY)
    needed = refused(festival, OpenShift(0))
    assert "La journée du 21/01/2026 est close." in needed.message
    assert f"Il est resté 108,50{EURO} dans le tiroir" in needed.message
    opened(festival, by_a_manager(festival, 0, "Close trop tôt"))
    told = last_told(festival)
    assert (told["after_closed_day"], told["left"]) == ("2026-01-21", 10_850)
    assert (told["authorized_by"], told["reason"]) == (festival.manager.number, "Close trop tôt")
    festival.stands()


@pytest.mark.parametrize("action", [Action.CLOSE_DAY, Action.ANSWER_DIFFERENCE])
def test_who_answers_for_two_doubts_may_answer_for_each(festival: Festival, action: Action) -> None:
    close_the_till(festival, 0, 10_000)
    close_the_till(festival, 1, end=NOT_COUNTED)
    close_the(festival, ClosingPeriod.DAY)
    (other,) = {Action.CLOSE_DAY, Action.ANSWER_DIFFERENCE} - {action}
    leave_to(festival, other, Role.CASHIER)
    refused(festival, OpenShift(0, authorized_by=festival.cashier, reason="Close trop tôt"))
