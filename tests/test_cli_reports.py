"""Reports from the command line: what customers may still spend."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from boxoffice import database as databases
from boxoffice.cli import DONE, MISUSED, run
from boxoffice.clock import SystemClock, business_day
from boxoffice.config import settings_in
from boxoffice.kinds import CardSource
from boxoffice.models import PlaceCardKind
from boxoffice.sales.books.signing import load_key
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.rules import Rules
from boxoffice.sales.staff.setup import open_post
from boxoffice.sales.vouchers import place_cards, stored_values
from boxoffice.sales.vouchers.stored_values import Hand
from tests.test_cli import festival_folder, folder, sample

__all__ = ["festival_folder", "folder", "sample"]


def give_a_card(folder: Path) -> Post:
    """A card of three places, given today."""
    settings = settings_in(folder)
    database = databases.connect(settings.database_url)
    at = SystemClock().now()
    with database.write() as session:
        post = open_post(session, settings.till, load_key(settings.key_path))
        kind = PlaceCardKind(code="TROIS", label="Carte 3 places", places=3, vat_rate=550)
        session.add(kind)
        session.flush()
        assert kind.id is not None
        card = place_cards.new_card(place_cards.kinds(session, [kind.id])[kind.id], CardSource.GIVEN, at)
        stored_values.tell(session, Hand(post, None, None), "issued", at=at, issued=[card.value])
        place_cards.write_down(session, [card])
    database.close()
    return post


def test_liabilities_are_listed_for_people_and_for_programs(
    festival_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    today = business_day(SystemClock().now(), Rules().business_day_starts)
    yesterday = today - timedelta(days=1)
    assert run(["report", "liabilities", "--date", yesterday.isoformat()]) == DONE
    assert capsys.readouterr().out == "Rien n'a été émis jusqu'à ce jour.\n"
    give_a_card(festival_folder)
    assert run(["report", "liabilities"]) == DONE
    told = capsys.readouterr().out
    assert "carte de places · Carte 3 places  3" in told
    assert told.endswith("Dû aux clients : 0,00\u00a0€\n")
    assert run(["report", "liabilities", "--date", f"{today:%d/%m/%Y}", "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert (found["date"], found["owed_cents"]) == (today.isoformat(), 0)
    (row,) = found["rows"]
    assert (row["kind"], row["code"], row["unit"], row["outstanding"]) == ("place_card", "TROIS", "places", 3)
    assert run(["report", "liabilities", "--date", "demain"]) == MISUSED
