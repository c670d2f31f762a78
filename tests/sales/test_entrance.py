"""The first scan lets in; every other one says when and where the first was."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from boxoffice.errors import Refusal
from boxoffice.models import JournalEntry, Ticket, TicketScan
from boxoffice.sales.entrance import Admission, admit
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house


@pytest.fixture(autouse=True)
def _the_house_stands(festival: Festival) -> Iterator[None]:
    yield
    festival.read(check_the_house)


def scan(festival: Festival, code: str, door: str = "Porte A", till: int = 0) -> Admission:
    return festival.write(
        lambda session: admit(session, festival.posts[till], code, door, clock=festival.clock)
    )


def refused(festival: Festival, code: str) -> str:
    before = festival.everything()
    with pytest.raises(Refusal) as refusal:
        scan(festival, code, "Porte B")
    assert festival.everything() == before
    return refusal.value.message


def test_the_first_scan_lets_in_and_the_journal_tells_it(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line("ETERNAL"))
    (ticket,) = festival.rows(Ticket)
    admission = scan(festival, ticket.code)
    assert (admission.number, admission.event_title) == ("1-000001", "The Eternal Daughter")
    assert admission.at == festival.clock.now()
    (told,) = (
        json.loads(row.content) for row in festival.rows(JournalEntry) if row.kind == "ticket.admitted"
    )
    assert (told["door"], told["sale_id"], told["position"]) == ("Porte A", str(sold.sale_id), 1)


def test_a_code_is_read_however_the_scanner_writes_it(festival: Festival) -> None:
    festival.sell()
    (ticket,) = festival.rows(Ticket)
    assert scan(festival, f"  {ticket.code[:10].lower()} {ticket.code[10:]}\n").number == "1-000001"


def test_the_second_scan_is_told_of_the_first(festival: Festival) -> None:
    festival.sell()
    (ticket,) = festival.rows(Ticket)
    scan(festival, ticket.code)
    festival.clock.advance(timedelta(minutes=5))
    assert refused(festival, ticket.code) == "Ce billet a déjà servi mer. 21 janv. à 12:00, Porte A."


def test_a_reversed_ticket_lets_nobody_in(festival: Festival) -> None:
    festival.reverse(festival.sell())
    (ticket,) = festival.rows(Ticket)
    assert refused(festival, ticket.code) == "Ce billet a été annulé : il ne donne plus accès à la salle."


@pytest.mark.parametrize("code", ["", "BONJOUR", "1-000001", "G" + "B" * 30, "T" + "A" * 30, "T" + "B" * 29])
def test_what_is_no_ticket_is_refused(festival: Festival, code: str) -> None:
    assert refused(festival, code) == "Ce code n'est pas celui d'un billet."


def test_a_ticket_of_another_festival_is_unknown(festival: Festival) -> None:
    assert refused(festival, "T" + "B" * 30) == "Ce billet est inconnu."


def test_of_many_doors_at_once_one_lets_in(festival: Festival) -> None:
    for _turn in range(5):
        sold = festival.sell(festival.seat_line(tariff="INVIT"))
        code = next(row.code for row in festival.rows(Ticket) if row.sale_id == sold.sale_id)

        def attempt(door: int, code: str = code) -> bool:
            try:
                scan(festival, code, f"Porte {door}", door % 2)
            except Refusal:
                return False
            return True

        with ThreadPoolExecutor(4) as threads:
            assert sum(threads.map(attempt, range(4))) == 1
    assert festival.count(TicketScan) == 5
