"""Texts that people give can be shown by any terminal: nothing in them commands it."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.models import Printer, PrinterKind, Role, Sale, TicketHolder
from boxoffice.sales.staff.equipment import AddPrinter, add_printer
from boxoffice.sales.staff.setup import AddTill, add_till, found_festival
from boxoffice.sales.staff.staff_changes import AddOperator, add_operator, list_operators
from boxoffice.sales.wording import is_one_line, one_line

from .conftest import Festival
from .test_setup import CLOCK, FESTIVAL

ERASE = "\x1b[2J"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  Zoé Lefèvre ", "Zoé Lefèvre"),
        (f"Knee{ERASE}cap", "Knee[2Jcap"),
        ("\x9b2JHamlet\x07", "2JHamlet"),
        ("deux\r\nlignes", "deux lignes"),
        ("une\u2028autre", "une autre"),
        ("nom\udcffcoupé", "nomcoupé"),
        ("家族 · café ½", "家族 · café ½"),
        (ERASE[:1], ""),
        ("\u202eeuqnab\u202c remise", "euqnab remise"),
        ("Li\u200bsa\u2060 B\u00ad.", "Lisa B."),
        ("\u2066Caisse\u2069 1\ufeff", "Caisse 1"),
        ("Li\u3164sa\U000e0041", "Lisa"),
        ("\u06dd سينما", "\u06dd سينما"),
    ],
)
def test_a_text_keeps_what_can_be_read_on_one_line(text: str, shown: str) -> None:
    assert one_line(text) == shown


@given(st.text())
def test_one_line_of_anything_is_one_line(text: str) -> None:
    assert is_one_line(one_line(text))
    assert one_line(one_line(text)) == one_line(text)
    assert len(one_line(text).splitlines()) <= 1


def test_a_festival_is_set_up_without_what_would_command_a_terminal(
    database: Database, tmp_path: Path
) -> None:
    command = replace(FESTIVAL, festival=f"Premiers{ERASE} Plans", manager_name="Lisa\x07 B.")
    with database.write() as session:
        post = found_festival(session, command, key_path=tmp_path / "till-1.pem", clock=CLOCK)
        add_operator(session, post, AddOperator(f"Karim{ERASE}", Role.CASHIER, "2345"), clock=CLOCK)
        till = add_till(session, AddTill(2, f"Hall{ERASE}"), key_path=tmp_path / "till-2.pem", clock=CLOCK)
        assert [row.name for row in list_operators(session)] == ["Lisa B.", "Karim[2J"]
        assert till.till_name == "Hall[2J"
    with pytest.raises(Refusal, match="Il manque le nom"), database.write() as session:
        add_operator(session, post, AddOperator("\x1b\x07", Role.CASHIER, "2345"), clock=CLOCK)


def test_the_books_keep_no_control_character(festival: Festival) -> None:
    sale = festival.sell(festival.seat_line("RENCONTRE", holders=(f"Zoé{ERASE}",)))
    festival.reverse(sale, reason=f"{ERASE}erreur\nde séance")
    printer = AddPrinter(f"Guichet{ERASE}", PrinterKind.FILE, "billets.bin\n")
    festival.write(
        lambda session: add_printer(
            session, festival.desk.post, printer, clock=festival.clock, manager=festival.manager
        )
    )
    assert [holder.name for holder in festival.rows(TicketHolder)] == ["Zoé[2J"]
    assert {row.reason for row in festival.rows(Sale)} == {"", "[2Jerreur de séance"}
    assert ("Guichet[2J", "billets.bin") in {(row.name, row.address) for row in festival.rows(Printer)}


def test_a_name_of_nothing_to_read_is_no_name(festival: Festival) -> None:
    order = festival.order(festival.seat_line("RENCONTRE", holders=("\x1b",)))
    assert "il faut un nom par billet" in festival.refused(order).message
