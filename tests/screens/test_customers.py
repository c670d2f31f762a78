"""A customer found, written down, corrected, named on the basket, merged, copied and erased by keys."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from textual.widgets import Input

from boxoffice.database import Database
from boxoffice.house import House
from boxoffice.models import Customer, JournalEntry, Pass, PrintJob, Sale, Ticket
from boxoffice.sales.basket import name_customer
from boxoffice.sales.people.customer_changes import CreateCustomer, create_customer
from boxoffice.sales.people.customer_copy import copy_paths
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.people.customer_record import read_record
from boxoffice.sales.people.customers import FoundCustomer, find_customers
from boxoffice.sales.people.personal_data import erase_customers
from boxoffice.screens.cockpit import CockpitScreen
from boxoffice.screens.counter import CounterScreen
from boxoffice.screens.customer_card import CustomerCard, NameBasket, PassChosen
from boxoffice.screens.customer_form import CustomerForm, FilledForm, SamePerson
from boxoffice.screens.customer_search import CustomerSearch, NewCustomer
from boxoffice.screens.dialogs import RefusalDialog
from boxoffice.screens.rows import Rows
from boxoffice.screens.sales_search import SalesSearch
from tests.sales.conftest import Festival

from .playing import at_the_counter
from .stage import UNANSWERED, Stage, house_of, press, settle, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LEA = CustomerDetails(
    "Dupont",
    "Léa",
    birth_date=date(1987, 3, 25),
    phone="06 12 34 56 78",
    email="lea@example.fr",
    postcode="49000",
    town="Angers",
)


def write_down(festival: Festival, details: CustomerDetails) -> UUID:
    command = CreateCustomer(uuid4(), details)
    return festival.write(
        lambda session: create_customer(session, command, festival.desk, clock=festival.clock)
    ).id


def everybody(festival: Festival) -> list[str]:
    return sorted(f"{row.first_name} {row.surname}" for row in festival.rows(Customer) if row.surname)


def card(house: House, festival: Festival, customer_id: UUID) -> CustomerCard:
    record = festival.read(lambda session: read_record(session, customer_id, house.post.rules))
    return CustomerCard(house, festival.desk, record)


def rows_of(app: Stage) -> list[str]:
    return [str(option.prompt) for option in app.screen.query_one(Rows).options]


@pytest.fixture
def house(festival: Festival, tmp_path: Path) -> House:
    return house_of(festival, folder=tmp_path)


# -- searching


async def test_customers_are_found_as_one_types_and_chosen_with_enter(
    festival: Festival, house: House
) -> None:
    lea = write_down(festival, LEA)
    write_down(festival, CustomerDetails("Martin", "Paul"))
    app = Stage(house, CustomerSearch(house))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert rows_of(app) == []
        await press(pilot, *"dupomt")
        assert [row.split("  ")[0] for row in rows_of(app)] == ["Dupont, Léa"]
        assert "né(e) le 25/03/1987" in told(app.screen)
        await press(pilot, "enter")
    assert isinstance(app.answer, FoundCustomer)
    assert app.answer.id == lea


async def test_a_far_guess_is_shown_but_enter_never_takes_it(festival: Festival, house: House) -> None:
    far = write_down(festival, CustomerDetails("Montgomery-de La Rochefoucauld", "Marie-Élisabeth"))
    app = Stage(house, CustomerSearch(house))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *"Léa Martin")
        shown = told(app.screen)
        assert rows_of(app)
        assert app.screen.query_one(Rows).highlighted is None
        assert "Aucun nom exact, peut-être :" in shown
        assert "Entrée inscrit « Léa Martin »" in shown
        await press(pilot, "down")
        assert app.screen.query_one(Rows).highlighted == 0
        await press(pilot, "up", "enter")
    assert isinstance(app.answer, FoundCustomer)
    assert app.answer.id == far


async def test_enter_over_a_far_guess_writes_down_who_was_typed(festival: Festival, house: House) -> None:
    write_down(festival, CustomerDetails("Montgomery-de La Rochefoucauld", "Marie-Élisabeth"))
    app = Stage(house, CustomerSearch(house))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"Martin Léa", "enter")
    assert app.answer == NewCustomer(CustomerDetails("Martin", "Léa"))


async def test_nobody_found_begins_a_card_with_what_was_typed(house: House) -> None:
    app = Stage(house, CustomerSearch(house))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"dubois lea")
        assert "Personne ne répond" in told(app.screen)
        await press(pilot, "enter")
    assert app.answer == NewCustomer(CustomerDetails("Dubois", "Lea"))


async def test_f3_begins_a_card_even_where_somebody_is_found(festival: Festival, house: House) -> None:
    write_down(festival, LEA)
    app = Stage(house, CustomerSearch(house))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"0612345678", "f3")
    assert app.answer == NewCustomer(CustomerDetails(phone="0612345678"))


async def test_a_ticket_in_nobodys_name_begins_no_card(festival: Festival, house: House) -> None:
    festival.sell()
    code = festival.rows(Ticket)[0].code
    app = Stage(house, CustomerSearch(house))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *code, "enter")
        assert "n'est au nom de personne" in told(app.screen)
        assert app.screen.query_one(Input).value == ""
        await press(pilot, *"Dub")
        assert "n'est au nom de personne" not in told(app.screen)
    assert app.answer is UNANSWERED


def test_a_counter_that_opens_removes_the_papers_of_those_erased_elsewhere(
    festival: Festival, house: House, lea: UUID
) -> None:
    house.settings.spool_folder.mkdir()
    for job in festival.rows(PrintJob):
        (house.settings.spool_folder / f"{job.id:06d}-{job.document}-1.png").touch()
    festival.write(
        lambda session: erase_customers(
            session, [lea], festival.posts[1], manager=festival.manager, clock=festival.clock
        )
    )
    house.open_for_business()
    left = [path.name for path in house.settings.spool_folder.iterdir() if path.name.endswith("-1.png")]
    house.close()
    assert left == []


async def test_names_of_any_letters_are_shown_as_they_are(festival: Festival, house: House) -> None:
    for surname in ("[/]", "[red]Rouge", "\x1b[31mÉchappée", "🎬 Cinéma", "L" * 60, "$text {name}"):
        write_down(festival, CustomerDetails(surname, "Ana"))
    app = Stage(house, CustomerSearch(house))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"ana")
        shown = {row.partition(", Ana")[0].strip() for row in rows_of(app)}
        assert shown == {"[/]", "[red]Rouge", "[31mÉchappée", "🎬 Cinéma", "L" * 60, "$text {name}"}
        for _row in shown:
            await press(pilot, "down")


# -- the form


async def test_enter_goes_through_the_fields_and_then_answers(festival: Festival, house: House) -> None:
    app = Stage(house, CustomerForm(house))
    async with app.run_test(size=(80, 24)) as pilot:
        for text in (
            "Dupont",
            "Léa",
            "25031987",
            "+33612345678",
            "LEA@example.fr",
            "49000",
            "Angers",
            "",
            "",
        ):
            await press(pilot, *text, "enter")
    assert app.answer == FilledForm(LEA)
    assert festival.count(Customer) == 0


async def test_what_is_wrong_is_said_beside_its_field_until_it_is_corrected(house: House) -> None:
    app = Stage(house, CustomerForm(house))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"Dupont", "tab", "tab", *"31/02/1987", "tab", *"12", "f9")
        assert "jour/mois/année : 25/03/1987" in told(app.screen)
        assert "Numéro inconnu" in told(app.screen)
        focused = app.screen.focused
        assert isinstance(focused, Input)
        assert focused.id == "field-birth_date"
        await press(pilot, "backspace")
        assert "25/03/1987" not in told(app.screen)
        assert app.answer is UNANSWERED


async def test_a_form_given_up_leaves_nothing(festival: Festival, house: House) -> None:
    before = festival.everything()
    app = Stage(house, CustomerForm(house))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"Dupont", "enter", *"Léa", "escape")
    assert app.answer is None
    assert festival.everything() == before


async def test_the_town_follows_the_postcode_that_others_gave(festival: Festival, house: House) -> None:
    write_down(festival, LEA)
    app = Stage(house, CustomerForm(house))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"Martin", *["tab"] * 5, *"49000", "tab")
        assert app.screen.query_one("#field-town", Input).value == "Angers"


async def test_a_possible_double_is_shown_and_may_be_the_one(festival: Festival, house: House) -> None:
    lea = write_down(festival, LEA)
    app = Stage(house, CustomerForm(house, CustomerDetails("Dupont", "Lea")))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "f9")
        assert isinstance(app.screen, SamePerson)
        await press(pilot, "escape")
        assert isinstance(app.screen, CustomerForm)
        await press(pilot, "f9", "enter")
    assert app.answer == FoundCustomer(lea, LEA)


async def test_a_possible_double_may_be_somebody_else(festival: Festival, house: House) -> None:
    lea = write_down(festival, LEA)
    app = Stage(house, CustomerForm(house, CustomerDetails("Dupont", "Lea")))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "f9", "down", "enter")
    assert app.answer == FilledForm(CustomerDetails("Dupont", "Lea"), frozenset({lea}))


# -- the card


@pytest.fixture
def lea(festival: Festival) -> UUID:
    """A customer with a pass, bought in her name."""
    lea = write_down(festival, LEA)
    line = replace(festival.pass_line(), holder_id=lea, holder=LEA)
    order = festival.order(line, festival.seat_line())
    basket = name_customer(order.basket, lea, "Léa Dupont")
    festival.sell(*basket.lines, basket=basket)
    return lea


async def test_the_card_opens_the_pass_or_the_sale_it_stands_on(
    festival: Festival, house: House, lea: UUID
) -> None:
    number = festival.rows(Pass)[0].number
    app = Stage(house, card(house, festival, lea))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "end", "enter")
        assert isinstance(app.screen, SalesSearch)
        await press(pilot, "escape", "home", "enter")
    assert app.answer == PassChosen(number)


async def test_f9_names_the_customer_on_the_basket(festival: Festival, house: House, lea: UUID) -> None:
    app = Stage(house, card(house, festival, lea))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "f9")
    assert app.answer == NameBasket(lea, "Léa Dupont")


async def test_the_card_is_corrected_in_place(festival: Festival, house: House, lea: UUID) -> None:
    app = Stage(house, card(house, festival, lea))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "f3", *"-Martin", "f9")
        assert "Léa Dupont-Martin" in told(app.screen)
        await press(pilot, "f3", "f9")
    assert everybody(festival) == ["Léa Dupont-Martin"]
    assert [entry.kind for entry in festival.rows(JournalEntry)].count("customer.changed") == 1


async def test_two_cards_are_merged_by_a_manager(festival: Festival, house: House, lea: UUID) -> None:
    write_down(festival, CustomerDetails("Dupond", "Léa", country="Belgique"))
    app = Stage(house, card(house, festival, lea))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "f10", "2", *"dupond", "enter")
        assert "Fusionnée : Léa Dupond · Belgique" in told(app.screen)
        await press(pilot, "enter", *"9999", "enter")
        assert "Ce n'est pas le code" in told(app.screen)
        assert everybody(festival) == ["Léa Dupond", "Léa Dupont"]
        await press(pilot, *"1234", "enter")
        assert isinstance(app.screen, CustomerCard)
    assert everybody(festival) == ["Léa Dupont"]


async def test_the_copy_is_written_and_said_where(festival: Festival, house: House, lea: UUID) -> None:
    app = Stage(house, card(house, festival, lea))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "f10", "1")
        data, page = copy_paths(house.settings.copies_folder, lea)
        assert page.name in told(app.screen).replace("\n", "")
        assert "Dupont" in data.read_text("utf-8")


async def test_a_manager_erases_and_the_card_closes(festival: Festival, house: House, lea: UUID) -> None:
    app = Stage(house, card(house, festival, lea))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "f10", "3", "escape")
        assert app.answer is UNANSWERED
        await press(pilot, "f10", "3", "enter", *"1234", "enter")
    assert app.answer is None
    assert everybody(festival) == []
    assert festival.count(Sale) == 1


@dataclass(frozen=True)
class Crowded(Database):
    """A database that others never leave alone."""

    def scour(self, *tables: str) -> None:
        raise TimeoutError(*tables)


async def test_the_card_of_who_is_erased_closes_although_their_bytes_are_still_there(
    festival: Festival, house: House, lea: UUID
) -> None:
    crowded = Crowded(festival.database.engine, festival.database.write_engine)
    app = Stage(house, card(replace(house, database=crowded), festival, lea))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "f10", "3", "enter", *"1234", "enter")
        assert app.answer is None
        assert isinstance(app.screen, RefusalDialog)
        assert "n'a pas pu être récrite" in told(app.screen)
        assert "Léa" not in told(app.screen)
    assert everybody(festival) == []


# -- at the counter


async def test_a_new_customer_is_written_down_and_named_on_the_sale(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("1", "f3", *"durand", "enter", *"Zoé", "f9")
        assert isinstance(player.pilot.app.screen, CustomerCard)
        await player.press("f9")
        assert "Panier · Zoé Durand" in player.shows("basket")
        await player.press("enter", "enter")
        assert "Zoé" not in player.shows("basket")
    sale = festival.rows(Sale)[0]
    assert sale.customer_id == festival.rows(Customer)[0].id
    kinds = [entry.kind for entry in festival.rows(JournalEntry)]
    assert kinds.index("customer.created") < kinds.index("customer.opened") < kinds.index("sale.completed")


async def test_escape_takes_the_name_off_an_empty_basket(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    write_down(festival, LEA)
    async with at_the_counter(festival, keys, tmp_path, size=(80, 24)) as player:
        await player.press("f3", *"lea", "enter", "f9")
        assert "Léa Dupont" in player.shows("basket")
        await player.press("escape")
        assert "Léa Dupont" not in player.shows("basket")


async def test_the_card_leads_to_the_cockpit_of_a_pass(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    festival.sell_pass(LEA)
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f3", *"dupont", "enter", "enter")
        assert isinstance(player.pilot.app.screen, CockpitScreen)
        await player.press("escape")
        assert isinstance(player.pilot.app.screen, CounterScreen)


async def test_a_card_that_another_counter_wrote_first_is_filled_again(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f3", *"dupont", "enter", *"Léa")
        screen = player.pilot.app.screen
        assert isinstance(screen, CustomerForm)
        screen.dismiss(FilledForm(LEA))
        write_down(festival, LEA)
        await settle(player.pilot)
        again = player.pilot.app.screen
        assert isinstance(again, CustomerForm)
        assert again.query_one("#field-email", Input).value == "lea@example.fr"
        await player.press("f9", "enter")
        assert isinstance(player.pilot.app.screen, CustomerCard)
    assert len(festival.read(lambda session: find_customers(session, "dupont"))) == 1


async def test_a_long_list_is_walked_by_keys(festival: Festival, house: House) -> None:
    for number in range(30):
        write_down(festival, CustomerDetails(f"Nom{number:02d}"))
    app = Stage(house, CustomerSearch(house))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"nom", "pagedown", "down", "up", "pageup", "down")
        assert app.screen.query_one(Rows).highlighted == 1
        await press(pilot, "enter")
    assert isinstance(app.answer, FoundCustomer)
    assert app.answer.details.surname == "Nom01"
