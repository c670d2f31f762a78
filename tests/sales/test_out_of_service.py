"""Tills, venues, halls, price lists and events that serve no more: out of sight, and back when asked for."""

import json
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import Session, SQLModel, col, select

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import JournalKind, PrinterKind, PrinterRole
from boxoffice.models import Event, Hall, JournalEntry, PriceList, Till, Venue
from boxoffice.sales.books.verification import verify
from boxoffice.sales.closings.state import read_state
from boxoffice.sales.importing.editing import list_rows, write_row
from boxoffice.sales.importing.layouts import Kind
from boxoffice.sales.importing.programme import ProgrammeRefused
from boxoffice.sales.screenings.halls import read_halls
from boxoffice.sales.screenings.screening_changes import (
    CancelScreening,
    MoveScreening,
    cancel_screening,
    move_screening,
)
from boxoffice.sales.staff.equipment import (
    AddPrinter,
    add_printer,
    assign_printer,
    list_printers,
    retire_printer,
)
from boxoffice.sales.staff.shift_closing import ShiftEnd, close_shift
from boxoffice.sales.staff.shifts import OpenShift, open_shift, till_retired
from boxoffice.sales.staff.till_changes import bring_back_till, retire_till
from tests.sales.closing_life import close_box_office, close_one, next_morning
from tests.sales.conftest import Festival
from tests.sales.meanwhile import meanwhile
from tests.sales.test_editing import change, standing, write
from tests.sales.test_programme_told import import_files

LASTING = {
    Kind.VENUE: ("CC", Venue),
    Kind.HALL: ("AUD", Hall),
    Kind.EVENT: ("KNEECAP", Event),
    Kind.PRICE_LIST: ("FILMS", PriceList),
}
_TOLD = (JournalKind.TILL_RETIRED, JournalKind.TILL_BROUGHT_BACK)
each_lasting = pytest.mark.parametrize("kind", LASTING)


def at_a_till(festival: Festival, act: Callable[..., str], number: int = 2, till: int = 0) -> str:
    """What a manager does at one till to one, by its number."""
    return festival.write(
        lambda session: act(
            session, festival.posts[till], number, clock=festival.clock, manager=festival.manager
        )
    )


def shut(festival: Festival, till: int) -> None:
    """Close a till by its place, with nobody having counted it."""
    close_one(festival, till, end=ShiftEnd(reason="Non compté"))


def is_active(festival: Festival, number: int) -> bool:
    return festival.read(lambda session: session.exec(select(Till.active).where(Till.number == number)).one())


def the_programme_is_over(festival: Festival) -> None:
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=4))


# -- tills


def test_a_till_that_is_closed_is_put_out_of_service_and_opens_no_more(festival: Festival) -> None:
    shut(festival, 1)
    assert at_a_till(festival, retire_till) == "Caisse 2"
    festival.stands()
    opening = OpenShift(5_000)
    with pytest.raises(Refusal, match="La caisse 2 n'est plus en service") as refused:
        festival.write(
            lambda session: open_shift(
                session, festival.posts[1], festival.manager, opening, clock=festival.clock
            )
        )
    assert "remet en service à une autre caisse" in refused.value.remedy
    assert festival.read(lambda session: till_retired(session, festival.posts[0])) is None
    with pytest.raises(Refusal, match="n'est déjà plus en service"):
        at_a_till(festival, retire_till)


def test_a_till_brought_back_opens_with_its_key(festival: Festival) -> None:
    shut(festival, 1)
    at_a_till(festival, retire_till)
    assert at_a_till(festival, bring_back_till) == "Caisse 2"
    with pytest.raises(Refusal, match="est déjà en service"):
        at_a_till(festival, bring_back_till)
    shut(festival, 0)
    close_box_office(festival)
    next_morning(festival)
    festival.sell(festival.product_line(), desk=festival.desks[1])
    festival.stands()


