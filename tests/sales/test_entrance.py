"""The first scan lets in; every other one says when and where the first was."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from boxoffice.errors import Refusal
from boxoffice.models import JournalEntry, Screening, Ticket, TicketScan, table
from boxoffice.sales.screenings.doors import Admission
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.staff.rules import Rules
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


def at_the_doors(festival: Festival) -> Callable[[str, str], Admission]:
    """A scan at a post with the rules as they are by default."""
    post = replace(festival.posts[0], rules=Rules())

    def scan(code: str, door: str = "Porte A") -> Admission:
        return festival.write(lambda session: admit(session, post, code, door, clock=festival.clock))

    return scan


def test_the_doors_open_some_time_before_the_screening_and_not_earlier(festival: Festival) -> None:
    festival.sell()
    (ticket,) = festival.rows(Ticket)
    scan = at_the_doors(festival)
    festival.clock.at = ticket.starts_at - timedelta(minutes=91)
    before = festival.everything()
    with pytest.raises(Refusal) as refused:
        scan(ticket.code)
    assert refused.value.message == (
        "Il est trop tôt pour Kneecap : les portes ouvrent le mer. 21 janv. à 18 h 30."
    )
    assert festival.everything() == before
    festival.clock.advance(timedelta(minutes=1))
    assert scan(ticket.code).event_title == "Kneecap"


def test_a_ticket_is_worth_nothing_an_hour_after_the_end(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=2))
    first, second = festival.rows(Ticket)
    scan = at_the_doors(festival)
    festival.clock.at = first.starts_at + timedelta(minutes=105 + 60)
    assert scan(first.code).at == festival.clock.now()
    festival.clock.advance(timedelta(seconds=1))
    with pytest.raises(
        Refusal, match=r"Kneecap est terminé depuis le mer. 21 janv. à 21 h 45 : ce billet ne donne"
    ):
        scan(second.code)


def test_a_ticket_of_several_days_lets_in_until_the_last(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=2))
    first, second = festival.rows(Ticket)
    ends_at = first.starts_at + timedelta(days=3)
    festival.write(lambda session: session.execute(table(Screening).update().values(ends_at=ends_at)))
    scan = at_the_doors(festival)
    festival.clock.at = ends_at
    scan(first.code)
    festival.clock.advance(timedelta(minutes=61))
    with pytest.raises(Refusal, match="est terminé depuis"):
        scan(second.code)


@pytest.mark.parametrize("door", ["", "  ", "\x1b\x07"])
def test_a_scan_says_at_which_door(festival: Festival, door: str) -> None:
    festival.sell()
    (ticket,) = festival.rows(Ticket)
    with pytest.raises(Refusal, match=r"Il manque le nom de la porte."):
        scan(festival, ticket.code, door)
    with pytest.raises(IntegrityError):
        festival.write(
            lambda session: session.execute(
                table(TicketScan)
                .insert()
                .values(sale_id=ticket.sale_id, position=1, at=festival.clock.now(), door="")
            )
        )


def test_a_code_is_read_however_the_scanner_writes_it(festival: Festival) -> None:
    festival.sell()
    (ticket,) = festival.rows(Ticket)
    assert scan(festival, f"  {ticket.code[:10].lower()} {ticket.code[10:]}\n").number == "1-000001"


def test_the_second_scan_is_told_of_the_first(festival: Festival) -> None:
    festival.sell()
    (ticket,) = festival.rows(Ticket)
    scan(festival, ticket.code)
    festival.clock.advance(timedelta(minutes=5))
    assert refused(festival, ticket.code) == "Ce billet a déjà servi le mer. 21 janv. à 12 h 00, Porte A."


def test_a_reversed_ticket_lets_nobody_in(festival: Festival) -> None:
    festival.reverse(festival.sell())
    (ticket,) = festival.rows(Ticket)
    assert refused(festival, ticket.code) == "Ce billet a été annulé : il ne donne plus accès à la salle."


@pytest.mark.parametrize("code", ["", "BONJOUR", "1-000001", "G" + "B" * 30, "T" + "A" * 30, "T" + "B" * 29])
def test_what_is_no_ticket_is_refused(festival: Festival, code: str) -> None:
    assert refused(festival, code) == "Ce code n'est celui ni d'un billet ni d'un pass."


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
