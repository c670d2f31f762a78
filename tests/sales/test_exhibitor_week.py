"""The week that an exhibitor declares, Wednesday to Tuesday, counted again from the raw rows."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.exporting.papers import export_week
from boxoffice.models import Event, JournalEntry, PrintJob, Regime, Screening, Venue, table
from boxoffice.printing.rendering import to_plain
from boxoffice.sales.prints import outbox
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.statement_papers import WeekPaper
from boxoffice.sales.staff.rule_changes import change_rule
from boxoffice.sales.statements.exhibitor_week import (
    exhibitors,
    find_exhibitor,
    first_day_of_week,
    print_week,
    read_week,
)
from tests.sales.conftest import Festival
from tests.sales.pass_life import book
from tests.sales.raw_rows import RawRows, moment_of
from tests.sales.spreadsheets import cents, csv_rows

WEDNESDAY = date(2026, 1, 21)
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def venue_id(festival: Festival) -> int:
    """The only venue of the festival, which now declares its weeks."""

    def work(session: Session) -> int:
        session.execute(update(table(Venue)).values(regime=Regime.CNC_EXHIBITOR))
        return find_exhibitor(session, "").venue_id

    return festival.write(work)


def week(festival: Festival, venue_id: int, day: date = WEDNESDAY) -> WeekPaper:
    return festival.read(lambda session: read_week(session, venue_id, day, at=festival.clock.now()))


def move_to(festival: Festival, code: str, at: datetime) -> None:
    festival.write(
        lambda session: session.execute(
            update(table(Screening))
            .where(table(Screening).c.code == code)
            .values(starts_at=at, ends_at=at + timedelta(hours=2))
        )
    )


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 1, 21), WEDNESDAY),
        (date(2026, 1, 27), WEDNESDAY),
        (date(2026, 1, 20), date(2026, 1, 14)),
        (date(2026, 1, 28), date(2026, 1, 28)),
    ],
)
def test_a_cinema_week_begins_on_wednesday(day: date, first: date) -> None:
    assert first_day_of_week(day) == first


def test_films_screenings_and_tariffs_are_told_with_what_they_took(festival: Festival, venue_id: int) -> None:
    festival.sell(festival.seat_line(quantity=2), festival.seat_line("KNEECAP2", "REDUIT"))
    festival.reverse(festival.sell(festival.seat_line("ETERNAL")))
    book(festival, festival.sell_pass(), "KNEECAP2")
    paper = week(festival, venue_id)
    assert [(film.title, film.entries, film.takings_cents) for film in paper.films] == [
        ("Kneecap", 4, 2300),
        ("Rencontre nominative", 0, 0),
        ("The Eternal Daughter", 0, 0),
    ]
    assert [(each.showing.code, each.entries) for each in paper.films[0].screenings] == [
        ("KNEECAP", 2),
        ("KNEECAP2", 2),
    ]
    assert [(each.code, each.issued, each.cancelled, each.takings_cents) for each in paper.tariffs] == [
        ("PLEIN", 3, 1, 1700),
        ("REDUIT", 1, 0, 600),
    ]
    assert (paper.first_day, paper.last_day, paper.provisional) == (WEDNESDAY, date(2026, 1, 27), True)


def test_a_screening_belongs_to_the_week_in_which_it_begins(festival: Festival, venue_id: int) -> None:
    next_week = datetime(2026, 1, 28, 4, 0, tzinfo=PARIS).astimezone(UTC)
    festival.sell(festival.seat_line(), festival.seat_line("ETERNAL"))
    move_to(festival, "KNEECAP", next_week - timedelta(minutes=1))
    move_to(festival, "ETERNAL", next_week)
    assert week(festival, venue_id).entries == 1
    assert [film.title for film in week(festival, venue_id, date(2026, 1, 28)).films] == [
        "The Eternal Daughter"
    ]


def test_two_films_of_one_title_and_version_are_declared_apart(festival: Festival, venue_id: int) -> None:
    festival.sell(festival.seat_line(quantity=2), festival.seat_line("ETERNAL"))
    event = table(Event)

    def call_them_alike(session: Session) -> None:
        session.execute(update(event).values(title="Le Voyage", version="VF"))

    festival.write(call_them_alike)
    films = week(festival, venue_id).films
    assert {(film.title, film.version) for film in films} == {("Le Voyage", "VF")}
    codes = {row.id: row.code for row in festival.rows(Event)}
    taken = {codes[row.event_id]: 0 for row in festival.rows(Screening)}
    for row in festival.rows(Screening):
        taken[codes[row.event_id]] += {"KNEECAP": 1700, "ETERNAL": 850}.get(row.code, 0)
    assert {film.code: film.takings_cents for film in films} == taken
    printed = to_plain(week(festival, venue_id), 48)
    assert all(f"Le Voyage (VF, {code})" in printed for code in taken)


def test_a_week_and_its_copies_keep_to_the_rule_that_was_changed_since_this_till_opened(
    festival: Festival, venue_id: int
) -> None:
    """At 05:00 on Wednesday it is over where days begin at 04:00, as this till has it, but not at 06:00."""
    festival.sell()
    manager = festival.manager
    festival.write(
        lambda session: change_rule(
            session,
            festival.posts[1],
            "business-day",
            "06:00",
            clock=festival.clock,
            manager=manager,
        )
    )
    festival.clock.at = datetime(2026, 1, 28, 5, tzinfo=PARIS).astimezone(UTC)

    def print_it() -> tuple[bool, int]:
        paper = festival.write(
            lambda session: print_week(
                session,
                festival.posts[0],
                venue_id,
                WEDNESDAY,
                operator_number=1,
                clock=festival.clock,
            )
        )
        return paper.provisional, paper.copy_number

    assert [print_it(), print_it()] == [(True, 0), (True, 0)]
    festival.clock.advance(timedelta(hours=2))
    assert [print_it(), print_it()] == [(False, 0), (False, 1)]


@pytest.mark.usefixtures("full_books")
def test_a_week_is_what_the_raw_rows_come_to(festival: Festival, venue_id: int) -> None:
    books = RawRows(festival.database)
    since = datetime(2026, 1, 21, 4, tzinfo=PARIS)
    shown = {
        row["id"]
        for row in books["screening"]
        if since <= moment_of(row["starts_at"]) < datetime(2026, 1, 28, 4, tzinfo=PARIS)
    }
    lines = [row for row in books["saleline"] if row["screening_id"] in shown]
    ended = {row["booking_id"] for row in books["bookingend"]}
    booked = [row for row in books["booking"] if row["screening_id"] in shown and row["id"] not in ended]
    paper = week(festival, venue_id)
    assert paper.takings_cents == sum(row["quantity"] * row["unit_price_cents"] for row in lines)
    assert paper.entries == sum(row["quantity"] for row in lines) + len(booked)


def test_it_is_written_as_pdf_and_csv(festival: Festival, venue_id: int, tmp_path: Path) -> None:
    festival.sell(festival.seat_line(quantity=2), festival.seat_line("KNEECAP2"))
    book(festival, festival.sell_pass(), "KNEECAP2")
    paper, (pdf, table_of) = export_week(
        festival.database,
        festival.posts[0],
        venue_id,
        WEDNESDAY,
        tmp_path,
        operator_number=1,
        clock=festival.clock,
    )
    assert pdf.name == "semaine-CC-2026-01-21-provisoire.pdf"
    assert pdf.read_bytes().startswith(b"%PDF-")
    rows = csv_rows(table_of)
    assert sum(cents(row["recette"]) for row in rows) == paper.takings_cents == 2550
    assert sum(int(row["entrées"]) for row in rows) == paper.entries == 4
    assert [row["tarif"] for row in rows] == ["Plein", "Plein", "sur pass"]


def test_once_the_week_is_over_a_second_print_is_a_copy(festival: Festival, venue_id: int) -> None:
    festival.sell()
    before = Counter(row.kind for row in festival.rows(JournalEntry))

    def print_it() -> WeekPaper:
        festival.write(
            lambda session: print_week(
                session,
                festival.posts[0],
                venue_id,
                WEDNESDAY,
                operator_number=1,
                clock=festival.clock,
            )
        )
        job_id = festival.rows(PrintJob)[-1].id

        def load(session: Session) -> WeekPaper:
            job = outbox.find_job(session, job_id)
            assert job is not None
            paper = load_paper(session, job, clock=festival.clock)
            assert isinstance(paper, WeekPaper)
            return paper

        return festival.read(load)

    assert [print_it().provisional for _ in range(2)] == [True, True]
    festival.clock.advance(timedelta(days=8))
    printed = [print_it() for _ in range(2)]
    assert [(paper.provisional, paper.copy_number) for paper in printed] == [(False, 0), (False, 1)]
    assert printed[0].entries == 1
    assert "DUPLICATA n° 1" in to_plain(printed[1], 48)
    told = Counter(row.kind for row in festival.rows(JournalEntry)) - before
    assert (told["statement.issued"], told["document.reprinted"]) == (3, 1)


def test_an_exhibitor_is_found_by_its_code_or_as_the_only_one(festival: Festival) -> None:
    with pytest.raises(Refusal, match="ne déclare"):
        festival.read(lambda session: find_exhibitor(session, ""))

    def declare(session: Session) -> None:
        session.execute(update(table(Venue)).values(regime=Regime.CNC_EXHIBITOR))
        session.add(Venue(code="400", name="Les 400 Coups", regime=Regime.CNC_EXHIBITOR))

    festival.write(declare)
    assert [each.code for each in festival.read(exhibitors)] == ["CC", "400"]
    assert festival.read(lambda session: find_exhibitor(session, "400")).name == "Les 400 Coups"
    with pytest.raises(Refusal, match="CC, 400"):
        festival.read(lambda session: find_exhibitor(session, ""))
