"""Taking the money: the keys of the payment, and what happens when the books do not answer."""

from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from textual.widgets import Static

from boxoffice.database import DatabaseLost
from boxoffice.models import ParkedBasket, PrintJob, Sale
from boxoffice.models import Payment as PaidRow
from boxoffice.sales.settlement import Settlement, Tender
from boxoffice.screens.counter import CounterScreen
from boxoffice.screens.login import LoginScreen
from boxoffice.screens.payment import Payment, press
from boxoffice.screens.rows import Choices
from tests.sales.conftest import Festival

from .playing import Player, at_the_counter
from .stage import MuteDatabase, told

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def pay(total_cents: int, *keys: str, limit: int = 100_000) -> Payment:
    """A payment after these keys."""
    payment = Payment(uuid4(), Settlement(total_cents), limit)
    for key in keys:
        payment = press(payment, key, key if len(key) == 1 else "")
    return payment


def test_enter_takes_exact_cash() -> None:
    payment = pay(2300, "enter")
    assert payment.settling
    assert payment.settlement.tenders == (Tender("cash", 2300, 2300),)


def test_an_amount_typed_is_cash_received() -> None:
    typing = pay(2300, "5", "0")
    assert (typing.typed_cents, typing.settling) == (5000, False)
    taken = press(typing, "enter", "").settlement
    assert (taken.tenders, taken.change_cents) == ((Tender("cash", 2300, 5000),), 2700)


@pytest.mark.parametrize("keys", [("1", "2", ",", "5"), ("1", "2", ".", "5", "0")])
def test_cents_are_typed_after_a_comma_or_a_point(keys: tuple[str, ...]) -> None:
    assert pay(2300, *keys).typed_cents == 1250


def test_a_comma_typed_first_begins_an_amount_below_one_euro() -> None:
    assert pay(2300, ",", "5", "0").typed_cents == 50


def test_notes_are_handed_over_by_their_letters_one_after_the_other() -> None:
    assert pay(4700, "v", "v", "d").typed_cents == 5000
    assert pay(4700, "q").typed_cents == 5000
    assert pay(4700, "1", "2", ",", "5", "i").typed_cents == 1750


def test_a_smaller_amount_typed_first_splits_the_payment() -> None:
    split = pay(2300, "1", "0", "enter", "c")
    assert split.settlement.tenders == (Tender("cash", 1000, 1000), Tender("card", 1300))
    assert split.settling


def test_a_card_or_a_cheque_gives_no_change() -> None:
    payment = pay(2300, "5", "0", "c")
    assert payment.refusal is not None
    assert not payment.settlement.tenders
    assert press(payment, "backspace", "").refusal is None


def test_an_authorisation_number_goes_with_the_card_that_follows() -> None:
    payment = pay(2300, "n", "a", "1", "2", "x", "backspace", "enter", "c")
    assert payment.settlement.tenders == (Tender("card", 2300, reference="A12"),)


def test_cash_above_the_legal_limit_is_refused() -> None:
    payment = pay(100_100, "enter")
    assert payment.refusal is not None
    assert "espèces" in payment.refusal.message
    assert not payment.settling


def test_backspace_erases_what_is_typed_then_withdraws_the_last_tender() -> None:
    payment = pay(2300, "1", "0", "h", "5", "backspace")
    assert payment.typed == ""
    assert len(payment.settlement.tenders) == 1
    assert press(payment, "backspace", "").settlement.tenders == ()


def test_a_zero_total_needs_enter_and_no_money() -> None:
    payment = pay(0, "enter")
    assert payment.settling
    assert payment.settlement.tenders == ()


def test_no_key_counts_while_the_books_are_asked() -> None:
    settling = pay(2300, "enter")
    assert press(settling, "c", "c") is settling
    assert press(settling, "enter", "") is settling


def test_a_receipt_is_asked_for_and_given_up() -> None:
    assert pay(2300, "r").receipt
    assert not pay(2300, "r", "r").receipt


def test_an_amount_that_no_drawer_holds_is_not_typed() -> None:
    assert pay(2300, *"123456", ",", "1", "2", "3", ",").typed == "12345,12"


