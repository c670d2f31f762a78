"""Customers found by what they say or hold, written down once, corrected, and made one of two."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.log_file import NAME, keep_log
from boxoffice.models import Customer, JournalEntry, Pass, Ticket, table
from boxoffice.sales.basket import name_customer
from boxoffice.sales.books.numbers import paper_number
from boxoffice.sales.books.verification import verify
from boxoffice.sales.checkout import checkout
from boxoffice.sales.people.customer_changes import (
    CorrectCustomer,
    CreateCustomer,
    correct_customer,
    create_customer,
    merge_customers,
)
from boxoffice.sales.people.customer_details import CustomerDetails, WrongDetails, read_details, search_words
from boxoffice.sales.people.customers import FoundCustomer, find_customers, read_customer, usual_town
from boxoffice.sales.people.doubles import PossibleDoubles
from boxoffice.sales.people.personal_data import erase_customers
from tests.sales.conftest import Festival
from tests.sales.meanwhile import meanwhile

TODAY = date(2026, 1, 21)
LEA = CustomerDetails(
    "Dûpont-Lefèvre", "Léa", phone="06 12 34 56 78", email="lea@example.fr", postcode="49000", town="Angers"
)


def write_down(festival: Festival, details: CustomerDetails, *not_these: UUID, till: int = 0) -> UUID:
    command = CreateCustomer(uuid4(), details, frozenset(not_these))
    desk = festival.desks[till]
    return festival.write(lambda session: create_customer(session, command, desk, clock=festival.clock)).id


def found(festival: Festival, text: str) -> list[str]:
    customers = festival.read(lambda session: find_customers(session, text))
    return [customer.details.name for customer in customers]


def known(festival: Festival, customer_id: UUID) -> FoundCustomer:
    customer = festival.read(lambda session: read_customer(session, customer_id))
    assert customer is not None
    return customer


@pytest.mark.parametrize(
    "text",
    [
        "dupont",
        "DUPONT LEFEVRE",
        "lea dupont",
        "Léa",
        "lefevre",
        "lea@example",
        "06 12 34 56",
        "+33 6 12 34 56 78",
        "0612345678",
        "dupomt",
        "lea dupnt",
        "lefebre",
        "lae@example.fr",
    ],
)
def test_a_customer_is_found_misspelt_without_accents_or_by_their_phone(
    festival: Festival, text: str
) -> None:
    write_down(festival, LEA)
    write_down(festival, CustomerDetails("Zimmermann", "Otto", email="otto@example.de"))
    assert found(festival, text)[0] == "Léa Dûpont-Lefèvre"
    assert "Otto Zimmermann" not in found(festival, text)


def test_who_has_the_letters_typed_comes_before_who_nearly_has(festival: Festival) -> None:
    write_down(festival, CustomerDetails("Dupond", "Marc"))
    write_down(festival, CustomerDetails("Dupont", "Anne"))
    assert found(festival, "dupont") == ["Anne Dupont", "Marc Dupond"]


@pytest.mark.parametrize(("text", "far"), [("dupomt", False), ("lea dupnt", False), ("lea martin", True)])
def test_a_slip_of_the_hand_is_not_another_name(festival: Festival, text: str, far: bool) -> None:
    write_down(festival, CustomerDetails("Dupont", "Léa"))
    write_down(festival, CustomerDetails("Montgomery-de La Rochefoucauld", "Marie-Élisabeth"))
    customers = festival.read(lambda session: find_customers(session, text))
    assert [customer.far for customer in customers][:1] == [far]


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", "[/]", "\x1b[31m", "🎬", "--", "+"])
def test_strange_searches_find_nobody_and_break_nothing(festival: Festival, text: str) -> None:
    write_down(festival, LEA)
    assert found(festival, text) == []


def test_a_customer_is_found_by_the_number_and_the_code_of_their_pass(festival: Festival) -> None:
    festival.sell_pass(LEA)
    sold = festival.rows(Pass)[0]
    for text in (sold.number, sold.number[:9], sold.code, sold.code.lower()):
        assert found(festival, text) == ["Léa Dûpont-Lefèvre"]


@pytest.mark.parametrize("typed", ["W-100005", "w-100005", "W 100005", "w100005", "W-1000", "100005"])
def test_a_customer_is_found_by_the_number_that_their_pass_had_before_it_came_in_a_file(
    festival: Festival, typed: str
) -> None:
    festival.sell_pass(LEA)
    festival.sell_pass()
    lea = next(customer.id for customer in festival.rows(Customer) if customer.surname == LEA.surname)
    of_lea = table(Pass).update().where(table(Pass).c.holder_id == lea)
    festival.write(lambda session: session.execute(of_lea.values(number="W-100005")))
    assert found(festival, typed) == ["Léa Dûpont-Lefèvre"]


def test_a_customer_is_found_by_a_ticket_of_a_sale_in_their_name(festival: Festival) -> None:
    lea = write_down(festival, LEA)
    festival.sell()
    order = festival.order(festival.seat_line("ETERNAL"))
    named = type(order)(order.sale_id, name_customer(order.basket, lea, "Léa"), order.tenders)
    festival.write(lambda session: checkout(session, named, festival.desk, clock=festival.clock))
    ticket = next(ticket for ticket in festival.rows(Ticket) if ticket.sale_id == order.sale_id)
    assert found(festival, ticket.code) == ["Léa Dûpont-Lefèvre"]
    assert found(festival, paper_number(1, ticket.number)) == ["Léa Dûpont-Lefèvre"]
    assert found(festival, "1-000001") == []


def test_the_town_is_the_one_that_others_of_the_postcode_gave(festival: Festival) -> None:
    write_down(festival, LEA)
    assert festival.read(lambda session: usual_town(session, "49000")) == "Angers"
    assert festival.read(lambda session: usual_town(session, "75001")) == ""


def test_details_are_kept_in_their_usual_form() -> None:
    typed = {
        "surname": "  Le   Goff\x1b[31m ",
        "first_name": "Anaïs 🎬",
        "birth_date": "5.3.1987",
        "phone": "+33612345678",
        "email": "Anais.LeGoff@Example.FR",
        "postcode": "29200",
        "country": "",
    }
    assert read_details(typed, TODAY) == CustomerDetails(
        "Le Goff[31m",
        "Anaïs 🎬",
        birth_date=date(1987, 3, 5),
        phone="06 12 34 56 78",
        email="anais.legoff@example.fr",
        postcode="29200",
    )


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("surname", " "),
        ("surname", "A" * 81),
        ("birth_date", "31/02/1990"),
        ("birth_date", "demain"),
        ("birth_date", "22/01/2026"),
        ("birth_date", "01/01/1890"),
        ("phone", "12"),
        ("phone", "bonjour"),
        ("email", "lea@"),
        ("email", "lea@example"),
        ("email", "lea dupont@example.fr"),
        ("postcode", "4900"),
        ("postcode", "99000"),
        ("country", "Frnace"),
    ],
)
def test_what_is_wrong_is_told_of_its_field_alone(field: str, text: str) -> None:
    with pytest.raises(WrongDetails) as wrong:
        read_details({"surname": "Dupont", field: text}, TODAY)
    assert list(wrong.value.fields) == [field]


def test_every_field_at_fault_is_told_at_once() -> None:
    with pytest.raises(WrongDetails) as wrong:
        read_details({"surname": "", "birth_date": "x", "email": "x", "phone": "x"}, TODAY)
    assert set(wrong.value.fields) == {"surname", "birth_date", "email", "phone"}


def test_a_foreign_customer_has_the_postcode_and_phone_of_their_country() -> None:
    typed = {"surname": "Peeters", "country": "Belgique", "postcode": "1000", "phone": "02 512 34 56"}
    assert read_details(typed, TODAY).phone == "+32 2 512 34 56"


@pytest.mark.parametrize(
    "details",
    [
        CustomerDetails("Autre", email="LEA@example.fr"),
        CustomerDetails("Autre", phone="+33612345678"),
        CustomerDetails("Dupont Lefevre", "Lea"),
        CustomerDetails("Dupond Lefevre", "Léa", postcode="49000"),
    ],
)
def test_a_possible_double_is_shown_before_it_is_saved(festival: Festival, details: CustomerDetails) -> None:
    lea = write_down(festival, LEA)
    with pytest.raises(PossibleDoubles) as refused:
        write_down(festival, details)
    assert [double.id for double in refused.value.doubles] == [lea]
    write_down(festival, details, lea)
    assert festival.count(Customer) == 2


def test_nearly_the_same_name_is_the_same_person_if_born_on_the_same_day(festival: Festival) -> None:
    born = replace(LEA, birth_date=date(1987, 3, 25), postcode="", phone="", email="")
    write_down(festival, born)
    with pytest.raises(PossibleDoubles):
        write_down(festival, replace(born, surname="Dupond-Lefevre"))
    write_down(festival, replace(born, birth_date=date(1987, 3, 26)))


def test_a_name_without_a_letter_is_a_name(festival: Festival) -> None:
    write_down(festival, CustomerDetails("🎬"))
    write_down(festival, CustomerDetails("[/]"))
    assert festival.count(Customer) == 2


@pytest.mark.parametrize(
    "details",
    [
        CustomerDetails("Dupont-Lefèvre", "Marc"),
        CustomerDetails("Dupont-Lefèvre"),
        CustomerDetails("Durand", "Léa", postcode="49000"),
    ],
)
def test_another_of_the_family_is_no_double(festival: Festival, details: CustomerDetails) -> None:
    write_down(festival, LEA)
    write_down(festival, details)


def test_of_two_counters_that_save_the_same_customer_the_second_is_told(festival: Festival) -> None:
    write_down(festival, LEA)
    with pytest.raises(PossibleDoubles, match="Léa Dûpont-Lefèvre"):
        write_down(festival, LEA, till=1)


def test_of_counters_that_save_the_same_customer_at_once_one_does(festival: Festival) -> None:
    together = Barrier(4)

    def save(place: int) -> bool:
        command = CreateCustomer(uuid4(), LEA)
        together.wait()
        try:
            festival.write(
                lambda session: create_customer(
                    session, command, festival.desks[place % 2], clock=festival.clock
                )
            )
        except PossibleDoubles:
            return False
        return True

    with ThreadPoolExecutor(4) as counters:
        assert sum(counters.map(save, range(4))) == 1
    assert festival.count(Customer) == 1
    assert festival.read(verify).fault is None


def test_a_pass_waiting_in_a_basket_goes_to_the_card_that_its_holder_was_merged_into(
    festival: Festival,
) -> None:
    gone, kept = write_down(festival, LEA), write_down(festival, CustomerDetails("Martin", "Léa"))
    line = replace(festival.pass_line(), holder_id=gone, holder=LEA)
    festival.write(
        lambda session: merge_customers(
            session, gone, kept, festival.desk, manager_id=festival.manager.id, clock=festival.clock
        )
    )
    festival.sell(line)
    assert festival.rows(Pass)[0].holder_id == kept


def test_a_pass_waiting_in_a_basket_is_not_sold_to_somebody_erased_meanwhile(festival: Festival) -> None:
    lea = write_down(festival, LEA)
    order = festival.order(replace(festival.pass_line(), holder_id=lea, holder=LEA))
    festival.write(
        lambda session: erase_customers(
            session, [lea], festival.desk.post, manager=festival.manager, clock=festival.clock
        )
    )
    assert "a été effacée" in festival.refused(order).message


def test_two_passes_for_the_same_new_person_are_of_one_card(festival: Festival) -> None:
    festival.sell(festival.pass_line(holder=LEA), festival.pass_line("PASS6", holder=LEA))
    festival.sell(festival.pass_line(holder=LEA), desk=festival.desks[1])
    (lea,) = festival.rows(Customer)
    assert {row.holder_id for row in festival.rows(Pass)} == {lea.id}
    assert festival.read(verify).fault is None


def test_two_counters_that_sell_a_pass_to_the_same_new_person_make_one_card(festival: Festival) -> None:
    order = festival.order(festival.pass_line(holder=LEA))
    meanwhile(
        festival,
        lambda session: checkout(session, order, festival.desks[1], clock=festival.clock),
        lambda: festival.sell(festival.pass_line(holder=LEA)),
    )
    assert festival.count(Customer) == 1
    assert festival.count(Pass) == 2


def test_somebody_said_to_be_another_than_who_looks_the_same_has_a_card_of_their_own(
    festival: Festival,
) -> None:
    lea = write_down(festival, LEA)
    twin = replace(festival.pass_line(holder=LEA), not_these=frozenset({lea}))
    festival.sell(twin)
    born_elsewhen = replace(LEA, birth_date=date(2001, 5, 5))
    write_down(festival, replace(LEA, birth_date=date(1970, 5, 5)), lea, twin.holder_id)
    festival.sell(
        replace(festival.pass_line(holder=born_elsewhen), not_these=frozenset({lea, twin.holder_id}))
    )
    assert festival.count(Customer) == 4


def test_the_journal_tells_who_wrote_down_the_holder_of_a_pass(festival: Festival) -> None:
    line = festival.pass_line(holder=LEA)
    festival.sell(line, desk=festival.desks[1])
    festival.sell(replace(festival.pass_line(), holder_id=line.holder_id))
    created = [row for row in festival.rows(JournalEntry) if row.kind == "customer.created"]
    (content,) = [json.loads(row.content) for row in created]
    assert content["customer"] == str(line.holder_id)
    assert content["operator"] == festival.desks[1].operator_number
    assert festival.read(verify).fault is None


def test_the_log_of_what_nobody_foresaw_names_nobody(festival: Festival, tmp_path: Path) -> None:
    keep_log(tmp_path)
    row = {"id": uuid4(), **asdict(LEA), "search": search_words(LEA), "created_at": None, "seen_at": None}
    try:
        festival.write(lambda session: session.connection().execute(table(Customer).insert(), row))
    except DBAPIError:
        logging.getLogger("boxoffice").exception("An errand failed")
    kept = (tmp_path / NAME).read_text("utf-8")
    assert "IntegrityError" in kept
    for secret in (LEA.surname, LEA.email, LEA.phone, "lefevre"):
        assert secret not in kept


def test_the_same_card_saved_twice_is_one(festival: Festival) -> None:
    command = CreateCustomer(uuid4(), LEA)
    for _ in range(2):
        festival.write(lambda session: create_customer(session, command, festival.desk, clock=festival.clock))
    assert festival.count(Customer) == 1


def test_of_two_counters_that_correct_a_customer_the_second_is_told(festival: Festival) -> None:
    lea = write_down(festival, LEA)
    for desk, town in zip(festival.desks, ("Nantes", "Rennes"), strict=True):
        after = CustomerDetails("Dûpont", "Léa", town=town)
        command = CorrectCustomer(lea, LEA, after)
        if desk is festival.desk:
            festival.write(lambda s, c=command, d=desk: correct_customer(s, c, d, clock=festival.clock))
            continue
        with pytest.raises(Refusal, match="vient d'être changée"):
            festival.write(lambda s, c=command, d=desk: correct_customer(s, c, d, clock=festival.clock))
    assert known(festival, lea).details.town == "Nantes"
    assert found(festival, "lefevre") == []


def test_two_cards_made_one_keep_what_each_alone_knew_and_held(festival: Festival) -> None:
    festival.sell_pass(CustomerDetails("Dupont", "Léa", email="lea@example.fr"))
    gone = festival.rows(Pass)[0].holder_id
    kept = write_down(festival, CustomerDetails("Dupond", "Léa", phone="06 12 34 56 78"), gone)
    with pytest.raises(ManagerNeeded):
        festival.write(
            lambda session: merge_customers(
                session, gone, kept, festival.desk, manager_id=festival.cashier.id, clock=festival.clock
            )
        )
    festival.write(
        lambda session: merge_customers(
            session, gone, kept, festival.desk, manager_id=festival.manager.id, clock=festival.clock
        )
    )
    assert known(festival, gone) == known(festival, kept)
    assert known(festival, kept).details == CustomerDetails(
        "Dupond", "Léa", phone="06 12 34 56 78", email="lea@example.fr"
    )
    assert found(festival, "dupon") == ["Léa Dupond"]
    assert festival.rows(Pass)[0].holder_id == kept
    assert found(festival, festival.rows(Pass)[0].number) == ["Léa Dupond"]
    assert festival.read(verify).fault is None


def test_the_journal_tells_of_customers_without_naming_them(festival: Festival) -> None:
    lea = write_down(festival, LEA)
    after = CustomerDetails("Martin", "Léa")
    festival.write(
        lambda session: correct_customer(
            session, CorrectCustomer(lea, LEA, after), festival.desk, clock=festival.clock
        )
    )
    told = "\n".join(entry.content for entry in festival.rows(JournalEntry))
    assert told.count(str(lea)) == 2
    assert "customer.changed" in told
    for secret in ("Martin", "pont", "example.fr", "06 12"):
        assert secret not in told
