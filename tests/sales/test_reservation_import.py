"""Reservations taken online, imported as often as one likes."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from boxoffice.models import (
    Customer,
    JournalEntry,
    Reservation,
    ReservationSource,
    ReservedSeat,
    Screening,
    table,
)
from boxoffice.sales.codes import CodeKind, new_code
from boxoffice.sales.importing import (
    ImportedReservations,
    ImportRefused,
    ImportReservations,
    Source,
    import_reservations,
)
from boxoffice.sales.reserving.reservation_listing import find_reservations
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.meanwhile import meanwhile
from tests.sales.test_reservations import states, take_seats

HEADER = "référence;séance;tarif;places;nom;prénom;téléphone;courriel;code\n"
LEA = "WEB-0001;KNEECAP;PLEIN;2;Dupont;Léa;06 12 34 56 78;lea@example.fr;\n"
CODE = new_code(CodeKind.RESERVATION)


def bring_in(festival: Festival, text: str) -> ImportedReservations:
    command = ImportReservations((Source("r.csv", (HEADER + text).encode()),))
    return festival.database.attempt(
        lambda session: import_reservations(session, command, festival.posts[0], clock=festival.clock)
    )


def refused(festival: Festival, text: str) -> list[str]:
    before = festival.everything()
    with pytest.raises(ImportRefused) as caught:
        bring_in(festival, text)
    assert festival.everything() == before
    return [str(fault) for fault in caught.value.faults]


def test_rows_of_one_reference_are_one_reservation(festival: Festival) -> None:
    rows = LEA + "WEB-0001;KNEECAP;REDUIT;1;Dupont;;;;\nWEB-0002;ETERNAL;PLEIN;1;Martin;Zoé;;;\n"
    assert bring_in(festival, rows) == ImportedReservations(added=2, known=0, late=0)
    first, second = sorted(festival.rows(Reservation), key=lambda row: row.reference)
    assert (first.reference, first.source) == ("WEB-0001", ReservationSource.IMPORTED)
    assert second.reference == "WEB-0002"
    assert len(states(festival)) == 4
    assert festival.allocated() == 3
    festival.read(check_the_house)


def test_the_same_file_again_changes_nothing(festival: Festival) -> None:
    bring_in(festival, LEA)
    assert bring_in(festival, LEA) == ImportedReservations(added=0, known=1, late=0)
    assert festival.count(ReservedSeat) == 2
    assert festival.count(Customer) == 1


def test_a_reservation_that_was_changed_at_the_counter_is_left_as_it_is(festival: Festival) -> None:
    bring_in(festival, LEA)
    more = LEA.replace(";2;", ";5;")
    assert bring_in(festival, more).known == 1
    assert festival.allocated() == 2


def test_a_code_to_scan_may_be_given(festival: Festival) -> None:
    bring_in(festival, LEA.replace(".fr;\n", f".fr;{CODE}\n"))
    (found,) = festival.read(lambda session: find_reservations(session, CODE))
    assert found.reference == "WEB-0001"


def test_what_would_expire_at_once_is_left_out_and_counted(festival: Festival) -> None:
    festival.clock.at = festival.seat_line().starts_at - timedelta(minutes=29)
    rows = LEA + "WEB-0002;KNEECAP2;PLEIN;1;Martin;Zoé;;;\n"
    assert bring_in(festival, rows) == ImportedReservations(added=1, known=0, late=1)


def test_every_fault_is_told_and_nothing_is_imported(festival: Festival) -> None:
    reserved = take_seats(festival, ("KNEECAP2", "PLEIN", 1))
    rows = (
        LEA
        + "WEB-0001;KNEECAP;REDUIT;1;Durand;;;;\n"
        + "WEB-0003;RIEN;PLEIN;1;Martin;;;;\n"
        + "WEB-0004;ETERNAL;PLEIN;0;Martin;;;;\n"
        + "WEB-0005;ETERNAL;AUTRE;1;Martin;;;;\n"
        + "WEB-0006;ETERNAL;PLEIN;6;Martin;;;;\n"
        + "WEB-0007;ETERNAL;PLEIN;1;Martin;;12;;\n"
        + "WEB-0008;ETERNAL;PLEIN;1;Martin;;;;R123\n"
        + f"{reserved.reference};ETERNAL;PLEIN;1;Martin;;;;\n"
    )
    faults = refused(festival, rows)
    assert [fault.split(" : ")[0] for fault in faults] == [
        "r.csv, ligne 3, colonne « nom »",
        "r.csv, ligne 4, colonne « séance »",
        "r.csv, ligne 5, colonne « places »",
        "r.csv, ligne 6, colonne « places »",
        "r.csv, ligne 7, colonne « places »",
        "r.csv, ligne 8, colonne « téléphone »",
        "r.csv, ligne 9, colonne « code »",
        "r.csv, ligne 10, colonne « référence »",
    ]
    assert "The Eternal Daughter de 15 h 00 : il restait 5 places, vous en demandez 6." in faults[4]


def test_a_code_is_of_one_reservation(festival: Festival) -> None:
    row = LEA.replace(".fr;\n", f".fr;{CODE}\n")
    (fault,) = refused(festival, row + row.replace("WEB-0001", "WEB-0002"))
    assert "colonne « code » : ce code est déjà celui d'une autre réservation." in fault


def test_the_journal_tells_of_the_import_and_of_nobody(festival: Festival) -> None:
    bring_in(festival, LEA)
    told = [row for row in festival.rows(JournalEntry) if row.kind.startswith("reservation")]
    assert [row.kind for row in told] == ["reservation.made", "reservations.imported"]
    assert not any(word in row.content for row in told for word in ("Dupont", "Léa", "example", "12 34"))


def test_seats_of_a_file_are_taken_together_and_screenings_are_not_held_meanwhile(
    festival: Festival,
) -> None:
    """A sale of two screenings could wait for the import in a ring, and the import for it."""
    rows = "".join(
        f"WEB-{number};{code};PLEIN;1;Martin;Zoé;;;\n"
        for number, code in enumerate(("KNEECAP2", "ETERNAL", "KNEECAP", "ETERNAL"))
    )
    screening, seat = table(Screening), table(ReservedSeat)
    ids = {code: festival.screening_id(code) for code in ("KNEECAP", "ETERNAL", "KNEECAP2")}
    first, *others = sorted(ids.values())

    def hold(session: Session) -> None:
        session.execute(select(screening.c.id).where(screening.c.id == first).with_for_update(key_share=True))

    def the_others_are_free(session: Session) -> None:
        free = (
            select(screening.c.id)
            .where(screening.c.id.in_(others))
            .with_for_update(skip_locked=True, key_share=True)
        )
        assert sorted(session.execute(free).scalars()) == others

    done = meanwhile(festival, hold, lambda: bring_in(festival, rows), the_others_are_free)
    assert done == ImportedReservations(added=4, known=0, late=0)
    assert (
        festival.read(lambda session: session.execute(select(func.count()).select_from(seat)).scalar_one())
        == 4
    )
    festival.read(check_the_house)


def test_seats_that_the_same_file_has_asked_for_are_not_left(festival: Festival) -> None:
    rows = "".join(f"WEB-{number};ETERNAL;PLEIN;2;Martin;Zoé;;;\n" for number in range(3))
    (fault,) = refused(festival, rows)
    assert "il restait 1 place, vous en demandez 2" in fault
