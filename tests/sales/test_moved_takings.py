"""Closings of a programme whose sections and venues have changed: a change explains no more than its own."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.models import Event, Hall, Screening, Venue, table
from boxoffice.sales.books.journal import append
from boxoffice.sales.books.reconciliation import Fault
from boxoffice.sales.importing.layouts import Kind
from boxoffice.sales.importing.telling import programme_standing
from tests.sales.conftest import Festival
from tests.sales.test_editing import change
from tests.sales.test_programme_told import import_files
from tests.sales.test_tampering import fault

_screening, _event, _hall, _venue = table(Screening), table(Event), table(Hall), table(Venue)
_eternal = _screening.update().where(_screening.c.code == "ETERNAL")
_film = _event.update().where(_event.c.code == "KNEECAP")
_room = _hall.update().where(_hall.c.code == "AUD")
_NOT_ITS_FIGURES = Fault(
    "clôture n° 1 de la caisse 1", "ses chiffres ne sont pas ceux des opérations qu'elle couvre."
)


@pytest.fixture
def moved(festival: Festival) -> Festival:
    """The small festival where a film has left its section, and a hall its venue, and both came back."""
    import_files(festival, ("lieux.csv", "lieu;nom;ville\nGT;Grand Théâtre;Angers\n"))
    change(festival, Kind.EVENT, "KNEECAP", section="")
    change(festival, Kind.EVENT, "KNEECAP", section="Compétition")
    change(festival, Kind.HALL, "JAR", venue="GT")
    change(festival, Kind.HALL, "JAR", venue="CC")
    assert fault(festival) is None
    return festival


def id_of(rows: sa.Table, column: sa.Column[str], value: str) -> sa.ScalarSelect[int]:
    return sa.select(rows.c.id).where(column == value).scalar_subquery()


def test_closings_before_and_after_each_change_stand(moved: Festival) -> None:
    sold = moved.sell(moved.seat_line(), moved.seat_line("ETERNAL"))
    change(moved, Kind.EVENT, "KNEECAP", section="Nuit")
    moved.reverse(sold, 1)
    moved.sell(moved.seat_line(), desk=moved.desks[1])
    moved.end_the_day()
    change(moved, Kind.EVENT, "KNEECAP", section="Panorama")
    change(moved, Kind.VENUE, "CC", name="Palais")
    moved.stands()


def test_a_section_changed_under_a_version_that_told_no_sections_is_no_fault(festival: Festival) -> None:
    """What was closed before the programme was told with its sections is held to none of them."""

    def tell_as_before(session: Session) -> None:
        told = {part: each for part, each in programme_standing(session).items() if part != "catalogue"}
        about = JournalKind.PROGRAMME_CHANGED
        append(session, festival.posts[0], about, told, at=festival.clock.now(), operator_number=1)

    festival.write(tell_as_before)
    festival.sell(festival.seat_line())
    festival.end_the_day()
    festival.write(lambda session: session.execute(_film.values(section="Nuit")))
    festival.write(tell_as_before)
    festival.clock.advance(timedelta(minutes=1))
    assert fault(festival) is None
    change(festival, Kind.VENUE, "CC", name="Palais")
    assert fault(festival) is None


def test_what_was_sold_of_a_film_is_not_the_section_of_another_that_changed(moved: Festival) -> None:
    moved.sell(moved.seat_line(), moved.seat_line("ETERNAL"))
    (row,) = [row for row in moved.rows(Screening) if row.code == "ETERNAL"]
    other = id_of(_event, _event.c.code, "KNEECAP")
    moved.write(lambda session: session.execute(_eternal.values(event_id=other)))
    moved.end_the_day()
    moved.write(lambda session: session.execute(_eternal.values(event_id=row.event_id)))
    assert fault(moved) == _NOT_ITS_FIGURES


def test_what_was_sold_in_a_hall_is_not_the_venue_of_another_that_changed(moved: Festival) -> None:
    moved.sell(moved.seat_line())
    moved.write(lambda session: session.execute(_room.values(venue_id=id_of(_venue, _venue.c.code, "GT"))))
    moved.end_the_day()
    moved.write(lambda session: session.execute(_room.values(venue_id=id_of(_venue, _venue.c.code, "CC"))))
    assert fault(moved) == _NOT_ITS_FIGURES
