"""A restoring signs no amount but what was verified, and believes no file that no signed entry tells."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from boxoffice.config import Settings
from boxoffice.models import Sale, SaleLine, guards, table
from tests.sales.conftest import Festival

from .test_restored_closings import SEAT, backed_up, box_office, close_both, on_paper, put_back, verdict

_sale, _line = table(Sale), table(SaleLine)


@contextmanager
def insider(festival: Festival) -> Iterator[Connection]:
    """What somebody does who may do anything to the database, and has no key."""
    with festival.database.write_engine.begin() as connection:
        guards.remove(connection)
        yield connection
        guards.install(connection)


def test_no_amount_is_believed_of_a_base_that_does_not_verify(festival: Festival, settings: Settings) -> None:
    """Its closings were signed one by one, so their numbers are not given again all the same."""
    festival.sell()
    kept = backed_up(festival, settings)
    festival.sell()
    festival.sell()
    lost = close_both(festival)
    with insider(festival) as connection:
        since = select(_sale.c.id).where(_sale.c.number > 1)
        connection.execute(_line.update().where(_line.c.sale_id.in_(since)).values(unit_price_cents=1))
        connection.execute(_sale.update().where(_sale.c.number > 1).values(total_cents=1))
    done = put_back(festival, settings, kept.path)
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
    festival.sell()
    kept = backed_up(festival, settings)
    festival.sell()
    festival.clock.advance(timedelta(minutes=1))
    backed_up(festival, settings)
    festival.sell()
    with insider(festival) as connection:
        connection.execute(_sale.update().where(_sale.c.number == 3).values(total_cents=1))
    done = put_back(festival, settings, kept.path)
    (left_out,) = done.left_out
    assert (left_out.first, left_out.last, left_out.counted, left_out.cents) == (2, 3, 2, SEAT)
    assert verdict(festival, settings).fault is None


@pytest.mark.parametrize("in_place", ["sound", "at fault"])
def test_a_file_that_no_journal_tells_says_nothing_of_what_was_sold(
    festival: Festival, settings: Settings, in_place: str
) -> None:
    """Its first line is edited by hand: a till of a milliard, a day of the number 500."""
    festival.sell()
    kept = backed_up(festival, settings)
    festival.sell()
    first, rest = gzip.decompress(kept.path.read_bytes()).split(b"\n", 1)
    header = json.loads(first)
    header["totals"] = {"1": [999, 10**9, 10**9]}
    header["numbers"]["1"]["operations"], header["closings"]["day"] = 999, 500
    forged = kept.path.with_name("2026-01-21-115900-demandee.backup")
    forged.write_bytes(gzip.compress(json.dumps(header).encode() + b"\n" + rest))
    if in_place == "at fault":
        with insider(festival) as connection:
            connection.execute(_sale.update().where(_sale.c.number == 2).values(total_cents=1))
    done = put_back(festival, settings, kept.path)
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
    festival.database.close()
    Path(str(festival.database.engine.url.database)).write_bytes(b"x" * 10_000)
    done = put_back(festival, settings, kept.path)
    assert (done.fault_before, [(each.first, each.last) for each in done.left_out]) == ("", [(1, 2)])
    assert [(each.counted, each.cents) for each in done.left_out] == [(1, SEAT)]
    assert close_both(festival).number == 2
    assert verdict(festival, settings).fault is None
