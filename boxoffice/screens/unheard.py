"""A reversal that nobody could wait for: what became of it is told to whoever comes next."""

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.sales.reversal import CompletedReversal, Reverse

from . import errands, selling
from .sale_words import undone_words

if TYPE_CHECKING:
    from boxoffice.house import House

TOLD_SECONDS = 60.0


def find_out_for_next(screen: Screen[Any], house: "House", command: Reverse) -> None:
    """Ask the books, and say on `screen` what they hold of a reversal left unanswered."""

    def tell(done: CompletedReversal | None) -> None:
        if done is None:
            title = _("Une annulation demandée ici n'est pas dans les livres.")
            say(title, _("Retrouvez la vente (Ctrl+F) avant de rendre l'argent."))
        else:
            title = _("L'annulation {operation}, restée sans réponse, est faite.")
            say(title.format(operation=done.operation), undone_words(done))

    def refuse(refusal: Refusal) -> None:
        remedy = _("Une annulation y est en doute : retrouvez la vente (Ctrl+F) avant de rendre l'argent.")
        say(refusal.message, remedy)

    def say(title: str, words: str) -> None:
        screen.notify(words, title=title, severity="warning", markup=False, timeout=TOLD_SECONDS)

    errands.send(screen, lambda: selling.find_out_undone(house, command.sale_id), tell, refuse)
