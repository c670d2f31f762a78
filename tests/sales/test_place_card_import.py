"""Kinds of place cards come with the programme, numbers issued elsewhere by a file of their own."""

from datetime import date

import pytest
from sqlmodel import Session, col, update

from boxoffice.kinds import CardSource
from boxoffice.models import PlaceCard, PlaceCardHolder, PlaceCardKind, PriceList, Product, StoredValue
from boxoffice.sales.books.verification import verify
from boxoffice.sales.importing import (
    ImportedPlaceCards,
    ImportPlaceCards,
    ImportProgramme,
    ImportRefused,
    Source,
    import_place_cards,
    import_programme,
)
from boxoffice.sales.screenings.programme import read_programme
from boxoffice.sales.staff.rules import Rules
from boxoffice.sales.vouchers import place_cards
from tests.sales.conftest import Festival
from tests.sales.value_life import books_hold, left_in, numbered_card, sell_with_card

KINDS = """carte de places;libellé;nombre de places;TVA;touche;prix;nominative;supplément compris;\
points;anniversaire;jours;sections;grilles;jours de validité;valable jusqu'au
CINE3;CinéCarte 3 places;3;5,5 %;2;22,50;;;;;;;FILMS;365;
FID57;Place 5/7;1;5,5 %;;;;;240;;lun-ven;;;90;
ANNIV;Anniversaire;1;5,5 %;;;;;;oui;;;;30;
PERM;Invitation permanente;;5,5 %;;;oui;oui;;;;;;;31/12/2026
"""


def kinds(festival: Festival, text: str = KINDS, *, complete: bool = False) -> None:
    command = ImportProgramme((Source("cartes.csv", text.encode()),), complete)
    festival.write(
        lambda session: import_programme(
            session, command, festival.posts[0], clock=festival.clock, manager=festival.manager
        )
    )


def numbers(festival: Festival, text: str) -> ImportedPlaceCards:
    command = ImportPlaceCards((Source("numeros.csv", text.encode()),))
    return festival.write(
        lambda session: import_place_cards(
            session, command, festival.posts[0], clock=festival.clock, manager=festival.manager
        )
    )


def faults(festival: Festival, work: str, text: str) -> list[str]:
    before = festival.everything()
    with pytest.raises(ImportRefused) as refused:
        (kinds if work == "kinds" else numbers)(festival, text)
    assert festival.everything() == before
    return [str(fault) for fault in refused.value.faults]


def test_kinds_come_with_the_programme_and_those_with_a_price_are_sold(festival: Festival) -> None:
    kinds(festival)
    found = {row.code: row for row in festival.rows(PlaceCardKind)}
    assert set(found) == {"CINE3", "FID57", "ANNIV", "PERM"}
    three, five, permanent = found["CINE3"], found["FID57"], found["PERM"]
    assert (three.places, three.price_lists, three.valid_days) == (3, "FILMS", 365)
    assert (five.points, five.weekdays, five.product_id) == (240, "12345", None)
    assert (permanent.places, permanent.nominative, permanent.valid_until) == (None, True, date(2026, 12, 31))
    programme = festival.read(lambda session: read_programme(session, Rules()))
    assert [(offer.label, offer.price_cents) for offer in programme.place_cards] == [
        ("CinéCarte 3 places", 2250)
    ]
    assert "CinéCarte 3 places" not in [article.label for article in programme.articles]


def test_the_same_kinds_again_change_nothing_and_what_is_gone_is_withdrawn(festival: Festival) -> None:
    kinds(festival)
    before = [tuple(row) for row in festival.rows(PlaceCardKind)]
    kinds(festival)
    assert [tuple(row) for row in festival.rows(PlaceCardKind)] == before
    kinds(festival, "\n".join(KINDS.splitlines()[:1] + KINDS.splitlines()[2:]), complete=True)
    assert {row.code: row.active for row in festival.rows(PlaceCardKind)}["CINE3"] is False
    assert {row.code: row.active for row in festival.rows(Product)}["CINE3"] is False
    books_hold(festival)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("TOUR;Carte;3;5,5 %;1;9,00", "« TOUR » est un produit"),
        ("C;Carte;3;5,5 %;;9,00", "il manque la touche"),
        ("C;Carte;;5,5 %;1;9,00", "une invitation permanente ne se vend pas"),
        ("C;Carte;3;5,5 %;;;;;240", "une place offerte est une carte d'une place"),
        ("C;Carte;1;5,5 %;;;oui;;240", "n'est pas nominative"),
        ("C;Carte;1;5,5 %;;;;;;;lundi-vendredi-dimanche", "une suite de jours"),
        ("C;Carte;1;5,5 %;;;;;;;ven-lun", "une suite de jours"),
        ("C;Carte;1;5,5 %;;;;;;;;;NULLE", "« NULLE » n'existe pas"),
        ("C;Carte;1;5,5 %;;;;;;;;Nulle part;", "« Nulle part » n'existe pas"),
    ],
)
def test_every_fault_of_a_kind_is_told(festival: Festival, row: str, said: str) -> None:
    (fault,) = faults(festival, "kinds", f"{KINDS.splitlines()[0]}\n{row}\n")
    assert said in fault