def test_a_till_with_something_left_to_close_stays_in_service(festival: Festival) -> None:
    with pytest.raises(Refusal, match="Une session de Chloé M") as refused:
        at_a_till(festival, retire_till)
    assert refused.value.remedy == "Clôturez-la d'abord : F10 puis Z."
    desk = festival.desks[1]
    festival.write(
        lambda session: close_shift(
            session, desk.post, festival.manager, desk.till_session_id, 5_000, clock=festival.clock
        )
    )
    with pytest.raises(Refusal, match=r"La journée du .* n'est pas close à la caisse 2"):
        at_a_till(festival, retire_till)
    shut(festival, 1)
    at_a_till(festival, retire_till)
    assert not is_active(festival, 2)


def test_the_till_at_which_it_is_asked_stays_in_service(festival: Festival) -> None:
    shut(festival, 1)
    with pytest.raises(Refusal, match="est celle de ce poste"):
        at_a_till(festival, retire_till, till=1)
    with pytest.raises(Refusal, match="La caisse 7 n'existe pas"):
        at_a_till(festival, retire_till, 7)


def test_the_last_till_stays_in_service(festival: Festival) -> None:
    """Two that put each other away do so one after the other."""
    for till in range(2):
        shut(festival, till)
    at_a_till(festival, retire_till)
    with pytest.raises(Refusal, match="est la dernière en service"):
        at_a_till(festival, retire_till, 1, till=1)


def test_only_a_manager_puts_a_till_out_of_service(festival: Festival) -> None:
    shut(festival, 1)
    with pytest.raises(ManagerNeeded):
        festival.write(
            lambda session: retire_till(
                session, festival.posts[0], 2, clock=festival.clock, manager=festival.cashier
            )
        )


def test_no_closing_waits_for_a_till_out_of_service(festival: Festival) -> None:
    shut(festival, 1)
    at_a_till(festival, retire_till)
    shut(festival, 0)
    close_box_office(festival)
    state = festival.read(lambda session: read_state(session, festival.posts[0].rules, clock=festival.clock))
    assert [till.till for till in state.tills] == [1]
    assert state.stops == ()


@pytest.mark.parametrize("retired_first", [True, False])
def test_a_till_put_in_or_out_of_service_behind_the_journal_is_found(
    festival: Festival, retired_first: bool
) -> None:
    shut(festival, 1)
    if retired_first:
        at_a_till(festival, retire_till)
    with festival.database.write() as session:
        session.get_one(Till, festival.posts[1].till_id).active = retired_first
    assert "active" in str(festival.read(verify).fault)


# -- venues, halls, price lists, events


def known(festival: Festival, kind: Kind) -> bool:
    """Whether the row is shown without having been asked for."""
    rows = festival.read(lambda session: list_rows(session, kind))
    return next(row.in_use for row in rows if row.key == (LASTING[kind][0],))


@each_lasting
def test_what_serves_no_more_is_put_out_of_service_and_brought_back(festival: Festival, kind: Kind) -> None:
    code, model = LASTING[kind]
    the_programme_is_over(festival)
    assert change(festival, kind, code, active="non")["active"] == "non"
    assert not known(festival, kind)
    festival.stands()
    assert change(festival, kind, code, active="oui")["active"] == "oui"
    assert known(festival, kind)
    festival.stands()
    change(festival, kind, code, active="non")
    with festival.database.write() as session:
        row(session, model, code).active = True
    festival.stands()  # whatever was once told of a row is let pass


def row(session: Session, model: type[SQLModel], code: str) -> SQLModel:
    return session.exec(select(model).where(col(model.code) == code)).one()


@each_lasting
def test_what_was_never_told_to_be_out_of_service_is_found_so(festival: Festival, kind: Kind) -> None:
    code, model = LASTING[kind]
    change(festival, Kind.HALL, "JAR", name="Jardin")
    with festival.database.write() as session:
        row(session, model, code).active = False
    assert "active" in str(festival.read(verify).fault)


@each_lasting
def test_what_a_screening_to_come_needs_stays_in_service(festival: Festival, kind: Kind) -> None:
    code, _model = LASTING[kind]
    with pytest.raises(Refusal, match=r"En service : .* séances? à venir") as refused:
        change(festival, kind, code, active="non")
    assert refused.value.remedy == "Rien n'a été changé."
    assert known(festival, kind)


