"""What a restoring left out is said with every export, and no accounting entry has the number of another."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from boxoffice.config import Settings
from boxoffice.models import JournalEntry
from boxoffice.sales.exports.fec import left_out_numbers_words
from boxoffice.sales.exports.operations import Scope
from boxoffice.sales.exports.put_back import left_out_words
from tests.sales.closed_books import open_the_tills
from tests.sales.conftest import Festival
from tests.sales.exported import written_entries, written_operations, written_totals
from tests.sales.fec_checker import check

from .restored import SEAT, backed_up, backed_up_between_sales, close_both, make_unreadable, put_back, verdict

DAY = date(2026, 1, 21)
LEFT_OUT = "Base remise le 21/01/2026, telle que le 21/01/2026 : {said}."


def exported(festival: Festival) -> list[dict[str, Any]]:
    return [json.loads(row.content) for row in festival.rows(JournalEntry) if row.kind == "figures.exported"]


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_an_entry_of_a_day_made_again_has_a_number_of_its_own(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    kept = backed_up(festival, settings)
    festival.sell()
    close_both(festival)
    before = written_entries(festival, tmp_path)
    assert [(each.number, each.closed.number) for each in before.entries] == [(1, 1)]
    assert (before.left_out, before.numbers_left_out) == ((), ())
    put_back(festival, settings, kept.path)
    festival.sell(festival.product_line())
    close_both(festival)
    after = written_entries(festival, tmp_path)
    assert [(each.number, each.closed.number) for each in after.entries] == [(2, 2)]
    assert after.numbers_left_out == ((1, 1),)
    assert (
        left_out_numbers_words(after.numbers_left_out)
        == "L'écriture n° 1 n'est plus dans la base : son numéro n'est pas redonné."
    )
    assert plain(left_out_words(after.left_out)) == LEFT_OUT.format(
        said="opération 1-000001 hors de cette base : 8,50 €"
    )
    check(after.path.name, after.path.read_bytes())
    (told,) = exported(festival)
    assert told["entries"] == [2, 2]
    assert [each["cents"] for each in told["left_out"][0]["operations"]] == [SEAT]
    assert verdict(festival, settings).fault is None


def test_two_restorings_leave_out_the_numbers_of_all_days_that_were_closed(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    festival.sell()
    close_both(festival)
    kept = backed_up(festival, settings)
    numbers = [each.number for each in written_entries(festival, tmp_path).entries]
    for _again in range(2):
        with festival.clock.without_nights():
            festival.clock.advance(timedelta(days=1))
        open_the_tills(festival)
        festival.sell(festival.product_line())
        close_both(festival)
        numbers += [each.number for each in written_entries(festival, tmp_path).entries[1:]]
        put_back(festival, settings, kept.path)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=1))
    open_the_tills(festival)
    festival.sell(festival.product_line())
    close_both(festival)
    written = written_entries(festival, tmp_path)
    assert [each.number for each in written.entries] == [1, 4]
    assert numbers == [1, 2, 3]
    assert left_out_numbers_words(written.numbers_left_out) == (
        "Les écritures n° 2 à 3 ne sont plus dans la base : leurs numéros ne sont pas redonnés."
    )
    assert written_entries(festival, tmp_path, last=DAY).numbers_left_out == ()
    assert written_entries(festival, tmp_path, first=DAY + timedelta(days=1)).numbers_left_out == ((2, 3),)


def test_what_was_left_out_is_told_with_every_export_of_its_days_and_of_no_other(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    kept = backed_up_between_sales(festival, settings)
    put_back(festival, settings, kept.path)
    close_both(festival)
    words = LEFT_OUT.format(said="opération 1-000002 hors de cette base : 8,50 €")
    declared = written_totals(festival, tmp_path)
    assert plain(left_out_words(declared.left_out)) == words
    (told,) = json.loads(declared.paths[1].read_text())["left_out"]
    assert [(each["till"], each["first"], each["cents"]) for each in told["operations"]] == [(1, 2, SEAT)]
    for scope in (Scope(), Scope(DAY, DAY), Scope(operator=2), Scope(screening="KNEECAP")):
        assert plain(left_out_words(written_operations(festival, tmp_path, scope).left_out)) == words
    eve, morrow = DAY - timedelta(days=1), DAY + timedelta(days=1)
    for scope in (Scope(eve, eve), Scope(morrow, morrow)):
        assert written_operations(festival, tmp_path, scope).left_out == ()
    assert ["left_out" in each for each in exported(festival)] == [True] * 5 + [False] * 2
    assert verdict(festival, settings).fault is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_amount_that_nobody_knows_is_told_as_none(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    kept = backed_up_between_sales(festival, settings)
    make_unreadable(festival)
    put_back(festival, settings, kept.path)
    written = written_operations(festival, tmp_path, Scope(DAY, DAY))
    assert "hors de cette base, montant inconnu" in left_out_words(written.left_out)
    (told,) = exported(festival)[0]["left_out"]
    assert [each["cents"] for each in told["operations"]] == [None]
