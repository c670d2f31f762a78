"""The small questions: each answers with a value, Escape included, and data is never markup."""

import gc
from typing import Any

import pytest
from textual.events import Paste
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Button, Input

from boxoffice.errors import Refusal
from boxoffice.screens.asking import AskNames, AskQuantity, AskText
from boxoffice.screens.dialogs import Confirm, RefusalDialog
from boxoffice.screens.keypad import TOUCH, Keypad

from .stage import UNANSWERED, Stage, press, settle, told

BRACKETS = "[COMPLET] Hamlet [/] [b]"


async def _answer(shown: Screen[Any], *keys: str) -> Any:
    app = Stage(None, shown)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *keys)
    return app.answer


@pytest.mark.parametrize(
    ("keys", "answer"),
    [(["enter"], True), (["escape"], False), (["right", "enter"], False), (["tab", "enter"], False)],
)
async def test_a_confirmation_is_yes_by_enter_and_no_by_escape(keys: list[str], answer: bool) -> None:
    assert await _answer(Confirm("Vider le panier ?"), *keys) is answer


async def test_a_mouse_answers_a_confirmation() -> None:
    app = Stage(None, Confirm("Vider le panier ?"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.click("#no")
        await settle(pilot)
    assert app.answer is False


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_a_refusal_is_told_with_its_remedy_and_understood_by_one_key(key: str) -> None:
    app = Stage(None, RefusalDialog(Refusal("Kneecap est complet.", "Prochaine séance à 14 h 00.")))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert told(app.screen).startswith("Kneecap est complet.\nProchaine séance à 14 h 00.")
        await press(pilot, key)
    assert app.answer is None


@pytest.mark.parametrize(
    ("keys", "answer"),
    [([*"Zoé ", "enter"], "Zoé"), (["enter"], ""), ([*"Zoé", "escape"], None)],
)
async def test_a_text_is_answered_without_the_spaces_around_it(keys: list[str], answer: str | None) -> None:
    assert await _answer(AskText("Note ?"), *keys) == answer


async def test_a_pasted_text_cannot_command_the_terminal() -> None:
    app = Stage(None, AskText("Note ?"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        field = app.screen.query_one(Input)
        field.post_message(Paste("Zoé\x1b[2J"))
        await settle(pilot)
        field.post_message(Paste("Zoé Élan"))
        await settle(pilot)
        await press(pilot, "enter")
    assert app.answer == "Zoé Élan"


async def test_a_text_that_is_required_is_asked_again() -> None:
    app = Stage(None, AskText("Motif ?", required=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter")
        assert "Il faut écrire quelque chose." in told(app.screen)
        await press(pilot, "x", "enter")
    assert app.answer == "x"


@pytest.mark.parametrize(
    ("keys", "answer"),
    [(["4", "enter"], 4), (["1", "2", "enter"], 12), (["0", "enter"], 0), (["enter"], 2), (["escape"], None)],
)
async def test_a_quantity_typed_replaces_the_one_shown(keys: list[str], answer: int | None) -> None:
    assert await _answer(AskQuantity("Combien ?", 2), *keys) == answer


async def test_a_quantity_above_the_most_is_refused_in_place() -> None:
    app = Stage(None, AskQuantity("Combien ?", 1, most=9))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "1", "0", "enter")
        assert "Au plus 9." in told(app.screen)
    assert app.answer is UNANSWERED


async def test_a_scan_is_no_quantity() -> None:
    assert await _answer(AskQuantity("Combien ?", 2), *"TBCDFGHJKLNPRSTVX", "enter") == 2


async def test_every_nominative_ticket_needs_its_name() -> None:
    app = Stage(None, AskNames("Rencontre", 2))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"Zoé", "enter", "enter")
        assert "Il faut un nom par billet." in told(app.screen)
        await press(pilot, *"Ana  B", "enter")
    assert app.answer == ("Zoé", "Ana B")


async def test_names_given_before_are_shown_again() -> None:
    assert await _answer(AskNames("Rencontre", 2, ["Zoé", "Ana"]), "enter") == ("Zoé", "Ana")


@pytest.mark.parametrize(
    "shown",
    [
        Confirm(BRACKETS, BRACKETS),
        RefusalDialog(Refusal(BRACKETS, BRACKETS)),
        AskText(BRACKETS, BRACKETS),
        AskQuantity(BRACKETS),
        AskNames(BRACKETS, 1, [BRACKETS]),
    ],
    ids=lambda shown: type(shown).__name__,
)
async def test_brackets_in_data_are_shown_as_they_are(shown: Screen[Any]) -> None:
    app = Stage(None, shown)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert BRACKETS in told(app.screen)


async def test_the_keys_named_under_a_question_can_be_pressed_by_mouse() -> None:
    app = Stage(None, AskText("Note ?", "Zoé"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.click(".dialog-keys", offset=(3, 0))
        await settle(pilot)
    assert app.answer == "Zoé"


async def test_digits_are_there_to_be_touched_on_a_post_used_so() -> None:
    app = Stage(None, AskQuantity("Combien ?", 1))
    app.add_class(TOUCH)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for place in (0, 9, 3, 11):
            await pilot.click(app.screen.query(Button)[place])
            await settle(pilot)
    assert app.answer == 4


async def test_no_digits_take_the_room_elsewhere() -> None:
    app = Stage(None, AskQuantity("Combien ?", 1))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert not app.screen.query(Keypad)


def lines_kept() -> int:
    """How many drawn lines somebody still holds."""
    gc.collect()
    return sum(type(each) is Strip for each in gc.get_objects())


async def test_dialogs_that_are_closed_leave_no_line_that_they_drew() -> None:
    app = Stage(None, Confirm("Première ?"))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "escape")
        kept = []
        for _turn in range(3):
            for _dialog in range(4):
                app.push_screen(Confirm("Encore ?"))
                await press(pilot, "escape")
            kept.append(lines_kept())
    assert kept[2] - kept[0] < 36, kept


async def test_a_quantity_below_the_least_is_refused_in_a_word() -> None:
    app = Stage(None, AskQuantity("Combien de places ?", least=1))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "backspace", "0", "enter")
        assert "Au moins 1." in told(app.screen)
        assert app.answer is UNANSWERED
        await press(pilot, "backspace", "2", "enter")
    assert app.answer == 2


async def test_a_question_stands_in_the_middle_where_there_is_no_basket() -> None:
    app = Stage(None, Confirm("Fermer la session ?"))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        box = app.screen.query_one(".dialog").region
        assert abs(box.x - (120 - box.right)) <= 1


async def test_a_name_says_which_of_its_signs_are_not_printed_before_it_is_accepted() -> None:
    app = Stage(None, AskNames("Rencontre", 1))
    async with app.run_test(size=(120, 36)) as pilot:
        app.screen.query_one(Input).value = "Ana Ngô Đình 😀"
        await press(pilot, "enter")
        assert "😀 ne s'imprime pas : le billet dira « Ana Ngô Dình »." in told(app.screen)
        assert app.answer is UNANSWERED
        await press(pilot, "enter")
    assert app.answer == ("Ana Ngô Đình 😀",)
