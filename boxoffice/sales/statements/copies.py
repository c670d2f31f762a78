"""Statements given out: a final one is issued once, and whatever comes after it is a numbered copy of it.

The journal keeps the figures of the original: a copy, on paper or as a file, shows these and says what came
since. Where something did, a corrected statement may be issued: it takes the place of the one before, and is
what copies are of from then on. The week that an exhibitor declared and the statement that went to the taxes
can so be put right in the open, and never silently. So it is where a database was put back that has no more
what was issued: `given_out` knows of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import Generic, TypeVar

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from boxoffice.database import take_turns
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind, TurnsAt
from boxoffice.language import _
from boxoffice.models import Numbering, PrintJob, Till, table

from ..books import journal, numbering
from ..closings.figures import retell, tell
from ..prints.copies_given import next_copy
from ..prints.papers import DocumentKind
from ..prints.print_orders import check_printer, note_file, order_report
from ..prints.statement_papers import Since, StatementPaper, WeekPaper
from ..staff.desk import Post
from ..staff.permissions import require_of
from .given_out import Issued, issued

_job, _till, _numbering = table(PrintJob), table(Till), table(Numbering)

Statement = TypeVar("Statement", StatementPaper, WeekPaper)

PATIENCE = 8
"""How often a statement is read anew because somebody sold meanwhile, before everybody is asked to wait."""
AROUND = ("letterhead", "at", "provisional", "copy_number", "correction", "copied_at", "since", "restorings")
"""What a paper says beside its figures."""

_ENDS = (
    select(_till.c.number, _numbering.c.operations, _numbering.c.journal)
    .join(_numbering, _numbering.c.till_id == _till.c.id)
    .order_by(_till.c.number)
)
_LAST_COPY = select(func.max(_job.c.copy_number)).where(
    _job.c.document == bindparam("document"), _job.c.position == bindparam("place")
)


class Way(Enum):
    """How a statement is given out."""

    PAPER = auto()
    FILE = auto()


@dataclass(frozen=True, slots=True)
class Series(Generic[Statement]):
    """The statements of one screening or week: what they are called, and how the books come to their figures.

    `position` is what their print jobs call them.
    """

    kind: type[Statement]
    document: DocumentKind
    number: str
    position: int
    read: Callable[[datetime], Statement]


def give_out(
    session: Session,
    post: Post,
    series: Series[Statement],
    way: Way,
    *,
    at: datetime,
    operator_number: int | None,
    correct: bool = False,
) -> Statement:
    """Order a statement from the printer for reports, or have it for a file; the journal tells of it.

    It is provisional, the original, a copy, or the next one corrected if it is to `correct`. Raises Refusal
    for want of a printer, and where there is nothing to correct; ManagerNeeded for who may have none.
    """
    require_of(session, Action.EXPORT_FIGURES, operator_number)
    if way is Way.PAPER:
        check_printer(session, post.till_id, series.document)
    take_turns(session, TurnsAt.NUMBERING_COPIES)
    sequence = numbering.draw_numbers(session, post.till_id).journal
    now, ends = _settled(session, series, at)
    before = issued(session, series.document, series.number)
    if correct:
        _check_correctable(series, now, before)
        now = replace(now, correction=before[-1].correction + 1)
    elif before:
        copy_number = _next_copy(session, series)
        copy = _copy(series, before[-1], now, copy_number=copy_number, at=at)
        _tell_copy(session, post, sequence, copy, series, way, operator_number, at)
        _keep(session, post, series, way, copy_number, at)
        return copy
    _tell_issued(session, post, sequence, now, series, ends, way, operator_number, at)
    if way is Way.PAPER or not now.provisional:
        _keep(session, post, series, way, 0, at)
    return now


def as_issued(session: Session, series: Series[Statement], *, at: datetime) -> Statement:
    """A statement to be read: as it was issued last with what came since, or as things stand before that."""
    now, before = series.read(at), issued(session, series.document, series.number)
    if not before:
        return now
    return replace(_copy(series, before[-1], now, copy_number=0, at=at), copied_at=None)


def ordered(
    session: Session, series: Series[Statement], *, ordered_at: datetime, copy_number: int, at: datetime
) -> Statement:
    """The statement that was ordered from a printer at that moment, as it comes out now."""
    now, told = series.read(at), issued(session, series.document, series.number)
    if copy_number:
        before = [each for each in told if each.at <= ordered_at] or list(told[:1])
        if not before:
            return replace(now, provisional=False, copy_number=copy_number)
        return _copy(series, before[-1], now, copy_number=copy_number, at=at)
    mine = next((each for each in reversed(told) if each.at == ordered_at), None)
    if mine is None:
        return replace(now, provisional=True)
    paper = _as_told(series, mine, now)
    return replace(now, provisional=False) if paper is None else paper


def _settled(session: Session, series: Series[Statement], at: datetime) -> tuple[Statement, list[list[int]]]:
    """A statement, and the last operation and entry of every till that it counts, by the till's number.

    No other till is made to wait, unless they never stop selling: this one has drawn the entry's number.
    """
    for _again in range(PATIENCE):
        ends = _ends(session)
        paper = series.read(at)
        if _ends(session) == ends:
            return paper, ends
    session.execute(
        select(_numbering.c.till_id).order_by(_numbering.c.till_id).with_for_update(read=True)
    ).all()
    return series.read(at), _ends(session)


def _ends(session: Session) -> list[list[int]]:
    return [list(row) for row in session.execute(_ENDS)]


def _check_correctable(series: Series[Statement], now: Statement, before: tuple[Issued, ...]) -> None:
    if not before:
        raise Refusal(_("Il n'y a encore rien à corriger."), _("Demandez l'original."))
    if now.provisional:
        raise Refusal(_("Ces chiffres peuvent encore changer : ils se corrigent après la fin."))
    if not _since(series, before[-1], now):
        raise Refusal(_("Rien n'a changé depuis : il n'y a rien à corriger."), _("Demandez un duplicata."))


def _copy(
    series: Series[Statement], before: Issued, now: Statement, *, copy_number: int, at: datetime
) -> Statement:
    """What was issued, with what came since; its figures of now where the journal has its totals alone."""
    since = _since(series, before, now)
    paper = _as_told(series, before, now)
    if paper is None:
        shown = replace(now, provisional=False, correction=before.correction)
        return replace(shown, copy_number=copy_number, since=since)
    return replace(paper, copy_number=copy_number, copied_at=at, since=since)


def _as_told(series: Series[Statement], told: Issued, now: Statement) -> Statement | None:
    if told.figures is None:
        return None
    return retell(
        series.kind,
        told.figures,
        letterhead=now.letterhead,
        at=told.at,
        provisional=False,
        correction=told.correction,
        restorings=now.restorings,
    )


def _since(series: Series[Statement], before: Issued, now: Statement) -> Since:
    """What the books have that a statement did not tell."""
    then = _as_told(series, before, now)
    if then is None:
        seats = sum(tariff.standing for tariff in now.tariffs) + now.booked
        told = before.totals
        were = told["entries"] if "entries" in told else told["sold"] + told["booked"]
        return Since(issued=seats - were, cents=now.takings_cents - told["takings"], today=True)

    return _counts(now) - _counts(then)


def _counts(paper: StatementPaper | WeekPaper) -> Since:
    """All that there is of what may come later."""
    tariffs = paper.tariffs
    return Since(
        sum(tariff.issued for tariff in tariffs),
        sum(tariff.cancelled for tariff in tariffs),
        sum(tariff.credited for tariff in tariffs),
        paper.booked,
        paper.used,
        paper.takings_cents,
    )


def _next_copy(session: Session, series: Series[Statement]) -> int:
    """1 for the first copy, then 2, 3…: on paper and as files alike, those left out by a restoring too."""
    last = session.execute(_LAST_COPY, {"document": series.document, "place": series.position}).scalar_one()
    return next_copy(session, series.document, series.number, int(last or 0))


def _keep(
    session: Session, post: Post, series: Series[Statement], way: Way, copy_number: int, at: datetime
) -> None:
    """Order the paper, or note the file in its place."""
    keep = order_report if way is Way.PAPER else note_file
    keep(session, post.till_id, series.document, series.position, at=at, copy_number=copy_number)


def _tell_issued(
    session: Session,
    post: Post,
    sequence: int,
    paper: Statement,
    series: Series[Statement],
    ends: list[list[int]],
    way: Way,
    operator_number: int | None,
    at: datetime,
) -> None:
    final = {
        "correction": paper.correction,
        "figures": {name: told for name, told in tell(paper).items() if name not in AROUND},
        "until": ends,
    }
    told = {
        "operator": operator_number,
        "document": series.document,
        "number": series.number,
        "provisional": paper.provisional,
        "file": way is Way.FILE,
        **paper.totals,
        **({} if paper.provisional else final),
    }
    journal.write_entry(session, post, sequence, JournalKind.STATEMENT_ISSUED, told, at=at)


def _tell_copy(
    session: Session,
    post: Post,
    sequence: int,
    paper: Statement,
    series: Series[Statement],
    way: Way,
    operator_number: int | None,
    at: datetime,
) -> None:
    told = {
        "operator": operator_number,
        "document": series.document,
        "number": series.number,
        "copy": paper.copy_number,
        "correction": paper.correction,
        "file": way is Way.FILE,
        "spoilt": False,
    }
    journal.write_entry(session, post, sequence, JournalKind.DOCUMENT_REPRINTED, told, at=at)
