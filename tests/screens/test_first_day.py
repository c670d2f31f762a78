"""What a newcomer stumbles over on the first day at the counter."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import update
from sqlmodel import Session
from textual.widgets import Button, Static

from boxoffice.models import JobState, PrintJob, Product, Requirement, Tariff, table
from boxoffice.screens.outbox import OutboxScreen
from boxoffice.screens.rows import Rows
from boxoffice.screens.widgets.bars import Status, StatusBar
from tests.sales.conftest import Festival

from .playing import Player, at_the_counter
from .stage import told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


async def test_the_first_letter_after_a_tariff_begins_a_new_search(cashier: Player) -> None:
    await cashier.press("e", "t", "e", "r", "1", "k", "n")
    assert cashier.counter.agenda.search == "kn"
    assert cashier.counter.basket.seats == 1


async def test_a_search_goes_on_as_long_as_nothing_is_chosen(cashier: Player) -> None:
    await cashier.press("k", "n", "1", "backspace", "n")
    assert cashier.counter.agenda.search == "kn"


async def test_escape_comes_back_from_all_days_to_today_and_keeps_the_basket(cashier: Player) -> None:
    await cashier.press("1", *["right"] * 12)
    assert cashier.counter.agenda.day is None
    await cashier.press("escape")
    assert cashier.counter.agenda.day == cashier.counter.agenda.days[0]
    assert cashier.pilot.app.screen is cashier.counter
    assert cashier.counter.basket.seats == 1


async def test_a_basket_of_articles_counts_articles_and_so_does_its_sale(cashier: Player) -> None:
    await cashier.press("ctrl+b", "1")
    assert "1 article" in cashier.shows("basket")
    assert "0 billet" not in cashier.shows("basket")
    await cashier.press("1", "enter", "enter")
    assert "1 billet · 1 article" in cashier.shows("basket")


async def test_names_asked_of_an_empty_basket_are_answered(cashier: Player) -> None:
    await cashier.press("ctrl+n")
    assert "Le panier est vide" in cashier.shows("tariffs")


async def test_no_copy_of_a_cancelled_ticket_is_offered(festival: Festival, cashier: Player) -> None:
    await cashier.press("1", "enter", "c")
    festival.write(lambda session: session.execute(update(table(PrintJob)).values(state=JobState.PRINTED)))
    await cashier.press("f12")
    assert "D duplicata" in told(cashier.pilot.app.screen)
    await cashier.press("escape", "f6", "enter", "enter", "f12")
    assert isinstance(cashier.pilot.app.screen, OutboxScreen)
    assert "The Eternal Daughter" in told(cashier.pilot.app.screen)
    assert "D duplicata" not in told(cashier.pilot.app.screen)


async def test_the_button_that_confirms_a_reversal_shows_its_key_whole(cashier: Player) -> None:
    await cashier.press("1", "enter", "c", "f6", "enter")
    button = cashier.pilot.app.screen.query_one("#reverse", Button)
    assert "Oui, annuler toute la vente  Entrée" in "".join(segment.text for segment in button.render_line(0))


async def test_the_amounts_of_a_long_list_of_sales_stay_on_their_line(
    festival: Festival, cashier: Player
) -> None:
    for _sale in range(40):
        festival.sell(festival.product_line())
    await cashier.press("ctrl+f")
    rows = cashier.pilot.app.screen.query_one(Rows)
    assert rows.show_vertical_scrollbar
    assert rows.virtual_size.height == len(rows.options)


async def test_the_last_operator_is_told_how_somebody_else_logs_in(cashier: Player) -> None:
    await cashier.press("ctrl+t")
    keys = cashier.pilot.app.screen.query_one("#login-keys", Static)
    assert "Échap : changer de nom" in str(keys.render())
    await cashier.press("escape")
    assert "choisir son nom" in str(keys.render())


async def test_a_long_sentence_of_the_palette_ends_after_a_whole_word(cashier: Player) -> None:
    await cashier.press("ctrl+p", *"noms")
    rows = cashier.pilot.app.screen.query_one(Rows)
    assert "Saisit les noms à…" in str(rows.options[0].prompt)


@pytest.mark.parametrize("columns", [80, 120])
async def test_long_names_leave_room_for_the_till_the_operator_and_the_time(
    festival: Festival, keys: Path, tmp_path: Path, columns: int
) -> None:
    status = Status(
        festival="Festival des très longs métrages d'Anjou et de Poitou",
        till="Caisse 1 – Centre de Congrès",
        operator="Karim D.",
        moment="mer. 21 janv. 12:00",
        trouble="Guichet 1 : Imprimante éteinte ou débranchée." if columns > 80 else "",
    )
    async with at_the_counter(festival, keys, tmp_path, size=(columns, 24)) as cashier:
        cashier.counter.query_one(StatusBar).show(status)
        line = cashier.shows("status")
    assert "Caisse 1" in line
    assert "· Karim D." in line
    assert line.rstrip().endswith("mer. 21 janv. 12:00")
    assert line.startswith(" FESTIVAL")


async def test_a_programme_without_articles_says_so(festival: Festival, keys: Path, tmp_path: Path) -> None:
    festival.write(lambda session: session.execute(update(table(Product)).values(active=False)))
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("ctrl+b")
        assert cashier.pilot.app.screen is cashier.counter
        assert "aucun article à vendre" in cashier.shows("tariffs")


async def test_a_group_too_small_is_told_with_the_keys_that_mend_it(cashier: Player) -> None:
    await cashier.press("3", "minus", "enter")
    assert "* change la quantité, Suppr retire la ligne." in cashier.shows("tariffs")


PROOF = (
    "demandeur d’emploi, RSA, carte partenaire Ville d’Angers, étudiant senior, "
    "carte mobilité inclusion (+ 1 accompagnateur)"
)


@pytest.mark.parametrize("last_row_is_for_pass_holders", [True, False])
async def test_a_long_list_of_proofs_covers_tariffs_that_cannot_be_chosen_and_no_other(
    festival: Festival, keys: Path, tmp_path: Path, last_row_is_for_pass_holders: bool
) -> None:
    tariff = table(Tariff)

    def ask(session: Session) -> None:
        session.execute(update(tariff).where(tariff.c.code == "REDUIT").values(proof=PROOF))
        if not last_row_is_for_pass_holders:
            session.execute(
                update(tariff).where(tariff.c.code == "SUPPL").values(requirement=Requirement.NOTHING)
            )

    festival.write(ask)
    async with at_the_counter(festival, keys, tmp_path, size=(80, 24)) as cashier:
        await cashier.press("2")
        shown = cashier.shows("tariffs")
        assert ("accompagnateur)" in shown) is last_row_is_for_pass_holders
        assert ("7 Suppl. pass" in shown) is not last_row_is_for_pass_holders
        assert "1 Plein" in shown
        await cashier.press("1")
        assert "7 Suppl. pass" in cashier.shows("tariffs")
