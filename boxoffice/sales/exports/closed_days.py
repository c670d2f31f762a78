"""The days that the box office has closed: what accounting and declarations are written from."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select, union
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, ClosingPeriod, JournalKind
from boxoffice.language import _
from boxoffice.models import (
    Closing,
    GiftProduct,
    PassProduct,
    PlaceCardKind,
    Product,
    Sale,
    table,
)
from boxoffice.money import split_vat

from ..books import journal
from ..closings.closing import find_closing
from ..closings.figures import Figures, told_figures
from ..prints.closing_papers import ClosingPaper
from ..prints.letterhead import read_letterhead
from ..staff.desk import Post
from ..staff.operators import StaffMember
from ..staff.permissions import require

_closing, _product, _sale = table(Closing), table(Product), table(Sale)
_pass, _gift, _card = table(PassProduct), table(GiftProduct), table(PlaceCardKind)


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A Z of the whole box office: its number, its business day, and the figures that it bears."""

    number: int
    day: date
    closed_at: datetime
    figures: Figures


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
    """The days closed up to `last`, from the first there was, in order."""
    rows = session.execute(
        select(_closing.c.number, _closing.c.last_day, _closing.c.at, _closing.c.figures)
        .where(_closing.c.period == ClosingPeriod.DAY, _closing.c.last_day <= last)
        .order_by(_closing.c.number)
    )
    return tuple(ClosedDay(row.number, row.last_day, row.at, told_figures(row.figures)) for row in rows)


def between(days: tuple[ClosedDay, ...], first: date, last: date) -> tuple[ClosedDay, ...]:
    """Those of a period, ends included. Raises Refusal when there is none."""
    found = tuple(day for day in days if first <= day.day <= last)
    if not found:
        raise Refusal(
            _("Aucune journée n'a été clôturée du {first} au {last}.").format(
                first=f"{first:%d/%m/%Y}", last=f"{last:%d/%m/%Y}"
            ),
            _("Clôturez les journées, puis recommencez."),
        )
    return found


def days_not_closed(session: Session, first: date, last: date) -> tuple[date, ...]:
    """The days of a period on which something was sold, and that the box office has not closed."""
    covered = exists().where(
        _closing.c.period == ClosingPeriod.DAY,
        _sale.c.business_day.between(_closing.c.first_day, _closing.c.last_day),
    )
    found = (
        select(_sale.c.business_day)
        .where(_sale.c.business_day.between(first, last), ~covered)
        .distinct()
        .order_by(_sale.c.business_day)
    )
    return tuple(session.execute(found).scalars())


def tell_period(
    session: Session,
    post: Post,
    export: str,
    first: date,
    last: date,
    *,
    answered_by: StaffMember,
    clock: Clock,
) -> None:
    """Tell the journal who asks for the entries or totals of a period. Raises ManagerNeeded."""
    require(session, Action.EXPORT_FIGURES, answered_by.id)
    told = {"export": export, "first": first.isoformat(), "last": last.isoformat()}
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


def codes_of_goods(session: Session) -> frozenset[str]:
    """The products that are things: neither passes, nor cards, nor vouchers for seats."""
    services = union(
        select(_pass.c.product_id),
        select(_gift.c.product_id),
        select(_card.c.product_id).where(_card.c.product_id.is_not(None)),
    )
    return frozenset(session.execute(select(_product.c.code).where(_product.c.id.not_in(services))).scalars())


def turnover(figures: Figures, goods: frozenset[str]) -> tuple[Turnover, ...]:
    """The turnover of a day by rate and category; the VAT of each rate is the Z's, to the cent."""
    found: list[Turnover] = []
    for vat in figures.vat:
        of_goods = sum(
            sold.cents for sold in figures.products if sold.code in goods and sold.rate == vat.rate
        )
        rest = vat.gross_cents - of_goods
        net_of_goods = vat.net_cents if rest == 0 else split_vat(of_goods, vat.rate).net
        if rest or vat.net_cents != net_of_goods:
            found.append(Turnover(vat.rate, False, rest, vat.net_cents - net_of_goods))
        if of_goods:
            found.append(Turnover(vat.rate, True, of_goods, net_of_goods))
    return tuple(found)
