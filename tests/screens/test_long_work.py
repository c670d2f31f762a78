"""Long errands over the screen: told how far they are, stopped by Escape; and the menu of a training till."""

from threading import Event

from boxoffice.errors import Refusal
from boxoffice.screens.long_work import LongWork, Show, progress_words
from boxoffice.screens.menu import ManagementMenu

from .stage import UNANSWERED, Stage, press, settle, told, until


async def test_long_work_says_how_far_it_is_and_escape_stops_it() -> None:
    begun, noticed = Event(), Event()

    def work(show: Show) -> str:
        try:
            for _each in range(100_000):
                show(30, 100)
                begun.set()
                Event().wait(0.001)
        except Refusal:
            noticed.set()
            raise
        return "done"

    app = Stage(None, LongWork("Archive", work))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: begun.is_set() and "30 %" in told(app.screen))
        await pilot.press("escape")
        await settle(pilot)
    assert noticed.is_set()
    assert app.answer is None


async def test_long_work_that_is_done_answers_with_what_was_made() -> None:
    app = Stage(None, LongWork("Archive", lambda _show: "made"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
    assert app.answer == "made"


async def test_long_work_that_cannot_be_done_says_why_until_it_is_read() -> None:
    def work(_show: Show) -> str:
        raise Refusal("Il n'y a plus de place.", "Libérez-en.")

    app = Stage(None, LongWork("Archive", work))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "Il n'y a plus de place." in told(app.screen)
        assert app.answer is UNANSWERED
        await press(pilot, "escape")
    assert app.answer is None


def test_progress_is_a_bar_and_a_percentage() -> None:
    assert progress_words(25, 100) == "█" * 10 + "░" * 30 + "   25 %"
    assert progress_words(120, 100).endswith("100 %")


async def test_the_menu_says_when_one_is_training() -> None:
    app = Stage(None, ManagementMenu((), training=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "FORMATION" in told(app.screen)
