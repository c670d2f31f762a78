"""Whoever looks at a list of people is told of, by the list and not by the names in it."""

import json

import pytest

from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry
from boxoffice.sales.people.opened_lists import PeopleList, tell_list_opened
from tests.sales.conftest import Festival


@pytest.mark.parametrize("opened", PeopleList)
def test_the_journal_tells_who_opened_which_list(festival: Festival, opened: PeopleList) -> None:
    change = 3 if opened is PeopleList.AFFECTED else None
    festival.write(
        lambda session: tell_list_opened(session, festival.desk, opened, clock=festival.clock, change=change)
    )
    told = [row for row in festival.rows(JournalEntry) if row.kind == JournalKind.CUSTOMER_LISTED]
    (content,) = (json.loads(row.content) for row in told)
    assert (content["list"], content.get("change")) == (opened.value, change)
    assert content["operator"] == festival.cashier.number
    festival.stands()