def test_each_refusal_says_what_to_do_first(festival: Festival) -> None:
    said = {}
    for kind, (code, _model) in LASTING.items():
        with pytest.raises(Refusal) as refused:
            change(festival, kind, code, active="non")
        said[kind] = refused.value.message
    assert said[Kind.HALL] == (
        "En service : une séance à venir s'y tient ; déplacez-la ou annulez-la d'abord (F10)."
    )
    assert "4 séances à venir s'y tiennent" in said[Kind.VENUE]
    assert "2 séances à venir la montrent" in said[Kind.EVENT]
    assert "4 séances à venir en vendent les tarifs ; donnez-leur d'abord une autre" in said[Kind.PRICE_LIST]


def test_an_event_cancelled_whose_seats_are_not_given_back_stays_in_service(festival: Festival) -> None:
    festival.sell(festival.seat_line("KNEECAP2"))
    cancel(festival, "KNEECAP")
    cancel(festival, "KNEECAP2")
    with pytest.raises(Refusal, match="une séance à venir la montre, ou a des places prises"):
        change(festival, Kind.EVENT, "KNEECAP", active="non")


def cancel(festival: Festival, screening: str) -> None:
    command = CancelScreening(
        uuid4(), festival.screening_id(screening), "Panne", authorized_by=festival.manager.id
    )
    festival.write(lambda session: cancel_screening(session, command, festival.desk, clock=festival.clock))


def test_a_hall_is_out_of_service_once_its_screening_is_cancelled(festival: Festival) -> None:
    cancel(festival, "KNEECAP")
    change(festival, Kind.HALL, "AUD", active="non")
    assert [hall.place for hall in festival.read(read_halls)] == ["Centre de Congrès, Amphi Jardin"]
    festival.stands()


def move_to_the_large_hall(festival: Festival) -> MoveScreening:
    hall_id = festival.read(lambda session: session.exec(select(Hall.id).where(Hall.code == "AUD")).one())
    return MoveScreening(
        uuid4(),
        festival.screening_id("ETERNAL"),
        festival.clock.now() + timedelta(hours=2),
        hall_id or 0,
        "Plus grand",
        festival.manager.id,
    )


@pytest.mark.parametrize("is_venue", [False, True])
def test_no_screening_is_moved_into_a_hall_out_of_service(festival: Festival, is_venue: bool) -> None:
    cancel(festival, "KNEECAP")
    write(festival, Kind.VENUE, {"code": "GT", "name": "Grand Théâtre"})
    change(festival, Kind.HALL, "AUD", venue="GT")
    change(festival, *((Kind.VENUE, "GT") if is_venue else (Kind.HALL, "AUD")), active="non")
    moving = move_to_the_large_hall(festival)
    with pytest.raises(Refusal, match="Auditorium n'est plus en service"):
        festival.write(lambda session: move_screening(session, moving, festival.desk, clock=festival.clock))
    assert len(festival.read(read_halls)) == 1


def test_no_screening_to_come_is_given_what_is_out_of_service(festival: Festival) -> None:
    cancel(festival, "KNEECAP")
    change(festival, Kind.HALL, "AUD", active="non")
    with pytest.raises(Refusal, match="« AUD » n'est plus en service : remettez-le d'abord en service"):
        change(festival, Kind.SCREENING, "KNEECAP2", hall="AUD")


def test_a_row_imported_again_is_what_the_file_says(festival: Festival) -> None:
    the_programme_is_over(festival)
    plain = "salle;lieu;nom;places\nAUD;CC;Auditorium;12\n"
    told = "salle;lieu;nom;places;en service\nAUD;CC;Auditorium;12;{}\n"
    import_files(festival, ("salles.csv", told.format("non")))
    assert not known(festival, Kind.HALL)
    import_files(festival, ("salles.csv", plain))
    assert not known(festival, Kind.HALL)
    import_files(festival, ("salles.csv", told.format("")))
    assert known(festival, Kind.HALL)
    festival.stands()


def test_an_import_that_puts_out_of_service_what_is_needed_names_the_row(festival: Festival) -> None:
    told = "salle;lieu;nom;places;en service\nJAR;CC;Amphi Jardin;5;oui\nAUD;CC;Auditorium;10;non\n"
    with pytest.raises(ProgrammeRefused) as refused:
        import_files(festival, ("salles.csv", told))
    (fault,) = refused.value.faults
    assert (fault.line, fault.column) == (3, "en service")


