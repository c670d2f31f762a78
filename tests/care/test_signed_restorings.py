"""A restoring signs no amount but what was verified, and believes no file that no signed entry tells."""

import gzip
import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from boxoffice.care.backups import list_backups
from boxoffice.care.making_room import WrongInPlace
from boxoffice.care.resuming import resume_journal
from boxoffice.config import Settings
from boxoffice.models import Sale, SaleLine, table
from boxoffice.sales.books import journal
from boxoffice.sqlite import copy_sqlite
from tests.sales.conftest import Festival

from .restored import (
    SEAT,
    backed_up,
    backed_up_between_sales,
    box_office,
    close_both,
    falsify,
    insider,
    make_unreadable,
    on_paper,
    put_back,
    verdict,
)

_sale, _line = table(Sale), table(SaleLine)


def test_no_amount_is_believed_of_a_base_that_does_not_verify(festival: Festival, settings: Settings) -> None:
    """Its closings were signed one by one, so their numbers are not given again all the same."""
    kept = backed_up_between_sales(festival, settings)
    festival.sell()
    lost = close_both(festival)
    with insider(festival) as connection:
        since = select(_sale.c.id).where(_sale.c.number > 1)
        connection.execute(_line.update().where(_line.c.sale_id.in_(since)).values(unit_price_cents=1))
        connection.execute(_sale.update().where(_sale.c.number > 1).values(total_cents=1))
    with pytest.raises(WrongInPlace, match=r"La base en place est fausse, .*1-000002") as refused:
        put_back(festival, settings, kept.path)
    assert "--although-wrong" in refused.value.remedy
    assert len(festival.rows(Sale)) == 3, "nothing is replaced before somebody has answered for it"
    assert len(list_backups(settings.backups_folder)) == 1
    done = put_back(festival, settings, kept.path, although_wrong_before=True)
    assert "1-000002" in done.fault_before
    assert done.fault == ""
    (left_out,) = done.left_out
    assert (left_out.first, left_out.last, left_out.counted, left_out.cents) == (2, 3, 1, 0)
    assert "opérations 1-000002 à 1-000003 hors de cette base, montant inconnu" in on_paper(
        box_office(festival)
    )
    festival.sell()
    day = close_both(festival)
    assert (lost.number, day.number, day.perpetual_cents) == (1, 2, 2 * SEAT)
    found = verdict(festival, settings)
    assert found.fault is None
    assert [said for said in found.notices if "celle d'avant était fausse" in said and "1-000002" in said]


def test_a_backup_that_a_signed_entry_tells_is_believed_of_a_base_that_does_not_verify(
    festival: Festival, settings: Settings
) -> None:
    kept = backed_up_between_sales(festival, settings)
    festival.clock.advance(timedelta(minutes=1))
    backed_up(festival, settings)
    festival.sell()
    falsify(festival, 3)
    done = put_back(festival, settings, kept.path, although_wrong_before=True)
    (left_out,) = done.left_out
    assert (left_out.first, left_out.last, left_out.counted, left_out.cents) == (2, 3, 2, SEAT)
    assert verdict(festival, settings).fault is None


@pytest.mark.parametrize("in_place", ["sound", "at fault"])
def test_a_file_that_no_journal_tells_says_nothing_of_what_was_sold(
    festival: Festival, settings: Settings, in_place: str
) -> None:
    """Its first line is edited by hand: a till of a milliard, a day of the number 500."""
    kept = backed_up_between_sales(festival, settings)
    first, rest = gzip.decompress(kept.path.read_bytes()).split(b"\n", 1)
    header = json.loads(first)
    header["totals"] = {"1": [999, 10**9, 10**9]}
    header["numbers"]["1"]["operations"], header["closings"]["day"] = 999, 500
    forged = kept.path.with_name("2026-01-21-115900-demandee.backup")
    forged.write_bytes(gzip.compress(json.dumps(header).encode() + b"\n" + rest))
    if in_place == "at fault":
        falsify(festival, 2)
    done = put_back(festival, settings, kept.path, although_wrong_before=in_place == "at fault")
    assert [(each.first, each.last) for each in done.left_out] == [(2, 2)]
    assert [each.cents for each in done.left_out] == [SEAT if in_place == "sound" else 0]
    assert close_both(festival).number == 1
    assert verdict(festival, settings).fault is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_newest_backup_tells_what_was_signed_where_the_base_cannot_be_read(
    festival: Festival, settings: Settings
) -> None:
    kept = backed_up(festival, settings)
    festival.sell()
    festival.clock.advance(timedelta(minutes=1))
    backed_up(festival, settings)
    festival.sell()
    close_both(festival)
    festival.clock.advance(timedelta(minutes=1))
    backed_up(festival, settings)
    make_unreadable(festival)
    done = put_back(festival, settings, kept.path)
    assert (done.fault_before, [(each.first, each.last) for each in done.left_out]) == ("", [(1, 2)])
    assert [(each.counted, each.cents) for each in done.left_out] == [(2, 2 * SEAT)]
    assert close_both(festival).number == 2
    assert verdict(festival, settings).fault is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("newest", ["as it was made", "edited", "forged"])
