"""Duplicates of papers, ordered one at a time: a key that bounces orders no second one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from textual.screen import Screen

from boxoffice.clock import Clock
from boxoffice.language import _
from boxoffice.sales.holders import badges
from boxoffice.sales.prints import reprinting
from boxoffice.sales.prints.outbox_listing import OutboxLine
from boxoffice.sales.staff.desk import Desk

from .dialogs import Confirm

BREATH = timedelta(seconds=5)
"""Within this, a second copy of the same paper may be a slip: it is asked about."""


class Copies:
    """Remembers the last copy that was ordered from a screen."""

    def __init__(self, screen: Screen[Any], clock: Clock) -> None:
        self._screen, self._clock = screen, clock
        self._last: tuple[str, datetime] | None = None

    def ask(self, title: str, order: Callable[[], None], question: str = "", detail: str = "") -> None:
        """Order a copy of the paper of this title; if one has just been ordered, once that is confirmed.

        `question` and `detail` are asked instead of the words that name the title.
        """

        def ordered(yes: bool | None) -> None:
            if yes:
                self._last = title, self._clock.now()
                order()

        if self._last is None or self._last[0] != title or self._clock.now() - self._last[1] >= BREATH:
            ordered(yes=True)
            return
        question = question or _("Encore un duplicata : {title} ?").format(title=title)
        detail = detail or _("Le précédent vient d'être demandé.")
        self._screen.app.push_screen(Confirm(question, detail), ordered)

    def ask_to_print(self, title: str, order: Callable[[], None]) -> None:
        """The same for a paper whose original may be the one that has just been asked of the printer."""
        self.ask(f"P {title}", order, _("Déjà demandé : imprimer un duplicata de plus ?"), _numbered())

    def ask_to_write(self, title: str, write: Callable[[], None]) -> None:
        """The same for a file: the printed one beside it is no slip."""
        self.ask(f"D {title}", write, _("Déjà écrit : écrire un duplicata de plus ?"), _numbered())

    def forget(self) -> None:
        """What was ordered last was refused: asking for it again is no second time."""
        self._last = None


def _numbered() -> str:
    return _("Chaque duplicata prend un numéro, que le journal garde.")


def order_copy(
    session: Any, *, job: OutboxLine, desk: Desk, clock: Clock, authorized_by: int | None = None
) -> int:
    """Order a copy of a paper; its number."""
    if job.pass_id is not None:
        return badges.print_badge(session, desk, job.pass_id, clock=clock, again=True)
    assert job.sale_id is not None
    return reprinting.reprint(
        session,
        desk,
        job.document,
        sale_id=job.sale_id,
        position=job.position,
        clock=clock,
        authorized_by=authorized_by,
    )
