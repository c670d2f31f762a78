"""Prices, VAT and the seller, changed in the database for the time of a sale and put back: all is found."""

import json

import pytest
import sqlalchemy as sa

from boxoffice.errors import ManagerNeeded
from boxoffice.models import (
    Establishment,
    JournalEntry,
    PlaceCardKind,
    PriceList,
    Product,
    Tariff,
    VatStatus,
    table,
)
from boxoffice.sales.books.verification import Fault, verify
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.importing import ImportProgramme, Source, import_programme
from boxoffice.sales.staff.operators import log_in
from boxoffice.sales.staff.setup import open_post
from boxoffice.sales.staff.shifts import resume_shift
from tests.sales.conftest import Festival
from tests.sales.value_life import add_kind, give_card, sell_with_card

_tariff, _product, _establishment = table(Tariff), table(Product), table(Establishment)
_list, _kind = table(PriceList), table(PlaceCardKind)

POSTER = "produit;touche;libellé;prix;TVA\nAFFICHE;2;Affiche;5;20 %\n"


@pytest.fixture
def told(festival: Festival) -> Festival:
    """The small festival, its prices told to the journal by an import that a manager answers for."""
    told_anew(festival)
    return festival


def fault(festival: Festival) -> Fault | None:
    return festival.read(verify).fault


def sell_from_a_program_started_now(festival: Festival) -> CompletedSale:
    """A seat and a lanyard, sold by a program that has just read what the database says of the house."""
    post = festival.read(lambda session: open_post(session, 1, festival.posts[0].signer))
    cashier = festival.cashier
    festival.write(lambda session: log_in(session, post, cashier.id, "2345", clock=festival.clock))
    desk = festival.read(lambda session: resume_shift(session, post, cashier))
    return festival.sell(festival.seat_line(), festival.product_line(), desk=desk)


@pytest.mark.parametrize(
    ("change", "back", "where", "what"),
    [
        (
            _tariff.update().where(_tariff.c.code == "PLEIN").values(price_cents=100),
            _tariff.update().where(_tariff.c.code == "PLEIN").values(price_cents=850),
            "vente 1-000001",
            "« PLEIN » à 1,00\u00a0€, TVA 5,5\u00a0% : aucun programme importé n'a eu ce prix.",
        ),
        (
            _tariff.update().values(vat_rate=210),
            _tariff.update().values(vat_rate=550),
            "vente 1-000001",
            "« PLEIN » à 8,50\u00a0€, TVA 2,1\u00a0% : aucun programme importé n'a eu ce prix.",
        ),
        (
            _product.update().where(_product.c.code == "TOUR").values(vat_rate=0),
            _product.update().where(_product.c.code == "TOUR").values(vat_rate=2000),
            "vente 1-000001",
            "« TOUR » à 3,00\u00a0€, TVA 0\u00a0% : aucun programme importé n'a eu ce prix.",
        ),
        (
            _establishment.update().values(vat_status=VatStatus.EXEMPT),
            _establishment.update().values(vat_status=VatStatus.LIABLE),
            "journal de la caisse 1, entrée 9",
            "l'établissement n'est pas celui que le journal a raconté.",
        ),
        (
            _establishment.update().values(siret="35600000000048"),
            _establishment.update().values(siret="73282932000074"),
            "journal de la caisse 1, entrée 9",
            "l'établissement n'est pas celui que le journal a raconté.",
        ),
    ],
    ids=["a price", "a rate", "a product's rate", "the VAT status", "the SIRET"],
)
def test_what_is_changed_for_the_time_of_a_sale_is_found(
    told: Festival, change: sa.Update, back: sa.Update, where: str, what: str
) -> None:
    told.write(lambda session: session.execute(change))
    sell_from_a_program_started_now(told)
    told.write(lambda session: session.execute(back))
    assert fault(told) == Fault(where, what)


def pay_by_place(festival: Festival, kind: str) -> None:
    """A seat of which a place of a card of this kind pays all but the supplement, left to cash."""
    (kind_id,) = (row.id for row in festival.rows(PlaceCardKind) if row.code == kind)
    sell_with_card(festival, give_card(festival, kind_id), festival.seat_line())


