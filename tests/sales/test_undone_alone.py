"""A cashier alone undoes the last sale of their till within the grace time, as a manager ever set it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.rule_changes import change_rule
from boxoffice.sales.staff.rules import read_rules

from .conftest import Festival
from .test_tampering import fault


def with_grace(festival: Festival, minutes: int) -> Desk:
    """The desk of the cashier as if this were the rule, which no manager has set."""
    desk = festival.desk
    return replace(desk, post=replace(desk.post, rules=replace(desk.post.rules, grace_minutes=minutes)))


def set_grace(festival: Festival, minutes: int) -> Desk:
    """A manager sets the rule; the desk of the cashier from then on."""
    desk, clock, manager = festival.desk, festival.clock, festival.manager
    festival.write(
        lambda session: change_rule(session, desk.post, "grace", str(minutes), clock=clock, manager=manager)
    )
    return replace(desk, post=replace(desk.post, rules=festival.read(read_rules)))


def test_what_is_undone_after_a_grace_time_that_nobody_set_is_found_by_its_number(festival: Festival) -> None:
    sale = festival.sell(festival.product_line())
    festival.clock.advance(timedelta(minutes=10, seconds=1))
    festival.reverse(sale, desk=with_grace(festival, 999))
    said = str(fault(festival))
    assert said.startswith("vente 1-000002 (journal de la caisse 1, entrée ")
    assert said.endswith(
        "personne n'en répond, et il le fallait : annuler une vente passé le délai, ou d'une autre caisse."
    )


@pytest.mark.parametrize("minutes", [0, 10])
def test_what_is_undone_in_time_is_answered_for_by_nobody(festival: Festival, minutes: int) -> None:
    sale = festival.sell(festival.product_line())
    festival.clock.advance(timedelta(minutes=minutes))
    festival.reverse(sale)
    festival.stands()


def test_a_grace_time_that_was_ever_set_lets_pass_what_was_undone_in_it(festival: Festival) -> None:
    longer = set_grace(festival, 90)
    sale = festival.sell(festival.product_line())
    festival.clock.advance(timedelta(minutes=90))
    festival.reverse(sale, desk=longer)
    shorter = set_grace(festival, 2)
    festival.stands()
    other = festival.sell(festival.product_line())
    festival.clock.advance(timedelta(minutes=2))
    festival.reverse(other, desk=shorter)
    festival.stands()


def test_what_a_manager_answers_for_has_no_grace_time(festival: Festival) -> None:
    sale = festival.sell(festival.product_line())
    festival.clock.advance(timedelta(hours=1))
    festival.reverse(sale, authorized_by=festival.manager.id)
    other = festival.sell(festival.product_line())
    festival.clock.advance(timedelta(hours=1))
    festival.reverse(other, desk=festival.managers_desk)
    festival.stands()
