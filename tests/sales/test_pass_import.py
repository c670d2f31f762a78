"""Importing passes sold online and accreditations: everybody once, and nobody against their will."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlmodel import Session, select

from boxoffice.errors import ManagerNeeded
from boxoffice.models import (
    Customer,
    JournalEntry,
    Pass,
    PassKind,
    PassProduct,
    PassSource,
    Product,
    table,
)
from boxoffice.sales.books.verification import verify
from boxoffice.sales.holders import bookings
from boxoffice.sales.holders.bookings import Book
from boxoffice.sales.holders.passes import find_pass
from boxoffice.sales.importing import (
    ImportedPasses,
    ImportPasses,
    ImportProgramme,
    ImportRefused,
    Source,
    import_passes,
    import_programme,
)
from boxoffice.sales.importing.layouts import Kind

from .conftest import Festival
from .test_programme_import import bring_in, refused

HEADER = "numéro;pass;nom;prénom;date de naissance;téléphone;courriel;code postal;ville;pays;vendu le\n"
ZOE = "W-1;PASS20;Lefèvre-Ibáñez;Zoé;04/07/1991;06 12 34 56 01;zoe@example.fr;49100;Angers;;02/12/2025\n"
ACCREDITED = "numéro;catégorie;nom;prénom;organisation;courriel\n"
AURORE = "A-1;ACCRED;Chantebise;Aurore;Les Films du Tilleul;aurore@example.fr\n"
PASSES = (
    "pass;touche;libellé;prix;TVA;sorte;nombre de places;par séance;par jour;tarif des places;"
    "accompagnants;tarif accompagnant;valable du;valable jusqu'au;justificatif\n"
)


def sold(festival: Festival, text: str, kind: PassKind = PassKind.PASS) -> ImportedPasses:
    """Import a file of passes and commit."""
    command = ImportPasses(kind, (Source("online.csv", text.encode()),))
    return festival.write(
        lambda session: import_passes(
            session, command, festival.desk.post, clock=festival.clock, manager=festival.manager
        )
    )


def faults(festival: Festival, text: str, kind: PassKind = PassKind.PASS) -> list[str]:
    """The faults for which a file of passes is refused, once it is known that it left no trace."""
    before = festival.everything()
    with pytest.raises(ImportRefused) as refusal:
        sold(festival, text, kind)
    assert festival.everything() == before
    return [str(fault) for fault in refusal.value.told]


def test_a_pass_sold_online_is_that_of_its_holder(festival: Festival) -> None:
    assert sold(festival, HEADER + ZOE) == ImportedPasses(added=1, known=0, kept=0)
    (row,), (holder,) = festival.rows(Pass), festival.rows(Customer)
    assert (row.number, row.source, row.places, row.used) == ("W-1", PassSource.ONLINE, 20, 0)
    assert row.holder_id == holder.id
    assert (holder.surname, holder.first_name, holder.email) == ("Lefèvre-Ibáñez", "Zoé", "zoe@example.fr")
    assert (holder.birth_date, holder.country) == (date(1991, 7, 4), "France")
    assert holder.search.startswith("lefevre ibanez zoe")
    assert row.issued_at.date() == date(2025, 12, 2)
    assert festival.read(lambda session: find_pass(session, row.code)) == row.id
    assert festival.read(lambda session: find_pass(session, "W-1")) == row.id
    assert festival.read(verify).fault is None


def test_seats_are_booked_on_a_pass_sold_online(festival: Festival) -> None:
    sold(festival, HEADER + ZOE)
    (row,) = festival.rows(Pass)
    command = Book((uuid4(),), row.id, festival.screening_id("ETERNAL"))
    festival.write(lambda session: bookings.book(session, command, festival.desk, clock=festival.clock))
    assert festival.rows(Pass)[0].used == 1


def test_a_file_imported_again_doubles_nothing(festival: Festival) -> None:
    sold(festival, HEADER + ZOE)
    before = (festival.rows(Pass), festival.rows(Customer))
    assert sold(festival, HEADER + ZOE) == ImportedPasses(added=0, known=1, kept=0)
    assert (festival.rows(Pass), festival.rows(Customer)) == before


def test_a_name_corrected_at_the_counter_or_erased_stays_so(festival: Festival) -> None:
    sold(festival, HEADER + ZOE)
    festival.write(lambda session: session.execute(update(table(Customer)).values(surname="", email="")))
    assert sold(festival, HEADER + ZOE) == ImportedPasses(added=0, known=1, kept=1)
    assert festival.rows(Customer)[0].surname == ""


def test_passes_of_the_same_person_are_one_customers(festival: Festival) -> None:
    other = ZOE.replace("W-1;PASS20", "W-2;PASS6").replace("Lefèvre-Ibáñez", "LEFEVRE IBANEZ")
    sibling = ZOE.replace("W-1", "W-3").replace("Zoé", "Noé")
    sold(festival, HEADER + ZOE + other)
    sold(festival, HEADER + ZOE + other + sibling)
    assert (festival.count(Pass), festival.count(Customer)) == (3, 2)


def test_people_without_e_mail_are_not_taken_for_one(festival: Festival) -> None:
    row = "{number};PASS6;Martin;Jean;;;;;;;\n"
    sold(festival, HEADER + row.format(number="W-1") + row.format(number="W-2"))
    assert festival.count(Customer) == 2


def test_an_accredited_person_has_an_organisation_and_no_end_of_places(festival: Festival) -> None:
    assert sold(festival, ACCREDITED + AURORE, PassKind.ACCREDITATION).added == 1
    (row,), (holder,) = festival.rows(Pass), festival.rows(Customer)
    assert (row.places, holder.organisation) == (None, "Les Films du Tilleul")


def test_every_fault_of_a_file_is_told_at_once(festival: Festival) -> None:
    festival.sell_pass()
    number = festival.rows(Pass)[0].number
    said = faults(
        festival,
        HEADER
        + ZOE.replace("zoe@example.fr", "zoe").replace("49100", "4910").replace("04/07/1991", "04/07/2091")
        + ZOE.replace("W-1", "W-2").replace("PASS20", "ACCRED")
        + ZOE.replace("W-1", number)
        + ZOE.replace("W-1", "W-2"),
    )
    assert said == [
        "online.csv, ligne 2, colonne « date de naissance » : Cette date est à venir.",
        "online.csv, ligne 2, colonne « courriel » : Une adresse s'écrit nom@exemple.fr.",
        "online.csv, ligne 2, colonne « code postal » : Un code postal français compte 5 chiffres.",
        "online.csv, ligne 3, colonne « pass » : « ACCRED » n'existe pas ; valeurs admises : PASS20, PASS6.",
        f"online.csv, ligne 4, colonne « numéro » : « {number} » est le numéro d'un pass vendu au guichet.",
        "online.csv, ligne 5, colonne « numéro » : « W-2 » est déjà dans online.csv, ligne 3.",
    ]


def test_a_known_number_of_another_product_is_a_fault(festival: Festival) -> None:
    sold(festival, HEADER + ZOE)
    assert faults(festival, HEADER + ZOE.replace("PASS20", "PASS6")) == [
        "online.csv, ligne 2, colonne « pass » : le pass W-1 est déjà là, et d'une autre sorte."
    ]


def test_a_file_of_something_else_is_refused(festival: Festival) -> None:
    assert faults(festival, "produit;touche\nA;1\n") == [
        "online.csv, ligne 1 : aucune colonne n'annonce ce que le fichier décrit (numéro)."
    ]


def test_an_import_of_passes_is_told_to_the_journal_without_a_name(festival: Festival) -> None:
    sold(festival, HEADER + ZOE)
    (entry,) = (row for row in festival.rows(JournalEntry) if row.kind == "passes.imported")
    assert '"rows":{"added":1,"known":0}' in entry.content
    assert "Lef" not in entry.content
    assert festival.read(verify).fault is None


def test_pass_products_come_with_the_programme(festival: Festival) -> None:
    row = "PASS10;3;Pass 10 places;50;5,5;;10;1;;PASS;1;SUPPL;17/01/2026;25/01/2026;Carte d'étudiant\n"
    files = {"pass.csv": PASSES + row}
    assert bring_in(festival, files).tallies[Kind.PASS].added == 1

    def look(session: Session) -> tuple[Product, PassProduct]:
        product = session.exec(select(Product).where(Product.code == "PASS10")).one()
        return product, session.exec(select(PassProduct).where(PassProduct.product_id == product.id)).one()

    product, terms = festival.read(look)
    assert (product.label, product.price_cents, product.vat_rate) == ("Pass 10 places", 5000, 550)
    assert (terms.kind, terms.places, terms.places_per_screening) == (PassKind.PASS, 10, 1)
    assert (terms.place_tariff, terms.companion_tariff, terms.companions) == ("PASS", "SUPPL", 1)
    assert (terms.valid_from, terms.valid_until) == (date(2026, 1, 17), date(2026, 1, 25))
    assert bring_in(festival, files).tallies[Kind.PASS].unchanged == 1
    files = {"pass.csv": PASSES + row.replace(";10;1;", ";12;1;")}
    assert bring_in(festival, files).tallies[Kind.PASS].changed == 1
    assert festival.read(look)[1].places == 12


def test_a_pass_sold_keeps_its_places_when_the_product_changes(festival: Festival) -> None:
    festival.sell_pass()
    bring_in(festival, {"pass.csv": PASSES + "PASS20;1;Pass 15;80;5,5;;15;1;;PASS;;;;;\n"})
    assert festival.rows(Pass)[0].places == 20
    festival.sell_pass()
    assert sorted(row.places for row in festival.rows(Pass)) == [15, 20]


def test_the_faults_of_a_pass_product_are_told(festival: Festival) -> None:
    said = refused(
        festival,
        {
            "pass.csv": PASSES
            + "TOUR;1;Pass;50;5,5;;10;1;;PASS;;;;;\n"
            + "A;1;Pass;50;5,5;;10;1;;PASSE;2;;25/01/2026;17/01/2026;\n"
            + "B;1;Pass;50;5,5;accréditation;;1;;PASS;;;;;\n"
            + "ACCRED;1;Pass;0;5,5;pass;;1;;PASS;;;;;\n"
            + "C;1;Pass;50;5,5;badge;0;1;;PASS;;;;;\n",
            "produits.csv": "produit;touche;libellé;prix;TVA\nPASS20;1;Pass;90;5,5\n",
        },
    )
    assert said == [
        "pass.csv, ligne 2, colonne « pass » : « TOUR » est un produit.",
        "pass.csv, ligne 3, colonne « tarif des places » : « PASSE » n'est le code d'aucun tarif.",
        "pass.csv, ligne 3, colonne « valable jusqu'au » : la validité finit avant de commencer.",
        "pass.csv, ligne 3, colonne « accompagnants » : il manque le tarif accompagnant.",
        "pass.csv, ligne 4, colonne « prix » : une accréditation n'est pas vendue : son prix est 0.",
        "pass.csv, ligne 5, colonne « sorte » : un pass ne devient pas une accréditation, ni l'inverse.",
        "pass.csv, ligne 6, colonne « sorte » : « badge » n'est pas possible ; valeurs admises : pass, "
        "accréditation.",
        "pass.csv, ligne 6, colonne « nombre de places » : « 0 » n'est pas un nombre entier de 1 à 999.",
        "produits.csv, ligne 2, colonne « produit » : « PASS20 » est un pass.",
    ]


def test_a_complete_programme_takes_passes_off_sale(festival: Festival) -> None:
    row = PASSES + "PASS20;1;Pass individuel 20 places;90;5,5;;20;1;;PASS;;;;;\n"
    sources = (Source("pass.csv", row.encode()),)
    festival.write(
        lambda session: import_programme(
            session,
            ImportProgramme(sources, complete=True),
            festival.desk.post,
            clock=festival.clock,
            manager=festival.manager,
        )
    )
    on_sale = {row.code for row in festival.rows(Product) if row.active}
    assert on_sale == {"PASS20", "TOUR", "BON600", "BON850", "CADEAU"}


def test_a_manager_answers_for_passes_imported(festival: Festival) -> None:
    command = ImportPasses(PassKind.ACCREDITATION, (Source("presse.csv", (ACCREDITED + AURORE).encode()),))
    with pytest.raises(ManagerNeeded):
        festival.write(
            lambda session: import_passes(session, command, festival.desk.post, clock=festival.clock)
        )
    assert festival.count(Pass) == 0
