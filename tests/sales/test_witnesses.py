"""The tills see the ends of each other's chains: one cannot be rewritten without the others' telling."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.models import JobState, JournalEntry, Numbering, table
from boxoffice.sales.books import journal
from boxoffice.sales.books.verification import verify
from boxoffice.sales.books.witnesses import read_witness
from boxoffice.sales.prints.outbox import Job
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.papers import DocumentKind, ReceiptPaper
from boxoffice.sales.staff.operators import lock, log_in, log_out, staff
from boxoffice.sales.staff.rules import read_rules
from boxoffice.sales.staff.setup import AddTill, add_till
from boxoffice.sales.staff.shift_closing import close_shift
from boxoffice.sales.staff.shifts import OpenShift, open_shift

from .conftest import Festival
from .test_tampering import behind_the_guards, fault

_entry, _numbering = table(JournalEntry), table(Numbering)


def heads(festival: Festival, till_id: int) -> list[tuple[str, list[list[object]]]]:
    """The kind of each entry of a till that tells of the others, and what it tells."""
    told = [json.loads(row.content) for row in festival.rows(JournalEntry) if row.till_id == till_id]
    return [(entry["entry"], entry["heads"]) for entry in told if "heads" in entry]


def end(festival: Festival, till_id: int) -> list[object]:
    last = [row for row in festival.rows(JournalEntry) if row.till_id == till_id][-1]
    return [till_id, last.sequence, last.digest]


def write_again(session: Session, festival: Festival, count: int) -> None:
    """Cut the last entries of the first till off and sign others in their place, with its own key."""
    post = festival.posts[0]
    last = session.execute(sa.select(_numbering.c.journal).where(_numbering.c.till_id == 1)).scalar_one()
    session.execute(_entry.delete().where(_entry.c.till_id == 1, _entry.c.sequence > last - count))
    session.execute(_numbering.update().where(_numbering.c.till_id == 1).values(journal=last - count))
    post.signer.anchor_path.unlink(missing_ok=True)
    for _again in range(count):
        lock(session, post, festival.cashier, clock=festival.clock)


def test_a_shift_that_opens_or_closes_signs_the_ends_of_the_other_chains(festival: Festival) -> None:
    first, second = festival.posts
    festival.sell()
    before = end(festival, 1)
    shift = festival.desks[1].till_session_id
    chloe = festival.read(staff)[2]
    festival.write(lambda session: close_shift(session, second, chloe, shift, 5_000, clock=festival.clock))
    assert heads(festival, 2)[-1] == ("till.closed", [before])
    festival.sell()
    before = end(festival, 1)
    festival.write(lambda session: open_shift(session, second, chloe, OpenShift(5_000), clock=festival.clock))
    assert heads(festival, 2)[-1] == ("till.opened", [before])
    before = end(festival, 2)
    who = festival.cashier
    first = replace(first, rules=festival.read(read_rules))
    festival.write(lambda session: log_in(session, first, who.id, "2345", clock=festival.clock))
    festival.write(lambda session: log_out(session, first, who, clock=festival.clock))
    assert heads(festival, 1)[-2:] == [("operator.logged_in", [before]), ("operator.logged_out", [before])]
    assert fault(festival) is None


def test_one_entry_in_so_many_signs_them_whatever_it_tells(
    festival: Festival, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "WITNESSED_EVERY", 5)
    for _sale in range(6):
        festival.sell(festival.product_line())
    numbers = [
        row.sequence
        for row in festival.rows(JournalEntry)
        if row.till_id == 1 and row.kind == "sale.completed" and "heads" in json.loads(row.content)
    ]
    assert numbers
    assert all(number % 5 == 0 for number in numbers)
    assert fault(festival) is None


def test_a_till_alone_tells_of_no_other(festival: Festival) -> None:
    with behind_the_guards(festival) as session:
        session.execute(_entry.delete().where(_entry.c.till_id == 2))
        log_out(session, festival.posts[0], festival.cashier, clock=festival.clock)
        last = session.execute(sa.select(_entry.c.content).order_by(_entry.c.sequence.desc()).limit(1))
        assert "heads" not in json.loads(last.scalar_one())


def test_an_end_that_another_till_has_seen_cannot_be_written_again(festival: Festival) -> None:
    first, second = festival.posts
    for _time in range(3):
        festival.write(lambda session: lock(session, first, festival.cashier, clock=festival.clock))
    chloe = festival.read(staff)[2]
    festival.write(lambda session: log_out(session, second, chloe, clock=festival.clock))
    seen_at = end(festival, 2)[1]
    festival.write(lambda session: lock(session, first, festival.cashier, clock=festival.clock))
    seen = int(str(end(festival, 1)[1])) - 1
    assert fault(festival) is None
    festival.clock.advance(timedelta(minutes=1))
    with behind_the_guards(festival) as session:
        write_again(session, festival, 1)
        assert verify(session).fault is None, "nobody has seen it yet"
    with behind_the_guards(festival) as session:
        write_again(session, festival, 2)
        assert str(verify(session).fault) == (
            f"journal de la caisse 1, entrée {seen} : "
            f"elle n'est pas celle que la caisse 2 (entrée {seen_at}) a vue signée."
        )


def test_an_end_that_another_till_has_seen_cannot_be_cut_off(festival: Festival) -> None:
    first, second = festival.posts
    festival.write(lambda session: lock(session, first, festival.cashier, clock=festival.clock))
    chloe = festival.read(staff)[2]
    festival.write(lambda session: log_out(session, second, chloe, clock=festival.clock))
    _till, last, _digest = end(festival, 1)
    with behind_the_guards(festival) as session:
        session.execute(_entry.delete().where(_entry.c.till_id == 1, _entry.c.sequence == last))
        session.execute(
            _numbering.update().where(_numbering.c.till_id == 1).values(journal=int(str(last)) - 1)
        )
        wrong = str(verify(session).fault)
    assert wrong.startswith(f"journal de la caisse 1, entrée {last} : elle manque, et la caisse 2")


def test_a_paper_vouches_for_the_entry_that_it_prints(festival: Festival) -> None:
    sale = festival.sell()
    job = Job(1, 1, None, DocumentKind.RECEIPT, sale.sale_id, 0, 0, JobState.QUEUED, "")
    receipt = festival.read(lambda session: load_paper(session, job, clock=festival.clock))
    assert isinstance(receipt, ReceiptPaper)
    seen = read_witness(receipt.journal_entry)
    till, sequence, digest = end(festival, 1)
    assert (seen.till, seen.sequence) == (till, sequence)
    assert (str(digest).startswith(seen.digest), len(seen.digest)) == (True, 16)
    assert festival.read(lambda session: verify(session, seen=[seen])).fault is None
    for other in (seen._replace(digest="0" * 16), seen._replace(sequence=999), seen._replace(till=9)):
        wrong = festival.read(lambda session, other=other: verify(session, seen=[other])).fault
        assert "le papier présenté" in str(wrong)


@pytest.mark.parametrize(
    "text",
    ["1-57 3F2A 9C1B 77D0 E4A1", "Journal 1-57 3F2A 9C1B 77D0 E4A1", "journal : 1-57 3F2A\n  9c1b77d0e4a1"],
)
def test_the_line_of_a_paper_is_read_as_it_stands(text: str) -> None:
    seen = read_witness(text)
    assert (seen.till, seen.sequence, seen.digest) == (1, 57, "3f2a9c1b77d0e4a1")


@pytest.mark.parametrize(
    "text", ["", "1-57", "Journal", "1-57 3F2A", "57 3F2A9C1B", "1-57 3F2A9C1G", "a-1 3F2A9C1B"]
)
def test_what_no_paper_prints_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match=re.escape(f"« {text} » n'est pas une empreinte")):
        read_witness(text)


def test_a_till_more_is_seen_from_its_first_entry_on(festival: Festival, tmp_path: Path) -> None:
    festival.write(
        lambda session: add_till(
            session,
            AddTill(3),
            key_path=tmp_path / "till-3.pem",
            clock=festival.clock,
            manager=festival.manager,
        )
    )
    festival.write(
        lambda session: log_out(session, festival.posts[0], festival.cashier, clock=festival.clock)
    )
    assert [head[:2] for head in heads(festival, 1)[-1][1]] == [end(festival, 2)[:2], [3, 1]]
    assert fault(festival) is None
