"""Readings and closings from the command line, for which a manager answers."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from boxoffice import database as databases
from boxoffice.cli import DONE, MISUSED, REFUSED, run
from boxoffice.clock import SystemClock
from boxoffice.config import settings_in
from boxoffice.house import open_house
from boxoffice.models import CashCount, TillSession, table
from boxoffice.sales import basket as baskets
from boxoffice.sales import means
from boxoffice.sales.basket import Basket, ProductLine
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.screenings.programme import read_programme
from boxoffice.sales.settlement import Settlement, tender
from boxoffice.sales.staff.operators import staff
from boxoffice.sales.staff.shifts import OpenShift, open_shift
from tests.test_cli import festival_folder, folder, sample

__all__ = ["festival_folder", "folder", "sample"]


@pytest.fixture
def sold(festival_folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """What an article sold at the till of this post brought; its manager types their PIN."""
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "1234")
    house = open_house(settings_in(festival_folder))
    with house.database.write() as session:
        cashier = staff(session)[1]
        desk = open_shift(session, house.post, cashier, OpenShift(10_000), clock=SystemClock())
        article = read_programme(session, house.post.rules).articles[0]
        basket = baskets.add(Basket(), ProductLine(article.id, article.label, article.price_cents))
        paid = tender(Settlement(basket.total_cents), means.CASH, cash_limit_cents=100_000)
        checkout(session, Checkout(uuid4(), basket, paid.tenders), desk, clock=SystemClock())
    house.database.close()
    return article.price_cents


def test_the_figures_of_a_till_are_read_shown_and_printed(
    sold: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", "x", "--till", "1", "--json"]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert told["till"] == 1
    assert told["figures"]["products"][0]["cents"] == sold
    assert told["open_shifts"][0]["float_cents"] == 10_000
    assert run(["report", "x", "--print"]) == DONE
    assert "LECTURE X" in capsys.readouterr().out
    assert run(["report", "x", "--till", "9"]) == REFUSED
    assert "La caisse 9 n'existe pas." in capsys.readouterr().err


def test_a_till_then_the_day_are_closed_and_read_again(sold: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["close", "state", "--json"]) == DONE
    state = json.loads(capsys.readouterr().out)
    assert state["tills"][0]["obstacles"][0]["kind"] == "shift_open"
    assert run(["close", "till", "--counted", "n'importe"]) == MISUSED
    assert run(["close", "till", "--counted", "1,00"]) == REFUSED
    assert "d'écart" in capsys.readouterr().err
    counted = f"{(10_000 + sold) / 100:.2f}"
    assert run(["close", "till", "--counted", counted, "--cards", "0", "--deposit", "50"]) == DONE
    assert "CLÔTURE DE CAISSE" in capsys.readouterr().out
    assert run(["close", "state"]) == DONE
    assert "est à clore" in capsys.readouterr().out
    assert run(["close", "day", "--json"]) == DONE
    made = json.loads(capsys.readouterr().out)
    assert (made["period"], made["number"], made["period_cents"]) == ("day", 1, sold)
    assert run(["close", "month"]) == REFUSED
    assert "n'est pas finie" in capsys.readouterr().err
    assert run(["close", "year"]) == REFUSED
    assert run(["report", "z"]) == DONE
    assert "journée" in capsys.readouterr().out
    assert run(["report", "z", "--json"]) == DONE
    assert {row["period"] for row in json.loads(capsys.readouterr().out)} >= {"till", "day"}
    assert run(["report", "z", "1", "--till", "1", "--print"]) == DONE
    assert "Z n° 1" in capsys.readouterr().out
    assert run(["report", "z", "7"]) == REFUSED
    assert run(["journal", "verify"]) == DONE


def test_nobody_closes_without_the_pin_of_a_manager(
    sold: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sold
    monkeypatch.setenv("BOXOFFICE_MANAGER_PIN", "9999")
    assert run(["close", "till"]) == REFUSED
    assert run(["close", "day"]) == REFUSED
    assert "code" in capsys.readouterr().err


def test_a_drawer_is_counted_by_its_notes_and_coins(
    sold: int, festival_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    euros, cents = divmod(10_000 + sold, 100)
    assert run(["close", "till", "--count", "50:2"]) == MISUSED
    assert "50=3" in capsys.readouterr().err
    assert run(["close", "till", "--count", "7=2"]) == REFUSED
    assert "coupure inconnue" in capsys.readouterr().err
    assert run(["close", "till", "--count", "50=2", "--counted", "99"]) == REFUSED
    assert "Le total des coupures n'est pas le montant compté." in capsys.readouterr().err
    pieces = ["--count", f"1={euros}", *(["--count", f"0,01={cents}"] if cents else [])]
    assert run(["close", "till", *pieces, "--json"]) == DONE
    capsys.readouterr()
    database = databases.connect(settings_in(festival_folder).database_url)
    with database.read() as session:
        kept = session.execute(select(table(CashCount).c.value, table(CashCount).c.pieces)).all()
        counted = session.execute(select(table(TillSession).c.counted_cents)).scalar_one()
    database.close()
    assert dict(kept) == {100: euros, **({1: cents} if cents else {})}
    assert counted == 10_000 + sold
