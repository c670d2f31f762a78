"""What is nominative is sold with a name on each ticket, as the journal told the programme."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from boxoffice.models import Event, TicketHolder, table
from boxoffice.sales.importing.layouts import Kind
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.people.personal_data import erase_inactive

from .conftest import Festival
from .test_editing import change
from .test_personal_data import erase, sell_to, write_down
from .test_programme_told import import_files
from .test_tampering import fault
from .test_who_answers import by_pin

_event, _holder = table(Event), table(TicketHolder)
_evening = _event.update().where(_event.c.title == "Rencontre nominative")


@pytest.fixture
def told(festival: Festival) -> Festival:
    """The small festival, whose programme is told to the journal by an import."""
    import_files(festival, ("lieux.csv", "lieu;nom;ville\nGT;Grand Théâtre;Angers\n"))
    return festival


@contextmanager
def nominative_no_more(festival: Festival) -> Iterator[None]:
    """The evening asks for no names meanwhile, with nothing told of it."""
    with festival.database.write() as session:
        session.execute(_evening.values(nominative=False))
    yield
    with festival.database.write() as session:
        session.execute(_evening.values(nominative=True))


def test_what_is_sold_without_a_name_for_a_moment_is_found(told: Festival) -> None:
    told.sell(told.seat_line("RENCONTRE", holders=("Zoé",), nominative=True))
    told.stands()
    with nominative_no_more(told):
        told.sell(told.seat_line("RENCONTRE"))
    assert str(fault(told)) == (
        "vente 1-000002 : un billet de la séance RENCONTRE y est sans nom, et elle a toujours été nominative."
    )


def test_a_name_that_is_gone_without_anybody_erased_is_found(told: Festival) -> None:
    told.sell(told.seat_line("RENCONTRE", holders=("Zoé",), nominative=True))
    with told.database.write() as session:
        session.execute(_holder.delete())
    assert "y est sans nom" in str(fault(told))


def test_without_a_programme_told_no_name_is_held(festival: Festival) -> None:
    with nominative_no_more(festival):
        festival.sell(festival.seat_line("RENCONTRE"))
    festival.stands()


def test_what_a_manager_changed_to_ask_for_no_names_is_sold_without(told: Festival) -> None:
    change(told, Kind.EVENT, "KNEECAP", nominative="oui")
    told.sell(told.seat_line("KNEECAP", holders=("Zoé",), nominative=True))
    change(told, Kind.EVENT, "KNEECAP", nominative="non")
    told.sell(told.seat_line("KNEECAP"))
    change(told, Kind.EVENT, "KNEECAP", nominative="oui")
    told.stands()


def test_names_of_who_was_erased_are_missed_by_nobody(told: Festival) -> None:
    zoe = write_down(told, CustomerDetails("Lambert", "Zoé"))
    sell_to(told, zoe, told.seat_line("RENCONTRE", holders=("Zoé",), nominative=True))
    holder = write_down(told, CustomerDetails("Petit", "Léa"))
    bought = replace(told.pass_line(), holder_id=holder, holder=CustomerDetails("Petit", "Léa"))
    told.sell(bought, told.seat_line("RENCONTRE", holders=("Léa",), nominative=True))
    assert told.count(TicketHolder) == 2
    assert erase(told, zoe, holder) == 2
    assert told.count(TicketHolder) == 0
    told.stands()


def test_names_as_old_as_the_rule_says_are_missed_by_nobody(told: Festival) -> None:
    told.sell(told.seat_line("RENCONTRE", holders=("Zoé",), nominative=True))
    told.clock.advance(timedelta(days=3 * 366))
    by_pin(told, "log in", "1234")
    post, clock, lisa = told.posts[0], told.clock, told.manager
    told.write(lambda session: erase_inactive(session, post, manager=lisa, clock=clock))
    assert told.count(TicketHolder) == 0
    told.stands()


def test_a_ticket_with_a_name_that_came_back_is_no_fault(told: Festival) -> None:
    sale = told.sell(told.seat_line("RENCONTRE", quantity=2, holders=("Zoé", "Léa"), nominative=True))
    told.reverse(sale, 1)
    told.stands()
