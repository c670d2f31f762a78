"""Keys: rotated under the eyes of the journal, copied under a passphrase, put back, declared lost."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from boxoffice.care.keys import back_up_key, declare_lost, list_keys, restore_key, rotate_key, take_up
from boxoffice.config import Settings
from boxoffice.errors import Refusal
from boxoffice.models import JournalEntry
from boxoffice.sales.books.signing import Signer, create_key, load_key, read_anchor
from boxoffice.sales.books.verification import Verdict, verify
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.setup import open_post
from tests.sales.conftest import Festival

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


def put_back(festival: Festival, settings: Settings, source: Path, passphrase: str) -> str:
    with festival.database.read() as session:
        return restore_key(session, settings, source, passphrase)


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


def test_a_rotation_that_stopped_half_way_is_finished_by_the_next(
    festival: Festival, settings: Settings
) -> None:
    signer = told(festival, settings)
    festival.sell()
    assert verdict(festival, settings).fault is None
    rotate(festival, settings)
    assert load_key(settings.key_path).fingerprint == signer.fingerprint
    festival.sell(desk=desk_again(festival, settings))
    assert verdict(festival, settings).fault is None


def test_the_old_key_is_destroyed_only_when_asked(festival: Festival, settings: Settings) -> None:
    assert rotate(festival, settings, destroy=True) is None
    assert not (settings.keys_folder / "old").exists()
    festival.sell(desk=desk_again(festival, settings))
    assert verdict(festival, settings).fault is None


def test_a_key_goes_through_its_copy_and_comes_back_with_its_anchor(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    festival.sell()
    copy = tmp_path / "cle.txt"
    fingerprint = back_up_key(settings, copy, PASSPHRASE)
    assert b"ENCRYPTED PRIVATE KEY" in copy.read_bytes()
    if os.name != "nt":
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    anchor = read_anchor(settings.key_path)
    settings.key_path.unlink()
    settings.key_path.with_suffix(".anchor").unlink()
    with pytest.raises(Refusal, match="la phrase est fausse"):
        put_back(festival, settings, copy, "une autre phrase")
    assert not list(settings.keys_folder.glob("till-1*"))
    assert put_back(festival, settings, copy, PASSPHRASE) == fingerprint
    assert read_anchor(settings.key_path) == anchor
    festival.sell(desk=desk_again(festival, settings))
    assert verdict(festival, settings).fault is None


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
    assert festival.desk
    with pytest.raises(Refusal, match="trop courte"):
        back_up_key(settings, tmp_path / "cle.txt", "1234")
    (tmp_path / "cle.txt").write_text("autre chose")
    with pytest.raises(Refusal, match="existe déjà"):
        back_up_key(settings, tmp_path / "cle.txt", PASSPHRASE)


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
