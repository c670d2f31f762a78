"""What a drawer is off by, counted at the end of a shift or at the next opening, is summed over the day."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, ClosingPeriod, Role
from boxoffice.models import JournalEntry
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.opening_doubts import float_in_clear
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.rule_changes import change_rule
from boxoffice.sales.staff.rules import read_rules
from boxoffice.sales.staff.shift_closing import NOTHING_TOLD, ShiftEnd, close_shift, summed_of
from boxoffice.sales.staff.shifts import OpenShift, current_shift, open_shift

from .closed_books import close_the, close_the_till
from .conftest import Festival
from .leaving import leave_to
from .test_opening_doubts import EURO
from .test_tampering import fault
from .test_who_answers import left_for_a_moment

SUMMED = "Les petits écarts de cette caisse s'ajoutent sur la journée : "


def opens(festival: Festival, cents: int, **answered: Any) -> None:
    post, cashier, clock = festival.posts[0], festival.cashier, festival.clock
    command = OpenShift(cents, **answered)
    festival.write(lambda session: open_shift(session, post, cashier, command, clock=clock))
    clock.advance(timedelta(minutes=1))


def ends(
    festival: Festival,
    cents: int | None,
    end: ShiftEnd = NOTHING_TOLD,
    *,
    post: Post | None = None,
    authorized_by: StaffMember | None = None,
) -> None:
    """The cashier of the first till counts its drawer, and closes their shift."""
    post, cashier, clock = post or festival.posts[0], festival.cashier, festival.clock
    shift = festival.read(lambda session: current_shift(session, post.till_id))
    assert shift is not None
    festival.write(
        lambda session: close_shift(
            session, post, cashier, shift.id, cents, clock=clock, authorized_by=authorized_by, end=end
        )
    )
    clock.advance(timedelta(minutes=1))


def refused(festival: Festival, work: Callable[..., None], *args: Any, **more: Any) -> Refusal:
    before = festival.everything()
    with pytest.raises(Refusal) as caught:
        work(festival, *args, **more)
    assert festival.everything() == before
    return caught.value


def last_told(festival: Festival) -> dict[str, Any]:
    rows = [row for row in festival.rows(JournalEntry) if row.till_id == festival.posts[0].till_id]
    content: dict[str, Any] = json.loads(rows[-1].content)
    return content


def blind(festival: Festival) -> Post:
    """The first till, where drawers are counted blind from now on."""
    post, clock, manager = festival.posts[0], festival.clock, festival.manager
    festival.write(
        lambda session: change_rule(session, post, "blind-count", "oui", clock=clock, manager=manager)
    )
    return replace(post, rules=festival.read(read_rules))


def test_a_drawer_that_is_lighter_at_each_count_is_asked_for_once_it_adds_up(festival: Festival) -> None:
    ends(festival, 9_700)
    opens(festival, 9_700)
    needed = refused(festival, ends, 9_499)
    assert isinstance(needed, ManagerNeeded)
    assert needed.message == f"{SUMMED}-5,01{EURO} en tout, pour 5,00{EURO} au plus."
    assert needed.remedy == "Recomptez, ou un responsable en répond avec un motif."
    ends(festival, 9_500)
    assert "off_today" not in last_told(festival)
    festival.stands()


def test_a_manager_answers_for_what_adds_up_and_it_begins_again(festival: Festival) -> None:
    ends(festival, 9_600)
    opens(festival, 9_600)
    lisa = festival.manager
    said = refused(festival, ends, 9_400, authorized_by=lisa)
    assert (said.message, said.remedy) == (
        f"{SUMMED}-6,00{EURO} en tout, pour 5,00{EURO} au plus.",
        "Recomptez, ou dites pourquoi.",
    )
    ends(festival, 9_400, ShiftEnd(reason="Rendu de monnaie"), authorized_by=lisa)
    told = last_told(festival)
    assert (told["off_today"], told["authorized_by"], told["reason"]) == (-600, 1, "Rendu de monnaie")
    opens(festival, 9_400)
    ends(festival, 8_900)
    opens(festival, 8_900)
    refused(festival, ends, 8_899)
    festival.stands()


def test_counts_and_floats_are_summed_together(festival: Festival) -> None:
    ends(festival, 9_800)
    opens(festival, 9_600)
    ends(festival, 9_500)
    assert refused(festival, opens, 9_499).message.startswith(f"{SUMMED}-5,01{EURO}")
    opens(festival, 9_500)
    assert refused(festival, ends, 9_499).message.startswith(f"{SUMMED}-5,01{EURO}")
    ends(festival, 9_600)
    opens(festival, 9_500)
    festival.stands()


def test_a_difference_that_is_made_good_is_asked_of_nobody(festival: Festival) -> None:
    for cents in (9_600, 10_000, 9_500, 9_900, 9_500):
        ends(festival, cents)
        opens(festival, cents)
    refused(festival, ends, 9_499)


def test_what_is_too_much_adds_up_as_well(festival: Festival) -> None:
    ends(festival, 10_300)
    opens(festival, 10_300)
    assert refused(festival, ends, 10_501).message.startswith(f"{SUMMED}5,01{EURO}")


def test_a_drawer_that_nobody_counted_adds_nothing(festival: Festival) -> None:
    ends(festival, 9_600)
    opens(festival, 9_600)
    ends(festival, None, ShiftEnd(reason="Coffre fermé"), authorized_by=festival.manager)
    opens(festival, 9_600)
    ends(festival, 9_500)
    festival.stands()


def test_each_day_is_summed_by_itself(festival: Festival) -> None:
    ends(festival, 9_500)
    for till in range(2):
        close_the_till(festival, till, end=ShiftEnd(reason="Coffre fermé"))
    close_the(festival, ClosingPeriod.DAY)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=1))
    opens(festival, 9_500)
    ends(festival, 9_000)
    festival.stands()


def test_a_shift_of_the_evening_counts_for_that_day_whenever_it_ends(festival: Festival) -> None:
    with festival.clock.without_nights():
        ends(festival, 9_700)
        opens(festival, 9_700)
        festival.clock.advance(timedelta(hours=17))
    refused(festival, ends, 9_400)


def test_whoever_may_answer_for_a_difference_says_why_it_adds_up(festival: Festival) -> None:
    ends(festival, 9_600)
    opens(festival, 9_600)
    leave_to(festival, Action.ANSWER_DIFFERENCE, Role.CASHIER)
    assert refused(festival, ends, 9_400).remedy == "Recomptez, ou dites pourquoi."
    ends(festival, 9_400, ShiftEnd(reason="Rendu de monnaie"))
    festival.stands()


def test_what_adds_up_and_a_cashier_answered_for_is_found(festival: Festival) -> None:
    ends(festival, 9_600)
    opens(festival, 9_600)
    with left_for_a_moment(festival, Action.ANSWER_DIFFERENCE):
        ends(festival, 9_400, ShiftEnd(reason="Rendu de monnaie"))
    assert "répondre d'un écart de caisse" in str(fault(festival))


def test_counted_blind_it_is_said_that_gaps_add_up_and_not_to_what(festival: Festival) -> None:
    till = blind(festival)
    ends(festival, 9_700, post=till)
    opens(festival, 9_700)
    for cents in (9_400, 9_300):
        with pytest.raises(ManagerNeeded) as needed:
            ends(festival, cents, post=till)
        assert needed.value.message == f"{SUMMED}ensemble, ils dépassent la limite."
        assert "inscrit au journal" in needed.value.remedy
        assert last_told(festival)["entry"] == "count.refused"
    with pytest.raises(ManagerNeeded, match="Deux comptages de ce tiroir ont déjà été refusés"):
        ends(festival, 9_600, post=till)
    shift = festival.read(lambda session: current_shift(session, till.till_id))
    assert shift is not None
    seen = festival.read(lambda session: summed_of(session, till, shift.id, 9_400))
    assert seen == f"{SUMMED}-6,00{EURO} en tout, pour 5,00{EURO} au plus."
    assert festival.read(lambda session: summed_of(session, till, shift.id, 9_600)) == ""
    ends(festival, 9_400, ShiftEnd(reason="Recompté"), post=till, authorized_by=festival.manager)
    festival.stands()


def test_a_float_counted_blind_says_that_gaps_add_up_and_its_manager_is_told_to_what(
    festival: Festival,
) -> None:
    till, cashier, clock = blind(festival), festival.cashier, festival.clock
    ends(festival, 9_600, post=till)
    with pytest.raises(ManagerNeeded) as needed:
        festival.write(lambda session: open_shift(session, till, cashier, OpenShift(9_400), clock=clock))
    assert needed.value.message == f"{SUMMED}ensemble, ils dépassent la limite."
    said = festival.read(lambda session: float_in_clear(session, till, 9_400, at=clock.now()))
    assert said.endswith(f"{SUMMED}-6,00{EURO} en tout, pour 5,00{EURO} au plus.")
