"""A till knows outside of its database what it has signed: an older or another one is not signed over."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from boxoffice.errors import Refusal
from boxoffice.models import (
    Establishment,
    JobState,
    JournalEntry,
    Numbering,
    PrintJob,
    Quota,
    Screening,
    SigningKey,
    Till,
    guards,
    table,
)
from boxoffice.sales.books import journal
from boxoffice.sales.books.signing import Anchor, create_key, read_anchor
from boxoffice.sales.books.verification import verify
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.prints.reprinting import reprint
from boxoffice.sales.staff.operators import WrongPin, check_pin
from tests.sales.conftest import Festival
from tests.sales.test_tampering import behind_the_guards

NOT_THE_LAST = "n'est pas celle où la caisse 1 a signé en dernier"


def signed_further(festival: Festival) -> None:
    """The till has signed on in another copy of the database, which is not this one."""
    signer = festival.posts[0].signer
    known = signer.anchor()
    assert known is not None
    signer.keep_anchor(Anchor(known.sequence + 3, "f" * 64))


def test_a_till_does_not_sell_on_a_database_older_than_what_it_has_signed(festival: Festival) -> None:
    festival.sell()
    signed_further(festival)
    with pytest.raises(Refusal, match=NOT_THE_LAST):
        festival.sell()


def test_a_manager_answers_for_a_restored_database_and_the_journal_tells(festival: Festival) -> None:
    festival.sell()
    signed_further(festival)
    at = festival.clock.now()
    festival.write(lambda session: journal.accept_restored(session, festival.posts[0], 1, at=at))
    festival.sell()
    signer = festival.posts[0].signer
    anchor = signer.anchor()
    assert anchor is not None
    verdict = festival.read(lambda session: verify(session, anchors={1: anchor}))
    assert verdict.fault is None
    assert any("base de données remise en arrière" in notice for notice in verdict.notices)


def test_there_is_nothing_to_resume_on_the_database_that_was_signed_last(festival: Festival) -> None:
    festival.sell()
    at = festival.clock.now()
    with pytest.raises(Refusal, match="entier"):
        festival.write(lambda session: journal.accept_restored(session, festival.posts[0], 1, at=at))


def test_an_anchor_never_goes_back(festival: Festival) -> None:
    festival.sell()
    signer = festival.posts[0].signer
    kept = signer.anchor()
    signer.keep_anchor(Anchor(1, "0" * 64))
    assert signer.anchor() == kept


def test_an_anchor_that_cannot_be_read_stops_the_till(festival: Festival) -> None:
    festival.sell()
    festival.posts[0].signer.anchor_path.write_text("garbage")
    with pytest.raises(Refusal, match=NOT_THE_LAST):
        festival.sell()
    with pytest.raises(ValueError, match="unpack"):
        read_anchor(festival.posts[0].signer.anchor_path.with_suffix(".pem"))
    at = festival.clock.now()
    festival.write(lambda session: journal.accept_restored(session, festival.posts[0], 1, at=at))
    festival.sell()
    verdict = festival.read(verify)
    assert verdict.fault is None
    assert any("base de données remise en arrière" in notice for notice in verdict.notices)


def test_a_till_taken_out_whole_is_missed_by_the_anchor(festival: Festival) -> None:
    festival.sell()
    verdict = festival.read(lambda session: verify(session, anchors={7: Anchor(3, "0" * 64)}))
    assert str(verdict.fault) == "caisse 7 : elle manque, et ce poste a l'ancre de son journal."


def test_a_chain_without_its_anchor_is_pointed_out(festival: Festival) -> None:
    verdict = festival.read(verify)
    assert verdict.fault is None
    assert verdict.notices[0] == (
        "Caisse 1 : ce poste n'a pas l'ancre de son journal, rien n'en garantit la fin."
    )


def test_a_key_slipped_in_cannot_vouch_for_itself(
    festival: Festival, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody with the database alone makes a key, tells it with itself and signs on."""
    festival.sell()
    forger = create_key(tmp_path / "forged.pem")
    at = festival.clock.now()
    post = replace(festival.posts[0], signer=forger)
    with behind_the_guards(festival) as session:
        key = {"fingerprint": forger.fingerprint, "public_key": forger.public_pem}
        session.execute(table(SigningKey).insert().values(**key, till_id=post.till_id, created_at=at))
        with pytest.raises(Refusal, match="a été remplacée"), session.begin_nested():
            journal.append(session, post, "key.created", key, at=at)
        monkeypatch.setattr(journal, "last_key_told", lambda *_of: key)
        journal.append(session, post, "key.created", key, at=at)
        found = verify(session).fault
    assert found is not None
    assert found.what == "aucune entrée d'avant n'a raconté sa clé."


