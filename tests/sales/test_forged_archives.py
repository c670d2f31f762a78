"""Archives that somebody changed and signed again as a whole: openssl accepts them, the journal does not."""

import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, guards
from boxoffice.sales.archives import envelope
from boxoffice.sales.archives.leaflet import ABOUT, PUBLIC_KEY
from boxoffice.sales.archives.opened import AlteredArchive
from boxoffice.sales.archives.verifying import verify_archive
from boxoffice.sales.books.journal import canonical, link
from boxoffice.sales.books.signing import create_key
from tests.sales.archived import (
    DAY,
    Files,
    Rows,
    archived,
    change_about,
    change_rows,
    files_in,
    rows_in,
    sign_again,
)
from tests.sales.closing_life import close_everything
from tests.sales.conftest import Festival

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


ALSO_SAID = {
    "reglements": ("lignes",),
    "sessions-comptes": ("sessions-clotures",),
    "sessions-clotures": ("sessions-comptes",),
    "sessions": ("especes-mouvements",),
}
"""The file that is named where rows of another are missing, or tell a rate of VAT."""


@pytest.fixture
def lived(festival: Festival, archived_day: bytes) -> Festival:
    """The festival after a day with a little of everything, closed and archived; its tills are open again."""
    assert archived_day
    return festival


@pytest.fixture
def made(archived_day: bytes, tmp_path: Path) -> Path:
    """The archive of that day."""
    path = tmp_path / "true.zip"
    path.write_bytes(archived_day)
    return path


def forged(festival: Festival, made: Path, change: Callable[[Files], None]) -> str:
    """What is said of an archive that was changed and signed again by the key that made it."""
    files = files_in(made)
    change(files)
    path = sign_again(files, made.with_name("forged.zip"), festival.posts[0].signer)
    trusted = frozenset({festival.posts[0].signer.fingerprint})
    with pytest.raises(AlteredArchive) as refused:
        verify_archive(path, trusted=trusted)
    return refused.value.message


def each(**values: Any) -> Callable[[Rows], Rows]:
    """Give columns of every row another value."""
    return lambda rows: [row | values for row in rows]


def none_left(_rows: Rows) -> Rows:
    return []


def test_the_same_files_signed_again_are_the_same_archive(festival: Festival, made: Path) -> None:
    again = sign_again(files_in(made), made.with_name("again.zip"), festival.posts[0].signer)
    assert verify_archive(again).sales == 6


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("ventes", each(total_cents=1)),
        ("ventes", each(business_day="2020-01-01")),
        ("ventes", lambda rows: rows[:-1]),
        ("ventes", lambda rows: rows[1:]),
        ("ventes", lambda rows: [rows[1], rows[0], *rows[2:]]),
        ("ventes", lambda rows: [*rows, rows[-1] | {"id": "0" * 32}]),
        ("ventes", none_left),
        ("lignes", each(unit_price_cents=1)),
        ("lignes", each(vat_rate=0)),
        ("lignes", none_left),
        ("lignes", lambda rows: [*rows, rows[-1]]),
        ("reglements", each(amount_cents=1)),
        ("reglements", lambda rows: rows[:-1]),
        ("billets", each(event_title="Un autre film")),
        ("billets", none_left),
        ("sessions", each(float_cents=1)),
        ("sessions", each(counted_cents=1)),
        ("sessions", none_left),
        ("sessions", lambda rows: [*rows, rows[0] | {"id": 99}]),
        ("avoirs", each(number=7)),
        ("avoirs", none_left),
        ("valeurs", each(amount=1)),
        ("valeurs", each(kind="points")),
        ("valeurs", each(movements=0)),
        ("valeurs-mouvements", each(amount=1)),
        ("valeurs-mouvements", each(left_after=1)),
        ("valeurs-mouvements", each(reason="Autre")),
        ("valeurs-mouvements", none_left),
        ("valeurs-mouvements", lambda rows: [row for row in rows if row["sale_id"]]),
        ("valeurs-mouvements", lambda rows: [*rows, rows[0] | {"sequence": 9}]),
        ("valeurs-mouvements", lambda rows: [*rows, rows[0]]),
        ("clotures", each(perpetual_cents=1)),
        ("clotures", each(operator_id=2)),
        ("clotures", lambda rows: [row for row in rows if row["period"] != "day"]),
        ("clotures", lambda rows: rows[1:]),
        ("especes-mouvements", each(amount_cents=1)),
        ("especes-mouvements", none_left),
        ("sessions-clotures", each(deposit_cents=1)),
        ("sessions-clotures", none_left),
        ("sessions-comptes", each(expected_cents=1)),
        ("sessions-comptes", none_left),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_rows_that_the_journal_tells_otherwise_are_found(
    festival: Festival, made: Path, name: str, change: Callable[[Rows], Rows]
) -> None:
    said = forged(festival, made, lambda files: change_rows(files, name, change))
    assert any(f"donnees/{file}.json" in said for file in (name, *ALSO_SAID.get(name, ())))


