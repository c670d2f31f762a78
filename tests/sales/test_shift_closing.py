"""A drawer is counted against what was taken and carried; whoever comes next is told what waits."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import CashKind, JournalKind
from boxoffice.models import (
    CashCount,
    CashMovement,
    JobState,
    JournalEntry,
    PrintJob,
    ShiftClosing,
    ShiftCount,
)
from boxoffice.printing.rendering import to_plain
from boxoffice.sales.closings.cash import MoveCash, move_cash, open_drawer
from boxoffice.sales.closings.figures import Acts
from boxoffice.sales.closings.handover import read_handover
from boxoffice.sales.closings.obstacles import ObstacleKind, till_obstacles
from boxoffice.sales.closings.papers_of_closings import print_deposit, print_handover
from boxoffice.sales.closings.state import read_state
from boxoffice.sales.parking import park
from boxoffice.sales.prints import outbox
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.settlement import Tender
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.drawer import expected
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.shift_closing import Difference, ShiftEnd, StillSelling, close_shift, differences
from boxoffice.sales.staff.shifts import OpenShift, open_shift
from tests.sales.closed_books import carry, close_the_till
from tests.sales.conftest import Festival


def close(
    festival: Festival,
    counted: int | None,
    end: ShiftEnd | None = None,
    who: StaffMember | None = None,
    desk: Desk | None = None,
    **changes: object,
) -> None:
    post = (desk or festival.desk).post
    festival.write(
        lambda session: close_shift(
            session,
            post,
            who or festival.cashier,
            festival.desk.till_session_id,
            counted,
            clock=festival.clock,
            end=end or ShiftEnd(),
            **changes,  # type: ignore[arg-type]
        )
    )


def printed(festival: Festival, document: str) -> str:
    """The last paper of a kind, as text."""
    row = [row for row in festival.rows(PrintJob) if row.document == document][-1]
    job = festival.read(lambda session: outbox.find_job(session, row.id))
    assert job is not None
    return to_plain(festival.read(lambda session: load_paper(session, job, clock=festival.clock)), 42)


def test_what_is_expected_counts_float_sales_and_all_that_was_carried(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=2))
    festival.sell(festival.product_line(), tenders=(Tender("card", 300, None, "12"),))
    festival.sell(festival.product_line(), tenders=(Tender("cheque", 300, None, ""),))
    carry(festival, CashKind.IN, 2_000)
    carry(festival, CashKind.OUT, 450)
    carry(festival, CashKind.PICKUP, 5_000, reason="")
    wanted = festival.read(lambda session: expected(session, festival.desk.till_session_id))
    assert wanted == {"cash": 10_000 + 1_700 + 2_000 - 450 - 5_000, "card": 300, "cheque": 300}
    reasons = {row.number: row.reason for row in festival.rows(CashMovement)}
    assert reasons == {1: "Monnaie", 2: "Monnaie", 3: "Prélèvement"}
    assert "PRÉLÈVEMENT" in printed(festival, "cash_slip")
    festival.stands()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (MoveCash(uuid4(), CashKind.OUT, 500, "Lisa B."), "Dites pourquoi cet argent est porté."),
        (MoveCash(uuid4(), CashKind.OUT, 500, " ", "Papier"), "Dites qui porte cet argent."),
        (MoveCash(uuid4(), CashKind.OUT, 0, "Lisa B.", "Papier"), "Ce montant n'est pas possible."),
        (MoveCash(uuid4(), CashKind.OUT, 10_001, "Lisa B.", "Papier"), "ne devrait contenir que 100,00"),
        (MoveCash(uuid4(), CashKind.IN, 500, "Lisa B.", "1234"), "ne s'écrit pas en chiffres"),
        (MoveCash(uuid4(), CashKind.IN, 1_000_001, "Lisa B.", "Monnaie"), "Un apport va jusqu'à 10"),
    ],
)
def test_cash_is_not_carried_without_a_reason_a_name_and_the_cash(
    festival: Festival, command: MoveCash, message: str
) -> None:
    with pytest.raises(Refusal, match=message):
        festival.write(
            lambda session: move_cash(
                session, command, festival.desk, clock=festival.clock, authorized_by=festival.manager
            )
        )
    assert festival.count(CashMovement) == 0


@pytest.mark.parametrize("kind", [CashKind.OUT, CashKind.PICKUP])
@pytest.mark.parametrize("cents", [100, 10_000, 10_001, 900_000])
def test_who_counts_blind_and_may_take_no_cash_out_learns_nothing_of_what_the_drawer_holds(
    festival: Festival, kind: CashKind, cents: int
) -> None:
    post = replace(festival.desk.post, rules=replace(festival.desk.post.rules, blind_count=True))
    command = MoveCash(uuid4(), kind, cents, "Lisa B.", "Papier")
    with pytest.raises(ManagerNeeded):
        festival.write(
            lambda session: move_cash(
                session, command, replace(festival.desk, post=post), clock=festival.clock
            )
        )


@pytest.mark.parametrize("kind", [CashKind.OUT, CashKind.PICKUP])
def test_more_than_a_drawer_holds_is_refused_before_a_manager_is_called(
    festival: Festival, kind: CashKind
) -> None:
    command = MoveCash(uuid4(), kind, 10_001, "Lisa B.", "Papier")
    with pytest.raises(Refusal, match="ne devrait contenir que 100,00") as refused:
        festival.write(lambda session: move_cash(session, command, festival.desk, clock=festival.clock))
    assert not isinstance(refused.value, ManagerNeeded)


def test_cash_taken_out_needs_a_manager_and_cash_brought_does_not(festival: Festival) -> None:
    out = MoveCash(uuid4(), CashKind.OUT, 500, "Karim D.", "Papier")
    with pytest.raises(ManagerNeeded):
        festival.write(lambda session: move_cash(session, out, festival.desk, clock=festival.clock))
    brought = replace(out, kind=CashKind.IN)
    for _try in range(2):
        number = festival.write(
            lambda session: move_cash(session, brought, festival.desk, clock=festival.clock)
        )
        assert number == 1
    assert festival.count(CashMovement) == 1


def test_a_drawer_opened_without_a_sale_is_told_with_its_reason(festival: Festival) -> None:
    with pytest.raises(Refusal, match="Dites pourquoi"):
        festival.write(lambda session: open_drawer(session, festival.desk, " ", clock=festival.clock))
    festival.write(lambda session: open_drawer(session, festival.desk, "Monnaie", clock=festival.clock))
    festival.stands()


def test_a_count_within_the_rule_closes_the_shift_by_its_cashier(festival: Festival) -> None:
    pieces = {5_000: 2, 200: 1, 1: 3}
    close(festival, 10_203, ShiftEnd(pieces, {"card": 0}, 203, note="Clé chez Lisa"))
    (closing,) = festival.rows(ShiftClosing)
    assert (closing.number, closing.deposit_cents, closing.left_cents) == (1, 203, 10_000)
    assert {row.value: row.pieces for row in festival.rows(CashCount)} == pieces
    counts = {row.means: (row.expected_cents, row.counted_cents) for row in festival.rows(ShiftCount)}
    assert counts == {"cash": (10_000, 10_203), "card": (0, 0), "cheque": (0, None)}
    festival.stands()


def test_a_difference_above_the_rule_needs_a_manager_and_a_reason(festival: Festival) -> None:
    with pytest.raises(ManagerNeeded) as refused:
        close(festival, 9_499)
    assert refused.value.message == "Espèces : -5,01\xa0€ d'écart."
    with pytest.raises(Refusal, match="dites pourquoi"):
        close(festival, 9_499, authorized_by=festival.manager)
    close(festival, 9_499, ShiftEnd(reason="Rendu de trop"), authorized_by=festival.manager)
    assert festival.rows(ShiftClosing)[0].reason == "Rendu de trop"
    festival.stands()


def test_a_count_is_answered_for_as_it_was_seen_or_not_at_all(festival: Festival) -> None:
    shift = festival.desk.till_session_id
    seen = festival.read(lambda session: expected(session, shift))
    festival.sell()
    with pytest.raises(StillSelling) as refused:
        close(festival, 10_000, ShiftEnd(seen=seen))
    assert refused.value.expected["cash"] == 10_850
    assert festival.count(ShiftClosing) == 0
    close(festival, 10_850, ShiftEnd(seen=refused.value.expected))
    festival.stands()


def test_what_was_not_counted_may_change_after_it_was_seen(festival: Festival) -> None:
    seen = festival.read(lambda session: expected(session, festival.desk.till_session_id))
    festival.sell(tenders=(Tender("card", 850),))
    close(festival, 10_000, ShiftEnd(seen=seen))
    assert festival.count(ShiftClosing) == 1


def test_a_blind_count_does_not_tell_by_how_much_it_is_wrong(festival: Festival) -> None:
    rules = replace(festival.desk.post.rules, blind_count=True)
    desk = replace(festival.desk, post=replace(festival.desk.post, rules=rules))
    with pytest.raises(ManagerNeeded) as refused:
        close(festival, 5_000, desk=desk)
    assert refused.value.message == "Le comptage ne correspond pas aux ventes."
    assert [entry["counted"] for entry in refused_counts(festival)] == [{"cash": 5_000}]
    told = festival.read(
        lambda session: differences(expected(session, festival.desk.till_session_id), 5_000, {"card": 10})
    )
    assert told == (Difference("cash", -5_000), Difference("card", 10))


def refused_counts(festival: Festival) -> list[dict[str, Any]]:
    """What the journal tells of counts that were refused."""
    rows = festival.rows(JournalEntry)
    return [json.loads(row.content) for row in rows if row.kind == JournalKind.COUNT_REFUSED]


def blind_desk(festival: Festival) -> Desk:
    rules = replace(festival.desk.post.rules, blind_count=True)
    return replace(festival.desk, post=replace(festival.desk.post, rules=rules))


def test_a_count_made_blind_is_refused_twice_and_then_a_manager_counts_along(festival: Festival) -> None:
    """The right count is refused then as a wrong one is: what a cashier types next would be a guess."""
    desk = blind_desk(festival)
    for counted in (9_000, 9_400):
        with pytest.raises(ManagerNeeded, match="ne correspond pas aux ventes"):
            close(festival, counted, desk=desk)
    for counted in (9_400, 10_000, 9_600):
        with pytest.raises(ManagerNeeded, match="Deux comptages de ce tiroir ont déjà été refusés"):
            close(festival, counted, ShiftEnd(reason="Erreur"), desk=desk)
    told = refused_counts(festival)
    assert [(each["counted"], each["operator"]) for each in told] == [
        ({"cash": 9_000}, festival.cashier.number),
        ({"cash": 9_400}, festival.cashier.number),
    ]
    close(festival, 10_000, desk=desk, authorized_by=festival.manager)
    made = close_the_till(festival)
    assert Acts("count.refused", 2) in made.figures.acts
    festival.stands()


def test_counts_refused_to_one_shift_are_not_held_against_the_next(festival: Festival) -> None:
    desk = blind_desk(festival)
    for _try in range(2):
        with pytest.raises(ManagerNeeded):
            close(festival, 5_000, desk=desk)
    close(festival, 10_000, desk=desk, authorized_by=festival.manager)
    festival.clock.advance(timedelta(minutes=1))
    command = OpenShift(10_000)
    festival.desks = (
        festival.write(
            lambda session: open_shift(
                session, festival.posts[0], festival.cashier, command, clock=festival.clock
            )
        ),
        festival.desks[1],
    )
    close(festival, 10_000, desk=blind_desk(festival))
    festival.stands()


def test_a_count_that_is_told_what_differs_is_no_guess(festival: Festival) -> None:
    for _try in range(3):
        with pytest.raises(ManagerNeeded, match="d'écart"):
            close(festival, 5_000)
    assert refused_counts(festival) == []
    close(festival, 10_000)


@pytest.mark.parametrize(
    ("counted", "end", "message"),
    [
        (-1, ShiftEnd(), "Le montant compté va de 0"),
        (10_000, ShiftEnd(totals={"card": -1}), "Le montant compté va de 0"),
        (10_000, ShiftEnd(totals={"gold": 1}), "coupure inconnue"),
        (10_000, ShiftEnd(pieces={3: 1}), "coupure inconnue"),
        (10_000, ShiftEnd(pieces={100: 1}), "n'est pas le montant compté"),
        (10_000, ShiftEnd(deposit_cents=10_001), "On ne dépose pas plus"),
    ],
)
def test_a_count_that_cannot_be_is_refused(
    festival: Festival, counted: int, end: ShiftEnd, message: str
) -> None:
    with pytest.raises(Refusal, match=message):
        close(festival, counted, end, festival.manager)


def test_the_slip_for_who_comes_next_tells_what_waits(festival: Festival) -> None:
    festival.sell()
    basket = festival.basket(festival.product_line())
    festival.write(
        lambda session: park(session, basket, "Chapeau rouge", festival.desk, clock=festival.clock)
    )
    _uncertain_paper(festival)
    close(festival, 10_850, ShiftEnd(deposit_cents=850, note="Parapluie oublié"))
    shift = festival.desk.till_session_id
    handover = festival.read(lambda session: read_handover(session, shift, clock=festival.clock))
    assert handover is not None
    assert (handover.left_cents, handover.deposit_cents, handover.note) == (10_000, 850, "Parapluie oublié")
    assert [each.what for each in handover.baskets] == ["Chapeau rouge"]
    assert handover.prints_uncertain == 1
    for order in (print_handover, print_deposit):
        festival.write(
            lambda session, order=order: order(session, festival.posts[0], shift, clock=festival.clock)
        )
    assert "Parapluie oublié" in printed(festival, "handover")
    assert "REMISE EN BANQUE" in printed(festival, "deposit_slip")


def test_the_slip_for_who_comes_next_does_not_wait_for_itself(festival: Festival) -> None:
    close(festival, 10_000, ShiftEnd(deposit_cents=500))
    shift = festival.desk.till_session_id
    for order in (print_handover, print_deposit):
        festival.write(
            lambda session, order=order: order(session, festival.posts[0], shift, clock=festival.clock)
        )
    handover = festival.read(lambda session: read_handover(session, shift, clock=festival.clock))
    assert handover is not None
    assert handover.prints_failed == 0


def test_a_paper_that_waited_before_is_on_the_slip(festival: Festival) -> None:
    festival.sell()
    close(festival, 10_850)
    shift = festival.desk.till_session_id
    handover = festival.read(lambda session: read_handover(session, shift, clock=festival.clock))
    assert handover is not None
    assert handover.prints_failed == 1


def test_a_drawer_that_nobody_counted_is_handed_over_as_such(festival: Festival) -> None:
    close(festival, None, ShiftEnd(reason="Clé perdue"), festival.manager)
    shift = festival.desk.till_session_id
    handover = festival.read(lambda session: read_handover(session, shift, clock=festival.clock))
    assert handover is not None
    assert handover.left_cents is None
    festival.write(lambda session: print_handover(session, festival.posts[0], shift, clock=festival.clock))
    assert "non compté" in printed(festival, "handover")


def test_what_stands_in_the_way_of_a_closing_says_what_to_do_and_stops_nothing(festival: Festival) -> None:
    festival.sell()
    basket = festival.basket(festival.product_line())
    festival.write(lambda session: park(session, basket, "", festival.desk, clock=festival.clock))
    _uncertain_paper(festival)
    found = festival.read(lambda session: till_obstacles(session, 1))
    assert {each.kind for each in found} == {
        ObstacleKind.SHIFT_OPEN,
        ObstacleKind.PRINTS_UNCERTAIN,
        ObstacleKind.BASKETS_PARKED,
    }
    assert all(each.remedy for each in found)
    assert not any(each.stops for each in found)
    state = festival.read(lambda session: read_state(session, festival.desk.post.rules, clock=festival.clock))
    assert [till.is_late for till in state.tills] == [False, False]
    assert (state.day, state.month, state.year) == (None, None, None)


def _uncertain_paper(festival: Festival) -> None:
    """The first paper of the till went to a printer that fell silent."""
    row = next(row for row in festival.rows(PrintJob) if row.state is JobState.QUEUED)
    job = festival.read(lambda session: outbox.find_job(session, row.id))
    assert job is not None
    festival.write(lambda session: outbox.begin_sending(session, job, clock=festival.clock))
    festival.write(
        lambda session: outbox.finish_sending(session, job.id, JobState.UNCERTAIN, clock=festival.clock)
    )
