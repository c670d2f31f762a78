"""The screenings of a day with their statements, the door lists, and the way to weeks and exports."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.clock import business_day
from boxoffice.errors import Refusal
from boxoffice.kinds import Action
from boxoffice.language import _, later, plural
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.standing import day_words
from boxoffice.sales.statements.exhibitor_week import Exhibitor, exhibitors
from boxoffice.sales.statements.listing import StatementRow, list_statements, print_waiting

from . import errands
from .choosing import Choose, Thing
from .copies import Copies
from .dialogs import Dialog, keys_line
from .exports import choose_export
from .filed_paper import told_files
from .permitting import once_allowed
from .rows import Choices
from .statement_papers import ShowDoors, ShowStatement, ShowWeek, order_statement, write_statement
from .statement_rows import row_words, says

if TYPE_CHECKING:
    from boxoffice.house import House


def open_statements(screen: Screen[Any], house: "House", desk: Desk) -> None:
    """Show them to who may see them: at the till, or by their PIN."""

    def show(answering: StaffMember) -> None:
        screen.app.push_screen(StatementsDialog(house, answering))

    once_allowed(screen, house, desk, Action.EXPORT_FIGURES, show)


class StatementsDialog(Dialog[None]):
    """The screenings of a day, those whose statement waits marked so."""

    HELP = later(
        "Les séances d'une journée : ce qu'elles ont vendu, et si leur relevé est imprimé. Entrée montre le "
        "relevé ; T imprime ceux qui attendent, et demande d'abord ; E écrit des fichiers pour d'autres "
        "programmes."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "left", "turn(-1)", later("Jour d'avant"), id="statements.before", tooltip=later("La veille")
        ),
        Binding(
            "right", "turn(1)", later("Jour d'après"), id="statements.after", tooltip=later("Le lendemain")
        ),
        Binding("p", "print", later("Imprimer"), id="statements.print", tooltip=later("Imprime ce relevé")),
        Binding("d", "file", later("PDF"), id="statements.file", tooltip=later("Écrit ce relevé en PDF")),
        Binding(
            "l",
            "doors",
            later("Liste d'entrée"),
            id="statements.doors",
            tooltip=later("Qui peut entrer, avec les noms : le journal dit qui l'a demandée"),
        ),
        Binding(
            "t",
            "print_all",
            later("Tout imprimer"),
            id="statements.all",
            tooltip=later("Imprime les relevés des séances finies qui n'en ont pas, et demande d'abord"),
        ),
        Binding(
            "s", "week", later("Semaine"), id="statements.week", tooltip=later("La semaine d'un exploitant")
        ),
        Binding(
            "e", "exports", later("Exports"), id="statements.exports", tooltip=later("Écrit des fichiers")
        ),
        Binding("f5", "look", later("Relire"), id="statements.look", tooltip=later("Relit les séances")),
    ]
    DEFAULT_CSS = """
    StatementsDialog {
        &.-wide .dialog { margin-right: 0; }
        .dialog { width: 100%; max-width: 100%; height: 100%; max-height: 100%; padding: 0 1; }
        .dialog-title { margin-bottom: 0; }
        Choices { height: 1fr; scrollbar-size-vertical: 1; }
        Choices > .option-list--option-highlighted, Choices:focus > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
        #statement-says { height: auto; }
        .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(self, house: "House", manager: StaffMember) -> None:
        super().__init__()
        self._house, self._manager = house, manager
        self._day = self._turned_to = business_day(house.clock.now(), house.post.rules.business_day_starts)
        self.rows: tuple[StatementRow, ...] = ()
        self._looks = errands.Latest(self)
        self._printing = self._writing = False
        self._copies = Copies(self, house.clock)
        self.title_text = self._title()

    def _title(self) -> str:
        return _("États · séances du {day}").format(day=day_words(self._day))

    def compose_question(self) -> ComposeResult:
        yield Choices(markup=False, compact=True)
        yield Static(_("Un instant…"), id="statement-says", markup=False)
        yield from self.foot(
            ("enter", _("Entrée relevé")),
            ("p", _("P imprimer")),
            ("d", _("D PDF")),
            ("l", _("L liste d'entrée")),
            ("right", _("← → jour")),
        )
        yield keys_line(
            ("t", _("T tout imprimer")),
            ("s", _("S semaine")),
            ("e", _("E exports")),
            ("f5", _("F5 relire")),
            ("escape", _("Échap fermer")),
        )

    def on_mount(self) -> None:
        self.query_one(Choices).focus()
        self.action_look()

    def nothing(self) -> None:
        return None

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self._draw()

    # -- reading

    def action_look(self) -> None:
        """Read the day again; until it is read, all that is shown and done is of the one before."""
        day = self._turned_to

        def read() -> tuple[StatementRow, ...]:
            with self._house.database.read() as session:
                return list_statements(session, day, clock=self._house.clock)

        def refused(refusal: Refusal) -> None:
            self._turned_to = self._day
            self.say_wrong(refusal)

        self._looks.send(read, lambda rows: self._show(day, rows), refused)

    def changed_elsewhere(self) -> None:
        self.action_look()

    def action_turn(self, by: int) -> None:
        self._turned_to += timedelta(days=by)
        self.say_wrong()
        self.action_look()

    def _show(self, day: date, rows: tuple[StatementRow, ...]) -> None:
        chosen = self._chosen()
        self._day, self.rows = day, rows
        self.query_one(".dialog-title", Static).update(self._title())
        self._draw()
        places = {row.screening_id: place for place, row in enumerate(rows)}
        last_over = max((place for place, row in enumerate(rows) if row.is_over), default=0)
        place = places.get(chosen.screening_id, last_over) if chosen else last_over
        listed = self.query_one(Choices)
        listed.highlighted = place if rows else None
        self.call_after_refresh(listed.scroll_to_highlight)
        if not rows:
            self.query_one("#statement-says", Static).update(_("Aucune séance ce jour-là."))

    def _draw(self) -> None:
        listed = self.query_one(Choices)
        chosen = listed.highlighted
        listed.set_options([Option(row_words(row, self.app.size.width)) for row in self.rows])
        listed.highlighted = chosen

    def _chosen(self) -> StatementRow | None:
        place = self.query_one(Choices).highlighted
        return self.rows[place] if place is not None and place < len(self.rows) else None

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if (row := self._chosen()) is not None:
            self.query_one("#statement-says", Static).update(says(row))

    # -- statements

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        row = self.rows[event.option_index]
        self.app.push_screen(ShowStatement(self._house, row, self._manager), lambda _left: self.action_look())

    def _with_row(self, act: Callable[[StatementRow], None]) -> None:
        def sure() -> None:
            if (row := self._chosen()) is not None:
                act(row)

        self.unless_scanned(sure)

    def action_print(self) -> None:
        def ask(row: StatementRow) -> None:
            if not self._printing:
                self._copies.ask_to_print(str(row.screening_id), lambda: self._print(row.screening_id))

        self._with_row(ask)

    def _print(self, screening_id: int) -> None:
        self._order(lambda: order_statement(self._house, screening_id, self._manager))

    def action_print_all(self) -> None:
        self.unless_scanned(self._ask_which)

    def _ask_which(self) -> None:
        """Say how many wait before any is printed: those that nobody had a seat for can be left out."""
        day = self._day
        waiting = [row for row in self.rows if row.waits]
        empty = sum(row.is_empty for row in waiting)
        with_tickets = len(waiting) - empty
        if not waiting:
            self.say_wrong(_("Aucun relevé n'attend : il n'y a rien à imprimer."))
            return
        asked = plural("{count} relevé", "{count} relevés", len(waiting)).format(count=len(waiting))
        title = _("{statements} : imprimer ?").format(statements=asked)
        if empty:
            title = _("{statements}, dont {empty} sans billet : imprimer ?").format(
                statements=asked, empty=empty
            )
        choices = [
            (count, with_empty)
            for count, with_empty in ((with_tickets, False), (len(waiting), True))
            if count and (empty or with_empty)
        ]
        things = [
            Thing(
                plural("{count} relevé", "{count} relevés", count).format(count=count),
                ""
                if not empty
                else _("ceux sans billet aussi")
                if with_empty
                else _("ceux qui ont des billets"),
            )
            for count, with_empty in choices
        ]

        def chosen(place: int | None) -> None:
            if place is not None:
                self._print_waiting(day, with_empty=choices[place][1])

        self.app.push_screen(Choose(title, things), chosen)

    def _print_waiting(self, day: date, *, with_empty: bool) -> None:
        def order() -> str:
            with self._house.database.write() as session:
                codes = print_waiting(
                    session,
                    self._house.post,
                    day,
                    operator_number=self._manager.number,
                    clock=self._house.clock,
                    with_empty=with_empty,
                )
            if not codes:
                return _("Aucun relevé n'attend : il n'y a rien à imprimer.")
            return plural(
                "{count} relevé demandé à l'imprimante.",
                "{count} relevés demandés à l'imprimante.",
                len(codes),
            ).format(count=len(codes))

        self._order(order)

    def _order(self, order: Callable[[], str]) -> None:
        if self._printing:
            return
        self._printing = True

        def done(said: str) -> None:
            self._printing = False
            self.say_done(said)
            self.action_look()

        def refused(refusal: Refusal) -> None:
            self._printing = False
            self._copies.forget()
            self.say_wrong(refusal)

        errands.send(self, errands.and_print(self._house, order), done, refused)

    def action_file(self) -> None:
        def ask(row: StatementRow) -> None:
            if not self._writing:
                self._copies.ask_to_write(str(row.screening_id), lambda: self._write(row.screening_id))

        self._with_row(ask)

    def _write(self, screening_id: int) -> None:
        self._writing = True

        def written(paths: Sequence[Path]) -> None:
            self._writing = False
            self.app.push_screen(told_files(paths))

        def refused(refusal: Refusal) -> None:
            self._writing = False
            self._copies.forget()
            self.say_wrong(refusal)

        errands.send(
            self, lambda: write_statement(self._house, screening_id, self._manager), written, refused
        )

    def action_doors(self) -> None:
        def show(row: StatementRow) -> None:
            self.app.push_screen(ShowDoors(self._house, row, self._manager))

        self._with_row(show)

    # -- weeks and exports

    def action_week(self) -> None:
        def read() -> tuple[Exhibitor, ...]:
            with self._house.database.read() as session:
                return exhibitors(session)

        def ask() -> None:
            day = self._day
            errands.ask(self, read, lambda found: self._choose_exhibitor(found, day), self.say_wrong)

        self.unless_scanned(ask)

    def _choose_exhibitor(self, found: tuple[Exhibitor, ...], day: date) -> None:
        if not found:
            self.say_wrong(_("Aucun lieu ne déclare ses semaines au CNC."))
        elif len(found) == 1:
            self._show_week(found[0], day)
        else:
            things = [Thing(each.name, each.town) for each in found]

            def chosen(place: int | None) -> None:
                if place is not None:
                    self._show_week(found[place], day)

            self.app.push_screen(Choose(_("La semaine de quel exploitant ?"), things), chosen)

    def _show_week(self, exhibitor: Exhibitor, day: date) -> None:
        self.app.push_screen(ShowWeek(self._house, exhibitor, day, self._manager))

    def action_exports(self) -> None:
        def choose() -> None:
            choose_export(self, self._house, self._manager, self._day, self._chosen())

        self.unless_scanned(choose)
