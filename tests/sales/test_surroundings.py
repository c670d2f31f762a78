"""Operators, tills, shifts and rules changed without the journal knowing: `verify` finds each one."""

from datetime import timedelta
from typing import Any

import pytest

from boxoffice.kinds import JournalKind
from boxoffice.models import Operator, Role, Setting, Till, TillSession, table
from boxoffice.sales.books.journal import append
from boxoffice.sales.books.verification import verify
from boxoffice.sales.staff.operators import hash_pin, pin_seal
from boxoffice.sales.staff.rule_changes import change_rule
from boxoffice.sales.staff.shift_closing import close_shift
from boxoffice.sales.staff.shifts import open_shift
from boxoffice.sales.staff.staff_changes import AddOperator, add_operator, change_pin, deactivate, reactivate
from tests.sales.closed_books import answered

from .conftest import Festival
from .test_tampering import behind_the_guards, fault, savepoint

_operator, _till, _shift, _setting = table(Operator), table(Till), table(TillSession), table(Setting)


@pytest.fixture
def changed(festival: Festival) -> Festival:
    """The small festival once its staff, its rules and its shifts have changed, told by both tills."""
    first, second = festival.posts
    lisa, clock = festival.manager, festival.clock
    zoe = AddOperator("Zoé L.", Role.MANAGER, "456789")

    def change(session: Any) -> None:
        add_operator(session, second, zoe, clock=clock, manager=lisa)
        deactivate(session, first, 4, clock=clock, manager=lisa)
        deactivate(session, first, 3, clock=clock, manager=lisa)
        reactivate(session, second, 3, clock=clock, manager=lisa)
        change_rule(session, second, "grace", "15", clock=clock, manager=lisa)
        change_rule(session, first, "grace", "5", clock=clock, manager=lisa)
        change_rule(session, first, "receipt", "always", clock=clock, manager=lisa)
        change_rule(session, second, "receipt", "on_request", clock=clock, manager=lisa)

    festival.write(change)
    close = festival.desk.till_session_id
    festival.write(lambda session: close_shift(session, first, festival.cashier, close, 10_000, clock=clock))
    clock.advance(timedelta(hours=1))
    festival.write(lambda session: open_shift(session, first, lisa, answered(festival, 7_500), clock=clock))
    assert fault(festival) is None
    return festival


NEWCOMER = {"number": 9, "name": "Personne", "role": Role.MANAGER, "pin_hash": hash_pin("0000")}
CHANGES = {
    "a name": (_operator.update().where(_operator.c.number == 2).values(name="Carim D."), "n° 2 : « name »"),
    "a role": (
        _operator.update().where(_operator.c.number == 2).values(role=Role.MANAGER),
        "n° 2 : « role »",
    ),
    "a PIN": (
        _operator.update().where(_operator.c.number == 1).values(pin_hash=hash_pin("0000")),
        "n° 1 : « pin_hash »",
    ),
    "a right given back": (
        _operator.update().where(_operator.c.number == 4).values(active=True),
        "n° 4 : « active »",
    ),
    "a right taken": (
        _operator.update().where(_operator.c.number == 3).values(active=False),
        "n° 3 : « active »",
    ),
    "somebody new": (
        _operator.insert().values(**NEWCOMER, active=True, wrong_pins=0, early_pins=0, untold_pins=0),
        "n° 9 : aucun journal ne la raconte",
    ),
    "somebody less": (_operator.delete().where(_operator.c.number == 5), "n° 5 : elle manque"),
    "a till's name": (_till.update().where(_till.c.number == 2).values(name="Ailleurs"), "« name »"),
    "a till more": (_till.insert().values(number=7, name="Caisse 7"), "caisse 7"),
    "a rule": (
        _setting.update().where(_setting.c.name == "grace_minutes").values(value="120"),
        "règle grace_minutes : « value »",
    ),
    "a rule put back as it was": (
        _setting.update().where(_setting.c.name == "grace_minutes").values(value="15"),
        "règle grace_minutes : « value »",
    ),
    "a rule that came back to its default": (
        _setting.update().where(_setting.c.name == "receipt").values(value='"always"'),
        "règle receipt : « value »",
    ),
    "a rule that is no JSON": (_setting.update().values(value="{"), "n'est pas lisible"),
    "a rule more": (
        _setting.insert().values(name="idle_lock_minutes", value="240"),
        "règle idle_lock_minutes : aucun journal",
    ),
    "a rule less": (_setting.delete().where(_setting.c.name == "grace_minutes"), "elle manque"),
    "a float": (_shift.update().where(_shift.c.till_id == 2).values(float_cents=0), "caisse 2"),
    "what was counted": (
        _shift.update().where(_shift.c.closed_at.is_not(None)).values(counted_cents=11_000),
        "session de la caisse 1",
    ),
    "whose shift it was": (_shift.update().where(_shift.c.till_id == 1).values(operator_id=1), "caisse 1"),
    "a shift opened again": (
        _shift.update().where(_shift.c.till_id == 2).values(closed_at=_shift.c.opened_at, counted_cents=0),
        "caisse 2",
    ),
    "a shift less": (
        _shift.delete().where(_shift.c.closed_at.is_not(None)),
        "sessions de la caisse 1 : 1 dans la base, 2 dans le journal.",
    ),
}


