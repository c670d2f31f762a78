"""What is done around a sale, from the counter itself."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.schema import DropTable
from sqlmodel import Session, col, select
from textual.pilot import Pilot

from boxoffice.app import BoxOfficeApp
from boxoffice.models import JobState, ParkedBasket, PrintJob, Sale, Ticket, TillPrinter, TillSession, table
from boxoffice.printing.news import PrinterNews
from boxoffice.screens import scanning
from boxoffice.screens.doubt import DidItComeOut
from boxoffice.screens.lock import LockScreen
from boxoffice.screens.login import LoginScreen
from boxoffice.screens.reversal import ReversalDialog
from boxoffice.screens.sales_search import SalesSearch
from tests.sales.conftest import Festival

from .playing import Player, at_the_counter

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def no_printer(festival: Festival) -> None:
    """A till whose papers wait: nothing changes their state but the test."""

    def unplug(session: Session) -> None:
        for use in session.exec(select(TillPrinter)).all():
            session.delete(use)

    festival.write(unplug)


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


def _copies(festival: Festival) -> list[int]:
    jobs = select(PrintJob.copy_number).order_by(col(PrintJob.id))
    return list(festival.read(lambda session: session.exec(jobs).all()))


@on_sqlite
@pytest.mark.usefixtures("no_printer")
async def test_a_paper_in_doubt_is_asked_about_at_once(festival: Festival, cashier: Player) -> None:
    await cashier.press("1", "enter", "enter")
    _lose_the_printer(festival, cashier)
    await cashier.wait_until(lambda: isinstance(cashier.pilot.app.screen, DidItComeOut))
    _listen(cashier.pilot)
    await cashier.press("n")
    assert _copies(festival) == [0, 1]
    await cashier.wait_until(lambda: "vérifier" not in cashier.shows("status"))


@on_sqlite
@pytest.mark.usefixtures("no_printer")
async def test_a_customer_being_served_is_not_interrupted_by_a_paper_in_doubt(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "enter", "enter", "1")
    _lose_the_printer(festival, cashier)
    await cashier.wait_until(lambda: "vérifier" in cashier.shows("status"))
    assert cashier.pilot.app.screen is cashier.counter
    await cashier.press("enter", "enter")
    await cashier.wait_until(lambda: isinstance(cashier.pilot.app.screen, DidItComeOut))


@on_sqlite
async def test_a_till_is_not_freed_before_its_basket_waits(festival: Festival, cashier: Player) -> None:
    await cashier.press("1")
    _take_away_the_table_of_baskets(festival)
    await cashier.press("ctrl+l", "down", "1", "2", "3", "4", "enter")
    assert isinstance(cashier.pilot.app.screen, LockScreen)
    await cashier.press("2", "3", "4", "5", "enter")
    assert cashier.pilot.app.screen is cashier.counter
    assert cashier.counter.basket.seats == 1
    await cashier.press("1")
    assert cashier.counter.basket.seats == 2


@on_sqlite
async def test_a_counter_left_overnight_shows_the_day_that_has_come(
    festival: Festival, cashier: Player
) -> None:
    assert "The Eternal Daughter" in cashier.shows("screenings")
    festival.clock.advance(timedelta(days=1))
    await cashier.wait_until(lambda: "The Eternal Daughter" not in cashier.shows("screenings"))
    assert "Aujourd'hui" in cashier.shows("screenings")
    assert cashier.screening == "KNEECAP2"


@on_sqlite
@pytest.mark.usefixtures("no_printer")
async def test_the_edge_says_what_ails_a_printer_until_it_is_well(cashier: Player) -> None:
    bell = cashier.counter.house.printer_bell
    await cashier.wait_until(lambda: "Imprimante prête" in cashier.shows("status"))
    bell.ring(PrinterNews(1, "EPSON", ready=False, reason="Plus de papier."))
    await cashier.wait_until(lambda: "EPSON : Plus de papier." in cashier.shows("status"))
    bell.ring(PrinterNews(1, "EPSON", ready=True))
    await cashier.wait_until(lambda: "Imprimante prête" in cashier.shows("status"))


@on_sqlite
@pytest.mark.usefixtures("no_printer")
async def test_a_drawer_that_does_not_open_is_told_and_says_nothing_of_the_printer(
    cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(cashier.pilot.app, "notify", lambda _words, *, title, **_how: said.append(title))
    cashier.counter.house.printer_bell.ring(
        PrinterNews(1, "EPSON", ready=True, reason="Le tiroir-caisse ne répond pas.", of_drawer=True)
    )
    await cashier.wait_until(lambda: said == ["Le tiroir-caisse ne répond pas."])
    assert "Imprimante prête" in cashier.shows("status")


@on_sqlite
async def test_a_sale_is_found_and_its_receipt_printed_from_the_counter(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "enter", "enter", "ctrl+f")
    assert isinstance(cashier.pilot.app.screen, SalesSearch)
    await cashier.press("enter", "3", "escape")
    assert cashier.pilot.app.screen is cashier.counter
    documents = festival.read(lambda session: session.exec(select(PrintJob.document)).all())
    assert sorted(documents) == ["receipt", "ticket"]


def _take_away_the_table_of_baskets(festival: Festival) -> None:
    """A fault of the database that leaves everything else to go on."""
    festival.write(lambda session: session.execute(DropTable(table(ParkedBasket))))


def _lose_the_printer(festival: Festival, cashier: Player) -> None:
    """What the outbox does when a printer falls silent in the middle of the last paper ordered."""

    def doubt(session: Session) -> PrintJob:
        job = session.exec(select(PrintJob).order_by(col(PrintJob.id).desc())).first()
        assert job is not None
        job.state, job.reason = JobState.UNCERTAIN, "L'imprimante ne répond plus."
        session.add(job)
        return job

    job = festival.write(doubt)
    cashier.counter.house.printer_bell.ring(
        PrinterNews(1, "Imprimante", ready=False, reason=job.reason, job_id=job.id, state=job.state)
    )


def _listen(pilot: Pilot[None]) -> None:
    """As if the question had stood there long enough."""
    asked = pilot.app.screen
    assert isinstance(asked, DidItComeOut)
    asked.listen()


@on_sqlite
async def test_an_operator_closes_their_shift_with_the_drawer_counted(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("ctrl+k", "1", "0", "2", "enter", "f9")
    assert isinstance(cashier.pilot.app.screen, LoginScreen)
    shift = festival.read(lambda session: session.get(TillSession, festival.desk.till_session_id))
    assert shift is not None
    assert (shift.closed_at is not None, shift.counted_cents) == (True, 10_200)


@on_sqlite
async def test_a_shift_is_not_closed_over_a_basket(cashier: Player) -> None:
    await cashier.press("1", "ctrl+k")
    assert cashier.pilot.app.screen is cashier.counter
    assert cashier.counter.basket


@on_sqlite
@pytest.mark.parametrize("key", ["f12", "f6", "f10", "ctrl+r"])
async def test_a_ticket_scanned_over_a_dialog_shows_its_sale_and_does_nothing_else(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    await cashier.press("1", "1", "enter", "enter", key)
    code = festival.read(lambda session: session.exec(select(Ticket.code).where(Ticket.number == 2)).one())
    monkeypatch.setattr(scanning, "BURST_SECONDS", 3600.0)
    await cashier.hurry(*code, "enter")
    assert isinstance(cashier.pilot.app.screen, SalesSearch)
    assert _copies(festival) == [0, 0]
    assert len(festival.read(lambda session: session.exec(select(Sale)).all())) == 1


@on_sqlite
async def test_a_counter_left_alone_is_locked_with_its_basket(festival: Festival, cashier: Player) -> None:
    app = cashier.pilot.app
    assert isinstance(app, BoxOfficeApp)
    await cashier.press("1", "f6")
    festival.clock.advance(timedelta(minutes=festival.desk.post.rules.idle_lock_minutes - 1))
    app.lock_if_idle()
    await cashier.pilot.pause()
    assert isinstance(app.screen, ReversalDialog)
    festival.clock.advance(timedelta(minutes=1))
    app.lock_if_idle()
    await cashier.press("2", "3", "4", "5", "enter")
    assert isinstance(app.screen, ReversalDialog)
    await cashier.press("escape")
    assert cashier.counter.basket.seats == 1
