"""The rows of the programme changed in the database, for good or for the time of a sale: all is found."""

import json
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from boxoffice.kinds import JournalKind, Regime
from boxoffice.models import (
    Establishment,
    Event,
    Hall,
    JournalEntry,
    Product,
    Screening,
    Tariff,
    Venue,
    table,
)
from boxoffice.sales.books import bookkeeping
from boxoffice.sales.books.reconciliation import Fault
from boxoffice.sales.importing.layouts import Kind
from tests.sales.conftest import Festival
from tests.sales.test_editing import add, change
from tests.sales.test_programme_told import import_files
from tests.sales.test_tampering import fault

_screening, _event, _hall, _venue = table(Screening), table(Event), table(Hall), table(Venue)
_tariff, _product, _establishment = table(Tariff), table(Product), table(Establishment)
_eternal = sa.select(_event.c.id).where(_event.c.title == "The Eternal Daughter").scalar_subquery()
_kneecap_film = sa.select(_event.c.id).where(_event.c.title == "Kneecap").scalar_subquery()
_theatre = sa.select(_venue.c.id).where(_venue.c.code == "GT").scalar_subquery()
_kneecap = _screening.update().where(_screening.c.code == "KNEECAP")
_film = _event.update().where(_event.c.title == "Kneecap")
_room = _hall.update().where(_hall.c.code == "AUD")
_group = _tariff.update().where(_tariff.c.code == "GROUPE")


@pytest.fixture
def told(festival: Festival) -> Festival:
    """The small festival with a second venue, told to the journal by an import."""
    import_files(festival, ("lieux.csv", "lieu;nom;ville\nGT;Grand Théâtre;Angers\n"))
    assert fault(festival) is None
    return festival


def entries(festival: Festival, kind: JournalKind) -> list[dict[str, Any]]:
    return [json.loads(row.content) for row in festival.rows(JournalEntry) if row.kind == kind]