def test_a_file_copied_back_by_hand_goes_on_after_what_backups_show_that_verify(
    festival: Festival, settings: Settings, tmp_path: Path, newest: str
) -> None:
    """No entry of the file tells them: they are looked through, whatever their first lines say."""
    festival.sell()
    here = Path(str(festival.database.engine.url.database))
    copy_sqlite(here, tmp_path / "copy.sqlite")
    festival.sell()
    lost = close_both(festival)
    festival.clock.advance(timedelta(minutes=1))
    kept = backed_up(festival, settings)
    first, rest = gzip.decompress(kept.path.read_bytes()).split(b"\n", 1)
    header = json.loads(first)
    header["totals"], header["closings"]["day"] = {"1": [999, 10**9, 10**9]}, 500
    if newest == "edited":
        kept.path.write_bytes(gzip.compress(json.dumps(header).encode() + b"\n" + rest))
    elif newest == "forged":
        rest = rest.replace(b"850,", b"851,")
        lines = json.dumps(header).encode() + b"\n" + rest
        lines = lines[: lines.rindex(b"\n", 0, -1) + 1]
        seal = json.loads(rest.splitlines()[-1]) | {"sha256": hashlib.sha256(lines).hexdigest()}
        kept.path.write_bytes(gzip.compress(lines + json.dumps(seal).encode() + b"\n"))
    festival.database.close()
    copy_sqlite(tmp_path / "copy.sqlite", here)
    (left_out,) = resume_journal(
        festival.database, settings, festival.posts[0], clock=festival.clock, manager=festival.manager
    )
    known = newest == "as it was made"
    assert (left_out.first, left_out.last) == (2, 2)
    assert (left_out.counted, left_out.cents) == ((2, SEAT) if known else (1, 0))
    festival.write(
        lambda session: journal.accept_restored(
            session, festival.posts[1], festival.manager.number, at=festival.clock.now()
        )
    )
    festival.sell()
    day = close_both(festival)
    assert day.number == (1 if newest == "edited" else lost.number + 1)
    assert day.perpetual_cents == (3 if known else 2) * SEAT
    assert verdict(festival, settings).fault is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "spoilt",
    ["content = CAST(x'ff00' AS TEXT)", "digest = x'00'", "at = 'hier'"],
    ids=["text", "type", "moment"],
)
def test_a_base_of_which_no_backup_can_be_made_is_set_aside_once_somebody_answers(
    festival: Festival, settings: Settings, spoilt: str
) -> None:
    """What its entries still tell is not given again."""
    kept = backed_up_between_sales(festival, settings)
    close_both(festival)
    with insider(festival) as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        connection.exec_driver_sql(f"UPDATE journalentry SET {spoilt} WHERE kind = 'sale.completed'")
    file = Path(str(festival.database.engine.url.database))
    with pytest.raises(WrongInPlace, match="La base en place est fausse"):
        put_back(festival, settings, kept.path)
    assert file.exists(), "nothing is moved before somebody has answered for it"
    done = put_back(festival, settings, kept.path, although_wrong_before=True)
    assert done.fault_before
    assert done.set_aside is not None
    assert done.set_aside.exists()
    assert close_both(festival).number == 2
    assert verdict(festival, settings).fault is None
