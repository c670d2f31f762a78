"""The end of a day put away with its anchor, by whoever has no key, is missed by who else has seen it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.backup_file import read_header
from boxoffice.care import knowing
from boxoffice.care.backups import BackupReason, KeptBackup, back_up, list_backups
from boxoffice.care.doctor.consultation import examine
from boxoffice.care.doctor.findings import Health
from boxoffice.care.restoring import restore
from boxoffice.care.verifying import verify_database
from boxoffice.care.witnessing import seen_by_backups, witness_heads
from boxoffice.config import Settings
from boxoffice.models import JournalEntry, Numbering, table
from boxoffice.sales.books.entries import read_begun
from boxoffice.sales.books.verification import Verdict, verify
from boxoffice.sales.books.witnesses import Witness, read_witness, witnessed_as
from boxoffice.sales.staff.operators import lock
from tests.sales.conftest import Festival
from tests.sales.test_tampering import behind_the_guards

_entry, _numbering = table(JournalEntry), table(Numbering)


def verdict(session: Session, settings: Settings) -> Verdict:
    """What a verification finds with what the backups kept here have seen."""
    return verify(session, seen=seen_by_backups(session, list_backups(settings.backups_folder)))


@contextmanager
def without_the_last_entry(festival: Festival) -> Iterator[Session]:
    """The database once the last entry of the first till is gone, with its number and its anchor."""
    festival.posts[0].signer.anchor_path.unlink()
    with behind_the_guards(festival) as session:
        last = session.execute(sa.select(_numbering.c.journal).where(_numbering.c.till_id == 1)).scalar_one()
        session.execute(_entry.delete().where(_entry.c.till_id == 1, _entry.c.sequence == last))
        session.execute(_numbering.update().where(_numbering.c.till_id == 1).values(journal=last - 1))
        yield session


def signed(festival: Festival) -> None:
    """Something more at the first till, which no row of the books tells but its journal."""
    festival.write(lambda session: lock(session, festival.posts[0], festival.cashier, clock=festival.clock))


def backed_up(festival: Festival, settings: Settings) -> KeptBackup:
    return back_up(
        festival.database, settings.backups_folder, BackupReason.CLOSING, None, clock=festival.clock
    )


def test_the_other_tills_of_a_computer_sign_at_once_what_was_closed(
    festival: Festival, settings: Settings
) -> None:
    signed(festival)
    witness_heads(festival.database, settings, clock=festival.clock)
    seen_by = [row for row in festival.rows(JournalEntry) if row.kind == "heads.witnessed"]
    assert [row.till_id for row in seen_by] == [festival.posts[1].till_id]
    assert festival.read(verify).fault is None
    with without_the_last_entry(festival) as session:
        found = str(verify(session).fault)
    assert f"elle manque, et la caisse 2 (entrée {seen_by[0].sequence}) l'a vue signée." in found


def test_a_till_that_cannot_sign_keeps_no_other_from_it(festival: Festival, settings: Settings) -> None:
    settings.key_path_of(2).write_text("torn")
    witness_heads(festival.database, settings, clock=festival.clock)
    assert "heads.witnessed" not in {row.kind for row in festival.rows(JournalEntry)}


def test_a_backup_has_seen_how_far_the_journals_went(festival: Festival, settings: Settings) -> None:
    signed(festival)
    kept = backed_up(festival, settings)
    assert [head[0] for head in read_header(kept.path).heads] == [1, 2]
    assert festival.read(lambda session: verdict(session, settings)).fault is None
    with without_the_last_entry(festival) as session:
        assert verify(session).fault is None, "nobody else has seen it"
        found = str(verdict(session, settings).fault)
    assert found.endswith(f"elle manque, et la sauvegarde {kept.path.name} l'a vue signée.")


def test_the_doctor_holds_the_journals_against_the_backups(
    festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    backed_up(festival, settings)

    def health() -> list[Health]:
        found = examine(settings, clock=festival.clock)
        return [finding.health for finding in found if finding.subject == "journals"]

    assert health() == [Health.WELL]
    seen = [Witness(1, 9_999, "0" * 64, "la sauvegarde du soir")]
    monkeypatch.setattr("boxoffice.care.doctor.journals.seen_by_backups", lambda *_of: seen)
    assert health() == [Health.ILL]


def test_what_a_restoring_went_back_behind_is_no_fault(festival: Festival, settings: Settings) -> None:
    first = backed_up(festival, settings)
    signed(festival)
    backed_up(festival, settings)
    festival.database.close()
    restore(settings, first.path, festival.manager.number, clock=festival.clock)
    festival.clock.advance(timedelta(hours=1))
    signed(festival)
    assert festival.read(lambda session: verdict(session, settings)).fault is None
    told = [each for each in examine(settings, clock=festival.clock) if each.subject == "restored"]
    assert [first.path.name in each.said for each in told] == [True]
    for _time in range(3):
        signed(festival)
    latest = backed_up(festival, settings)
    with without_the_last_entry(festival) as session:
        found = str(verdict(session, settings).fault)
    assert latest.path.name in found, "it holds the journals to what they were since"


@pytest.mark.parametrize("meanwhile", [False, True], ids=["at once", "after more was signed and kept"])
def test_the_right_backup_put_back_after_a_wrong_one_accuses_nobody(
    festival: Festival, settings: Settings, meanwhile: bool
) -> None:
    older = backed_up(festival, settings)
    for _time in range(3):
        signed(festival)
    newer = backed_up(festival, settings)
    signed(festival)
    for chosen in (older, newer):
        festival.database.close()
        festival.clock.advance(timedelta(minutes=1))
        restore(settings, chosen.path, festival.manager.number, clock=festival.clock)
        if meanwhile:
            festival.clock.advance(timedelta(minutes=1))
            signed(festival)
            backed_up(festival, settings)
    assert festival.read(lambda session: verdict(session, settings)).fault is None
    for _time in range(5):
        signed(festival)
    latest = backed_up(festival, settings)
    with without_the_last_entry(festival) as session:
        found = str(verdict(session, settings).fault)
    assert latest.path.name in found, "it holds the journals to what they were since"


def test_a_restoring_under_a_clock_that_was_ahead_silences_no_backup_made_since(
    festival: Festival, settings: Settings
) -> None:
    first = backed_up(festival, settings)
    festival.database.close()
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(hours=3))
        restore(settings, first.path, festival.manager.number, clock=festival.clock)
        festival.clock.advance(-timedelta(hours=3))
    for _time in range(3):
        festival.clock.advance(timedelta(minutes=10))
        signed(festival)
        latest = backed_up(festival, settings)
    assert festival.read(lambda session: verdict(session, settings)).fault is None
    with without_the_last_entry(festival) as session:
        found = str(verdict(session, settings).fault)
    assert latest.path.name in found


def test_backups_of_other_books_in_the_same_folder_vouch_for_nothing(
    festival: Festival, settings: Settings
) -> None:
    """A rehearsal was kept there, or the festival of last year: its journals begin otherwise."""
    kept = backed_up(festival, settings)
    seen = read_header(kept.path)
    with festival.database.read() as session:
        assert seen.begun == read_begun(session)
        foreign = replace(
            kept, about=replace(seen, begun=frozenset({"0" * 64}), heads=((1, 9_999, "0" * 64),))
        )
        assert seen_by_backups(session, [foreign]) == []
        assert len(seen_by_backups(session, [foreign, kept])) == 2


def test_restoring_believes_nothing_of_backups_of_other_books(
    festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, post = settings.backups_folder, festival.posts[0]
    kept = back_up(festival.database, folder, BackupReason.CLOSING, post, clock=festival.clock)
    others = replace(
        kept,
        about=replace(
            kept.about,
            begun=frozenset({"0" * 64}),
            numbers={"1": {"operations": 77_777}},
            erased=(str(uuid4()),),
        ),
    )
    real = list_backups(settings.backups_folder)
    monkeypatch.setattr(knowing, "list_backups", lambda _folder: (others, *real))
    with festival.database.read() as session:
        known = knowing.known_here(session, settings, [1], knowing.Before())
    assert 77_777 not in known.numbers["1"].values()


def paper(festival: Festival, till: int = 1, sequence: int | None = None) -> Witness:
    """The end of a till's journal, or another entry of it, as a paper prints it."""
    of_till = sa.select(_entry.c.sequence, _entry.c.digest).where(_entry.c.till_id == till)
    which = of_till if sequence is None else of_till.where(_entry.c.sequence == sequence)
    row = festival.read(lambda session: session.execute(which.order_by(_entry.c.sequence.desc())).first())
    assert row is not None
    return read_witness(f"Journal {witnessed_as(till, row.sequence, row.digest)}")


