"""Promo codes, played at the counter: typed or scanned, seen in the tariffs and the basket, taken off."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlmodel import select

from boxoffice.kinds import PromoEffect
from boxoffice.models import JournalEntry, PromoCode, SaleLine
from boxoffice.sales import basket as baskets
from boxoffice.sales.basket import Basket
from boxoffice.screens import errands, scanning
from boxoffice.screens.asking_codes import AskCode
from tests.sales.conftest import Festival
from tests.sales.value_life import add_promo_tariff, left_in, make

from .playing import Player, at_the_counter
from .stage import told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OPENS = {"effect": PromoEffect.OPENS_TARIFF, "percentage": None, "tariff_code": "PROMO"}


@pytest.fixture
def promoted(festival: Festival) -> Festival:
    """The small festival with a tariff, on key 9, that only a code opens."""
    add_promo_tariff(festival)
    return festival


@pytest_asyncio.fixture
async def cashier(promoted: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(promoted, keys, tmp_path) as player:
        yield player


def uses_left(festival: Festival, word: str) -> int | None:
    code = select(PromoCode).where(PromoCode.code == word)
    return left_in(festival, festival.read(lambda session: session.exec(code).one()).value_id)


def advice(player: Player) -> str:
    """What stands in the panel of tariffs, its lines put together."""
    return " ".join(player.shows("tariffs").replace("│", " ").split())


async def enter_code(player: Player, word: str) -> None:
    await player.press("f7", *word.lower(), "enter")


async def test_a_code_opens_its_tariff_which_is_marked_until_the_sale_is_paid(
    promoted: Festival, cashier: Player
) -> None:
    make(promoted, word="INVITE", **OPENS)
    await cashier.press("9")
    assert "ouvert par un code promo" in cashier.shows("tariffs")
    assert not cashier.counter.basket
    await enter_code(cashier, "INVITE")
    assert "9 ◆ Tarif promo" in cashier.shows("tariffs")
    assert "code …VITE" in cashier.shows("basket")
    await cashier.press("9")
    assert "Tarif promo" in cashier.shows("basket")
    assert "code promo" in cashier.shows("basket")
    assert uses_left(promoted, "INVITE") == 1
    await cashier.press("enter", "enter")
    assert uses_left(promoted, "INVITE") == 0
    assert "◆" not in cashier.shows("tariffs")
    assert cashier.counter.codes == ()
    promoted.stands()


async def test_the_tariff_that_a_code_opens_is_sold_by_the_space_bar(
    promoted: Festival, cashier: Player
) -> None:
    make(promoted, word="INVITE", **OPENS)
    await cashier.press("space")
    assert not cashier.counter.basket
    await enter_code(cashier, "INVITE")
    assert "Espace vend « Tarif promo »." in advice(cashier)
    await cashier.press("space")
    assert [line.label for line in cashier.counter.basket] == ["Tarif promo"]
    await cashier.press(*"the e", "space", "d")
    assert cashier.counter.agenda.search == "the e d"


async def test_a_code_for_one_seat_opens_its_tariff_once(promoted: Festival, cashier: Player) -> None:
    make(promoted, word="INVITE", **OPENS)
    await enter_code(cashier, "INVITE")
    await cashier.press("9", "9")
    assert cashier.counter.basket.seats == 1
    assert "le code promo est déjà dans le panier" in cashier.shows("tariffs")
    await cashier.press("plus")
    assert cashier.counter.basket.seats == 1
    assert "Ce code ne vaut que pour 1 place." in cashier.shows("tariffs")


async def test_a_discount_lowers_the_dearest_seat_and_is_seen_in_the_basket(
    promoted: Festival, cashier: Player
) -> None:
    make(promoted, word="MOITIE")
    await cashier.press("2", "1", "1")
    await enter_code(cashier, "MOITIE")
    assert "code −4,25" in cashier.shows("basket")
    assert cashier.counter.basket.total_cents == 600 + 850 + 425
    await cashier.press("enter", "enter")
    lines = promoted.rows(SaleLine)
    assert sorted((line.unit_price_cents, line.discount_cents) for line in lines) == [
        (425, 425),
        (600, 0),
        (850, 0),
    ]
    assert uses_left(promoted, "MOITIE") == 0
    promoted.stands()


async def test_a_code_entered_first_lowers_the_seat_as_soon_as_it_is_there(
    promoted: Festival, cashier: Player
) -> None:
    make(promoted, word="MOITIE")
    await enter_code(cashier, "MOITIE")
    assert "50\u00a0% de moins" in cashier.shows("tariffs")
    assert "Le prix baisse dès qu'une place est au panier." in cashier.shows("tariffs")
    await cashier.press("1")
    assert cashier.counter.basket.total_cents == 425
    await cashier.press("plus")
    assert cashier.counter.basket.total_cents == 425 + 850


async def test_the_same_key_takes_the_code_off_and_prices_are_as_they_were(
    promoted: Festival, cashier: Player
) -> None:
    make(promoted, word="MOITIE")
    await cashier.press("1")
    await enter_code(cashier, "MOITIE")
    await cashier.press("f7", "enter")
    assert cashier.counter.basket.total_cents == 850
    assert "code" not in cashier.shows("basket")
    assert "retiré" in cashier.shows("tariffs")
    await cashier.press("enter", "enter")
    assert uses_left(promoted, "MOITIE") == 1


async def test_seats_that_only_the_code_opened_leave_with_it_and_the_journal_knows(
    promoted: Festival, cashier: Player
) -> None:
    make(promoted, word="INVITE", **OPENS)
    await enter_code(cashier, "INVITE")
    await cashier.press("9", "1", "f7", "enter")
    assert [line.label for line in cashier.counter.basket] == ["Plein"]
    assert "basket.line_removed" in {entry.kind for entry in promoted.rows(JournalEntry)}


async def test_two_codes_are_put_on_one_sale(promoted: Festival, cashier: Player) -> None:
    for word in ("PREMIER", "SECOND"):
        make(promoted, word=word)
    await cashier.press("1", "1")
    await enter_code(cashier, "PREMIER")
    await cashier.press("f7", "2", *"second", "enter")
    assert cashier.counter.basket.total_cents == 850
    assert "2 codes" in cashier.shows("basket")
    await cashier.press("enter", "enter")
    assert (uses_left(promoted, "PREMIER"), uses_left(promoted, "SECOND")) == (0, 0)


async def test_a_place_bought_and_one_given_needs_two_people(promoted: Festival, cashier: Player) -> None:
    make(promoted, word="ADEUX", percentage=10_000, needs_paid_seat=True)
    await cashier.press("1")
    await enter_code(cashier, "ADEUX")
    assert "il faut deux personnes à la même séance" in advice(cashier)
    assert cashier.counter.basket.total_cents == 850
    await cashier.press("1")
    assert cashier.counter.basket.total_cents == 850
    assert cashier.counter.basket.seats == 2


async def test_a_code_for_another_screening_says_for_which(promoted: Festival, cashier: Player) -> None:
    make(promoted, word="JEUDI", screenings=("KNEECAP2",))
    await cashier.press("1")
    await enter_code(cashier, "JEUDI")
    assert "Il vaut pour : Kneecap, jeu. 22" in advice(cashier)
    assert cashier.counter.basket.total_cents == 850


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("INCONNU", "Ce code promo est inconnu."),
        ("UTILISE", "déjà utilisé"),
        ("DEMAIN", "valable à partir du 22 janvier 2026"),
    ],
)
async def test_a_code_that_is_no_good_says_why_and_changes_nothing(
    promoted: Festival, cashier: Player, word: str, said: str
) -> None:
    make(promoted, word="UTILISE")
    make(promoted, word="DEMAIN", valid_from=promoted.clock.now().date() + timedelta(days=1))
    await enter_code(cashier, "UTILISE")
    await cashier.press("1", "enter", "enter")
    await cashier.press("1")
    await enter_code(cashier, word)
    assert isinstance(cashier.pilot.app.screen, AskCode)
    assert said in told(cashier.pilot.app.screen)
    await cashier.press("escape")
    assert cashier.counter.codes == ()
    assert cashier.counter.basket.total_cents == 850


async def test_a_generated_code_is_scanned_at_the_counter(
    promoted: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = make(promoted).codes
    await cashier.press("1", "up")
    with monkeypatch.context() as fast:
        fast.setattr(scanning, "BURST_SECONDS", 60.0)
        await cashier.hurry(*code.lower(), "enter")
    await cashier.wait_until(lambda: bool(cashier.counter.codes))
    assert cashier.counter.basket.total_cents == 425
    assert code[:12] not in cashier.shows("basket") + cashier.shows("tariffs")


async def test_a_parked_basket_keeps_its_code(promoted: Festival, cashier: Player) -> None:
    make(promoted, word="MOITIE")
    await cashier.press("1")
    await enter_code(cashier, "MOITIE")
    await cashier.press("ctrl+w", "enter")
    assert cashier.counter.codes == ()
    await cashier.press("1")
    assert cashier.counter.basket.total_cents == 850
    await cashier.press("delete", "ctrl+r", "enter")
    assert cashier.counter.basket.total_cents == 425
    await cashier.press("f7", "enter")
    assert cashier.counter.basket.total_cents == 850


async def test_a_parked_basket_keeps_a_code_that_is_on_none_of_its_seats_yet(
    promoted: Festival, cashier: Player
) -> None:
    """Half off for one other screening: it waits with the basket, and lowers that seat once it is there."""
    make(promoted, word="MOITIE", screenings=("KNEECAP",))
    await cashier.press("1")
    await enter_code(cashier, "MOITIE")
    assert cashier.counter.basket.total_cents == 850
    await cashier.press("ctrl+w", "enter")
    assert cashier.counter.codes == ()
    await cashier.press("ctrl+r", "enter")
    assert [offer.name for offer in cashier.counter.codes] == ["Presse"]
    line = promoted.seat_line("KNEECAP")
    cashier.counter.change(baskets.add(cashier.counter.basket, line))
    assert cashier.counter.basket.total_cents == 850 + 425


async def test_an_emptied_basket_leaves_no_code_to_the_next_customer(
    promoted: Festival, cashier: Player
) -> None:
    make(promoted, word="MOITIE")
    await enter_code(cashier, "MOITIE")
    await cashier.press("1", "ctrl+d", "enter", "1")
    assert cashier.counter.basket.total_cents == 850
    await cashier.press("ctrl+d", "enter")
    await enter_code(cashier, "MOITIE")
    await cashier.press("escape")
    assert cashier.counter.codes == ()


async def test_a_tariff_that_a_code_opens_is_sold_by_a_click(promoted: Festival, cashier: Player) -> None:
    make(promoted, word="INVITE", **OPENS)
    await enter_code(cashier, "INVITE")
    shown = cashier.shows("tariffs").splitlines()
    line = next(y for y, text in enumerate(shown) if "◆" in text)
    await cashier.pilot.click("#tariffs", offset=(shown[line].index("◆"), line))
    await cashier.press()
    assert [line.label for line in cashier.counter.basket] == ["Tarif promo"]


async def test_a_word_that_no_film_has_is_tried_as_a_code_by_enter(
    promoted: Festival, cashier: Player
) -> None:
    make(promoted, word="NOEL25")
    await cashier.press("1", *"noel25")
    assert cashier.counter.basket.seats == 1
    assert "comme code promo" in cashier.shows("screenings")
    await cashier.press("enter")
    assert cashier.counter.agenda.search == ""
    assert [line.promo_code_id is not None for line in cashier.counter.basket] == [True]
    assert cashier.counter.paying.payment is None


async def test_a_word_typed_after_a_slash_is_tried_as_a_code_too(promoted: Festival, cashier: Player) -> None:
    make(promoted, word="2PLACES")
    await cashier.press("1", *"/2places", "enter")
    assert len(cashier.counter.codes) == 1


async def test_a_search_in_vain_that_is_no_code_says_so_and_counts_as_a_try(
    promoted: Festival, cashier: Player
) -> None:
    await cashier.press("1", *"wxyzw", "enter")
    assert "Ce code promo est inconnu." in advice(cashier)
    assert cashier.counter.agenda.search == "wxyzw"
    assert "code.refused" in {entry.kind for entry in promoted.rows(JournalEntry)}
    assert cashier.counter.paying.payment is None


async def test_f9_pays_the_basket_whatever_is_searched_for_in_vain(
    promoted: Festival, cashier: Player
) -> None:
    await cashier.press("1", *"wxyzw", "f9")
    assert cashier.counter.paying.payment is not None
    assert "code.refused" not in {entry.kind for entry in promoted.rows(JournalEntry)}


@pytest.mark.parametrize("over", [(), ("f12",)], ids=["counter", "outbox"])
async def test_a_word_scanned_at_the_counter_is_put_on_the_basket(
    promoted: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch, over: tuple[str, ...]
) -> None:
    make(promoted, word="AMIS2026")
    await cashier.press("1", *over, "a")
    monkeypatch.setattr(scanning, "BURST_SECONDS", 3600.0)
    await cashier.hurry(*"mis2026", "enter")
    assert [line.promo_code_id is not None for line in cashier.counter.basket] == [True]
    assert cashier.counter.agenda.search == ""


@pytest.mark.parametrize("way", ["scanned", "typed", "recalled"])
async def test_a_code_told_after_its_basket_is_gone_is_not_for_the_next_customer(
    promoted: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """The books answer late, once the basket was emptied and another begun."""
    make(promoted, word="MOITIE")
    await cashier.press("1")
    before = cashier.counter.basket
    if way == "recalled":
        await enter_code(cashier, "MOITIE")
        before = cashier.counter.basket
    held: list[Callable[[], None]] = []

    def hold(
        _screen: object, errand: Callable[[], Any], then: Callable[[Any], None], _refused: object
    ) -> None:
        answer = errand()
        held.append(lambda: then(answer))

    with monkeypatch.context() as patched:
        patched.setattr(errands, "send", hold)
        match way:
            case "scanned":
                cashier.counter.scan_promo_code("MOITIE", cashier.counter.say)
            case "typed":
                cashier.counter.look_for("moitie")
                cashier.counter.try_as_code()
            case _:
                cashier.counter.read_codes(before)
    cashier.counter.look_for("")
    cashier.counter.change(Basket())
    await cashier.press("1")
    (tell,) = held
    tell()
    assert cashier.counter.codes == ()
    assert cashier.counter.basket.total_cents == 850
