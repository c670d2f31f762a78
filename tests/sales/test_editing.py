"""The programme changed by hand, row by row: as an import would, and told like one."""

from datetime import timedelta
from uuid import uuid4

import pytest

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.models import PlaceCardKind
from boxoffice.money import format_euros
from boxoffice.sales.basket import PlaceCardLine
from boxoffice.sales.importing.editing import EDITABLE, empty_row, key_fields, list_rows, write_row
from boxoffice.sales.importing.layouts import LAYOUTS, Kind

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


def add(festival: Festival, kind: Kind, **texts: str) -> None:
    """A row of which only these cells were typed."""
    empty = {cell.field: cell.text for cell in empty_row(kind).cells}
    write(festival, kind, {**empty, **texts})


def add_place_card(festival: Festival, **texts: str) -> None:
    """A card of three places sold at the counter for weekdays, unless told otherwise."""
    card = {
        "code": "CINE3",
        "label": "CinéCarte 3 places",
        "places": "3",
        "vat_rate": "5,5 %",
        "position": "11",
        "price_cents": "22,50",
        "weekdays": "lun-ven",
        "price_lists": "FILMS",
        "valid_until": "31/12/2026",
    }
    add(festival, Kind.PLACE_CARD, **{**card, **texts})


@pytest.mark.parametrize("kind", EDITABLE)
def test_every_row_is_shown_as_it_may_be_typed_again(festival: Festival, kind: Kind) -> None:
    add_place_card(festival)
    before = festival.read(lambda session: list_rows(session, kind))
    assert before
    for row in before:
        if any(" " in cell.text for cell in row.cells if cell.field in {"code", "event"}):
            continue  # not even an import gives such a code
        write(festival, kind, {cell.field: cell.text for cell in row.cells})
    assert festival.read(lambda session: list_rows(session, kind)) == before
    festival.stands()


def test_every_kind_of_row_may_be_changed() -> None:
    assert set(EDITABLE) == {layout.kind for layout in LAYOUTS}


def test_a_gift_card_of_a_fixed_price_becomes_one_of_an_amount_to_choose(festival: Festival) -> None:
    add(
        festival,
        Kind.GIFT_CARD,
        code="BON",
        label="Bon pour 1 place",
        position="12",
        price_cents="8,50",
        purpose="unique",
        vat_rate="5,5 %",
    )
    before = standing(festival, Kind.GIFT_CARD, "BON")
    assert (before["price_cents"], before["least_cents"], before["vat_rate"]) == ("8,50", "", "5,5\u00a0%")
    after = change(
        festival, Kind.GIFT_CARD, "BON", price_cents="", least_cents="10", most_cents="50", purpose="multiple"
    )
    assert (after["price_cents"], after["least_cents"], after["most_cents"]) == ("", "10,00", "50,00")
    assert after["vat_rate"] == "", "what is paid with it later tells the rate"
    festival.stands()


def test_a_gift_card_of_the_small_festival_is_taken_out_of_sale_and_brought_back(festival: Festival) -> None:
    line = festival.gift_line()
    change(festival, Kind.GIFT_CARD, "CADEAU", active="non")
    festival.refused(festival.order(line))
    change(festival, Kind.GIFT_CARD, "CADEAU", active="oui")
    festival.sell(line)
    festival.stands()


def test_a_place_card_is_read_back_as_it_was_typed(festival: Festival) -> None:
    add_place_card(festival)
    row = standing(festival, Kind.PLACE_CARD, "CINE3")
    assert (row["price_cents"], row["position"], row["weekdays"]) == ("22,50", "11", "lun mar mer jeu ven")
    assert (row["price_lists"], row["valid_until"], row["active"]) == ("FILMS", "31/12/2026", "oui")
    row = change(festival, Kind.PLACE_CARD, "CINE3", price_cents="", price_lists="")
    assert (row["price_cents"], row["price_lists"]) == ("", ""), "given from now on, and no longer sold"
    festival.stands()