@pytest.mark.parametrize(
    ("change", "where", "column"),
    [
        (
            _kneecap.values(event_id=_eternal),
            "séance KNEECAP",
            "event",
        ),
        (_screening.update().values(sale_ends_minutes=90), "séance ETERNAL", "sale_ends_minutes"),
        (_screening.update().values(cancelling_ends_minutes=0), "séance ETERNAL", "cancelling_ends_minutes"),
        (
            _film.values(title="Autre"),
            "manifestation KNEECAP",
            "title",
        ),
        (
            _film.values(version="VF"),
            "manifestation KNEECAP",
            "version",
        ),
        (
            _film.values(section=""),
            "manifestation KNEECAP",
            "section",
        ),
        (
            _film.values(nominative=True),
            "manifestation KNEECAP",
            "nominative",
        ),
        (_venue.update().values(regime=Regime.NON_COMMERCIAL), "lieu CC", "regime"),
        (_venue.update().where(_venue.c.code == "GT").values(name="Petit Théâtre"), "lieu GT", "name"),
        (_room.values(venue_id=_theatre), "salle AUD", "venue"),
        (_room.values(capacity=50), "salle AUD", "capacity"),
        (
            _group.values(minimum_group=1),
            "tarif FILMS GROUPE",
            "minimum_group",
        ),
        (
            _group.values(price_cents=1),
            "tarif FILMS GROUPE",
            "price_cents",
        ),
        (_product.update().where(_product.c.code == "TOUR").values(label="Autre"), "produit TOUR", "label"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_row_that_is_not_as_told_is_found(
    told: Festival, change: sa.Update, where: str, column: str
) -> None:
    told.write(lambda session: session.execute(change))
    assert fault(told) == Fault(where, f"« {column} » n'est pas ce qui a été signé.")


def test_a_row_that_nobody_told_is_found(told: Festival) -> None:
    values = {"code": "NOUVEAU", "title": "Nouveau", "duration_minutes": 90}
    told.write(lambda session: session.execute(_event.insert().values(values)))
    assert fault(told) == Fault("manifestation NOUVEAU", "aucun journal ne raconte cette fiche.")


def test_a_row_taken_away_is_found(told: Festival) -> None:
    told.write(lambda session: session.execute(_venue.delete().where(_venue.c.code == "GT")))
    assert fault(told) == Fault("lieu GT", "cette fiche manque, et le journal la raconte.")


def test_since_when_somebody_sells_is_told(told: Festival) -> None:
    (row,) = told.rows(Establishment)
    told.write(
        lambda session: session.execute(
            _establishment.update().values(created_at=row.created_at.replace(year=2020))
        )
    )
    found = fault(told)
    assert found is not None
    assert found.what == "l'établissement n'est pas celui que le journal a raconté."


def test_seats_sold_under_another_film_for_an_hour_are_found(told: Festival) -> None:
    told.write(lambda session: session.execute(_kneecap.values(event_id=_eternal)))
    told.sell(told.seat_line())
    told.write(lambda session: session.execute(_kneecap.values(event_id=_kneecap_film)))
    assert fault(told) == Fault(
        "séance KNEECAP",
        "on en a vendu des billets pour « THE ETERNAL DAUGHTER », qui n'a jamais été annoncé.",
    )


def test_seats_sold_at_another_venue_for_an_hour_are_found(told: Festival) -> None:
    (row,) = [row for row in told.rows(Hall) if row.code == "AUD"]
    told.write(lambda session: session.execute(_room.values(venue_id=_theatre)))
    told.sell(told.seat_line())
    told.write(lambda session: session.execute(_room.values(venue_id=row.venue_id)))
    found = fault(told)
    assert found is not None
    assert "Grand Théâtre" in found.what or "« GT »" in found.what


def test_a_closing_under_another_section_is_found(told: Festival) -> None:
    told.sell(told.seat_line())
    told.write(lambda session: session.execute(_film.values(section="Autre")))
    told.end_the_day()
    told.write(lambda session: session.execute(_film.values(section="Compétition")))
    assert fault(told) == Fault(
        "clôture n° 1 de la caisse 1", "ses chiffres ne sont pas ceux des opérations qu'elle couvre."
    )


def test_what_a_manager_changes_is_told_alone_and_stands(told: Festival) -> None:
    told.sell(told.seat_line())
    change(told, Kind.EVENT, "KNEECAP", section="Premiers plans")
    told.sell(told.seat_line(), told.seat_line("ETERNAL"))
    change(told, Kind.HALL, "JAR", venue="GT")
    told.sell(told.seat_line("ETERNAL"), desk=told.desks[1])
    told.sell(told.seat_line("ETERNAL"))
    first, last = entries(told, JournalKind.PROGRAMME_CHANGED)
    assert (first["kind"], first["codes"]) == ("event", ["KNEECAP"])
    section = first["after"]["catalogue"]["event"]["columns"].index("section")
    assert [row[section] for row in first["before"]["catalogue"]["event"]["rows"]] == ["Compétition"]
    assert [row[section] for row in first["after"]["catalogue"]["event"]["rows"]] == ["Premiers plans"]
    assert first["after"].keys() == {"catalogue"}
    assert last["after"]["places"] == {"JAR": "Grand Théâtre, Amphi Jardin"}
    told.stands()


def test_a_day_closed_between_two_changes_stands(told: Festival) -> None:
    told.sell(told.seat_line())
    told.sell(told.seat_line("ETERNAL"), desk=told.desks[1])
    change(told, Kind.EVENT, "KNEECAP", section="Panorama")
    told.end_the_day()
    change(told, Kind.EVENT, "KNEECAP", section="Nuit")
    change(told, Kind.HALL, "JAR", venue="GT")
    told.stands()


def test_a_row_typed_as_it_is_tells_nothing(told: Festival) -> None:
    before = told.rows(JournalEntry)
    change(told, Kind.TARIFF, "FILMS", "PLEIN", price_cents="8,50")
    assert told.rows(JournalEntry) == before


def test_an_import_tells_the_whole_programme_once(told: Festival) -> None:
    (whole,) = entries(told, JournalKind.PROGRAMME_IMPORTED)
    assert whole["whole"]
    import_files(told, ("produits.csv", "produit;touche;libellé;prix;TVA\nAFFICHE;2;Affiche;5;20 %\n"))
    _whole, changed = entries(told, JournalKind.PROGRAMME_IMPORTED)
    assert changed["before"] == {}
    assert changed["after"]["prices"] == {"products": [["AFFICHE", 500, 2000]]}
    assert changed["after"]["catalogue"].keys() == {"product"}
    assert fault(told) is None


def test_a_row_typed_first_of_all_tells_the_whole_programme(festival: Festival) -> None:
    add(festival, Kind.VENUE, code="GT", name="Grand Théâtre")
    (told,) = entries(festival, JournalKind.PROGRAMME_CHANGED)
    assert told["whole"]
    assert len(told["screenings"]) == 4
    festival.write(lambda session: session.execute(_event.update().values(version="VF")))
    assert fault(festival) is not None


def test_a_row_changed_behind_the_program_is_not_vouched_for_by_who_types_it_anew(told: Festival) -> None:
    behind = _venue.update().where(_venue.c.code == "CC").values(regime=Regime.NON_COMMERCIAL)
    told.write(lambda session: session.execute(behind))
    change(told, Kind.VENUE, "CC", regime="CNC_EXHIBITOR")
    found = fault(told)
    assert found is not None
    assert (found.where, "regime" in found.what) == ("lieu CC", True)


def test_a_sale_tells_its_event_and_its_venue(told: Festival) -> None:
    sale = told.sell(told.seat_line(), told.product_line())
    told.reverse(sale)
    for kind in (JournalKind.SALE_COMPLETED, JournalKind.SALE_REVERSED):
        seat, article = entries(told, kind)[0]["lines"]
        assert (seat["screening"], seat["event"], seat["venue"]) == ("KNEECAP", "KNEECAP", "CC")
        assert not article.keys() & {"event", "venue"}


def test_sales_that_versions_of_before_told_without_their_event_still_verify(
    told: Festival, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe_line = bookkeeping.describe_line
    with monkeypatch.context() as before:
        before.setattr(
            bookkeeping,
            "describe_line",
            lambda line, names: {
                name: value
                for name, value in describe_line(line, names).items()
                if name not in {"event", "venue"}
            },
        )
        told.sell(told.seat_line(), told.product_line())
        told.sell(told.seat_line("ETERNAL"), desk=told.desks[1])
        told.sell(told.seat_line(), told.product_line())
    told.sell(told.seat_line())
    told.sell(told.product_line())
    told.sell(told.seat_line("ETERNAL"), desk=told.desks[1])
    told.stands()


def test_the_takings_of_each_film_and_venue_are_read_from_the_journal_alone(told: Festival) -> None:
    told.sell(told.seat_line("ETERNAL", "REDUIT"))
    last = told.sell(told.seat_line(quantity=2))
    told.sell(told.seat_line("KNEECAP2"), told.product_line(), desk=told.desks[1])
    told.reverse(last, 1)
    takings: Counter[tuple[str, str]] = Counter()
    for kind in (JournalKind.SALE_COMPLETED, JournalKind.SALE_REVERSED, JournalKind.SALE_CREDITED):
        for entry in entries(told, kind):
            for line in entry["lines"]:
                if line["screening"]:
                    takings[line["event"], line["venue"]] += line["quantity"] * line["price"]
    assert takings == {("KNEECAP", "CC"): 850 * 2, ("THE ETERNAL DAUGHTER", "CC"): 600}
