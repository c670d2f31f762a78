"""The cockpit of a pass without the counter's watch: what is refused shows the pass as it is by now."""

from pathlib import Path

import pytest

from boxoffice.models import Pass
from boxoffice.sales.basket import Basket
from boxoffice.screens.cockpit import CockpitScreen
from boxoffice.screens.extras import Extras
from boxoffice.screens.pass_desk import look_at
from boxoffice.screens.pass_showings import Around
from tests.sales.conftest import Festival
from tests.sales.pass_life import book, cancel

from .stage import Stage, house_of, press, settle, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_booking_cancelled_elsewhere_is_gone_once_its_cancelling_is_refused(
    festival: Festival, tmp_path: Path
) -> None:
    pass_id = festival.sell_pass()
    booked = book(festival, pass_id)
    house = house_of(festival, folder=tmp_path)
    around = Around(house.programme(), {}, None, lambda _seats: None)
    held, around = look_at(house, festival.rows(Pass)[0].number, around)
    extras = Extras(house, festival.desk, Basket, lambda _basket: None)
    cockpit = CockpitScreen(house, festival.desk, held, around, extras)
    app = Stage(house, cockpit)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        cancel(festival, *booked.booking_ids, desk=festival.desks[1])
        await press(pilot, "delete", "enter")
        assert "a déjà été annulée" in told(cockpit)
        assert "20 places sur 20" in told(cockpit)
        assert "Aucune réservation." in told(cockpit)