def test_the_tariffs_of_a_price_list_out_of_service_are_out_of_sight(festival: Festival) -> None:
    the_programme_is_over(festival)
    change(festival, Kind.PRICE_LIST, "FILMS", active="non")
    rows = festival.read(lambda session: list_rows(session, Kind.TARIFF))
    assert rows
    assert not any(row.in_use for row in rows)


def test_a_printer_is_put_away_although_a_till_out_of_service_had_papers_of_it(festival: Festival) -> None:
    by = {"clock": festival.clock, "manager": festival.manager}
    post = festival.posts[0]
    festival.write(
        lambda session: add_printer(session, post, AddPrinter("Rouleau", PrinterKind.VIRTUAL), **by)
    )
    roles = (PrinterRole.TICKETS, PrinterRole.BADGES)
    festival.write(lambda session: assign_printer(session, post, "Rouleau", roles, 2, **by))
    shut(festival, 1)
    with pytest.raises(Refusal, match="« Rouleau » sort encore des papiers de la caisse 2"):
        festival.write(lambda session: retire_printer(session, post, "Rouleau", **by))
    at_a_till(festival, retire_till)
    festival.write(lambda session: retire_printer(session, post, "Rouleau", **by))
    at_a_till(festival, bring_back_till)
    (virtual,) = festival.read(list_printers)
    assert set(virtual.papers[2]) == set(PrinterRole)
    festival.stands()


@pytest.mark.parametrize("opened_first", [True, False])
def test_a_till_is_not_opened_while_it_is_put_out_of_service(festival: Festival, opened_first: bool) -> None:
    shut(festival, 1)
    by = {"clock": festival.clock, "manager": festival.manager}
    opening = OpenShift(0, authorized_by=festival.manager, reason="Renfort")

    def retire(session: Session) -> str:
        return retire_till(session, festival.posts[0], 2, **by)

    def open_there(session: Session) -> object:
        return open_shift(session, festival.posts[1], festival.manager, opening, clock=festival.clock)

    first, second = (open_there, retire) if opened_first else (retire, open_there)
    refused = meanwhile(festival, first, lambda: festival.write(second))
    assert isinstance(refused, Refusal)
    said = (
        "Une session de Lisa B. est ouverte à la caisse 2."
        if opened_first
        else "La caisse 2 n'est plus en service."
    )
    assert refused.message == said


@pytest.mark.parametrize("moved_first", [True, False])
@pytest.mark.parametrize("kind", [Kind.HALL, Kind.VENUE])
def test_no_screening_is_moved_into_a_hall_that_is_put_out_of_service_meanwhile(
    festival: Festival, kind: Kind, moved_first: bool
) -> None:
    cancel(festival, "KNEECAP")
    write(festival, Kind.VENUE, {"code": "GT", "name": "Grand Théâtre"})
    change(festival, Kind.HALL, "AUD", venue="GT")
    key = "AUD" if kind is Kind.HALL else "GT"
    seen = standing(festival, kind, key)
    moving = move_to_the_large_hall(festival)

    def retire(session: Session) -> None:
        texts, post = {**seen, "active": "non"}, festival.posts[1]
        write_row(session, kind, texts, post, clock=festival.clock, manager=festival.manager)

    def move(session: Session) -> object:
        return move_screening(session, moving, festival.desk, clock=festival.clock)

    first, second = (move, retire) if moved_first else (retire, move)
    refused = meanwhile(festival, first, lambda: festival.write(second))
    assert isinstance(refused, Refusal)
    assert ("une séance à venir s'y tient" if moved_first else "n'est plus en service") in refused.message


def test_the_journal_tells_who_put_a_till_away(festival: Festival) -> None:
    shut(festival, 1)
    at_a_till(festival, retire_till)
    at_a_till(festival, bring_back_till)
    told = [(entry.kind, json.loads(entry.content)) for entry in festival.rows(JournalEntry)]
    assert [(kind, content["operator"], content["name"]) for kind, content in told if kind in _TOLD] == [
        (kind, festival.manager.number, "Caisse 2") for kind in _TOLD
    ]
