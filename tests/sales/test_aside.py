"""What papers tell beside the signed figures is counted of the same numbers as they."""

from datetime import UTC, datetime, timedelta

from boxoffice.kinds import ClosingPeriod
from boxoffice.printing.rendering import to_plain
from boxoffice.sales.closings.closing import find_closing
from boxoffice.sales.closings.figures import FloatLeft
from boxoffice.sales.closings.outcomes import Answered, OpeningAnswered, UnsoldCards
from boxoffice.sales.closings.readings import read_box_office, read_till
from boxoffice.sales.prints.closing_papers import ClosingPaper, ReadingPaper
from boxoffice.sales.prints.letterhead import read_letterhead
from boxoffice.sales.staff.shift_closing import ShiftEnd
from boxoffice.sales.staff.shifts import OpenShift, open_shift
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


def test_who_accepted_another_float_is_told_on_the_reading_and_on_every_z(festival: Festival) -> None:
    close_the_till(festival, 0, 9_700, ShiftEnd(deposit_cents=1_000))
    command = OpenShift(5_000, authorized_by=festival.manager, reason="Porté au coffre")
    desk = festival.write(
        lambda session: open_shift(
            session, festival.posts[0], festival.cashier, command, clock=festival.clock
        )
    )
    rules = desk.post.rules
    reading = festival.read(lambda session: read_till(session, rules, 1, clock=festival.clock))
    (shift,) = reading.open_shifts
    assert (shift.left_before_cents, shift.float_difference_cents) == (8_700, -3_700)
    opening = OpeningAnswered(1, shift.opened_at, "Lisa B.", "Porté au coffre")
    assert reading.aside.opening_of(shift) == opening
    words = paper_words(ReadingPaper(festival.read(read_letterhead), reading))
    assert "Fond attendu 87,00 € déclaré 50,00 € écart -37,00 € Motif du fond : Porté au coffre" in words
    festival.clock.advance(timedelta(minutes=1))
    made = close_the_till(festival, 0, 5_000)
    assert made.aside.openings == (opening,)
    close_the_till(festival, 1, 5_000, ShiftEnd(deposit_cents=500))
    day = close_the(festival, ClosingPeriod.DAY)
    assert day.aside.openings == (opening,)
    words = paper_words(ClosingPaper(festival.read(read_letterhead), day))
    assert "Fond accepté par : Lisa B." in words
    assert "FONDS LAISSÉS Caisse 1 50,00 € Caisse 2 45,00 € Total 95,00 €" in words
    festival.stands()


def test_a_till_that_nobody_opens_leaves_its_float_to_every_day_and_month(festival: Festival) -> None:
    for till, cents in enumerate((9_500, 5_000)):
        close_the_till(festival, till, cents)
    close_the(festival, ClosingPeriod.DAY)
    festival.clock.at = datetime(2026, 2, 3, 11, 0, tzinfo=UTC)
    command = OpenShift(5_000, authorized_by=festival.manager, reason="Relâche")
    festival.write(
        lambda session: open_shift(
            session, festival.posts[1], festival.cashier, command, clock=festival.clock
        )
    )
    close_the_till(festival, 1, 4_800)
    day = close_the(festival, ClosingPeriod.DAY)
    assert day.figures.floats == (FloatLeft(1, 9_500, True), FloatLeft(2, 4_800, True))
    festival.stands()


def paper_words(paper: ClosingPaper | ReadingPaper) -> str:
    return " ".join(to_plain(paper, 42).replace("\u00a0", " ").split())
