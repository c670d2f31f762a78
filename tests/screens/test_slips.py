"""What a slip of hurried fingers must not do: a key that bounces, a lock not heard, money forgotten."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from textual._time import get_time
from textual.events import Key
from textual.widgets import Input

from boxoffice.models import Booking, JobState, Pass, PassState, PrintJob, Sale, TillSession
from boxoffice.screens import paying, scanning
from boxoffice.screens.cockpit import CockpitScreen
from boxoffice.screens.customer_card import CustomerCard
from boxoffice.screens.customer_search import CustomerSearch
from boxoffice.screens.lock import LockScreen
from boxoffice.screens.paying import HELD
from boxoffice.screens.rows import Rows
from boxoffice.screens.shift_ending import EndShift
from tests.sales.conftest import Festival

from . import stage
from .playing import Player, at_the_counter
from .test_cockpit import booked_on, code_of, scan

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


@pytest.mark.parametrize(
    "opened", [("f2",), ("f3",), ("f12",), ("f10",), ("1", "enter"), ("1", "enter", "5"), ()]
)
async def test_the_lock_covers_whatever_is_open_and_finds_it_again(
    cashier: Player, opened: tuple[str, ...]
) -> None:
    await cashier.press("1", *opened)
    before = cashier.pilot.app.screen, cashier.counter.basket, cashier.counter.paying.payment
    await cashier.hurry("ctrl+l", "2")
    assert isinstance(cashier.pilot.app.screen, LockScreen)
    await cashier.press("backspace", *"2345", "enter")
    assert (cashier.pilot.app.screen, cashier.counter.basket, cashier.counter.paying.payment) == before


async def test_the_lock_over_a_pass_books_nothing_with_the_pin(festival: Festival, cashier: Player) -> None:
    festival.sell_pass()
    cockpit = await scan(cashier, code_of(festival))
    await cashier.press("ctrl+l", *"2345", "enter")
    assert cashier.pilot.app.screen is cockpit
    assert festival.count(Booking) == 0


async def test_a_command_that_a_payment_does_not_hear_says_why(cashier: Player) -> None:
    await cashier.press("1", "enter", "ctrl+t")
    assert "Terminez le règlement, ou revenez au panier par Échap." in cashier.shows("payment")


async def test_money_taken_by_card_is_given_up_only_when_the_key_is_pressed_again(cashier: Player) -> None:
    await cashier.press("1", "enter", "5", "c", "escape")
    assert "déjà payés par carte : remboursez-les sur le terminal." in cashier.shows("payment")
    assert "RESTE À PAYER" in cashier.shows("payment")
    await cashier.press("escape")
    assert "RESTE À PAYER" not in cashier.shows("payment")
    await cashier.press("escape")
    assert cashier.counter.paying.payment is None


async def test_another_key_keeps_the_money_taken_by_card(cashier: Player) -> None:
    await cashier.press("1", "enter", "5", "c", "escape", "1", "backspace", "escape")
    assert "déjà payés par carte" in cashier.shows("payment")
    payment = cashier.counter.paying.payment
    assert payment is not None
    assert len(payment.settlement.tenders) == 1


async def test_an_enter_that_bounces_opens_the_payment_and_takes_no_cash(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cashier.press("1")
    hold = Holding(cashier, monkeypatch)
    for at in (0.5, 0.6, 0.75):
        await hold.enter(at)
    assert cashier.counter.paying.payment is not None
    assert festival.count(Sale) == 0
    await hold.enter(1.3)
    await cashier.wait_until(lambda: cashier.counter.paying.payment is None)
    assert festival.count(Sale) == 1


class Holding:
    """An Enter that comes at moments of its own, however slow the test is."""

    def __init__(self, cashier: Player, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scanning, "BURST_SECONDS", 0.02)
        monkeypatch.setattr(paying, "HELD", HELD)
        self._cashier, self._begun = cashier, get_time()

    async def enter(self, at: float) -> None:
        """Press Enter so many seconds after this began."""
        key = Key("enter", None)
        key.time = self._begun + at
        self._cashier.pilot.app.post_message(key)
        await stage.settle(self._cashier.pilot)


@pytest.mark.parametrize("delay", [0.25, 0.5, 0.66])
async def test_an_enter_that_is_held_opens_the_payment_and_takes_no_cash(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch, delay: float
) -> None:
    """Held, a key comes again after a quarter to two thirds of a second, then thirty times a second."""
    await cashier.press("1")
    hold = Holding(cashier, monkeypatch)
    for at in (0.0, *(delay + place / 30 for place in range(30))):
        await hold.enter(at)
    assert cashier.counter.paying.payment is not None
    assert festival.count(Sale) == 0
    await hold.enter(delay + 2)
    await cashier.wait_until(lambda: cashier.counter.paying.payment is None)
    assert festival.count(Sale) == 1


async def test_the_enter_that_ends_the_names_of_spectators_pays_nothing_when_it_is_held(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cashier.press(*"rencontre", "1", "enter", *"Agnes")
    monkeypatch.setattr(scanning, "BURST_SECONDS", 0.02)
    monkeypatch.setattr(paying, "HELD", HELD)
    await cashier.press("enter")
    assert cashier.counter.paying.payment is not None
    hold = Holding(cashier, monkeypatch)
    for place in range(10):
        await hold.enter(place / 30)
    assert cashier.counter.paying.payment is not None
    assert festival.count(Sale) == 0


async def test_the_second_companion_of_a_pass_is_refused_before_it_is_in_the_basket(
    festival: Festival, cashier: Player
) -> None:
    booked_on(festival, festival.sell_pass(), "KNEECAP2")
    cockpit = await scan(cashier, code_of(festival))
    await cashier.press("a", "a")
    assert "donne droit à 1 supplément par séance." in stage.told(cockpit)
    assert [line.quantity for line in cashier.counter.basket] == [1]


async def test_what_the_books_would_refuse_is_told_as_the_payment_opens_and_no_money_is_taken(
    festival: Festival, cashier: Player
) -> None:
    pass_id = festival.sell_pass()
    booked_on(festival, pass_id, "KNEECAP2")
    await scan(cashier, code_of(festival))
    await cashier.press("a", "escape")

    with festival.database.write() as session:
        held = session.get_one(Pass, pass_id)
        held.state, held.state_reason = PassState.BLOCKED, "perdu"
    await cashier.press("enter", "c")
    assert "est bloqué : perdu" in cashier.shows("payment")
    payment = cashier.counter.paying.payment
    assert payment is not None
    assert not payment.settlement.tenders


async def test_a_booking_cancelled_takes_its_companion_out_of_the_basket(
    festival: Festival, cashier: Player
) -> None:
    booked_on(festival, festival.sell_pass(), "KNEECAP2")
    cockpit = await scan(cashier, code_of(festival))
    await cashier.press("a", "delete", "enter")
    assert "Le supplément de cette séance est retiré du panier." in stage.told(cockpit)
    assert cashier.counter.basket.lines == ()


async def test_a_booking_exchanged_takes_its_companion_along(festival: Festival, cashier: Player) -> None:
    booked_on(festival, festival.sell_pass(), "KNEECAP2")
    cockpit = await scan(cashier, code_of(festival))
    await cashier.press("a", "e", "1")
    assert "Le supplément suit dans le panier." in stage.told(cockpit)
    [line] = cashier.counter.basket.lines
    assert line.quantity == 1
    assert line.screening_id == festival.screening_id("KNEECAP")  # type: ignore[union-attr]


async def at_once(player: Player, *keys: str) -> None:
    """Send keys without waiting for what any of them does."""
    for key in keys:
        player.pilot.app.post_message(Key(key, key if len(key) == 1 else None))
    await stage.settle(player.pilot)
    await stage.settle(player.pilot)


async def test_a_hurried_word_is_typed_whole_in_the_search_that_a_menu_opens(
    festival: Festival, cashier: Player
) -> None:
    festival.sell_pass()
    await cashier.press("f3", *"dupont", "enter")
    await cashier.wait_until(lambda: isinstance(cashier.pilot.app.screen, CustomerCard))
    await cashier.press("f10")
    await at_once(cashier, "2", "z", "o", "e")
    assert isinstance(cashier.pilot.app.screen, CustomerSearch)
    assert cashier.pilot.app.screen.query_one(Input).value == "zoe"


@pytest.mark.parametrize("key", ["E", "A", "B", "L", "H", "G"])
async def test_capital_letters_are_the_same_keys_as_small_ones_in_the_cockpit(
    festival: Festival, cashier: Player, key: str
) -> None:
    booked_on(festival, festival.sell_pass(), "KNEECAP2")
    cockpit = await scan(cashier, code_of(festival))
    before = stage.told(cockpit)
    await cashier.press(key)
    after = cashier.pilot.app.screen
    assert after is not cockpit or stage.told(cockpit) != before or festival.count(PrintJob) or key == "H"


async def test_a_capital_reprints_the_last_ticket_and_is_typed_as_it_is_in_a_field(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "enter", "C")
    await cashier.wait_until(lambda: festival.rows(PrintJob)[0].state is JobState.PRINTED)
    await cashier.press("f12", "D")
    await cashier.wait_until(lambda: [job.copy_number for job in festival.rows(PrintJob)] == [0, 1])
    await cashier.press("escape", "1", "ctrl+w", "Z", "o", "É")
    assert cashier.pilot.app.screen.query_one(Input).value == "ZoÉ"


async def test_a_scan_in_a_form_is_no_text_and_opens_what_it_names_over_it(
    festival: Festival, cashier: Player
) -> None:
    festival.sell_pass()
    await cashier.press("f2", "1", *"Martin", "enter", "tab", *"Zo")
    form = cashier.pilot.app.screen
    before = [field.value for field in form.query(Input)]
    await at_once(cashier, *code_of(festival).lower(), "enter")
    await cashier.wait_until(lambda: isinstance(cashier.pilot.app.screen, CockpitScreen))
    await cashier.press("escape")
    assert cashier.pilot.app.screen is form
    assert [field.value for field in form.query(Input)] == before


async def test_nothing_is_opened_over_the_lock_by_a_scan(festival: Festival, cashier: Player) -> None:
    festival.sell_pass()
    await cashier.press("ctrl+l")
    await at_once(cashier, *code_of(festival).lower(), "enter")
    assert isinstance(cashier.pilot.app.screen, LockScreen)


async def test_a_quantity_typed_before_any_tariff_is_for_the_next_one(cashier: Player) -> None:
    await cashier.press("asterisk", "backspace", "3", "enter")
    assert "3 places : sous quel tarif ?" in cashier.shows("tariffs")
    await cashier.press("1")
    assert [line.quantity for line in cashier.counter.basket] == [3]
    await cashier.press("2")
    assert [line.quantity for line in cashier.counter.basket] == [3, 1]


async def test_a_second_duplicate_within_the_same_breath_is_asked_about(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "enter", "c")
    await cashier.wait_until(lambda: festival.rows(PrintJob)[0].state is JobState.PRINTED)
    await cashier.press("f12", "d", "d")
    assert "Encore un duplicata" in stage.told(cashier.pilot.app.screen)
    await cashier.press("escape")
    assert [job.copy_number for job in festival.rows(PrintJob)] == [0, 1]


async def test_a_count_far_from_what_is_expected_is_asked_about_once_without_telling_it(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("ctrl+k", *"9999", "enter")
    told = stage.told(cashier.pilot.app.screen)
    assert "C'est loin de ce que les ventes de la session laissent attendre." in told
    await cashier.press("escape")
    assert [shift.closed_at for shift in festival.rows(TillSession) if shift.till_id == 1] == [None]
    await cashier.press("enter", "enter")
    assert isinstance(cashier.pilot.app.screen, EndShift)
    assert "9\xa0899,00\xa0€ de trop" in stage.told(cashier.pilot.app.screen)


async def test_the_cockpit_opens_on_the_booking_of_the_chosen_screening(
    festival: Festival, cashier: Player
) -> None:
    pass_id = festival.sell_pass()
    booked_on(festival, pass_id, "ETERNAL")
    booked_on(festival, pass_id, "KNEECAP")
    await cashier.press(*"kneecap")
    cockpit = await scan(cashier, code_of(festival))
    await cashier.press("delete")
    assert "Annuler Kneecap" in stage.told(cashier.pilot.app.screen)
    assert cockpit is not cashier.pilot.app.screen


async def test_nobody_is_listed_before_something_is_typed(festival: Festival, cashier: Player) -> None:
    festival.sell_pass()
    await cashier.press("f3")
    assert "Dupont" not in stage.told(cashier.pilot.app.screen)
    assert cashier.pilot.app.screen.query_one(Rows).option_count == 0


async def test_the_chosen_row_of_a_list_is_marked_and_not_by_colour_alone(
    festival: Festival, cashier: Player
) -> None:
    pass_id = festival.sell_pass()
    booked_on(festival, pass_id, "KNEECAP")
    booked_on(festival, pass_id, "KNEECAP2")
    cockpit = await scan(cashier, code_of(festival))
    await cashier.press("down")
    shown = stage.told(cockpit)
    assert shown.index("mer. 21 20:00  Kneecap") < shown.index("▶ jeu. 22 14:00  Kneecap")
    assert shown.count("▶") == 1


async def test_the_letter_that_paid_searches_nothing_when_it_bounces(
    cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cashier.press("1", "enter", "c")
    monkeypatch.setattr(scanning, "BURST_SECONDS", 60.0)
    await cashier.press("c")
    assert cashier.counter.agenda.search == ""


async def typed_ahead(player: Player, *keys: str, behind: float) -> None:
    """Send keys that were all typed, `behind` seconds one after the other, before the first was heard."""
    at = get_time()
    for key in keys:
        typed = Key(key, key if len(key) == 1 else None)
        typed.time = at = at + behind
        player.pilot.app.post_message(typed)
    await stage.settle(player.pilot)
    await stage.settle(player.pilot)


@pytest.mark.parametrize("behind", [0.05, 0.5])
@pytest.mark.parametrize("opens", ["f3", "ctrl+f", "f7"])
async def test_a_word_typed_ahead_is_whole_in_the_field_of_what_opens_however_late_it_opens(
    cashier: Player, opens: str, behind: float
) -> None:
    await typed_ahead(cashier, opens, *"agnes", behind=behind)
    assert cashier.pilot.app.screen.query_one(Input).value == "agnes"


async def test_a_key_typed_behind_a_letter_is_for_what_the_letter_opens(
    festival: Festival, cashier: Player
) -> None:
    booked_on(festival, festival.sell_pass(), "KNEECAP2")
    cockpit = await scan(cashier, code_of(festival))
    await typed_ahead(cashier, "g", "1", behind=0.2)
    assert "Bloquer le pass : pourquoi ?" in stage.told(cashier.pilot.app.screen)
    await cashier.press("escape")
    assert cashier.pilot.app.screen is cockpit
