"""Statements of screenings and weeks, and the lists of who may come in: shown, printed or written as PDF."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from boxoffice.language import _

from .answering import AnsweredBy, answering_manager
from .exports import DAYS
from .spoken import Misuse, add_command
from .workplace import opened_house, print_json, print_table

if TYPE_CHECKING:
    from boxoffice.sales.prints.statement_papers import (
        DoorListPaper,
        PaperTariff,
        StatementPaper,
        WeekPaper,
    )
    from boxoffice.sales.statements.listing import StatementRow

CODE = typer.Argument(metavar=_("CODE"), help=_("Le code de la séance."))
AS_JSON = typer.Option("--json", help=_("Écrire le résultat en JSON."))
AS_PDF = typer.Option("--pdf", help=_("L'écrire en PDF, et dire où."))
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
    as_json: Annotated[bool, AS_JSON] = False,
) -> None:
    from boxoffice.clock import business_day, say
    from boxoffice.money import format_euros
    from boxoffice.sales.statements.listing import list_statements, print_waiting

    with opened_house() as house:
        day = of.date() if of else business_day(house.clock.now(), house.post.rules.business_day_starts)
        if on_paper:
            with house.database.write() as session:
                print_waiting(session, house.post, day, operator_number=None, clock=house.clock)
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
                    "over": row.is_over,
                    "cancelled": row.is_cancelled,
                    "printed": row.printed,
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
    as_json: Annotated[bool, AS_JSON] = False,
) -> None:
    from boxoffice.printing.exporting import export_statement
    from boxoffice.sales.statements.screening_statement import print_statement, read_statement
    from boxoffice.sales.statements.showings import find_screening

    _only_one(pdf, on_paper)
    with opened_house() as house:
        with house.database.read() as session:
            screening_id = find_screening(session, code)
            paper = read_statement(session, screening_id, at=house.clock.now())
        if pdf:
            paper, path = export_statement(
                house.database,
                house.post,
                screening_id,
                house.settings.exports_folder,
                operator_number=None,
                clock=house.clock,
            )
            typer.echo(str(path), err=as_json)
        elif on_paper:
            with house.database.write() as session:
                print_statement(session, house.post, screening_id, operator_number=None, clock=house.clock)
            _say_ordered(as_json=as_json)
    if as_json:
        print_json(_statement(paper))
    elif not (pdf or on_paper):
        _show(paper)


def doors(
    code: Annotated[str, CODE],
    pdf: Annotated[bool, AS_PDF] = False,
    on_paper: Annotated[bool, ON_PAPER] = False,
    manager: AnsweredBy = None,
    as_json: Annotated[bool, AS_JSON] = False,
) -> None:
    from boxoffice.printing.exporting import export_doors
    from boxoffice.sales.statements.door_list import open_doors, print_doors
    from boxoffice.sales.statements.showings import find_screening

    _only_one(pdf, on_paper, as_json)
    with opened_house() as house:
        with house.database.read() as session:
            screening_id = find_screening(session, code)
        number = answering_manager(house, manager).number
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
        print_json(_door_list(paper))
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
    as_json: Annotated[bool, AS_JSON] = False,
) -> None:
    from boxoffice.clock import business_day
    from boxoffice.printing.exporting import export_week
    from boxoffice.sales.statements.exhibitor_week import find_exhibitor, print_week, read_week

    _only_one(pdf, on_paper)
    with opened_house() as house:
        day = of.date() if of else business_day(house.clock.now(), house.post.rules.business_day_starts)
        with house.database.read() as session:
            venue_id = find_exhibitor(session, venue).venue_id
            paper = read_week(session, venue_id, day, at=house.clock.now())
        if pdf:
            paper, paths = export_week(
                house.database,
                house.post,
                venue_id,
                day,
                house.settings.exports_folder,
                operator_number=None,
                clock=house.clock,
            )
            for path in paths:
                typer.echo(str(path), err=as_json)
        elif on_paper:
            with house.database.write() as session:
                print_week(session, house.post, venue_id, day, operator_number=None, clock=house.clock)
            _say_ordered(as_json=as_json)
    if as_json:
        print_json(_week(paper))
    elif not (pdf or on_paper):
        _show(paper)


def _state(row: "StatementRow") -> str:
    if row.printed:
        return _("imprimé")
    return _("à imprimer") if row.is_over else _("séance pas finie")


def _only_one(*chosen: bool) -> None:
    if sum(chosen) > 1:
        raise Misuse(_("Choisissez une seule façon de le donner."))


def _say_ordered(*, as_json: bool) -> None:
    typer.echo(_("Il attend l'imprimante : il sort quand la caisse est ouverte."), err=as_json)


def _show(paper: "StatementPaper | DoorListPaper | WeekPaper") -> None:
    from boxoffice.printing.pdf import COLUMNS
    from boxoffice.printing.rendering import to_plain

    typer.echo(to_plain(paper, COLUMNS), nl=False)


def _statement(paper: "StatementPaper") -> dict[str, Any]:
    return {
        "screening": paper.showing.code,
        "title": paper.showing.event_title,
        "starts_at": paper.showing.starts_at.isoformat(),
        "at": paper.at.isoformat(),
        "provisional": paper.provisional,
        "regime": paper.regime.value,
        "capacity": paper.capacity,
        "sold": paper.sold,
        "free": paper.free,
        "booked": paper.booked,
        "reserved": paper.reserved,
        "used": paper.used,
        "takings_cents": paper.takings_cents,
        "takings_by_rate": {str(rate): cents for rate, cents in paper.takings_by_rate.items()},
        "tariffs": [_tariff(tariff) for tariff in paper.tariffs],
        "passes": [
            {
                "label": seats.label,
                "accreditation": seats.is_accreditation,
                "booked": seats.booked,
                "used": seats.used,
            }
            for seats in paper.passes
        ],
        "numbers": [
            {
                "till": series.till_number,
                "first": series.first,
                "last": series.last,
                "tickets": series.tickets,
                "missing": series.missing,
            }
            for series in paper.numbers
        ],
    }


def _door_list(paper: "DoorListPaper") -> dict[str, Any]:
    return {
        "screening": paper.showing.code,
        "at": paper.at.isoformat(),
        "tickets": [
            {"number": each.number, "tariff": each.tariff, "holder": each.holder, "used": each.used}
            for each in paper.tickets
        ],
        "passes": [
            {
                "number": each.number,
                "holder": each.holder,
                "seats": each.seats,
                "used": each.used,
                "blocked": each.blocked,
            }
            for each in paper.passes
        ],
        "reservations": [
            {
                "reference": each.reference,
                "holder": each.holder,
                "seats": each.seats,
                "due_cents": each.due_cents,
            }
            for each in paper.reservations
        ],
    }


def _week(paper: "WeekPaper") -> dict[str, Any]:
    return {
        "venue": paper.venue_code,
        "first_day": paper.first_day.isoformat(),
        "last_day": paper.last_day.isoformat(),
        "at": paper.at.isoformat(),
        "provisional": paper.provisional,
        "entries": paper.entries,
        "takings_cents": paper.takings_cents,
        "films": [
            {
                "title": film.title,
                "version": film.version,
                "entries": film.entries,
                "takings_cents": film.takings_cents,
                "screenings": [
                    {
                        "screening": screening.showing.code,
                        "starts_at": screening.showing.starts_at.isoformat(),
                        "hall": screening.showing.hall,
                        "entries": screening.entries,
                        "booked": screening.booked,
                        "takings_cents": screening.takings_cents,
                        "tariffs": [_tariff(tariff) for tariff in screening.tariffs],
                    }
                    for screening in film.screenings
                ],
            }
            for film in paper.films
        ],
    }


def _tariff(tariff: "PaperTariff") -> dict[str, Any]:
    return {
        "code": tariff.code,
        "label": tariff.label,
        "price_cents": tariff.price_cents,
        "vat_rate": tariff.vat_rate,
        "issued": tariff.issued,
        "cancelled": tariff.cancelled,
        "credited": tariff.credited,
        "used": tariff.used,
        "takings_cents": tariff.takings_cents,
    }
