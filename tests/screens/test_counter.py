"""The counter, played key by key from log-in to the books."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
import pytest_asyncio
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select
from textual.widgets import Button

from boxoffice import app
from boxoffice.database import Database
from boxoffice.models import Event as Film
from boxoffice.models import Payment, Sale, SaleLine, Tariff, Ticket, TicketHolder
from boxoffice.sales.parking import parked
from boxoffice.screens.asking import AskNames, AskQuantity, AskText
from boxoffice.screens.choosing import Choose
from boxoffice.screens.dialogs import Confirm
from boxoffice.screens.lock import LockScreen
from boxoffice.screens.login import LoginScreen
from boxoffice.screens.outbox import OutboxScreen
from boxoffice.screens.parked import ParkedBaskets
from boxoffice.screens.reversal import ReversalDialog
from boxoffice.screens.rows import Choices
from boxoffice.screens.sales_search import SalesSearch
from boxoffice.screens.themes import THEMES
from tests.sales.conftest import Festival

from . import stage
from .playing import Player, at_the_counter

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


async def test_a_cashier_sells_one_ticket_by_card(festival: Festival, cashier: Player) -> None:
    await cashier.press("1", "enter", "c")
    payment = festival.read(lambda session: session.exec(select(Payment)).one())
    line = festival.read(lambda session: session.exec(select(SaleLine)).one())
    assert (payment.means, payment.amount_cents, line.label) == ("card", 850, "Plein")
    assert festival.allocated("ETERNAL") == 1
    assert "Vente 1-000001" in cashier.shows("basket")


@on_sqlite
async def test_the_list_stands_on_the_next_screening_on_sale(cashier: Player) -> None:
    assert cashier.screening == "ETERNAL"
    assert "▶15:00  The Eternal Daughter" in cashier.shows("screenings")
    assert "reste    5" in cashier.shows("screenings")


@on_sqlite
async def test_keys_typed_in_a_burst_are_answered_in_their_order(festival: Festival, cashier: Player) -> None:
    await cashier.hurry("1", "1", "2", "enter", "5", "0", "enter")
    payment = festival.read(lambda session: session.exec(select(Payment)).one())
    assert (payment.amount_cents, payment.tendered_cents) == (2300, 5000)


@on_sqlite
async def test_letters_search_without_accents_and_escape_gives_the_day_back(cashier: Player) -> None:
    await cashier.type("daugHTer")
    assert cashier.screening == "ETERNAL"
    assert "Kneecap" not in cashier.shows("screenings")
    await cashier.press("backspace", "escape")
    assert "Kneecap" in cashier.shows("screenings")


@on_sqlite
async def test_a_search_that_finds_nothing_on_the_day_looks_on_the_others(cashier: Player) -> None:
    await cashier.press("right")
    assert cashier.screening == "KNEECAP2"
    await cashier.type("rencontre")
    assert cashier.screening == "RENCONTRE"
    assert "mer. 21 22:00" in cashier.shows("screenings")


@on_sqlite
async def test_a_slash_lets_figures_be_searched_until_enter(cashier: Player) -> None:
    await cashier.press("slash", "2", "0", "h", "0", "0")
    assert cashier.screening == "KNEECAP"
    assert not cashier.counter.basket
    await cashier.press("enter", "1")
    assert cashier.counter.basket.seats == 1


@on_sqlite
async def test_a_search_without_result_says_so_and_sells_nothing(cashier: Player) -> None:
    await cashier.type("zzz")
    assert "Aucune séance ne correspond" in cashier.shows("screenings")
    await cashier.press("1")
    assert not cashier.counter.basket


@on_sqlite
async def test_a_sold_out_screening_says_so_and_is_passed_over(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    festival.sell(festival.seat_line("ETERNAL", quantity=5))
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        assert cashier.screening == "KNEECAP"
        assert "COMPLET" in cashier.shows("screenings")
        await cashier.press("up", "1")
        assert not cashier.counter.basket
        assert "Plein : complet. Aucune autre séance de ce film n'a de place." in cashier.shows("tariffs")


@on_sqlite
async def test_a_sold_out_screening_names_the_seats_that_a_quota_keeps_and_the_next_showing(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    festival.sell(festival.seat_line("KNEECAP", quantity=8))
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.type("kneecap")
        assert cashier.screening == "KNEECAP2"
        assert "COMPLET +2" in cashier.shows("screenings")
        await cashier.press("up", "1")
        said = " ".join(cashier.shows("tariffs").replace("│", " ").split())
    assert (
        "Plein : complet. Contingent ufr : encore 2 places. "
        "Prochaine séance : jeu. 22 à 14 h 00, Amphi Jardin, 5 places."
    ) in said


async def test_seats_sold_at_another_counter_are_seen_here(festival: Festival, cashier: Player) -> None:
    festival.sell(festival.seat_line("ETERNAL", quantity=2), desk=festival.desks[1])
    await cashier.wait_until(lambda: "reste    3" in cashier.shows("screenings"))
    festival.sell(festival.seat_line("ETERNAL", quantity=3), desk=festival.desks[1])
    await cashier.wait_until(lambda: "COMPLET" in cashier.shows("screenings"))


@on_sqlite
async def test_time_passing_closes_a_screening_and_stands_on_the_next(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1")
    festival.clock.at = festival.clock.at.replace(hour=15)
    await cashier.wait_until(lambda: cashier.screening == "KNEECAP")
    assert "terminée" in cashier.shows("screenings")
    assert "16:00" in cashier.shows("status")


@on_sqlite
async def test_a_tariff_that_does_not_apply_is_dimmed_and_says_why(cashier: Player) -> None:
    await cashier.press("6")
    assert not cashier.counter.basket
    assert "Détenteur pass : réservé aux détenteurs de pass" in cashier.shows("tariffs")


@on_sqlite
async def test_a_group_is_put_in_the_basket_whole(cashier: Player) -> None:
    await cashier.press("3")
    assert cashier.counter.basket.seats == 4
    await cashier.press("minus", "enter")
    assert "Groupe : à partir de 4 places." in cashier.shows("tariffs")
    assert cashier.counter.paying.payment is None


@on_sqlite
async def test_no_more_seats_than_are_left_can_be_asked_for(cashier: Player) -> None:
    await cashier.press("1", "asterisk")
    assert isinstance(cashier.pilot.app.screen, AskQuantity)
    await cashier.press("6", "enter")
    assert "il reste 5 places, vous en demandez 6" in cashier.shows("tariffs")
    assert cashier.counter.basket.seats == 1
    await cashier.press("asterisk", "5", "enter", "1")
    assert cashier.counter.basket.seats == 5
    assert "il restait 5 places, elles sont dans le panier" in cashier.shows("tariffs")


@on_sqlite
async def test_the_age_limit_is_told_and_needs_no_key(festival: Festival, keys: Path, tmp_path: Path) -> None:
    def forbid(session: Session) -> None:
        event = session.exec(select(Film).where(Film.code == "KNEECAP")).one()
        event.minimum_age = 12
        session.add(event)

    festival.write(forbid)
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        assert "Interdit" not in cashier.shows("tariffs")
        await cashier.press("down")
        assert "Interdit aux moins de 12 ans : demandez l'âge" in cashier.shows("tariffs")
        await cashier.press("1", "enter", "c")
    assert festival.allocated("KNEECAP") == 1


@on_sqlite
async def test_a_nominative_screening_asks_for_a_name_per_ticket(festival: Festival, cashier: Player) -> None:
    await cashier.type("rencontre")
    await cashier.press("1", "1")
    assert "2 noms à saisir" in cashier.shows("basket")
    await cashier.press("enter")
    assert isinstance(cashier.pilot.app.screen, AskNames)
    await cashier.type("Agnes")
    await cashier.press("enter")
    await cashier.type("Jacques")
    await cashier.press("enter", "enter")
    holders = festival.read(lambda session: session.exec(select(TicketHolder.name)).all())
    assert sorted(holders) == ["Agnes", "Jacques"]


@on_sqlite
async def test_several_screenings_fit_in_one_basket_and_each_line_can_be_changed(cashier: Player) -> None:
    await cashier.press("1", "down", "1", "2")
    assert [line.quantity for line in cashier.counter.basket] == [1, 1, 1]
    await cashier.press("tab", "up", "plus", "up", "delete")
    assert [(line.quantity, line.price_cents) for line in cashier.counter.basket] == [(2, 850), (1, 600)]
    await cashier.press("escape", "minus")
    assert [(line.quantity, line.price_cents) for line in cashier.counter.basket] == [(2, 850)]


@on_sqlite
async def test_escape_asks_before_it_empties_the_basket(cashier: Player) -> None:
    await cashier.press("1", "escape")
    assert isinstance(cashier.pilot.app.screen, Confirm)
    await cashier.press("escape")
    assert cashier.counter.basket
    await cashier.press("escape", "enter")
    assert not cashier.counter.basket


@on_sqlite
async def test_an_empty_basket_is_not_paid(cashier: Player) -> None:
    await cashier.press("enter")
    assert cashier.counter.paying.payment is None
    assert "Le panier est vide" in cashier.shows("tariffs")


@on_sqlite
async def test_a_basket_is_parked_with_a_note_and_recalled(cashier: Player) -> None:
    await cashier.press("1", "ctrl+w")
    assert isinstance(cashier.pilot.app.screen, AskText)
    await cashier.type("sac")
    await cashier.press("enter")
    assert not cashier.counter.basket
    await cashier.press("ctrl+r")
    assert isinstance(cashier.pilot.app.screen, ParkedBaskets)
    await cashier.press("enter")
    assert cashier.counter.basket.seats == 1


@on_sqlite
async def test_the_baskets_that_wait_are_counted_beside_the_basket_and_opened_by_a_click(
    cashier: Player,
) -> None:
    assert "en attente" not in cashier.shows("basket")
    await cashier.press("1", "ctrl+w", "enter")
    await cashier.wait_until(lambda: "── 1 en attente ──" in cashier.shows("basket"))
    title = cashier.shows("basket").splitlines()[0]
    await cashier.pilot.click("#basket", offset=(title.index("attente"), 0))
    await stage.settle(cashier.pilot)
    assert isinstance(cashier.pilot.app.screen, ParkedBaskets)
    await cashier.press("enter")
    await cashier.wait_until(lambda: "en attente" not in cashier.shows("basket"))


@on_sqlite
async def test_a_basket_that_waits_since_another_day_tells_which_and_cuts_no_word_silently(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "ctrl+w")
    await cashier.type("veste rouge et parapluie vert")
    await cashier.press("enter")
    festival.clock.advance(timedelta(days=1))
    await cashier.press("ctrl+r")
    row = str(cashier.pilot.app.screen.query_one(Choices).options[0].prompt)
    assert row.startswith("21 janv. veste rouge et parapluie…")
    assert "8,50" in row
    assert "Karim D." in row


@on_sqlite
async def test_an_article_is_sold_from_the_management_menu(festival: Festival, cashier: Player) -> None:
    await cashier.press("f10", "1")
    assert isinstance(cashier.pilot.app.screen, Choose)
    await cashier.press("1", "enter", "enter")
    sale = festival.read(lambda session: session.exec(select(Sale)).one())
    assert sale.total_cents == 300


@on_sqlite
@pytest.mark.parametrize(
    ("key", "screen"),
    [("f6", ReversalDialog), ("ctrl+e", ReversalDialog), ("f12", OutboxScreen), ("ctrl+f", SalesSearch)],
)
async def test_function_keys_open_what_stands_around_the_sale(
    cashier: Player, key: str, screen: type[object]
) -> None:
    await cashier.press(key)
    assert isinstance(cashier.pilot.app.screen, screen)
    await cashier.press("escape")
    assert cashier.pilot.app.screen is cashier.counter


@on_sqlite
async def test_the_palette_finds_a_command_by_its_letters(cashier: Player) -> None:
    await cashier.press("ctrl+p")
    await cashier.type("erreur")
    await cashier.press("enter")
    assert isinstance(cashier.pilot.app.screen, ReversalDialog)


@on_sqlite
async def test_a_locked_counter_keeps_its_basket(cashier: Player) -> None:
    await cashier.press("1", "ctrl+l")
    assert isinstance(cashier.pilot.app.screen, LockScreen)
    await cashier.press("escape", "2", "3", "4", "5", "enter")
    assert cashier.pilot.app.screen is cashier.counter
    assert cashier.counter.basket.seats == 1


@on_sqlite
async def test_an_operator_leaves_only_an_empty_basket(cashier: Player) -> None:
    await cashier.press("1", "ctrl+t")
    assert cashier.pilot.app.screen is cashier.counter
    await cashier.press("delete", "ctrl+t")
    assert isinstance(cashier.pilot.app.screen, LoginScreen)


@on_sqlite
async def test_the_mouse_does_what_the_keys_do(festival: Festival, cashier: Player) -> None:
    await cashier.pilot.click("#screenings", offset=(10, 2))
    assert cashier.screening == "KNEECAP"
    await cashier.pilot.click("#tariffs", offset=(4, 1))
    await cashier.pilot.click("#keys", offset=(cashier.shows("keys").index("Encaisser"), 0))
    await cashier.wait_until(lambda: cashier.counter.paying.payment is not None)
    rows = cashier.shows("payment").split("\n")
    row = next(row for row, text in enumerate(rows) if "Carte bancaire" in text)
    await cashier.pilot.click("#payment", offset=(rows[row].index("Carte"), row))
    await cashier.wait_until(lambda: festival.allocated("KNEECAP") == 1)


async def _click_on(cashier: Player, panel: str, words: str) -> None:
    """Click in the middle of words that a panel shows."""
    rows = cashier.shows(panel).split("\n")
    row = next(row for row, text in enumerate(rows) if words in text)
    await cashier.pilot.click(f"#{panel}", offset=(rows[row].index(words) + len(words) // 2, row))
    await stage.settle(cashier.pilot)


async def _choose_in_menu(cashier: Player, command: str) -> None:
    await _click_on(cashier, "keys", "F10")
    menu = cashier.pilot.app.screen.query_one(Choices)
    place = next(place for place, row in enumerate(menu.options) if command in str(row.prompt))
    menu.scroll_to(y=place, animate=False)
    await cashier.pilot.pause()
    await cashier.pilot.click(Choices, offset=(8, place - menu.scroll_offset.y))
    await stage.settle(cashier.pilot)


@on_sqlite
@pytest.mark.parametrize(("size", "touch"), [((120, 36), False), ((80, 24), False), ((120, 36), True)])
async def test_a_mouse_alone_sells_corrects_the_basket_takes_notes_and_undoes(
    festival: Festival, keys: Path, tmp_path: Path, size: tuple[int, int], touch: bool
) -> None:
    async with at_the_counter(festival, keys, tmp_path, size=size, touch=touch) as cashier:
        counter = cashier.counter
        await _click_on(cashier, "screenings", "▸")
        assert counter.agenda.day != counter.agenda.days[0]
        await _click_on(cashier, "screenings", "◂")
        assert counter.agenda.day == counter.agenda.days[0]
        for tariff in ("Plein", "Plein", "Réduit jeune"):
            await _click_on(cashier, "tariffs", tariff)
        await _click_on(cashier, "basket", "Plein")
        await _choose_in_menu(cashier, "Un de moins")
        assert [line.quantity for line in counter.basket] == [1, 1]
        await _click_on(cashier, "basket", "Plein")
        await _choose_in_menu(cashier, "Retirer la ligne")
        assert counter.basket.seats == 1
        await _click_on(cashier, "keys", "F9")
        await _click_on(cashier, "payment", "20 €")
        await _click_on(cashier, "payment", "Espèces")
        await cashier.wait_until(lambda: not counter.basket)
        assert "À RENDRE" in cashier.shows("basket")
        await _click_on(cashier, "keys", "F6")
        button = cashier.pilot.app.screen.query_one("#reverse", Button)
        await cashier.pilot.click(button)
        await cashier.wait_until(lambda: "Oui" in str(button.label) and not button.has_class("-active"))
        await cashier.pilot.click(button)
        await cashier.wait_until(lambda: festival.count(Sale) == 2)
    assert festival.allocated("ETERNAL") == 0


@on_sqlite
@pytest.mark.parametrize("touch", [False, True])
async def test_a_small_terminal_still_sells(
    festival: Festival, keys: Path, tmp_path: Path, touch: bool
) -> None:
    async with at_the_counter(festival, keys, tmp_path, size=(80, 24), touch=touch) as cashier:
        assert "The Eternal Daughter" in cashier.shows("screenings")
        assert "Réduit jeune" in cashier.shows("tariffs")
        await cashier.press("1", "2", "enter")
        assert "Revenir" in cashier.shows("payment")
        await cashier.press("h")
    assert festival.allocated("ETERNAL") == 2


@on_sqlite
async def test_keys_can_be_remapped(festival: Festival, keys: Path, tmp_path: Path) -> None:
    async with at_the_counter(festival, keys, tmp_path, keys={"counter.pay": "f2"}) as cashier:
        assert "F2 Encaisser" in cashier.shows("keys")
        await cashier.press("1", "enter")
        assert cashier.counter.paying.payment is None
        await cashier.press("f2")
        assert cashier.counter.paying.payment is not None


@on_sqlite
async def test_a_scanned_ticket_opens_its_sale(festival: Festival, cashier: Player) -> None:
    festival.sell()
    code = festival.read(lambda session: session.exec(select(Ticket.code)).one())
    await cashier.hurry(*code, "enter")
    assert isinstance(cashier.pilot.app.screen, SalesSearch)
    assert cashier.counter.agenda.search == ""


@on_sqlite
async def test_a_counter_left_alone_locks_itself(
    festival: Festival, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "IDLE_CHECK_SECONDS", 0.1)
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("1")
        festival.clock.advance(timedelta(minutes=11))
        await cashier.wait_until(lambda: isinstance(cashier.pilot.app.screen, LockScreen))


@on_sqlite
async def test_a_manager_frees_a_locked_till_and_its_basket_waits_with_the_others(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "ctrl+l", "down", "1", "2", "3", "4", "enter")
    assert isinstance(cashier.pilot.app.screen, LoginScreen)
    (waiting,) = festival.read(parked)
    assert waiting.basket.seats == 1


@on_sqlite
async def test_a_lost_database_is_told_at_once_and_so_is_its_return(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    leaving = LeavingDatabase(festival.database.engine, festival.database.write_engine)
    async with at_the_counter(festival, keys, tmp_path, database=leaving) as cashier:
        leaving.gone.set()
        festival.sell(festival.seat_line("ETERNAL"), desk=festival.desks[1])
        await cashier.wait_until(lambda: "Base de données injoignable" in cashier.shows("status"))
        await cashier.press("1")
        leaving.gone.clear()
        await cashier.wait_until(lambda: "injoignable" not in cashier.shows("status"))
        assert "reste    4" in cashier.shows("screenings")
        assert cashier.counter.basket.seats == 1


@dataclass(frozen=True)
class LeavingDatabase(Database):
    """Answers no reader while it is gone."""

    gone: Event = field(default_factory=Event)

    @contextmanager
    def read(self) -> Iterator[Session]:
        if self.gone.is_set():
            raise OperationalError("SELECT", {}, Exception("no route to host"))
        with super().read() as session:
            yield session


@on_sqlite
async def test_a_price_changed_meanwhile_is_refused_and_then_shown(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "enter")

    def raise_price(session: Session) -> None:
        tariff = session.exec(select(Tariff).where(Tariff.code == "PLEIN")).one()
        tariff.price_cents = 900
        session.add(tariff)

    festival.write(raise_price)
    await cashier.press("c")
    assert "Le prix de Plein a changé" in cashier.shows("payment")
    await cashier.press("escape")
    assert "remboursez-les sur le terminal" in cashier.shows("payment")
    await cashier.press("escape", "escape", "delete", "1")
    assert cashier.counter.basket.total_cents == 900


@on_sqlite
async def test_each_theme_draws_the_counter(cashier: Player) -> None:
    seen = set()
    for _turn in THEMES:
        await cashier.press("ctrl+y")
        seen.add(cashier.pilot.app.theme)
        assert "The Eternal Daughter" in cashier.shows("screenings")
    assert seen == set(THEMES)
