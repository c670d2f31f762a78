"""The counter, played key by key from log-in to the books."""

from pathlib import Path

import pytest
from sqlmodel import select

from boxoffice.app import BoxOfficeApp
from boxoffice.config import settings_in
from boxoffice.models import Payment, SaleLine
from boxoffice.screens.counter import CounterScreen
from tests.sales.conftest import Festival

from .stage import press, settle


@pytest.fixture
def app(festival: Festival, keys: Path, tmp_path: Path) -> BoxOfficeApp:
    return BoxOfficeApp(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)


async def test_a_cashier_logs_in_and_sells_one_ticket_by_card(festival: Festival, app: BoxOfficeApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "2", "3", "4", "5", "enter")
        assert isinstance(app.screen, CounterScreen)
        await press(pilot, "1", "enter", "c")
    payment = festival.read(lambda session: session.exec(select(Payment)).one())
    line = festival.read(lambda session: session.exec(select(SaleLine)).one())
    assert (payment.means, payment.amount_cents, line.label) == ("card", 850, "Plein")
    assert festival.allocated("ETERNAL") == 1