def test_a_changed_price_is_that_of_later_sales(festival: Festival) -> None:
    change(festival, Kind.TARIFF, "FILMS", "PLEIN")
    assert festival.sell().total_cents == 850
    after = change(festival, Kind.TARIFF, "FILMS", "PLEIN", price_cents="9,20 €")
    assert after["price_cents"] == "9,20"
    assert festival.sell().total_cents == 920
    festival.stands()


def test_a_changed_price_is_refused_with_both_in_an_open_basket(festival: Festival) -> None:
    add_place_card(festival)
    kind = festival.rows(PlaceCardKind)[0]
    card = PlaceCardLine(uuid4(), kind.product_id, kind.label, 2250)
    for line, changed, key, more in (
        (festival.seat_line(), Kind.TARIFF, ("FILMS", "PLEIN"), {}),
        (festival.product_line(), Kind.PRODUCT, ("TOUR",), {}),
        (festival.pass_line(), Kind.PASS, ("PASS20",), {}),
        (festival.gift_line("BON850"), Kind.GIFT_CARD, ("BON850",), {}),
        (card, Kind.PLACE_CARD, ("CINE3",), {}),
    ):
        order = festival.order(line)
        change(festival, changed, *key, price_cents="9,99", **more)
        refusal = festival.refused(order)
        was = format_euros(line.price_cents)
        assert refusal.message == f"Le prix de {line.label} a changé : 9,99\u00a0€ au lieu de {was}."
        assert refusal.remedy == "Retirez la ligne et ajoutez-la de nouveau."
    festival.stands()


def test_a_gift_card_in_an_open_basket_keeps_to_the_amounts_of_now(festival: Festival) -> None:
    order = festival.order(festival.gift_line(cents=5_000))
    change(festival, Kind.GIFT_CARD, "CADEAU", most_cents="40")
    assert festival.refused(order).message == "Carte cadeau : de 10,00\u00a0€ à 40,00\u00a0€."


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
        (Kind.GIFT_CARD, ("CADEAU",), {"least_cents": "300"}, "il faut un prix, ou un minimum et un maximum"),
        (Kind.GIFT_CARD, ("CADEAU",), {"purpose": "unique"}, "Usage : il manque le taux de TVA"),
        (Kind.PLACE_CARD, ("CINE3",), {"weekdays": "lundi-moi"}, "Jours : « lundi-moi » n'est pas une suite"),
        (Kind.PLACE_CARD, ("CINE3",), {"position": ""}, "Prix : il manque la touche qui la vend"),
        (Kind.PLACE_CARD, ("CINE3",), {"price_lists": "RIEN"}, "Grilles : « RIEN » n'existe pas"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_field(
    festival: Festival, kind: Kind, key: tuple[str, ...], texts: dict[str, str], said: str
) -> None:
    add_place_card(festival)
    before = standing(festival, kind, *key)
    with pytest.raises(Refusal) as caught:
        change(festival, kind, *key, **texts)
    assert said in caught.value.message
    assert caught.value.remedy == "Rien n'a été changé."
    assert standing(festival, kind, *key) == before


def test_a_hall_is_never_smaller_than_what_is_sold(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=3))
    with pytest.raises(Refusal, match="Places : il en faut au moins 5, à cause de la séance KNEECAP\\."):
        change(festival, Kind.HALL, "AUD", capacity="4")
    change(festival, Kind.HALL, "AUD", capacity="5")
    assert standing(festival, Kind.SCREENING, "KNEECAP")["capacity"] == "5"
    festival.stands()


def test_the_smallest_number_of_places_is_told_once_whatever_screenings_need_it(festival: Festival) -> None:
    festival.sell(festival.seat_line("KNEECAP", quantity=3))
    change(festival, Kind.SCREENING, "KNEECAP2", hall="AUD")
    festival.sell(festival.seat_line("KNEECAP2", quantity=4))
    with pytest.raises(Refusal) as caught:
        change(festival, Kind.HALL, "AUD", capacity="3")
    said = "Places : il en faut au moins 5, à cause de la séance KNEECAP et d'une autre séance."
    assert caught.value.message == said


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
