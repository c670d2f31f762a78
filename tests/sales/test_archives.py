"""Archives: everything fiscal, checked by the file alone or by openssl, refused when one byte has changed."""

import json
import random
import shutil
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from boxoffice.errors import Refusal
from boxoffice.models import CreditNote, JournalEntry, Payment, Sale, SaleLine, Ticket, ValueMovement
from boxoffice.sales.archives.leaflet import CHECKING, COUNTING, LEAFLET, MANIFEST, PUBLIC_KEY, SIGNATURE
from boxoffice.sales.archives.making import entry_of_archive
from boxoffice.sales.archives.opened import AlteredArchive
from boxoffice.sales.archives.verifying import verify_archive
from tests.sales.archived import DAY, archive, archived, rows_in
from tests.sales.closing_life import close_everything
from tests.sales.conftest import Festival


@pytest.fixture
def lived(festival: Festival) -> Festival:
    """The festival after a day with sales at two tills, a reversal, a gift card, a pass."""
    sale = festival.sell(festival.seat_line(quantity=3), festival.product_line())
    festival.reverse(sale, 1)
    festival.sell(desk=festival.desks[1])
    festival.sell_gift()
    festival.sell_pass()
    return festival


def test_an_archive_holds_all_that_is_fiscal_and_verifies(lived: Festival, tmp_path: Path) -> None:
    made = archive(lived, tmp_path)
    for name, model in (("ventes", Sale), ("lignes", SaleLine), ("reglements", Payment), ("billets", Ticket)):
        assert len(rows_in(made.path, name)) == lived.count(model)
    assert {row["id"] for row in rows_in(made.path, "ventes")} == {str(row.id) for row in lived.rows(Sale)}
    found = verify_archive(made.path)
    assert {row["period"] for row in rows_in(made.path, "clotures")} == {"till", "day"}
    of_the_day = [row for row in lived.rows(JournalEntry) if row.at.date() == DAY]
    assert (found.sales, found.entries) == (lived.count(Sale), len(of_the_day))
    assert found.operator == "Association Premiers Plans"
    lived.stands()


def test_nothing_of_anybody_and_no_code_is_in_it(lived: Festival, tmp_path: Path) -> None:
    made = archive(lived, tmp_path)
    with zipfile.ZipFile(made.path) as packed:
        everything = b"".join(packed.read(name) for name in packed.namelist())
    assert b"Dupont" not in everything
    assert b"lea@example.fr" not in everything
    for ticket in lived.rows(Ticket):
        assert ticket.code.encode() not in everything


def test_a_year_goes_on_from_the_one_before(lived: Festival, tmp_path: Path) -> None:
    first = archive(lived, tmp_path / "first")
    lived.sell(lived.product_line())
    second = archive(lived, tmp_path / "second", DAY + timedelta(1), DAY + timedelta(3))
    assert verify_archive(first.path).sales == lived.count(Sale) - 1
    assert verify_archive(second.path).sales == 1
    before, after = (
        [row for row in rows_in(made.path, "journal") if row["till"] == "1"] for made in (first, second)
    )
    assert int(after[0]["sequence"]) <= int(before[-1]["sequence"]) + 1


def test_the_journal_tells_of_the_archive(lived: Festival, tmp_path: Path) -> None:
    made = archive(lived, tmp_path)
    (told,) = [json.loads(row.content) for row in lived.rows(JournalEntry) if row.kind == "archive.made"]
    assert (told["manifest"], told["first"], told["sales"]) == (made.manifest, "2026-01-21", made.sales)
    assert verify_archive(made.path).manifest == made.manifest
    told_at = lived.read(lambda session: entry_of_archive(session, made.manifest))
    assert told_at is not None
    assert told_at.startswith("1-")
    assert lived.read(lambda session: entry_of_archive(session, "0" * 64)) is None
    lived.stands()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_byte_changed_anywhere_is_refused_and_names_a_file(lived: Festival, tmp_path: Path) -> None:
    made = archive(lived, tmp_path)
    whole = made.path.read_bytes()
    with zipfile.ZipFile(made.path) as packed:
        names = {*packed.namelist(), made.path.name}
    chance = random.Random(1)
    places = [*range(40), *range(len(whole) - 130, len(whole)), *chance.sample(range(len(whole)), 250)]
    for place in places:
        made.path.write_bytes(
            whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :]
        )
        with pytest.raises(AlteredArchive) as refused:
            verify_archive(made.path)
        assert any(name in refused.value.message for name in names), refused.value.message
    made.path.write_bytes(whole + b"\0")
    with pytest.raises(AlteredArchive):
        verify_archive(made.path)


