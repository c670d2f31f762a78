"""What papers tell beside the signed figures is counted of the same numbers as they."""

from boxoffice.kinds import ClosingPeriod
from boxoffice.sales.closings.closing import find_closing
from boxoffice.sales.closings.outcomes import Answered, UnsoldCards
from boxoffice.sales.closings.readings import read_box_office, read_till
from boxoffice.sales.staff.shift_closing import ShiftEnd
from tests.sales.closed_books import close_the, close_the_till
from tests.sales.conftest import Festival
from tests.sales.credit_life import credited, customer, sell_to
from tests.sales.test_exchange import exchanged
from tests.sales.value_life import add_kind, give_card, numbered_card, sell_with_card


def test_exchanges_are_told_apart_from_credit_notes(festival: Festival) -> None:
    lea = customer(festival)
    sale = sell_to(festival, lea, festival.seat_line(quantity=2))
    exchanged(festival, sale, festival.seat_line("ETERNAL"))
    credited(festival, sale, [2])
    rules = festival.desk.post.rules
    reading = festival.read(lambda session: read_till(session, rules, 1, clock=festival.clock))
    assert (reading.figures.credit_notes, reading.figures.credited_cents) == (2, -1_700)
    assert (reading.aside.exchanges, reading.aside.exchanged_cents) == (1, -850)


def test_seats_of_cards_that_were_not_sold_here_are_told_with_what_they_stand_for(
    festival: Festival,
) -> None:
    invitation = add_kind(festival, "INVIT", label="Invitation", places=None)
    works = add_kind(festival, "CE", label="Carte CE")
    sell_with_card(festival, give_card(festival, invitation), festival.seat_line(quantity=2))
    sale = sell_with_card(festival, numbered_card(festival, works, "CE0001"), festival.seat_line())
    festival.reverse(sale)
    rules = festival.desk.post.rules
    reading = festival.read(lambda session: read_box_office(session, rules, clock=festival.clock))
    assert reading.aside.unsold_cards == (UnsoldCards("Invitation", 2, 1_700),)


def test_who_answered_for_a_shift_of_somebody_else_is_told_for_ever(festival: Festival) -> None:
    festival.sell()
    made = close_the_till(festival, 0, 10_000, ShiftEnd(reason="Erreur"))
    close_the_till(festival, 1, 0, ShiftEnd(reason="Vide"))
    festival.clock.night = None
    day = close_the(festival, ClosingPeriod.DAY)
    assert made.aside.answered == (Answered(1, 1, "Lisa B."),)
    assert made.aside.answered_by(1, 1) == "Lisa B."
    assert made.aside.answered_by(2, 1) == ""
    again = festival.read(lambda session: find_closing(session, day.id))
    assert again is not None
    assert again.aside == day.aside
    assert {each.till for each in day.aside.answered} == {1, 2}
    festival.stands()