def test_what_stands_around_the_sales_and_was_changed_is_found(changed: Festival) -> None:
    missed = {}
    with behind_the_guards(changed) as session:
        for name, (change, words) in CHANGES.items():
            with savepoint(session):
                session.execute(change)
                found = str(verify(session).fault)
                if words not in found:
                    missed[name] = found
    assert missed == {}


def test_the_same_changes_told_are_no_fault(changed: Festival) -> None:
    lisa, clock = changed.manager, changed.clock
    changed.write(
        lambda session: change_rule(session, changed.posts[1], "grace", "10", clock=clock, manager=lisa)
    )
    changed.write(lambda session: reactivate(session, changed.posts[1], 4, clock=clock, manager=lisa))
    changed.clock.advance(timedelta(minutes=6))
    old = changed.rows(Operator)[1].pin_hash
    changed.write(lambda session: change_pin(session, changed.posts[1], 2, "9876", clock=clock, manager=lisa))
    assert fault(changed) is None
    changed.write(
        lambda session: session.execute(
            _operator.update().where(_operator.c.number == 2).values(pin_hash=old)
        )
    )
    assert str(fault(changed)).startswith("fiche de l'opérateur n° 2 : « pin_hash »"), "the PIN before it"


def change_the_pin(festival: Festival, till: int, pin: str) -> str:
    """Give the cashier another PIN at a till, by its place; returns what the database keeps of it."""
    number, post = festival.cashier.number, festival.posts[till]
    festival.write(
        lambda session: change_pin(session, post, number, pin, clock=festival.clock, manager=festival.manager)
    )
    return kept_pin(festival)


def kept_pin(festival: Festival) -> str:
    """What the database keeps of the cashier's PIN."""
    number = festival.cashier.number
    return next(str(row.pin_hash) for row in festival.rows(Operator) if row.number == number)


def put_back(festival: Festival, pin_hash: str) -> None:
    cashier = _operator.c.number == festival.cashier.number
    festival.write(
        lambda session: session.execute(_operator.update().where(cashier).values(pin_hash=pin_hash))
    )


@pytest.mark.parametrize("till", [0, 1])
def test_a_pin_changed_again_once_the_clock_is_mended_is_the_one_in_force(
    festival: Festival, till: int
) -> None:
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(hours=2))
    change_the_pin(festival, 0, "9876")
    with festival.clock.without_nights():
        festival.clock.at -= timedelta(hours=2)
    change_the_pin(festival, till, "5432")
    festival.stands()


def test_of_pins_changed_within_minutes_at_two_tills_only_the_last_passes(festival: Festival) -> None:
    first = kept_pin(festival)
    before = [first, change_the_pin(festival, 0, "9876"), change_the_pin(festival, 1, "5432")]
    last = change_the_pin(festival, 0, "8765")
    for pin_hash in before:
        put_back(festival, pin_hash)
        assert "« pin_hash »" in str(fault(festival))
    put_back(festival, last)
    assert fault(festival) is None


def change_as_before(festival: Festival, till: int, pin: str) -> str:
    """The same by a version that told the new PIN alone."""
    pin_hash, post, number = hash_pin(pin), festival.posts[till], festival.cashier.number
    put_back(festival, pin_hash)
    told = {"changed": number, "pin": pin_seal(pin_hash)}
    festival.write(
        lambda session: append(
            session, post, JournalKind.OPERATOR_PIN_CHANGED, told, at=festival.clock.now(), operator_number=1
        )
    )
    return pin_hash


def test_where_entries_do_not_tell_what_a_pin_replaced_the_last_of_each_till_passes(
    festival: Festival,
) -> None:
    first = kept_pin(festival)
    second = change_as_before(festival, 0, "9876")
    with festival.clock.without_nights():
        festival.clock.at -= timedelta(hours=2)
    third = change_as_before(festival, 0, "5432")
    assert fault(festival) is None
    change_as_before(festival, 1, "8765")
    assert fault(festival) is None
    change_the_pin(festival, 1, "7654")
    assert fault(festival) is None
    for pin_hash in (first, second):
        put_back(festival, pin_hash)
        assert "« pin_hash »" in str(fault(festival))
    put_back(festival, third)
    assert fault(festival) is None, "nobody told that it was replaced"


def test_two_shifts_of_a_till_that_began_at_one_moment_are_told_apart(festival: Festival) -> None:
    """The clock stands still; both are closed from the other till, each with a count of its own."""
    first, second = festival.posts
    lisa, clock = festival.manager, festival.clock

    def close(shift_id: int, cents: int) -> None:
        festival.write(lambda session: close_shift(session, second, lisa, shift_id, cents, clock=clock))

    close(festival.desk.till_session_id, 10_000)
    opened = answered(festival, 7_500)
    again = festival.write(lambda session: open_shift(session, first, lisa, opened, clock=clock))
    clock.advance(timedelta(minutes=1))
    assert fault(festival) is None
    close(again.till_session_id, 7_500)
    began = festival.rows(TillSession)
    assert len({shift.opened_at for shift in began if shift.till_id == first.till_id}) == 1
    assert fault(festival) is None