def test_a_paper_from_before_a_restoring_that_is_told_is_no_fault(
    festival: Festival, settings: Settings
) -> None:
    kept = backed_up(festival, settings)
    signed(festival)
    signed(festival)
    seen = paper(festival)
    festival.write(lambda session: lock(session, festival.posts[1], festival.cashier, clock=festival.clock))
    other = paper(festival, 2)
    for _time in range(2):
        festival.database.close()
        restore(settings, kept.path, festival.manager.number, clock=festival.clock)
        for each in (seen, other):
            found = festival.read(lambda session, each=each: verify(session, seen=[each]))
            assert found.fault is None
            (said,) = [notice for notice in found.notices if "le papier présenté" in notice]
            assert (
                f"caisse {each.till}, entrée {each.sequence} : le papier présenté en a vu une autre" in said
            )
            assert f"à {each.sequence} : imprimé avant elle, il est en règle" in said


def test_a_paper_that_contradicts_what_no_restoring_took_is_a_fault(
    festival: Festival, settings: Settings
) -> None:
    stands = paper(festival)
    kept = backed_up(festival, settings)
    signed(festival)
    signed(festival)
    last = paper(festival)
    festival.database.close()
    restore(settings, kept.path, festival.manager.number, clock=festival.clock)
    signed(festival)
    again = paper(festival)
    changed = stands._replace(digest="0" * 16)
    beyond = last._replace(sequence=last.sequence + 50)
    for wrong, said in ((changed, "elle n'est pas celle que"), (beyond, "elle manque, et")):
        found = festival.read(lambda session, wrong=wrong: verify(session, seen=[wrong]))
        assert f"entrée {wrong.sequence} : {said} le papier présenté" in str(found.fault)
    found = festival.read(lambda session: verify(session, seen=[stands, again]))
    assert found.fault is None
    assert not [notice for notice in found.notices if "le papier présenté" in notice]


