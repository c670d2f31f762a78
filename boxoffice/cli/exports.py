"""Exports for spreadsheets, accountants and tax offices, written as files that nobody else can read."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.errors import Refusal
from boxoffice.kinds import ClosingPeriod
from boxoffice.language import _, plural

from .answering import AnsweredBy, answering_manager
from .options import AsJson
from .spoken import Misuse, add_command, group
from .workplace import opened_house, print_json, progress_bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.exporting.tables import FileKind
    from boxoffice.sales.closings.put_back import Restoring
    from boxoffice.sales.exports.operations import Scope

DAYS = ["%Y-%m-%d", "%d/%m/%Y"]
FORMAT = typer.Option("--format", metavar="csv|xlsx", help=_("La sorte de fichier."))
FOLDER = typer.Option(
    "--out", metavar=_("DOSSIER"), help=_("Où écrire ; « exports » dans le dossier des données, sinon.")
)
FIRST = typer.Argument(formats=DAYS, metavar=_("PREMIER"), help=_("Le premier jour."))
LAST = typer.Argument(formats=DAYS, metavar=_("DERNIER"), help=_("Le dernier jour, compris."))


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    export = group(_("Écrire des chiffres pour d'autres programmes."))
    add_command(export, "day", day, _("Les opérations d'une journée."))
    add_command(export, "period", period, _("Les opérations d'une période."))
    add_command(export, "screening", screening, _("Les lignes vendues d'une séance."))
    add_command(export, "cashier", cashier, _("Les opérations d'un caissier."))
    add_command(export, "customers", customers, _("La liste des clients ; un responsable en répond."))
    add_command(export, "z", z, _("Une clôture en PDF."))
    add_command(export, "fec", fec, _("Les écritures comptables des journées clôturées, au format FEC."))
    add_command(export, "ereporting", ereporting, _("Les totaux à déclarer, par jour, catégorie et taux."))
    commands.add_typer(export, name="export")


def day(
    of: Annotated[
        datetime | None,
        typer.Argument(formats=DAYS, metavar=_("JOUR"), help=_("La journée ; celle d'aujourd'hui, sinon.")),
    ] = None,
    kind: Annotated[str, FORMAT] = "csv",
    folder: Annotated[Path | None, FOLDER] = None,
    manager: AnsweredBy = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.sales.exports.operations import Scope

    _write(Scope(_day(of), _day(of)), kind, folder, manager, as_json=as_json)


def period(
    first: Annotated[datetime, FIRST],
    last: Annotated[datetime, LAST],
    kind: Annotated[str, FORMAT] = "csv",
    folder: Annotated[Path | None, FOLDER] = None,
    manager: AnsweredBy = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.sales.exports.operations import Scope

    _write(Scope(_day(first), _day(last)), kind, folder, manager, as_json=as_json)


def screening(
    code: Annotated[str, typer.Argument(metavar=_("CODE"), help=_("Le code de la séance."))],
    kind: Annotated[str, FORMAT] = "csv",
    folder: Annotated[Path | None, FOLDER] = None,
    manager: AnsweredBy = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.sales.exports.operations import Scope

    _write(Scope(screening=code), kind, folder, manager, as_json=as_json)


def cashier(
    number: Annotated[int, typer.Argument(metavar="N", help=_("Le numéro de l'opérateur."))],
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=DAYS, metavar=_("JOUR"), help=_("Le premier jour.")),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=DAYS, metavar=_("JOUR"), help=_("Le dernier jour, compris.")),
    ] = None,
    kind: Annotated[str, FORMAT] = "csv",
    folder: Annotated[Path | None, FOLDER] = None,
    manager: AnsweredBy = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.sales.exports.operations import Scope

    _write(Scope(_day(first), _day(last), number), kind, folder, manager, as_json=as_json)


def customers(
    kind: Annotated[str, FORMAT] = "csv",
    manager: AnsweredBy = None,
    as_json: AsJson = False,
) -> None:
    """No folder is asked for: what has names in it must be found again when a customer is erased."""
    from boxoffice.exporting.tables import export_customers

    chosen = _kind(kind)
    with opened_house() as house:
        answering = answering_manager(house, manager)
        with progress_bar(_("Clients")) as show:
            path = export_customers(
                house.database,
                house.post,
                house.settings.copies_folder,
                chosen,
                manager=answering,
                clock=house.clock,
                show=show,
            )
    _say([path], as_json=as_json)


def z(
    number: Annotated[int, typer.Argument(metavar="N", help=_("Le numéro du Z."))],
    of_till: Annotated[
        int | None,
        typer.Option("--till", metavar="N", help=_("Le numéro de la caisse ; toute la billetterie sinon.")),
    ] = None,
    of: Annotated[
        ClosingPeriod, typer.Option("--period", help=_("Sans caisse : journée, mois ou année."))
    ] = ClosingPeriod.DAY,
    folder: Annotated[Path | None, FOLDER] = None,
    manager: AnsweredBy = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.exporting.papers import export_closing
    from boxoffice.sales.closings.closing import find_numbered
    from boxoffice.sales.closings.state import find_till

    with opened_house() as house:
        with house.database.read() as session:
            till_id = None if of_till is None else find_till(session, of_till)
            kind = of if till_id is None else ClosingPeriod.TILL
            made = find_numbered(session, kind, number, till_id)
        if made is None:
            raise Refusal(_("Cette clôture n'existe pas."), _("« boxoffice report z » les liste."))
        answering = answering_manager(house, manager)
        path = export_closing(
            house.database,
            house.post,
            made.id,
            folder or house.settings.exports_folder,
            answered_by=answering,
            clock=house.clock,
        )
    _say([path], as_json=as_json)


def fec(
    first: Annotated[
        datetime | None,
        typer.Argument(
            formats=DAYS, metavar=_("PREMIER"), help=_("Le premier jour ; celui de l'année, sinon.")
        ),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Argument(
            formats=DAYS, metavar=_("DERNIER"), help=_("Le dernier jour de l'exercice, qui nomme le fichier.")
        ),
    ] = None,
    pipes: Annotated[
        bool, typer.Option("--pipes", help=_("Séparer les champs par « | » au lieu de tabulations."))
    ] = False,
    folder: Annotated[Path | None, FOLDER] = None,
    manager: AnsweredBy = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.clock import business_day
    from boxoffice.exporting.accounting import export_entries
    from boxoffice.sales.exports.fec import left_out_numbers_words
    from boxoffice.sales.exports.put_back import left_out_told

    with opened_house() as house:
        answering = answering_manager(house, manager)
        today = business_day(house.clock.now(), house.post.rules.business_day_starts)
        since = _day(first) or date(today.year, 1, 1)
        written = export_entries(
            house.database,
            house.post,
            since,
            _day(last) or date(since.year, 12, 31),
            folder or house.settings.exports_folder,
            answered_by=answering,
            clock=house.clock,
            separator="|" if pipes else "\t",
        )
    entries = written.entries
    if as_json:
        total = sum(entry.debit_cents for entry in entries)
        told = {"entries": len(entries), "debit_cents": total, "not_closed": _iso(written.not_closed)}
        numbers = {
            "numbers": [entry.number for entry in entries],
            "numbers_left_out": written.numbers_left_out,
            "left_out": left_out_told(written.left_out),
        }
        print_json({"files": [str(written.path)], **told, "by_today": _iso(written.by_today), **numbers})
        return
    typer.echo(str(written.path))
    typer.echo(
        plural("{count} écriture équilibrée.", "{count} écritures équilibrées.", len(entries)).format(
            count=len(entries)
        )
    )
    _warn(written.not_closed, written.by_today)
    _warn_left_out(written.left_out, left_out_numbers_words(written.numbers_left_out))


def ereporting(
    first: Annotated[datetime, FIRST],
    last: Annotated[datetime, LAST],
    folder: Annotated[Path | None, FOLDER] = None,
    manager: AnsweredBy = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.exporting.accounting import export_e_reporting

    with opened_house() as house:
        answering = answering_manager(house, manager)
        written = export_e_reporting(
            house.database,
            house.post,
            first.date(),
            last.date(),
            folder or house.settings.exports_folder,
            answered_by=answering,
            clock=house.clock,
        )
    if as_json:
        files = [str(path) for path in written.paths]
        days = {"not_closed": _iso(written.not_closed), "by_today": _iso(written.by_today)}
        print_json({"files": files, **days, **written.data})
        return
    _say(list(written.paths), as_json=False)
    _warn(written.not_closed, written.by_today)
    _warn_left_out(written.left_out)


def _write(scope: "Scope", kind: str, folder: Path | None, manager: int | None, *, as_json: bool) -> None:
    """Write the operations of a scope, for which a manager answers; those of today where it names nothing."""
    from dataclasses import replace

    from boxoffice.clock import business_day
    from boxoffice.exporting.tables import export_operations
    from boxoffice.sales.exports.operations import Scope, nothing_words, still_open_words
    from boxoffice.sales.exports.put_back import left_out_told

    chosen = _kind(kind)
    with opened_house() as house:
        answering = answering_manager(house, manager)
        if scope == Scope():
            today = business_day(house.clock.now(), house.post.rules.business_day_starts)
            scope = replace(scope, first=today, last=today)
        with progress_bar(_("Opérations")) as show:
            written = export_operations(
                house.database,
                house.post,
                scope,
                folder or house.settings.exports_folder,
                chosen,
                answered_by=answering,
                clock=house.clock,
                show=show,
            )
    if as_json:
        told = {"lines": written.lines, "not_closed": _iso(written.not_closed)}
        left_out = left_out_told(written.left_out)
        print_json({"files": [str(path) for path in written.paths], **told, "left_out": left_out})
        return
    _say(list(written.paths), as_json=False)
    _warn_left_out(written.left_out, nothing_words(written.lines), still_open_words(written.not_closed))


def _say(paths: list[Path], *, as_json: bool) -> None:
    if as_json:
        print_json({"files": [str(path) for path in paths]})
        return
    for path in paths:
        typer.echo(str(path))


def _warn(not_closed: tuple[date, ...], by_today: tuple[date, ...]) -> None:
    """Say on which days something was sold that the file does not hold, and which kept no accounts."""
    from boxoffice.sales.exports.closed_days import by_today_words

    if by_today:
        typer.echo(by_today_words(by_today), err=True)
    if not_closed:
        days = ", ".join(f"{day:%d/%m/%Y}" for day in not_closed)
        typer.echo(_("Pas encore clôturées, donc absentes : {days}.").format(days=days), err=True)


def _warn_left_out(restorings: "Sequence[Restoring]", *more: str) -> None:
    """Say what was done and is not in the file: it was in a database that a backup took the place of."""
    from boxoffice.sales.exports.put_back import left_out_words

    for said in filter(None, (left_out_words(restorings), *more)):
        typer.echo(said, err=True)


def _iso(days: tuple[date, ...]) -> list[str]:
    return [day.isoformat() for day in days]


def _kind(text: str) -> "FileKind":
    from boxoffice.exporting.tables import FileKind

    if text.lower() not in set(FileKind):
        raise Misuse(_("Un export s'écrit en csv ou en xlsx."))
    return FileKind(text.lower())


def _day(at: datetime | None) -> date | None:
    return None if at is None else at.date()