def test_everything_emptied_but_the_journal_is_found(festival: Festival, made: Path) -> None:
    def empty(files: Files) -> None:
        for name in ("ventes", "lignes", "reglements", "billets", "clotures"):
            change_rows(files, name, none_left)

    assert "donnees/clotures.json" in forged(festival, made, empty)


def test_a_till_left_out_is_missed_by_the_closing_of_the_day(festival: Festival, made: Path) -> None:
    (second,) = [int(row["id"]) for row in rows_in(made, "caisses") if row["number"] == "2"]
    sales = {row["id"] for row in rows_in(made, "ventes") if row["till_id"] == str(second)}

    def leave_out(files: Files) -> None:
        change_rows(files, "journal", lambda rows: [row for row in rows if row["till"] != 2])
        change_rows(files, "ventes", lambda rows: [row for row in rows if row["id"] not in sales])
        for name in ("lignes", "reglements", "billets"):
            change_rows(files, name, lambda rows: [row for row in rows if row["sale_id"] not in sales])
        change_about(
            files,
            lambda about: about.update(chains=[chain for chain in about["chains"] if chain["till"] != 2]),
        )

    assert "caisse 2" in forged(festival, made, leave_out)


def test_entries_left_out_at_either_end_are_missed(festival: Festival, made: Path) -> None:
    def leave_out_first(files: Files) -> None:
        rows = json.loads(files["donnees/journal.json"])
        change_rows(files, "journal", lambda rows: rows[1:])

        def follow_on(about: dict[str, Any]) -> None:
            chain = about["chains"][0]
            chain["first"] += 1
            chain["digest_before"], chain["signature_before"] = rows[0]["digest"], rows[0]["signature"]

        change_about(files, follow_on)

    def leave_out_last(files: Files) -> None:
        rows = json.loads(files["donnees/journal.json"])
        last = max(row["sequence"] for row in rows if row["till"] == 1)
        change_rows(
            files,
            "journal",
            lambda rows: [row for row in rows if (row["till"], row["sequence"]) != (1, last)],
        )
        change_about(files, lambda about: about["chains"][0].update(last=last - 1))

    assert "donnees/journal.json" in forged(festival, made, leave_out_first)
    assert "donnees/clotures.json" in forged(festival, made, leave_out_last)


def test_a_journal_signed_again_by_its_own_key_is_not_what_another_till_saw(
    festival: Festival, made: Path
) -> None:
    (second,) = [int(row["id"]) for row in rows_in(made, "caisses") if row["number"] == "2"]

    def sign_another(files: Files) -> None:
        """A float that never was, and all the entries of that till after it, each signed anew."""
        chain = next(chain for chain in json.loads(files[ABOUT])["chains"] if chain["till"] == 2)
        before = chain["digest_before"], chain["signature_before"]
        rows = json.loads(files["donnees/journal.json"])
        for row in (row for row in rows if row["till"] == 2):
            content = json.loads(row["content"])
            if content["entry"] == JournalKind.TILL_OPENED:
                row["content"] = canonical(content | {"float": 1})
            digest = link(*before, row["content"])
            row["digest"], row["signature"] = digest.hex(), festival.posts[1].signer.sign(digest)
            before = row["digest"], row["signature"]
        change_rows(files, "journal", lambda _rows: rows)
        change_rows(
            files,
            "sessions",
            lambda rows: [row | ({"float_cents": 1} if row["till_id"] == second else {}) for row in rows],
        )

    assert "qu'une autre caisse a vue" in forged(festival, made, sign_another)


@pytest.mark.parametrize("name", ["ventes", "clotures", "tarifs", "journal"])
def test_a_csv_that_says_something_else_than_the_json_is_found(
    festival: Festival, made: Path, name: str
) -> None:
    def change(files: Files) -> None:
        files[f"donnees/{name}.csv"] = files[f"donnees/{name}.csv"].replace(b"1", b"2", 1)

    assert f"donnees/{name}.csv" in forged(festival, made, change)


def test_a_file_that_is_left_out_is_missed(festival: Festival, made: Path) -> None:
    for name in ("clotures", "tarifs", "valeurs-mouvements"):

        def leave_out(files: Files, name: str = name) -> None:
            del files[f"donnees/{name}.csv"], files[f"donnees/{name}.json"]

        assert f"donnees/{name}" in forged(festival, made, leave_out)


