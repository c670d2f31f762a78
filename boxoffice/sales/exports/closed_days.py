"""The days that the box office has closed: what accounting and declarations are written from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, ClosingPeriod, JournalKind
from boxoffice.language import _, plural
from boxoffice.models import Closing, Sale, Till, table
from boxoffice.money import split_vat

from ..books import journal
from ..closings.accounting import accounting_in_force, accounts_of
from ..closings.closing import find_closing
from ..closings.figures import Accounting, Figures, told_figures
from ..closings.reading import read_taxed
from ..closings.restorings import read_restorings, series_of
from ..closings.spans import day_ends
from ..prints.closing_papers import ClosingPaper
from ..prints.letterhead import read_letterhead
from ..staff.accounts import Accounts
from ..staff.desk import Post
from ..staff.operators import StaffMember
from ..staff.permissions import require

_closing, _sale, _till = table(Closing), table(Sale), table(Till)


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A Z of the whole box office: its number, its business day, and the figures that it bears.

    Its entry goes to these `accounts`, and `goods` are the products that are things: as they were set when it
    was made, or as they are today where it does not tell (`is_by_today`). So many Zs of the box office are
    known to have been made before it and are in the database no more (`left_out`).
    """

    number: int
    day: date
    closed_at: datetime
    figures: Figures
    accounts: Accounts
    goods: frozenset[str]
    is_by_today: bool = False
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Turnover:
    """What a day took at a rate in one category, in cents: tickets and passes, or goods."""

    rate: int
    is_goods: bool
    gross_cents: int
    net_cents: int

    @property
    def vat_cents(self) -> int:
        return self.gross_cents - self.net_cents


def closed_days(session: Session, last: date) -> tuple[ClosedDay, ...]:
    """The days closed up to `last`, from the first there was, in order, each with the accounts it is for."""
    rows = session.execute(
        select(_closing.c.number, _closing.c.last_day, _closing.c.at, _closing.c.figures)
        .where(_closing.c.period == ClosingPeriod.DAY, _closing.c.last_day <= last)
        .order_by(_closing.c.number)
    )
    today, lost = accounting_in_force(session), _days_lost(session)
    return tuple(_closed_day(session, row, today, lost) for row in rows.all())


def _days_lost(session: Session) -> Mapping[int, int]:
    """After which day's Z some are lost, and how many: a restoring went back behind them."""
    series, lost = series_of(ClosingPeriod.DAY, None), dict[int, int]()
    for restoring in read_restorings(session):
        found, known = restoring.ends.get(series, (0, 0))
        lost[found] = max(known - found, lost.get(found, 0))
    return lost


def _closed_day(session: Session, row: Row[Any], today: Accounting, lost: Mapping[int, int]) -> ClosedDay:
    figures = told_figures(row.figures)
    if figures.taxed is None:
        figures = replace(figures, taxed=read_taxed(session, figures.spans))
    told = figures.accounting or today
    return ClosedDay(
        row.number,
        row.last_day,
        row.at,
        figures,
        accounts_of(told),
        frozenset(told.goods),
        is_by_today=figures.accounting is None,
        left_out=sum(count for found, count in lost.items() if found < row.number),
    )


def days_by_today(days: Iterable[ClosedDay]) -> tuple[date, ...]:
    """The days closed by a version that kept no accounts: their entries go to those of today."""
    return tuple(day.day for day in days if day.is_by_today)


def by_today_words(days: tuple[date, ...]) -> str:
    """What is said of days written to the accounts and goods of today; nothing where there are none."""
    if not days:
        return ""
    return plural(
        "{count} journée close sans garder ses comptes ({first}) : elle prend ceux d'aujourd'hui.",
        "{count} journées closes sans garder leurs comptes (du {first} au {last}) :"
        " elles prennent ceux d'aujourd'hui.",
        len(days),
    ).format(count=len(days), first=f"{days[0]:%d/%m/%Y}", last=f"{days[-1]:%d/%m/%Y}")