def test_seats_that_the_books_do_not_tell_are_found(festival: Festival) -> None:
    festival.sell()
    with behind_the_guards(festival) as session:
        session.execute(table(Screening).update().values(allocated=0))
        found = verify(session).fault
    assert str(found) == "séance KNEECAP : 0 places prises dans la table, 1 vendues dans les livres."


def test_a_quota_taken_away_with_its_seats_sold_is_found(festival: Festival) -> None:
    festival.sell(festival.seat_line(tariff="UFR"))
    with behind_the_guards(festival) as session:
        session.execute(table(Quota).delete())
        found = verify(session).fault
    assert str(found) == "séance KNEECAP : 0 places prises dans la table, 1 vendues dans les livres."


def test_a_copy_that_the_outbox_forgot_or_the_journal_never_told_is_found(festival: Festival) -> None:
    sale = festival.sell()
    job = table(PrintJob)
    festival.write(lambda session: session.execute(job.update().values(state=JobState.PRINTED)))
    festival.write(
        lambda session: reprint(
            session,
            festival.desk,
            DocumentKind.TICKET,
            sale_id=sale.sale_id,
            position=1,
            clock=festival.clock,
        )
    )
    assert festival.read(verify).fault is None
    for change, counted in ((job.delete().where(job.c.copy_number == 1), 0), (_another(festival), 2)):
        with behind_the_guards(festival) as session:
            session.execute(change)
            found = verify(session).fault
        assert str(found) == f"copies n° 1 (ticket) : {counted} dans la base, 1 dans le journal."


def _another(festival: Festival) -> sa.Insert:
    """The copy ordered last, ordered once more for a line that there is not."""
    copy = dict(festival.rows(PrintJob)[-1]._mapping)
    return table(PrintJob).insert().values(copy | {"id": copy["id"] + 1, "position": 9})


def test_an_establishment_changed_behind_the_journal_is_found(festival: Festival) -> None:
    with behind_the_guards(festival) as session:
        session.execute(table(Establishment).update().values(operator_name="Un autre"))
        found = verify(session).fault
    assert found is not None
    assert found.what == "l'établissement n'est pas celui que le journal a raconté."


def test_a_clock_set_back_is_told_and_pointed_out(festival: Festival) -> None:
    festival.sell()
    festival.clock.at -= timedelta(minutes=30)
    festival.sell(festival.product_line())
    verdict = festival.read(verify)
    assert verdict.fault is None
    assert any(notice.endswith("l'horloge avait reculé.") for notice in verdict.notices)


def test_a_missing_guard_is_named(festival: Festival) -> None:
    assert festival.read(lambda session: guards.missing(session.connection())) == ()
    drop = (
        "DROP TRIGGER sale_refuses_update"
        if festival.database.is_sqlite
        else "DROP TRIGGER sale_refuses_change ON sale"
    )
    festival.write(lambda session: session.execute(sa.text(drop)))
    (missing,) = festival.read(lambda session: guards.missing(session.connection()))
    assert missing.startswith("sale_refuses_")


def test_wrong_pins_are_counted_and_told_however_many_there_are(festival: Festival) -> None:
    with festival.clock.without_nights():
        for _try in range(60):
            with pytest.raises(WrongPin):
                festival.write(
                    lambda session: check_pin(
                        session, festival.posts[0], festival.cashier.id, "0000", clock=festival.clock
                    )
                )
            festival.clock.advance(timedelta(days=366))
    told = festival.read(
        lambda session: session.exec(
            select(JournalEntry.sequence).where(JournalEntry.kind == "operator.refused")
        ).all()
    )
    assert len(told) == 60


def test_the_numbering_of_a_till_cannot_be_set_back_to_sign_twice(festival: Festival) -> None:
    festival.sell()
    with behind_the_guards(festival) as session:
        session.execute(table(Numbering).update().values(journal=table(Numbering).c.journal - 1))
        with pytest.raises(Refusal, match=NOT_THE_LAST):
            journal.append(session, festival.posts[0], "till.locked", {}, at=festival.clock.now())
    assert festival.read(lambda session: session.exec(select(Till.number)).all()) == [1, 2]


def test_a_first_anchor_is_whole_on_the_disk_under_a_name_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = create_key(tmp_path / "till-1.pem")
    synced: list[int] = []
    true_fsync = os.fsync

    def fsync(opened: int) -> None:
        synced.append(os.fstat(opened).st_size)
        true_fsync(opened)

    monkeypatch.setattr(os, "fsync", fsync)
    (tmp_path / "till-1.new").mkdir()
    signer.keep_anchor(Anchor(1, "f" * 64))
    assert synced[0] == (tmp_path / "till-1.anchor").stat().st_size > 0
    assert signer.anchor() == Anchor(1, "f" * 64)
    assert {path.suffix for path in tmp_path.iterdir()} == {".pem", ".anchor", ".new"}
