"""Every act that is not for everybody, tried by every role: as the table comes, and once it is changed."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from boxoffice.care import keys as signing_keys
from boxoffice.clock import Clock
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, CashKind, ClosingPeriod, JournalKind, PassTrouble
from boxoffice.models import JournalEntry, Role, Sale, Setting
from boxoffice.sales.archives.making import Archive, CreateArchive, tell_archive
from boxoffice.sales.books.verification import verify
from boxoffice.sales.closings.cash import MoveCash, move_cash, open_drawer
from boxoffice.sales.closings.papers_of_closings import print_closing_again
from boxoffice.sales.closings.period_closing import ClosePeriod, close_period
from boxoffice.sales.closings.till_closing import CloseTill, close_till
from boxoffice.sales.credits.answers import RefuseCredits
from boxoffice.sales.credits.answers import refuse as refuse_credits
from boxoffice.sales.credits.exchange import Exchange, exchange
from boxoffice.sales.exports.customer_list import tell_customer_list
from boxoffice.sales.exports.operations import Scope, tell_export
from boxoffice.sales.holders import pass_care
from boxoffice.sales.holders.bookings import CancelBookings
from boxoffice.sales.holders.bookings import cancel as cancel_bookings
from boxoffice.sales.importing.programme import ImportProgramme, import_programme
from boxoffice.sales.people import personal_data
from boxoffice.sales.people.customer_changes import merge_customers
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.prints.reprinting import reprint, request_receipt
from boxoffice.sales.reversal import Reverse, reverse
from boxoffice.sales.screenings.screening_changes import CancelScreening, cancel_screening
from boxoffice.sales.staff import permissions
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import StaffMember, authorize, prove_allowed, staff
from boxoffice.sales.staff.permission_changes import change_permission, list_permissions
from boxoffice.sales.staff.rule_changes import change_rule
from boxoffice.sales.staff.shift_closing import ShiftEnd, close_shift
from boxoffice.sales.staff.staff_changes import AddOperator, add_operator
from boxoffice.sales.statements.door_list import open_doors
from boxoffice.sales.statements.screening_statement import issue_statement
from boxoffice.sales.vouchers import balances, card_care, giving, promo_batches

from . import pass_life
from .conftest import Festival
from .credit_life import asked, customer
from .leaving import leave_to
from .test_exchange import wish as exchange_wish

ROLES = tuple(Role)
FLOATS = (10_000, 5_000)
CASHIER_BY_DEFAULT = {Action.OPEN_DRAWER, Action.REPRINT, Action.SEE_TAKINGS}


def member_of(festival: Festival, role: Role) -> StaffMember:
    """Somebody of each role, let in when first asked for."""
    for member in festival.read(staff):
        if member.role is role:
            return member
    command = AddOperator(f"Pat {role.value}", role, "4321")
    festival.write(
        lambda session: add_operator(
            session, festival.desk.post, command, clock=festival.clock, manager=festival.manager
        )
    )
    return member_of(festival, role)


@pytest.mark.parametrize("action", Action, ids=lambda action: action.value)
def test_every_act_is_for_the_roles_of_the_table_alone(festival: Festival, action: Action) -> None:
    members = {role: member_of(festival, role) for role in ROLES}

    def who_may() -> set[Role]:
        with festival.database.read() as session:
            return {role for role, member in members.items() if permissions.may(session, action, member.id)}

    default = {Role.MANAGER} | ({Role.CASHIER} if action in CASHIER_BY_DEFAULT else set())
    assert who_may() == default
    if action in permissions.RESERVED:
        with pytest.raises(Refusal, match="Seul un responsable"):
            leave_to(festival, action, Role.CASHIER)
        assert who_may() == {Role.MANAGER}
        return
    for roles in ((Role.CASHIER,), (Role.CASHIER, Role.BADGES), (Role.BADGES,), ()):
        leave_to(festival, action, *roles)
        assert who_may() == {Role.MANAGER, *roles}
    festival.stands()


def test_the_table_names_every_act() -> None:
    assert set(permissions.MEANINGS) == set(Action)


@dataclass(frozen=True)
class Trial:
    """Somebody at the first till who tries something, by themself or with the leave of a manager.

    `there` is what was made ready for it.
    """

    festival: Festival
    session: Session
    member: StaffMember
    leave: int | None
    there: Any = None

    @property
    def desk(self) -> Desk:
        return replace(
            self.festival.desk,
            operator_id=self.member.id,
            operator_number=self.member.number,
            operator_name=self.member.name,
            is_manager=self.member.is_manager,
        )

    @property
    def clock(self) -> Clock:
        return self.festival.clock

    @property
    def manager(self) -> StaffMember | None:
        """Who gave leave, if somebody did."""
        return None if self.leave is None else self.festival.manager

    @property
    def answers(self) -> StaffMember:
        return self.manager or self.member


Try = Callable[[Trial], Any]


def sold_before(festival: Festival, **passed: float) -> UUID:
    """A sale made a while ago."""
    sale = festival.sell()
    festival.clock.advance(timedelta(**passed))
    return sale.sale_id


def exchange_wished(festival: Festival) -> Exchange:
    """The wish to exchange a seat that is too late by now."""
    command = exchange_wish(festival, festival.sell(), festival.seat_line("KNEECAP2"))
    festival.clock.advance(timedelta(hours=7, seconds=1))
    return command


def booked_before(festival: Festival) -> tuple[UUID, ...]:
    """A seat booked on a pass that is too late to give back by now."""
    booked = pass_life.book(festival, festival.sell_pass(), "KNEECAP2")
    festival.clock.advance(timedelta(hours=4))
    return tuple(booked.booking_ids)


def sold_from_a_shift_now_closed(festival: Festival) -> UUID:
    sale = festival.sell()
    shift = festival.desk.till_session_id
    festival.write(
        lambda session: close_shift(
            session, festival.posts[0], festival.cashier, shift, 10_850, clock=festival.clock
        )
    )
    return sale.sale_id


def read_something(of: Trial, action: Action) -> None:
    """Read figures on the command line, by the PIN of who answers."""
    pin = "1234" if of.answers.is_manager else "2345"
    prove_allowed(of.session, of.desk.post, of.answers.number, pin, action, "X", clock=of.clock)


READY: Mapping[Action, Callable[[Festival], Any]] = {
    Action.REVERSE_LATE: partial(sold_before, hours=2),
    Action.EXCHANGE_LATE: exchange_wished,
    Action.CANCEL_LATE: booked_before,
    Action.ANSWER_CREDITS: lambda festival: asked(festival, festival.sell(), customer_id=customer(festival)),
    Action.REPRINT_ANYTIME: sold_from_a_shift_now_closed,
    Action.CHANGE_PERMISSIONS: lambda festival: leave_to(festival, Action.CASH_OUT, Role.CASHIER),
}
"""What has to be there for an act to be tried at all."""

TRIES: Mapping[Action, Try] = {
    Action.REVERSE_LATE: lambda of: reverse(
        of.session, Reverse(uuid4(), of.there, None, "Erreur", of.leave), of.desk, clock=of.clock
    ),
    Action.EXCHANGE_LATE: lambda of: exchange(
        of.session, replace(of.there, authorized_by=of.leave), of.desk, clock=of.clock
    ),
    Action.CANCEL_LATE: lambda of: cancel_bookings(
        of.session, CancelBookings(of.there, of.answers.id, "Malade"), of.desk, clock=of.clock
    ),
    Action.ANSWER_CREDITS: lambda of: refuse_credits(
        of.session,
        RefuseCredits(tuple(each.request_id for each in of.there), "Complet", of.leave),
        of.desk,
        clock=of.clock,
    ),
    Action.SEE_TAKINGS: lambda of: read_something(of, Action.SEE_TAKINGS),
    Action.SEE_FIGURES: lambda of: read_something(of, Action.SEE_FIGURES),
    Action.ANSWER_DIFFERENCE: lambda of: close_shift(
        of.session,
        of.desk.post,
        of.member,
        of.desk.till_session_id,
        0,
        clock=of.clock,
        end=ShiftEnd(reason="Fond emporté par erreur"),
        authorized_by=of.manager,
    ),
    Action.REPRINT_ANYTIME: lambda of: request_receipt(
        of.session, of.desk, of.there, clock=of.clock, authorized_by=of.leave
    ),
    Action.CHANGE_SCREENING: lambda of: cancel_screening(
        of.session,
        CancelScreening(uuid4(), of.festival.seat_line().screening_id, "Panne", authorized_by=of.leave),
        of.desk,
        clock=of.clock,
    ),
    Action.CASH_OUT: lambda of: move_cash(
        of.session,
        MoveCash(uuid4(), CashKind.OUT, 100, "Lisa", "Timbres"),
        of.desk,
        clock=of.clock,
        authorized_by=of.manager,
    ),
    Action.OPEN_DRAWER: lambda of: open_drawer(of.session, of.desk, "Monnaie", clock=of.clock),
    Action.CLOSE_TILL: lambda of: close_till(
        of.session,
        CloseTill(uuid4(), of.desk.post.till_id, FLOATS[0]),
        of.desk.post,
        of.answers,
        clock=of.clock,
    ),
    Action.CLOSE_DAY: lambda of: close_period(
        of.session,
        ClosePeriod(uuid4(), ClosingPeriod.DAY),
        of.desk.post,
        of.answers,
        clock=of.clock,
    ),
    Action.REPRINT_CLOSING: lambda of: print_closing_again(
        of.session, of.desk.post, of.answers, uuid4(), clock=of.clock
    ),
    Action.UNBLOCK_PASS: lambda of: pass_care.unblock(
        of.session, pass_care.UnblockPass(uuid4(), authorized_by=of.leave), of.desk, clock=of.clock
    ),
    Action.REPLACE_PASS: lambda of: pass_care.replace(
        of.session,
        pass_care.ReplacePass(uuid4(), "1-1", PassTrouble.LOST, authorized_by=of.leave),
        of.desk,
        clock=of.clock,
    ),
    Action.UNBLOCK_CARD: lambda of: card_care.unblock(
        of.session, card_care.UnblockCard(uuid4(), authorized_by=of.leave), of.desk, clock=of.clock
    ),
    Action.REPLACE_CARD: lambda of: card_care.replace(
        of.session,
        card_care.ReplaceCard(uuid4(), "…", PassTrouble.LOST, authorized_by=of.leave),
        of.desk,
        clock=of.clock,
    ),
    Action.MERGE_CUSTOMERS: lambda of: merge_customers(
        of.session, uuid4(), uuid4(), of.desk, manager_id=of.answers.id, clock=of.clock
    ),
    Action.ERASE_CUSTOMERS: lambda of: personal_data.list_inactive(
        of.session, of.desk.post, manager=of.answers, clock=of.clock
    ),
    Action.EXPORT_FIGURES: lambda of: tell_export(
        of.session, of.desk.post, Scope(), answered_by=of.answers, clock=of.clock
    ),
    Action.EXPORT_CUSTOMERS: lambda of: tell_customer_list(
        of.session, of.desk.post, 0, manager=of.answers, clock=of.clock
    ),
    Action.CHANGE_SETTINGS: lambda of: change_rule(
        of.session, of.desk.post, "grace", "7", clock=of.clock, manager=of.answers
    ),
    Action.CHANGE_STAFF: lambda of: add_operator(
        of.session,
        of.desk.post,
        AddOperator("Zoé", Role.MANAGER, "654321"),
        clock=of.clock,
        manager=of.answers,
    ),
    Action.CHANGE_PERMISSIONS: lambda of: change_permission(
        of.session,
        of.desk.post,
        Action.CASH_OUT,
        frozenset(),
        clock=of.clock,
        manager=of.answers,
    ),
    Action.CARE_FOR_KEYS: lambda of: signing_keys.declare_lost(
        of.session, of.desk.post, 1, clock=of.clock, manager=of.answers
    ),
    Action.CHANGE_HOLDER: lambda of: pass_care.give(
        of.session, pass_care.GivePass(uuid4(), uuid4(), authorized_by=of.leave), of.desk, clock=of.clock
    ),
    Action.LENGTHEN_CARD: lambda of: card_care.lengthen(
        of.session,
        card_care.LengthenCard(uuid4(), None, date(2027, 1, 1), "", of.answers.id),
        of.desk,
        clock=of.clock,
    ),
    Action.GIVE_CARDS: lambda of: giving.give_cards(
        of.session, giving.GiveCards(1, "", of.answers.id), of.desk, clock=of.clock
    ),
    Action.CORRECT_BALANCE: lambda of: balances.correct(
        of.session, balances.CorrectBalance(uuid4(), 0, 1, "", of.answers.id), of.desk, clock=of.clock
    ),
    Action.MAKE_CODES: lambda of: promo_batches.export_batch(
        of.session, uuid4(), of.desk.post, of.answers, clock=of.clock
    ),
    Action.MAKE_ARCHIVE: lambda of: tell_archive(
        of.session,
        Archive(Path("a.zip"), "0" * 64, 1, 1, 1, 1, Path("a.part")),
        CreateArchive(date(2026, 1, 1), date(2026, 1, 2), Path("a.zip")),
        of.desk.post,
        clock=of.clock,
        manager=of.answers,
    ),
    Action.REPRINT: lambda of: reprint(
        of.session, of.desk, DocumentKind.RECEIPT, sale_id=uuid4(), clock=of.clock
    ),
    Action.IMPORT_FILES: lambda of: import_programme(
        of.session,
        ImportProgramme(()),
        of.desk.post,
        clock=of.clock,
        manager=of.answers,
    ),
    Action.CLOSE_OTHERS_SHIFT: lambda of: close_shift(
        of.session,
        of.desk.post,
        of.member,
        of.festival.desks[1].till_session_id,
        FLOATS[1],
        clock=of.clock,
        authorized_by=of.manager,
    ),
}


class _Undone(Exception):
    """Takes back what was tried."""


def attempt(
    festival: Festival, action: Action, member: StaffMember, leave: int | None = None, there: Any = None
) -> Refusal | None:
    """What an act says to somebody who tries it; nothing of it is kept."""
    said = None
    with suppress(_Undone), festival.database.write() as session:
        try:
            TRIES[action](Trial(festival, session, member, leave, there))
        except Refusal as refusal:
            said = refusal
        raise _Undone
    return said


def is_for_others(action: Action, said: Refusal | None) -> bool:
    """Whether an act was refused to who tried it; any other refusal is another rule's."""
    if action is Action.REPRINT_ANYTIME:
        return said is not None and "a été fermée" in said.message
    return isinstance(said, ManagerNeeded)


