"""Errands: what a screen asks of services away from its own loop."""

from threading import Event

from textual.app import App

from boxoffice.screens.errands import Latest


async def test_of_questions_asked_one_after_the_other_only_the_last_is_answered() -> None:
    app, heard, fast_is_told = App[None](), list[object](), Event()

    def slow() -> str:
        fast_is_told.wait(20)
        return "slow"

    def tell(answer: str) -> None:
        heard.append(answer)
        fast_is_told.set()

    async with app.run_test() as pilot:
        looks = Latest(app.screen)
        looks.send(slow, heard.append, heard.append)
        looks.send(lambda: "fast", tell, heard.append)
        await app.workers.wait_for_complete()
        await pilot.pause()
    assert heard == ["fast"]
