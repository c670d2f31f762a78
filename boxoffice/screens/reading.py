"""The X: the figures of this till, or of the whole box office, as they stand; nothing is closed."""

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Static

from boxoffice.kinds import Action
from boxoffice.language import _, later
from boxoffice.sales.closings.papers_of_closings import print_reading
from boxoffice.sales.closings.readings import read_box_office, read_till
from boxoffice.sales.prints.closing_papers import ReadingPaper
from boxoffice.sales.prints.letterhead import read_letterhead
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.permissions import may

from .dialogs import keys_words
from .paper_dialog import PaperDialog
from .permitting import once_allowed

if TYPE_CHECKING:
    from boxoffice.house import House


class ReadingDialog(PaperDialog):
    """The X of this till; Tab turns to that of all tills, and back."""

    HELP = later(
        "La lecture X donne les chiffres depuis la dernière clôture, sans rien clore. Tab passe de cette "
        "caisse à toute la billetterie."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "tab",
            "turn_scope",
            later("Autre lecture"),
            id="reading.turn",
            tooltip=later("Passe de cette caisse à toute la billetterie, et retour"),
            priority=True,
        ),
        Binding(
            "f5",
            "look",
            later("Relire"),
            id="reading.look",
            tooltip=later("Relit les chiffres, tels qu'ils sont maintenant"),
        ),
    ]

    def __init__(self, house: "House", desk: Desk) -> None:
        super().__init__(house, _("Lecture X · {till}").format(till=desk.post.till_name))
        self._desk = desk
        self._of_all = self._may_see_all = False

    def keys(self) -> tuple[tuple[str, str], ...]:
        return (
            ("p", _("P imprimer")),
            ("tab", _("Tab cette caisse") if self._of_all else _("Tab toutes les caisses")),
            ("pagedown", "↑ ↓"),
            ("escape", _("Échap")),
        )

    def read(self) -> ReadingPaper:
        """The reading as it stands; blind, it does not tell what the drawer should hold."""
        rules = self._desk.post.rules
        clock = self.house.clock
        with self.house.database.read() as session:
            answers = may(session, Action.ANSWER_DIFFERENCE, self._desk.operator_id)
            blind = rules.blind_count and not answers
            if self._of_all:
                reading = read_box_office(session, rules, clock=clock, blind=blind)
            else:
                reading = read_till(session, rules, self._desk.post.till_id, clock=clock, blind=blind)
            return ReadingPaper(read_letterhead(session), reading)

    def order(self) -> str:
        till_id = None if self._of_all else self._desk.post.till_id
        with self.house.database.write() as session:
            print_reading(session, self._desk.post, till_id, clock=self.house.clock)
        return _("Lecture demandée à l'imprimante.")

    def action_look(self) -> None:
        self.look()

    def action_turn_scope(self) -> None:
        """Turn to all tills and back; their figures are a manager's, as on the dashboard."""
        if self._of_all or self._may_see_all:
            self._turn_scope()
        else:
            once_allowed(self, self.house, self._desk, Action.SEE_FIGURES, self._allowed)

    def _allowed(self, _answering: StaffMember) -> None:
        self._may_see_all = True
        self._turn_scope()

    def _turn_scope(self) -> None:
        self._of_all = not self._of_all
        scope = _("toutes les caisses") if self._of_all else self._desk.post.till_name
        self.query_one(".dialog-keys", Static).update(keys_words(*self.keys()))
        self.turn_to(_("Lecture X · {till}").format(till=scope))
