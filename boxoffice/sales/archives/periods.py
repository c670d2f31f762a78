"""Which days may be archived, and what of each till belongs to them: nothing falls between two archives.

An operation belongs where its closing does: to the last day that the closing of the box office covers.
"""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import and_, func, select
from sqlmodel import Session

from boxoffice.clock import business_day, day_after, paris
from boxoffice.errors import Refusal
from boxoffice.kinds import ClosingPeriod, JournalKind
from boxoffice.language import _
from boxoffice.models import Closing, JournalEntry, ShiftClosing, Till, table

from ..closings.figures import Span, retell
from ..closings.obstacles import check_day
from ..closings.open_periods import bounds, not_gathered
from ..closings.spans import joined
from ..staff.business_days import open_day
from ..staff.desk import Post
from ..staff.rules import read_rules
from .contents import Period, of_closed_days, shifts_ended

_closing, _entry, _till = table(Closing), table(JournalEntry), table(Till)
_counted = table(ShiftClosing)

_GATHERED = {ClosingPeriod.MONTH: ClosingPeriod.DAY, ClosingPeriod.YEAR: ClosingPeriod.MONTH}


@dataclass(frozen=True, slots=True)
class Chain:
    """The entries of a till that an archive holds, without a gap."""

    till_id: int
    till: int
    first: int
    last: int


def read_period(session: Session, first: date, last: date, post: Post, now: datetime) -> Period:
    """The days to archive, and the numbers of each till that their closings cover.

    Raises Refusal for days in the wrong order, that have not ended, or that are not wholly closed, and where
    none was closed at all.
    """
    starts_at = read_rules(session).business_day_starts
    if last < first:
        raise Refusal(_("La période finit avant de commencer."))
    if business_day(now, starts_at) <= last:
        raise Refusal(
            _("La journée du {day} n'est pas finie.").format(day=f"{last:%d/%m/%Y}"),
            _("Archivez jusqu'à la veille."),
        )
    _check_closed(session, first, last, post)
    period = Period(first, last, paris(first, starts_at), paris(day_after(last), starts_at))
    covered = _covered(session, period)
    if not covered:
        raise Refusal(
            _("Aucune journée n'a été close du {first} au {last}.").format(
                first=f"{first:%d/%m/%Y}", last=f"{last:%d/%m/%Y}"
            ),
            _("Archivez des journées de vente : F10 puis Z montre celles qui sont closes."),
        )
    return replace(period, covered=covered)


def chains_of(session: Session, period: Period, post: Post) -> tuple[Chain, ...]:
    """The entries to archive: those that closings cover, those of these closings and of the shifts that they
    count, however late and at whichever till, and what happened in the period. Those of `post` tell its key.
    """
    ends: dict[int, tuple[int, int]] = {}

    def widen(till_id: int, first: int, last: int) -> None:
        known = ends.get(till_id, (first, last))
        ends[till_id] = min(first, known[0]), max(last, known[1])

    for till_id, span in period.covered:
        if span.first_entry <= span.last_entry:
            widen(till_id, span.first_entry, span.last_entry)
    among = select(_entry.c.till_id, func.min(_entry.c.sequence), func.max(_entry.c.sequence))
    closing_made = and_(
        _closing.c.made_at_till_id == _entry.c.till_id,
        _closing.c.at == _entry.c.at,
        of_closed_days(_closing, period),
    )
    shift_closed = and_(_counted.c.at == _entry.c.at, shifts_ended(_counted, period))
    for statement in (
        among.join(_counted, shift_closed).where(_entry.c.kind == JournalKind.TILL_CLOSED),
        among.where(_entry.c.at >= period.since, _entry.c.at < period.until),
        among.join(_closing, closing_made).where(
            _entry.c.kind == JournalKind.CLOSING_MADE, _entry.c.sale_id.is_(None)
        ),
    ):
        for row in session.execute(statement.group_by(_entry.c.till_id)):
            widen(*row)
    _widen_to_key(session, ends, post)
    tills = session.execute(select(_till.c.id, _till.c.number).order_by(_till.c.number))
    return tuple(Chain(till_id, number, *ends[till_id]) for till_id, number in tills if till_id in ends)


def _check_closed(session: Session, first: date, last: date, post: Post) -> None:
    """Refuse while something sold until the last day is not closed, or a month or year that ends in these."""
    check_day(session, last, post.rules.business_day_starts)
    waiting = open_day(session)
    if waiting is not None and waiting[0] <= last:
        raise Refusal(
            _("La journée du {day} n'est pas close.").format(day=f"{waiting[0]:%d/%m/%Y}"),
            _("Clôturez-la, puis archivez : F10 puis Z, ou « boxoffice close day »."),
        )
    for period, part in _GATHERED.items():
        due = {bounds(period, row.last_day)[1] for row in not_gathered(session, period, part)}
        ending = sorted(day for day in due if first <= day <= last)
        if ending and period is ClosingPeriod.MONTH:
            raise Refusal(
                _("Le mois de {month} n'est pas clos.").format(month=f"{ending[0]:%m/%Y}"),
                _("Clôturez-le, puis archivez : F10 puis Z, ou « boxoffice close month »."),
            )
        if ending:
            raise Refusal(
                _("L'année {year} n'est pas close.").format(year=ending[0].year),
                _("Clôturez-la, puis archivez : F10 puis Z, ou « boxoffice close year »."),
            )


def _covered(session: Session, period: Period) -> tuple[tuple[int, Span], ...]:
    """The numbers of each till that the closings of the days of a period cover, by till number."""
    told = session.execute(
        select(_closing.c.figures)
        .where(_closing.c.period == ClosingPeriod.DAY, _closing.c.last_day.between(period.first, period.last))
        .order_by(_closing.c.number)
    ).scalars()
    spans = joined(retell(Span, span) for figures in told for span in json.loads(figures)["spans"])
    tills = {number: till_id for till_id, number in session.execute(select(_till.c.id, _till.c.number))}
    return tuple((tills[span.till], span) for span in spans)


def _widen_to_key(session: Session, ends: dict[int, tuple[int, int]], post: Post) -> None:
    """Have the entries of a till reach one signed by its key, or the last, which tells of a key just made."""
    of_till = _entry.c.till_id == post.till_id
    extent = select(func.min(_entry.c.sequence), func.max(_entry.c.sequence))
    head = session.execute(extent.where(of_till)).one()[1]
    signed = session.execute(extent.where(of_till, _entry.c.key_fingerprint == post.signer.fingerprint)).one()
    first, last = (head, head) if signed[0] is None else signed
    if post.till_id not in ends:
        ends[post.till_id] = last, last
        return
    begins, ended = ends[post.till_id]
    ends[post.till_id] = min(begins, last), max(ended, first)
