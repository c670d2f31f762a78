"""What the basket shows where it has little room for it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlmodel import Session

from boxoffice.models import Product
from boxoffice.sales.refunds import Refund
from boxoffice.screens.sale_words import refund_words
from boxoffice.screens.widgets.panel import fit_ends, wrap
from tests.sales.conftest import Festival

from .playing import Player, at_the_counter

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


@on_sqlite
async def test_a_group_too_small_says_how_many_it_takes_and_keeps_its_time_whole(cashier: Player) -> None:
    await cashier.press("3", "minus")
    assert "15:00 il en faut 4" in cashier.shows("basket")


@on_sqlite
async def test_on_a_narrow_screen_the_time_of_a_line_is_never_cut(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path, size=(80, 24)) as cashier:
        await cashier.type("rencontre")
        await cashier.press("1", "1")
        line = next(line for line in cashier.shows("basket").splitlines() if "noms à saisir" in line)
        assert line.split("│")[1].split()[-5:] == ["22:00", "2", "noms", "à", "saisir"]
        assert "…16" not in line


@on_sqlite
async def test_the_label_of_a_tariff_is_read_whole_beside_its_prices(cashier: Player) -> None:
    await cashier.press("4")
    assert "1 Fauteuil (UFR)" in cashier.shows("basket")


@on_sqlite
async def test_the_line_that_the_cursor_is_on_is_marked_by_an_arrow_too(cashier: Player) -> None:
    await cashier.press("1")
    assert "▶" not in cashier.shows("basket")
    await cashier.press("tab")
    assert "▶  The Eternal Daughter" in cashier.shows("basket")


@on_sqlite
async def test_a_long_name_of_an_article_goes_on_below(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    def add(session: Session) -> None:
        session.add(
            Product(code="CAT", label="Catalogue du festival", price_cents=800, vat_rate=550, position=9)
        )

    festival.write(add)
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("ctrl+b", "2")
        lines = [line.strip("│ ") for line in cashier.shows("basket").splitlines()]
        first = next(place for place, line in enumerate(lines) if "Catalogue" in line)
        assert lines[first].startswith("1 Catalogue du")
        assert lines[first + 1] == "festival"


@on_sqlite
async def test_what_to_give_back_is_read_whole_after_a_reversal(cashier: Player) -> None:
    await cashier.press("1", "1", "enter", "1", "0", "c", "enter", "f6", "enter", "enter")
    shown = " ".join(line.strip("│ ") for line in cashier.shows("basket").splitlines())
    assert "Rendez 7,00\u00a0€ (espèces) + 10,00\u00a0€ (carte bancaire)." in shown


def test_what_cards_get_back_by_themselves_is_not_to_be_handed_over() -> None:
    cash, card = Refund("cash", 600), Refund("place_card", 850)
    assert refund_words((cash,)) == "Rendez 6,00\u00a0€ (espèces)."
    assert refund_words((card, cash)) == (
        "Rendez 6,00\u00a0€ (espèces). Revient tout seul : 8,50\u00a0€ (carte de places)."
    )
    assert refund_words((card,)) == "Revient tout seul : 8,50\u00a0€ (carte de places)."


@on_sqlite
async def test_a_tariff_whose_last_seats_are_in_the_basket_says_so(cashier: Player) -> None:
    await cashier.press("1", "asterisk", "5", "enter", "1")
    assert "il restait 5 places, elles sont dans le panier" in cashier.shows("tariffs")


@on_sqlite
async def test_a_group_that_finds_too_few_seats_says_how_many_are_left(
    festival: Festival, cashier: Player
) -> None:
    festival.sell(festival.seat_line("ETERNAL", quantity=2), desk=festival.desks[1])
    await cashier.wait_until(lambda: "reste    3" in cashier.shows("screenings"))
    await cashier.press("3")
    assert "Groupe : il reste 3 places, il en faut 4." in cashier.shows("tariffs")


def test_no_line_begins_with_a_mark_of_french() -> None:
    assert wrap("Moins de 3 mois : demandeur", 16, 4) == ["Moins de 3", "mois : demandeur"]


def test_an_amount_is_not_parted_from_its_currency() -> None:
    said = "Rendez 9,00\u00a0€ (espèces) + 5,00\u00a0€ (carte bancaire)."
    assert wrap(said, 30, 4) == ["Rendez 9,00\u00a0€ (espèces) +", "5,00\u00a0€ (carte bancaire)."]


def test_a_name_too_long_keeps_its_last_word_by_which_it_is_told_from_another() -> None:
    full, reduced = "Pass individuel 20 places", "Pass individuel 20 places, réduit"
    assert fit_ends(full, 22) == "Pass individue… places"
    assert fit_ends(reduced, 22) == "Pass individue… réduit"
    assert fit_ends(full, 30) == full.ljust(30)
