"""Statements of screenings and weeks, and the lists of who may come in: shown, printed or written as PDF."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.kinds import Action
from boxoffice.language import _

from .answering import Asker, allowed_asker, prove_asker
from .exports import DAYS
from .options import AsJson
from .spoken import Misuse, add_command
from .statement_json import door_list_told, statement_told, week_told
from .workplace import opened_house, print_json, print_table

if TYPE_CHECKING:
    from boxoffice.house import House
    from boxoffice.sales.prints.statement_papers import DoorListPaper, StatementPaper, WeekPaper
    from boxoffice.sales.statements.listing import StatementRow

CODE = typer.Argument(metavar=_("CODE"), help=_("Le code de la séance."))
AS_PDF = typer.Option("--pdf", help=_("L'écrire en PDF, et dire où."))
CORRECT = typer.Option(
    "--correct", help=_("En faire un rectificatif, si quelque chose a changé depuis ; avec --print ou --pdf.")
)
ON_PAPER = typer.Option("--print", help=_("L'imprimer à l'imprimante des états de ce poste."))


def add_to(report: typer.Typer) -> None:
    """Add these commands to the group of reports."""
    add_command(report, "screenings", screenings, _("Les séances d'une journée et leurs relevés."))
    add_command(report, "screening", screening, _("Le relevé d'une séance."))
    add_command(
        report, "doors", doors, _("Qui peut entrer à une séance, avec les noms ; un responsable en répond.")
    )
    add_command(report, "week", week, _("Le bordereau de semaine d'un exploitant, du mercredi au mardi."))


def screenings(
    of: Annotated[
        datetime | None,
        typer.Argument(formats=DAYS, metavar=_("JOUR"), help=_("La journée ; celle d'aujourd'hui, sinon.")),
    ] = None,
    on_paper: Annotated[
        bool, typer.Option("--print", help=_("Imprimer les relevés des séances finies qui n'en ont pas."))
    ] = False,
    with_tickets: Annotated[
        bool, typer.Option("--with-tickets", help=_("N'imprimer que ceux qui ont au moins une place."))
    ] = False,
    by: Asker = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.clock import business_day, say
    from boxoffice.money import format_euros
    from boxoffice.sales.statements.listing import list_statements, print_waiting

    with opened_house() as house:
        day = of.date() if of else business_day(house.clock.now(), house.post.rules.business_day_starts)
        number = _asker(house, by, f"screenings {day}")
        if on_paper:
            with house.database.write() as session:
                print_waiting(
                    session,
                    house.post,
                    day,
                    operator_number=number,
                    clock=house.clock,
                    with_empty=not with_tickets,
                )
        with house.database.read() as session:
            rows = list_statements(session, day, clock=house.clock)
    if as_json:
        print_json(
            [
                {
                    "screening": row.code,
                    "title": row.title,
                    "starts_at": row.starts_at.isoformat(),
                    "sold": row.sold,
                    "takings_cents": row.takings_cents,
                    "empty": row.is_empty,
                    "cancelled": row.is_cancelled,
                    "statement": row.state.value,
                    "changed_since": row.changed,
                }
                for row in rows
            ]
        )
    elif rows:
        print_table(
            (_("code"), _("heure"), _("séance"), _("billets"), _("recette"), _("relevé")),
            [
                (
                    row.code,
                    say(row.starts_at, "HH:mm"),
                    row.title,
                    str(row.sold),
                    format_euros(row.takings_cents),
                    _state(row),
                )
                for row in rows
            ],
        )
    else:
        typer.echo(_("Aucune séance ce jour-là."))


def screening(
    code: Annotated[str, CODE],
    pdf: Annotated[bool, AS_PDF] = False,
    on_paper: Annotated[bool, ON_PAPER] = False,
    correct: Annotated[bool, CORRECT] = False,
    by: Asker = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.exporting.papers import export_statement
    from boxoffice.sales.statements.screening_statement import print_statement, show_statement
    from boxoffice.sales.statements.showings import find_screening

    _only_one(pdf, on_paper)
    _refuse_to_show(correct=correct, given=pdf or on_paper)
    with opened_house() as house:
        with house.database.read() as session:
            screening_id = find_screening(session, code)
        number = _asker(house, by, f"screening {code}")
        with house.database.read() as session:
            paper = show_statement(session, screening_id, at=house.clock.now())
        if pdf:
            paper, path = export_statement(
                house.database,
                house.post,
                screening_id,
                house.settings.exports_folder,
                operator_number=number,
                clock=house.clock,
                correct=correct,
            )
            typer.echo(str(path), err=as_json)
            _say_left_out(paper)
        elif on_paper:
            with house.database.write() as session:
                paper = print_statement(
                    session,
                    house.post,
                    screening_id,
                    operator_number=number,
                    clock=house.clock,
                    correct=correct,
                )
            _say_ordered(as_json=as_json)
    if as_json:
        print_json(statement_told(paper))
    elif not (pdf or on_paper):
        _show(paper)


def doors(
    code: Annotated[str, CODE],
    pdf: Annotated[bool, AS_PDF] = False,
    on_paper: Annotated[bool, ON_PAPER] = False,
    by: Asker = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.exporting.papers import export_doors
    from boxoffice.sales.statements.door_list import open_doors, print_doors
    from boxoffice.sales.statements.showings import find_screening

    _only_one(pdf, on_paper, as_json)
    with opened_house() as house:
        with house.database.read() as session:
            screening_id = find_screening(session, code)
        number = prove_asker(house, by, Action.EXPORT_FIGURES, f"doors {code}").number
        if pdf:
            folder = house.settings.copies_folder
            _paper, path = export_doors(
                house.database,
                house.post,
                screening_id,
                folder,
                operator_number=number,
                clock=house.clock,
            )
            typer.echo(str(path))
            return
        with house.database.write() as session:
            if on_paper:
                print_doors(session, house.post, screening_id, operator_number=number, clock=house.clock)
                _say_ordered(as_json=False)
                return
            paper = open_doors(session, house.post, screening_id, operator_number=number, clock=house.clock)
    if as_json:
        print_json(door_list_told(paper))
    else:
        _show(paper)


def week(
    of: Annotated[
        datetime | None,
        typer.Argument(
            formats=DAYS, metavar=_("JOUR"), help=_("Un jour de la semaine ; celle d'aujourd'hui, sinon.")
        ),
    ] = None,
    venue: Annotated[str, typer.Option(metavar="CODE", help=_("Le lieu, s'il y en a plusieurs."))] = "",
    pdf: Annotated[bool, typer.Option("--pdf", help=_("L'écrire en PDF et en CSV, et dire où."))] = False,
    on_paper: Annotated[bool, ON_PAPER] = False,
    correct: Annotated[bool, CORRECT] = False,
    by: Asker = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.clock import business_day
    from boxoffice.exporting.papers import export_week
    from boxoffice.sales.statements.exhibitor_week import find_exhibitor, print_week, show_week

    _only_one(pdf, on_paper)
    _refuse_to_show(correct=correct, given=pdf or on_paper)
    with opened_house() as house:
        day = of.date() if of else business_day(house.clock.now(), house.post.rules.business_day_starts)
        with house.database.read() as session:
            venue_id = find_exhibitor(session, venue).venue_id
        number = _asker(house, by, f"week {day}")
        with house.database.read() as session:
            paper = show_week(session, venue_id, day, at=house.clock.now())
        if pdf:
            paper, paths = export_week(
                house.database,
                house.post,
                venue_id,
                day,
                house.settings.exports_folder,
                operator_number=number,
                clock=house.clock,
                correct=correct,
            )
            for path in paths:
                typer.echo(str(path), err=as_json)
            _say_left_out(paper)
        elif on_paper:
            with house.database.write() as session:
                paper = print_week(
                    session,
                    house.post,
                    venue_id,
                    day,
                    operator_number=number,
                    clock=house.clock,
                    correct=correct,
                )
            _say_ordered(as_json=as_json)
    if as_json:
        print_json(week_told(paper))
    elif not (pdf or on_paper):
        _show(paper)


def _asker(house: "House", by: int | None, what: str) -> int | None:
    """The number of who asks for statements, unless everybody may."""
    asker = allowed_asker(house, by, Action.EXPORT_FIGURES, what)
    return asker.number if asker else None


def _say_left_out(paper: "StatementPaper | WeekPaper") -> None:
    """Say what the file may lack: a CSV has no room for it."""
    from boxoffice.sales.exports.put_back import left_out_words

    if paper.restorings:
        typer.echo(left_out_words(paper.restorings), err=True)


def _state(row: "StatementRow") -> str:
    from boxoffice.sales.statements.listing import StatementState

    words = {
        StatementState.NOT_OVER: _("séance pas finie"),
        StatementState.TO_GIVE: _("à imprimer"),
        StatementState.ORDERED: _("demandé"),
        StatementState.UNCERTAIN: _("à vérifier"),
        StatementState.GIVEN_UP: _("pas sorti"),
        StatementState.ON_PAPER: _("imprimé"),
        StatementState.ON_FILE: _("en PDF"),
    }
    return _("{state}, changé depuis").format(state=words[row.state]) if row.changed else words[row.state]


def _only_one(*chosen: bool) -> None:
    if sum(chosen) > 1:
        raise Misuse(_("Choisissez une seule façon de le donner."))


def _refuse_to_show(*, correct: bool, given: bool) -> None:
    """A corrected statement is given out, or it is none."""
    if correct and not given:
        raise Misuse(_("Dites aussi --print ou --pdf : un rectificatif se donne."))


def _say_ordered(*, as_json: bool) -> None:
    typer.echo(_("Il attend l'imprimante : il sort quand la caisse est ouverte."), err=as_json)


def _show(paper: "StatementPaper | DoorListPaper | WeekPaper") -> None:
    from boxoffice.printing.pdf import COLUMNS
    from boxoffice.printing.rendering import to_plain

    typer.echo(to_plain(paper, COLUMNS), nl=False)
