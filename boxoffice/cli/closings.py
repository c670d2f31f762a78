"""Readings and closings from the command line: of tills, of days, of months and of years."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from boxoffice.errors import Refusal
from boxoffice.kinds import Action, ClosingPeriod
from boxoffice.language import _
from boxoffice.money import format_euros, parse_amount

from .answering import AnsweredBy, Asker, allowed_asker, answering_manager
from .options import AsJson
from .spoken import Misuse, add_command, group
from .workplace import opened_house, print_json, print_table, progress_bar

if TYPE_CHECKING:
    from sqlmodel import Session

    from boxoffice.house import House
    from boxoffice.sales.closings.outcomes import Made, Reading
    from boxoffice.sales.prints.papers import Paper

COLUMNS = 48
"""How wide readings and closings are shown, as on the widest paper."""

ON_PAPER = typer.Option("--print", help=_("L'imprimer à l'imprimante des états de ce poste."))
TILL = typer.Option("--till", metavar="N", help=_("Le numéro de la caisse ; toute la billetterie sinon."))


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    close = group(_("Clore les caisses, puis la journée, le mois et l'année."))
    add_command(close, "state", state, _("Dire ce qui reste à clore, et ce qui s'y oppose."))
    add_command(close, "till", till, _("Clore une caisse : la session ouverte, puis son Z."))
    add_command(close, "day", day, _("Clore la plus ancienne journée, une fois toutes ses caisses closes."))
    add_command(close, "month", month, _("Clore le plus ancien mois fini."))
    add_command(close, "year", year, _("Clore la plus ancienne année finie."))
    commands.add_typer(close, name="close")


def add_to_reports(report: typer.Typer) -> None:
    """Add readings and closings to the group of reports."""
    add_command(report, "x", x, _("Lire les chiffres d'une caisse ou de la billetterie, sans rien clore."))
    add_command(report, "z", z, _("Relire une clôture, ou lister les dernières ; son papier est une copie."))


def x(
    number: Annotated[int | None, TILL] = None,
    on_paper: Annotated[bool, ON_PAPER] = False,
    by: Asker = None,
    as_json: AsJson = False,
) -> None:
    """Where drawers are counted blind, takings are for who answers for differences."""
    from boxoffice.sales.closings.papers_of_closings import print_reading
    from boxoffice.sales.closings.readings import read_box_office, read_till
    from boxoffice.sales.prints.closing_papers import ReadingPaper
    from boxoffice.sales.prints.letterhead import read_letterhead

    with opened_house() as house:
        rules = house.post.rules
        blind = rules.blind_count
        with house.database.read() as session:
            till_id = None if number is None else _till_id(session, number)
        mine = Action.SEE_TAKINGS if till_id == house.post.till_id else Action.SEE_FIGURES
        allowed_asker(house, by, Action.ANSWER_DIFFERENCE if blind else mine, f"X {number or ''}".strip())
        with house.database.read() as session:
            if till_id is None:
                reading = read_box_office(session, rules, clock=house.clock, blind=blind)
            else:
                reading = read_till(session, rules, till_id, clock=house.clock, blind=blind)
            paper = ReadingPaper(read_letterhead(session), reading)
        if on_paper:
            with house.database.write() as session:
                print_reading(session, house.post, till_id, clock=house.clock)
    if as_json:
        print_json(_told(reading))
    else:
        _show(paper)


def z(
    number: Annotated[int | None, typer.Argument(metavar="N", help=_("Le numéro du Z."))] = None,
    of_till: Annotated[int | None, TILL] = None,
    period: Annotated[
        ClosingPeriod, typer.Option(help=_("Sans caisse : journée, mois ou année."))
    ] = ClosingPeriod.DAY,
    on_paper: Annotated[bool, ON_PAPER] = False,
    by: Asker = None,
    as_json: AsJson = False,
) -> None:
    """Without a number, the last closings; a copy on paper is a DUPLICATA, for which a manager answers."""
    from boxoffice.sales.closings.closing import find_numbered
    from boxoffice.sales.closings.papers_of_closings import print_closing_again

    with opened_house() as house:
        if number is None:
            allowed_asker(house, by, Action.SEE_FIGURES, "Z")
            _list(house, as_json=as_json)
            return
        with house.database.read() as session:
            till_id = None if of_till is None else _till_id(session, of_till)
            kind = ClosingPeriod.TILL if till_id is not None else period
            made = find_numbered(session, kind, number, till_id)
        if made is None:
            raise Refusal(_("Cette clôture n'existe pas."), _("« boxoffice report z » les liste."))
        if not on_paper:
            allowed_asker(house, by, Action.REPRINT_CLOSING, f"Z {number} {kind}")
        else:
            answering = answering_manager(house, by)
            with house.database.write() as session:
                print_closing_again(session, house.post, answering, made.id, clock=house.clock)
        _say_made(house, made, as_json=as_json)


def state(as_json: AsJson = False) -> None:
    from boxoffice.sales.closings.figures import tell
    from boxoffice.sales.closings.state import read_state
    from boxoffice.sales.staff.standing import day_words

    with opened_house() as house, house.database.read() as session:
        found = read_state(session, house.post.rules, clock=house.clock)
    if as_json:
        print_json(tell(found))
        return
    for each in found.tills:
        if each.days is None:
            said = _("rien à clore")
        elif each.is_late:
            said = _("journée du {day} à clore, rien ne s'y vend").format(day=day_words(each.days[0]))
        else:
            said = _("à clore")
        typer.echo(_("Caisse {till} : {said}.").format(till=each.till, said=said))
        for obstacle in each.obstacles:
            typer.echo(f"  {obstacle.message} {obstacle.remedy}")
    if found.day is not None:
        typer.echo(_("La journée du {day} est à clore.").format(day=day_words(found.day)))
    for obstacle in found.stops:
        typer.echo(f"  {obstacle.message} {obstacle.remedy}")
    for over, words in (
        (found.month, _("Le mois fini le {day} est à clore.")),
        (found.year, _("L'année finie le {day} est à clore.")),
    ):
        if over is not None:
            typer.echo(words.format(day=f"{over:%d/%m/%Y}"))


def till(
    number: Annotated[
        int | None, typer.Argument(metavar="N", help=_("Le numéro de la caisse ; celle de ce poste sinon."))
    ] = None,
    counted: Annotated[
        str | None, typer.Option(metavar=_("MONTANT"), help=_("Les espèces comptées dans le tiroir."))
    ] = None,
    count: Annotated[
        list[str] | None,
        typer.Option(
            metavar=_("COUPURE=NOMBRE"),
            help=_("Billets ou pièces comptés, une option par coupure : --count 50=3 --count 0,20=12."),
        ),
    ] = None,
    cards: Annotated[
        str | None, typer.Option(metavar=_("MONTANT"), help=_("Le total des cartes bancaires."))
    ] = None,
    cheques: Annotated[
        str | None, typer.Option(metavar=_("MONTANT"), help=_("Le total des chèques."))
    ] = None,
    deposit: Annotated[
        str | None, typer.Option(metavar=_("MONTANT"), help=_("Ce qui part à la banque."))
    ] = None,
    reason: Annotated[str, typer.Option(metavar=_("TEXTE"), help=_("Le motif d'un écart."))] = "",
    note: Annotated[str, typer.Option(metavar=_("TEXTE"), help=_("Ce que la relève doit savoir."))] = "",
    manager: AnsweredBy = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.sales.closings.till_closing import CloseTill, close_till
    from boxoffice.sales.means import CARD, CHEQUE
    from boxoffice.sales.staff.shift_closing import ShiftEnd

    pieces = _pieces(count or ())
    cash = _cents(counted)
    if cash is None and pieces:
        cash = sum(value * number for value, number in pieces.items())
    typed = {CARD.code: _cents(cards), CHEQUE.code: _cents(cheques)}
    end = ShiftEnd(
        pieces=pieces,
        totals={means: cents for means, cents in typed.items() if cents is not None},
        deposit_cents=_cents(deposit) or 0,
        reason=reason,
        note=note,
    )
    with opened_house() as house:
        with house.database.read() as session:
            till_id = house.post.till_id if number is None else _till_id(session, number)
        answering = answering_manager(house, manager)
        command = CloseTill(uuid4(), till_id, cash, end)
        made = house.database.attempt(
            lambda session: close_till(session, command, house.post, answering, clock=house.clock)
        )
        _say_made(house, made, as_json=as_json)


def day(manager: AnsweredBy = None, as_json: AsJson = False) -> None:
    _close_period(ClosingPeriod.DAY, manager, as_json=as_json)


def month(manager: AnsweredBy = None, as_json: AsJson = False) -> None:
    _close_period(ClosingPeriod.MONTH, manager, as_json=as_json)


def year(manager: AnsweredBy = None, as_json: AsJson = False) -> None:
    _close_period(ClosingPeriod.YEAR, manager, as_json=as_json)


def _close_period(period: ClosingPeriod, manager: int | None, *, as_json: bool) -> None:
    from boxoffice.sales.closings.period_closing import ClosePeriod, close_period

    with opened_house() as house:
        answering = answering_manager(house, manager)
        command = ClosePeriod(uuid4(), period)
        made = house.database.attempt(
            lambda session: close_period(session, command, house.post, answering, clock=house.clock)
        )
        _say_made(house, made, as_json=as_json)
        _back_up(house)


def _back_up(house: "House") -> None:
    """Keep a backup of what was just closed; the closing stands without it."""
    from sqlalchemy.exc import DBAPIError

    from boxoffice.care.backups import BackupReason, back_up
    from boxoffice.care.witnessing import witness_heads
    from boxoffice.database import lost

    folder = house.settings.backups_folder
    witness_heads(house.database, house.settings, clock=house.clock)
    try:
        with progress_bar(_("Sauvegarde")) as show:
            back_up(
                house.database, folder, BackupReason.CLOSING, house.post, clock=house.clock, progress=show
            )
    except (Refusal, OSError, DBAPIError) as error:
        typer.echo(str(lost(error) or error), err=True)


def _list(house: "House", *, as_json: bool) -> None:
    from boxoffice.sales.closings.figures import tell
    from boxoffice.sales.closings.state import list_closings

    with house.database.read() as session:
        rows = list_closings(session)
    if as_json:
        print_json([tell(row) for row in rows])
        return
    names = {
        ClosingPeriod.TILL: _("caisse"),
        ClosingPeriod.DAY: _("journée"),
        ClosingPeriod.MONTH: _("mois"),
        ClosingPeriod.YEAR: _("année"),
    }
    print_table(
        (_("quoi"), _("caisse"), "Z", _("du"), _("au"), _("par"), _("montant")),
        [
            (
                names[row.period],
                str(row.till or ""),
                str(row.number),
                f"{row.first_day:%d/%m/%Y}",
                f"{row.last_day:%d/%m/%Y}",
                row.manager,
                format_euros(row.period_cents),
            )
            for row in rows
        ],
    )


def _told(figures: "Reading | Made") -> dict[str, Any]:
    """A Z or an X as a script reads it, with what restorings left out: None is an amount nobody knows."""
    from boxoffice.sales.closings.figures import tell
    from boxoffice.sales.exports.put_back import left_out_told

    told: dict[str, Any] = tell(figures)
    return told | {"left_out": left_out_told(figures.restorings)}


def _say_made(house: "House", made: "Made", *, as_json: bool) -> None:
    from boxoffice.sales.prints.closing_papers import ClosingPaper
    from boxoffice.sales.prints.letterhead import read_letterhead

    if as_json:
        print_json(_told(made))
        return
    with house.database.read() as session:
        letterhead = read_letterhead(session)
    _show(ClosingPaper(letterhead, made))


def _show(paper: "Paper") -> None:
    from boxoffice.printing.rendering import to_plain

    typer.echo(to_plain(paper, COLUMNS))


def _till_id(session: "Session", number: int) -> int:
    from boxoffice.sales.closings.state import find_till

    return find_till(session, number)


def _pieces(told: Iterable[str]) -> dict[int, int]:
    """How many notes and coins of each value in cents, written `50=3`; a value told twice is added up."""
    pieces: Counter[int] = Counter()
    for text in told:
        value, _equals, number = text.partition("=")
        if not (number.isascii() and number.isdecimal()):
            raise Misuse(_("« {text} » n'est pas un comptage, comme 50=3.").format(text=text))
        pieces[_cents(value) or 0] += int(number)
    return dict(pieces)


def _cents(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_amount(text)
    except ValueError:
        raise Misuse(_("« {text} » n'est pas un montant, comme 12,50.").format(text=text)) from None