def test_the_same_backup_put_back_twice_accuses_nobody(festival: Festival, settings: Settings) -> None:
    """The second restoring knows of a few entries alone; what the first one left out, that one told."""
    kept = backed_up(festival, settings)
    for _time in range(4):
        for post in festival.posts:
            festival.write(
                lambda session, post=post: lock(session, post, festival.cashier, clock=festival.clock)
            )
    for _time in range(2):
        festival.database.close()
        festival.clock.advance(timedelta(minutes=1))
        restore(settings, kept.path, festival.manager.number, clock=festival.clock)
        assert verify_database(settings).verdict.fault is None
    for _time in range(6):
        signed(festival)
    latest = backed_up(festival, settings)
    with without_the_last_entry(festival) as session:
        found = str(verdict(session, settings).fault)
    assert latest.path.name in found, "it holds the journals to what they were since"


def printed_between_two_restorings(
    festival: Festival, settings: Settings, times: int = 1
) -> tuple[Witness, Witness]:
    """Papers of both tills from a base that was put back by mistake, before the right one was, so often."""
    older = backed_up(festival, settings)
    for _time in range(3):
        for post in festival.posts:
            festival.write(
                lambda session, post=post: lock(session, post, festival.cashier, clock=festival.clock)
            )
    newer = backed_up(festival, settings)
    festival.database.close()
    festival.clock.advance(timedelta(minutes=1))
    restore(settings, older.path, festival.manager.number, clock=festival.clock)
    seen = paper(festival), paper(festival, 2)
    for _time in range(times):
        festival.database.close()
        festival.clock.advance(timedelta(minutes=1))
        restore(settings, newer.path, festival.manager.number, clock=festival.clock)
    return seen


@pytest.mark.parametrize("times", [1, 2])
def test_a_paper_printed_between_two_restorings_is_no_fault(
    festival: Festival, settings: Settings, times: int
) -> None:
    papers = printed_between_two_restorings(festival, settings, times)
    found = festival.read(lambda session: verify(session, seen=papers))
    assert found.fault is None
    said = [notice for notice in found.notices if "le papier présenté" in notice]
    for each, notice in zip(papers, said, strict=True):
        assert f"caisse {each.till}, entrée {each.sequence} : le papier présenté en a vu une autre" in notice
        assert "imprimé avant elle, il est en règle" in notice
    (exactly, _other) = [
        notice for notice in verify_database(settings, seen=papers).verdict.notices if "papier" in notice
    ]
    assert "avant-remise.backup garde : la base d'avant la remise du" in exactly
    assert "Ce papier est d'avant elle, et en règle." in exactly


def test_a_paper_is_read_in_the_backup_of_what_a_restoring_of_a_version_before_replaced(
    festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It told the numbers alone, which are those of other entries now."""
    monkeypatch.setattr(knowing, "_parted", lambda *_of: {})
    seen, other = printed_between_two_restorings(festival, settings)
    assert "le papier présenté" in str(festival.read(lambda session: verify(session, seen=[seen])).fault)
    assert verify_database(settings, seen=[seen, other]).verdict.fault is None
    forged = seen._replace(digest="0" * 16)
    found = verify_database(settings, seen=[forged]).verdict
    assert f"entrée {seen.sequence} : elle n'est pas celle que le papier présenté" in str(found.fault)