def repack(path: Path, change: dict[str, bytes | None]) -> None:
    """The same ZIP with some files changed, or gone."""
    with zipfile.ZipFile(path) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in {**files, **change}.items():
            if content is not None:
                packed.writestr(name, content)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "name", ["donnees/lignes.csv", "donnees/journal.json", LEAFLET, MANIFEST, PUBLIC_KEY, SIGNATURE]
)
def test_a_file_changed_and_zipped_again_is_named(lived: Festival, tmp_path: Path, name: str) -> None:
    made = archive(lived, tmp_path)
    with zipfile.ZipFile(made.path) as packed:
        content = packed.read(name)
    repack(made.path, {name: content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]})
    with pytest.raises(AlteredArchive) as refused:
        verify_archive(made.path)
    assert (MANIFEST if name in (PUBLIC_KEY, SIGNATURE) else name) in refused.value.message or (
        name in refused.value.message
    )
    for changed in ({name: None}, {"donnees/de-trop.csv": b"1"}):
        shutil.copy(made.path, tmp_path / "again.zip")
        repack(tmp_path / "again.zip", changed)
        with pytest.raises(AlteredArchive):
            verify_archive(tmp_path / "again.zip")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_archive_signed_by_another_key_is_not_the_one_trusted(lived: Festival, tmp_path: Path) -> None:
    made = archive(lived, tmp_path)
    mine = lived.posts[0].signer.fingerprint
    assert verify_archive(made.path, trusted=frozenset({mine})).key == mine
    with pytest.raises(AlteredArchive, match=f"signée par une autre clé que la vôtre : {mine}") as refused:
        verify_archive(made.path, trusted=frozenset({"0" * 64}))
    assert refused.value.fault.startswith(PUBLIC_KEY)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_openssl_and_sha256sum_check_it_as_the_leaflet_says(lived: Festival, tmp_path: Path) -> None:
    made = archive(lived, tmp_path)
    folder = tmp_path / "unzipped"
    with zipfile.ZipFile(made.path) as packed:
        packed.extractall(folder)
    leaflet = (folder / LEAFLET).read_text("utf-8")
    if not (shutil.which("openssl") and shutil.which("sha256sum")):
        pytest.skip("this machine has no openssl or no sha256sum")
    for command in CHECKING:
        assert command in leaflet
        done = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    there, listed = (
        subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, check=True).stdout
        for command in COUNTING
    )
    assert all(f"{command} | wc -l" in leaflet for command in COUNTING)
    assert len(there.splitlines()) == len(listed.splitlines()) + 2
    key = ["openssl", "pkey", "-pubin", "-in", PUBLIC_KEY, "-outform", "DER"]
    der = subprocess.run(key, cwd=folder, capture_output=True, check=True).stdout
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    assert digest.finalize().hex() == lived.posts[0].signer.fingerprint
    (folder / "donnees" / "ventes.csv").write_text("rien")
    for command, code in zip(CHECKING, (0, 1), strict=True):
        done = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == code
    assert "donnees/ventes.csv" in done.stdout


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_signature_is_plain_ecdsa_of_the_list(lived: Festival, tmp_path: Path) -> None:
    made = archive(lived, tmp_path)
    with zipfile.ZipFile(made.path) as packed:
        manifest, signature, pem = (packed.read(name) for name in (MANIFEST, SIGNATURE, PUBLIC_KEY))
    key = serialization.load_pem_public_key(pem)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signature, manifest, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_day_that_runs_and_a_file_that_is_there_are_refused(lived: Festival, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="n'est pas finie"):
        archived(lived, tmp_path / "a.zip")
    with pytest.raises(Refusal, match="finit avant de commencer"):
        archived(lived, tmp_path / "a.zip", DAY, DAY - timedelta(1))
    (tmp_path / "a.zip").write_bytes(b"")
    close_everything(lived)
    with lived.clock.without_nights():
        lived.clock.advance(timedelta(days=1))
    with pytest.raises(Refusal, match="existe déjà"):
        archived(lived, tmp_path / "a.zip")
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


@pytest.mark.usefixtures("full_books")
def test_what_a_little_of_everything_comes_to_is_archived(festival: Festival, tmp_path: Path) -> None:
    day = festival.clock.at.date()
    close_everything(festival)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=1))
    made = archived(festival, tmp_path / "archive.zip", DAY, day)
    assert verify_archive(made.path).sales == festival.count(Sale)
    for name, model in (("avoirs", CreditNote), ("valeurs-mouvements", ValueMovement)):
        assert len(rows_in(made.path, name)) == festival.count(model) > 0