@pytest.mark.parametrize("action", TRIES, ids=lambda action: action.value)
def test_every_act_is_tried_by_every_role(festival: Festival, action: Action) -> None:
    """A refusal that asks for no manager is another rule's: there is no such card, no shift of theirs."""
    cashier, badges = (member_of(festival, role) for role in (Role.CASHIER, Role.BADGES))
    ready = READY.get(action)
    there = ready(festival) if ready else None

    def refused(member: StaffMember, leave: int | None = None) -> bool:
        return is_for_others(action, attempt(festival, action, member, leave, there))

    assert not refused(festival.manager)
    assert refused(cashier) is (action not in CASHIER_BY_DEFAULT)
    assert isinstance(attempt(festival, action, badges, there=there), Refusal)
    assert not refused(cashier, festival.manager.id)
    if action in permissions.RESERVED:
        return
    leave_to(festival, action, Role.CASHIER)
    assert not refused(cashier)
    leave_to(festival, action)
    assert refused(cashier)
    assert not refused(festival.manager)


def test_the_tries_name_every_act() -> None:
    assert set(TRIES) == set(Action)


def test_a_late_reversal_is_left_to_cashiers_and_taken_back(festival: Festival) -> None:
    first, second = festival.sell(), festival.sell()
    festival.clock.advance(timedelta(hours=2))
    with pytest.raises(ManagerNeeded, match="plus de 10 minutes"):
        festival.reverse(second)
    leave_to(festival, Action.REVERSE_LATE, Role.CASHIER)
    festival.reverse(second, reason="Mauvais jour")
    leave_to(festival, Action.REVERSE_LATE)
    with pytest.raises(ManagerNeeded):
        festival.reverse(first)
    reversal = next(row for row in festival.rows(Sale) if row.kind == "reversal")
    assert reversal.authorized_by_id == festival.desk.operator_id
    festival.stands()


