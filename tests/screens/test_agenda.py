"""What the list of screenings finds, and on which it stands."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from boxoffice.sales.screenings.programme import Programme, ScreeningRow, Seats
from boxoffice.screens.agenda import Agenda, fold, is_nearly

NOON = datetime(2026, 1, 21, 11, 0, tzinfo=UTC)


def screening(number: int, title: str, hours: float, **changes: object) -> ScreeningRow:
    starts_at = NOON + timedelta(hours=hours)
    row = ScreeningRow(
        id=number,
        code=f"S{number}",
        event_id=number,
        event_title=title,
        director="Joanna Hogg",
        section="Avant-premières",
        version="VOSTFR",
        minimum_age=0,
        nominative=False,
        hall="Auditorium",
        place="Centre de Congrès, Auditorium",
        hall_id=1,
        venue_id=1,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        on_sale_until=starts_at + timedelta(minutes=20),
        price_list_id=1,
        seats=Seats(100, 0, 0),
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def agenda(*rows: ScreeningRow) -> Agenda:
    return Agenda(Programme(rows, {}, ()), time(4), NOON)


def found(agenda: Agenda) -> list[str]:
    return [listed.row.event_title for listed in agenda.shown]


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("ÉTÉ", "ete"), ("Œuvre", "oeuvre"), ("L’Attachement", "lattachement"), ("Señor", "senor")],
)
def test_accents_case_and_apostrophes_do_not_matter(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    "words", ["kneecap", "HOGG", "auditorium", "avant premieres", "14h00", "14:00", "vost"]
)
def test_a_screening_is_found_by_title_director_hall_section_version_and_time(words: str) -> None:
    looked = agenda(screening(1, "Kneecap", 2))
    looked.look_for(words)
    assert found(looked) == ["Kneecap"]


def test_every_word_has_to_be_found() -> None:
    looked = agenda(screening(1, "Kneecap", 2), screening(2, "Vermiglio", 3))
    looked.look_for("hogg vermi")
    assert found(looked) == ["Vermiglio"]


def test_a_screening_after_midnight_belongs_to_the_evening_before() -> None:
    looked = agenda(screening(1, "Kneecap", 2), screening(2, "Nuit du court", 13), screening(3, "Matin", 22))
    assert found(looked) == ["Kneecap", "Nuit du court"]
    looked.turn_day(1)
    assert found(looked) == ["Matin"]
    looked.turn_day(1)
    assert found(looked) == ["Kneecap", "Nuit du court", "Matin"]


def test_days_that_are_over_are_not_offered() -> None:
    looked = agenda(screening(1, "Hier", -24), screening(2, "Demain", 24))
    assert found(looked) == ["Demain"]


def test_the_next_to_sell_is_the_first_on_sale_that_has_seats() -> None:
    looked = agenda(
        screening(1, "Passée", -1),
        screening(2, "Complète", 1, seats=Seats(100, 0, 100)),
        screening(3, "Annulée", 1.5, seats=Seats(100, 0, 0, cancelled=True)),
        screening(4, "À vendre", 2),
    )
    assert looked.next_to_sell(NOON) == 3


def test_with_every_seat_sold_the_list_stands_on_the_first_still_on_sale() -> None:
    looked = agenda(screening(1, "Passée", -1), screening(2, "Complète", 1, seats=Seats(100, 0, 100)))
    assert looked.next_to_sell(NOON) == 1


def test_a_section_is_shown_alone_and_the_sections_come_round() -> None:
    looked = agenda(screening(1, "Kneecap", 2), screening(2, "Icare", 3, section="Chenaplans"))
    looked.turn_section(-1)
    assert (looked.section, found(looked)) == ("Chenaplans", ["Icare"])
    looked.turn_section(1)
    assert (looked.section, found(looked)) == ("", ["Kneecap", "Icare"])


def test_seats_heard_of_later_are_told_apart_from_those_that_stay() -> None:
    looked = agenda(screening(1, "Kneecap", 2), screening(2, "Icare", 3))
    assert looked.refresh_seats({1: Seats(100, 0, 4), 2: Seats(100, 0, 0), 9: Seats(1, 0, 0)}) == {1}
    assert looked.seats[1].left == 96


def test_a_counter_left_overnight_knows_that_it_is_another_day() -> None:
    looked = agenda(screening(1, "Kneecap", 2), screening(2, "Vermiglio", 26), screening(3, "Icare", 50))
    assert not looked.look_at(NOON + timedelta(hours=1))
    assert (found(looked), looked.day_title()) == (["Kneecap"], "Aujourd'hui")
    assert looked.look_at(NOON + timedelta(hours=20))
    assert (found(looked), looked.day_title()) == (["Vermiglio"], "Aujourd'hui")


def test_a_day_asked_for_stays_asked_for_as_time_goes_by_and_is_called_what_it_has_become() -> None:
    looked = agenda(screening(1, "Kneecap", 2), screening(2, "Vermiglio", 26), screening(3, "Icare", 50))
    looked.turn_day(1)
    assert looked.day_title() == "Demain"
    assert not looked.look_at(NOON + timedelta(hours=20))
    assert (found(looked), looked.day_title()) == (["Vermiglio"], "Aujourd'hui")


def test_a_day_added_by_an_import_is_offered() -> None:
    looked = agenda(screening(1, "Kneecap", 2))
    added = screening(2, "Vermiglio", 26)
    looked.renew(Programme((screening(1, "Kneecap", 2), added), {}, ()), NOON)
    assert found(looked) == ["Kneecap"]
    looked.turn_day(1)
    assert found(looked) == ["Vermiglio"]


def test_each_customer_starts_on_the_day_that_it_is() -> None:
    looked = agenda(screening(1, "Kneecap", 2), screening(2, "Vermiglio", 26))
    looked.reset(NOON + timedelta(hours=20))
    assert (found(looked), looked.day_title()) == (["Vermiglio"], "Aujourd'hui")


@pytest.mark.parametrize("typed", ["l'art", "l’art", "lart", "LART"])
def test_an_apostrophe_may_be_left_out(typed: str) -> None:
    looked = agenda(screening(1, "Les Règles de l’art", 2), screening(2, "Kneecap", 3))
    looked.look_for(typed)
    assert found(looked) == ["Les Règles de l’art"]


@pytest.mark.parametrize("typed", ["knecap", "kneecapp", "kneekap", "kenecap", "kneacap", "jneeca"])
def test_a_title_typed_with_one_letter_wrong_is_found_and_said_to_be(typed: str) -> None:
    looked = agenda(screening(1, "Kneecap", 2), screening(2, "Vermiglio", 3))
    looked.look_for(typed)
    assert (found(looked), looked.nearly) == (["Kneecap"], True)


@pytest.mark.parametrize("typed", ["knp", "19h46", "kbbcap"])
def test_a_short_word_a_time_and_two_letters_wrong_are_not_guessed(typed: str) -> None:
    looked = agenda(screening(1, "Kneecap", 2))
    looked.look_for(typed)
    assert (found(looked), looked.nearly) == ([], False)


def test_what_is_found_as_typed_is_not_mixed_with_what_is_nearly_so() -> None:
    looked = agenda(screening(1, "Nous", 2), screening(2, "Nouk", 3))
    looked.look_for("nous")
    assert (found(looked), looked.nearly) == (["Nous"], False)


@pytest.mark.parametrize(("typed", "known"), [("", ""), ("a", ""), ("abcd", "abcd"), ("abcd", "abc")])
def test_the_ends_of_words_are_compared_too(typed: str, known: str) -> None:
    assert is_nearly(typed, known)


def test_a_film_sold_out_or_over_today_is_shown_on_its_other_days() -> None:
    looked = agenda(
        screening(1, "Kneecap", -2),
        screening(2, "Kneecap", 2, seats=Seats(100, 0, 100)),
        screening(3, "Kneecap", 26),
        screening(4, "Icare", 3),
    )
    looked.look_for("kneecap")
    assert (len(looked.shown), looked.elsewhere) == (3, True)
    assert looked.next_to_sell(NOON) == 2
    looked.look_for("icare")
    assert (len(looked.shown), looked.elsewhere) == (1, False)


def test_a_film_that_has_no_seat_on_any_day_is_shown_on_the_day_asked() -> None:
    full = Seats(100, 0, 100)
    looked = agenda(screening(1, "Kneecap", 2, seats=full), screening(2, "Kneecap", 26, seats=full))
    looked.look_for("kneecap")
    assert (len(looked.shown), looked.elsewhere) == (1, False)