@pytest.mark.parametrize(
    ("changes", "file"),
    [
        ({"establishment": {"siret": "1" * 14}}, ABOUT),
        ({"establishment": {"operator_name": "Une autre association"}}, ABOUT),
        ({"specimen": "SPÉCIMEN"}, ABOUT),
        ({"first": "2026-01-22", "last": "2026-01-22"}, "clotures"),
        ({"till": 2}, PUBLIC_KEY),
    ],
    ids=["siret", "operator", "specimen", "period", "till"],
)
def test_what_an_archive_says_of_itself_is_held_to_what_is_in_it(
    festival: Festival, made: Path, changes: dict[str, Any], file: str
) -> None:
    def change(about: dict[str, Any]) -> None:
        for name, value in changes.items():
            if isinstance(value, dict):
                about[name].update(value)
            else:
                about[name] = value

    assert file in forged(festival, made, lambda files: change_about(files, change))


@pytest.mark.parametrize("changed", [False, True], ids=["as it was signed", "changed since"])
def test_an_archive_of_another_format_says_which_version_reads_it_once_its_bytes_are_checked(
    festival: Festival, made: Path, *, changed: bool
) -> None:
    def of_another(about: dict[str, Any]) -> None:
        about["boxoffice_archive"], about["version"] = 1, "0.0.9"

    files = files_in(made)
    change_about(files, of_another)
    path = sign_again(files, made.with_name("older.zip"), festival.posts[0].signer)
    if changed:
        with zipfile.ZipFile(path, "a") as packed:
            packed.writestr("donnees/plus.csv", "rien")
    with pytest.raises(Refusal) as refused:
        verify_archive(path)
    if changed:
        assert "donnees/plus.csv : il est de trop" in refused.value.message
    else:
        assert "n'a changé depuis sa signature, mais elle est du format 1" in refused.value.message
        assert "la version 0.0.9, qui l'a faite" in refused.value.remedy


def test_a_key_that_no_journal_tells_signs_no_archive(made: Path, tmp_path: Path) -> None:
    path = sign_again(files_in(made), tmp_path / "forged.zip", create_key(tmp_path / "evil.pem"))
    with pytest.raises(AlteredArchive, match=PUBLIC_KEY):
        verify_archive(path)


def test_a_value_that_cannot_be_read_is_no_error_of_the_program(festival: Festival, made: Path) -> None:
    def spoil(files: Files) -> None:
        files["donnees/clotures.json"] = b"[\n{\n]\n"

    assert "forged.zip" in forged(festival, made, spoil)


def test_no_archive_is_made_of_rows_that_were_changed_in_the_database(
    festival: Festival, tmp_path: Path
) -> None:
    festival.sell()
    close_everything(festival)
    with festival.clock.without_nights():
        festival.clock.at = festival.clock.at.replace(day=23)
    with festival.database.write() as session:
        guards.remove(session.connection())
        session.execute(text("UPDATE closing SET perpetual_cents = 1"))
    with pytest.raises(Refusal, match=r"Aucune archive n'est faite.*donnees/clotures\.json") as refused:
        archived(festival, tmp_path / "a.zip", DAY, DAY)
    assert "boxoffice journal verify" in refused.value.remedy
    assert not list(tmp_path.glob("*a.zip*"))
    assert JournalKind.ARCHIVE_MADE not in {row.kind for row in festival.rows(JournalEntry)}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tillsession SET float_cents = 1",
        "UPDATE tillsession SET counted_cents = 7",
        "UPDATE valuemovement SET amount = 1, left_after = 1",
        "UPDATE storedvalue SET amount = 0",
        "UPDATE creditnote SET number = 12",
    ],
)
def test_no_archive_is_made_of_what_the_journal_tells_otherwise_than_the_tables(
    lived: Festival, tmp_path: Path, change: str
) -> None:
    with lived.database.write() as session:
        guards.remove(session.connection())
        session.execute(text(change))
    with pytest.raises(Refusal, match="Aucune archive n'est faite"):
        archived(lived, tmp_path / "a.zip", DAY, DAY)