async def test_pressing_the_card_key_twice_makes_one_sale(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.hurry("1", "enter", "c", "c", "enter")
    assert len(festival.read(lambda session: session.exec(select(Sale)).all())) == 1


async def test_the_change_stays_in_sight_until_the_next_key(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("1", "enter", "v", "enter")
        assert "À RENDRE" in cashier.shows("basket")
        assert cashier.screening == "ETERNAL"
        await cashier.press("2")
        assert "À RENDRE" not in cashier.shows("basket")
        assert "Réduit jeune" in cashier.shows("basket")


@on_sqlite
async def test_a_receipt_is_printed_when_asked_for(festival: Festival, keys: Path, tmp_path: Path) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("1", "enter", "r", "c")
    jobs = festival.read(lambda session: session.exec(select(PrintJob.document)).all())
    assert sorted(jobs) == ["receipt", "ticket"]


@on_sqlite
async def test_escape_goes_back_step_by_step_and_keeps_the_basket(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("1", "enter", "5", "h", "3", "escape")
        payment = cashier.counter.paying.payment
        assert payment is not None
        assert (payment.typed, len(payment.settlement.tenders)) == ("", 1)
        await cashier.press("escape", "escape")
        assert cashier.counter.paying.payment is None
        assert cashier.counter.basket.seats == 1


@on_sqlite
async def test_a_screening_sold_out_meanwhile_is_refused_with_a_remedy_and_nothing_is_lost(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("1", "1", "enter")
        festival.sell(festival.seat_line("ETERNAL", quantity=4), desk=festival.desks[1])
        await cashier.press("c")
        assert "il restait 1 place, vous en demandez 2" in cashier.shows("payment")
        assert cashier.counter.basket.seats == 2
        await cashier.press("escape", "escape", "escape", "minus", "enter", "c")
    assert festival.allocated("ETERNAL") == 5


@pytest.mark.parametrize(
    "loss",
    [
        DatabaseLost("La base de données ne répond pas."),
        OperationalError("COMMIT", {}, Exception("connection reset")),
        MemoryError(),
    ],
    ids=["lost", "driver", "unforeseen"],
)
async def test_a_lost_answer_keeps_the_basket_and_trying_again_sells_once(
    festival: Festival, keys: Path, tmp_path: Path, loss: Exception
) -> None:
    mute = MuteDatabase(festival.database.engine, festival.database.write_engine)
    async with at_the_counter(festival, keys, tmp_path, database=mute) as cashier:
        mute.losses.append(loss)
        await cashier.press("1", "enter", "c")
        assert "Entrée pour essayer encore" in cashier.shows("payment")
        assert cashier.counter.basket.seats == 1
        await cashier.press("c")
        assert cashier.counter.paying.payment is not None
        await cashier.press("enter")
        assert "Vente 1-000001" in cashier.shows("basket")
    assert len(festival.read(lambda session: session.exec(select(PaidRow)).all())) == 1


@on_sqlite
async def test_leaving_a_doubtful_payment_first_finds_out_whether_it_was_made(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    mute = MuteDatabase(festival.database.engine, festival.database.write_engine)
    async with at_the_counter(festival, keys, tmp_path, database=mute) as cashier:
        mute.losses.append(DatabaseLost("La base de données ne répond pas."))
        await cashier.press("1", "enter", "c", "escape")
        assert "Vente 1-000001" in cashier.shows("basket")
        assert not cashier.counter.basket
    assert len(festival.read(lambda session: session.exec(select(Sale)).all())) == 1


@pytest.mark.parametrize("was_written", [True, False], ids=["written", "not written"])
async def test_a_payment_in_doubt_at_a_till_that_is_freed_is_the_same_sale_once_its_basket_is_taken_back(
    festival: Festival, keys: Path, tmp_path: Path, was_written: bool
) -> None:
    mute = MuteDatabase(festival.database.engine, festival.database.write_engine, deaf=not was_written)
    async with at_the_counter(festival, keys, tmp_path, database=mute) as cashier:
        mute.losses.append(DatabaseLost("La base de données ne répond pas."))
        await cashier.press("1", "enter", "c")
        asked = cashier.counter.paying.sale_id
        cashier.counter.action_lock()
        await cashier.press("down", "1", "2", "3", "4", "enter")
        assert isinstance(cashier.pilot.app.screen, LoginScreen)
        await cashier.press("2", "3", "4", "5", "enter", "ctrl+r")
        again = next(s for s in cashier.pilot.app.screen_stack if isinstance(s, CounterScreen))
        cashier.counter = again
        assert "Règlement en doute" in str(cashier.pilot.app.screen.query_one(Choices).options[0].prompt)
        await cashier.press("enter")
        assert again.basket.seats == (0 if was_written else 1)
        if not was_written:
            await cashier.press("enter", "enter")
    assert festival.read(lambda session: session.exec(select(Sale.id)).all()) == [asked]
    assert festival.count(ParkedBasket) == 0


@on_sqlite
async def test_a_basket_keeps_the_id_of_its_sale_until_it_is_emptied(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("1", "enter", "escape", "2", "enter")
        first = cashier.counter.paying.sale_id
        await cashier.press("escape", "ctrl+w", "enter", "1", "enter")
        second = cashier.counter.paying.sale_id
        await cashier.press("escape", "ctrl+d", "enter", "ctrl+r", "enter")
        assert cashier.counter.paying.sale_id == first
        assert first != second
        await cashier.press("enter", "enter")
        assert cashier.counter.paying.sale_id != first
    assert festival.read(lambda session: session.exec(select(Sale.id)).all()) == [first]


def help_keys(cashier: Player) -> str:
    """The table of keys that the help shows."""
    table = cashier.pilot.app.screen.query_one("#help-keys", Static)
    return "\n".join(table.render_line(y).text for y in range(table.size.height))


@on_sqlite
async def test_the_help_explains_the_payment_while_it_is_open(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("f1")
        assert "I, D, V, Q" not in told(cashier.pilot.app.screen)
        await cashier.press("escape", "1", "enter", "f1")
        shown = told(cashier.pilot.app.screen) + help_keys(cashier)
        assert "I, D, V, Q ajoutent un billet" in shown
        assert "Ajoute un billet de 5, 10, 20, 50 €" in shown
        assert "Chèque : ce qui reste, ou le montant tapé" in shown
        assert "Passe au règlement du panier" not in shown
        assert "Cherche une commande par son nom" in shown
        await cashier.press("escape", "enter")
    assert festival.allocated("ETERNAL") == 1
