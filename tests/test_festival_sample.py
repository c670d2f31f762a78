"""The sample festival: plausible, around today whatever today is, and priced as the real one."""

import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from boxoffice import database as databases
from boxoffice.clock import SettableClock, in_paris
from boxoffice.config import Settings, settings_in
from boxoffice.database import Database
from boxoffice.demonstration import LEFT_IN, Demonstration, prepare
from boxoffice.festival_sample import FIRST_DAY, make_sample_festival, sample_sources
from boxoffice.models import (
    Booking,
    BookingEnd,
    BookingEndKind,
    JobState,
    Payment,
    PrintJob,
    ReservedSeat,
    Role,
    SaleLine,
    StoredValue,
    StoredValueKind,
    StoredValueState,
)
from boxoffice.sales.books.verification import verify
from boxoffice.sales.holders.badge_selection import count_unprinted
from boxoffice.sales.importing import read_folder
from boxoffice.sales.importing.layouts import Kind
from boxoffice.sales.importing.reading import read_sheets
from boxoffice.sales.screenings.programme import Programme, read_programme
from boxoffice.sales.staff.operators import staff
from boxoffice.sales.staff.rules import Rules
from boxoffice.sales.staff.setup import list_tills

EVENING = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Sample:
    """The sample made on a Sunday evening of November, and its programme."""

    database: Database
    programme: Programme


def with_tables(settings: Settings, template: Path) -> Database:
    """An empty database of a post, its tables copied rather than made."""
    shutil.copy(template, settings.data_folder / "boxoffice.sqlite")
    return databases.connect(settings.database_url)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Sample:
    settings = settings_in(tmp_path_factory.mktemp("sample"))
    database = with_tables(settings, sqlite_template)
    make_sample_festival(database, settings, clock=SettableClock(EVENING))
    with database.read() as session:
        return Sample(database, read_programme(session, Rules()))


def test_it_lasts_nine_days_with_a_few_hundred_screenings(sample: Sample) -> None:
    days = Counter(in_paris(row.starts_at).date() for row in sample.programme.screenings)
    assert len(days) == 9
    assert 300 <= days.total() <= 600
    assert min(days.values()) >= 30


def test_it_opens_and_closes_at_the_hours_of_a_cinema(sample: Sample) -> None:
    starts = {in_paris(row.starts_at).time().replace(tzinfo=None) for row in sample.programme.screenings}
    assert (min(starts).hour, min(starts).minute) == (9, 30)
    assert max(starts).hour == 22


@pytest.mark.parametrize("day", range(14))
@pytest.mark.parametrize("hour", [0, 3, 12, 23])
def test_today_is_always_one_of_its_days_and_more_is_to_come(day: int, hour: int) -> None:
    now = datetime(2026, 3, 20, hour, 55, tzinfo=UTC) + timedelta(days=day)
    rows = read_sheets(sample_sources(now)).of(Kind.SCREENING)
    days = {row.values["date"] for row in rows}
    assert in_paris(now).date() in days
    assert max(days) > in_paris(now).date()
    assert min(days).weekday() == FIRST_DAY.weekday()


def test_its_prices_are_those_of_the_festival(sample: Sample) -> None:
    films = next(
        offers
        for offers in sample.programme.offers.values()
        if any(offer.code == "GROUPE" for offer in offers)
    )
    assert [(offer.position, offer.label, offer.price_cents) for offer in films] == [
        (1, "Plein", 850),
        (2, "Réduit adulte", 600),
        (3, "Réduit jeune", 600),
        (4, "Groupe adulte", 600),
        (5, "Fauteuil (UFR)", 600),
        (6, "Suppl. pass", 450),
        (7, "Accrédité", 0),
        (8, "Suppl. accr.", 300),
        (9, "Détenteur pass", 0),
        (10, "Pass Immersion", 0),
        (11, "Tarif promo", 0),
    ]
    assert {offer.vat_rate for offer in films} == {550}


def test_every_quota_of_a_screening_is_sold_by_some_tariff(sample: Sample) -> None:
    for row in sample.programme.screenings:
        sold = {offer.quota for offer in sample.programme.offers[row.price_list_id]}
        assert set(row.seats.quotas) <= sold, row.code


def test_every_title_is_short_enough_for_a_ticket(sample: Sample) -> None:
    assert max(len(row.event_title) for row in sample.programme.screenings) <= 120


def test_its_staff_and_tills_are_there(sample: Sample) -> None:
    with sample.database.read() as session:
        assert [member.role for member in staff(session)] == [
            Role.MANAGER,
            Role.CASHIER,
            Role.CASHIER,
            Role.BADGES,
        ]
        assert [till.number for till in list_tills(session)] == [1, 2, 3]


def test_its_files_can_be_imported_as_they_are() -> None:
    from boxoffice.festival_sample import sample_folder

    assert read_sheets(read_folder(sample_folder())).faults == []


@pytest.mark.parametrize("hour", [1, 9, 22])
def test_the_demonstration_is_in_full_swing_at_any_hour(
    tmp_path: Path, sqlite_template: Path, hour: int
) -> None:
    now = datetime(2026, 11, 22, hour, 55, tzinfo=UTC)
    settings = settings_in(tmp_path)
    database = with_tables(settings, sqlite_template)
    prepare(
        database,
        settings,
        Demonstration(sales=10, seed=7),
        clock=SettableClock(now),
        progress=lambda _what, _done, _total: None,
    )
    with database.read() as session:
        programme = read_programme(session, Rules())
        states = set(session.exec(select(PrintJob.state)))
        assert verify(session).fault is None
        ends = {end.kind for end in session.exec(select(BookingEnd))}
        bookings = session.exec(select(Booking)).all()
        held = session.exec(select(ReservedSeat)).all()
        unprinted = count_unprinted(session)
        cards = session.exec(select(StoredValue).where(StoredValue.kind == StoredValueKind.GIFT_CARD)).all()
        paid_by_card = session.exec(select(Payment).where(Payment.means == "gift_card")).all()
        places = session.exec(select(Payment).where(Payment.means == "place_card")).all()
        lowered = session.exec(select(SaleLine).where(SaleLine.discount_cents > 0)).all()
        points = session.exec(select(StoredValue).where(StoredValue.kind == StoredValueKind.POINTS)).all()
    database.close()
    assert len(cards) == 10
    assert paid_by_card
    assert places
    assert lowered
    assert points
    assert {StoredValueState.ACTIVE, StoredValueState.BLOCKED} == {card.state for card in cards}
    assert len(bookings) > 30
    assert {BookingEndKind.CANCELLED, BookingEndKind.SWAPPED} <= ends
    assert held
    assert unprinted
    coming = [row for row in programme.screenings if row.starts_at > now]
    almost_full = {row.seats.left for row in coming[:40]}
    assert set(LEFT_IN.values()) <= almost_full
    full = next(row for row in coming if row.seats.left == 0)
    assert full.seats.sold == full.seats.capacity
    assert JobState.QUEUED not in states
