"""Who may come in when the power is cut: everybody once, and the journal tells who looked."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from boxoffice.config import settings_in
from boxoffice.exporting.papers import export_doors
from boxoffice.exporting.tables import FileKind, export_customers
from boxoffice.kinds import PassTrouble
from boxoffice.models import JournalEntry, PrintJob, Ticket
from boxoffice.printing.erasing import remove_files
from boxoffice.printing.rendering import to_plain
from boxoffice.sales.holders import pass_care
from boxoffice.sales.holders.pass_care import BlockPass
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.people.personal_data import erase_customers, traces_of_erased
from boxoffice.sales.prints import outbox
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.statement_papers import DoorListPaper
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.statements.door_list import open_doors, print_doors, read_doors
from boxoffice.sales.statements.screening_statement import read_statement
from tests.sales.conftest import Festival
from tests.sales.credit_life import asked, customer
from tests.sales.pass_life import book
from tests.sales.raw_rows import RawRows
from tests.sales.test_reservations import take_seats

ZOE = CustomerDetails("Martin", "Zoé", email="zoe@example.fr")
LUC = CustomerDetails("Morel", "Luc")


def doors(festival: Festival, code: str = "KNEECAP") -> DoorListPaper:
    screening_id = festival.screening_id(code)
    return festival.read(lambda session: read_doors(session, screening_id, at=festival.clock.now()))


def let_in(festival: Festival, number: int) -> None:
    code = next(row.code for row in festival.rows(Ticket) if row.number == number)
    festival.write(lambda session: admit(session, festival.posts[0], code, "Porte A", clock=festival.clock))


def test_only_tickets_that_open_the_door_are_listed(festival: Festival) -> None:
    sale = festival.sell(festival.seat_line(quantity=3))
    festival.reverse(sale, 2)
    asked(festival, sale, [3], customer_id=customer(festival))
    festival.sell(festival.seat_line("ETERNAL"))
    let_in(festival, 1)
    assert [(each.number, each.used) for each in doors(festival).tickets] == [("1-000001", True)]


def test_names_are_those_of_nominative_tickets_passes_and_reservations(festival: Festival) -> None:
    festival.sell(festival.seat_line("RENCONTRE", quantity=2, holders=("Nadia K.", "Tom B.")))
    shared = festival.pass_line("PASS6", LUC)
    festival.sell(shared)
    book(festival, shared.pass_id, "RENCONTRE", 2)
    take_seats(festival, ("RENCONTRE", "PLEIN", 1))
    paper = doors(festival, "RENCONTRE")
    assert [each.holder for each in paper.tickets] == ["Nadia K.", "Tom B."]
    assert [(each.holder, each.seats) for each in paper.passes] == [("MOREL Luc", 2)]
    assert [(each.holder, each.seats, each.due_cents) for each in paper.reservations] == [
        ("DUPONT Léa", 1, 850)
    ]
    printed = to_plain(paper, 42)
    assert "[ ][ ] MOREL Luc" in printed
    assert "[ ] 1-000001 Nadia K." in printed.replace("\u00a0", " ")
    assert "Attendus / jauge                     4 / 5" in printed


def test_what_was_reserved_until_a_moment_that_is_past_is_expected_no_more(festival: Festival) -> None:
    """Nobody has let go of it yet: the door list and the statement go by the moment, not by who was there."""
    reserved = take_seats(festival, ("KNEECAP", "PLEIN", 2))
    assert reserved.expires_at is not None

    def expected() -> tuple[int, int]:
        screening_id, at = festival.screening_id("KNEECAP"), festival.clock.now()
        statement = festival.read(lambda session: read_statement(session, screening_id, at=at))
        return doors(festival).reserved, statement.reserved

    festival.clock.at = reserved.expires_at
    assert expected() == (2, 2)
    festival.clock.at = reserved.expires_at + timedelta(seconds=1)
    assert expected() == (0, 0)


def test_a_blocked_pass_is_sent_to_the_desk(festival: Festival) -> None:
    pass_id = festival.sell_pass(ZOE)
    book(festival, pass_id, "KNEECAP")

    def block(session: Session) -> None:
        pass_care.block(session, BlockPass(pass_id, PassTrouble.LOST), festival.desk, clock=festival.clock)

    festival.write(block)
    assert [each.blocked for each in doors(festival).passes] == [True]
    assert "BLOQUÉ" in to_plain(doors(festival), 42)


def test_looking_printing_and_writing_are_told_each_time(festival: Festival, tmp_path: Path) -> None:
    festival.sell()
    screening_id = festival.screening_id("KNEECAP")
    post, clock = festival.posts[0], festival.clock
    festival.write(lambda session: open_doors(session, post, screening_id, operator_number=1, clock=clock))
    festival.write(lambda session: print_doors(session, post, screening_id, operator_number=1, clock=clock))
    _paper, path = export_doors(
        festival.database, post, screening_id, tmp_path / "copies", operator_number=1, clock=clock
    )
    assert (path.name, path.stat().st_mode & 0o777) == ("portes-KNEECAP.pdf", 0o600)
    told = [row for row in festival.rows(JournalEntry) if row.kind == "screening.list_exported"]
    assert len(told) == 3
    assert all('"operator":1' in row.content and '"screening":"KNEECAP"' in row.content for row in told)
    job_id = festival.rows(PrintJob)[-1].id

    def load(session: Session) -> DoorListPaper:
        job = outbox.find_job(session, job_id)
        assert job is not None
        paper = load_paper(session, job, clock=clock)
        assert isinstance(paper, DoorListPaper)
        return paper

    assert festival.read(load) == doors(festival)
    festival.stands()


def test_lists_with_names_go_with_whoever_is_erased(festival: Festival, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    post, clock = festival.posts[0], festival.clock
    lea, screening_id = customer(festival), festival.screening_id("KNEECAP")
    festival.write(lambda session: print_doors(session, post, screening_id, operator_number=1, clock=clock))
    job = festival.rows(PrintJob)[-1]
    _paper, doors_file = export_doors(
        festival.database, post, screening_id, settings.copies_folder, operator_number=1, clock=clock
    )
    list_file = export_customers(
        festival.database, post, settings.copies_folder, FileKind.CSV, manager=festival.manager, clock=clock
    )
    assert festival.read(traces_of_erased).jobs == frozenset()
    festival.clock.at = festival.clock.at.replace(year=2100)
    festival.write(
        lambda session: erase_customers(session, [lea], post, manager=festival.manager, clock=clock)
    )
    settings.spool_folder.mkdir(parents=True)
    printed = settings.spool_folder / f"{job.id:06d}-door_list-KNEECAP.png"
    printed.touch()
    remove_files(festival.database, settings)
    assert not any(file.exists() for file in (doors_file, list_file, printed))
    clock.advance(timedelta(minutes=1))
    festival.write(lambda session: print_doors(session, post, screening_id, operator_number=1, clock=clock))
    assert festival.read(traces_of_erased).jobs == frozenset({job.id})


@pytest.mark.usefixtures("full_books")
def test_every_list_holds_who_may_come_in_and_nobody_else(festival: Festival) -> None:
    """Plain Python over the raw rows: nothing is shared with what is tested."""
    books = RawRows(festival.database)
    undone = {(row["reverses_sale_id"], row["reverses_position"]) for row in books["saleline"]}
    answered = {row["request_id"] for row in books["creditanswer"]}
    asked_back = {
        (row["sale_id"], row["position"]) for row in books["creditrequest"] if row["id"] not in answered
    }
    tills, ended = books.by_id("till"), {row["booking_id"] for row in books["bookingend"]}
    passes, names = books.by_id("pass"), books.by_id("customer")
    listed = 0
    for screening in books["screening"]:
        paper = doors(festival, screening["code"])
        standing = {
            f"{tills[row['till_id']]['number']}-{row['number']:06d}"
            for row in books["ticket"]
            if row["screening_id"] == screening["id"]
            and (row["sale_id"], row["position"]) not in undone | asked_back
        }
        assert {each.number for each in paper.tickets} == standing
        booked = [
            passes[row["pass_id"]]
            for row in books["booking"]
            if row["screening_id"] == screening["id"] and row["id"] not in ended
        ]
        assert sum(each.seats for each in paper.passes) == len(booked)
        assert {each.number for each in paper.passes} == {row["number"] for row in booked}
        surnames = {names[row["holder_id"]]["surname"].upper() for row in booked}
        assert {each.holder.split()[0] for each in paper.passes} == surnames
        held = [
            row
            for row in books["reservedseat"]
            if row["screening_id"] == screening["id"] and row["state"] == "held"
        ]
        assert paper.reserved == len(held)
        listed += len(paper.tickets) + paper.booked
    assert listed
