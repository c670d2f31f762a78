"""Screenings changed in the database for the time of a sale, and put back: all is found."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.models import (
    GiftProduct,
    Hall,
    JournalEntry,
    Pass,
    PassKind,
    PassProduct,
    PriceList,
    Product,
    Quota,
    Screening,
    ScreeningState,
    Tariff,
    VoucherPurpose,
    table,
)
from boxoffice.sales.books.verification import verify
from boxoffice.sales.importing import ImportProgramme, Source, import_programme
from boxoffice.sales.importing.layouts import Kind
from boxoffice.sales.screenings.screening_changes import (
    CancelScreening,
    MoveScreening,
    cancel_screening,
    move_screening,
)
from tests.sales.conftest import NOON, Festival
from tests.sales.invariants import check_the_house
from tests.sales.test_editing import change
from tests.sales.test_pass_import import PASSES
from tests.sales.test_tampering import behind_the_guards, fault, savepoint

_screening, _hall, _list, _tariff = table(Screening), table(Hall), table(PriceList), table(Tariff)
_kneecap = _screening.update().where(_screening.c.code == "KNEECAP")

CHILDREN = "grille;nom\nENFANTS;Chenaplans\n"
CHEAP = "grille;tarif;touche;libellé;prix;TVA\nENFANTS;PLEIN;1;Tarif unique;4;5,5 %\n"


@pytest.fixture
def told(festival: Festival) -> Festival:
    """The small festival with a second price list, told to the journal by an import."""
    import_files(festival, ("grilles.csv", CHILDREN), ("tarifs.csv", CHEAP))
    assert fault(festival) is None
    return festival


def import_files(festival: Festival, *files: tuple[str, str]) -> None:
    command = ImportProgramme(tuple(Source(name, text.encode()) for name, text in files))
    festival.write(
        lambda session: import_programme(
            session, command, festival.posts[1], clock=festival.clock, manager=festival.manager
        )
    )


def id_of(festival: Festival, rows: sa.Table, code: str) -> int:
    return int(
        festival.read(
            lambda session: session.execute(sa.select(rows.c.id).where(rows.c.code == code))
        ).scalar_one()
    )


def for_the_time_of_a_sale(festival: Festival, **changed: Any) -> None:
    """Sell a seat of Kneecap while some of its columns are others, and put them back."""
    (kept,) = [row for row in festival.rows(Screening) if row.code == "KNEECAP"]
    festival.write(lambda session: session.execute(_kneecap.values(changed)))
    festival.sell(festival.seat_line())
    back = {name: getattr(kept, name) for name in changed}
    festival.write(lambda session: session.execute(_kneecap.values(back)))


def test_a_price_list_swapped_for_the_time_of_a_sale_is_found(told: Festival) -> None:
    told.sell()
    for_the_time_of_a_sale(told, price_list_id=id_of(told, _list, "ENFANTS"))
    assert str(fault(told)) == (
        "vente 1-000002 : « PLEIN » à 4,00\u00a0€, TVA 5,5\u00a0% : la séance KNEECAP n'a jamais eu ce prix."
    )


def test_another_hour_for_the_time_of_a_sale_is_found(told: Festival) -> None:
    for_the_time_of_a_sale(told, starts_at=NOON + timedelta(hours=2))
    assert str(fault(told)) == (
        "séance KNEECAP : on en a vendu des billets pour « 2026-01-21T13:00:00+00:00 », "
        "qui n'a jamais été annoncé."
    )


def test_another_hall_for_the_time_of_a_sale_is_found(told: Festival) -> None:
    for_the_time_of_a_sale(told, hall_id=id_of(told, _hall, "JAR"))
    assert "« Centre de Congrès, Amphi Jardin », qui n'a jamais été annoncé" in str(fault(told))


def test_an_end_put_off_for_the_time_of_a_sale_is_found(told: Festival) -> None:
    told.clock.advance(timedelta(hours=10))
    for_the_time_of_a_sale(told, ends_at=NOON + timedelta(hours=12), sale_ends_minutes=240)
    assert str(fault(told)) == "séance KNEECAP : on en a vendu des billets après sa fin."


def test_a_cancelled_screening_brought_back_for_the_time_of_a_sale_is_found(told: Festival) -> None:
    told.sell()
    cancel(told)
    assert fault(told) is None
    for_the_time_of_a_sale(told, state=ScreeningState.SCHEDULED)
    assert str(fault(told)) == "séance KNEECAP : 2 billets vendus, dont 1 quand elle a été annulée."


def test_a_capacity_raised_for_the_time_of_a_sale_is_found(told: Festival) -> None:
    told.sell(told.seat_line(quantity=8))
    told.write(lambda session: session.execute(_kneecap.values(capacity=11)))
    told.sell()
    with behind_the_guards(told) as session:
        session.execute(_kneecap.values(capacity=10))
        assert str(verify(session).fault) == "séance KNEECAP : 11 places prises ou gardées sur 10."


@pytest.mark.parametrize(
    "change", [{"places": 100}, {"valid_until": date(2030, 1, 1)}], ids=["places", "dates"]
)
def test_a_pass_that_gives_more_for_the_time_of_a_sale_is_found(
    told: Festival, change: dict[str, Any]
) -> None:
    told.sell_pass()
    assert fault(told) is None
    terms = table(PassProduct)
    of_it = terms.c.places == 20
    told.write(lambda session: session.execute(terms.update().where(of_it).values(change)))
    told.sell_pass()
    of_it = terms.c.product_id == told.rows(Pass)[0].product_id
    back = {"places": 20, "valid_until": None}
    told.write(lambda session: session.execute(terms.update().where(of_it).values(back)))
    assert str(fault(told)).endswith(": aucun programme importé n'a vendu ces places, ni pour ces dates.")


CHANGES: dict[str, dict[str, Any]] = {
    "price_list": {"price_list_id": sa.select(_list.c.id).where(_list.c.code == "ENFANTS").scalar_subquery()},
    "hall": {"hall_id": sa.select(_hall.c.id).where(_hall.c.code == "JAR").scalar_subquery()},
    "starts_at": {"starts_at": NOON},
    "ends_at": {"ends_at": NOON + timedelta(days=9)},
    "capacity": {"capacity": 99},
    "state": {"state": ScreeningState.CANCELLED},
}


def test_a_screening_that_is_not_as_told_is_found(told: Festival) -> None:
    found = {}
    with behind_the_guards(told) as session:
        for name, change in CHANGES.items():
            with savepoint(session):
                session.execute(_kneecap.values(change))
                found[name] = str(verify(session).fault)
    assert found == {name: f"séance KNEECAP : « {name} » n'est pas ce qui a été signé." for name in CHANGES}


_quota, _product = table(Quota), table(Product)
_passes, _gifts = table(PassProduct), table(GiftProduct)
_OTHER = sa.select(_screening.c.id).where(_screening.c.code == "ETERNAL").scalar_subquery()


@pytest.mark.parametrize(
    "change",
    [
        _quota.update().values(seats=_quota.c.seats + 1),
        _quota.update().values(name="autre"),
        _quota.update().values(screening_id=_OTHER),
        _quota.delete(),
    ],
    ids=["seats", "name", "screening", "deleted"],
)
def test_a_contingent_that_is_not_as_told_is_found(told: Festival, change: sa.Executable) -> None:
    with behind_the_guards(told) as session:
        session.execute(change)
        said = "ses contingents ne sont pas ceux qui ont été signés."
        assert str(verify(session).fault) in {f"séance {code} : {said}" for code in ("ETERNAL", "KNEECAP")}


def test_a_contingent_added_is_found(told: Festival) -> None:
    with behind_the_guards(told) as session:
        session.execute(_quota.insert().values(screening_id=_OTHER, name="presse", seats=2, allocated=0))
        said = "séance ETERNAL : ses contingents ne sont pas ceux qui ont été signés."
        assert str(verify(session).fault) == said


_PASS20 = sa.select(_product.c.id).where(_product.c.code == "PASS20").scalar_subquery()
_CADEAU = sa.select(_product.c.id).where(_product.c.code == "CADEAU").scalar_subquery()
OF_PASSES: tuple[dict[str, Any], ...] = (
    {"kind": PassKind.ACCREDITATION},
    {"places": 99},
    {"places_per_screening": 9},
    {"places_per_day": 9},
    {"place_tariff": "PLEIN"},
    {"companion_tariff": "INVIT"},
    {"companions": 9},
    {"valid_from": date(2020, 1, 1)},
    {"valid_until": date(2030, 1, 1)},
    {"proof": "rien"},
)
OF_GIFTS: tuple[dict[str, Any], ...] = (
    {"valid_days": 9999},
    {"least_cents": 1},
    {"most_cents": 99_999},
    {"purpose": VoucherPurpose.SINGLE},
)


def test_a_pass_or_gift_card_on_sale_that_is_not_as_told_is_found(told: Festival) -> None:
    said = "ce qu'il donne n'est pas ce qui a été signé."
    with behind_the_guards(told) as session:
        for rows, product, code, changes in (
            (_passes, _PASS20, "PASS20", OF_PASSES),
            (_gifts, _CADEAU, "CADEAU", OF_GIFTS),
        ):
            its = rows.c.product_id == product
            for statement in (
                *(rows.update().where(its).values(each) for each in changes),
                rows.delete().where(its),
            ):
                with savepoint(session):
                    session.execute(statement)
                    assert str(verify(session).fault) == f"produit {code} : {said}", statement


def test_terms_that_an_import_or_the_settings_change_are_told(told: Festival) -> None:
    changed = PASSES + "PASS20;1;Pass;90;5,5;pass;20;2;4;PASS;2;SUPPL;;;\n"
    programme = (
        "séance;manifestation;salle;date;heure;grille;contingents\n"
        "KNEECAP2;KNEECAP;AUD;22/01/2026;20:00;FILMS;presse=1\n"
    )
    import_files(told, ("passes.csv", changed), ("seances.csv", programme))
    assert fault(told) is None
    change(told, Kind.PASS, "PASS20", companions="3")
    change(told, Kind.SCREENING, "KNEECAP2", quotas="")
    told.read(check_the_house)


def test_a_screening_added_or_taken_away_is_found(told: Festival) -> None:
    with behind_the_guards(told) as session:
        with savepoint(session):
            session.execute(_screening.delete().where(_screening.c.code == "ETERNAL"))
            assert str(verify(session).fault) == "séance ETERNAL : elle manque, et le journal la raconte."
        with savepoint(session):
            session.execute(_screening.update().where(_screening.c.code == "ETERNAL").values(code="AUTRE"))
            assert str(verify(session).fault) == "séance AUTRE : aucun journal ne la raconte."


def test_a_cancelled_screening_brought_back_for_good_is_found(festival: Festival) -> None:
    cancel(festival)
    assert fault(festival) is None
    festival.write(lambda session: session.execute(_kneecap.values(state=ScreeningState.SCHEDULED)))
    assert str(fault(festival)) == "séance KNEECAP : « state » n'est pas ce qui a été signé."


def cancel(festival: Festival) -> None:
    command = CancelScreening(uuid4(), festival.screening_id("KNEECAP"), "Panne")
    festival.write(
        lambda session: cancel_screening(session, command, festival.managers_desk, clock=festival.clock)
    )


def move(festival: Festival, hours: int, hall: str) -> None:
    command = MoveScreening(
        uuid4(),
        festival.screening_id("KNEECAP"),
        NOON + timedelta(hours=hours),
        id_of(festival, _hall, hall),
        "Salle",
    )
    festival.write(
        lambda session: move_screening(session, command, festival.managers_desk, clock=festival.clock)
    )


def test_what_a_manager_moves_and_an_import_changes_is_sold_without_a_fault(told: Festival) -> None:
    """Tickets of every hour, hall and price that were ever announced."""
    told.sell()
    told.sell(told.seat_line("ETERNAL"))
    told.clock.advance(timedelta(minutes=1))
    move(told, 6, "AUD")
    told.sell()
    move(told, 5, "AUD")
    programme = (
        "séance;manifestation;salle;date;heure;grille\nKNEECAP2;KNEECAP;AUD;22/01/2026;20:00;ENFANTS\n"
    )
    import_files(told, ("seances.csv", programme))
    told.sell(told.seat_line("KNEECAP2"))
    import_files(told, ("tarifs.csv", CHEAP.replace(";4;", ";5;")), ("salles.csv", HALLS))
    told.sell(told.seat_line("KNEECAP2"))
    told.sell(told.seat_line("ETERNAL"))
    cancel(told)
    told.read(check_the_house)


HALLS = "salle;lieu;nom;nom court;places\nJAR;CC;Le Jardin;Jardin;5\n"


def test_a_programme_that_was_never_imported_is_held_to_nothing(festival: Festival) -> None:
    for_the_time_of_a_sale(festival, starts_at=NOON + timedelta(hours=2))
    assert fault(festival) is None


def test_what_was_told_is_what_is_sold(told: Festival) -> None:
    content = told.read(_last_import)
    assert content["places"] == {
        "AUD": "Centre de Congrès, Auditorium",
        "JAR": "Centre de Congrès, Amphi Jardin",
    }
    assert [
        "KNEECAP",
        "FILMS",
        "AUD",
        "2026-01-21T19:00:00+00:00",
        "2026-01-21T20:45:00+00:00",
        10,
        "scheduled",
    ] in content["screenings"]


def _last_import(session: Session) -> Any:
    entry = table(JournalEntry)
    return json.loads(
        session.execute(sa.select(entry.c.content).where(entry.c.kind == "programme.imported")).scalar_one()
    )
