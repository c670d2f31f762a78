"""Statements of screenings and of weeks, and the lists of who may come in, as papers on the screen."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from boxoffice.exporting import papers
from boxoffice.language import _, later
from boxoffice.sales.prints.statement_papers import DoorListPaper, StatementPaper, WeekPaper
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.statements.door_list import open_doors, print_doors
from boxoffice.sales.statements.exhibitor_week import Exhibitor, first_day_of_week, print_week, show_week
from boxoffice.sales.statements.listing import StatementRow
from boxoffice.sales.statements.screening_statement import print_statement, show_statement

from .choosing import Choose, Thing
from .filed_paper import FiledPaper

if TYPE_CHECKING:
    from boxoffice.house import House


class CorrectedPaper(FiledPaper):
    """A statement that was given out can be corrected, once the books have changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "r",
            "correct",
            later("Rectificatif"),
            id="statement.correct",
            tooltip=later("Remplace le relevé déjà donné par un autre, si les comptes ont changé depuis"),
        ),
    ]

    def keys(self) -> tuple[tuple[str, str], ...]:
        return (
            ("p", _("P imprimer")),
            ("d", _("D PDF")),
            ("r", _("R rectificatif")),
            ("escape", _("Échap fermer")),
        )

    def order(self, *, correct: bool = False) -> str:
        """Order the paper, or a corrected one, and say so; called away from the screen."""
        raise NotImplementedError

    def write(self, *, correct: bool = False) -> Sequence[Path]:
        """Write the files, or those of a corrected one; called away from the screen."""
        raise NotImplementedError

    def action_correct(self) -> None:
        def given(place: int | None) -> None:
            if place == 0:
                self.send_order(lambda: self.order(correct=True))
            elif place == 1:
                self.send_write(lambda: self.write(correct=True))

        def ask() -> None:
            ways = [Thing(_("L'imprimer")), Thing(_("L'écrire en PDF"))]
            self.app.push_screen(Choose(_("Un rectificatif remplace le relevé déjà donné"), ways), given)

        self.unless_scanned(ask)

    def _ordered(self, said: str) -> None:
        super()._ordered(said)
        self.look()

    def _written(self, paths: Sequence[Path]) -> None:
        super()._written(paths)
        self.look()


class ShowStatement(CorrectedPaper):
    """The statement of a screening: as it was issued, once it was."""

    def __init__(self, house: "House", row: StatementRow, manager: StaffMember) -> None:
        super().__init__(house, _("Relevé {code} · {title}").format(code=row.code, title=row.title))
        self._screening_id, self._manager = row.screening_id, manager

    def numbered(self) -> str:
        return str(self._screening_id)

    def read(self) -> StatementPaper:
        with self.house.database.read() as session:
            return show_statement(session, self._screening_id, at=self.house.clock.now())

    def order(self, *, correct: bool = False) -> str:
        return order_statement(self.house, self._screening_id, self._manager, correct=correct)

    def write(self, *, correct: bool = False) -> Sequence[Path]:
        return write_statement(self.house, self._screening_id, self._manager, correct=correct)


def order_statement(house: "House", screening_id: int, manager: StaffMember, *, correct: bool = False) -> str:
    """Order a statement, and say so; called away from the screen."""
    with house.database.write() as session:
        paper = print_statement(
            session,
            house.post,
            screening_id,
            operator_number=manager.number,
            clock=house.clock,
            correct=correct,
        )
    return _asked(paper, _("Relevé demandé à l'imprimante."))


def _asked(paper: StatementPaper | WeekPaper, original: str) -> str:
    """What was asked of the printer: a copy, a corrected one, or the original in its own words."""
    if paper.copy_number:
        return _("Duplicata n° {copy} demandé à l'imprimante.").format(copy=paper.copy_number)
    if paper.correction:
        return _("Rectificatif n° {number} demandé à l'imprimante.").format(number=paper.correction)
    return original


def write_statement(
    house: "House", screening_id: int, manager: StaffMember, *, correct: bool = False
) -> tuple[Path]:
    """Write a statement as a PDF; called away from the screen."""
    _paper, path = papers.export_statement(
        house.database,
        house.post,
        screening_id,
        house.settings.exports_folder,
        operator_number=manager.number,
        clock=house.clock,
        correct=correct,
    )
    return (path,)


class ShowDoors(FiledPaper):
    """Who may come in to a screening, with their names: the journal tells who asked for it."""

    def __init__(self, house: "House", row: StatementRow, manager: StaffMember) -> None:
        super().__init__(house, _("Entrée {code} · {title}").format(code=row.code, title=row.title))
        self._screening_id, self._manager = row.screening_id, manager

    def read(self) -> DoorListPaper:
        house, number = self.house, self._manager.number
        with house.database.write() as session:
            return open_doors(
                session, house.post, self._screening_id, operator_number=number, clock=house.clock
            )

    def order(self) -> str:
        house, number = self.house, self._manager.number
        with house.database.write() as session:
            print_doors(session, house.post, self._screening_id, operator_number=number, clock=house.clock)
        return _("Liste demandée à l'imprimante.")

    def write(self) -> Sequence[Path]:
        house = self.house
        _paper, path = papers.export_doors(
            house.database,
            house.post,
            self._screening_id,
            house.settings.copies_folder,
            operator_number=self._manager.number,
            clock=house.clock,
        )
        return (path,)


class ShowWeek(CorrectedPaper):
    """The week of an exhibitor; arrows turn to the one before and the one after."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "other(-1)", later("Avant"), id="week.before", tooltip=later("La semaine d'avant")),
        Binding("right", "other(1)", later("Après"), id="week.after", tooltip=later("La semaine d'après")),
    ]

    def __init__(self, house: "House", exhibitor: Exhibitor, day: date, manager: StaffMember) -> None:
        self._exhibitor, self._manager = exhibitor, manager
        self._first = first_day_of_week(day)
        super().__init__(house, self._title())

    def _title(self) -> str:
        return _("Semaine du {day} · {venue}").format(
            day=f"{self._first:%d/%m/%Y}", venue=self._exhibitor.name
        )

    def keys(self) -> tuple[tuple[str, str], ...]:
        return (
            ("p", _("P imprimer")),
            ("d", _("D PDF et CSV")),
            ("r", _("R rectificatif")),
            ("left", _("← →")),
            ("escape", _("Échap fermer")),
        )

    def numbered(self) -> str:
        return self._first.isoformat()

    def read(self) -> WeekPaper:
        with self.house.database.read() as session:
            return show_week(session, self._exhibitor.venue_id, self._first, at=self.house.clock.now())

    def order(self, *, correct: bool = False) -> str:
        house, number = self.house, self._manager.number
        with house.database.write() as session:
            paper = print_week(
                session,
                house.post,
                self._exhibitor.venue_id,
                self._first,
                operator_number=number,
                clock=house.clock,
                correct=correct,
            )
        return _asked(paper, _("Bordereau demandé à l'imprimante."))

    def write(self, *, correct: bool = False) -> Sequence[Path]:
        house = self.house
        _paper, paths = papers.export_week(
            house.database,
            house.post,
            self._exhibitor.venue_id,
            self._first,
            house.settings.exports_folder,
            operator_number=self._manager.number,
            clock=house.clock,
            correct=correct,
        )
        return paths

    def action_other(self, by: int) -> None:
        self._first += timedelta(weeks=by)
        self.turn_to(self._title())
