"""The Zs of the whole box office: a day gathers its tills, months and years gather days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import Clock, business_day
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, ClosingPeriod
from boxoffice.language import _
from boxoffice.models import Closing, Establishment, table

from ..books import numbering
from ..staff.business_days import open_day
from ..staff.desk import Post
from ..staff.operators import StaffMember
from ..staff.permissions import require
from .accounting import accounting_to_keep
from .closing import NewClosing, find_closing, make
from .figures import Figures, Span, told_figures
from .merging import merged
from .obstacles import check_day
from .open_periods import bounds, not_gathered
from .outcomes import Made
from .outstanding import with_outstanding
from .reading import read_figures
from .spans import closed_spans, closings_in, joined
from .till_closing import CloseTill, close_till, quiet_tills


@dataclass(frozen=True, slots=True)
class ClosePeriod:
    """The wish to close the oldest day, month or year that is open.

    Its `closing_id` is made beforehand: a second try finds what the first did. `last_day` is the last day of
    what somebody saw open, and is closed only if it still is; None is whatever is the oldest.
    """

    closing_id: UUID
    period: ClosingPeriod
    last_day: date | None = None


def close_period(
    session: Session, command: ClosePeriod, post: Post, manager: StaffMember, *, clock: Clock
) -> Made:
    """Close the oldest open day, month or year of the box office.

    Raises ManagerNeeded for whoever is none, and Refusal while something of it is open, or nothing is, and
    when another than the one that was seen has become the oldest.
    """
    if done := find_closing(session, command.closing_id):
        return done
    require(session, Action.CLOSE_DAY, manager.id)
    session.execute(select(table(Establishment).c.id).with_for_update()).all()
    if done := find_closing(session, command.closing_id):
        return done
    today = business_day(clock.now(), post.rules.business_day_starts)
    if command.period is ClosingPeriod.DAY:
        days, figures = _day(session, command, post, manager, today, clock=clock)
    else:
        days, figures = _days_of(session, post, command, today)
    numbers = numbering.draw_numbers(session, post.till_id)
    closing = NewClosing(command.closing_id, command.period, days, figures)
    return make(session, post, manager, closing, sequence=numbers.journal, at=clock.now())


def _day(
    session: Session, command: ClosePeriod, post: Post, manager: StaffMember, today: date, *, clock: Clock
) -> tuple[tuple[date, date], Figures]:
    """The days and figures of the oldest day that tills have closed and the box office has not.

    Tills where nobody sold, but values were moved by imports or by their end, are closed with it.
    """
    days = open_day(session)
    if days is None:
        raise Refusal(
            _("Aucune caisse n'a été close depuis la dernière clôture de journée."),
            _("Clôturez d'abord les caisses."),
        )
    _check_seen(command, days[1])
    if days[1] > today:
        raise Refusal(
            _("La journée du {day} est close ; ce qui s'est vendu depuis compte dans la suivante.").format(
                day=f"{today:%d/%m/%Y}"
            ),
            _("Elle se clôt demain."),
        )
    check_day(session, days[1], post.rules.business_day_starts)
    for till_id in quiet_tills(session, post.rules.business_day_starts):
        close_till(
            session,
            CloseTill(uuid5(command.closing_id, str(till_id)), till_id, day=days[1]),
            post,
            manager,
            clock=clock,
        )
    spans = closed_spans(session, days[1])
    figures = _gathered(session, spans, [told_figures(row.figures) for row in closings_in(session, spans)])
    return days, replace(
        figures,
        stored=with_outstanding(session, figures.stored),
        accounting=accounting_to_keep(session),
    )


def _days_of(
    session: Session, post: Post, command: ClosePeriod, today: date
) -> tuple[tuple[date, date], Figures]:
    """The days and figures of the oldest month or year whose closings are not gathered yet."""
    period = command.period
    part = ClosingPeriod.DAY if period is ClosingPeriod.MONTH else ClosingPeriod.MONTH
    parts = not_gathered(session, period, part)
    if not parts:
        raise Refusal(_("Il n'y a rien à clore : aucune période close n'attend d'être réunie."))
    days = bounds(period, parts[0].last_day)
    _check_seen(command, days[1])
    if today <= days[1]:
        raise Refusal(
            _("Cette période n'est pas finie : elle va jusqu'au {day}.").format(day=f"{days[1]:%d/%m/%Y}"),
            _("Elle se clôt après son dernier jour."),
        )
    check_day(session, days[1], post.rules.business_day_starts)
    unclosed = open_day(session)
    if unclosed is not None and unclosed[0] <= days[1]:
        raise Refusal(
            _("La journée du {day} n'est pas close.").format(day=f"{unclosed[0]:%d/%m/%Y}"),
            _("Clôturez-la d'abord."),
        )
    if period is ClosingPeriod.YEAR:
        months = not_gathered(session, ClosingPeriod.MONTH, ClosingPeriod.DAY)
        if months and months[0].last_day <= days[1]:
            raise Refusal(
                _("Le mois de {month} n'est pas clos.").format(month=f"{months[0].last_day:%m/%Y}"),
                _("Clôturez-le d'abord."),
            )
    kept = table(Closing).c
    wanted = select(kept.figures).where(kept.id.in_([row.id for row in parts if row.last_day <= days[1]]))
    gathered = [told_figures(text) for text in session.execute(wanted.order_by(kept.number)).scalars()]
    spans = joined(span for figures in gathered for span in figures.spans)
    figures = _gathered(session, spans, gathered)
    return days, replace(figures, stored=with_outstanding(session, figures.stored, until=days[1]))


def _gathered(session: Session, spans: Sequence[Span], parts: Sequence[Figures]) -> Figures:
    """The figures of these spans, with the papers of uncertain end that the closings they cover tell of."""
    steps = merged(parts).prints
    return read_figures(session, spans, prints=steps, uncertain=sum(part.uncertain for part in parts))


def _check_seen(command: ClosePeriod, last_day: date) -> None:
    """Refuse to close another period than the one that was seen: somebody else has just closed it."""
    if command.last_day not in (None, last_day):
        raise Refusal(
            _("Entre-temps, c'est chose faite : ce qui reste à clore va jusqu'au {day}.").format(
                day=f"{last_day:%d/%m/%Y}"
            ),
            _("Relisez ce qui reste, puis recommencez."),
        )