def test_closings_of_a_signed_journal_come_to_what_its_operations_do(festival: Festival, made: Path) -> None:
    """Whoever has every key may sign another total: the operations themselves do not come to it."""

    def sign_another(files: Files) -> None:
        rows = json.loads(files["donnees/journal.json"])
        for chain in json.loads(files[ABOUT])["chains"]:
            before = chain["digest_before"], chain["signature_before"]
            signer = festival.posts[chain["till"] - 1].signer
            for row in (row for row in rows if row["till"] == chain["till"]):
                content = json.loads(row["content"])
                content.pop("heads", None)
                if content["entry"] == JournalKind.CLOSING_MADE and content["closing"]["period"] == "day":
                    content["closing"] |= {"period_cents": 1, "perpetual_cents": 1}
                row["content"] = canonical(content)
                digest = link(*before, row["content"])
                row["digest"], row["signature"] = digest.hex(), signer.sign(digest)
                before = row["digest"], row["signature"]
        change_rows(files, "journal", lambda _rows: rows)
        change_rows(
            files,
            "clotures",
            lambda rows: [
                row | ({"period_cents": 1, "perpetual_cents": 1} if row["period"] == "day" else {})
                for row in rows
            ],
        )

    assert "ne font pas ses totaux" in forged(festival, made, sign_another)


def test_the_leaflet_says_which_files_the_archive_alone_holds_to_the_journal(made: Path) -> None:
    leaflet = files_in(made)["LISEZMOI.txt"].decode()
    held, _others, left = leaflet.partition("dans les deux sens :")[2].partition("Les autres fichiers")
    cases = test_rows_that_the_journal_tells_otherwise_are_found.pytestmark[0].args[1]
    assert all(name in held for name, _change in cases)
    assert all(name in left for name in ("entrees", "pass", "reservations-pass", "tarifs", "operateurs"))


def laid_out(made: Path, attributes: dict[str, int] | None = None) -> Path:
    """The same files, signed by the same key, in a ZIP whose seal is still to be written."""
    path = made.with_name("laid-out.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files_in(made).items():
            info = zipfile.ZipInfo(name)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            info.external_attr = (attributes or {}).get(name, info.external_attr)
            packed.writestr(info, content)
        packed.comment = envelope.blank()
    return path


def said_of(path: Path) -> str:
    """What is said of an archive whose seal was written again."""
    envelope.seal(path)
    with pytest.raises(AlteredArchive) as refused:
        verify_archive(path)
    return refused.value.fault


def local_file(name: bytes, content: bytes) -> bytes:
    """A file as a ZIP has it, told by no list."""
    told = (20, 0, 0, 0, 33, zlib.crc32(content), len(content), len(content), len(name), 0)
    return struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", *told) + name + content


@pytest.mark.usefixtures("lived")
def test_bytes_of_no_file_before_the_first_one_are_found(made: Path) -> None:
    for hidden in (b"PK\3\4 rien", local_file(b"donnees/ventes.csv", b"id;total\n1;0\n")):
        path = laid_out(made)
        path.write_bytes(hidden + path.read_bytes())
        assert said_of(path) == (
            "laid-out.zip : des octets qui ne sont d'aucun fichier sont avant donnees/etablissement.csv"
        )


@pytest.mark.usefixtures("lived")
def test_a_file_that_the_list_of_the_zip_does_not_name_is_found_between_others(made: Path) -> None:
    path = laid_out(made)
    hidden = local_file(b"donnees/ventes.csv", b"id;total\n1;0\n")
    for last in (False, True):
        with zipfile.ZipFile(laid_out(made)) as packed:
            places = [info.header_offset for info in packed.infolist()]
            here = packed.start_dir if last else places[3]
            list_at = packed.start_dir
            name = "la liste du ZIP" if last else packed.infolist()[3].filename
        whole = bytearray(path.read_bytes())
        at = list_at
        for place in places:
            of_name, of_extra, of_comment = struct.unpack_from("<HHH", whole, at + 28)
            struct.pack_into("<I", whole, at + 42, place + (len(hidden) if place >= here else 0))
            at += 46 + of_name + of_extra + of_comment
        struct.pack_into("<I", whole, at + 16, list_at + len(hidden))
        path.write_bytes(bytes(whole[:here] + hidden + whole[here:]))
        assert said_of(path).endswith(f"des octets qui ne sont d'aucun fichier sont avant {name}")


@pytest.mark.usefixtures("lived")
def test_a_file_that_a_zip_tells_twice_otherwise_is_found(made: Path) -> None:
    path = laid_out(made)
    whole = bytearray(path.read_bytes())
    struct.pack_into("<I", whole, 18, 1)
    path.write_bytes(whole)
    assert said_of(path) == "donnees/etablissement.csv : le ZIP ne le dit pas comme sa liste"


@pytest.mark.usefixtures("lived")
def test_a_file_made_a_link_by_its_attributes_is_found(made: Path) -> None:
    path = laid_out(made, {"donnees/lignes.csv": 0o120777 << 16})
    assert said_of(path) == "donnees/lignes.csv : ses attributs ne sont pas ceux d'un simple fichier"
