"""A card lost, found again or replaced: its value outlives its codes, and the former ones pay nothing."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import PassTrouble
from boxoffice.models import FormerValueCode, GiftCard, JournalEntry
from boxoffice.sales import means
from boxoffice.sales.books.verification import verify
from boxoffice.sales.codes import masked
from boxoffice.sales.settlement import Tender
from boxoffice.sales.vouchers import card_care, gift_cards
from boxoffice.sales.vouchers.card_care import BlockCard, ReplaceCard, ReplacedCard, UnblockCard
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house

LISA = 1


@pytest.fixture(autouse=True)
def _the_house_stands(festival: Festival) -> Iterator[None]:
    yield
    festival.read(check_the_house)


def do(festival: Festival, act: Callable[..., object], command: object) -> object:
    return festival.write(lambda session: act(session, command, festival.desk, clock=festival.clock))


def codes(festival: Festival) -> tuple[str, str]:
    (card,) = festival.rows(GiftCard)
    return card.code, card.typed_code


def scan(festival: Festival, code: str) -> gift_cards.GiftCardState:
    return festival.read(
        lambda session: gift_cards.look_up(session, code, festival.desk, clock=festival.clock)
    )


def pay(festival: Festival, value_id: UUID, cents: int = 850) -> None:
    by = [Tender(means.GIFT_CARD.code, cents, value_id=value_id)]
    festival.complete(festival.paid(festival.seat_line(), by=by))


def told(festival: Festival, kind: str) -> list[dict[str, Any]]:
    return [json.loads(row.content) for row in festival.rows(JournalEntry) if row.kind == kind]


def replaced(festival: Festival, value_id: UUID, code: str) -> ReplacedCard:
    command = ReplaceCard(value_id, masked(code), PassTrouble.LOST, authorized_by=LISA)
    done = do(festival, card_care.replace, command)
    assert isinstance(done, ReplacedCard)
    return done


def test_a_cashier_blocks_a_lost_card_at_once_and_it_says_so(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    for _again in range(2):
        do(festival, card_care.block, BlockCard(card.value_id, PassTrouble.LOST))
    assert [entry["trouble"] for entry in told(festival, "value.blocked")] == ["lost"]
    assert "bloquée (perdu)" in scan(festival, codes(festival)[0]).trouble
    with pytest.raises(Refusal, match="bloquée"):
        pay(festival, card.value_id)


def test_a_manager_lets_a_blocked_card_serve_again(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    do(festival, card_care.block, BlockCard(card.value_id, PassTrouble.OTHER, "doute sur la carte"))
    with pytest.raises(ManagerNeeded):
        do(festival, card_care.unblock, UnblockCard(card.value_id))
    do(festival, card_care.unblock, UnblockCard(card.value_id, authorized_by=LISA))
    pay(festival, card.value_id)
    assert [entry["authorized_by"] for entry in told(festival, "value.unblocked")] == [LISA]


def test_a_card_blocked_for_another_reason_needs_it_in_words(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    with pytest.raises(Refusal, match="Dites pourquoi"):
        do(festival, card_care.block, BlockCard(card.value_id, PassTrouble.OTHER))


def test_a_replaced_card_keeps_its_value_and_its_former_codes_are_dead(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    former = codes(festival)
    do(festival, card_care.block, BlockCard(card.value_id, PassTrouble.LOST))
    new = replaced(festival, card.value_id, former[1])
    assert codes(festival) == (new.code, new.typed_code)
    for code in former:
        with pytest.raises(Refusal, match="a été remplacée le"):
            scan(festival, code)
    assert (scan(festival, new.typed_code).left_cents, scan(festival, new.code).trouble) == (1000, "")
    pay(festival, card.value_id)
    assert {row.code for row in festival.rows(FormerValueCode)} == set(former)


def test_a_card_is_replaced_again_and_a_second_try_changes_nothing(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    first = codes(festival)[1]
    new = replaced(festival, card.value_id, first)
    assert replaced(festival, card.value_id, first) == new
    newer = replaced(festival, card.value_id, new.typed_code)
    assert newer.typed_code not in (first, new.typed_code)
    assert len(told(festival, "value.replaced")) == 2


def test_only_a_manager_replaces_a_card(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    command = ReplaceCard(card.value_id, masked(codes(festival)[1]), PassTrouble.LOST)
    with pytest.raises(ManagerNeeded):
        do(festival, card_care.replace, command)


def test_a_card_taken_back_is_neither_blocked_nor_replaced(festival: Festival) -> None:
    line = festival.gift_line(cents=1000)
    festival.reverse(festival.sell(line))
    code = codes(festival)[1]
    with pytest.raises(Refusal, match="annulée"):
        do(festival, card_care.block, BlockCard(line.value_id, PassTrouble.LOST))
    with pytest.raises(Refusal, match="annulée"):
        replaced(festival, line.value_id, code)


def test_no_code_is_told_to_the_journal(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    every = [*codes(festival)]
    new = replaced(festival, card.value_id, every[1])
    journal = "".join(row.content for row in festival.rows(JournalEntry))
    assert not any(code in journal for code in [*every, new.code, new.typed_code])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE giftcard SET code = 'GBBB'",
        "UPDATE giftcard SET typed_code = 'BBBB'",
        "UPDATE giftcard SET vat_rate = 550",
    ],
)
def test_a_code_changed_behind_the_journal_is_found(festival: Festival, change: str) -> None:
    card = festival.sell_gift(cents=1000)
    before = codes(festival)[1]
    replaced(festival, card.value_id, before)
    undo = festival.rows(GiftCard)[0]
    festival.write(lambda session: session.execute(sa.text(change)))
    assert festival.read(verify).fault is not None
    festival.write(
        lambda session: session.execute(
            sa.update(GiftCard).values(code=undo.code, typed_code=undo.typed_code, vat_rate=None)
        )
    )
