"""The programme changed by hand, row by row: as an import would, and told like one."""

from datetime import timedelta

import pytest

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.sales.importing.editing import EDITABLE, empty_row, key_fields, list_rows, write_row
from boxoffice.sales.importing.layouts import Kind

from .conftest import Festival


def standing(festival: Festival, kind: Kind, *key: str) -> dict[str, str]:
    rows = festival.read(lambda session: list_rows(session, kind))
    row = next(row for row in rows if row.key == key)
    return {cell.field: cell.text for cell in row.cells}


def write(festival: Festival, kind: Kind, texts: dict[str, str]) -> None:
    post, clock = festival.desk.post, festival.clock
    festival.write(
        lambda session: write_row(session, kind, texts, post, clock=clock, manager=festival.manager)
    )


def change(festival: Festival, kind: Kind, *key: str, **texts: str) -> dict[str, str]:
    """A row once some of its cells were typed anew."""
    write(festival, kind, {**standing(festival, kind, *key), **texts})
    return standing(festival, kind, *key)


@pytest.mark.parametrize("kind", EDITABLE)
def test_every_row_is_shown_as_it_may_be_typed_again(festival: Festival, kind: Kind) -> None:
    before = festival.read(lambda session: list_rows(session, kind))
    assert before
    for row in before:
        if any(" " in cell.text for cell in row.cells if cell.field in {"code", "event"}):
            continue  # not even an import gives such a code
        write(festival, kind, {cell.field: cell.text for cell in row.cells})
    assert festival.read(lambda session: list_rows(session, kind)) == before
    festival.stands()


def test_a_changed_price_is_that_of_later_sales(festival: Festival) -> None:
    change(festival, Kind.TARIFF, "FILMS", "PLEIN")
    assert festival.sell().total_cents == 850
    after = change(festival, Kind.TARIFF, "FILMS", "PLEIN", price_cents="9,20 €")
    assert after["price_cents"] == "9,20"
    assert festival.sell().total_cents == 920
    festival.stands()


@pytest.mark.parametrize(
    ("kind", "key", "texts", "said"),
    [
        (Kind.TARIFF, ("FILMS", "PLEIN"), {"price_cents": "huit"}, "Prix : « huit » n'est pas un prix"),
        (Kind.TARIFF, ("FILMS", "PLEIN"), {"vat_rate": "120"}, "TVA : « 120 » n'est pas un taux"),
        (Kind.TARIFF, ("FILMS", "PLEIN"), {"position": "2"}, "Touche : la touche 2 est déjà"),
        (Kind.TARIFF, ("FILMS", "PLEIN"), {"label": ""}, "Libellé : cette case est vide"),
        (Kind.TARIFF, ("FILMS", "PLEIN"), {"requirement": "roi"}, "Condition : « roi » n'est pas possible"),
        (Kind.PRODUCT, ("TOUR",), {"active": "peut-être"}, "En vente : « peut-être » n'est ni oui ni non"),
        (Kind.VENUE, ("CC",), {"regime": "AUCUN"}, "Régime : « AUCUN » n'est pas possible"),
        (Kind.HALL, ("AUD",), {"capacity": "0"}, "Places : « 0 » n'est pas un nombre entier"),
        (Kind.SCREENING, ("KNEECAP",), {"hall": "RIEN"}, "Salle : « RIEN » n'existe pas"),
        (Kind.SCREENING, ("KNEECAP",), {"capacity": "11"}, "Jauge : 11 places, alors que la salle en a 10"),
        (Kind.SCREENING, ("KNEECAP",), {"quotas": "ufr=12"}, "Contingents : les contingents gardent 12"),
        (Kind.PASS, ("PASS20",), {"valid_until": "hier"}, "Valable jusqu'au : « hier » n'est pas une date"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_field(
    festival: Festival, kind: Kind, key: tuple[str, ...], texts: dict[str, str], said: str
) -> None:
    before = standing(festival, kind, *key)
    with pytest.raises(Refusal) as caught:
        change(festival, kind, *key, **texts)
    assert said in caught.value.message
    assert caught.value.remedy == "Rien n'a été changé."
    assert standing(festival, kind, *key) == before


def test_a_hall_is_never_smaller_than_what_is_sold(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=3))
    with pytest.raises(Refusal, match="Places : la séance KNEECAP compte 5 places vendues ou gardées"):
        change(festival, Kind.HALL, "AUD", capacity="4")
    change(festival, Kind.HALL, "AUD", capacity="5")
    assert standing(festival, Kind.SCREENING, "KNEECAP")["capacity"] == "5"
    festival.stands()


def test_a_screening_is_added_and_sold_during_the_festival(festival: Festival) -> None:
    texts = {cell.field: cell.text for cell in empty_row(Kind.SCREENING).cells}
    like = standing(festival, Kind.SCREENING, "KNEECAP2")
    for field in ("event", "hall", "price_list", "time"):
        texts[field] = like[field]
    later_on = festival.clock.now() + timedelta(days=3)
    write(festival, Kind.SCREENING, {**texts, "code": "KNEECAP3", "date": f"{later_on:%d/%m/%Y}"})
    festival.sell(festival.seat_line("KNEECAP3"))
    festival.stands()


def test_a_sold_screening_is_moved_at_the_counter_and_not_here(festival: Festival) -> None:
    festival.sell()
    with pytest.raises(Refusal, match="Heure : une place est prise : un responsable la déplace"):
        change(festival, Kind.SCREENING, "KNEECAP", time="10:00")


def test_nobody_but_who_may_changes_a_price(festival: Festival) -> None:
    texts = standing(festival, Kind.TARIFF, "FILMS", "PLEIN")
    post, clock = festival.desk.post, festival.clock
    with pytest.raises(ManagerNeeded), festival.database.write() as session:
        write_row(session, Kind.TARIFF, texts, post, clock=clock, manager=festival.cashier)


def test_every_column_has_a_name() -> None:
    for kind in EDITABLE:
        assert all(cell.label for cell in empty_row(kind).cells)
        assert set(key_fields(kind)) <= {cell.field for cell in empty_row(kind).cells}
