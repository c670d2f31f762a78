"""What a pass and a card are cared for with: a list of what may be done, and why it is done."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from textual.screen import Screen

from boxoffice.kinds import PassTrouble
from boxoffice.sales.holders.passes import TROUBLES

from .asking import AskText
from .choosing import Choose, Thing

Cared = TypeVar("Cared")

Act = tuple[str, str, Callable[[Cared], None]]
"""What may be done, a word about it, and how it is done."""

REPLACING = (PassTrouble.LOST, PassTrouble.STOLEN, PassTrouble.SPOILT)


def offer_acts(screen: Screen[Any], title: str, acts: Sequence[Act[Cared]], cared: Cared) -> None:
    """Ask what is to be done with a pass or a card."""

    def chosen(place: int | None) -> None:
        if place is not None:
            acts[place][2](cared)

    screen.app.push_screen(Choose(title, [Thing(label, about) for label, about, _act in acts]), chosen)


def ask_trouble(
    screen: Screen[Any],
    question: str,
    troubles: Sequence[PassTrouble],
    then: Callable[[PassTrouble, str], None],
    *,
    in_words: str = "",
) -> None:
    """Ask why; what none of the troubles says is asked for `in_words`, and told with the trouble."""

    def chosen(place: int | None) -> None:
        if place is None:
            return
        if troubles[place] is PassTrouble.OTHER:
            screen.app.push_screen(AskText(in_words, required=True), noted)
        else:
            then(troubles[place], "")

    def noted(note: str | None) -> None:
        if note is not None:
            then(PassTrouble.OTHER, note)

    things = [Thing(TROUBLES[trouble]().capitalize()) for trouble in troubles]
    screen.app.push_screen(Choose(question, things), chosen)