def between(days: tuple[ClosedDay, ...], first: date, last: date) -> tuple[ClosedDay, ...]:
    """Those of a period, ends included. Raises Refusal when there is none, or it ends before it begins."""
    if last < first:
        raise Refusal(_("Le dernier jour est avant le premier."), _("Donnez-les dans l'ordre."))
    found = tuple(day for day in days if first <= day.day <= last)
    if not found:
        raise Refusal(
            _("Aucune journée n'a été clôturée du {first} au {last}.").format(
                first=f"{first:%d/%m/%Y}", last=f"{last:%d/%m/%Y}"
            ),
            _("Clôturez les journées, puis recommencez."),
        )
    return found


def is_closed(session: Session, day: date) -> bool:
    """Whether the box office has closed a day, or one after it."""
    later = select(_closing.c.id).where(_closing.c.period == ClosingPeriod.DAY, _closing.c.last_day >= day)
    return session.execute(later.limit(1)).first() is not None


def days_not_closed(session: Session, first: date, last: date) -> tuple[date, ...]:
    """The days of a period on which something was sold that no closing of the box office counts yet.

    Told by numbers: what a till sells on a day that was closed before is of the next.
    """
    ends, found = day_ends(session), set[date]()
    for till_id, number in session.execute(select(_till.c.id, _till.c.number)).all():
        counted = ends[number]["last_operation"] if number in ends else 0
        sold = select(_sale.c.business_day).where(
            _sale.c.till_id == till_id,
            _sale.c.number > counted,
            _sale.c.business_day.between(first, last),
        )
        found.update(session.execute(sold.distinct()).scalars())
    return tuple(sorted(found))


def tell_period(
    session: Session,
    post: Post,
    export: str,
    first: date,
    last: date,
    *,
    answered_by: StaffMember,
    clock: Clock,
    about: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Tell the journal who asks for the entries or totals of a period, and `about` them what it should know.

    Raises ManagerNeeded.
    """
    require(session, Action.EXPORT_FIGURES, answered_by.id)
    told = {"export": export, "first": first.isoformat(), "last": last.isoformat(), **about}
    journal.append(
        session,
        post,
        JournalKind.FIGURES_EXPORTED,
        told,
        at=clock.now(),
        operator_number=answered_by.number,
    )


def issue_closing(
    session: Session, post: Post, closing_id: UUID, *, answered_by: StaffMember, clock: Clock
) -> ClosingPaper:
    """A Z for a file, told by the journal. Raises ManagerNeeded, and Refusal if there is no such closing."""
    require(session, Action.EXPORT_FIGURES, answered_by.id)
    closing = find_closing(session, closing_id)
    if closing is None:
        raise Refusal(_("Cette clôture n'existe pas."))
    journal.append(
        session,
        post,
        JournalKind.FIGURES_EXPORTED,
        {"export": "closing", "period": closing.period, "till": closing.till, "number": closing.number},
        at=clock.now(),
        operator_number=answered_by.number,
    )
    return ClosingPaper(read_letterhead(session), closing)


def turnover(closed: ClosedDay) -> tuple[Turnover, ...]:
    """The turnover of a day by rate and category; the VAT of each rate is the Z's, to the cent."""
    found: list[Turnover] = []
    goods = [sold for sold in closed.figures.products if sold.code in closed.goods]
    for vat in closed.figures.vat:
        of_goods = sum(sold.cents for sold in goods if sold.rate == vat.rate)
        rest = vat.gross_cents - of_goods
        net_of_goods = vat.net_cents if rest == 0 else split_vat(of_goods, vat.rate).net
        if rest or vat.net_cents != net_of_goods:
            found.append(Turnover(vat.rate, False, rest, vat.net_cents - net_of_goods))
        if of_goods:
            found.append(Turnover(vat.rate, True, of_goods, net_of_goods))
    return tuple(found)
