"""Which operations, closings and entries an archive holds: all that the closings of its period count."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from boxoffice.care.keys import rotate_key
from boxoffice.config import settings_in
from boxoffice.errors import Refusal
from boxoffice.kinds import ClosingPeriod, JournalKind
from boxoffice.models import CashMovement, Closing, JournalEntry, Sale, ShiftClosing
from boxoffice.sales.archives.verifying import verify_archive
from boxoffice.sales.closings.till_closing import CloseTill, close_till
from boxoffice.sales.staff.establishment import change_identity, read_identity
from boxoffice.sales.staff.operators import staff
from boxoffice.sales.staff.setup import AddTill, add_till
from boxoffice.sales.staff.shift_closing import ShiftEnd, close_shift
from boxoffice.sales.staff.shifts import OpenShift, open_shift
from tests.sales.archived import DAY, archived, rows_in
from tests.sales.closed_books import close_the_till
from tests.sales.closing_life import close_box_office, close_everything, close_one, next_morning
from tests.sales.conftest import Festival

NOT_COUNTED = ShiftEnd(reason="Non compté")
NEXT = DAY + timedelta(days=1)


def later(festival: Festival, days: int) -> None:
    """So many days later, whatever is left open."""
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=days))


def refusal(festival: Festival, folder: Path, first: date = DAY, last: date = DAY) -> Refusal:
    """Why an archive is refused, once it is known that nothing of it is left."""
    with pytest.raises(Refusal) as refused:
        archived(festival, folder / "refused.zip", first, last)
    assert not [path for path in folder.iterdir() if "refused" in path.name]
    assert JournalKind.ARCHIVE_MADE not in {row.kind for row in festival.rows(JournalEntry)}
    assert refused.value.remedy
    return refused.value


def entries_of_closings(path: Path) -> dict[str, str]:
    """The id of each closing that the journal of an archive tells, and what it tells of it."""
    told = [json.loads(row["content"]) for row in rows_in(path, "journal")]
    return {
        content["closing"]["id"]: content["closing"]
        for content in told
        if content["entry"] == JournalKind.CLOSING_MADE
    }


def test_days_with_a_till_that_is_not_closed_are_not_archived(festival: Festival, tmp_path: Path) -> None:
    festival.sell()
    later(festival, 1)
    assert "La caisse 1 est ouverte" in refusal(festival, tmp_path).message
    close_one(festival, 0, end=NOT_COUNTED)
    assert "caisse 2" in refusal(festival, tmp_path).message


def test_days_that_the_box_office_has_not_closed_are_not_archived(festival: Festival, tmp_path: Path) -> None:
    festival.sell()
    later(festival, 1)
    for till in range(2):
        close_one(festival, till, end=NOT_COUNTED)
    assert refusal(festival, tmp_path).message == "La journée du 21/01/2026 n'est pas close."
    before = refusal(festival, tmp_path, DAY - timedelta(9), DAY - timedelta(1))
    assert before.message == "Aucune journée n'a été close du 12/01/2026 au 20/01/2026."


def test_a_month_and_a_year_are_archived_once_they_are_closed(festival: Festival, tmp_path: Path) -> None:
    festival.sell()
    close_everything(festival)
    later(festival, 400)
    month, year = (date(2026, 1, 1), date(2026, 1, 31)), (date(2026, 1, 1), date(2026, 12, 31))
    assert refusal(festival, tmp_path, *month).message == "Le mois de 01/2026 n'est pas clos."
    close_box_office(festival, ClosingPeriod.MONTH)
    assert verify_archive(archived(festival, tmp_path / "month.zip", *month).path).sales == 1
    with pytest.raises(Refusal, match="L'année 2026 n'est pas close"):
        archived(festival, tmp_path / "year.zip", *year)
    close_box_office(festival, ClosingPeriod.YEAR)
    assert verify_archive(archived(festival, tmp_path / "year.zip", *year).path).sales == 1


def test_the_archive_of_a_year_holds_every_closing_of_it_with_its_entry(
    closed_books: Festival, tmp_path: Path
) -> None:
    made = archived(closed_books, tmp_path / "year.zip", date(2026, 1, 1), date(2026, 12, 31))
    kept = {row["id"] for row in rows_in(made.path, "clotures")}
    assert kept == {str(row.id) for row in closed_books.rows(Closing)} == set(entries_of_closings(made.path))
    assert {row["period"] for row in rows_in(made.path, "clotures")} == {"till", "day", "month", "year"}
    assert len(rows_in(made.path, "sessions-clotures")) == closed_books.count(ShiftClosing)
    assert len(rows_in(made.path, "especes-mouvements")) == closed_books.count(CashMovement)
    assert verify_archive(made.path).sales == closed_books.count(Sale)


def test_nothing_falls_between_two_archives(closed_books: Festival, tmp_path: Path) -> None:
    """January, whose last Z were made in February; and the rest of the year, closed in the next."""
    january = archived(closed_books, tmp_path / "a.zip", date(2026, 1, 1), date(2026, 1, 31)).path
    rest = archived(closed_books, tmp_path / "b.zip", date(2026, 2, 1), date(2026, 12, 31)).path
    for name, model, key in (
        ("ventes", Sale, "id"),
        ("clotures", Closing, "id"),
        ("especes-mouvements", CashMovement, "id"),
        ("sessions-clotures", ShiftClosing, "till_session_id"),
    ):
        parts = [[row[key] for row in rows_in(path, name)] for path in (january, rest)]
        assert sorted(parts[0] + parts[1]) == sorted(
            str(getattr(row, key)) for row in closed_books.rows(model)
        )
        assert all(parts)
    first, second = (rows_in(path, "journal") for path in (january, rest))
    for till in ("1", "2"):
        ends = [[int(row["sequence"]) for row in rows if row["till"] == till] for rows in (first, second)]
        assert ends[1][0] <= ends[0][-1] + 1
    assert verify_archive(january).sales + verify_archive(rest).sales == closed_books.count(Sale)


def test_a_day_closed_the_next_morning_from_another_till_is_archived_with_its_shift_and_its_z(
    festival: Festival, tmp_path: Path
) -> None:
    festival.sell(desk=festival.desks[1])
    close_one(festival, 0, end=NOT_COUNTED)
    later(festival, 1)
    shift = festival.desks[1].till_session_id
    festival.write(
        lambda session: close_shift(
            session,
            festival.posts[0],
            festival.manager,
            shift,
            None,
            clock=festival.clock,
            end=NOT_COUNTED,
        )
    )
    festival.clock.advance(timedelta(minutes=5))
    at_one = CloseTill(uuid4(), festival.posts[1].till_id, None)
    festival.write(
        lambda session: close_till(session, at_one, festival.posts[0], festival.manager, clock=festival.clock)
    )
    close_box_office(festival)
    made = archived(festival, tmp_path / "a.zip")
    assert len(rows_in(made.path, "clotures")) == 3 == len(entries_of_closings(made.path))
    assert len(rows_in(made.path, "sessions-clotures")) == 2 == len(rows_in(made.path, "sessions"))
    assert verify_archive(made.path).sales == 1


def test_a_shift_closed_from_a_till_that_did_nothing_that_day_is_archived_with_its_entry(
    festival: Festival, tmp_path: Path
) -> None:
    close_everything(festival)
    later(festival, 1)
    member = next(row for row in festival.read(staff) if row.id == festival.desks[1].operator_id)
    desk = festival.write(
        lambda session: open_shift(session, festival.posts[1], member, OpenShift(5_000), clock=festival.clock)
    )
    festival.sell(festival.product_line(), desk=desk)
    later(festival, 1)
    close_the_till(festival, 1, None, NOT_COUNTED, at_till=0)
    close_box_office(festival)
    made = archived(festival, tmp_path / "a.zip", NEXT, NEXT)
    assert len(rows_in(made.path, "sessions-clotures")) == 1
    assert verify_archive(made.path).sales == 1


def test_what_a_clock_set_ahead_put_on_a_day_to_come_is_archived_with_the_z_that_counts_it(
    festival: Festival, tmp_path: Path
) -> None:
    noon = festival.clock.at
    close_everything(festival)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=10))
        next_morning(festival)
        festival.sell_pass()
        festival.sell(festival.product_line())
        festival.clock.at = noon + timedelta(days=1)
    for till in range(2):
        close_one(festival, till, end=NOT_COUNTED)
    assert close_box_office(festival).last_day == NEXT
    assert {row.business_day for row in festival.rows(Sale)} == {date(2026, 2, 1)}
    later(festival, 1)
    made = archived(festival, tmp_path / "a.zip", NEXT, NEXT)
    assert verify_archive(made.path).sales == 2


def test_an_archive_made_with_a_key_or_at_a_till_of_later_is_known_to_its_journal(
    festival: Festival, tmp_path: Path
) -> None:
    festival.sell()
    close_everything(festival)
    later(festival, 2)
    settings = settings_in(tmp_path / "post", database_url="sqlite://", keys_folder=tmp_path / "keys")
    old = festival.posts[0]
    assert verify_archive(archived(festival, tmp_path / "old.zip").path).key == old.signer.fingerprint
    next_key = festival.write(
        lambda session: rotate_key(session, settings, old, clock=festival.clock, manager=festival.manager)
    )
    rotated = replace(old, signer=next_key)
    third = festival.write(
        lambda session: add_till(
            session,
            AddTill(3),
            key_path=tmp_path / "till-3.pem",
            clock=festival.clock,
            manager=festival.manager,
        )
    )
    for name, post in (("rotated", rotated), ("third", third)):
        found = verify_archive(archived(festival, tmp_path / f"{name}.zip", post=post).path)
        assert (found.key, found.sales) == (post.signer.fingerprint, 1)


def test_an_archive_is_under_the_siret_that_its_entries_were_signed_under(
    festival: Festival, tmp_path: Path
) -> None:
    festival.sell()
    close_everything(festival)
    later(festival, 2)
    identity = festival.read(read_identity)
    before = identity.siret
    festival.write(
        lambda session: change_identity(
            session,
            festival.posts[0],
            replace(identity, siret="12345678200010", vat_number=""),
            clock=festival.clock,
            manager=festival.manager,
        )
    )
    assert festival.read(read_identity).siret != before
    post = replace(festival.posts[0], siret="12345678200010")
    assert verify_archive(archived(festival, tmp_path / "a.zip", post=post).path).siret == before


def test_sales_follow_each_other_as_the_journals_tell_them(festival: Festival, tmp_path: Path) -> None:
    for desk in (*festival.desks, *festival.desks):
        festival.sell(festival.seat_line(quantity=2), desk=desk)
    close_everything(festival)
    later(festival, 1)
    made = archived(festival, tmp_path / "a.zip")
    told = [row["sale_id"] for row in rows_in(made.path, "journal") if row["sale_id"]]
    assert [row["id"] for row in rows_in(made.path, "ventes")] == told
    for name in ("lignes", "billets", "reglements"):
        assert list(dict.fromkeys(row["sale_id"] for row in rows_in(made.path, name))) == told
