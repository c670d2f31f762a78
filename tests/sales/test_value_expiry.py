"""Cards that are over are emptied once, whoever sees it first."""

from datetime import date
from threading import Barrier, Thread

from boxoffice.models import JournalEntry
from boxoffice.sales.vouchers import expiring
from tests.sales.conftest import Festival
from tests.sales.value_life import add_kind, books_hold, give_card, later, ledger, left_in, make


def over(festival: Festival) -> bool:
    return festival.read(lambda session: expiring.any_over(session, festival.posts[0], clock=festival.clock))


def expire(festival: Festival, till: int = 0) -> int:
    return festival.write(
        lambda session: expiring.expire_over(session, festival.posts[till], clock=festival.clock)
    )


def test_a_card_is_emptied_when_the_business_day_after_its_last_begins(festival: Festival) -> None:
    """It is good until the 21st; at three in the morning of the 22nd the 21st is not over."""
    value_id = give_card(festival, add_kind(festival), until=date(2026, 1, 21))
    later(festival, hours=15)
    assert not over(festival)
    assert expire(festival) == 0
    later(festival, hours=1)
    assert over(festival)
    assert expire(festival) == 1
    assert not over(festival)
    assert ledger(festival, value_id) == [("issued", 5, 5), ("expired", -5, 0)]
    books_hold(festival)


def test_two_counters_empty_a_card_once(festival: Festival) -> None:
    kind = add_kind(festival)
    values = [give_card(festival, kind, until=date(2026, 1, 21)) for _n in range(4)]
    make(festival, valid_until=date(2026, 1, 20))
    unlimited = make(festival, word="PLANS", uses=None, valid_until=date(2026, 1, 20))
    later(festival, days=1)
    emptied: list[int] = []
    start = Barrier(2)

    def work(till: int) -> None:
        start.wait()
        emptied.append(expire(festival, till))

    tills = [Thread(target=work, args=(till,)) for till in (0, 1)]
    for till in tills:
        till.start()
    for till in tills:
        till.join()
    assert sum(emptied) == 5
    assert {left_in(festival, value_id) for value_id in values} == {0}
    assert unlimited.codes == ("PLANS",)
    told = [row.kind for row in festival.rows(JournalEntry)]
    assert 1 <= told.count("value.expired") <= 2
    books_hold(festival)
