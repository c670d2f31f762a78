"""Gift cards on offer: imported with the programme, and held to their amounts by the journal."""

import pytest
import sqlalchemy as sa

from boxoffice.models import GiftCard, GiftProduct, SaleLine
from boxoffice.sales.basket import GiftCardLine
from boxoffice.sales.books.verification import verify
from boxoffice.sales.importing.layouts import Kind
from boxoffice.sales.vouchers.gift_offers import GiftOffer, read_gift_offers
from tests.sales.conftest import Festival
from tests.sales.test_programme_import import bring_in, refused

HEAD = "carte cadeau;touche;libellé;prix;minimum;maximum;usage;TVA;jours de validité;en vente\n"
BON = "BON;1;Bon pour 1 place;8,50;;;unique;5,5 %;365;\n"
FREE = "LIBRE;2;Carte cadeau;;10;200;multiple;;;\n"


def offers(festival: Festival) -> dict[str, GiftOffer]:
    return {offer.code: offer for offer in festival.read(read_gift_offers)}


def test_a_voucher_for_a_place_and_a_free_amount_are_imported(festival: Festival) -> None:
    tally = bring_in(festival, {"cadeaux.csv": HEAD + BON + FREE}).tallies[Kind.GIFT_CARD]
    assert tally.added == 2
    found = offers(festival)
    bon, free = found["BON"], found["LIBRE"]
    assert (bon.least_cents, bon.most_cents, bon.vat_rate, bon.valid_days) == (850, 850, 550, 365)
    assert (free.least_cents, free.most_cents, free.vat_rate, free.valid_days) == (1000, 20_000, None, None)


def test_the_same_file_again_changes_nothing_and_another_price_does(festival: Festival) -> None:
    bring_in(festival, {"cadeaux.csv": HEAD + BON + FREE})
    assert bring_in(festival, {"cadeaux.csv": HEAD + BON + FREE}).tallies[Kind.GIFT_CARD].unchanged == 2
    dearer = BON.replace("8,50", "9,00")
    assert bring_in(festival, {"cadeaux.csv": HEAD + dearer}).tallies[Kind.GIFT_CARD].changed == 1
    assert offers(festival)["BON"].least_cents == 900
    wider = FREE.replace("200", "300")
    assert bring_in(festival, {"cadeaux.csv": HEAD + wider}).tallies[Kind.GIFT_CARD].changed == 1


def test_a_complete_import_takes_off_sale_what_it_leaves_out(festival: Festival) -> None:
    bring_in(festival, {"cadeaux.csv": HEAD + BON + FREE})
    tally = bring_in(festival, {"cadeaux.csv": HEAD + FREE}, complete=True).tallies[Kind.GIFT_CARD]
    assert set(offers(festival)) == {"LIBRE"}
    assert tally.withdrawn == 4  # BON, and the three of the small festival


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("A;1;Carte;;;;multiple;;;\n", "il faut un prix, ou un minimum et un maximum"),
        ("A;1;Carte;;20;10;multiple;;;\n", "il faut un prix, ou un minimum et un maximum"),
        ("A;1;Carte;8;10;20;multiple;;;\n", "pas les deux"),
        ("A;1;Carte;8;;;unique;;;\n", "il manque le taux de TVA"),
        ("A;1;Carte;8;;;parfois;;;\n", "unique, multiple"),
        ("TOUR;1;Carte;8;;;multiple;;;\n", "« TOUR » est un produit"),
    ],
)
def test_what_makes_no_sense_is_named(festival: Festival, row: str, fault: str) -> None:
    (said,) = refused(festival, {"cadeaux.csv": HEAD + row})
    assert fault in said


def test_a_gift_card_is_no_article_of_the_shop(festival: Festival) -> None:
    (said,) = refused(festival, {"produits.csv": "produit;touche;libellé;prix;TVA\nCADEAU;2;Carte;5;20 %\n"})
    assert "est une carte" in said


def test_the_journal_holds_every_card_sold_to_its_amounts(festival: Festival) -> None:
    bring_in(festival, {"cadeaux.csv": HEAD + BON + FREE})
    festival.sell_gift(cents=1000)
    festival.sell_gift(cents=20_000)
    festival.sell_gift("BON850")
    festival.stands()
    free = offers(festival)["LIBRE"]
    festival.write(
        lambda session: session.execute(
            sa.update(GiftProduct).where(GiftProduct.product_id == free.product_id).values(least_cents=1)
        )
    )
    festival.sell(GiftCardLine(festival.gift_line().value_id, free.product_id, free.label, 500))
    festival.write(
        lambda session: session.execute(
            sa.update(GiftProduct).where(GiftProduct.product_id == free.product_id).values(least_cents=1000)
        )
    )
    fault = festival.read(verify).fault
    assert fault is not None
    assert "« LIBRE » à 5,00" in fault.what


def test_a_card_sold_keeps_its_rate_when_the_product_changes(festival: Festival) -> None:
    told = HEAD + "BON850;1;Bon pour 1 place;8,50;;;{usage};{rate};365;\n"
    bring_in(festival, {"cadeaux.csv": told.format(usage="unique", rate="5,5 %")})
    festival.sell_gift("BON850")
    bring_in(festival, {"cadeaux.csv": told.format(usage="multiple", rate="")})
    assert offers(festival)["BON850"].vat_rate is None
    (line,), (card,) = festival.rows(SaleLine), festival.rows(GiftCard)
    assert (line.vat_rate, card.vat_rate) == (550, 550)
    festival.stands()
