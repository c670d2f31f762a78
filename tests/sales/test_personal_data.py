"""A copy of what is known of a customer, and erasure that leaves nothing of them but the books."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from boxoffice.config import Settings, settings_in
from boxoffice.database import Database
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import PassTrouble
from boxoffice.log_file import keep_log
from boxoffice.models import (
    Customer,
    JobState,
    JournalEntry,
    ParkedBasket,
    Pass,
    PrintJob,
    Sale,
    Ticket,
    TicketHolder,
    metadata,
    table,
)
from boxoffice.money import format_euros
from boxoffice.printing.erasing import leave_no_trace, remove_files
from boxoffice.printing.layouts import lay_out
from boxoffice.printing.outbox import PrinterQueue, Turn
from boxoffice.printing.printers import Driver, open_printer
from boxoffice.sales.basket import name_customer
from boxoffice.sales.books.verification import verify
from boxoffice.sales.checkout import checkout
from boxoffice.sales.holders.badge_batches import FOUND, OrderBatch, order_batch
from boxoffice.sales.holders.badge_selection import BadgeSelection
from boxoffice.sales.holders.badges import print_bookings
from boxoffice.sales.holders.bookings import Book, book
from boxoffice.sales.holders.pass_care import BlockPass, block
from boxoffice.sales.parking import park
from boxoffice.sales.people.customer_changes import CreateCustomer, create_customer, merge_customers
from boxoffice.sales.people.customer_copy import copy_paths, export_customer, write_copy
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.people.customer_record import CustomerRecord, open_record
from boxoffice.sales.people.customers import find_customers
from boxoffice.sales.people.personal_data import (
    HELD_NAMES,
    erase_customers,
    erase_inactive,
    inactive_customers,
)
from boxoffice.sales.prints import outbox
from boxoffice.sales.prints.outbox import Job, PrinterSettings
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.papers import DocumentKind, TicketPaper
from boxoffice.sales.reserving.reservation_slip import print_slip
from boxoffice.sales.staff.rules import BadgePolicy
from boxoffice.sqlite import copy_sqlite
from tests.sales import pass_life
from tests.sales.conftest import Festival
from tests.sales.test_reservations import take_seats

SURNAME, FIRST_NAME, EMAIL = "Quiquengrogne", "Zénobie", "zenobie@quiquengrogne.example"
ZENOBIE = CustomerDetails(
    SURNAME,
    FIRST_NAME,
    birth_date=date(1987, 3, 5),
    phone="06 98 76 54 32",
    email=EMAIL,
    postcode="49000",
    town="Angers",
)
TRACES = ("quiquengrogne", "zénobie", "zenobie", "06 98 76", "0698765432", "1987-03-05")


def write_down(festival: Festival, details: CustomerDetails) -> UUID:
    command = CreateCustomer(uuid4(), details)
    return festival.write(
        lambda session: create_customer(session, command, festival.desk, clock=festival.clock)
    ).id


def sell_to(festival: Festival, customer_id: UUID, *lines: object) -> UUID:
    """A sale in the name of a customer; its id."""
    order = festival.order(*lines)  # type: ignore[arg-type]
    named = replace(order, basket=name_customer(order.basket, customer_id, f"{FIRST_NAME} {SURNAME}"))
    festival.write(lambda session: checkout(session, named, festival.desk, clock=festival.clock))
    return order.sale_id


@pytest.fixture
def zenobie(festival: Festival) -> UUID:
    """A customer who bought a named ticket and a pass, booked on it, and left a basket waiting."""
    zenobie = write_down(festival, ZENOBIE)
    evening = festival.seat_line("RENCONTRE", holders=(f"{FIRST_NAME} {SURNAME}",), nominative=True)
    line = replace(festival.pass_line(), holder_id=zenobie, holder=ZENOBIE)
    sell_to(festival, zenobie, evening, line)
    command = Book((uuid4(),), line.pass_id, festival.screening_id("KNEECAP2"))
    festival.write(lambda session: book(session, command, festival.desk, clock=festival.clock))
    waiting = name_customer(festival.basket(festival.seat_line()), zenobie, f"{FIRST_NAME} {SURNAME}")
    festival.write(lambda session: park(session, waiting, "revient", festival.desk, clock=festival.clock))
    other = festival.basket(replace(festival.pass_line(), holder=ZENOBIE))
    festival.write(lambda session: park(session, other, "pass", festival.desk, clock=festival.clock))
    anonymous = festival.basket(festival.seat_line())
    festival.write(lambda session: park(session, anonymous, "", festival.desk, clock=festival.clock))
    return zenobie


def opened(festival: Festival, customer_id: UUID) -> CustomerRecord:
    return festival.write(
        lambda session: open_record(session, customer_id, festival.desk, clock=festival.clock)
    )


def erase(festival: Festival, *customer_ids: UUID) -> int:
    return festival.write(
        lambda session: erase_customers(
            session, customer_ids, festival.desk.post, manager=festival.manager, clock=festival.clock
        )
    )


def told(festival: Festival, kind: str) -> list[dict[str, object]]:
    entries = festival.rows(JournalEntry)
    return [json.loads(entry.content) for entry in entries if entry.kind == kind]


def traces(text: str) -> list[str]:
    lowered = text.lower()
    return [trace for trace in TRACES if trace in lowered]


def test_one_record_shows_all_that_a_customer_bought_and_holds(festival: Festival, zenobie: UUID) -> None:
    record = opened(festival, zenobie)
    assert record.details == ZENOBIE
    assert [held.left for held in record.passes] == [19]
    assert [seat.event_title for held in record.passes for seat in held.seats] == ["Kneecap"]
    assert [[line.label for line in sale.lines] for sale in record.sales] == [
        ["Plein", "Pass individuel 20 places"]
    ]
    assert told(festival, "customer.opened")[0]["customer"] == str(zenobie)
    assert told(festival, "customer.opened")[0]["operator"] == festival.cashier.number


def test_the_record_of_two_cards_made_one_has_the_sales_of_both(festival: Festival, zenobie: UUID) -> None:
    kept = write_down(festival, CustomerDetails("Autre"))
    sell_to(festival, kept, festival.seat_line())
    festival.write(
        lambda session: merge_customers(
            session, zenobie, kept, festival.desk, manager_id=festival.manager.id, clock=festival.clock
        )
    )
    assert len(opened(festival, kept).sales) == 2
    assert opened(festival, zenobie).id == kept


def test_a_copy_holds_everything_for_programs_and_for_eyes(
    festival: Festival, zenobie: UUID, tmp_path: Path
) -> None:
    record = festival.write(
        lambda session: export_customer(
            session, zenobie, festival.desk.post, operator_number=2, clock=festival.clock
        )
    )
    details = replace(record.details, surname="<b>Qui & Cie</b>")
    data, page = write_copy(replace(record, details=details), tmp_path / "copies", festival.clock.now())
    copied = json.loads(data.read_text("utf-8"))
    assert copied["coordonnées"]["date de naissance"] == "05/03/1987"
    assert copied["pass"][0]["places prises"] == 1
    assert copied["réservations sur pass"][0]["film"] == "Kneecap"
    assert copied["achats"][0]["lignes"][0]["au nom de"] == "Zénobie Quiquengrogne"
    assert copied["achats"][0]["total"] == format_euros(9850)
    assert "&lt;b&gt;Qui &amp; Cie&lt;/b&gt;" in page.read_text("utf-8")
    assert "Pass individuel 20 places" in page.read_text("utf-8")
    assert data.stat().st_mode & 0o077 == page.stat().st_mode & 0o077 == 0
    assert traces(f"{data.name} {page.name}") == []
    assert told(festival, "customer.exported")[0]["customer"] == str(zenobie)


@pytest.mark.parametrize(("kept", "left"), [("lost", "lost"), (f"{SURNAME} est malade", "")])
def test_why_a_pass_was_blocked_is_kept_unless_somebody_wrote_it(
    festival: Festival, zenobie: UUID, kept: str, left: str
) -> None:
    festival.write(lambda session: session.execute(update(table(Pass)).values(state_reason=kept)))
    erase(festival, zenobie)
    assert festival.rows(Pass)[0].state_reason == left


def test_only_a_manager_erases(festival: Festival, zenobie: UUID) -> None:
    with pytest.raises(ManagerNeeded):
        festival.write(
            lambda session: erase_customers(
                session, [zenobie], festival.desk.post, manager=festival.cashier, clock=festival.clock
            )
        )
    assert opened(festival, zenobie).details == ZENOBIE


def test_who_is_erased_is_found_and_opened_no_more(festival: Festival, zenobie: UUID) -> None:
    number = festival.rows(Pass)[0].number
    assert erase(festival, zenobie) == 1
    for text in ("quiquengrogne", "0698765432", EMAIL, number, ""):
        assert festival.read(lambda session, text=text: find_customers(session, text)) == ()
    with pytest.raises(Refusal, match="n'existe plus"):
        opened(festival, zenobie)
    with pytest.raises(Refusal, match="n'existe plus"):
        erase(festival, zenobie)


def test_erasing_everybody_leaves_the_books_and_no_name_anywhere(
    festival: Festival, zenobie: UUID, tmp_path: Path
) -> None:
    folder = tmp_path / "post"
    keep_log(folder)
    settings = settings_in(folder)
    _reserve_and_ask_for_papers(festival, zenobie)
    anonymous = festival.sell().sale_id
    _print_out(festival, settings)
    printed = sorted(settings.spool_folder.iterdir())
    assert len(printed) == 2 * festival.count(PrintJob)
    record = opened(festival, zenobie)
    write_copy(record, settings.copies_folder, festival.clock.now())
    books = {name: rows for name, rows in festival.everything().items() if name in _BOOKS}
    totals = [(sale.number, sale.total_cents) for sale in festival.rows(Sale)]

    erase(festival, zenobie)
    leave_no_trace(festival.database, settings)

    assert {name: rows for name, rows in festival.everything().items() if name in _BOOKS} == books
    assert [(sale.number, sale.total_cents) for sale in festival.rows(Sale)] == totals
    assert festival.read(verify).fault is None
    everything = {name: repr(rows) for name, rows in festival.everything().items()}
    assert {name: traces(rows) for name, rows in everything.items() if traces(rows)} == {}
    assert festival.count(TicketHolder) == 0
    assert [row.note for row in festival.rows(ParkedBasket)] == [""]
    assert len(told(festival, "basket.discarded")) == 2
    for path in copy_paths(settings.copies_folder, zenobie):
        assert not path.exists()
    assert sorted(settings.spool_folder.iterdir()) == _files_of(festival, printed, anonymous)
    assert _reprinted(festival).holder == ""
    for kind in (DocumentKind.BADGE, DocumentKind.BOOKINGS):
        assert traces(_printed_again(festival, kind)) == []
    for path in (path for path in folder.rglob("*") if path.is_file()):
        assert traces(path.read_text("utf-8", "replace")) == [], path


_BOOKS = {"sale", "saleline", "payment", "ticket", "booking", "pass", "screening"}


def _reserve_and_ask_for_papers(festival: Festival, customer_id: UUID) -> None:
    """Seats reserved in her name and their slip; a seat given back too late, for a reason.

    The badges of all those who bear her name are ordered as a batch, with the list of what is booked on it.
    """
    reserved = take_seats(festival, ("KNEECAP", "PLEIN", 1), customer=ZENOBIE, customer_id=customer_id)
    desk, clock = festival.desk, festival.clock
    sold = festival.rows(Pass)[0].id
    seat = pass_life.book(festival, sold, "KNEECAP")
    pass_life.cancel(festival, *seat.booking_ids, authorized_by=festival.manager.id, reason="Grippe")
    rules = replace(desk.post.rules, badge=BadgePolicy.ON_REQUEST)
    for_later = replace(desk, post=replace(desk.post, rules=rules))
    order = festival.order(replace(festival.pass_line(), holder_id=customer_id, holder=ZENOBIE))
    festival.write(lambda session: checkout(session, order, for_later, clock=clock))
    hers = OrderBatch(uuid4(), BadgeSelection(words=SURNAME, unprinted=True), FOUND)

    def ask(session: Session) -> None:
        print_slip(session, desk, reserved.reference, clock=clock)
        print_bookings(session, desk, sold, clock=clock)
        assert order_batch(session, desk, hers, clock=clock).total == 1

    festival.write(ask)


def _print_out(festival: Festival, settings: Settings) -> None:
    """Bring every paper out of the virtual printer of the till."""
    till_id = festival.desk.post.till_id
    for printer_id in festival.read(lambda session: outbox.printers_of_till(session, till_id)):
        queue = PrinterQueue(
            festival.database,
            till_id,
            printer_id,
            settings.spool_folder,
            clock=festival.clock,
            news=lambda _news: None,
            open_printer=_in_a_hurry,
        )
        while queue.run_once() is Turn.WORKED:
            pass
    assert {job.state for job in festival.rows(PrintJob)} == {JobState.PRINTED}


def _in_a_hurry(settings: PrinterSettings, folder: Path, _learnt: object) -> Driver:
    """A virtual printer that does not take the time that paper takes."""
    driver = open_printer(settings, folder)
    driver.interrupt()
    return driver


def _files_of(festival: Festival, printed: Sequence[Path], sale_id: UUID) -> list[Path]:
    """The papers of a sale among those printed, and the slips of reservations, which name nobody."""
    stays = {
        job.id
        for job in festival.rows(PrintJob)
        if job.sale_id == sale_id or job.document == DocumentKind.RESERVATION
    }
    return [path for path in printed if int(path.name.partition("-")[0]) in stays]


def _printed_again(festival: Festival, document: DocumentKind) -> str:
    """All that a paper of the pass says, once it is known that it still fits."""
    sold = festival.rows(Pass)[0]
    job = Job(1, 1, None, document, None, 0, 1, JobState.QUEUED, "", pass_id=sold.id)
    paper = festival.read(lambda session: load_paper(session, job, clock=festival.clock))
    return "".join(repr(lay_out(paper, columns)) for columns in (32, 42, 48))


def _reprinted(festival: Festival) -> TicketPaper:
    def load(session: Session) -> TicketPaper:
        tickets = select(PrintJob).where(PrintJob.document == DocumentKind.TICKET)
        row = session.exec(tickets.order_by(col(PrintJob.id))).all()[0]
        fields = {name: getattr(row, name) for name in Job.__dataclass_fields__ if name != "document"}
        paper = load_paper(session, Job(**fields, document=DocumentKind.TICKET), clock=festival.clock)
        assert isinstance(paper, TicketPaper)
        return paper

    return festival.read(load)


def test_every_table_that_an_erasure_blanks_is_written_anew(festival: Festival, zenobie: UUID) -> None:
    """The former version of a row stays on the disk until then."""
    sold = festival.rows(Pass)[0].id
    trouble = BlockPass(sold, PassTrouble.OTHER, f"Prêté par {FIRST_NAME}")
    festival.write(lambda session: block(session, trouble, festival.desk, clock=festival.clock))
    before = festival.everything()
    erase(festival, zenobie)
    after = festival.everything()
    blanked = {name for name, rows in before.items() if not {*map(repr, rows)} <= {*map(repr, after[name])}}
    assert blanked - {"numbering", "storedvalue"} <= set(HELD_NAMES), "beside numbers and amounts"
    assert "pass" in blanked


def test_no_byte_of_who_is_erased_is_left_on_the_disk(
    festival: Festival, zenobie: UUID, tmp_path: Path
) -> None:
    for number in range(120):
        write_down(festival, CustomerDetails(f"{SURNAME}{number}", FIRST_NAME))
    assert zenobie in {row.id for row in festival.rows(Customer)}
    assert SURNAME.lower().encode() in _bytes(festival)
    erase(festival, *(row.id for row in festival.rows(Customer)))
    leave_no_trace(festival.database, settings_in(tmp_path / "post"))
    left = _bytes(festival)
    assert [trace for trace in TRACES if trace.encode() in left] == []


def test_exported_files_with_names_written_before_an_erasure_go_with_it(
    festival: Festival, zenobie: UUID, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path / "post")
    copies, exports = settings.copies_folder, settings.exports_folder
    before = [
        copies / "seance-1-KNEECAP.csv",
        copies / "portes-KNEECAP.pdf",
        exports / "carte-cadeau-7KDP.pdf",
        exports / "reprise-0a1b2c3d-1.txt",
    ]
    after = [copies / "seance-2-ETERNAL.csv", exports / "carte-cadeau-9XYZ.pdf"]
    others = [copies / "notes.txt", exports / "journee-2026-01-21.csv"]
    erased = festival.clock.now().timestamp()
    for paths, at in ((before, erased - 1), (after, erased + 1), (others, erased - 1)):
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(SURNAME)
            os.utime(path, (at, at))
    remove_files(festival.database, settings)
    assert all(path.exists() for path in before), "nobody was erased yet"
    erase(festival, zenobie)
    leave_no_trace(festival.database, settings)
    assert {*copies.iterdir(), *exports.iterdir()} == {*after, *others}


class Crowded(Database):
    """A database that others never leave alone."""

    def scour(self, *tables: str) -> None:
        raise TimeoutError(*tables)


def test_a_database_that_others_use_is_said_not_to_be_written_anew(
    festival: Festival, zenobie: UUID, tmp_path: Path
) -> None:
    erase(festival, zenobie)
    crowded = Crowded(festival.database.engine, festival.database.write_engine)
    with pytest.raises(Refusal, match="n'a pas pu être récrite"):
        leave_no_trace(crowded, settings_in(tmp_path))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_made_after_an_erasure_names_nobody(
    festival: Festival, zenobie: UUID, tmp_path: Path
) -> None:
    erase(festival, zenobie)
    leave_no_trace(festival.database, settings_in(tmp_path / "post"))
    copy_sqlite(Path(str(festival.database.engine.url.database)), tmp_path / "backup.sqlite")
    backup = (tmp_path / "backup.sqlite").read_bytes().lower()
    assert [trace for trace in TRACES if trace.encode() in backup] == []


def _bytes(festival: Festival) -> bytes:
    """All that the disk holds of the tables that name people, and of their indexes, in small letters."""
    if festival.database.is_sqlite:
        file = Path(str(festival.database.engine.url.database))
        return b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*"))).lower()
    with festival.database.write_engine.connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        files = connection.exec_driver_sql(
            "SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class WHERE relkind IN ('r', 'i')"
            " AND relname ~ 'customer|ticketholder|parkedbasket'"
        )
        return b"".join(bytes(content) for (content,) in files).lower()


def test_a_customer_is_inactive_three_years_to_the_day_after_anything(festival: Festival) -> None:
    quiet, buyer, holder = (
        write_down(festival, CustomerDetails(name)) for name in ("Discrète", "Acheteuse", "Porteuse")
    )
    festival.clock.at = datetime(2026, 1, 22, 11, tzinfo=UTC)
    line = replace(festival.pass_line(), holder_id=holder, holder=CustomerDetails("Porteuse"))
    sell_to(festival, buyer, line)
    festival.clock.at = datetime(2029, 1, 21, 11, tzinfo=UTC)
    assert _inactive(festival) == []
    festival.clock.advance(timedelta(seconds=1))
    assert _inactive(festival) == [quiet]
    festival.clock.at = datetime(2029, 1, 22, 11, 0, 1, tzinfo=UTC)
    assert set(_inactive(festival)) == {quiet, buyer, holder}


def test_an_inactive_customer_was_last_seen_when_they_bought_or_booked(festival: Festival) -> None:
    line = festival.pass_line(holder=CustomerDetails("Porteuse"))
    festival.sell(line)
    festival.clock.advance(timedelta(hours=2))
    command = Book((uuid4(),), line.pass_id, festival.screening_id("KNEECAP2"))
    festival.write(lambda session: book(session, command, festival.desk, clock=festival.clock))
    booked_at = festival.clock.now()
    festival.clock.at = datetime(2029, 2, 1, 11, tzinfo=UTC)
    (gone,) = festival.read(
        lambda session: inactive_customers(session, festival.desk.post, clock=festival.clock)
    )
    assert gone.last_seen_at == booked_at


def _inactive(festival: Festival) -> list[UUID]:
    found = festival.read(
        lambda session: inactive_customers(session, festival.desk.post, clock=festival.clock)
    )
    return [each.customer.id for each in found]


def test_the_inactive_are_erased_together_with_names_as_old(festival: Festival, zenobie: UUID) -> None:
    anonymous = festival.seat_line("RENCONTRE", holders=("Anna Nyme",), nominative=True)
    festival.sell(anonymous)
    festival.clock.advance(timedelta(days=3 * 366))
    recent = write_down(festival, CustomerDetails("Récente"))

    def erase_all(session: Session) -> int:
        return erase_inactive(session, festival.desk.post, manager=festival.manager, clock=festival.clock)

    assert festival.write(erase_all) == 1
    assert zenobie not in {row.id for row in festival.rows(Customer) if row.surname}
    assert [found.id for found in festival.read(lambda session: find_customers(session, ""))] == [recent]
    assert festival.count(TicketHolder) == 0
    assert festival.count(ParkedBasket) == 0
    assert festival.count(Ticket) == 2
    assert festival.write(erase_all) == 0
    assert festival.read(verify).fault is None


def test_many_customers_are_erased_at_one_go(festival: Festival) -> None:
    rows = [{"id": uuid4(), "surname": f"Nom{number}", "search": f"nom{number}"} for number in range(1_200)]
    at = festival.clock.now() - timedelta(days=5 * 366)
    unknown = dict.fromkeys(
        ("first_name", "organisation", "phone", "email", "postcode", "town", "country"), ""
    )
    with festival.database.write() as session:
        session.connection().execute(
            metadata.tables["customer"].insert(),
            [{**unknown, **row, "created_at": at, "seen_at": at} for row in rows],
        )
    erased = festival.write(
        lambda session: erase_inactive(
            session, festival.desk.post, manager=festival.manager, clock=festival.clock
        )
    )
    assert erased == 1_200
    assert [len(entry["customers"]) for entry in told(festival, "customer.erased")] == [500, 500, 200]  # type: ignore[arg-type]
    assert "Nom" not in repr(festival.rows(Customer))
