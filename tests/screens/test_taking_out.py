"""What is taken out of a basket before it is paid is told to the journal."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.sales.conftest import Festival
from tests.sales.test_occurrences import told

from .playing import Player, at_the_counter


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


async def test_a_line_removed_and_one_made_smaller_are_told(festival: Festival, cashier: Player) -> None:
    await cashier.press("1", "1", "minus")
    await cashier.wait_until(lambda: len(told(festival, "basket.line_removed")) == 1)
    await cashier.press("delete")
    await cashier.wait_until(lambda: len(told(festival, "basket.line_removed")) == 2)
    label = "The Eternal Daughter – Plein"
    for entry in told(festival, "basket.line_removed"):
        assert entry["lines"] == [{"label": label, "price": 850, "quantity": 1}]
        assert entry["operator"] == festival.desk.operator_number


async def test_a_basket_emptied_is_told_whole(festival: Festival, cashier: Player) -> None:
    await cashier.press("1", "1", "2", "escape", "enter")
    await cashier.wait_until(lambda: bool(told(festival, "basket.line_removed")))
    (entry,) = told(festival, "basket.line_removed")
    assert [line["quantity"] for line in entry["lines"]] == [2, 1]


async def test_a_basket_that_is_sold_takes_nothing_out(festival: Festival, cashier: Player) -> None:
    await cashier.press("1", "plus", "enter", "c")
    assert told(festival, "basket.line_removed") == []
