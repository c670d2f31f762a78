"""What papers and statements say of the programme, and what is given back: changed for a moment, it is found.

Every test changes a row behind the program for the time of one act, puts it back word for word, and verifies.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.kinds import JournalKind, Regime
from boxoffice.models import Event, Hall, Product, Screening, ScreeningState, Tariff, Venue, table
from boxoffice.sales.books import journal
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.importing import editing, telling
from boxoffice.sales.importing.layouts import Kind
from boxoffice.sales.staff.rule_changes import change_rule
from boxoffice.sales.staff.rules import read_rules
from boxoffice.sales.statements.exhibitor_week import print_week
from tests.sales.at_two_tills import PLACES
from tests.sales.conftest import NOON, Festival
from tests.sales.credit_life import accepted, asked, customer, sell_to
from tests.sales.pass_life import book, swap
from tests.sales.pass_life import cancel as give_up
from tests.sales.test_editing import add, change
from tests.sales.test_exchange import done, wish
from tests.sales.test_programme_told import cancel, import_files, move
from tests.sales.test_screening_changes import move as move_later
from tests.sales.test_statement_copies import give
from tests.sales.test_tampering import fault

_screening, _event, _hall, _venue = table(Screening), table(Event), table(Hall), table(Venue)
_tariff, _product = table(Tariff), table(Product)
_eternal = sa.select(_event.c.id).where(_event.c.title == "The Eternal Daughter").scalar_subquery()
_garden = sa.select(_hall.c.id).where(_hall.c.code == "JAR").scalar_subquery()
_theatre = sa.select(_venue.c.id).where(_venue.c.code == "GT").scalar_subquery()

KNEECAP = _screening.c.code == "KNEECAP"
FILM = _event.c.code == "KNEECAP"
ROOM = _hall.c.code == "AUD"
HOUSE = _venue.c.code == "CC"
WEDNESDAY = date(2026, 1, 21)
AFTERWARDS = timedelta(hours=10)
A_WEEK = timedelta(weeks=1)
AFTER_ITS_END = "séance KNEECAP : on en a repris des billets après sa fin."


@pytest.fixture
def told(festival: Festival) -> Festival:
    """The small festival with a second venue, told to the journal by an import."""
    import_files(festival, ("lieux.csv", PLACES))
    festival.stands()
    return festival


def meanwhile(festival: Festival, where: Any, act: Callable[[], Any], **changed: Any) -> None:
    """Do something while the columns of a row are others, and put them back."""
    rows = where.left.table
    kept = [*rows.primary_key, *(rows.c[name] for name in changed)]
    row = festival.read(lambda session: session.execute(sa.select(*kept).where(where))).mappings().one()
    festival.write(lambda session: session.execute(rows.update().where(where).values(changed)))
    act()
    back = {name: row[name] for name in changed}
    festival.write(lambda session: session.execute(rows.update().where(rows.c.id == row["id"]).values(back)))


def declare(festival: Festival, code: str = "CC", day: date = WEDNESDAY, **wish: Any) -> None:
    """Issue the week of a venue."""
    wanted = sa.select(_venue.c.id).where(_venue.c.code == code)
    venue_id = festival.read(lambda session: session.execute(wanted)).scalar_one()
    festival.write(
        lambda session: print_week(
            session, festival.posts[0], venue_id, day, operator_number=1, clock=festival.clock, **wish
        )
    )


def put_off(hours: int) -> dict[str, Any]:
    """A screening that begins and ends some hours later than Kneecap does."""
    return {
        "starts_at": NOON + timedelta(hours=8 + hours),
        "ends_at": NOON + timedelta(hours=9 + hours, minutes=45),
    }


def show_another_film(festival: Festival) -> None:
    """Bring in a film that is called as Kneecap is, shown at no time yet."""
    add(festival, Kind.EVENT, code="AUTRE", title="Kneecap", version="VOSTFR", duration_minutes="90")


# -- statements


@pytest.mark.parametrize(
    ("where", "changed", "said"),
    [
        (FILM, {"title": "Autre film"}, "Autre film, VOSTFR"),
        (FILM, {"version": "VF"}, "Kneecap, VF"),
        (KNEECAP, {"event_id": _eternal}, "The Eternal Daughter, VOSTFR"),
        (KNEECAP, {"starts_at": NOON}, "2026-01-21T11:00:00+00:00"),
        (KNEECAP, {"ends_at": NOON + timedelta(hours=9)}, "2026-01-21T20:00:00+00:00"),
        (KNEECAP, {"hall_id": _garden}, "Centre de Congrès, Amphi Jardin"),
        (KNEECAP, {"capacity": 400}, "400"),
        (KNEECAP, {"state": ScreeningState.CANCELLED}, "cancelled"),
        (ROOM, {"name": "Petite salle"}, "Centre de Congrès, Petite salle"),
        (HOUSE, {"name": "Autre lieu"}, "Autre lieu, Auditorium"),
        (HOUSE, {"regime": Regime.NON_COMMERCIAL}, "NON_COMMERCIAL"),
        (_product.c.code == "PASS20", {"label": "Invitations"}, "Invitations"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_statement_that_says_what_nobody_told_is_found(
    told: Festival, where: Any, changed: dict[str, Any], said: str
) -> None:
    told.sell()
    book(told, told.sell_pass(), "KNEECAP")
    told.clock.advance(AFTERWARDS)
    meanwhile(told, where, lambda: give(told), **changed)
    assert f"le relevé KNEECAP dit « {said} », qui n'a jamais été annoncé." in str(fault(told))


def test_a_statement_of_a_cancelled_screening_that_says_it_took_place_is_found(told: Festival) -> None:
    told.sell()
    cancel(told)
    told.clock.advance(AFTERWARDS)
    meanwhile(told, KNEECAP, lambda: give(told), state=ScreeningState.SCHEDULED)
    assert "le relevé KNEECAP n'est pas ce que les comptes disaient alors." in str(fault(told))


@pytest.mark.parametrize(
    ("where", "changed", "said"),
    [
        (FILM, {"title": "Autre film"}, "dit « Autre film, VOSTFR », qui n'a jamais été annoncé."),
        (
            KNEECAP,
            {"event_id": _eternal},
            "dit « The Eternal Daughter, VOSTFR », qui n'a jamais été annoncé.",
        ),
        (HOUSE, {"town": "Nantes"}, "dit « Centre de Congrès, Nantes », qui n'a jamais été annoncé."),
        (KNEECAP, {"starts_at": NOON + timedelta(hours=7)}, "dit « 2026-01-21T18:00:00+00:00 », qui n'a"),
        (KNEECAP, {"starts_at": NOON - A_WEEK}, "tait la séance KNEECAP, annoncée cette semaine-là."),
        (ROOM, {"venue_id": _theatre}, "tait la séance KNEECAP, annoncée cette semaine-là."),
        (KNEECAP, put_off(24 * 7), "tait la séance KNEECAP, annoncée cette semaine-là."),
    ],
    ids=["title", "film", "town", "hour", "week before", "venue", "week after"],
)
def test_a_week_that_says_what_nobody_told_or_leaves_something_out_is_found(
    told: Festival, where: Any, changed: dict[str, Any], said: str
) -> None:
    told.sell()
    told.sell(told.seat_line("ETERNAL"))
    told.clock.advance(A_WEEK)
    meanwhile(told, where, lambda: declare(told), **changed)
    assert f"le relevé CC-2026-01-21 {said}" in str(fault(told))


def test_a_week_that_leaves_out_seats_booked_alone_is_found(told: Festival) -> None:
    book(told, told.sell_pass(), "KNEECAP")
    told.clock.advance(A_WEEK)
    meanwhile(told, KNEECAP, lambda: declare(told), **put_off(24 * 7))
    assert "tait la séance KNEECAP, annoncée cette semaine-là." in str(fault(told))


def test_a_screening_declared_by_another_venue_is_found(told: Festival) -> None:
    told.sell()
    told.clock.advance(A_WEEK)
    meanwhile(told, ROOM, lambda: declare(told, "GT"), venue_id=_theatre)
    assert "le relevé GT-2026-01-21 dit « Grand Théâtre, Auditorium »" in str(fault(told))


def test_a_film_of_the_same_name_that_is_another_is_found(told: Festival) -> None:
    show_another_film(told)
    told.sell()
    told.clock.advance(A_WEEK)
    other = sa.select(_event.c.id).where(_event.c.code == "AUTRE").scalar_subquery()
    meanwhile(told, KNEECAP, lambda: declare(told), event_id=other)
    assert "dit « AUTRE », qui n'a jamais été annoncé." in str(fault(told))


# -- tickets, tariffs and articles


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"title": "Autre film"}, "Autre film, VOSTFR"), ({"version": "VF"}, "Kneecap, VF")],
    ids=["title", "version"],
)
def test_a_ticket_of_another_title_is_found(told: Festival, changed: dict[str, Any], said: str) -> None:
    meanwhile(told, FILM, told.sell, **changed)
    assert (
        str(fault(told))
        == f"séance KNEECAP : on en a vendu des billets pour « {said} », qui n'a jamais été annoncé."
    )


def test_what_is_sold_under_another_name_is_found(told: Festival) -> None:
    full = _tariff.c.code == "PLEIN"
    meanwhile(told, full, told.sell, label="Gratuit presse")
    never = "ce tarif ou cet article ne s'est jamais appelé ainsi."
    assert str(fault(told)) == f"vente 1-000001 : « Gratuit presse » : {never}"


def test_an_article_sold_under_another_name_is_found(told: Festival) -> None:
    line = told.product_line()
    meanwhile(told, _product.c.code == "TOUR", lambda: told.sell(line), label="Autre")
    never = "ce tarif ou cet article ne s'est jamais appelé ainsi."
    assert str(fault(told)) == f"vente 1-000001 : « Autre » : {never}"


# -- what is given back


def reversed_for(festival: Festival, sale: CompletedSale) -> Callable[[], Any]:
    return lambda: festival.reverse(sale, authorized_by=festival.manager.id)


def test_a_sale_reversed_after_the_film_is_found(told: Festival) -> None:
    sale = told.sell()
    told.clock.advance(AFTERWARDS)
    meanwhile(told, KNEECAP, reversed_for(told, sale), **put_off(48))
    assert str(fault(told)) == AFTER_ITS_END


def test_a_sale_with_more_than_its_lines_reversed_after_the_film_is_found(told: Festival) -> None:
    """Its entry tells what cards got back, and is taken apart."""
    sale = sell_to(told, customer(told))
    told.clock.advance(AFTERWARDS)
    meanwhile(told, KNEECAP, reversed_for(told, sale), **put_off(48))
    assert str(fault(told)) == AFTER_ITS_END


def test_a_screening_called_cancelled_for_the_time_of_a_reversal_is_found(told: Festival) -> None:
    sale = told.sell()
    told.clock.advance(AFTERWARDS)
    meanwhile(told, KNEECAP, reversed_for(told, sale), state=ScreeningState.CANCELLED)
    assert str(fault(told)) == AFTER_ITS_END


def test_a_seat_asked_back_after_the_film_is_found(told: Festival) -> None:
    sale = sell_to(told, customer(told))
    told.clock.advance(AFTERWARDS)
    meanwhile(told, KNEECAP, lambda: accepted(told, asked(told, sale)), **put_off(48))
    assert str(fault(told)) == AFTER_ITS_END


def test_a_seat_exchanged_after_the_film_is_found(told: Festival) -> None:
    sale = told.sell()
    told.clock.advance(AFTERWARDS)
    meanwhile(told, KNEECAP, lambda: done(told, wish(told, sale, told.seat_line("KNEECAP2"))), **put_off(48))
    assert str(fault(told)) == AFTER_ITS_END


TOO_LATE = "séance KNEECAP : on en a rendu des places réservées trop tard, sans que personne en réponde."


def test_a_place_given_back_past_its_limit_that_was_put_off_for_a_moment_is_found(told: Festival) -> None:
    (booking_id,) = book(told, told.sell_pass(), "KNEECAP").booking_ids
    told.clock.advance(timedelta(hours=1))
    meanwhile(told, KNEECAP, lambda: give_up(told, booking_id), cancelling_ends_minutes=0)
    assert str(fault(told)) == TOO_LATE


def test_a_place_swapped_past_its_limit_that_was_put_off_for_a_moment_is_found(told: Festival) -> None:
    (booking_id,) = book(told, told.sell_pass(), "KNEECAP").booking_ids
    told.clock.advance(timedelta(hours=1))
    meanwhile(
        told, KNEECAP, lambda: swap(told, booking_id, "KNEECAP2", told.desks[1]), cancelling_ends_minutes=0
    )
    assert str(fault(told)) == TOO_LATE


def test_a_place_given_back_after_the_film_is_found(told: Festival) -> None:
    (booking_id,) = book(told, told.sell_pass(), "KNEECAP").booking_ids
    told.clock.advance(AFTERWARDS)
    by = {"authorized_by": told.manager.id, "reason": "Malade"}
    meanwhile(told, KNEECAP, lambda: give_up(told, booking_id, **by), **put_off(48))
    assert str(fault(told)) == "séance KNEECAP : on en a rendu des places réservées après sa fin."


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (put_off(48), "2026-01-23T19:00:00+00:00"),
        ({"hall_id": _garden}, "Centre de Congrès, Amphi Jardin"),
    ],
    ids=["hour", "hall"],
)
def test_a_place_booked_where_nothing_was_announced_is_found(
    told: Festival, changed: dict[str, Any], said: str
) -> None:
    pass_id = told.sell_pass()
    meanwhile(told, KNEECAP, lambda: book(told, pass_id, "KNEECAP"), **changed)
    assert (
        str(fault(told))
        == f"séance KNEECAP : on y a réservé des places pour « {said} », qui n'a jamais été annoncé."
    )


# -- honest lives


def test_places_given_back_under_every_limit_there_ever_was_stand(told: Festival) -> None:
    """In time, just booked, late for a manager, under a new rule, once it was moved, by its own limit."""
    codes = ("KNEECAP2", "KNEECAP", "KNEECAP", "KNEECAP", "ETERNAL", "KNEECAP2", "KNEECAP2")
    in_time, at_once, late, ruled, moved, its_own, later = (
        book(told, told.sell_pass(), code).booking_ids[0] for code in codes
    )
    by = {"authorized_by": told.manager.id, "reason": "Malade"}
    give_up(told, in_time)
    give_up(told, at_once)
    told.clock.advance(timedelta(hours=1))
    give_up(told, late, **by)
    told.write(
        lambda session: change_rule(
            session, told.posts[1], "cancelling-ends", "60", clock=told.clock, manager=told.manager
        )
    )
    rules = told.read(read_rules)
    other_till = replace(told.desks[1], post=replace(told.posts[1], rules=rules))
    move_later(told, "ETERNAL", later=timedelta(hours=5))
    told.clock.advance(timedelta(hours=4))
    give_up(told, ruled, desk=other_till)
    give_up(told, moved)
    change(told, Kind.SCREENING, "KNEECAP2", cancelling_ends_minutes="30")
    starts_at = next(row.starts_at for row in told.rows(Screening) if row.code == "KNEECAP2")
    told.clock.at = starts_at - timedelta(minutes=45)
    give_up(told, its_own, desk=told.desks[1])
    change(told, Kind.SCREENING, "KNEECAP2", cancelling_ends_minutes="90")
    give_up(told, later, desk=told.desks[1], **by)
    told.stands()


def test_titles_names_and_labels_mended_after_the_sale_stand(told: Festival) -> None:
    sale = told.sell(told.seat_line(), told.product_line())
    change(told, Kind.EVENT, "KNEECAP", title="Kneecap, le film", version="VF")
    change(told, Kind.TARIFF, "FILMS", "PLEIN", label="Tarif plein")
    change(told, Kind.PRODUCT, "TOUR", label="Tour de cou brodé")
    change(told, Kind.VENUE, "CC", name="Palais des Congrès", town="Angers")
    change(told, Kind.HALL, "AUD", name="Grand auditorium")
    told.sell(told.seat_line(), told.product_line(), desk=told.desks[1])
    told.reverse(sale, authorized_by=told.manager.id)
    told.clock.advance(AFTERWARDS)
    give(told)
    told.clock.advance(A_WEEK)
    declare(told)
    change(told, Kind.EVENT, "KNEECAP", title="Kneecap")
    change(told, Kind.VENUE, "CC", regime="NON_COMMERCIAL")
    declare(told)
    told.stands()


def test_a_film_substituted_stands_before_and_after(told: Festival) -> None:
    show_another_film(told)
    told.reverse(told.sell())
    change(told, Kind.SCREENING, "KNEECAP", event="AUTRE")
    change(told, Kind.EVENT, "AUTRE", title="Un autre film")
    told.sell()
    told.clock.advance(A_WEEK)
    give(told)
    declare(told)
    told.stands()


def test_a_screening_moved_is_declared_where_it_took_place_and_stands(told: Festival) -> None:
    told.sell()
    told.sell(told.seat_line("ETERNAL"))
    move(told, 24 * 7 + 3, "JAR")
    sale = told.sell()
    told.clock.advance(A_WEEK - timedelta(hours=12))
    declare(told)
    told.reverse(sale, authorized_by=told.manager.id)
    told.clock.advance(A_WEEK)
    declare(told)
    declare(told, day=WEDNESDAY + A_WEEK)
    give(told)
    told.stands()


def test_seats_of_a_cancelled_screening_are_given_back_after_its_end_and_stand(told: Festival) -> None:
    sale, other = told.sell(), sell_to(told, customer(told))
    last = told.sell()
    cancel(told)
    told.clock.advance(AFTERWARDS)
    told.reverse(sale, authorized_by=told.manager.id)
    accepted(told, asked(told, other))
    done(told, wish(told, last, told.seat_line("KNEECAP2")))
    give(told)
    told.clock.advance(A_WEEK)
    declare(told)
    told.stands()


def test_a_request_made_in_time_is_answered_later_and_stands(told: Festival) -> None:
    sale = sell_to(told, customer(told))
    told.clock.advance(timedelta(hours=5))
    requests = asked(told, sale)
    told.clock.advance(timedelta(hours=4))
    accepted(told, requests)
    told.stands()


def test_a_sale_reversed_once_its_screening_was_put_off_stands(told: Festival) -> None:
    sale = told.sell()
    move(told, 20, "AUD")
    told.clock.advance(AFTERWARDS)
    told.reverse(sale, authorized_by=told.manager.id)
    move(told, 19, "AUD")
    told.stands()


def test_a_week_declared_under_another_beginning_of_the_days_stands(told: Festival) -> None:
    change(told, Kind.SCREENING, "KNEECAP", date="28/01/2026", time="05:00")
    told.sell()
    told.clock.at = NOON + A_WEEK
    declare(told)
    declare(told, day=WEDNESDAY + A_WEEK)
    told.write(
        lambda session: change_rule(
            session, told.posts[1], "business-day", "06:00", clock=told.clock, manager=told.manager
        )
    )
    declare(told, "GT")
    told.stands()


def test_what_was_sold_before_the_first_change_was_told_stands(festival: Festival) -> None:
    """The first telling has what it found: nothing else tells what that was called, nor its hour or price."""
    sale = festival.sell(festival.seat_line(), festival.product_line())
    festival.clock.advance(AFTERWARDS)
    give(festival)
    change(festival, Kind.EVENT, "KNEECAP", title="Kneecap, le film")
    change(festival, Kind.PRODUCT, "TOUR", label="Tour de cou brodé")
    festival.stands()
    meanwhile(festival, KNEECAP, reversed_for(festival, sale), **put_off(48))
    assert str(fault(festival)) == AFTER_ITS_END


def test_what_was_sold_before_versions_told_the_rows_of_the_programme_stands(
    festival: Festival, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Imports of before told prices and hours alone: titles and names of then are not known."""

    def tell_as_before(
        session: Session,
        kind: JournalKind,
        about: Mapping[str, Any],
        _before: telling.Programme,
        answered: telling.Answered,
    ) -> None:
        whole = telling.programme_standing(session)
        told = {part: whole[part] for part in whole if part not in {"catalogue", "card_kinds"}}
        operator_number = answered.operator_number
        content = {**about, **told}
        journal.append(session, answered.post, kind, content, at=answered.at, operator_number=operator_number)

    festival.sell(festival.seat_line(), festival.product_line())
    with monkeypatch.context() as before:
        before.setattr(editing, "tell_programme", tell_as_before)
        change(festival, Kind.EVENT, "KNEECAP", title="Kneecap, le film")
        change(festival, Kind.TARIFF, "FILMS", "PLEIN", label="Tarif plein")
    festival.sell(festival.seat_line(), festival.product_line())
    change(festival, Kind.EVENT, "KNEECAP", title="Kneecap")
    festival.sell(festival.seat_line())
    festival.clock.advance(AFTERWARDS)
    give(festival)
    festival.clock.advance(A_WEEK)
    declare(festival)
    festival.stands()


def test_a_programme_that_was_never_told_is_held_to_nothing(festival: Festival) -> None:
    sale = festival.sell()
    meanwhile(festival, FILM, festival.sell, title="Autre film")
    festival.clock.advance(AFTERWARDS)
    meanwhile(festival, FILM, lambda: give(festival), title="Autre film")
    meanwhile(festival, KNEECAP, reversed_for(festival, sale), **put_off(48))
    festival.stands()


def test_tills_whose_clocks_are_apart_stand(told: Festival) -> None:
    sale = told.sell()
    told.clock.advance(timedelta(hours=9, minutes=40))
    told.clock.advance(-timedelta(minutes=5))
    told.reverse(sale, authorized_by=told.manager.id, desk=told.desks[1])
    told.clock.advance(timedelta(hours=1))
    give(told)
    told.stands()
