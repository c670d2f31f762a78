"""Keys: rotated under the eyes of the journal, copied under a passphrase, put back, declared lost."""

import os
import re
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from boxoffice.backup_file import NotABackup
from boxoffice.care.keys import (
    PutBack,
    WouldSignNoMore,
    back_up_key,
    declare_lost,
    list_keys,
    restore_key,
    rotate_key,
    take_up,
)
from boxoffice.config import Settings
from boxoffice.errors import Refusal
from boxoffice.house import open_house
from boxoffice.models import JournalEntry, Sale
from boxoffice.sales.archives.verifying import verify_archive
from boxoffice.sales.books import journal
from boxoffice.sales.books.signing import Signer, create_key, load_key, read_anchor
from boxoffice.sales.books.verification import Verdict, verify
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.setup import open_post
from tests.sales.archived import archive
from tests.sales.closing_life import close_everything
from tests.sales.conftest import Festival

from .restored import backed_up
from .restored import put_back as put_backup_back

PASSPHRASE = "cheval agrafe pile correct"


def told(festival: Festival, settings: Settings) -> Signer:
    """The next key, once the journal has told of it."""
    with festival.database.write() as session:
        return rotate_key(
            session, settings, festival.posts[0], clock=festival.clock, manager=festival.manager
        )


def rotate(festival: Festival, settings: Settings, *, destroy: bool = False) -> Path | None:
    told(festival, settings)
    return take_up(settings, destroy=destroy)


def put_back(
    festival: Festival,
    settings: Settings,
    source: Path,
    passphrase: str,
    *,
    although_replaced: bool = False,
    backup: Path | None = None,
) -> PutBack:
    return restore_key(
        festival.database,
        settings,
        source,
        passphrase,
        clock=festival.clock,
        manager=festival.manager,
        although_replaced=although_replaced,
        backup=backup,
    )


def copied(festival: Festival, settings: Settings, target: Path, passphrase: str = PASSPHRASE) -> str:
    return back_up_key(
        festival.database,
        settings,
        desk_again(festival, settings).post,
        target,
        passphrase,
        clock=festival.clock,
        manager=festival.manager,
    )


def kinds(festival: Festival) -> list[str]:
    """What the entries of the first till tell, in order."""
    till_id = festival.posts[0].till_id
    return [row.kind for row in festival.rows(JournalEntry) if row.till_id == till_id]


def desk_again(festival: Festival, settings: Settings) -> Desk:
    """The first desk, with the key that its file now holds."""
    post = festival.read(lambda session: open_post(session, 1, load_key(settings.key_path)))
    return replace(festival.desk, post=replace(festival.desk.post, signer=post.signer))


def verdict(festival: Festival, settings: Settings) -> Verdict:
    anchor = read_anchor(settings.key_path)
    assert anchor is not None
    return festival.read(lambda session: verify(session, anchors={1: anchor}))


def test_the_journal_verifies_across_rotations(festival: Festival, settings: Settings) -> None:
    festival.sell()
    first = load_key(settings.key_path).fingerprint
    kept = rotate(festival, settings)
    assert kept is not None
    assert load_key(kept).fingerprint == first
    desk = desk_again(festival, settings)
    assert desk.post.signer.fingerprint != first
    festival.sell(desk=desk)
    assert verdict(festival, settings).fault is None
    used = [row.key_fingerprint for row in festival.rows(JournalEntry) if row.till_id == desk.post.till_id]
    assert used[-1] == desk.post.signer.fingerprint
    assert used[-2] == first, "the new key is told by the old one"
    rows = festival.read(lambda session: list_keys(session, settings))
    assert [(row.till, row.is_here) for row in rows] == [(1, False), (1, True), (2, True)]


def test_a_rotation_that_stopped_half_way_is_finished_where_the_till_is_opened(
    festival: Festival, settings: Settings
) -> None:
    signer = told(festival, settings)
    with pytest.raises(Refusal, match="a été remplacée"):
        festival.sell()
    assert verdict(festival, settings).fault is None
    house = open_house(settings, festival.database, festival.clock)
    assert house.post.signer.fingerprint == signer.fingerprint
    assert load_key(settings.key_path).fingerprint == signer.fingerprint
    festival.sell(desk=desk_again(festival, settings))
    assert verdict(festival, settings).fault is None


