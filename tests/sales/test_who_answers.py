"""Roles, codes and permissions that are others for a moment: verify finds what was done with them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.care.keys import declare_lost
from boxoffice.kinds import Action, CashKind, ClosingPeriod, JournalKind
from boxoffice.models import Operator, Role, Setting, table
from boxoffice.sales.books.answer_books import AnswerBooks
from boxoffice.sales.books.journal import append
from boxoffice.sales.books.reconciliation import Wrong, read_names
from boxoffice.sales.closings.cash import MoveCash, move_cash, open_drawer
from boxoffice.sales.closings.period_closing import ClosePeriod, close_period
from boxoffice.sales.staff.acts_told import TOLD
from boxoffice.sales.staff.operators import authorize, hash_pin, log_in, prove_allowed, prove_manager, staff
from boxoffice.sales.staff.rules import read_rules
from boxoffice.sales.staff.shift_closing import ShiftEnd, close_shift
from boxoffice.sales.staff.shifts import OpenShift, open_shift
from boxoffice.sales.staff.staff_changes import (
    AddOperator,
    add_operator,
    change_pin,
    change_role,
    deactivate,
)

from .closed_books import close_the_till
from .conftest import Festival
from .leaving import leave_to
from .test_permissions import CASHIER_BY_DEFAULT, READY, TRIES, Trial
from .test_tampering import fault

_operator, _setting = table(Operator), table(Setting)
KARIM, LISA = 2, 1
OUT = MoveCash(uuid4(), CashKind.OUT, 100, "Karim D.", "Timbres")


def put(festival: Festival, change: sa.Executable) -> None:
    festival.write(lambda session: session.execute(change))


@contextmanager
def for_a_moment(festival: Festival, number: int, **values: Any) -> Iterator[None]:
    """An operator whose row says something else meanwhile, with nothing told of it."""
    there = _operator.c.number == number
    names = [_operator.c[name] for name in values]
    kept = festival.read(lambda session: session.execute(sa.select(*names).where(there)).one())
    put(festival, _operator.update().where(there).values(**values))
    yield
    put(festival, _operator.update().where(there).values(**dict(zip(values, kept, strict=True))))


@contextmanager
def left_for_a_moment(festival: Festival, action: Action) -> Iterator[None]:
    """An act that is left to cashiers meanwhile, with nothing told of it."""
    name = f"permission.{action}"
    put(festival, _setting.insert().values(name=name, value='["cashier"]'))
    yield
    put(festival, _setting.delete().where(_setting.c.name == name))


def take_out(festival: Festival, authorized_by: int | None = None) -> None:
    """Cash leaves the drawer of the cashier, allowed by somebody, or by nobody."""
    with festival.database.write() as session:
        allowed = next((each for each in staff(session) if each.number == authorized_by), None)
        move_cash(session, OUT, festival.desk, clock=festival.clock, authorized_by=allowed)


def test_a_cashier_who_was_a_manager_for_a_moment_answers_for_nothing(festival: Festival) -> None:
    with for_a_moment(festival, KARIM, role=Role.MANAGER):
        take_out(festival, KARIM)
    assert str(fault(festival)).endswith(
        "l'opérateur n° 2 en répond, à qui le journal n'a jamais donné ce droit :"
        " sortir des espèces du tiroir."
    )


def test_an_act_left_to_cashiers_for_a_moment_is_found(festival: Festival) -> None:
    with left_for_a_moment(festival, Action.CASH_OUT):
        take_out(festival)
    assert "n° 2 en répond" in str(fault(festival))
    assert "sortir des espèces du tiroir" in str(fault(festival))


def test_a_late_reversal_by_a_cashier_is_found_by_its_number(festival: Festival) -> None:
    sale = festival.sell(festival.product_line())
    festival.clock.advance(timedelta(hours=1))
    with left_for_a_moment(festival, Action.REVERSE_LATE):
        festival.reverse(sale, reason="Mauvaise séance")
    assert str(fault(festival)).startswith("vente 1-000002 (journal de la caisse 1, entrée ")
    assert "annuler une vente passé le délai" in str(fault(festival))


NOT_THERE = {
    Action.REPRINT_CLOSING,
    Action.UNBLOCK_PASS,
    Action.REPLACE_PASS,
    Action.CHANGE_HOLDER,
    Action.UNBLOCK_CARD,
    Action.REPLACE_CARD,
    Action.LENGTHEN_CARD,
    Action.GIVE_CARDS,
    Action.CORRECT_BALANCE,
    Action.MAKE_CODES,
    Action.MERGE_CUSTOMERS,
    Action.CARE_FOR_KEYS,
    Action.CLOSE_DAY,
    Action.REPRINT_ANYTIME,
}
"""What cannot be done in the small festival without more, or leaves no entry there."""


@pytest.mark.parametrize(
    "action",
    [action for action in Action if action not in NOT_THERE | CASHIER_BY_DEFAULT],
    ids=lambda action: action.value,
)
def test_every_act_of_a_cashier_made_a_manager_for_a_moment_is_found(
    festival: Festival, action: Action
) -> None:
    there = READY[action](festival) if action in READY else None
    with for_a_moment(festival, KARIM, role=Role.MANAGER), festival.database.write() as session:
        TRIES[action](Trial(festival, session, festival.cashier, None, there))
    assert "n° 2 en répond, à qui le journal n'a jamais donné ce droit" in str(fault(festival))


def test_a_key_declared_lost_and_a_day_closed_by_who_may_not_are_found(festival: Festival) -> None:
    post, karim, clock = festival.posts[0], festival.cashier, festival.clock
    for till in range(2):
        close_the_till(festival, till, end=ShiftEnd(reason="Non compté"))
    day = ClosePeriod(uuid4(), ClosingPeriod.DAY)
    with left_for_a_moment(festival, Action.CLOSE_DAY):
        festival.write(lambda session: close_period(session, day, post, karim, clock=clock))
    assert "clore la journée" in str(fault(festival))
    leave_to(festival, Action.CLOSE_DAY, Role.CASHIER)
    festival.stands()
    with for_a_moment(festival, KARIM, role=Role.MANAGER):
        festival.write(lambda session: declare_lost(session, post, 2, clock=clock, manager=karim))
    assert "les clés de signature" in str(fault(festival))


def test_every_act_has_entries_that_tell_it() -> None:
    assert {act for told in TOLD for act in told.acts} == set(Action)


def by_pin(festival: Festival, use: str, pin: str) -> None:
    """Somebody is asked for the code of the manager, in one way or another."""
    post, clock, lisa = festival.posts[0], festival.clock, festival.manager
    post = replace(post, rules=festival.read(read_rules))
    ways: Mapping[str, Callable[[Session], object]] = {
        "log in": lambda session: log_in(session, post, lisa.id, pin, clock=clock),
        "authorize": lambda session: authorize(session, post, lisa.id, pin, "cash.moved", clock=clock),
        "command": lambda session: prove_manager(session, post, LISA, pin, clock=clock),
        "figures": lambda session: prove_allowed(
            session, post, LISA, pin, Action.SEE_FIGURES, "Z", clock=clock
        ),
    }
    festival.write(ways[use])


def hash_of(festival: Festival, number: int) -> str:
    return next(str(row.pin_hash) for row in festival.rows(Operator) if row.number == number)


@pytest.mark.parametrize("use", ["log in", "authorize", "command", "figures"])
def test_whoever_puts_their_own_code_in_the_place_of_anothers_is_found(festival: Festival, use: str) -> None:
    by_pin(festival, use, "1234")
    festival.stands()
    with for_a_moment(festival, LISA, pin_hash=hash_of(festival, KARIM)):
        by_pin(festival, use, "2345")
    assert str(fault(festival)).endswith(
        "ce code PIN n'est aucun de ceux que le journal raconte de l'opérateur n° 1."
    )


def test_a_code_that_nobody_told_is_found_once_it_was_typed(festival: Festival) -> None:
    with for_a_moment(festival, LISA, pin_hash=hash_pin("9999")):
        by_pin(festival, "authorize", "9999")
    assert "n'est aucun de ceux" in str(fault(festival))


def new_pin(festival: Festival, till: int = 0) -> None:
    post, clock, lisa = festival.posts[till], festival.clock, festival.manager
    festival.write(lambda session: change_pin(session, post, LISA, "666666", clock=clock, manager=lisa))


def test_a_code_that_had_been_changed_and_was_put_back_for_a_moment_is_found(festival: Festival) -> None:
    before = hash_of(festival, LISA)
    new_pin(festival)
    by_pin(festival, "log in", "666666")
    festival.stands()
    with for_a_moment(festival, LISA, pin_hash=before):
        by_pin(festival, "log in", "1234")
    assert str(fault(festival)).endswith("ce code PIN de l'opérateur n° 1 avait été changé.")


def test_a_code_typed_before_another_till_told_its_change_is_no_fault(festival: Festival) -> None:
    """The chain of the second till is read after that of the first, where the old code was typed."""
    by_pin(festival, "log in", "1234")
    new_pin(festival, till=1)
    by_pin(festival, "log in", "666666")
    festival.stands()


def test_a_code_changed_in_the_place_of_one_that_was_never_told_is_found(festival: Festival) -> None:
    """For good: nothing was put back."""
    put(
        festival,
        _operator.update().where(_operator.c.number == LISA).values(pin_hash=hash_of(festival, KARIM)),
    )
    new_pin(festival)
    assert "n'est aucun de ceux que le journal raconte de l'opérateur n° 1" in str(fault(festival))


def test_a_change_that_nobody_answers_for_is_found_once_a_shift_was_opened(festival: Festival) -> None:
    told = {"name": "travel_minutes", "new": 5, "old": 20}
    with festival.database.write() as session:
        session.execute(_setting.insert().values(name="travel_minutes", value="5"))
        append(session, festival.posts[0], JournalKind.SETTINGS_CHANGED, told, at=festival.clock.now())
    assert "personne n'en répond, et il le fallait : changer" in str(fault(festival))


def end_shift(festival: Festival, till: int, counted: int, end: ShiftEnd | None = None) -> None:
    """The cashier of the first till closes a shift there or at the other one, by themself."""
    desk = festival.desks[till]
    festival.write(
        lambda session: close_shift(
            session,
            festival.posts[0],
            festival.cashier,
            desk.till_session_id,
            counted,
            clock=festival.clock,
            end=end or ShiftEnd(),
        )
    )


def test_anothers_shift_closed_by_a_cashier_is_found(festival: Festival) -> None:
    with left_for_a_moment(festival, Action.CLOSE_OTHERS_SHIFT):
        end_shift(festival, 1, 5_000)
    assert "fermer la session d'un autre" in str(fault(festival))


def test_a_difference_that_a_cashier_answered_for_is_found(festival: Festival) -> None:
    with left_for_a_moment(festival, Action.ANSWER_DIFFERENCE):
        end_shift(festival, 0, 0, ShiftEnd(reason="Fond emporté"))
    assert "répondre d'un écart de caisse" in str(fault(festival))


def test_a_float_that_a_cashier_answered_for_is_found(festival: Festival) -> None:
    close_the_till(festival, 0, 10_000)
    command = OpenShift(0, authorized_by=festival.cashier, reason="Porté au coffre")
    with left_for_a_moment(festival, Action.ANSWER_DIFFERENCE):
        festival.write(
            lambda session: open_shift(
                session, festival.posts[0], festival.cashier, command, clock=festival.clock
            )
        )
    assert "répondre d'un écart de caisse" in str(fault(festival))


def test_a_cashier_closes_their_own_shift_a_little_off_and_nobody_answers(festival: Festival) -> None:
    end_shift(festival, 0, 9_500)
    festival.stands()


def test_who_was_let_before_or_will_be_later_is_no_fault(festival: Festival) -> None:
    """At another till, told by a clock that is behind: chains are read one after the other."""
    leave_to(festival, Action.CASH_OUT, Role.CASHIER)
    take_out(festival)
    leave_to(festival, Action.CASH_OUT)
    zoe = AddOperator("Zoé L.", Role.CASHIER, "4567")
    second, clock, lisa = festival.posts[1], festival.clock, festival.manager
    with festival.clock.without_nights():
        festival.clock.at -= timedelta(minutes=4)
    number = festival.write(lambda session: add_operator(session, second, zoe, clock=clock, manager=lisa))
    festival.write(
        lambda session: change_role(session, second, number, Role.MANAGER, clock=clock, manager=lisa)
    )
    command = replace(OUT, movement_id=uuid4())
    with festival.database.write() as session:
        allowed = next(each for each in staff(session) if each.number == number)
        move_cash(session, command, festival.desk, clock=clock, authorized_by=allowed)
        open_drawer(session, festival.desk, "Monnaie", clock=clock, authorized_by=allowed)
    festival.write(lambda session: deactivate(session, second, number, clock=clock, manager=lisa))
    festival.stands()


def told_by(books: AnswerBooks, sequence: int, entry: JournalKind, **content: Any) -> None:
    books.hear(entry, {"till": 1, "sequence": sequence, "at": "2026-01-21", "operator": None, **content})


@pytest.mark.parametrize("is_older", [True, False])
def test_a_journal_begun_by_a_version_that_asked_for_less_is_held_from_its_next_key_on(
    festival: Festival, is_older: bool
) -> None:
    books = AnswerBooks()
    told_by(books, 1, JournalKind.KEY_CREATED, **({} if is_older else {"supersedes": ""}))
    told_by(books, 2, JournalKind.OPERATOR_ADDED, added=KARIM, role="cashier")
    told_by(books, 3, JournalKind.CASH_MOVED, kind="out", operator=KARIM, authorized_by=None)
    with festival.database.read() as session:
        names = read_names(session)
        if is_older:
            books.compare(session, (), names)
        told_by(books, 4, JournalKind.OPERATOR_ADDED, added=LISA, role="manager", operator=None)
        told_by(books, 5, JournalKind.KEY_CREATED, supersedes="ab", operator=LISA)
        told_by(books, 6, JournalKind.CASH_MOVED, kind="out", operator=KARIM, authorized_by=None)
        with pytest.raises(Wrong) as wrong:
            books.compare(session, (), names)
    assert f"entrée {6 if is_older else 3} : " in str(wrong.value.fault)
