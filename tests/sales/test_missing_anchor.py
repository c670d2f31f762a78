"""A till that no longer has its anchor sells on, and its journal says so for ever."""

import json

import pytest
import sqlalchemy as sa

from boxoffice.errors import Refusal
from boxoffice.models import JournalEntry, table
from boxoffice.sales.books import journal
from boxoffice.sales.books.verification import Verdict, verify
from boxoffice.sales.staff.setup import AddTill, add_till
from tests.sales.conftest import Festival, end_of_journal
from tests.sales.test_tampering import behind_the_guards, cut_the_end

_entry = table(JournalEntry)
TOLD = "la caisse n'avait plus son ancre : la fin du journal d'avant a pu être coupée sans trace."


def verdict(festival: Festival) -> Verdict:
    """What a verification finds at the post of the first till."""
    anchor = festival.posts[0].signer.anchor()
    assert anchor is not None
    return festival.read(lambda session: verify(session, anchors={1: anchor}))


def told_missing(festival: Festival) -> list[tuple[int, int]]:
    """The entries that tell of an anchor that was gone, by till and number."""
    return [
        (row.till_id, row.sequence)
        for row in festival.rows(JournalEntry)
        if "anchor_missing" in json.loads(row.content)
    ]


def test_an_end_cut_off_with_the_anchor_is_told_by_the_entry_signed_over_it(festival: Festival) -> None:
    festival.sell()
    festival.sell()
    festival.posts[0].signer.anchor_path.unlink()
    with behind_the_guards(festival) as session:
        cut = cut_the_end(session)
        assert not [each for each in verify(session).notices if TOLD in each]
        journal.append(session, festival.posts[0], "till.locked", {}, at=festival.clock.now())
        found = verify(session)
    assert found.fault is None
    assert f"journal de la caisse 1, entrée {cut} : {TOLD}" in found.notices


def test_a_queue_is_served_without_the_anchor_and_only_the_first_entry_tells(festival: Festival) -> None:
    festival.sell()
    signer = festival.posts[0].signer
    before = signer.anchor()
    signer.anchor_path.unlink()
    festival.sell()
    festival.sell()
    assert before is not None
    assert told_missing(festival) == [(1, before.sequence + 1)]
    found = verdict(festival)
    assert found.fault is None
    assert found.notices[0] == f"journal de la caisse 1, entrée {before.sequence + 1} : {TOLD}"


def test_what_was_told_of_the_anchor_cannot_be_taken_back(festival: Festival) -> None:
    festival.posts[0].signer.anchor_path.unlink()
    festival.sell()
    ((till, sequence),) = told_missing(festival)
    here = sa.and_(_entry.c.till_id == till, _entry.c.sequence == sequence)
    with behind_the_guards(festival) as session:
        content = json.loads(session.execute(sa.select(_entry.c.content).where(here)).scalar_one())
        del content["anchor_missing"]
        session.execute(_entry.update().where(here).values(content=journal.canonical(content)))
        assert verify(session).fault is not None


def test_no_anchor_is_missed_of_a_till_that_begins_or_signs_twice_at_once(festival: Festival) -> None:
    first, second = festival.posts
    first.signer.anchor_path.unlink()
    second.signer.anchor_path.unlink()
    at = festival.clock.now()
    with festival.database.write() as session:
        for _time in range(2):
            for post in (first, second):
                journal.append(session, post, "till.locked", {}, at=at)
        third = add_till(
            session,
            AddTill(3),
            key_path=first.signer.anchor_path.with_name("till-3.pem"),
            clock=festival.clock,
            manager=festival.manager,
        )
    assert sorted({till for till, _sequence in told_missing(festival)}) == [1, 2]
    assert len(told_missing(festival)) == 2
    assert third.signer.anchor() == festival.read(lambda session: end_of_journal(session, third.till_id))


def test_an_anchor_put_back_with_the_key_is_not_missed(festival: Festival) -> None:
    """A till moved to another computer with its whole folder, its anchor a little older than its journal."""
    signer = festival.posts[0].signer
    festival.sell()
    kept = signer.anchor_path.read_bytes()
    festival.sell()
    signer.anchor_path.write_bytes(kept)
    festival.sell()
    assert told_missing(festival) == []
    assert verdict(festival).fault is None


def test_an_anchor_written_by_hand_is_not_that_of_the_till(festival: Festival) -> None:
    """Whoever can write the file but has no key: the end of the day, and its anchor, put back together."""
    festival.sell()
    signer = festival.posts[0].signer
    earlier = festival.read(lambda session: end_of_journal(session, festival.posts[0].till_id))
    festival.sell()
    signature = signer.anchor_path.read_text().split()[-1]
    signer.anchor_path.write_text(f"{earlier.sequence:012d} {earlier.digest} {signature}\n")
    with pytest.raises(ValueError, match="is not signed by the key beside it"):
        signer.anchor()
    with pytest.raises(Refusal, match="n'est pas celle où la caisse 1 a signé en dernier"):
        festival.sell()


def test_an_anchor_without_a_signature_is_refused_where_the_journal_tells_that_it_has_one(
    festival: Festival,
) -> None:
    festival.sell()
    signer = festival.posts[0].signer
    signer.anchor_path.write_text(" ".join(signer.anchor_path.read_text().split()[:2]))
    anchor = signer.anchor()
    assert anchor is not None
    found = festival.read(lambda session: verify(session, anchors={1: anchor})).fault
    assert found is not None
    assert found.what == "son ancre n'est pas signée, et le journal raconte qu'elle l'est."
    with pytest.raises(Refusal, match="n'est pas celle où la caisse 1 a signé en dernier"):
        festival.sell()


def test_the_anchor_of_a_version_that_signed_none_is_accepted_once_and_told(
    festival: Festival, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = festival.posts[0].signer
    unsigned = " ".join(signer.anchor_path.read_text().split()[:2])
    signer.anchor_path.write_text(unsigned)
    of_before = {"fingerprint": signer.fingerprint}
    monkeypatch.setattr(journal, "last_key_told", lambda *_of: of_before)
    festival.sell()
    anchor = signer.anchor()
    assert anchor is not None
    assert anchor.is_signed
    told = [row.sequence for row in festival.rows(JournalEntry) if journal.UNSIGNED in row.content]
    assert told == [anchor.sequence]
    assert [said for said in verdict(festival).notices if "l'ancre n'était pas encore signée" in said]
    festival.sell()
    signer.anchor_path.write_text(unsigned)
    with pytest.raises(Refusal, match="n'est pas celle où la caisse 1 a signé en dernier"):
        festival.sell()
