"""« Je me suis trompé », played key by key."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from textual.widgets import Button

from boxoffice.app import BoxOfficeApp
from boxoffice.database import DatabaseLost
from boxoffice.house import House
from boxoffice.models import Sale, SaleKind, TicketScan
from boxoffice.sales.history import LineState, SoldLine
from boxoffice.sales.reversal import CompletedReversal, Refund
from boxoffice.screens.login import LoginScreen
from boxoffice.screens.reversal import ReversalDialog
from boxoffice.screens.sale_words import line_words
from tests.sales.conftest import Festival
from tests.sales.small_festival import NOON

from .playing import at_the_counter
from .stage import UNANSWERED, MuteDatabase, Stage, house_of, press, settle, told


@pytest.fixture
def house(festival: Festival, tmp_path: Path) -> House:
    return house_of(festival, folder=tmp_path)


def _reversals(festival: Festival) -> list[Sale]:
    return list(
        festival.read(lambda session: session.exec(select(Sale).where(Sale.kind == SaleKind.REVERSAL)).all())
    )


async def test_two_enters_undo_the_last_sale_of_this_till(festival: Festival, house: House) -> None:
    festival.sell(festival.seat_line(quantity=2))
    app = Stage(house, ReversalDialog(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert "Toute la vente. Rendez 17,00\u00a0€ (espèces)." in told(app.screen)
        await press(pilot, "enter")
        assert app.answer is UNANSWERED
        await press(pilot, "enter")
    assert isinstance(app.answer, CompletedReversal)
    assert app.answer.refunds == (Refund("cash", 1700),)
    assert festival.allocated() == 0


async def test_the_buttons_say_what_they_undo(festival: Festival, house: House) -> None:
    festival.sell(festival.seat_line(quantity=2), festival.product_line())
    app = Stage(house, ReversalDialog(house, festival.desk))

    def buttons() -> list[str]:
        return [str(each.label).rpartition("  ")[0] for each in app.screen.query(Button) if each.display]

    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert buttons() == ["Annuler toute la vente", "Ne rien annuler"]
        await press(pilot, "1", "3")
        assert buttons() == ["Annuler ces 2 lignes", "Ne rien annuler"]
        await press(pilot, "1", "enter")
        assert buttons() == ["Oui, annuler cette ligne", "Ne rien annuler"]


async def test_where_nothing_can_be_undone_no_button_offers_it(festival: Festival, house: House) -> None:
    app = Stage(house, ReversalDialog(house, festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert [each.id for each in app.screen.query(Button) if each.display] == ["leave"]


async def test_a_digit_chooses_the_only_line_to_undo(festival: Festival, house: House) -> None:
    festival.sell(festival.seat_line(quantity=2), festival.product_line())
    app = Stage(house, ReversalDialog(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "3")
        assert "1 ligne. Rendez 3,00\u00a0€" in told(app.screen)
        await press(pilot, "enter", "enter")
    assert app.answer.refunded_cents == 300
    assert festival.allocated() == 2


async def test_space_chooses_the_line_under_the_cursor_and_again_leaves_it(
    festival: Festival, house: House
) -> None:
    festival.sell(festival.seat_line(quantity=2))
    app = Stage(house, ReversalDialog(house, festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "down", "space")
        assert "1 ligne." in told(app.screen)
        await press(pilot, "space")
        assert "Toute la vente." in told(app.screen)


async def test_escape_undoes_nothing(festival: Festival, house: House) -> None:
    festival.sell()
    app = Stage(house, ReversalDialog(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "enter", "escape")
    assert app.answer is None
    assert not _reversals(festival)


async def test_beyond_the_grace_time_a_manager_types_reason_and_pin_in_place(
    festival: Festival, house: House
) -> None:
    festival.sell()
    festival.clock.advance(timedelta(minutes=11))
    app = Stage(house, ReversalDialog(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "enter", "enter")
        assert "Cette vente a plus de 10 minutes." in told(app.screen)
        await press(pilot, *"9999", "enter", *"Erreur", "enter")
        assert "Ce n'est pas le code de Lisa B." in told(app.screen)
        await press(pilot, *"1234", "enter")
    assert isinstance(app.answer, CompletedReversal)
    (reversed_,) = _reversals(festival)
    assert (reversed_.authorized_by_id, reversed_.reason) == (festival.manager.id, "Erreur")


async def test_a_manager_at_the_till_is_asked_why_and_for_no_pin(festival: Festival, house: House) -> None:
    festival.sell()
    festival.clock.advance(timedelta(minutes=11))
    app = Stage(house, ReversalDialog(house, festival.managers_desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "enter", "enter")
        assert "Cette vente a plus de 10 minutes." in told(app.screen)
        assert not _reversals(festival)
        await press(pilot, *"Erreur", "enter")
    (reversed_,) = _reversals(festival)
    assert (reversed_.authorized_by_id, reversed_.reason) == (festival.manager.id, "Erreur")


async def test_without_the_manager_the_sale_stands(festival: Festival, house: House) -> None:
    festival.sell()
    festival.clock.advance(timedelta(minutes=11))
    app = Stage(house, ReversalDialog(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "enter", "enter", "escape")
        assert isinstance(app.screen, ReversalDialog)
        await press(pilot, "escape")
    assert app.answer is None
    assert not _reversals(festival)


async def test_a_used_ticket_is_refused_with_the_reason(festival: Festival, house: House) -> None:
    sale = festival.sell()
    festival.write(
        lambda session: session.add(
            TicketScan(sale_id=sale.sale_id, position=1, at=festival.clock.now(), door="Porte A")
        )
    )
    app = Stage(house, ReversalDialog(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "enter", "enter")
        assert "a déjà servi à l'entrée (Porte A)" in told(app.screen)
    assert not _reversals(festival)


async def test_a_sale_undone_already_is_told_so(festival: Festival, house: House) -> None:
    festival.sell()
    for _again in range(2):
        app = Stage(house, ReversalDialog(house, festival.desk))
        async with app.run_test(size=(120, 36)) as pilot:
            await settle(pilot)
            shown = told(app.screen)
            await press(pilot, "enter", "enter")
    assert "Cette vente est déjà annulée en entier." in shown
    assert len(_reversals(festival)) == 1


async def test_a_till_that_sold_nothing_has_nothing_to_undo(festival: Festival, house: House) -> None:
    app = Stage(house, ReversalDialog(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "enter", "enter")
        assert "Il n'y a encore aucune vente à cette caisse." in told(app.screen)


LOSSES = [
    DatabaseLost("La base de données ne répond pas."),
    OperationalError("COMMIT", {}, Exception("connection reset")),
    MemoryError(),
]


@pytest.mark.parametrize("loss", LOSSES, ids=["lost", "driver", "unforeseen"])
async def test_a_lost_answer_leaves_the_lines_as_asked_and_trying_again_undoes_once(
    festival: Festival, house: House, loss: Exception
) -> None:
    festival.sell(festival.seat_line(quantity=2))
    mute = _mute(house, loss)
    app = Stage(mute, ReversalDialog(mute, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "2", "enter", "enter")
        assert "Entrée pour essayer encore" in told(app.screen)
        await press(pilot, "1", "2")
        assert "1 ligne. Rendez 8,50\u00a0€" in told(app.screen)
        await press(pilot, "enter")
    assert app.answer.refunds == (Refund("cash", 850),)
    assert len(_reversals(festival)) == 1
    assert festival.allocated() == 1


async def test_leaving_in_doubt_first_finds_the_reversal_that_was_made(
    festival: Festival, house: House
) -> None:
    festival.sell()
    mute = _mute(house, LOSSES[0])
    app = Stage(mute, ReversalDialog(mute, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "enter", "enter", "escape")
    assert app.answer.refunds == (Refund("cash", 850),)
    assert len(_reversals(festival)) == 1


async def test_leaving_in_doubt_when_none_was_made_says_so_first(festival: Festival, house: House) -> None:
    festival.sell()
    deaf = _mute(house, LOSSES[0], deaf=True)
    app = Stage(deaf, ReversalDialog(deaf, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "enter", "enter", "escape")
        assert "Rien n'a été annulé : ne rendez rien." in told(app.screen)
        assert app.answer is UNANSWERED
        await press(pilot, "escape")
    assert app.answer is None
    assert not _reversals(festival)


@pytest.mark.parametrize("was_written", [True, False], ids=["written", "not written"])
async def test_a_manager_who_frees_a_till_is_told_of_a_reversal_in_doubt(
    festival: Festival,
    keys: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    was_written: bool,
) -> None:
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(
        BoxOfficeApp, "notify", lambda _app, words, *, title, **_how: said.append((title, words))
    )
    festival.sell()
    mute = MuteDatabase(festival.database.engine, festival.database.write_engine, deaf=not was_written)
    async with at_the_counter(festival, keys, tmp_path, database=mute) as cashier:
        mute.losses.append(LOSSES[0])
        await cashier.press("f6", "enter", "enter")
        cashier.counter.action_lock()
        await cashier.press("down", *"1234", "enter")
        await cashier.wait_until(lambda: said != [])
        assert isinstance(cashier.pilot.app.screen, LoginScreen)
    if was_written:
        expected = ("L'annulation 1-000002, restée sans réponse, est faite.", "Rendez 8,50\u00a0€ (espèces).")
    else:
        title = "Une annulation demandée ici n'est pas dans les livres."
        expected = (title, "Retrouvez la vente (Ctrl+F) avant de rendre l'argent.")
    assert said == [expected]


def _mute(house: House, loss: Exception, *, deaf: bool = False) -> House:
    """The house on a database that loses its next answer, or the question before it."""
    engines = house.database.engine, house.database.write_engine
    return replace(house, database=MuteDatabase(*engines, losses=[loss], deaf=deaf))


@pytest.mark.parametrize("state", list(LineState))
@pytest.mark.parametrize(
    "title", ["Nous", "Kneecap 🎬 ou la très longue histoire de trois rappeurs de Belfast"]
)
@pytest.mark.parametrize("label", ["Plein", "Détenteur du pass Immersion et de son accompagnateur"])
def test_however_long_its_names_a_line_shows_its_ticket_its_state_and_its_price(
    label: str, title: str, state: LineState
) -> None:
    line = SoldLine(1, label, title, NOON, "Auditorium", 850, "1-000171", state)
    words = line_words(line, 60)
    assert cell_len(words) == 60
    assert "· 1-000171 " in words
    assert words.endswith("8,50")
    assert title[:6].rstrip() in words
    assert words.startswith(label[:5])
    assert ("annulé" in words) is (state is LineState.REVERSED)
