"""The help, the management menu and the parked baskets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select
from textual.widgets import Static

from boxoffice.database import Database
from boxoffice.models import ParkedBasket
from boxoffice.sales.parking import park, parked
from boxoffice.screens.counter_commands import COUNTER
from boxoffice.screens.help import HelpScreen
from boxoffice.screens.menu import ManagementMenu
from boxoffice.screens.outbox import OutboxScreen
from boxoffice.screens.parked import ParkedBaskets
from boxoffice.screens.rows import Choices
from tests.sales.conftest import Festival

from .stage import UNANSWERED, Stage, house_of, press, settle, told

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LISTED = [command for command in COUNTER if command.in_menu]


@on_sqlite
async def test_the_help_tells_every_key_of_the_screen_below(festival: Festival, tmp_path: Path) -> None:
    below = OutboxScreen(house_of(festival, folder=tmp_path), festival.desk)
    app = Stage(None, below)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        app.push_screen(HelpScreen(below))
        await settle(pilot)
        table = app.screen.query_one("#help-keys", Static)
        shown = "\n".join(table.render_line(y).text for y in range(table.size.height))
        assert "Imprime une copie marquée DUPLICATA" in shown
        assert "Imprime une page d'essai" in shown
        assert "La ligne en dessous" in shown
        await press(pilot, "f1")
        assert app.screen is below


@pytest.mark.parametrize(
    ("keys", "place"), [(["2"], 1), (["down", "down", "enter"], 2), (["escape"], None), (["f10"], None)]
)
async def test_the_menu_answers_with_the_command_chosen(keys: list[str], place: int | None) -> None:
    app = Stage(None, ManagementMenu(LISTED))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert LISTED[0].says in told(app.screen)
        await press(pilot, *keys)
    assert app.answer == (None if place is None else LISTED[place])


@on_sqlite
async def test_a_parked_basket_comes_back_and_waits_no_more(festival: Festival, tmp_path: Path) -> None:
    first, second = festival.basket(festival.seat_line()), festival.basket(festival.product_line(quantity=2))
    for basket, note in ((first, "Chapeau [rouge]"), (second, "")):
        festival.write(lambda session: park(session, basket, note, festival.desk, clock=festival.clock))  # noqa: B023
    app = Stage(None, ParkedBaskets(house_of(festival, folder=tmp_path), festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "Chapeau [rouge]" in str(app.screen.query_one(Choices).get_option_at_index(0).prompt)
        assert "1 place, qui n'est pas retenue." in told(app.screen)
        await press(pilot, "down")
        assert "2 × Tour de cou" in told(app.screen)
        await press(pilot, "enter")
    assert app.answer.basket == second
    assert [waiting.basket for waiting in festival.read(parked)] == [first]


@on_sqlite
async def test_a_basket_taken_by_another_counter_is_refused_and_leaves_the_list(
    festival: Festival, tmp_path: Path
) -> None:
    basket = festival.basket(festival.seat_line())
    festival.write(lambda session: park(session, basket, "", festival.desk, clock=festival.clock))
    shown = ParkedBaskets(house_of(festival, folder=tmp_path), festival.desk)
    app, faster = (
        Stage(None, shown),
        Stage(None, ParkedBaskets(house_of(festival, folder=tmp_path), festival.desk)),
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        async with faster.run_test(size=(80, 24)) as other:
            await press(other, "enter")
        await press(pilot, "enter")
        assert "Ce panier a déjà été repris ou vidé." in told(app.screen)
        assert "Aucun panier n'attend." in told(app.screen)
    assert (app.answer, faster.answer.basket) == (UNANSWERED, basket)


@dataclass(frozen=True)
class MuteWriter(Database):
    """Writes what it is given, and loses the answer."""

    @contextmanager
    def write(self) -> Iterator[Session]:
        with super().write() as session:
            yield session
        raise OperationalError("COMMIT", {}, Exception("connection reset"))


@on_sqlite
async def test_a_basket_whose_return_is_not_answered_is_not_lost(festival: Festival, tmp_path: Path) -> None:
    basket = festival.basket(festival.seat_line())
    festival.write(lambda session: park(session, basket, "", festival.desk, clock=festival.clock))
    mute = MuteWriter(festival.database.engine, festival.database.write_engine)
    app = Stage(
        None, ParkedBaskets(replace(house_of(festival, folder=tmp_path), database=mute), festival.desk)
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter")
    assert app.answer.basket == basket
    assert festival.read(parked) == ()
    assert app.said == [
        "Il est peut-être encore parmi les paniers en attente ; il ne sera pas vendu deux fois."
    ]


@on_sqlite
async def test_a_basket_that_cannot_be_read_is_shown_as_such_among_the_others(
    festival: Festival, tmp_path: Path
) -> None:
    basket = festival.basket(festival.seat_line())
    for _time in range(2):
        festival.write(lambda session: park(session, basket, "", festival.desk, clock=festival.clock))
        festival.clock.advance(timedelta(minutes=1))

    def spoil(session: Session) -> None:
        row = session.exec(select(ParkedBasket).order_by(col(ParkedBasket.parked_at))).first()
        assert row is not None
        row.content = "{}}"
        session.add(row)

    festival.write(spoil)
    app = Stage(None, ParkedBaskets(house_of(festival, folder=tmp_path), festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "illisible" in str(app.screen.query_one(Choices).get_option_at_index(0).prompt)
        assert "Ce panier ne se lit pas : ressaisissez-le" in told(app.screen)
        await press(pilot, "enter")
        assert app.answer is UNANSWERED
        await press(pilot, "down", "delete")
        assert "Reprenez-le, puis videz-le." in told(app.screen)
        await press(pilot, "home", "delete")
        assert app.screen.query_one(Choices).option_count == 1
        await press(pilot, "enter")
    assert app.answer.basket == basket
