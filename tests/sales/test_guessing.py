"""Codes are not to be guessed: how many may be tried in an hour, and what the journal shows of it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from boxoffice.errors import Refusal
from boxoffice.models import CodeTries, GiftCard, JournalEntry
from boxoffice.sales.codes import CodeKind, new_code, new_typed_code
from boxoffice.sales.vouchers import gift_cards, guessing
from boxoffice.sales.vouchers.gift_cards import GiftCardState
from boxoffice.sales.vouchers.guessing import CodeRefused
from tests.sales.conftest import Festival

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def ask(festival: Festival, text: str, till: int = 0) -> GiftCardState | CodeRefused:
    """What a code typed at a till finds, or how it is refused, which is committed."""
    desk, clock = festival.desks[till], festival.clock
    try:
        return festival.write(
            lambda session: guessing.look_up(
                session, text, lambda: gift_cards.look_up(session, text, desk, clock=clock), desk, clock=clock
            )
        )
    except CodeRefused as refused:
        return refused


def typed(festival: Festival) -> str:
    return str(festival.rows(GiftCard)[0].typed_code)


def told(festival: Festival) -> list[dict[str, Any]]:
    return [json.loads(row.content) for row in festival.rows(JournalEntry) if row.kind == "code.refused"]


def test_whoever_tries_a_code_as_soon_as_they_may_has_twenty_in_an_hour(festival: Festival) -> None:
    ends, looked_at = festival.clock.now() + timedelta(hours=1), 0
    while festival.clock.now() < ends:
        ask(festival, new_typed_code())
        looked_at += 1
        festival.clock.at = festival.rows(CodeTries)[0].locked_until
    # Three at once, six while the wait doubles from 5 s to 160 s, then one each five minutes.
    assert looked_at == 3 + 6 + 11
    assert [entry["wrong"] for entry in told(festival)] == list(range(1, 21))


def test_tries_per_minute_are_seven_then_one_in_five_minutes_and_the_journal_has_each(
    festival: Festival,
) -> None:
    """Tried as soon as may be for three hours: what docs/exploitant.md says of it."""
    began = festival.clock.now()
    tried: list[timedelta] = []
    while festival.clock.now() < began + 3 * HOUR:
        tried.append(festival.clock.now() - began)
        ask(festival, new_typed_code())
        festival.clock.at = festival.rows(CodeTries)[0].locked_until
    # At 0 s four times, then at 5, 15 and 35 s.
    assert sum(at < timedelta(minutes=1) for at in tried) == 7
    assert [sum(hour * HOUR <= at < (hour + 1) * HOUR for at in tried) for hour in range(3)] == [20, 12, 12]
    assert [entry["wrong"] for entry in told(festival)] == list(range(1, 45))
    assert not any(key in entry for entry in told(festival) for key in ("code", "text"))


def test_whoever_leans_on_the_keys_floods_no_journal_and_is_counted(festival: Festival) -> None:
    for _try in range(3 + 1 + 100):
        ask(festival, new_typed_code())
    tries = festival.rows(CodeTries)[0]
    assert (tries.wrong, tries.early) == (4, 100)
    assert [entry["early"] for entry in told(festival)[4:]] == [1, 2, 4, 8, 16, 32, 64]
    festival.clock.advance(5 * SECOND)
    ask(festival, new_typed_code())
    assert told(festival)[-1]["early"] == 100


def test_each_unknown_code_after_the_third_doubles_the_wait_up_to_five_minutes(festival: Festival) -> None:
    waits = []
    for _try in range(12):
        ask(festival, new_typed_code())
        until = festival.rows(CodeTries)[0].locked_until
        waits.append(int((until - festival.clock.now()).total_seconds()))
        festival.clock.at = until
    assert waits == [0, 0, 0, 5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert [entry["wrong"] for entry in told(festival)] == list(range(1, 13))


def test_a_known_code_typed_during_the_wait_is_not_looked_at(festival: Festival) -> None:
    festival.sell_gift()
    for _try in range(4):
        ask(festival, new_typed_code())
    refused = ask(festival, typed(festival))
    assert isinstance(refused, CodeRefused)
    assert "cette caisse attend jusqu'à" in refused.message
    festival.clock.advance(5 * SECOND)
    assert isinstance(ask(festival, typed(festival)), GiftCardState)


def test_a_scan_never_waits_and_an_unknown_one_is_told(festival: Festival) -> None:
    festival.sell_gift()
    for _try in range(4):
        ask(festival, new_typed_code())
    assert isinstance(ask(festival, festival.rows(GiftCard)[0].code), GiftCardState)
    assert isinstance(ask(festival, new_code(CodeKind.GIFT_CARD)), CodeRefused)
    assert told(festival)[-1]["scanned"] is True


def test_one_good_code_does_not_buy_as_many_tries_as_wanted(festival: Festival) -> None:
    festival.sell_gift()
    for _round in range(3):
        ask(festival, new_typed_code())
        ask(festival, typed(festival))
    ask(festival, new_typed_code())
    assert "attend" in str(ask(festival, typed(festival)))


def test_slips_of_the_finger_are_forgotten_by_a_good_code_a_minute_later(festival: Festival) -> None:
    festival.sell_gift()
    for _customer in range(10):
        ask(festival, new_typed_code())
        festival.clock.advance(60 * SECOND)
        assert isinstance(ask(festival, typed(festival)), GiftCardState)


def test_a_clock_set_forward_and_back_closes_no_till_for_long(festival: Festival) -> None:
    festival.sell_gift()
    festival.clock.advance(timedelta(days=30))
    for _try in range(4):
        ask(festival, new_typed_code())
    festival.clock.advance(-timedelta(days=30))
    assert isinstance(ask(festival, typed(festival)), CodeRefused)
    festival.clock.advance(guessing.LONGEST_WAIT)
    assert isinstance(ask(festival, typed(festival)), GiftCardState)


def test_other_tills_do_not_wait(festival: Festival) -> None:
    festival.sell_gift()
    for _try in range(4):
        ask(festival, new_typed_code())
    assert isinstance(ask(festival, typed(festival), till=1), GiftCardState)


def test_the_journal_never_tells_what_was_typed(festival: Festival) -> None:
    code = new_typed_code()
    ask(festival, code)
    assert code not in "".join(row.content for row in festival.rows(JournalEntry))


def test_what_cannot_be_a_code_is_counted_too(festival: Festival) -> None:
    assert isinstance(ask(festival, "bonjour"), CodeRefused)
    assert festival.rows(CodeTries)[0].wrong == 1


def test_what_befell_a_known_card_is_no_guess(festival: Festival) -> None:
    festival.sell_gift()

    def say_no() -> GiftCardState:
        raise Refusal("remplacée")

    def look(session: Any) -> object:
        return guessing.look_up(session, typed(festival), say_no, festival.desk, clock=festival.clock)

    with pytest.raises(Refusal, match="remplacée"):
        festival.write(look)
    assert festival.count(CodeTries) == 0
