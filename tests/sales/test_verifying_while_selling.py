"""A journal is verified while tills go on selling: what is signed meanwhile is no fault."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore

from boxoffice.sales.books.signing import read_anchor
from boxoffice.sales.books.verification import Verdict, verify
from tests.sales.conftest import Festival

ROUNDS = 6
PATIENCE_SECONDS = 60


def test_a_journal_verified_while_a_till_sells_is_found_intact(festival: Festival) -> None:
    stop, sold = Event(), Semaphore(0)

    def sell() -> None:
        while not stop.is_set():
            festival.sell(festival.product_line())
            sold.release()

    def look() -> Verdict:
        assert sold.acquire(timeout=PATIENCE_SECONDS), "the till sells no more"
        path = festival.posts[0].signer.anchor_path
        anchor = read_anchor(path.with_suffix(".pem"))
        assert anchor is not None
        return festival.read(lambda session: verify(session, anchors={1: anchor}))

    festival.sell()
    with ThreadPoolExecutor(1) as till:
        selling = till.submit(sell)
        try:
            verdicts = [look() for _round in range(ROUNDS)]
        finally:
            stop.set()
    selling.result()
    assert [verdict.fault for verdict in verdicts] == [None] * ROUNDS
