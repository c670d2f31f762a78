"""Statements of screenings and of weeks, and the lists of who may come in, as papers on the screen."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Static

from boxoffice.language import _, later
from boxoffice.printing import exporting
from boxoffice.sales.prints.statement_papers import DoorListPaper, StatementPaper, WeekPaper
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.statements.door_list import open_doors, print_doors
from boxoffice.sales.statements.exhibitor_week import Exhibitor, first_day_of_week, print_week, read_week
from boxoffice.sales.statements.listing import StatementRow
from boxoffice.sales.statements.screening_statement import print_statement, read_statement

from .filed_paper import FiledPaper

if TYPE_CHECKING:
    from boxoffice.house import House


class ShowStatement(FiledPaper):
    """The statement of a screening, as it stands now."""

    def __init__(self, house: "House", row: StatementRow, manager: StaffMember) -> None:
        super().__init__(house, _("Relevé {code} · {title}").format(code=row.code, title=row.title))
        self._screening_id, self._manager = row.screening_id, manager

    def read(self) -> StatementPaper:
        with self.house.database.read() as session:
            return read_statement(session, self._screening_id, at=self.house.clock.now())

    def order(self) -> str:
        return order_statement(self.house, self._screening_id, self._manager)

    def write(self) -> Sequence[Path]:
        return write_statement(self.house, self._screening_id, self._manager)


def order_statement(house: "House", screening_id: int, manager: StaffMember) -> str:
    """Order a statement, and say so; called away from the screen."""
    with house.database.write() as session:
        copy = print_statement(
            session, house.post, screening_id, operator_number=manager.number, clock=house.clock
        )
    if copy:
        return _("Duplicata n° {copy} demandé à l'imprimante.").format(copy=copy)
    return _("Relevé demandé à l'imprimante.")


def write_statement(house: "House", screening_id: int, manager: StaffMember) -> tuple[Path]:
    """Write a statement as a PDF; called away from the screen."""
    _paper, path = exporting.export_statement(
        house.database,
        house.post,
        screening_id,
        house.settings.exports_folder,
        operator_number=manager.number,
        clock=house.clock,
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
        _paper, path = exporting.export_doors(
            house.database,
            house.post,
            self._screening_id,
            house.settings.copies_folder,
            operator_number=self._manager.number,
            clock=house.clock,
        )
        return (path,)


class ShowWeek(FiledPaper):
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
            ("left", _("← →")),
            ("escape", _("Échap fermer")),
        )

    def read(self) -> WeekPaper:
        with self.house.database.read() as session:
            return read_week(session, self._exhibitor.venue_id, self._first, at=self.house.clock.now())

    def order(self) -> str:
        house, number = self.house, self._manager.number
        with house.database.write() as session:
            copy = print_week(
                session,
                house.post,
                self._exhibitor.venue_id,
                self._first,
                operator_number=number,
                clock=house.clock,
            )
        if copy:
            return _("Duplicata n° {copy} demandé à l'imprimante.").format(copy=copy)
        return _("Bordereau demandé à l'imprimante.")

    def write(self) -> Sequence[Path]:
        house = self.house
        _paper, paths = exporting.export_week(
            house.database,
            house.post,
            self._exhibitor.venue_id,
            self._first,
            house.settings.exports_folder,
            operator_number=self._manager.number,
            clock=house.clock,
        )
        return paths

    def action_other(self, by: int) -> None:
        self._first += timedelta(weeks=by)
        self.query_one(".dialog-title", Static).update(self._title())
        self.look()