@pytest.fixture
def supplemented(festival: Festival) -> Festival:
    """Films with 1,50 of supplement, a kind of card that pays it and one that does not, all told."""
    add_kind(festival, "SEULE")
    add_kind(festival, "AVEC", includes_supplement=True)
    festival.write(lambda session: session.execute(_list.update().values(supplement_cents=150)))
    told_anew(festival)
    return festival


def told_anew(festival: Festival, text: str = POSTER) -> None:
    """Import something: the first time tells the whole programme as it stands."""
    command = ImportProgramme((Source("programme.csv", text.encode()),))
    festival.write(
        lambda session: import_programme(
            session, command, festival.posts[0], clock=festival.clock, manager=festival.manager
        )
    )


def test_a_place_leaves_the_supplement_told_or_nothing_where_its_kind_includes_it(
    supplemented: Festival,
) -> None:
    pay_by_place(supplemented, "SEULE")
    pay_by_place(supplemented, "AVEC")
    assert fault(supplemented) is None
    told_anew(supplemented, "grille;nom;supplément\nFILMS;Films;2\n")
    pay_by_place(supplemented, "SEULE")
    assert fault(supplemented) is None


@pytest.mark.parametrize(
    ("change", "back", "left"),
    [
        (_list.update().values(supplement_cents=0), _list.update().values(supplement_cents=150), "0,00"),
        (_list.update().values(supplement_cents=300), _list.update().values(supplement_cents=150), "3,00"),
        (
            _kind.update().where(_kind.c.code == "SEULE").values(includes_supplement=True),
            _kind.update().where(_kind.c.code == "SEULE").values(includes_supplement=False),
            "0,00",
        ),
    ],
    ids=["none", "more", "a card that includes it"],
)
def test_a_supplement_changed_for_the_time_of_a_sale_is_found(
    supplemented: Festival, change: sa.Update, back: sa.Update, left: str
) -> None:
    supplemented.write(lambda session: session.execute(change))
    pay_by_place(supplemented, "SEULE")
    supplemented.write(lambda session: session.execute(back))
    assert fault(supplemented) == Fault(
        "vente 1-000001",
        f"une place de carte y laisse {left}\u00a0€ à payer, supplément que rien n'annonçait.",
    )


def test_a_supplement_that_no_import_told_is_found(supplemented: Festival) -> None:
    supplemented.write(lambda session: session.execute(_list.update().values(supplement_cents=100)))
    assert fault(supplemented) == Fault(
        "grille tarifaire FILMS", "« supplement_cents » n'est pas ce qui a été signé."
    )


def test_a_price_of_any_programme_told_may_have_been_asked(told: Festival) -> None:
    sell_from_a_program_started_now(told)
    told_anew(told, "grille;tarif;touche;libellé;prix;TVA\nFILMS;PLEIN;1;Plein;9;5,5\n")
    assert sell_from_a_program_started_now(told).total_cents == 1200
    assert fault(told) is None


def test_an_import_does_not_vouch_for_what_was_changed_behind_the_program(told: Festival) -> None:
    changed = _tariff.update().where(_tariff.c.code == "PLEIN").values(price_cents=900)
    told.write(lambda session: session.execute(changed))
    told_anew(told)
    assert fault(told) == Fault("tarif FILMS PLEIN", "« price_cents » n'est pas ce qui a été signé.")


def test_nobody_changes_prices_without_a_manager_and_the_journal_tells_who_and_what(
    told: Festival,
) -> None:
    command = ImportProgramme((Source("produits.csv", POSTER.replace(";5;", ";4;").encode()),))
    before = told.everything()
    with pytest.raises(ManagerNeeded):
        told.write(lambda session: import_programme(session, command, told.posts[0], clock=told.clock))
    assert told.everything() == before
    (entry,) = (
        json.loads(row.content) for row in told.rows(JournalEntry) if row.kind == "programme.imported"
    )
    assert entry["operator"] == told.manager.number
    assert ["AFFICHE", 500, 2000] in entry["prices"]["products"]
    assert ["PASS20", 9000, 550] in entry["prices"]["products"]
    assert ["FILMS", "PLEIN", 850, 550] in entry["prices"]["tariffs"]
