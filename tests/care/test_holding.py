"""The backups kept here are held to the hashes that the journals tell: changed or gone, somebody says so."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest

from boxoffice.care.backups import BackupReason, KeptBackup, back_up, list_backups, throw_away
from boxoffice.care.doctor.consultation import examine
from boxoffice.care.doctor.findings import Health
from boxoffice.care.holding import Held, hold_backups
from boxoffice.care.restoring import restore
from boxoffice.care.verifying import Verified, verify_database
from boxoffice.config import Settings
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, table
from boxoffice.sales.books.journal import append
from boxoffice.sqlite import copy_sqlite
from tests.sales.conftest import Festival

from .restored import insider
from .test_restored_statements import give, over
from .test_witnessing import signed, without_the_last_entry

_entry = table(JournalEntry)


def made(festival: Festival, settings: Settings, reason: BackupReason = BackupReason.SCHEDULE) -> KeptBackup:
    festival.clock.advance(timedelta(minutes=1))
    return back_up(
        festival.database, settings.backups_folder, reason, festival.posts[0], clock=festival.clock
    )


def with_another_first_line(path: Path, **told: object) -> None:
    first, rest = gzip.decompress(path.read_bytes()).split(b"\n", 1)
    header = json.loads(first) | told
    path.write_bytes(gzip.compress(json.dumps(header).encode() + b"\n" + rest))


def held(festival: Festival, settings: Settings) -> Held:
    kept = list_backups(settings.backups_folder)
    return festival.read(lambda session: hold_backups(session, settings, kept))


def verified(festival: Festival, settings: Settings) -> Verified:
    festival.database.close()
    return verify_database(settings)


def findings(festival: Festival, settings: Settings) -> list[tuple[Health, str]]:
    found = examine(settings, clock=festival.clock)
    return [(each.health, each.said) for each in found if each.subject == "backups"]


def test_backups_as_they_were_made_are_well(festival: Festival, settings: Settings) -> None:
    for reason in (BackupReason.SCHEDULE, BackupReason.ASKED):
        made(festival, settings, reason)
    assert [each[1:] for each in (held(festival, settings),)] == [((), (), ())]
    assert [health for health, _said in findings(festival, settings)] == [Health.WELL]
    found = verified(festival, settings)
    assert found.is_well
    assert not [said for said in found.verdict.notices if "sauvegarde" in said]


def test_a_backup_whose_first_line_was_edited_is_told_and_witnesses_nothing(
    festival: Festival, settings: Settings
) -> None:
    kept = made(festival, settings)
    with_another_first_line(kept.path, heads=[[1, 1, "0" * 64]])
    found = verified(festival, settings)
    assert found.verdict.fault is None
    assert found.changed_backups == (
        f"La sauvegarde {kept.path.name} n'est plus le fichier que le journal a vu faire.",
    )
    assert not found.is_well
    assert findings(festival, settings)[0] == (Health.ILL, found.changed_backups[0])


def test_a_backup_that_the_journal_told_and_that_says_to_be_of_other_books_is_a_fault(
    festival: Festival, settings: Settings
) -> None:
    kept = made(festival, settings)
    signed(festival)
    with_another_first_line(kept.path, begun=["0" * 64])
    with without_the_last_entry(festival) as session:
        session.commit()
    found = verified(festival, settings)
    assert str(found.verdict.fault) == (
        f"sauvegarde {kept.path.name} : le journal l'a vu faire, et elle se dit d'autres comptes."
    )
    (said,) = found.changed_backups
    assert "Elle se dit maintenant d'autres comptes." in said
    assert findings(festival, settings)[0] == (Health.ILL, said)
    assert Health.WELL not in [health for health, _said in findings(festival, settings)]


def test_a_backup_that_cannot_be_read_any_more_is_told(festival: Festival, settings: Settings) -> None:
    kept = made(festival, settings)
    kept.path.write_bytes(b"torn")
    assert held(festival, settings)[1:] == ((kept.path.name,), (), ())


def test_a_backup_that_is_gone_is_told_unless_it_was_thrown_away_or_asked_for(
    festival: Festival, settings: Settings
) -> None:
    asked = made(festival, settings, BackupReason.ASKED)
    gone = made(festival, settings)
    thrown_away = made(festival, settings)
    told = {"backups": [thrown_away.path.name]}
    festival.write(
        lambda session: append(
            session, festival.posts[1], JournalKind.BACKUPS_THROWN_AWAY, told, at=festival.clock.now()
        )
    )
    for each in (asked, gone, thrown_away):
        each.path.unlink()
    said = (
        f"1 sauvegarde que le journal raconte n'est plus là, et la règle ne l'a pas jetée : {gone.path.name}."
    )
    found = verified(festival, settings)
    assert said in found.verdict.notices
    assert found.is_well
    assert (Health.WATCH, said) in findings(festival, settings)
    made(festival, settings)
    assert throw_away(settings.backups_folder, clock=festival.clock) == ()
    assert held(festival, settings).missing == (gone.path.name,)


def test_those_of_another_computer_are_not_missed(festival: Festival, settings: Settings) -> None:
    back_up(
        festival.database,
        settings.backups_folder,
        BackupReason.SCHEDULE,
        festival.posts[1],
        clock=festival.clock,
    ).path.unlink()
    assert len(held(festival, settings).missing) == 1
    settings.key_path_of(2).unlink()
    assert held(festival, settings).missing == ()


def test_what_a_restoring_forgot_is_not_missed_and_what_it_made_first_is_held(
    festival: Festival, settings: Settings
) -> None:
    first = made(festival, settings)
    kept = made(festival, settings)
    first.path.unlink()
    festival.database.close()
    done = restore(settings, kept.path, festival.manager.number, clock=festival.clock)
    assert held(festival, settings)[1:] == ((), (), ())
    assert done.before is not None
    with_another_first_line(done.before.path, reason="demandee")
    assert held(festival, settings).changed == (done.before.path.name,)
    done.before.path.unlink()
    assert held(festival, settings).missing == (done.before.path.name,)


@pytest.mark.parametrize("content", ["{", "[]", "{}"])
def test_entries_made_unreadable_are_found_and_said_in_a_sentence(
    festival: Festival, settings: Settings, content: str
) -> None:
    festival.sell()
    over(festival)
    give(festival)
    kept = made(festival, settings)
    festival.database.close()
    restore(settings, kept.path, festival.manager.number, clock=festival.clock)
    kinds = [f"database.{what}" for what in ("backed_up", "restored")] + ["statement.issued"]
    with insider(festival) as connection:
        connection.execute(_entry.update().where(_entry.c.kind.in_(kinds)).values(content=content))
    with pytest.raises(Refusal, match=r"n'est pas entier|ne se lit plus"):
        made(festival, settings)
    assert "entrée" in str(verified(festival, settings).verdict.fault)
    assert findings(festival, settings)
    done = restore(
        settings, kept.path, festival.manager.number, clock=festival.clock, although_wrong_before=True
    )
    assert done.fault_before
    assert verified(festival, settings).verdict.fault is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_copy_is_held_to_the_backups_as_the_base_of_the_post_is(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    """Its end is cut, or it was made before: nobody can tell, and it says how far it goes."""
    copy = tmp_path / "copy.sqlite"
    copy_sqlite(Path(str(festival.database.engine.url.database)), copy)
    url = f"sqlite:///{copy}"
    assert verify_database(settings, url=url).is_well
    signed(festival)
    kept = made(festival, settings)
    festival.posts[0].signer.anchor_path.unlink()
    found = verify_database(settings, url=url)
    assert f"la sauvegarde {kept.path.name} l'a vue signée" in str(found.verdict.fault)
    (said,) = [said for said in found.verdict.notices if "cette copie s'arrête" in said]
    assert "Faite avant, elle s'arrête ainsi ; sinon, sa fin a été coupée." in said
