"""Who was let go, or is a manager no more, answers for nothing after their till told it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.models import Role
from boxoffice.sales.books.answer_books import AnswerBooks
from boxoffice.sales.books.reconciliation import Wrong, read_names
from boxoffice.sales.closings.cash import move_cash
from boxoffice.sales.reversal import Reverse, reverse
from boxoffice.sales.staff.operators import StaffMember, authorize, log_in, staff
from boxoffice.sales.staff.rules import read_rules
from boxoffice.sales.staff.staff_changes import AddOperator, add_operator, change_role, deactivate, reactivate

from .conftest import Festival
from .test_tampering import fault
from .test_who_answers import KARIM, LISA, OUT, for_a_moment, hash_of, new_pin, told_by

ZOE = 5
PINS = {LISA: "1234", KARIM: "2345", ZOE: "456789"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def with_zoe(festival: Festival) -> Festival:
    """The small festival with a second manager, so that either can be let go."""
    zoe, post, lisa = AddOperator("Zoé L.", Role.MANAGER, PINS[ZOE]), festival.posts[0], festival.manager
    told(festival, lambda session: add_operator(session, post, zoe, clock=festival.clock, manager=lisa))
    return festival


def told(festival: Festival, work: Callable[[Session], object]) -> None:
    """Something is told, and a minute goes by."""
    festival.write(work)
    festival.clock.advance(MINUTE)


def let_go(festival: Festival, till: int = 0, number: int = ZOE) -> None:
    post, clock, lisa = festival.posts[till], festival.clock, festival.manager
    told(festival, lambda session: deactivate(session, post, number, clock=clock, manager=lisa))


def come_back(festival: Festival, till: int = 0, number: int = ZOE) -> None:
    post, clock, lisa = festival.posts[till], festival.clock, festival.manager
    told(festival, lambda session: reactivate(session, post, number, clock=clock, manager=lisa))


def role(festival: Festival, new: Role, till: int = 0, number: int = KARIM) -> None:
    post, clock, lisa = festival.posts[till], festival.clock, festival.manager
    told(festival, lambda session: change_role(session, post, number, new, clock=clock, manager=lisa))


def member(session: Session, number: int) -> StaffMember:
    return next(each for each in staff(session) if each.number == number)


def take_out(festival: Festival, by: int, till: int = 0) -> None:
    """Cash leaves the drawer of a till; somebody has typed their PIN for it."""
    post, clock = festival.posts[till], festival.clock
    found = festival.read(lambda session: member(session, by))
    told(festival, lambda session: authorize(session, post, found.id, PINS[by], "cash.moved", clock=clock))
    move = replace(OUT, movement_id=uuid4())
    told(
        festival,
        lambda session: move_cash(
            session, move, festival.desks[till], clock=clock, authorized_by=member(session, by)
        ),
    )


def type_pin(festival: Festival, till: int, number: int, pin: str) -> None:
    post = replace(festival.posts[till], rules=festival.read(read_rules))
    told(festival, lambda session: log_in(session, post, number, pin, clock=festival.clock))


def test_a_manager_let_go_who_is_there_for_a_moment_answers_for_nothing(with_zoe: Festival) -> None:
    take_out(with_zoe, ZOE)
    let_go(with_zoe)
    with_zoe.stands()
    with for_a_moment(with_zoe, ZOE, active=True):
        take_out(with_zoe, ZOE)
    assert str(fault(with_zoe)).endswith(
        "l'opérateur n° 5 en répond, qui n'avait pas ou plus ce droit alors : autoriser un acte réservé."
    )


def test_a_code_of_somebody_let_go_that_lets_them_in_for_a_moment_is_found(with_zoe: Festival) -> None:
    type_pin(with_zoe, 0, ZOE, PINS[ZOE])
    let_go(with_zoe)
    with_zoe.stands()
    with for_a_moment(with_zoe, ZOE, active=True):
        type_pin(with_zoe, 0, ZOE, PINS[ZOE])
    assert str(fault(with_zoe)).endswith(
        "le code de l'opérateur n° 5 y a été accepté, qui n'était plus en service."
    )


def test_a_cashier_who_once_was_a_manager_answers_for_nothing_more(festival: Festival) -> None:
    role(festival, Role.MANAGER)
    take_out(festival, KARIM)
    role(festival, Role.CASHIER)
    festival.stands()
    with for_a_moment(festival, KARIM, role=Role.MANAGER):
        take_out(festival, KARIM)
    assert "n° 2 en répond, qui n'avait pas ou plus ce droit alors" in str(fault(festival))


def test_a_cashier_who_will_be_a_manager_answers_for_nothing_yet(festival: Festival) -> None:
    with for_a_moment(festival, KARIM, role=Role.MANAGER):
        take_out(festival, KARIM)
    role(festival, Role.MANAGER)
    assert "n° 2 en répond, qui n'avait pas ou plus ce droit alors" in str(fault(festival))


def test_a_late_reversal_by_who_is_a_manager_no_more_is_found_by_its_number(festival: Festival) -> None:
    sale, other = festival.sell(festival.product_line()), festival.sell(festival.product_line())
    role(festival, Role.MANAGER)

    def undone(sale_id: object) -> None:
        command = Reverse(uuid4(), sale_id, reason="Erreur", authorized_by=karim)  # type: ignore[arg-type]
        told(festival, lambda session: reverse(session, command, festival.desk, clock=festival.clock))

    karim = festival.cashier.id
    undone(sale.sale_id)
    role(festival, Role.CASHIER)
    festival.stands()
    with for_a_moment(festival, KARIM, role=Role.MANAGER):
        undone(other.sale_id)
    assert str(fault(festival)).startswith("vente 1-000004 (journal de la caisse 1, entrée ")
    assert "qui n'avait pas ou plus ce droit alors : annuler une vente" in str(fault(festival))


def test_who_was_let_go_and_came_back_more_than_once_answers_in_between(with_zoe: Festival) -> None:
    for till in (0, 1, 0):
        take_out(with_zoe, ZOE)
        let_go(with_zoe, till)
        come_back(with_zoe, till)
        take_out(with_zoe, ZOE, till=1)
    let_go(with_zoe)
    with_zoe.stands()


def test_who_comes_back_and_acts_within_a_second_is_no_fault(with_zoe: Festival) -> None:
    post, clock, lisa = with_zoe.posts[0], with_zoe.clock, with_zoe.manager
    let_go(with_zoe)
    with_zoe.write(lambda session: reactivate(session, post, ZOE, clock=clock, manager=lisa))
    take_out(with_zoe, ZOE)
    with_zoe.stands()


@pytest.mark.parametrize("behind", [timedelta(), timedelta(minutes=40)])
def test_who_came_back_at_the_other_till_answers_here_be_its_clock_behind(
    with_zoe: Festival, behind: timedelta
) -> None:
    let_go(with_zoe)
    role(with_zoe, Role.MANAGER)
    role(with_zoe, Role.CASHIER)
    with with_zoe.clock.without_nights():
        with_zoe.clock.at -= behind
    come_back(with_zoe, till=1)
    role(with_zoe, Role.MANAGER, till=1)
    with with_zoe.clock.without_nights():
        with_zoe.clock.at += behind
    take_out(with_zoe, ZOE)
    take_out(with_zoe, KARIM)
    with_zoe.stands()
    let_go(with_zoe, till=1)
    role(with_zoe, Role.CASHIER, till=1)
    with_zoe.stands()


def test_what_the_other_till_told_before_lets_nobody_act_after_this_one_told_the_end(
    festival: Festival,
) -> None:
    """There was but one promotion, and it was given up here."""
    role(festival, Role.MANAGER, till=1)
    take_out(festival, KARIM)
    take_out(festival, KARIM, till=1)
    role(festival, Role.CASHIER)
    festival.stands()
    with for_a_moment(festival, KARIM, role=Role.MANAGER):
        take_out(festival, KARIM)
    assert "n° 2 en répond, qui n'avait pas ou plus ce droit alors" in str(fault(festival))


def test_a_manager_who_lets_themself_go_answers_for_it(with_zoe: Festival) -> None:
    post, clock = with_zoe.posts[0], with_zoe.clock
    zoe = with_zoe.read(lambda session: member(session, ZOE))
    told(with_zoe, lambda session: deactivate(session, post, ZOE, clock=clock, manager=zoe))
    with_zoe.stands()


@pytest.mark.parametrize(("after", "seconds", "stands"), [(1, 0, True), (1, 1, False), (2, 0, False)])
def test_an_act_that_was_under_way_when_somebody_was_let_go_is_no_fault(
    festival: Festival, after: int, seconds: int, stands: bool
) -> None:
    """On PostgreSQL, where two programs may sign for a till at once."""
    books = AnswerBooks()
    told_by(books, 1, JournalKind.KEY_CREATED, supersedes="")
    told_by(books, 2, JournalKind.OPERATOR_ADDED, added=LISA, role="manager")
    told_by(books, 3, JournalKind.OPERATOR_DEACTIVATED, deactivated=LISA, at="2026-01-21T12:00:00+00:00")
    at = f"2026-01-21T12:00:0{seconds}+00:00"
    told_by(books, 3 + after, JournalKind.CASH_MOVED, kind="out", operator=KARIM, authorized_by=LISA, at=at)
    with festival.database.read() as session:
        names = read_names(session)
        if stands:
            books.compare(session, (), names)
            return
        with pytest.raises(Wrong):
            books.compare(session, (), names)


def test_a_former_code_put_back_after_this_till_knew_the_new_one_is_found(festival: Festival) -> None:
    """It was changed at the other till, whose chain is in no order with this one's."""
    before = hash_of(festival, LISA)
    type_pin(festival, 1, LISA, PINS[LISA])
    new_pin(festival)
    type_pin(festival, 1, LISA, "666666")
    festival.stands()
    with for_a_moment(festival, LISA, pin_hash=before):
        type_pin(festival, 1, LISA, PINS[LISA])
    assert str(fault(festival)).endswith("ce code PIN de l'opérateur n° 1 avait été changé.")


def test_a_former_code_put_back_after_two_others_is_found(festival: Festival) -> None:
    before = hash_of(festival, LISA)
    new_pin(festival)
    new_pin(festival)
    type_pin(festival, 1, LISA, "666666")
    with for_a_moment(festival, LISA, pin_hash=before):
        type_pin(festival, 1, LISA, PINS[LISA])
    assert "avait été changé" in str(fault(festival))


def test_codes_changed_at_either_till_and_typed_at_both_are_no_fault(festival: Festival) -> None:
    type_pin(festival, 1, LISA, PINS[LISA])
    for till in (0, 1, 1, 0):
        new_pin(festival, till)
        type_pin(festival, 1 - till, LISA, "666666")
        type_pin(festival, till, LISA, "666666")
    festival.stands()