def test_who_may_answer_for_a_difference_closes_their_drawer_with_a_reason(festival: Festival) -> None:
    def close() -> None:
        member = StaffMember(
            festival.desk.operator_id,
            festival.desk.operator_number,
            festival.desk.operator_name,
            Role.CASHIER,
        )
        festival.write(
            lambda session: close_shift(
                session,
                festival.desk.post,
                member,
                festival.desk.till_session_id,
                0,
                clock=festival.clock,
                end=ShiftEnd(reason="Fond emporté par erreur"),
            )
        )

    with pytest.raises(ManagerNeeded, match="écart"):
        close()
    leave_to(festival, Action.ANSWER_DIFFERENCE, Role.CASHIER)
    close()
    festival.stands()


def test_the_journal_tells_whose_leave_it_was(festival: Festival) -> None:
    """The PIN that was typed, and beside the act who typed it."""
    cashier, post = member_of(festival, Role.CASHIER), festival.desk.post
    with festival.database.write() as session:
        authorize(session, post, festival.manager.id, "1234", "cash.moved", clock=festival.clock)
        TRIES[Action.CASH_OUT](Trial(festival, session, cashier, festival.manager.id))
    told = {row.kind: json.loads(row.content) for row in festival.rows(JournalEntry)}
    allowed, moved = told[JournalKind.MANAGER_AUTHORIZED], told[JournalKind.CASH_MOVED]
    assert (allowed["operator"], allowed["act"]) == (festival.manager.number, "cash.moved")
    assert (moved["operator"], moved["authorized_by"]) == (cashier.number, festival.manager.number)


