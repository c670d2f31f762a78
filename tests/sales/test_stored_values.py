"""The one ledger of what customers may spend later: never below zero, gapless, told whole to the journal."""

from datetime import date, timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.kinds import MovementKind, StoredValueKind, StoredValueState
from boxoffice.models import Customer, StoredValue, ValueMovement, table
from boxoffice.sales.books.verification import verify
from boxoffice.sales.vouchers import expiring, stored_values
from boxoffice.sales.vouchers.value_changes import Move, NewValue
from tests.sales.conftest import Festival


def issue(festival: Festival, amount: int | None = 5000, **terms: object) -> UUID:
    """A value that holds this much, of a kind that needs no card."""
    value = NewValue(uuid4(), StoredValueKind.GIFT_CARD, amount, **terms)  # type: ignore[arg-type]
    festival.write(
        lambda session: stored_values.tell(
            session, festival.desk, "issued", at=festival.clock.now(), issued=[value]
        )
    )
    return value.id


def use(festival: Festival, value_id: UUID, cents: int, counter: int = 0) -> None:
    festival.write(
        lambda session: stored_values.tell(
            session,
            festival.desks[counter],
            "corrected",
            at=festival.clock.now(),
            moves=[Move(value_id, MovementKind.USED, -cents)],
        )
    )


def left(festival: Festival, value_id: UUID) -> int | None:
    row = festival.read(lambda session: stored_values.read(session, value_id))
    assert row is not None
    amount: int | None = row["amount"]
    return amount


def stands(festival: Festival) -> None:
    verdict = festival.read(verify)
    assert verdict.fault is None, str(verdict.fault)


def test_what_is_used_is_written_down_with_what_is_left(festival: Festival) -> None:
    value_id = issue(festival)
    use(festival, value_id, 1200)
    use(festival, value_id, 3800)
    movements = [(row.sequence, row.kind, row.amount, row.left_after) for row in festival.rows(ValueMovement)]
    assert movements == [
        (1, MovementKind.ISSUED, 5000, 5000),
        (2, MovementKind.USED, -1200, 3800),
        (3, MovementKind.USED, -3800, 0),
    ]
    stands(festival)


def test_more_than_is_left_is_refused_and_leaves_no_trace(festival: Festival) -> None:
    value_id = issue(festival)
    use(festival, value_id, 4000)
    before = festival.everything()
    with pytest.raises(Refusal, match=r"il reste 10,00\s€, il faudrait 10,01\s€"):
        use(festival, value_id, 1001)
    assert festival.everything() == before


def test_a_value_serves_on_its_last_day_and_not_the_day_after(festival: Festival) -> None:
    today = festival.clock.now().date()
    value_id = issue(festival, valid_until=today)
    use(festival, value_id, 100)
    festival.clock.advance(timedelta(days=1))
    with pytest.raises(Refusal, match="n'était valable que jusqu'au"):
        use(festival, value_id, 100)


def test_a_value_does_not_serve_before_its_first_day(festival: Festival) -> None:
    value_id = issue(festival, valid_from=festival.clock.now().date() + timedelta(days=1))
    with pytest.raises(Refusal, match="valable à partir du"):
        use(festival, value_id, 100)


@pytest.mark.parametrize("state", [StoredValueState.BLOCKED, StoredValueState.CANCELLED])
def test_a_value_that_is_stopped_pays_nothing(festival: Festival, state: StoredValueState) -> None:
    value_id = issue(festival)
    festival.write(lambda session: stored_values.set_state(session, value_id, state, "perdue"))
    with pytest.raises(Refusal, match=r"bloquée|annulée"):
        use(festival, value_id, 100)


def test_as_many_uses_as_wanted_leave_as_many(festival: Festival) -> None:
    value_id = issue(festival, None)
    use(festival, value_id, 1)
    use(festival, value_id, 1)
    assert left(festival, value_id) is None
    stands(festival)


def test_what_is_left_of_a_value_that_is_over_expires_once(festival: Festival) -> None:
    over = issue(festival, valid_until=festival.clock.now().date())
    lasting = issue(festival)
    festival.clock.advance(timedelta(days=1))

    def expire(session: Session) -> int:
        return expiring.expire_over(session, festival.posts[0], clock=festival.clock)

    assert festival.write(expire) == 1
    assert festival.write(expire) == 0
    assert (left(festival, over), left(festival, lasting)) == (0, 5000)
    stands(festival)


def test_an_account_is_opened_once_for_each_customer(festival: Festival) -> None:
    customer_id, at = uuid4(), festival.clock.now()
    new = {"id": customer_id, "created_at": at, "seen_at": at}
    festival.write(lambda session: session.execute(table(Customer).insert().values(new)))
    balance = StoredValueKind.BALANCE

    def credit(session: Session) -> None:
        opened = stored_values.open_account(session, customer_id, balance, at=at)
        wish = Move(stored_values.account_id(customer_id, balance), MovementKind.CREDITED, 850)
        stored_values.tell(session, festival.desk, "corrected", at=at, moves=[wish], opened=opened)

    festival.write(credit)
    festival.write(credit)
    assert left(festival, stored_values.account_id(customer_id, balance)) == 1700
    stands(festival)


def test_two_counters_racing_for_a_card_never_take_more_than_it_holds(festival: Festival) -> None:
    value_id, start = issue(festival, 10_000), Barrier(2)
    taken: list[int] = []

    def spend(counter: int) -> None:
        start.wait()
        for _try in range(8):
            try:
                use(festival, value_id, 1500, counter)
            except Refusal:
                return
            taken.append(1500)

    counters = [Thread(target=spend, args=(counter,)) for counter in (0, 1)]
    for counter in counters:
        counter.start()
    for counter in counters:
        counter.join()
    assert sum(taken) == 9000
    assert left(festival, value_id) == 1000
    stands(festival)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE storedvalue SET amount = 9000, movements = movements + 1",
        "UPDATE storedvalue SET valid_until = '2030-01-01'",
        "UPDATE storedvalue SET state = 'blocked'",
        "INSERT INTO valuemovement (value_id, sequence, kind, amount, left_after, at, till_id, reason)"
        " SELECT value_id, 2, 'corrected', 100, 5100, at, 1, '' FROM valuemovement",
    ],
)
def test_whatever_is_changed_behind_the_journal_is_found(festival: Festival, change: str) -> None:
    issue(festival, valid_until=date(2027, 1, 1))
    stands(festival)

    def tamper(session: Session) -> None:
        if change.startswith("INSERT"):
            session.execute(sa.text("UPDATE storedvalue SET amount = 5100, movements = 2"))
        session.execute(sa.text(change))

    festival.write(tamper)
    assert festival.read(verify).fault is not None


def test_no_value_is_deleted_or_moved_without_its_ledger(festival: Festival) -> None:
    issue(festival)
    for change in (table(StoredValue).delete(), table(StoredValue).update().values(amount=1)):
        with pytest.raises(sa.exc.DBAPIError):
            festival.write(lambda session, change=change: session.execute(change))