def test_a_kind_changed_in_the_database_is_found(festival: Festival) -> None:
    kinds(festival)
    kinds(festival, KINDS.replace("lun-ven", "sam dim"))
    books_hold(festival)
    for change in ({"weekdays": ""}, {"places": 9}, {"valid_until": None}):
        code = "PERM" if "valid_until" in change else "FID57"
        statement = update(PlaceCardKind).where(col(PlaceCardKind.code) == code).values(**change)
        with festival.database.write() as session:
            session.exec(statement)
            verdict = verify(session)
            session.rollback()
        assert verdict.fault is not None
        assert code in str(verdict.fault)


def test_the_supplement_is_that_of_the_price_list(festival: Festival) -> None:
    command = ImportProgramme((Source("grilles.csv", "grille;nom;supplément\nFILMS;Films;1,50\n".encode()),))
    festival.write(
        lambda session: import_programme(
            session, command, festival.posts[0], clock=festival.clock, manager=festival.manager
        )
    )
    assert [row.supplement_cents for row in festival.rows(PriceList)] == [150]


NUMBERS = """numéro de carte;carte;places;valable jusqu'au;nom
4821 5530-1127;CINE3;2;20/05/2026;
4821 5530 1135;CINE3;;;
9900 0001 0042;PERM;;;Lefèvre
"""


def test_numbers_issued_elsewhere_pay_here_and_are_imported_once(festival: Festival) -> None:
    kinds(festival)
    assert numbers(festival, NUMBERS) == ImportedPlaceCards(added=3, known=0)
    assert numbers(festival, NUMBERS) == ImportedPlaceCards(added=0, known=3)
    cards = {row.number: row for row in festival.rows(PlaceCard)}
    assert set(cards) == {"482155301127", "482155301135", "990000010042"}
    first = cards["482155301127"]
    assert (first.source, first.code) == (CardSource.ELSEWHERE, None)
    values = {row.id: row for row in festival.rows(StoredValue)}
    assert (values[first.value_id].amount, values[first.value_id].valid_until) == (2, date(2026, 5, 20))
    second = values[cards["482155301135"].value_id]
    assert (second.amount, second.valid_until) == (3, date(2027, 1, 21))
    assert [row.surname for row in festival.rows(PlaceCardHolder)] == ["lefevre"]

    def look_up(session: Session) -> place_cards.CardState:
        return place_cards.look_up(session, "482155301127", festival.desk, clock=festival.clock)

    card = festival.read(look_up)
    sell_with_card(festival, card.value_id, festival.seat_line())
    assert numbers(festival, NUMBERS).known == 3
    assert left_in(festival, card.value_id) == 1
    books_hold(festival)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("123;CINE3;;;", "6 à 40 lettres ou chiffres"),
        ("123456;NULLE;;;", "valeurs admises : ANNIV, CINE3, FID57, PERM"),
        ("123456;CINE3;4;;", "n'a pas autant de places"),
        ("123456;PERM;;;", "il faut le nom du titulaire"),
        ("123456;CINE3;;;Lefèvre", "n'est pas nominative"),
        ("OURS0001;CINE3;;;", "et d'une autre sorte"),
    ],
)
def test_every_fault_of_a_number_is_told(festival: Festival, row: str, said: str) -> None:
    kinds(festival)
    five = next(kind.id for kind in festival.rows(PlaceCardKind) if kind.code == "FID57")
    numbered_card(festival, five, "OURS0001")
    (fault,) = faults(festival, "numbers", f"{NUMBERS.splitlines()[0]}\n{row}\n")
    assert said in fault


def test_all_faults_are_told_together_and_nothing_is_kept(festival: Festival) -> None:
    kinds(festival)
    told = faults(festival, "numbers", NUMBERS + "1;CINE3;;;\n654321;CINE9;;;\n")
    assert [fault.split(", ")[1] for fault in told] == ["ligne 5", "ligne 6"]