@pytest.mark.parametrize("action", [Action.SEE_TAKINGS, Action.SEE_FIGURES], ids=lambda each: each.value)
def test_what_everybody_may_asks_for_nobody(festival: Festival, action: Action) -> None:
    assert not festival.read(lambda session: permissions.is_for_everybody(session, action))
    leave_to(festival, action, Role.CASHIER, Role.BADGES)
    assert festival.read(lambda session: permissions.is_for_everybody(session, action))
    festival.read(lambda session: permissions.require_of(session, action, None))
    leave_to(festival, action, Role.CASHIER)
    with pytest.raises(ManagerNeeded):
        festival.read(lambda session: permissions.require_of(session, action, None))


def test_statements_and_lists_of_names_are_for_who_may_write_figures_out(festival: Festival) -> None:
    cashier = member_of(festival, Role.CASHIER)
    gives: tuple[Callable[[Session, int], object], ...] = (
        lambda session, number: open_doors(session, post, shown, operator_number=number, clock=clock),
        lambda session, number: issue_statement(session, post, shown, operator_number=number, clock=clock),
    )
    post, clock, shown = festival.desk.post, festival.clock, festival.screening_id("KNEECAP")
    for give in gives:
        before = festival.as_stored()
        with pytest.raises(ManagerNeeded), festival.database.write() as session:
            give(session, cashier.number)
        assert festival.as_stored() == before
        with festival.database.write() as session:
            give(session, festival.manager.number)


def test_a_permission_written_behind_the_journal_is_found(festival: Festival) -> None:
    with festival.database.write() as session:
        session.add(Setting(name="permission.cash_out", value='["cashier"]'))
    fault = festival.read(verify).fault
    assert fault is not None
    assert "permission.cash_out" in str(fault)


def test_the_table_is_listed_as_it_stands(festival: Festival) -> None:
    leave_to(festival, Action.CASH_OUT, Role.CASHIER)
    rows = {row.action: row for row in festival.read(list_permissions)}
    assert set(rows) == set(Action)
    assert rows[Action.CASH_OUT].roles == {Role.CASHIER}
    assert rows[Action.CLOSE_DAY].roles == frozenset()
    assert not rows[Action.CHANGE_STAFF].settable
