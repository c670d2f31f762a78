"""A final statement is issued once: its copies, how it is corrected, and what `journal verify` finds."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.exporting.papers import export_statement, export_week
from boxoffice.kinds import JournalKind, Regime
from boxoffice.models import JobState, JournalEntry, PrintJob, Ticket, Venue, table
from boxoffice.printing.rendering import to_plain
from boxoffice.sales.books import journal
from boxoffice.sales.books.verification import verify
from boxoffice.sales.prints import outbox
from boxoffice.sales.prints.outbox_listing import list_outbox
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.prints.print_orders import order_report
from boxoffice.sales.prints.statement_papers import Since, StatementPaper, WeekPaper
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.statements import copies
from boxoffice.sales.statements.exhibitor_week import find_exhibitor, print_week, show_week
from boxoffice.sales.statements.listing import StatementState, list_statements, print_waiting
from boxoffice.sales.statements.screening_statement import (
    print_statement,
    read_statement,
    show_statement,
)
from boxoffice.simulation import Plan, simulate
from tests.sales.conftest import Festival
from tests.sales.credit_life import PAUL, accepted, asked, customer, sell_to
from tests.sales.pass_life import book, let_in
from tests.sales.raw_rows import RawRows
from tests.sales.test_screening_changes import call_off

AFTERWARDS = timedelta(hours=10)
TWO_CREDITED = Since(credited=2, cents=-1700)


def give(festival: Festival, code: str = "KNEECAP", **wish: Any) -> StatementPaper:
    """Order the statement of a screening on paper."""
    screening_id = festival.screening_id(code)
    return festival.write(
        lambda session: print_statement(
            session, festival.posts[0], screening_id, operator_number=1, clock=festival.clock, **wish
        )
    )


def give_as_pdf(festival: Festival, folder: Path, **wish: Any) -> tuple[StatementPaper, Path]:
    return export_statement(
        festival.database,
        festival.posts[1],
        festival.screening_id("KNEECAP"),
        folder,
        operator_number=1,
        clock=festival.clock,
        **wish,
    )


def what_comes_out(festival: Festival) -> StatementPaper:
    """The last statement ordered, as its printer gets it."""
    jobs = [job for job in festival.rows(PrintJob) if job.document == DocumentKind.SCREENING_STATEMENT]
    job_id = jobs[-1].id

    def load(session: Session) -> StatementPaper:
        job = outbox.find_job(session, job_id)
        assert job is not None
        paper = load_paper(session, job, clock=festival.clock)
        assert isinstance(paper, StatementPaper)
        return paper

    return festival.read(load)


def on_paper(paper: StatementPaper | WeekPaper, columns: int = 48) -> str:
    """Its text, unfolded."""
    return " ".join(to_plain(paper, columns).replace("\N{NO-BREAK SPACE}", " ").split())


def figures(paper: StatementPaper) -> dict[str, Any]:
    return {name: getattr(paper, name) for name in ("tariffs", "passes", "numbers", "reserved", "capacity")}


def told(festival: Festival, kind: JournalKind = JournalKind.STATEMENT_ISSUED) -> list[dict[str, Any]]:
    return [json.loads(entry.content) for entry in festival.rows(JournalEntry) if entry.kind == kind]


def fault(festival: Festival) -> str | None:
    found = festival.read(verify).fault
    return None if found is None else str(found)


@pytest.fixture
def credit_two(festival: Festival) -> Callable[[], None]:
    """A cancelled screening whose end is past, with three seats sold: what then credits two of them."""
    lea = customer(festival)
    sale = sell_to(festival, lea, festival.seat_line(quantity=3))
    waiting = asked(festival, sale, [1, 2])
    call_off(festival)
    festival.clock.advance(AFTERWARDS)
    return lambda: void(accepted(festival, waiting))


def void(_outcome: object) -> None:
    """Nothing of what was done is wanted."""


def test_a_copy_shows_the_figures_of_the_original_and_what_came_since(
    festival: Festival, credit_two: Callable[[], None]
) -> None:
    original = give(festival)
    assert (original.sold, original.takings_cents, original.copy_number) == (3, 2550, 0)
    issued_at = festival.clock.now()
    festival.clock.advance(timedelta(minutes=5))
    credit_two()
    copy = give(festival)
    assert (copy.copy_number, copy.at, copy.since) == (1, issued_at, TWO_CREDITED)
    paper = what_comes_out(festival)
    assert figures(paper) == figures(original)
    assert "DUPLICATA n° 1" in on_paper(paper)
    assert "Depuis l'original : 2 avoirs, -17,00 €" in on_paper(paper)
    assert (
        festival.read(
            lambda session: read_statement(session, festival.screening_id("KNEECAP"), at=festival.clock.now())
        ).takings_cents
        == 850
    )
    festival.stands()


def test_a_copy_of_what_nothing_came_after_says_nothing_of_it(festival: Festival) -> None:
    festival.sell()
    festival.clock.advance(AFTERWARDS)
    give(festival)
    assert not give(festival).since
    assert "Depuis" not in on_paper(what_comes_out(festival))
    assert "Copie" not in on_paper(show(festival))


def test_an_original_that_waits_for_its_printer_comes_out_as_it_was_issued(
    festival: Festival, credit_two: Callable[[], None]
) -> None:
    give(festival)
    credit_two()
    paper = what_comes_out(festival)
    assert (paper.takings_cents, paper.copy_number, paper.copied_at) == (2550, 0, None)
    assert not paper.since


def test_papers_and_pdfs_are_numbered_in_one_series(festival: Festival, tmp_path: Path) -> None:
    festival.sell()
    festival.clock.advance(AFTERWARDS)
    first, original = give_as_pdf(festival, tmp_path)
    second = give(festival)
    third, copied = give_as_pdf(festival, tmp_path)
    assert [paper.copy_number for paper in (first, second, third)] == [0, 1, 2]
    assert [original.name, copied.name] == ["releve-KNEECAP.pdf", "releve-KNEECAP-duplicata-2.pdf"]
    assert original.read_bytes() != copied.read_bytes()
    assert [entry["file"] for entry in told(festival)] == [True]
    assert [entry["copy"] for entry in told(festival, JournalKind.DOCUMENT_REPRINTED)] == [1, 2]
    lines = festival.read(lambda session: list_outbox(session, festival.posts[1].till_id))
    written = [(line.copy_number, line.state_words, line.reason) for line in lines]
    assert written[:2] == [(2, "écrit", "Écrit en PDF."), (0, "écrit", "Écrit en PDF.")]
    festival.stands()


def test_a_pdf_before_the_end_is_provisional_and_takes_no_number(festival: Festival, tmp_path: Path) -> None:
    paper, path = give_as_pdf(festival, tmp_path)
    assert (paper.provisional, path.name) == (True, "releve-KNEECAP-provisoire.pdf")
    assert festival.count(PrintJob) == 0
    festival.clock.advance(AFTERWARDS)
    assert give(festival).copy_number == 0
    festival.stands()


def test_a_corrected_statement_takes_the_place_of_the_original_and_of_its_copies(
    festival: Festival, credit_two: Callable[[], None]
) -> None:
    give(festival)
    festival.clock.advance(timedelta(minutes=5))
    credit_two()
    corrected = give(festival, correct=True)
    assert (corrected.correction, corrected.copy_number, corrected.takings_cents) == (1, 0, 850)
    assert "RECTIFICATIF n° 1" in on_paper(corrected)
    assert "Annule et remplace l'original." in on_paper(corrected)
    assert on_paper(what_comes_out(festival)) == on_paper(corrected)
    festival.clock.advance(timedelta(minutes=5))
    copy = give(festival)
    assert (copy.correction, copy.copy_number, copy.takings_cents, bool(copy.since)) == (1, 1, 850, False)
    assert [entry["correction"] for entry in told(festival)] == [0, 1]
    festival.stands()


def test_nothing_is_corrected_where_nothing_changed_or_nothing_was_issued(festival: Festival) -> None:
    festival.sell()
    with pytest.raises(Refusal, match="encore rien à corriger"):
        give(festival, correct=True)
    festival.clock.advance(AFTERWARDS)
    give(festival)
    with pytest.raises(Refusal, match="Rien n'a changé"):
        give(festival, correct=True)
    assert len(told(festival)) == 1


def test_a_statement_made_under_a_clock_ahead_is_not_corrected_before_the_end(festival: Festival) -> None:
    festival.sell()
    now = festival.clock.now()
    festival.clock.advance(AFTERWARDS)
    give(festival)
    festival.clock.advance(now - festival.clock.now())
    festival.sell()
    assert give(festival).since == Since(issued=1, cents=850)
    with pytest.raises(Refusal, match="après la fin"):
        give(festival, correct=True)
    festival.clock.advance(AFTERWARDS)
    assert give(festival, correct=True).sold == 2
    festival.stands()


def test_the_week_of_an_exhibitor_is_issued_copied_and_corrected_alike(
    festival: Festival, credit_two: Callable[[], None], tmp_path: Path
) -> None:
    def declare(session: Session) -> int:
        session.execute(sa.update(table(Venue)).values(regime=Regime.CNC_EXHIBITOR))
        return find_exhibitor(session, "").venue_id

    venue_id = festival.write(declare)
    wednesday = festival.clock.now().date()
    festival.clock.advance(timedelta(days=8))

    def give_week(**wish: Any) -> WeekPaper:
        return festival.write(
            lambda session: print_week(
                session,
                festival.posts[0],
                venue_id,
                wednesday,
                operator_number=1,
                clock=festival.clock,
                **wish,
            )
        )

    original = give_week()
    assert (original.entries, original.takings_cents) == (3, 2550)
    credit_two()
    paper, (pdf, sheet) = export_week(
        festival.database,
        festival.posts[0],
        venue_id,
        wednesday,
        tmp_path,
        operator_number=1,
        clock=festival.clock,
    )
    assert (paper.films, paper.copy_number, paper.since) == (original.films, 1, TWO_CREDITED)
    assert pdf.name == f"semaine-{paper.number}-duplicata-1.pdf"
    assert "25,50" in sheet.read_text("utf-8-sig")
    assert "Depuis l'original : 2 avoirs, -17,00 €" in on_paper(paper)
    corrected = give_week(correct=True)
    assert (corrected.correction, corrected.entries, corrected.takings_cents) == (1, 1, 850)
    shown = festival.read(lambda session: show_week(session, venue_id, wednesday, at=festival.clock.now()))
    assert (shown.correction, shown.takings_cents) == (1, 850)
    festival.stands()


def test_what_a_version_before_issued_is_copied_as_of_today_and_says_so(
    festival: Festival, credit_two: Callable[[], None]
) -> None:
    """It told its totals alone, and none of its files had a number."""
    at, screening_id = festival.clock.now(), festival.screening_id("KNEECAP")

    def as_before(session: Session) -> None:
        about = {"document": DocumentKind.SCREENING_STATEMENT, "number": "KNEECAP", "provisional": False}
        totals = {"sold": 3, "booked": 0, "takings": 2550}
        for _file in range(2):
            told = {**about, **totals}
            journal.append(
                session, festival.posts[0], JournalKind.STATEMENT_ISSUED, told, at=at, operator_number=1
            )
        order_report(
            session, festival.posts[0].till_id, DocumentKind.SCREENING_STATEMENT, screening_id, at=at
        )

    festival.write(as_before)
    first = what_comes_out(festival)
    assert (first.provisional, first.copy_number, first.takings_cents) == (False, 0, 2550)
    festival.clock.advance(timedelta(minutes=5))
    credit_two()
    copy = give(festival)
    assert (copy.copy_number, copy.takings_cents) == (1, 850)
    assert copy.since == Since(issued=-2, cents=-1700, today=True)
    assert "Depuis l'original : 2 places prises de moins, -17,00 € (compté ici" in on_paper(copy)
    assert give(festival, correct=True).correction == 1
    festival.stands()


def test_the_list_says_what_became_of_a_statement(festival: Festival, tmp_path: Path) -> None:
    festival.sell(festival.seat_line(quantity=2))

    def state() -> StatementState:
        day = festival.clock.now().date()
        rows = festival.read(lambda session: list_statements(session, day, clock=festival.clock))
        return next(row.state for row in rows if row.code == "KNEECAP")

    def becomes(outcome: JobState) -> StatementState:
        job_id = festival.rows(PrintJob)[-1].id
        festival.write(
            lambda session: void(outbox.move(session, job_id, outcome, tuple(JobState), festival.clock))
        )
        return state()

    assert state() is StatementState.NOT_OVER
    give(festival)
    assert state() is StatementState.NOT_OVER
    festival.clock.advance(AFTERWARDS)
    assert state() is StatementState.TO_GIVE
    give(festival)
    assert state() is StatementState.ORDERED
    assert becomes(JobState.SENDING) is StatementState.ORDERED
    assert becomes(JobState.UNCERTAIN) is StatementState.UNCERTAIN
    assert becomes(JobState.ABANDONED) is StatementState.GIVEN_UP
    give_as_pdf(festival, tmp_path)
    assert state() is StatementState.ON_FILE
    give(festival)
    assert state() is StatementState.ORDERED
    assert becomes(JobState.PRINTED) is StatementState.ON_PAPER


def test_a_changed_screening_is_listed_as_changed_until_it_is_corrected(
    festival: Festival, credit_two: Callable[[], None]
) -> None:
    day = (festival.clock.now() - AFTERWARDS).date()

    def changed() -> list[str]:
        rows = festival.read(lambda session: list_statements(session, day, clock=festival.clock))
        return [row.code for row in rows if row.changed]

    give(festival)
    assert changed() == []
    credit_two()
    assert changed() == ["KNEECAP"]
    festival.clock.advance(timedelta(minutes=1))
    give(festival, correct=True)
    assert changed() == []


def test_statements_without_any_ticket_can_be_left_out(festival: Festival) -> None:
    """Not that of a screening whose only ticket came back, nor of one that a pass holder went to."""
    festival.reverse(festival.sell(festival.seat_line("ETERNAL")))
    book(festival, festival.sell_pass(), "KNEECAP")
    day = festival.clock.now().date()
    festival.clock.advance(timedelta(hours=15))

    def print_all(with_empty: bool) -> tuple[str, ...]:
        return festival.write(
            lambda session: print_waiting(
                session,
                festival.posts[0],
                day,
                operator_number=1,
                clock=festival.clock,
                with_empty=with_empty,
            )
        )

    assert print_all(with_empty=False) == ("ETERNAL", "KNEECAP")
    assert print_all(with_empty=True) == ("RENCONTRE",)


def test_what_came_after_a_statement_is_not_held_against_it(festival: Festival) -> None:
    """Sales, entries and bookings of both tills, told after it: it counted by numbers, not by clocks."""
    pass_id = festival.sell_pass()
    festival.sell(festival.seat_line(quantity=2))
    festival.sell(desk=festival.desks[1])
    before = festival.clock.now()
    festival.clock.advance(AFTERWARDS)
    give(festival)
    festival.clock.advance(before - festival.clock.now())
    festival.sell(festival.seat_line(tariff="REDUIT"), desk=festival.desks[1])
    book(festival, pass_id, "KNEECAP")
    for ticket in festival.rows(Ticket)[:2]:
        festival.write(
            lambda session, code=ticket.code: void(
                admit(session, festival.posts[1], code, "Porte A", clock=festival.clock)
            )
        )
    let_in(festival, pass_id, "Porte A")
    since = show(festival).since
    assert since == Since(issued=1, booked=1, used=3, cents=600)
    festival.stands()


def show(festival: Festival) -> StatementPaper:
    screening_id = festival.screening_id("KNEECAP")
    return festival.read(lambda session: show_statement(session, screening_id, at=festival.clock.now()))


def sign(festival: Festival, change: Callable[[dict[str, Any]], None]) -> None:
    """Issue a statement as the program would, but for what somebody changed of it before it was signed."""

    def work(session: Session) -> None:
        write_entry = journal.write_entry

        def altered(*args: Any, **words: Any) -> None:
            *others, content = args
            content = json.loads(json.dumps(content))
            change(content)
            write_entry(*others, content, **words)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(journal, "write_entry", altered)
            print_statement(
                session,
                festival.posts[0],
                festival.screening_id("KNEECAP"),
                operator_number=1,
                clock=festival.clock,
            )

    festival.write(work)


ALTERED: dict[str, Callable[[dict[str, Any]], None]] = {
    "issued": lambda told: told["figures"]["tariffs"][0].update(issued=9),
    "cancelled": lambda told: told["figures"]["tariffs"][0].update(cancelled=0),
    "credited": lambda told: told["figures"]["tariffs"][0].update(credited=2),
    "used": lambda told: told["figures"]["tariffs"][0].update(used=0),
    "price": lambda told: told["figures"]["tariffs"][0].update(price_cents=100),
    "rate": lambda told: told["figures"]["tariffs"][0].update(vat_rate=0),
    "label": lambda told: told["figures"]["tariffs"][0].update(label="Exonéré"),
    "category": lambda told: told["figures"]["tariffs"].pop(),
    "booked": lambda told: told["figures"]["passes"][0].update(booked=2),
    "entered": lambda told: told["figures"]["passes"][0].update(used=0),
    "numbers": lambda told: told["figures"]["numbers"][0].update(last="1-000009"),
    "operation": lambda told: told["until"][0].__setitem__(1, 1),
    "entry": lambda told: told["until"][0].__setitem__(2, told["until"][0][2] - 1),
    "screening": lambda told: told["figures"]["showing"].update(code="ETERNAL"),
    "sold": lambda told: told.update(sold=1),
    "takings": lambda told: told.update(takings=850),
    "correction": lambda told: told.update(correction=1),
}


@pytest.fixture
def over(festival: Festival) -> None:
    """A screening that is over, with tickets and a pass let in, one cancelled and one credited."""
    pass_id = festival.sell_pass()
    book(festival, pass_id, "KNEECAP")
    let_in(festival, pass_id, "Porte A")
    sale = sell_to(festival, customer(festival, PAUL), festival.seat_line(quantity=4))
    accepted(festival, asked(festival, sale, [4]))
    festival.reverse(festival.sell())
    first = festival.posts[0].till_id, 1
    code = next(row.code for row in festival.rows(Ticket) if (row.till_id, row.number) == first)
    festival.write(
        lambda session: void(admit(session, festival.posts[1], code, "Porte A", clock=festival.clock))
    )
    festival.sell(festival.seat_line(tariff="REDUIT"), desk=festival.desks[1])
    festival.clock.advance(AFTERWARDS)


@pytest.mark.usefixtures("over")
def test_a_statement_signed_as_it_is_verifies(festival: Festival) -> None:
    sign(festival, lambda _told: None)
    assert fault(festival) is None


@pytest.mark.usefixtures("over")
@pytest.mark.parametrize("what", ALTERED)
def test_a_statement_that_the_books_did_not_bear_out_is_found(festival: Festival, what: str) -> None:
    sign(festival, ALTERED[what])
    found = fault(festival)
    assert found is not None
    assert "KNEECAP" in found


@pytest.mark.usefixtures("over")
def test_a_statement_that_leaves_out_what_its_till_knew_another_had_sold_is_found(festival: Festival) -> None:
    """It agrees with the books as they stood before that sale, which is not where it was made."""

    def forget_the_second_till(told: dict[str, Any]) -> None:
        told["until"] = told["until"][:1]
        told["figures"]["tariffs"] = [
            tariff for tariff in told["figures"]["tariffs"] if tariff["code"] == "PLEIN"
        ]
        told["figures"]["tariffs"][0]["used"] = 0
        told["figures"]["numbers"] = told["figures"]["numbers"][:1]
        told.update(sold=told["sold"] - 1, takings=told["takings"] - 600)

    give(festival, "ETERNAL")
    sign(festival, forget_the_second_till)
    found = fault(festival)
    assert found is not None
    assert "KNEECAP" in found


@pytest.mark.usefixtures("over")
def test_a_second_original_is_found(festival: Festival) -> None:
    sign(festival, lambda _told: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copies, "issued", lambda *_asked: ())
        give(festival)
    found = fault(festival)
    assert found is not None
    assert "originaux" in found


@pytest.mark.parametrize("times", [1, copies.PATIENCE - 1, copies.PATIENCE])
def test_whoever_sells_while_a_statement_is_read_is_counted_or_not_but_never_by_halves(
    festival: Festival, times: int
) -> None:
    """With too little patience for all of them, everybody is asked to wait."""
    if festival.database.is_sqlite:
        pytest.skip("nobody else writes while a statement is made")
    festival.sell()
    screening_id = festival.screening_id("KNEECAP")
    before = festival.clock.now()
    festival.clock.advance(AFTERWARDS)
    at = festival.clock.now()
    readings = Counter[str]()

    def give_while_selling(session: Session) -> StatementPaper:
        def read(moment: datetime) -> StatementPaper:
            paper = read_statement(session, screening_id, at=moment)
            readings["read"] += 1
            if readings["read"] <= times:
                line = festival.product_line() if readings["read"] < times else festival.seat_line()
                festival.clock.advance(before - festival.clock.now())
                festival.sell(line, desk=festival.desks[1])
                festival.clock.advance(AFTERWARDS)
            return paper

        series = copies.Series(
            StatementPaper, DocumentKind.SCREENING_STATEMENT, "KNEECAP", screening_id, read
        )
        return copies.give_out(session, festival.posts[0], series, copies.Way.FILE, at=at, operator_number=1)

    assert festival.write(give_while_selling).sold == 2
    assert readings["read"] == times + 1
    festival.stands()


@pytest.mark.parametrize("seed", [3, 8])
def test_statements_of_a_crowd_tell_what_the_raw_rows_came_to_and_are_borne_out(
    festival: Festival, seed: int
) -> None:
    """Issued in the middle of the crowd, some told again: plain Python over the rows as they were then."""
    expected: dict[str, Counter[tuple[str, int, str]]] = {}
    numbers: dict[str, dict[int, list[int]]] = {}
    codes = ("KNEECAP", "ETERNAL", "RENCONTRE")
    for turn, code in enumerate(codes):
        plan = Plan(15, seed=seed * 10 + turn, reversals=0.3)
        simulate(festival.database, festival.desks, plan, clock=festival.clock)
        now = festival.clock.now()
        festival.clock.advance(timedelta(hours=12))
        give(festival, code)
        festival.clock.advance(now - festival.clock.now())
        expected[code], numbers[code] = raw_counts(festival, code), raw_numbers(festival, code)
    assert any(expected.values())
    for entry in told(festival):
        found: Counter[tuple[str, int, str]] = Counter()
        for tariff in entry["figures"]["tariffs"]:
            for name in ("issued", "cancelled", "credited", "used"):
                found[tariff["code"], tariff["price_cents"], name] += tariff[name]
        assert +found == expected[entry["number"]]
        series = {
            row["till_number"]: [int(row["first"][2:]), int(row["last"][2:]), row["tickets"], row["missing"]]
            for row in entry["figures"]["numbers"]
        }
        assert series == {
            till: [of_till[0], of_till[-1], len(of_till), 0]
            for till, of_till in numbers[entry["number"]].items()
        }
        assert entry["takings"] == sum(
            count * price if name == "issued" else -count * price
            for (_code, price, name), count in found.items()
            if name != "used"
        )
    festival.stands()


def raw_numbers(festival: Festival, code: str) -> dict[int, list[int]]:
    """The numbers of its tickets, by till."""
    books = RawRows(festival.database)
    screening = next(row["id"] for row in books["screening"] if row["code"] == code)
    tills = {row["id"]: row["number"] for row in books["till"]}
    found: dict[int, list[int]] = {}
    for row in sorted(books["ticket"], key=lambda row: row["number"]):
        if row["screening_id"] == screening:
            found.setdefault(tills[row["till_id"]], []).append(row["number"])
    return found


def raw_counts(festival: Festival, code: str) -> Counter[tuple[str, int, str]]:
    """What each category has come to, from every row there is."""
    books = RawRows(festival.database)
    screening = next(row["id"] for row in books["screening"] if row["code"] == code)
    sales = books.by_id("sale")
    scanned = {(row["sale_id"], row["position"]) for row in books["ticketscan"]}
    counts: Counter[tuple[str, int, str]] = Counter()
    for row in books["saleline"]:
        if row["screening_id"] != screening:
            continue
        kind = str(sales[row["sale_id"]]["kind"])
        name = "issued" if row["quantity"] > 0 else "cancelled" if kind == "reversal" else "credited"
        counts[row["tariff_code"], row["unit_price_cents"], name] += 1
        counts[row["tariff_code"], row["unit_price_cents"], "used"] += (
            row["sale_id"],
            row["position"],
        ) in scanned
    return +counts
