"""Gift cards and place cards, played at the counter: sold, scanned, checked, cared for."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from sqlmodel import select
from textual._time import get_time
from textual.events import Key
from textual.widgets import Input

from boxoffice.models import (
    Booking,
    FormerValueCode,
    GiftCard,
    GiftMessage,
    JournalEntry,
    Pass,
    PlaceCard,
    PlaceCardHolder,
    PrintJob,
    StoredValue,
    StoredValueState,
)
from boxoffice.sales.basket import name_customer
from boxoffice.sales.codes import grouped, masked
from boxoffice.screens import scanning
from boxoffice.screens.asking_codes import AskCode
from boxoffice.screens.card_screen import CardScreen
from boxoffice.screens.cockpit import CockpitScreen
from boxoffice.screens.customer_card import CustomerCard
from boxoffice.screens.gift_sale import GiftForm
from boxoffice.screens.rows import Rows
from boxoffice.screens.widgets.bars import KeyBar
from tests.sales.conftest import Festival
from tests.sales.value_life import add_customer, add_kind, give_card, numbered_card

from .playing import Player, at_the_counter
from .stage import told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CHECK = "4"
"""The key of the check in the list of the small festival, after its three gift cards."""


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


def gift(festival: Festival, value_id: UUID) -> GiftCard:
    return festival.read(
        lambda session: session.exec(select(GiftCard).where(GiftCard.value_id == value_id)).one()
    )


def value(festival: Festival, value_id: UUID) -> StoredValue:
    return festival.read(
        lambda session: session.exec(select(StoredValue).where(StoredValue.id == value_id)).one()
    )


async def scan(player: Player, code: str, monkeypatch: pytest.MonkeyPatch) -> CardScreen:
    """Send a code as a scanner does, and see the card open."""
    with monkeypatch.context() as fast:
        fast.setattr(scanning, "BURST_SECONDS", 60.0)
        await player.hurry(*code.lower(), "enter")
    await player.wait_until(lambda: isinstance(player.pilot.app.screen, CardScreen))
    await player.press()
    player.pressed = 0
    return card_of(player)


def card_of(player: Player) -> CardScreen:
    screen = player.pilot.app.screen
    assert isinstance(screen, CardScreen)
    return screen


# -- sold


async def test_a_voucher_for_a_place_is_sold_in_five_keys(festival: Festival, cashier: Player) -> None:
    await cashier.press("f4", "2", "f9")
    assert "Bon pour 1 place" in cashier.shows("basket")
    await cashier.press("enter", "c")
    assert cashier.pressed == 5
    (card,) = festival.rows(StoredValue)
    assert (card.amount, gift(festival, card.id).vat_rate) == (850, 550)
    assert festival.count(GiftMessage) == 0
    festival.stands()


async def test_a_card_for_a_typed_amount_says_from_whom_to_whom(festival: Festival, cashier: Player) -> None:
    await cashier.press("f4", "3")
    await cashier.type("75,50")
    await cashier.press("enter", *"Zoé", "enter", *"Papi", "enter", *"Bon anniversaire", "enter")
    assert "75,50" in cashier.shows("basket")
    assert "Zoé" in cashier.shows("basket")
    await cashier.press("enter", "enter")
    (words,) = festival.rows(GiftMessage)
    assert (words.recipient, words.giver, words.message) == ("Zoé", "Papi", "Bon anniversaire")
    assert festival.left_on(words.value_id) == 7550


@pytest.mark.parametrize(
    ("amount", "said"),
    [("", "Tapez le montant de la carte."), ("5", "de 10,00\u00a0€ à 200,00\u00a0€"), ("250", "de 10,00")],
)
async def test_an_amount_out_of_bounds_says_which_there_are(cashier: Player, amount: str, said: str) -> None:
    await cashier.press("f4", "3", *amount, "f9")
    assert isinstance(cashier.pilot.app.screen, GiftForm)
    assert said in told(cashier.pilot.app.screen)
    await cashier.press("escape")
    assert not cashier.counter.basket


@pytest.mark.parametrize(
    ("amount", "said"),
    [("0", "de 10,00\u00a0€ à 200,00\u00a0€"), ("250", "de 10,00"), ("-5", "Tapez le montant de la carte.")],
)
async def test_an_amount_that_cannot_be_is_told_at_its_own_field(
    cashier: Player, amount: str, said: str
) -> None:
    await cashier.press("f4", "3", *amount, "enter")
    form = cashier.pilot.app.screen
    assert isinstance(form, GiftForm)
    assert said in told(form)
    assert form.focused is form.query_one("#field-amount")
    assert form.query_one("#field-amount", Input).value == amount


async def test_words_too_long_for_a_card_are_told_and_not_cut(cashier: Player) -> None:
    await cashier.press("f4", "1")
    form = cashier.pilot.app.screen
    recipient = form.query_one("#field-recipient", Input)
    recipient.value = "Z" * 61
    await cashier.press("enter")
    assert "Pour\u00a0: 61 caractères" in told(form) or "Pour : 61 caractères" in told(form)
    assert form.focused is recipient
    recipient.value = "Zoé"
    form.query_one("#field-message", Input).value = "B" * 201
    await cashier.press("f9")
    assert form.focused is form.query_one("#field-message")
    assert "200 caractères au plus" in told(form)
    assert not cashier.counter.basket


async def test_the_number_of_a_bank_card_is_not_written_on_a_gift_card(cashier: Player) -> None:
    await cashier.press("f4", "1", *"4111 1111 1111 1111", "f9")
    assert isinstance(cashier.pilot.app.screen, GiftForm)
    assert "carte" in told(cashier.pilot.app.screen)


async def test_place_cards_are_sold_too_a_nominative_one_by_surname(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    add_kind(festival, "AMIS", price_cents=2000, nominative=True)
    add_kind(festival, "CINE5", price_cents=3500)
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("f4", "4", "enter")
        assert not cashier.counter.basket
        await cashier.press(*"Quéré", "enter", "f4", "5")
        assert "Quéré" in cashier.shows("basket")
        assert "CINE5" in cashier.shows("basket")
        await cashier.press("enter", "c")
    assert sorted(festival.left_on(card.value_id) or 0 for card in festival.rows(PlaceCard)) == [5, 5]
    assert [holder.surname for holder in festival.rows(PlaceCardHolder)] == ["quere"]
    festival.stands()


# -- seen


async def test_a_scanned_gift_card_says_what_is_left_until_when_and_what_it_paid(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = festival.sell_gift()
    card = gift(festival, line.value_id)
    shown = told(await scan(cashier, card.code, monkeypatch))
    assert "Reste 50,00\u00a0€" in shown
    assert masked(card.typed_code) in shown
    assert "valable jusqu'au 21 janvier 2027" in shown
    assert "Dans le portefeuille de personne." in shown
    assert card.typed_code not in shown.replace("-", "")
    assert card.code not in shown
    rows = cashier.pilot.app.screen.query_one(Rows)
    assert "émise" in str(rows.get_option_at_index(0).prompt)
    assert "+50,00" in str(rows.get_option_at_index(0).prompt)


async def test_a_card_scanned_before_the_payment_is_offered_there_to_this_customer_alone(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = festival.sell_gift()
    await cashier.press("1")
    await scan(cashier, gift(festival, line.value_id).code, monkeypatch)
    await cashier.press("escape", "enter")
    assert "Ordre proposé" in cashier.shows("payment")
    await cashier.press("o", "enter")
    assert value(festival, line.value_id).amount == 4150
    await cashier.press("1", "enter")
    assert "Ordre proposé" not in cashier.shows("payment")


async def test_a_card_is_checked_by_its_code_typed_in_groups(festival: Festival, cashier: Player) -> None:
    card = gift(festival, festival.sell_gift().value_id)
    await cashier.press("f4", CHECK, *grouped(card.typed_code).lower(), "enter")
    assert "Reste 50,00\u00a0€" in told(card_of(cashier))


async def test_a_place_card_is_checked_by_its_number(festival: Festival, cashier: Player) -> None:
    numbered_card(festival, add_kind(festival), "9001234")
    await cashier.press("f4", CHECK, *"9001234", "enter")
    shown = told(card_of(cashier))
    assert "Reste 5 places" in shown
    assert "9001234" not in shown
    await cashier.press("i")
    assert "Cette carte a été imprimée ailleurs." in told(card_of(cashier))


async def test_a_nominative_card_is_shown_once_its_holder_is_named(
    festival: Festival, cashier: Player
) -> None:
    held = give_card(festival, add_kind(festival, "AMIS", nominative=True), surname="Quéré")
    number = next(card.number for card in festival.rows(PlaceCard) if card.value_id == held)
    await cashier.press("f4", CHECK, *number.lower(), "enter")
    assert isinstance(cashier.pilot.app.screen, AskCode)
    await cashier.press(*"Martin", "enter")
    assert "ne vont pas ensemble" in told(cashier.pilot.app.screen)
    await cashier.press(*"quere", "enter")
    assert "Reste 5 places" in told(card_of(cashier))


async def test_unknown_codes_are_told_and_slow_the_next_one_down(festival: Festival, cashier: Player) -> None:
    await cashier.press("f4", CHECK)
    for _try in range(4):
        await cashier.press(*"BBBBCCCCDDDDFFFF", "enter")
    assert "Attendez 5 s" in told(cashier.pilot.app.screen)
    refused = [entry for entry in festival.rows(JournalEntry) if entry.kind == "code.refused"]
    assert len(refused) == 4
    assert not any("BBBB" in entry.content for entry in refused)


async def test_another_card_scanned_over_the_first_takes_its_place(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (gift(festival, festival.sell_gift(cents=cents).value_id) for cents in (5000, 3000))
    await scan(cashier, first.code, monkeypatch)
    await scan(cashier, second.code, monkeypatch)
    assert "Reste 30,00" in told(card_of(cashier))
    await cashier.press("escape")
    assert cashier.pilot.app.screen is cashier.counter


async def test_a_card_scanned_over_the_list_of_gifts_opens(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = gift(festival, festival.sell_gift().value_id)
    await cashier.press("f4")
    await scan(cashier, card.code, monkeypatch)
    assert "Reste 50,00" in told(card_of(cashier))


# -- cared for


async def test_a_lost_card_is_blocked_in_three_keys_and_served_again_by_a_manager(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = gift(festival, festival.sell_gift().value_id)
    await scan(cashier, card.code, monkeypatch)
    await cashier.press("b", "1", "1")
    assert cashier.pressed == 3
    assert value(festival, card.value_id).state is StoredValueState.BLOCKED
    assert "bloquée" in told(card_of(cashier))
    await cashier.press("b", "1")
    assert "Un responsable débloque une carte." in told(cashier.pilot.app.screen)
    await cashier.press(*"1234", "enter")
    assert value(festival, card.value_id).state is StoredValueState.ACTIVE
    assert "bloquée" not in told(card_of(cashier))
    festival.stands()


async def test_a_replaced_card_keeps_its_value_and_its_old_code_says_so(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = gift(festival, festival.sell_gift().value_id)
    await scan(cashier, before.code, monkeypatch)
    await cashier.press("b", "2", "1", *"1234", "enter")
    after = gift(festival, before.value_id)
    assert after.code != before.code
    assert masked(after.typed_code) in told(card_of(cashier))
    assert festival.left_on(before.value_id) == 5000
    assert before.code in {row.code for row in festival.rows(FormerValueCode)}
    await cashier.wait_until(lambda: festival.count(PrintJob) == 2)
    assert [job.copy_number for job in festival.rows(PrintJob)] == [0, 1]
    await cashier.press("escape", "f4", CHECK, *before.typed_code.lower(), "enter")
    assert "Cette carte a été remplacée" in told(cashier.pilot.app.screen)
    festival.stands()


async def test_a_card_goes_into_the_wallet_of_the_customer_named_and_out_of_it(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id = add_customer(festival)
    card = gift(festival, festival.sell_gift().value_id)
    cashier.counter.change(name_customer(cashier.counter.basket, customer_id, "Léa Dupont"))
    await scan(cashier, card.code, monkeypatch)
    await cashier.press("a", "1")
    assert cashier.pressed == 2
    assert value(festival, card.value_id).customer_id == customer_id
    assert "Dans le portefeuille de" in told(card_of(cashier))
    await cashier.press("a", "2")
    assert value(festival, card.value_id).customer_id is None
    assert "Dans le portefeuille de personne." in told(card_of(cashier))
    festival.stands()


async def test_the_card_of_who_keeps_it_is_one_key_away(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_card(festival, add_kind(festival), customer_id=add_customer(festival))
    (card,) = festival.rows(PlaceCard)
    await scan(cashier, card.code, monkeypatch)
    await cashier.press("f3")
    assert isinstance(cashier.pilot.app.screen, CustomerCard)


async def test_a_copy_is_printed_only_on_purpose_and_marked(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = gift(festival, festival.sell_gift().value_id)
    await scan(cashier, card.code, monkeypatch)
    await cashier.press("i")
    assert "marquée DUPLICATA" in told(cashier.pilot.app.screen)
    await cashier.press("escape")
    copies = [job.copy_number for job in festival.rows(PrintJob) if job.value_id == card.value_id]
    assert copies == [0]
    await cashier.press("i", "enter")
    copies = [job.copy_number for job in festival.rows(PrintJob) if job.value_id == card.value_id]
    assert copies == [0, 1]
    festival.stands()


async def test_a_gift_card_is_written_as_a_pdf_and_the_cashier_is_told_where(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    card = gift(festival, festival.sell_gift(recipient="Zoé", giver="Papi").value_id)
    await scan(cashier, card.code, monkeypatch)
    await cashier.press("e")
    (written,) = (tmp_path / "exports").iterdir()
    assert written.read_bytes().startswith(b"%PDF-")
    assert written.name in told(cashier.pilot.app.screen).replace("\n", "")
    assert card.typed_code not in written.name
    assert "value.exported" in [entry.kind for entry in festival.rows(JournalEntry)]


@pytest.mark.parametrize("key", ["f4", "ctrl+space", "ctrl+@"])
async def test_gifts_are_a_click_and_three_keys_away(cashier: Player, key: str) -> None:
    await cashier.press(key)
    assert "Cadeaux et cartes" in told(cashier.pilot.app.screen)
    await cashier.press("escape")
    bar = cashier.counter.query_one(KeyBar)
    label = bar.render_line(0).text.index("Cadeau")
    await cashier.pilot.click(KeyBar, offset=(label, 0))
    await cashier.press()
    assert "Cadeaux et cartes" in told(cashier.pilot.app.screen)


async def test_a_manager_gives_cards_to_nobody_known_and_they_come_out_on_paper(
    festival: Festival, cashier: Player
) -> None:
    add_kind(festival, "INVIT", label="Invitation", places=1)
    await cashier.press("f4", "5", "1", "backspace", "3", "enter", *"1234", "enter", *"Presse", "enter")
    assert festival.count(PlaceCard) == 3
    await cashier.wait_until(lambda: "3 cartes données" in cashier.shows("tariffs"))
    papers = [job.document for job in festival.rows(PrintJob)]
    assert papers == ["place_card"] * 3
    assert {value.customer_id for value in festival.rows(StoredValue)} == {None}
    festival.stands()


async def test_a_card_issued_elsewhere_is_written_down_by_its_number_and_pays(
    festival: Festival, cashier: Player
) -> None:
    add_kind(festival, "CINE3", label="CinéCarte 3 places", places=3)
    keys = (*"cine0042", "enter", *"1234", "enter", *"Jean Monnier", "enter")
    await cashier.press("f4", "6", "1", *keys)
    await cashier.wait_until(lambda: "inscrite" in cashier.shows("tariffs"))
    assert festival.count(PrintJob) == 0
    await cashier.press("1", "enter", "p", *"cine0042", "enter", "enter")
    assert [value.amount for value in festival.rows(StoredValue)] == [2]
    festival.stands()


async def test_a_manager_erases_what_a_card_says_and_the_card_pays_on(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    card = festival.sell_gift(cents=1000, recipient="Zénobie", message="Bonne toile !")
    shown = await scan(cashier, gift(festival, card.value_id).code, monkeypatch)
    await cashier.press("e")
    (written,) = (tmp_path / "exports").iterdir()
    os.utime(written, 2 * (festival.clock.now().timestamp() - 1,))
    await cashier.press("escape", "b", "4", "enter")
    assert "Un responsable efface ce que dit la carte ····" in told(cashier.pilot.app.screen)
    await cashier.press(*"1234", "enter")
    await cashier.wait_until(lambda: not festival.count(GiftMessage))
    await cashier.wait_until(lambda: not written.exists())
    assert cashier.pilot.app.screen is shown
    assert festival.left_on(card.value_id) == 1000
    festival.stands()


async def test_a_manager_lengthens_a_card_at_the_counter(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = festival.sell_gift(cents=1000)
    shown = await scan(cashier, gift(festival, card.value_id).code, monkeypatch)
    until = value(festival, card.value_id).valid_until
    assert until is not None
    await cashier.press("b", "3", *"25/03/2020", "enter", *"1234", "enter", *"Malade", "enter")
    assert "Tapez une date plus tardive" in told(shown)
    later = until.replace(year=until.year + 1)
    await cashier.press("b", "3", *f"{later:%d/%m/%Y}", "enter")
    assert f"{until:%d/%m/%Y} → {later:%d/%m/%Y}" in told(cashier.pilot.app.screen)
    await cashier.press(*"1234", "enter", *"Malade", "enter")
    assert value(festival, card.value_id).valid_until == later
    assert str(later.year) in told(shown)
    assert "value.lengthened" in {row.kind for row in festival.rows(JournalEntry)}
    festival.stands()


async def test_a_day_that_is_none_is_asked_for_again(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = festival.sell_gift(cents=1000)
    await scan(cashier, gift(festival, card.value_id).code, monkeypatch)
    await cashier.press("b", "3", *"31/02/2027", "enter")
    assert "jour/mois/année" in told(cashier.pilot.app.screen)


@pytest.mark.parametrize("pace", [0.002, 0.011])
async def test_a_place_card_scanned_over_a_pass_opens_and_prints_no_list(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch, pace: float
) -> None:
    """The code of a place card begins with an L, which prints the list of a pass."""
    card = give_card(festival, add_kind(festival))
    code = next(row.code for row in festival.rows(PlaceCard) if row.value_id == card)
    festival.sell_pass()
    cashier.counter.open_pass(festival.rows(Pass)[0].number)
    await cashier.wait_until(lambda: isinstance(cashier.pilot.app.screen, CockpitScreen))
    await cashier.press()
    monkeypatch.setattr(scanning, "BURST_SECONDS", 0.02)
    begun = get_time()
    assert code is not None
    for place, key in enumerate((*code.lower(), "enter")):
        event = Key(key, key if len(key) == 1 else None)
        event.time = begun + place * pace
        cashier.pilot.app.post_message(event)
    await cashier.wait_until(lambda: isinstance(cashier.pilot.app.screen, CardScreen))
    await cashier.press()
    assert [job.document for job in festival.rows(PrintJob)] == []
    assert festival.count(Booking) == 0


async def test_the_list_of_a_pass_is_printed_when_its_letter_comes_alone(
    festival: Festival, cashier: Player
) -> None:
    festival.sell_pass()
    cashier.counter.open_pass(festival.rows(Pass)[0].number)
    await cashier.wait_until(lambda: isinstance(cashier.pilot.app.screen, CockpitScreen))
    await cashier.press("l")
    await cashier.wait_until(lambda: [job.document for job in festival.rows(PrintJob)] == ["bookings"])


async def test_the_code_of_a_card_typed_where_films_are_offers_to_open_it(
    festival: Festival, cashier: Player
) -> None:
    value_id = festival.sell_gift(cents=2000).value_id
    code = gift(festival, value_id).typed_code
    cashier.counter.look_for(grouped(code).lower())
    await cashier.press("enter")
    assert "carte cadeau" in told(cashier.pilot.app.screen)
    await cashier.press("enter")
    assert masked(code) in told(card_of(cashier))
