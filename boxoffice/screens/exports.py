"""Files for other programs: which figures, of which days, and where they were written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.screen import Screen
from textual.widgets import Input

from boxoffice.errors import FieldsRefused, ManagerNeeded, Refusal
from boxoffice.exporting import accounting, papers, tables
from boxoffice.exporting.tables import FileKind
from boxoffice.kinds import Action
from boxoffice.language import _, plural
from boxoffice.sales.closings.state import ClosingRow, list_closings
from boxoffice.sales.exports.closed_days import by_today_words
from boxoffice.sales.exports.fec import left_out_numbers_words
from boxoffice.sales.exports.operations import Scope, nothing_words, still_open_words
from boxoffice.sales.exports.put_back import left_out_words
from boxoffice.sales.people.customer_details import read_day
from boxoffice.sales.staff.operators import StaffMember, staff
from boxoffice.sales.statements.listing import StatementRow

from . import errands
from .choosing import Choose, Search, Thing
from .closing_words import closing_row_words
from .dialogs import Answer
from .filed_paper import told_files
from .long_work import LongWork, Show
from .permitting import Act, LeftTo, ask_leave
from .short_form import Filled, Line, ShortForm

if TYPE_CHECKING:
    from boxoffice.house import House

CLOSINGS = 400


@dataclass(frozen=True, slots=True)
class Files:
    """What was written, and what is to be known of it."""

    paths: tuple[Path, ...]
    more: str = ""


Errand = Callable[[Show], Files]


def choose_export(
    screen: Screen[Any], house: "House", manager: StaffMember, day: date, row: StatementRow | None
) -> None:
    """Ask which figures are wanted over `screen`, which stands on a `day` and perhaps on a screening."""
    exports = Exports(screen, house, manager, day, row)
    offers = (
        (Thing(_("La journée"), _("ventes, paiements et TVA")), exports.day),
        (Thing(_("Une période"), _("les mêmes, d'un jour à un autre")), exports.period),
        (Thing(_("Une séance"), _("ce qui en a été vendu")), exports.screening),
        (Thing(_("Un caissier"), _("ses opérations")), exports.cashier),
        (Thing(_("Les clients"), _("leurs noms : le journal le dit")), exports.customers),
        (Thing(_("Un Z en PDF"), _("tel qu'il a été fait")), exports.closing),
        (Thing(_("Écritures comptables"), _("journées closes, au format FEC")), exports.entries),
        (Thing(_("E-reporting"), _("totaux à déclarer, par jour")), exports.e_reporting),
    )

    def chosen(place: int | None) -> None:
        if place is not None:
            offers[place][1]()

    screen.app.push_screen(Choose(_("Exports"), [thing for thing, _act in offers]), chosen)


@dataclass(frozen=True, slots=True)
class Exports:
    """Each kind of file that can be asked for over a screen."""

    screen: Screen[Any]
    house: "House"
    manager: StaffMember
    today: date
    row: StatementRow | None

    def day(self) -> None:
        line = Line("day", _("Journée"), placeholder=if_empty(self.today), longest=10)
        self._ask(_("Export d'une journée"), (line,), self._of_day)

    def _of_day(self, filled: Filled) -> Errand:
        day = day_typed(filled, "day", self.today)
        return self._operations(Scope(day, day), kind_typed(filled))

    def period(self) -> None:
        self._ask(_("Export d'une période"), days_lines(self.today), self._of_period)

    def _of_period(self, filled: Filled) -> Errand:
        return self._operations(Scope(*days_typed(filled, self.today)), kind_typed(filled))

    def screening(self) -> None:
        code = self.row.code if self.row else ""
        line = Line("code", _("Code de la séance"), text=code, longest=40)
        self._ask(_("Export d'une séance"), (line,), self._of_screening)

    def _of_screening(self, filled: Filled) -> Errand:
        if not filled.texts["code"]:
            raise Refusal(_("Tapez le code de la séance."))
        return self._operations(Scope(screening=filled.texts["code"]), kind_typed(filled))

    def cashier(self) -> None:
        def read() -> tuple[StaffMember, ...]:
            with self.house.database.read() as session:
                return staff(session)

        def ask(members: tuple[StaffMember, ...]) -> None:
            things = [Thing(f"{each.number}  {each.name}") for each in members]
            chosen = Search(_("Export d'un caissier"), things, _("nom"))
            self.screen.app.push_screen(chosen, lambda place: self._of_member(members, place))

        errands.send(self.screen, read, ask, self._say_wrong)

    def _of_member(self, members: tuple[StaffMember, ...], place: int | None) -> None:
        if place is None:
            return
        member = members[place]

        def of_cashier(filled: Filled) -> Errand:
            days = days_typed(filled, self.today)
            return self._operations(Scope(*days, member.number), kind_typed(filled))

        title = _("Opérations de {name}").format(name=member.name)
        self._ask(title, days_lines(self.today), of_cashier)

    def customers(self) -> None:
        ask_leave(
            self.screen,
            self.house,
            Act(Action.EXPORT_CUSTOMERS, left_to=LeftTo(self.manager, Action.EXPORT_CUSTOMERS)),
            ManagerNeeded(_("Il faut un responsable pour exporter la liste des clients.")),
            lambda leave: self._ask_customers(leave.manager),
            self._say_wrong,
        )

    def _ask_customers(self, answering: StaffMember) -> None:
        house = self.house

        def of_customers(filled: Filled) -> Errand:
            kind = kind_typed(filled)

            def write(show: Show) -> Files:
                path = tables.export_customers(
                    house.database,
                    house.post,
                    house.settings.copies_folder,
                    kind,
                    manager=answering,
                    clock=house.clock,
                    show=show,
                )
                return Files((path,), _("Il contient des noms : effacez-le quand il a servi."))

            return write

        self._ask(_("Liste des clients"), (), of_customers)

    def closing(self) -> None:
        def read() -> tuple[ClosingRow, ...]:
            with self.house.database.read() as session:
                return list_closings(session, limit=CLOSINGS)

        def ask(rows: tuple[ClosingRow, ...]) -> None:
            if not rows:
                self._say_wrong(Refusal(_("Il n'y a pas encore de Z.")))
                return
            things = [Thing(str(closing_row_words(row).plain)) for row in rows]
            chosen = Search(_("Un Z en PDF"), things, _("numéro, caisse, jour"))
            self.screen.app.push_screen(chosen, lambda place: self._of_closing(rows, place))

        errands.send(self.screen, read, ask, self._say_wrong)

    def _of_closing(self, rows: tuple[ClosingRow, ...], place: int | None) -> None:
        if place is None:
            return
        house, closing_id = self.house, rows[place].id

        def write(_show: Show) -> Files:
            path = papers.export_closing(
                house.database,
                house.post,
                closing_id,
                house.settings.exports_folder,
                answered_by=self.manager,
                clock=house.clock,
            )
            return Files((path,))

        self._work(_("Un Z en PDF"), write)

    def entries(self) -> None:
        self._ask(
            _("Écritures comptables"),
            days_lines(self.today.replace(month=1, day=1), until=_("31 décembre de la même année")),
            self._of_entries,
            kinds=False,
        )

    def _of_entries(self, filled: Filled) -> Errand:
        house = self.house
        first = day_typed(filled, "first", self.today.replace(month=1, day=1))
        last = day_typed(filled, "last", date(first.year, 12, 31))
        in_order(first, last)

        def write(_show: Show) -> Files:
            written = accounting.export_entries(
                house.database,
                house.post,
                first,
                last,
                house.settings.exports_folder,
                answered_by=self.manager,
                clock=house.clock,
            )
            count = len(written.entries)
            said = plural("{count} écriture équilibrée.", "{count} écritures équilibrées.", count)
            words = (
                said.format(count=count),
                by_today_words(written.by_today),
                _lacks(written.not_closed),
                left_out_words(written.left_out),
                left_out_numbers_words(written.numbers_left_out),
            )
            return Files((written.path,), "\n".join(filter(None, words)))

        return write

    def e_reporting(self) -> None:
        self._ask(_("E-reporting"), days_lines(self.today), self._of_totals, kinds=False)

    def _of_totals(self, filled: Filled) -> Errand:
        house = self.house
        first, last = days_typed(filled, self.today)

        def write(_show: Show) -> Files:
            written = accounting.export_e_reporting(
                house.database,
                house.post,
                first,
                last,
                house.settings.exports_folder,
                answered_by=self.manager,
                clock=house.clock,
            )
            words = (
                by_today_words(written.by_today),
                _lacks(written.not_closed),
                left_out_words(written.left_out),
            )
            return Files(written.paths, "\n".join(filter(None, words)))

        return write

    def _operations(self, scope: Scope, kind: FileKind) -> Errand:
        house = self.house

        def write(show: Show) -> Files:
            written = tables.export_operations(
                house.database,
                house.post,
                scope,
                house.settings.exports_folder,
                kind,
                answered_by=self.manager,
                clock=house.clock,
                show=show,
            )
            words = (
                nothing_words(written.lines),
                still_open_words(written.not_closed),
                left_out_words(written.left_out),
            )
            return Files(written.paths, "\n".join(filter(None, words)))

        return write

    def _ask(
        self,
        title: str,
        lines: tuple[Line, ...],
        read: Callable[[Filled], Errand],
        *,
        kinds: bool = True,
    ) -> None:
        """Have a form filled in, then write what it asks for."""
        if kinds:
            lines = (*lines, Line("kind", _("Fichier"), text="csv", placeholder=_("csv ou xlsx"), longest=4))

        def answered(errand: Errand | None) -> None:
            if errand is not None:
                self._work(title, errand)

        self.screen.app.push_screen(ReadForm(title, lines, read), answered)

    def _work(self, title: str, errand: Errand) -> None:
        def done(files: Files | None) -> None:
            if files is not None:
                self.screen.app.push_screen(told_files(files.paths, files.more))

        self.screen.app.push_screen(LongWork(title, errand), done)

    def _say_wrong(self, refusal: Refusal) -> None:
        self.screen.app.notify(refusal.remedy, title=refusal.message, severity="warning", markup=False)


class ReadForm(ShortForm[Answer]):
    """A form whose answer is read from its lines; what was typed wrong is said at once."""

    REPLACES = True

    def __init__(self, title: str, lines: tuple[Line, ...], read: Callable[[Filled], Answer]) -> None:
        super().__init__(title, lines)
        self._read = read

    def filled(self, form: Filled) -> None:
        try:
            answer = self._read(form)
        except Refusal as refusal:
            self.say_wrong(refusal)
            if isinstance(refusal, FieldsRefused):
                wrong = self.query_one(f"#field-{refusal.names[0]}", Input)
                wrong.focus()
                wrong.select_all()
        else:
            self.dismiss(answer)


def if_empty(day: date) -> str:
    """What stands in an empty line for a day."""
    return _("{day} si rien n'est tapé").format(day=f"{day:%d/%m/%Y}")


def days_lines(first: date, last: date | None = None, *, until: str = "") -> tuple[Line, ...]:
    """The lines for a period, which say what an empty one stands for: `until`, where that is no one day."""
    until = until or (if_empty(last) if last else _("le premier jour si rien n'est tapé"))
    return (
        Line("first", _("Premier jour"), placeholder=if_empty(first), longest=10),
        Line("last", _("Dernier jour"), placeholder=until, longest=10),
    )


def day_typed(filled: Filled, name: str, otherwise: date) -> date:
    """A day as people type it in a line. Raises FieldsRefused for what is none."""
    text = filled.texts[name]
    try:
        return read_day(text) or otherwise
    except ValueError as error:
        said = _("« {text} » n'est pas une date, comme 31/12/2026.").format(text=text)
        raise FieldsRefused(said, "", [name]) from error


def days_typed(filled: Filled, first: date, last: date | None = None) -> tuple[date, date]:
    """A first and a last day. Raises Refusal for what is no date, or the wrong way round."""
    since = day_typed(filled, "first", first)
    until = day_typed(filled, "last", max(since, last or first))
    in_order(since, until)
    return since, until


def in_order(first: date, last: date) -> None:
    """Raise Refusal for a period that ends before it begins."""
    if last < first:
        raise Refusal(_("Le dernier jour est avant le premier."), _("Donnez-les dans l'ordre."))


def kind_typed(filled: Filled) -> FileKind:
    """The kind of file that was typed. Raises FieldsRefused for another."""
    try:
        return FileKind(filled.texts["kind"].lower() or FileKind.CSV)
    except ValueError as error:
        raise FieldsRefused(_("Un export s'écrit en csv ou en xlsx."), "", ["kind"]) from error


def _lacks(days: tuple[date, ...]) -> str:
    """Which days were sold on, and are not in the file."""
    named = ", ".join(f"{day:%d/%m/%Y}" for day in days)
    return _("Pas encore clôturées, donc absentes : {days}.").format(days=named) if named else ""
