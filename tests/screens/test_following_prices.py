"""Prices changed in the settings, here or at another counter: sold from then on, and no basket lost."""

from pathlib import Path

from boxoffice.models import Sale
from boxoffice.sales.importing.editing import empty_row, list_rows, write_row
from boxoffice.sales.importing.layouts import Kind
from tests.sales.conftest import Festival

from .playing import at_the_counter
from .test_settings import open_section, write


def write_elsewhere(
    festival: Festival, kind: Kind, texts: dict[str, str], seen: dict[str, str] | None
) -> None:
    """A row that a manager fills in at the second till."""
    festival.write(
        lambda session: write_row(
            session,
            kind,
            texts,
            festival.posts[1],
            clock=festival.clock,
            manager=festival.manager,
            seen=seen,
        )
    )


def change_elsewhere(festival: Festival, kind: Kind, *key: str, **texts: str) -> None:
    row = next(row for row in festival.read(lambda session: list_rows(session, kind)) if row.key == key)
    seen = {cell.field: cell.text for cell in row.cells}
    write_elsewhere(festival, kind, {**seen, **texts}, seen)


async def test_a_price_changed_at_another_counter_is_sold_here_and_the_basket_is_kept(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("1")
        change_elsewhere(festival, Kind.TARIFF, "FILMS", "PLEIN", price_cents="9,20")
        await cashier.wait_until(lambda: "9,20" in cashier.shows("tariffs"))
        await cashier.wait_until(lambda: "Le prix de Plein a changé : 9,20" in cashier.notices())
        assert "8,50" in cashier.shows("basket"), "what the customer was told stands until somebody acts"
        await cashier.press("delete", "1", "enter", "enter")
        await cashier.wait_until(lambda: festival.count(Sale) == 1)
    assert festival.rows(Sale)[0].total_cents == 920
    festival.stands()


async def test_articles_of_another_counter_and_their_prices_are_sold_here(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        change_elsewhere(festival, Kind.PRODUCT, "TOUR", price_cents="3,50")
        texts = {cell.field: cell.text for cell in empty_row(Kind.PRODUCT).cells}
        texts |= {"code": "AFF", "label": "Affiche", "position": "2", "price_cents": "7", "vat_rate": "20"}
        write_elsewhere(festival, Kind.PRODUCT, texts, None)
        counter = cashier.counter
        await cashier.wait_until(lambda: len(counter.programme.articles) == 2)
        assert [article.price_cents for article in counter.programme.articles] == [350, 700]


async def test_a_price_set_at_this_counter_is_sold_once_the_settings_close(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await open_section(cashier, "tariffs")
        await cashier.type("plein")
        await cashier.press("enter")
        await write(cashier, "price_cents", "9,00")
        await cashier.press("f9", "escape", "escape")
        await cashier.wait_until(lambda: "9,00" in cashier.shows("tariffs"))
        await cashier.press("1", "enter", "c")
    assert festival.rows(Sale)[0].total_cents == 900
    festival.stands()


async def test_a_tariff_that_is_back_on_sale_is_paid_where_it_was_refused(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("1")
        change_elsewhere(festival, Kind.TARIFF, "FILMS", "PLEIN", active="non")
        await cashier.press("enter")
        assert "n'est plus proposé" in cashier.shows("payment")
        change_elsewhere(festival, Kind.TARIFF, "FILMS", "PLEIN", active="oui")
        await cashier.press("enter")
        assert "n'est plus proposé" not in cashier.shows("payment")
        await cashier.press("enter")
    assert festival.count(Sale) == 1
    festival.stands()


async def test_an_open_payment_stops_before_a_card_is_used_for_a_tariff_that_is_sold_no_more(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("1", "enter")
        assert "n'est plus proposé" not in cashier.shows("payment")
        change_elsewhere(festival, Kind.TARIFF, "FILMS", "PLEIN", active="non")
        await cashier.wait_until(lambda: "n'est plus proposé" in cashier.shows("payment"))
        await cashier.press("c")
        assert cashier.counter.paying.payment is not None
        assert not cashier.counter.paying.payment.settlement.tenders, "no card was asked for"
        assert "n'est plus proposé" in cashier.shows("payment")
    assert festival.count(Sale) == 0


async def test_what_a_card_paid_stays_in_a_payment_that_is_refused_after_it(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("1", "enter", "5", "c")
        change_elsewhere(festival, Kind.TARIFF, "FILMS", "PLEIN", active="non")
        await cashier.wait_until(lambda: "n'est plus proposé" in cashier.shows("payment"))
        await cashier.press("enter")
        payment = cashier.counter.paying.payment
        assert payment is not None
        assert [tender.amount_cents for tender in payment.settlement.tenders] == [500]
        assert "n'est plus proposé" in cashier.shows("payment")
    assert festival.count(Sale) == 0
