"""What a cell of the settings may say, told before it is typed: none of it is refused once it is chosen."""

import pytest

from boxoffice.models import PriceList as PriceListRow
from boxoffice.models import Venue as VenueRow
from boxoffice.models import table
from boxoffice.sales.importing.choices import list_choices
from boxoffice.sales.importing.editing import EDITABLE, list_rows
from boxoffice.sales.importing.layouts import LAYOUTS, Kind

from .conftest import Festival
from .test_editing import add_place_card


@pytest.mark.parametrize("kind", EDITABLE)
def test_what_stands_is_among_what_may_be_chosen_and_every_choice_is_read(
    festival: Festival, kind: Kind
) -> None:
    add_place_card(festival)
    choices = festival.read(lambda session: list_choices(session, kind))
    columns = {column.field: column for layout in LAYOUTS if layout.kind is kind for column in layout.columns}
    for field, offered in choices.items():
        assert len({typed for typed, _meaning in offered}) == len(offered)
        for typed, _meaning in offered:
            if typed and (field != "event" or " " not in typed):  # not even an import gives such a code
                columns[field].read(typed)
    rows = festival.read(lambda session: list_rows(session, kind))
    assert rows
    for row in rows:
        for cell in row.cells:
            if cell.field in choices and cell.text:
                assert cell.text in dict(choices[cell.field]), cell


def test_what_is_out_of_service_is_not_offered(festival: Festival) -> None:
    venues = table(VenueRow)
    festival.write(lambda session: session.execute(venues.update().values(active=False)))
    assert festival.read(lambda session: list_choices(session, Kind.HALL))["venue"] == ()
    lists = table(PriceListRow)
    assert festival.read(lambda session: list_choices(session, Kind.PASS))["place_tariff"]
    festival.write(lambda session: session.execute(lists.update().values(active=False)))
    assert festival.read(lambda session: list_choices(session, Kind.PASS))["place_tariff"] == ()