def test_a_next_key_that_somebody_put_there_is_not_taken_up(festival: Festival, settings: Settings) -> None:
    planted = create_key(settings.key_path.with_name("till-1.next.pem"))
    open_house(settings, festival.database, festival.clock)
    rotate(festival, settings)
    assert load_key(settings.key_path).fingerprint != planted.fingerprint
    festival.sell(desk=desk_again(festival, settings))
    assert verdict(festival, settings).fault is None


def test_a_key_that_was_replaced_signs_nothing_more(festival: Festival, settings: Settings) -> None:
    stolen = festival.posts[0].signer
    rotate(festival, settings, destroy=True)
    with pytest.raises(Refusal, match="a été remplacée"):
        festival.read(lambda session: open_post(session, 1, stolen))
    with pytest.raises(Refusal, match="a été remplacée"):
        festival.sell()


def test_what_a_key_signs_after_it_was_replaced_is_found(
    festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has a copy of it and the database needs neither this program nor the new key."""
    stolen = festival.posts[0].signer
    rotate(festival, settings, destroy=True)
    monkeypatch.setattr(journal, "last_key_told", lambda *_of: {"fingerprint": stolen.fingerprint})
    stolen.anchor_path.unlink()
    festival.sell()
    monkeypatch.undo()
    found = festival.read(verify).fault
    assert found is not None
    assert found.what == "sa clé avait été remplacée."
    assert found.where == f"journal de la caisse 1, entrée {len(kinds(festival))}"


def test_no_archive_is_believed_that_a_replaced_key_signed_in(
    festival: Festival, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stolen = festival.posts[0].signer
    rotate(festival, settings, destroy=True)
    monkeypatch.setattr(journal, "last_key_told", lambda *_of: {"fingerprint": stolen.fingerprint})
    stolen.anchor_path.unlink()
    festival.sell()
    monkeypatch.undo()
    new = desk_again(festival, settings).post
    new.signer.anchor_path.unlink(missing_ok=True)
    festival.posts = (replace(festival.posts[0], signer=new.signer), festival.posts[1])
    close_everything(festival)
    trusted = frozenset({new.signer.fingerprint})
    with pytest.raises(Refusal, match="le journal de la caisse 1 est rompu à l'entrée"):
        verify_archive(archive(festival, tmp_path).path, trusted=trusted)


def test_a_journal_of_before_goes_on_with_the_old_key_until_the_next_one_signs(
    festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then a key told did not end the one before until it was put in place."""

    def as_before(signer: Signer, name: str, *, supersedes: str = "") -> dict[str, str]:
        assert supersedes
        return {"fingerprint": signer.fingerprint, "name": name, "public_key": signer.public_pem}

    monkeypatch.setattr("boxoffice.care.keys.describe_key", as_before)
    first = festival.posts[0].signer.fingerprint
    told(festival, settings)
    with monkeypatch.context() as then:
        then.setattr(journal, "last_key_told", lambda *_of: {"fingerprint": first})
        festival.sell()
    assert verdict(festival, settings).fault is None
    take_up(settings, destroy=False)
    festival.sell(desk=desk_again(festival, settings))
    assert verdict(festival, settings).fault is None


def test_the_old_key_is_destroyed_only_when_asked(festival: Festival, settings: Settings) -> None:
    assert rotate(festival, settings, destroy=True) is None
    assert not (settings.keys_folder / "old").exists()
    festival.sell(desk=desk_again(festival, settings))
    assert verdict(festival, settings).fault is None


def test_a_key_goes_through_its_copy_and_comes_back_as_the_journal_tells(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    festival.sell()
    copy = tmp_path / "cle.txt"
    fingerprint = copied(festival, settings, copy)
    assert kinds(festival)[-1] == "key.backed_up"
    assert b"ENCRYPTED PRIVATE KEY" in copy.read_bytes()
    if os.name != "nt":
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    settings.key_path.unlink()
    with pytest.raises(Refusal, match="la phrase est fausse"):
        put_back(festival, settings, copy, "une autre phrase")
    assert not list(settings.keys_folder.glob("till-1*.pem"))
    assert put_back(festival, settings, copy, PASSPHRASE) == PutBack(fingerprint, signs=True)
    festival.sell(desk=desk_again(festival, settings))
    found = verdict(festival, settings)
    assert found.fault is None
    assert [said for said in found.notices if "sur son poste, Lisa B. (n° 1) en a répondu." in said]
    assert not [said for said in found.notices if "n'avait plus son ancre" in said]


def test_an_anchor_does_not_come_back_with_a_copy_of_the_key(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    """It is older than the journal: with it an end cut off since would not be missed."""
    copied(festival, settings, tmp_path / "cle.txt")
    settings.key_path.with_suffix(".anchor").unlink()
    put_back(festival, settings, tmp_path / "cle.txt", PASSPHRASE)
    found = verdict(festival, settings)
    assert found.fault is None
    assert [said for said in found.notices if "n'avait plus son ancre" in said]


def test_a_key_that_was_replaced_is_put_back_only_to_go_back_before(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    copied(festival, settings, tmp_path / "cle.txt")
    rotate(festival, settings)
    newer = load_key(settings.key_path).fingerprint
    done = put_back(festival, settings, tmp_path / "cle.txt", PASSPHRASE, although_replaced=True)
    assert not done.signs
    told_by = [row for row in festival.rows(JournalEntry) if row.kind == "key.restored"]
    assert [row.key_fingerprint for row in told_by] == [newer]
    with pytest.raises(Refusal, match="a été remplacée") as refused:
        desk_again(festival, settings)
    kept = settings.keys_folder / "old" / f"till-1-{newer[:16]}.pem"
    assert done.kept == kept
    assert f"« boxoffice key restore {kept} »" in refused.value.remedy
    assert put_back(festival, settings, kept, "").signs
    festival.sell(desk=desk_again(festival, settings))
    assert verdict(festival, settings).fault is None


def test_a_key_that_signs_leaves_its_place_to_one_that_does_not_only_when_wanted(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    copied(festival, settings, tmp_path / "cle.txt")
    rotate(festival, settings)
    newer = load_key(settings.key_path).fingerprint
    before = len(festival.rows(JournalEntry))
    with pytest.raises(WouldSignNoMore, match="la caisse 1 ne signe plus") as refused:
        put_back(festival, settings, tmp_path / "cle.txt", PASSPHRASE)
    assert str(settings.keys_folder / "old" / f"till-1-{newer[:16]}.pem") in refused.value.remedy
    assert load_key(settings.key_path).fingerprint == newer
    assert len(festival.rows(JournalEntry)) == before
    festival.sell(desk=desk_again(festival, settings))


def test_a_replaced_key_whose_next_one_is_not_here_names_no_file(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    copied(festival, settings, tmp_path / "cle.txt")
    rotate(festival, settings)
    put_back(festival, settings, tmp_path / "cle.txt", PASSPHRASE, although_replaced=True)
    for kept in (settings.keys_folder / "old").iterdir():
        kept.unlink()
    with pytest.raises(Refusal, match="a été remplacée") as refused:
        desk_again(festival, settings)
    assert "de sa copie : « boxoffice key restore FICHIER »" in refused.value.remedy


def test_a_backup_of_before_a_rotation_put_back_by_mistake_is_left_again_for_that_of_after_it(
    festival: Festival, settings: Settings
) -> None:
    """Each refusal names the command that goes on; nothing is copied by hand."""
    festival.sell()
    before = backed_up(festival, settings).path
    rotate(festival, settings)
    newer = load_key(settings.key_path).fingerprint
    festival.desks = (desk_again(festival, settings), festival.desks[1])
    festival.posts = (festival.desks[0].post, festival.posts[1])
    sold = festival.sell()
    festival.clock.advance(timedelta(minutes=1))
    after = backed_up(festival, settings).path
    older = put_back_for(festival, settings, before)
    assert not older.signs
    festival.sell(desk=desk_again(festival, settings))
    with pytest.raises(Refusal, match="n'est pas de celles de la caisse 1") as refused:
        put_back(festival, settings, older.kept or before, "", although_replaced=True)
    assert "--for SAUVEGARDE" in refused.value.remedy
    with pytest.raises(WouldSignNoMore):
        put_back(festival, settings, older.kept or before, "", backup=after)
    assert put_back_for(festival, settings, after).fingerprint == newer
    assert load_key(settings.key_path).fingerprint == newer
    assert sold.sale_id in {sale.id for sale in festival.rows(Sale)}
    festival.sell(desk=desk_again(festival, settings))
    assert verdict(festival, settings).fault is None


def put_back_for(festival: Festival, settings: Settings, backup: Path) -> PutBack:
    """Put a backup back by the command that its refusal names, which is first to put its key back."""
    with pytest.raises(Refusal, match="qui va avec cette sauvegarde") as refused:
        put_backup_back(festival, settings, backup)
    named = re.search(r"« boxoffice key restore (\S+) --for (\S+) »", refused.value.remedy)
    assert named is not None
    assert named[2] == str(backup)
    done = put_back(festival, settings, Path(named[1]), "", although_replaced=True, backup=backup)
    assert verdict(festival, settings).fault is None
    put_backup_back(festival, settings, backup)
    return done


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_key_that_neither_the_base_nor_the_backup_gives_the_till_is_not_put_back(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    backup = backed_up(festival, settings).path
    create_key(tmp_path / "other.pem")
    for foreign in (tmp_path / "other.pem", settings.key_path_of(2)):
        with pytest.raises(Refusal, match="n'est pas de celles de la caisse 1"):
            put_back(festival, settings, foreign, "", although_replaced=True, backup=backup)
    with pytest.raises(NotABackup):
        put_back(festival, settings, settings.key_path, "", backup=tmp_path / "other.pem")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_whose_key_is_kept_nowhere_here_asks_for_its_copy(
    festival: Festival, settings: Settings
) -> None:
    backup = backed_up(festival, settings).path
    rotate(festival, settings, destroy=True)
    with pytest.raises(Refusal, match="qui va avec cette sauvegarde") as refused:
        put_backup_back(festival, settings, backup)
    assert f"de sa copie : « boxoffice key restore FICHIER --for {backup} »" in refused.value.remedy


def test_who_may_not_care_for_keys_copies_none(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    cashier = replace(festival, manager=festival.cashier)
    with pytest.raises(Refusal):
        copied(cashier, settings, tmp_path / "cle.txt")
    assert not (tmp_path / "cle.txt").exists()
    with pytest.raises(Refusal):
        put_back(cashier, settings, settings.key_path, "")
    assert "key.backed_up" not in kinds(festival)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_key_of_another_till_is_not_put_back(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    before = settings.key_path.read_bytes()
    create_key(tmp_path / "stranger.pem")
    for source in (tmp_path / "stranger.pem", settings.key_path_of(2)):
        with pytest.raises(Refusal, match="n'est pas de celles de la caisse 1"):
            put_back(festival, settings, source, "")
    assert settings.key_path.read_bytes() == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_short_passphrase_and_a_file_that_is_there_are_refused(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(Refusal, match="trop courte"):
        copied(festival, settings, tmp_path / "cle.txt", "1234")
    (tmp_path / "cle.txt").write_text("autre chose")
    with pytest.raises(Refusal, match="existe déjà"):
        copied(festival, settings, tmp_path / "cle.txt")


def test_a_lost_key_is_told_by_another_till_with_where_its_journal_stood(
    festival: Festival, settings: Settings
) -> None:
    festival.sell()
    settings.key_path.unlink()
    second = festival.posts[1]

    def declare(till: int) -> None:
        with festival.database.write() as session:
            declare_lost(session, second, till, clock=festival.clock, manager=festival.manager)

    with pytest.raises(Refusal, match="signe encore"):
        declare(2)
    declare(1)
    found = festival.read(verify)
    assert found.fault is None
    assert [said for said in found.notices if "la clé de la caisse 1 est déclarée perdue" in said]
    entry = festival.rows(JournalEntry)[-1].content
    assert '"lost_till":1' in entry
    assert '"heads":[[1,' in entry
    assert not [said for said in found.notices if "a signé depuis" in said]
    festival.sell()
    found = festival.read(verify)
    last = len(kinds(festival))
    said = f"Caisse 1 : sa clé perdue a signé depuis, de l'entrée {last} à la {last}."
    assert said in found.notices
