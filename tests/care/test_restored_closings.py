"""After a restoring no Z has a number of before, no total since first use goes back, and every Z says why."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from boxoffice.backup_file import Total
from boxoffice.care.resuming import resume_journal
from boxoffice.config import Settings
from boxoffice.errors import Refusal
from boxoffice.kinds import ClosingPeriod
from boxoffice.sales.archives.verifying import verify_archive
from boxoffice.sales.books import journal
from boxoffice.sales.closings.leaving_out import Known, leave_out
from boxoffice.sales.closings.put_back import Restoring
from boxoffice.sales.closings.readings import read_till
from boxoffice.sales.closings.restorings import Start, go_on
from boxoffice.sales.staff.rules import read_rules
from boxoffice.sqlite import copy_sqlite
from tests.sales.archived import archive, rows_in
from tests.sales.closed_books import close_the, open_the_tills
from tests.sales.conftest import Festival

from .restored import (
    PRODUCT,
    SEAT,
    backed_up,
    backed_up_between_sales,
    box_office,
    close_both,
    make_unreadable,
    on_paper,
    put_back,
    uncounted,
    verdict,
)


def leave_out_nothing(session: Session) -> dict[str, Any]:
    """What another till tells that knows of nothing more."""
    return leave_out(session, Known())


def test_closings_and_their_totals_go_on_from_the_highest_known(
    festival: Festival, settings: Settings
) -> None:
    kept = backed_up_between_sales(festival, settings)
    festival.sell()
    festival.sell(desk=festival.desks[1])
    lost = close_both(festival)
    assert (lost.number, lost.perpetual_cents) == (1, 4 * SEAT)

    done = put_back(festival, settings, kept.path)
    assert [(each.till, each.first, each.last, each.cents) for each in done.left_out] == [
        (1, 2, 3, 2 * SEAT),
        (2, 1, 1, SEAT),
    ]
    assert box_office(festival).perpetual_cents == 4 * SEAT
    festival.sell()
    assert box_office(festival).perpetual_cents == 5 * SEAT
    till = uncounted(festival, 0)
    assert (till.number, till.period_cents, till.perpetual_cents) == (2, 2 * SEAT, 4 * SEAT)
    other = uncounted(festival, 1)
    assert (other.number, other.period_cents, other.perpetual_cents) == (2, 0, SEAT)
    day = close_the(festival, ClosingPeriod.DAY)
    assert (day.number, day.period_cents, day.perpetual_cents) == (2, 2 * SEAT, 5 * SEAT)
    assert day.perpetual_absolute_cents == 5 * SEAT
    assert verdict(festival, settings).fault is None


def test_a_month_and_a_year_count_what_was_left_out_once(festival: Festival, settings: Settings) -> None:
    kept = backed_up(festival, settings)
    festival.sell()
    put_back(festival, settings, kept.path)
    festival.sell()
    assert close_both(festival).perpetual_cents == 2 * SEAT
    festival.clock.at = datetime(2026, 2, 3, 11, 0, tzinfo=UTC)
    month = close_the(festival, ClosingPeriod.MONTH)
    assert (month.period_cents, month.perpetual_cents) == (SEAT, 2 * SEAT)
    open_the_tills(festival)
    festival.sell(festival.product_line())
    assert close_both(festival).perpetual_cents == 2 * SEAT + PRODUCT
    festival.clock.at = datetime(2027, 1, 3, 11, 0, tzinfo=UTC)
    assert close_the(festival, ClosingPeriod.MONTH).perpetual_cents == 2 * SEAT + PRODUCT
    assert close_the(festival, ClosingPeriod.YEAR).perpetual_cents == 2 * SEAT + PRODUCT
    assert verdict(festival, settings).fault is None


def test_papers_say_what_is_not_in_the_base_until_the_year_is_closed(
    festival: Festival, settings: Settings
) -> None:
    festival.sell()
    kept = backed_up(festival, settings)
    lost = [festival.sell().operation, festival.sell(desk=festival.desks[1]).operation]
    assert "Base remise" not in on_paper(box_office(festival))
    put_back(festival, settings, kept.path)
    of_both = " - ".join(f"opération {number} hors de cette base : 8,50 €" for number in lost)
    assert of_both in on_paper(box_office(festival))
    first = festival.read(
        lambda session: read_till(
            session, read_rules(session), festival.posts[0].till_id, clock=festival.clock
        )
    )
    assert "opération 1-000002 hors" in on_paper(first)
    assert "opération 2-" not in on_paper(first)
    assert of_both in on_paper(close_both(festival))
    festival.clock.at = datetime(2026, 2, 3, 11, 0, tzinfo=UTC)
    assert of_both in on_paper(close_the(festival, ClosingPeriod.MONTH))
    open_the_tills(festival)
    festival.sell(festival.product_line())
    assert of_both in on_paper(close_both(festival))
    festival.clock.at = datetime(2027, 1, 3, 11, 0, tzinfo=UTC)
    assert of_both in on_paper(close_the(festival, ClosingPeriod.MONTH))
    assert of_both in on_paper(close_the(festival, ClosingPeriod.YEAR))
    open_the_tills(festival)
    festival.sell(festival.product_line())
    assert "Base remise" not in on_paper(box_office(festival))
    assert "Base remise" not in on_paper(close_both(festival))


def test_two_restorings_leave_out_each_operation_once(festival: Festival, settings: Settings) -> None:
    kept = backed_up_between_sales(festival, settings)
    first = put_back(festival, settings, kept.path)
    festival.sell()
    close_both(festival)
    second = put_back(festival, settings, kept.path)
    assert [(each.first, each.last, each.cents) for each in first.left_out] == [(2, 2, SEAT)]
    assert [(each.first, each.last, each.cents) for each in second.left_out] == [(2, 3, 2 * SEAT)]
    assert first.before is not None
    again = put_back(festival, settings, first.before.path)
    assert [(each.first, each.last, each.cents) for each in again.left_out] == [(3, 3, SEAT)]
    open_again = close_both(festival)
    assert (open_again.number, open_again.perpetual_cents) == (2, 3 * SEAT)
    assert verdict(festival, settings).fault is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_anchors_know_the_numbers_of_a_base_that_cannot_be_read(
    festival: Festival, settings: Settings
) -> None:
    kept = backed_up_between_sales(festival, settings)
    festival.sell()
    make_unreadable(festival)
    done = put_back(festival, settings, kept.path)
    assert done.skipped["1"] == {"operations": 2, "tickets": 2}
    (left_out,) = done.left_out
    assert (left_out.first, left_out.last, left_out.counted, left_out.cents) == (2, 3, 1, 0)
    assert "opérations 1-000002 à 1-000003 hors de cette base, montant inconnu" in on_paper(
        box_office(festival)
    )
    assert festival.sell().operation == "1-000004"
    assert verdict(festival, settings).fault is None


@pytest.mark.parametrize("column", ["number", "perpetual_cents", "perpetual_absolute_cents"])
def test_a_closing_that_does_not_go_on_from_what_was_left_out_is_a_fault(
    festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    kept = backed_up(festival, settings)
    festival.sell()
    close_both(festival)
    put_back(festival, settings, kept.path)
    forgotten = {"number": "number", "perpetual_cents": "cents"}.get(column, "absolute_cents")

    def forgetful(restorings: Iterable[Restoring], *of: Any) -> Start:
        return go_on(restorings, *of)._replace(**{forgotten: 0})

    monkeypatch.setattr("boxoffice.sales.closings.closing.go_on", forgetful)
    close_both(festival)
    assert f"« {column} » ne suit pas" in str(verdict(festival, settings).fault)


def test_an_operation_told_to_be_left_out_is_not_in_the_base(festival: Festival, settings: Settings) -> None:
    festival.sell()
    festival.sell()
    at = festival.clock.now()

    def resume(*, left_out: dict[str, object]) -> None:
        told = festival.read(lambda session: leave_out(session, Known()))
        festival.write(
            lambda session: journal.accept_restored(
                session, festival.posts[0], 1, at=at, about=told | {"backup": "x", "left_out": left_out}
            )
        )

    resume(left_out={"1": {"first": 2, "last": 2, "cents": 0, "absolute_cents": 0, "counted": 1}})
    assert "hors de cette base, et elle y est" in str(verdict(festival, settings).fault)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_copied_back_by_hand_goes_on_after_what_its_till_signed(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    festival.sell()
    copy_sqlite(Path(str(festival.database.engine.url.database)), tmp_path / "copy.sqlite")
    festival.sell()
    festival.database.close()
    copy_sqlite(tmp_path / "copy.sqlite", Path(str(festival.database.engine.url.database)))
    resume_journal(
        festival.database, settings, festival.posts[0], clock=festival.clock, manager=festival.manager
    )
    assert festival.sell().operation == "1-000003"
    assert "opération 1-000002 hors de cette base, montant inconnu" in on_paper(box_office(festival))
    assert verdict(festival, settings).fault is None


def test_a_till_that_signed_no_further_has_nothing_to_resume(festival: Festival, settings: Settings) -> None:
    festival.sell()
    before = festival.everything()
    with pytest.raises(Refusal, match="il n'y a rien à reprendre"):
        resume_journal(
            festival.database, settings, festival.posts[0], clock=festival.clock, manager=festival.manager
        )
    assert festival.everything() == before


def test_a_till_that_the_backup_did_not_know_is_told_and_counted(
    festival: Festival, settings: Settings
) -> None:
    festival.sell()
    known = Known({"9": {"operations": 5}}, {"till-9": 2}, {"9": Total(5, 4_000, 4_200)})
    at = festival.clock.now()

    def put_back_by_hand(session: Session) -> None:
        about = leave_out(session, known) | {"backup": "elsewhere.backup"}
        journal.accept_restored(session, festival.posts[0], 1, at=at, about=about)

    festival.write(put_back_by_hand)
    reading = box_office(festival)
    assert (reading.perpetual_cents, reading.perpetual_absolute_cents) == (SEAT + 4_000, SEAT + 4_200)
    assert "opérations 9-000001 à 9-000005 hors de cette base : 40,00 €" in on_paper(reading)
    assert close_both(festival).perpetual_cents == SEAT + 4_000
    assert verdict(festival, settings).fault is None


def test_what_goes_on_after_a_restoring_is_archived_and_verifies(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    kept = backed_up(festival, settings)
    festival.sell()
    close_both(festival)
    put_back(festival, settings, kept.path)
    festival.sell()
    day = close_both(festival)
    assert day.number == 2
    archive(festival, tmp_path)
    verify_archive(tmp_path / "archive.zip")
    (told,) = [row for row in rows_in(tmp_path / "archive.zip", "clotures") if row["period"] == "day"]
    assert (told["number"], told["perpetual_cents"]) == ("2", str(2 * SEAT))


def test_a_z_made_again_names_the_one_that_is_gone(festival: Festival, settings: Settings) -> None:
    festival.sell()
    kept = backed_up(festival, settings)
    gone = close_both(festival)
    done = put_back(festival, settings, kept.path)
    assert done.gone == {"day": (1, 1), "till-1": (1, 1), "till-2": (1, 1)}
    here = "Le Z n° 1, fait avant la remise, n'est plus dans la base : ce qu'il comptait est compté ici"
    assert here in on_paper(box_office(festival))
    assert here in on_paper(uncounted(festival, 0))
    uncounted(festival, 1)
    again = close_the(festival, ClosingPeriod.DAY)
    assert (again.number, again.period_cents) == (2, gone.period_cents)
    assert here in on_paper(again)
    festival.clock.at = datetime(2026, 1, 22, 11, 0, tzinfo=UTC)
    open_the_tills(festival)
    there = on_paper(close_both(festival))
    assert "Le Z n° 1, fait avant" in there
    assert "est compté à nouveau au Z n° 2, ou hors de cette base" in there


def test_zs_that_were_lost_twice_are_named_once(festival: Festival, settings: Settings) -> None:
    festival.sell()
    kept = backed_up(festival, settings)
    close_both(festival)
    put_back(festival, settings, kept.path)
    close_both(festival)
    put_back(festival, settings, kept.path)
    told = festival.read(leave_out_nothing)
    festival.write(
        lambda session: journal.accept_restored(
            session, festival.posts[1], 1, at=festival.clock.now(), about=told | {"backup": "x"}
        )
    )
    paper = on_paper(close_both(festival))
    assert paper.count("Les Z n° 1 à 2, faits avant la remise, ne sont plus dans la base") == 1
    assert paper.count("plus dans la base") == 1


def test_a_restoring_that_lost_no_closing_names_none(festival: Festival, settings: Settings) -> None:
    festival.sell()
    close_both(festival)
    festival.clock.at = datetime(2026, 1, 22, 11, 0, tzinfo=UTC)
    open_the_tills(festival)
    kept = backed_up(festival, settings)
    festival.sell(festival.product_line())
    assert put_back(festival, settings, kept.path).gone == {}
    assert "plus dans la base" not in on_paper(close_both(festival))
