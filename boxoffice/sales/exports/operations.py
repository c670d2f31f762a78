"""Operations as tables: each line, each payment, and what each day came to by rate of VAT.

Nobody's name is in them but that of the operators; what customers gave of themselves is in `customer_list`.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select, union_all
from sqlmodel import Session

from boxoffice.clock import Clock, business_day
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind, LineKind, SaleKind
from boxoffice.language import _, plural
from boxoffice.models import (
    Operator,
    Payment,
    Sale,
    SaleLine,
    Screening,
    ScreeningState,
    Ticket,
    Till,
    table,
)
from boxoffice.money import split_vat

from ..books import journal
from ..books.numbers import paper_number
from ..closings.put_back import Restoring
from ..means import BY_CODE
from ..staff.desk import Post
from ..staff.operators import StaffMember
from ..staff.permissions import require
from ..staff.rules import Rules
from .closed_days import days_not_closed, is_closed
from .counted_days import CountedDays
from .put_back import left_out_between, left_out_told
from .sheets import Column, Kind, Row, Sheet, streamed

_sale, _line, _payment, _ticket = table(Sale), table(SaleLine), table(Payment), table(Ticket)
_till, _operator, _screening = table(Till), table(Operator), table(Screening)
_manager, _original, _its_till = _operator.alias("manager"), _sale.alias("original"), _till.alias("its_till")


_SHOWN = select(_screening.c.starts_at, _screening.c.ends_at, _screening.c.state)
_NATURES = {SaleKind.SALE: "vente", SaleKind.REVERSAL: "annulation", SaleKind.CREDIT_NOTE: "avoir"}
_KINDS = {
    LineKind.TICKET: "billet",
    LineKind.PRODUCT: "article",
    LineKind.VOUCHER: "bon à valoir",
    LineKind.FEE: "frais",
}
_OPERATION = (
    Column("journée", Kind.DAY, 11),
    Column("date", Kind.MOMENT, 19),
    Column("caisse", Kind.COUNT, 7),
    Column("opération", width=12),
    Column("nature", width=11),
    Column("opérateur n°", Kind.COUNT, 12),
    Column("opérateur", width=18),
)
_OTHER_DAY = Column("compté au Z du", Kind.DAY, 14)
"""Filled where an operation is counted on the Z of another day than its own."""

_LINE_COLUMNS = (
    *_OPERATION,
    Column("ligne", Kind.COUNT, 6),
    Column("sorte", width=13),
    Column("libellé", width=28),
    Column("tarif", width=14),
    Column("séance", width=10),
    Column("titre", width=32),
    Column("séance le", Kind.MOMENT, 19),
    Column("lieu", width=28),
    Column("billet", width=12),
    Column("quantité", Kind.COUNT, 9),
    Column("prix", Kind.CENTS, 10),
    Column("montant", Kind.CENTS, 11),
    Column("TVA", Kind.RATE, 7),
    Column("remise", Kind.CENTS, 9),
    Column("annule", width=12),
    Column("autorisé par", width=18),
    Column("motif", width=28),
    _OTHER_DAY,
)
_PAYMENT_COLUMNS = (
    *_OPERATION,
    Column("règlement", Kind.COUNT, 10),
    Column("moyen", width=16),
    Column("montant", Kind.CENTS, 11),
    Column("remis", Kind.CENTS, 11),
    Column("référence", width=14),
    Column("TVA déjà comptée", Kind.RATE, 16),
    _OTHER_DAY,
)
_TOTAL_COLUMNS = (
    Column("journée", Kind.DAY, 11),
    Column("TVA", Kind.RATE, 7),
    Column("HT", Kind.CENTS, 12),
    Column("montant de TVA", Kind.CENTS, 14),
    Column("TTC", Kind.CENTS, 12),
    _OTHER_DAY,
)
_LINES = (
    select(
        _sale.c.business_day,
        _sale.c.at,
        _till.c.number.label("till"),
        _sale.c.number,
        _sale.c.kind,
        _operator.c.number.label("operator"),
        _operator.c.name,
        _line,
        _line.c.kind.label("sort"),
        _screening.c.code,
        _ticket.c.event_title,
        _ticket.c.starts_at,
        _ticket.c.place,
        _ticket.c.number.label("ticket"),
        _its_till.c.number.label("ticket_till"),
        _original.c.number.label("original"),
        _original.c.till_id.label("original_till"),
        _manager.c.name.label("manager"),
        _sale.c.reason,
    )
    .select_from(_sale)
    .join(_line, _line.c.sale_id == _sale.c.id)
    .join(_till, _till.c.id == _sale.c.till_id)
    .join(_operator, _operator.c.id == _sale.c.operator_id)
    .outerjoin(_manager, _manager.c.id == _sale.c.authorized_by_id)
    .outerjoin(_original, _original.c.id == _line.c.reverses_sale_id)
    .outerjoin(_screening, _screening.c.id == _line.c.screening_id)
    .outerjoin(
        _ticket,
        (_ticket.c.sale_id == func.coalesce(_line.c.reverses_sale_id, _line.c.sale_id))
        & (_ticket.c.position == func.coalesce(_line.c.reverses_position, _line.c.position)),
    )
    .outerjoin(_its_till, _its_till.c.id == _ticket.c.till_id)
    .order_by(_sale.c.business_day, _till.c.number, _sale.c.number, _line.c.position)
)
_PAYMENTS = (
    select(
        _sale.c.business_day,
        _sale.c.at,
        _till.c.number.label("till"),
        _sale.c.number,
        _sale.c.kind,
        _operator.c.number.label("operator"),
        _operator.c.name,
        _payment,
    )
    .select_from(_sale)
    .join(_payment, _payment.c.sale_id == _sale.c.id)
    .join(_till, _till.c.id == _sale.c.till_id)
    .join(_operator, _operator.c.id == _sale.c.operator_id)
    .order_by(_sale.c.business_day, _till.c.number, _sale.c.number, _payment.c.position)
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which operations: those of business days, ends included, of one operator or screening if it is named.

    `operator` is a number, `screening` a code.
    """

    first: date | None = None
    last: date | None = None
    operator: int | None = None
    screening: str = ""

    @property
    def name(self) -> str:
        """What its files are called."""
        days = "-".join(f"{day:%Y%m%d}" for day in dict.fromkeys((self.first, self.last)) if day)
        who = f"operateur-{self.operator}" if self.operator is not None else ""
        what = f"seance-{self.screening}" if self.screening else ""
        return "-".join(filter(None, ("ventes", days, who, what)))


def check_export(session: Session, scope: Scope, *, answered_by: StaffMember) -> None:
    """Raise ManagerNeeded for who may write no figures out, Refusal for a scope that cannot be.

    That is of an operator or a screening that there is not, or of days the wrong way round.
    """
    require(session, Action.EXPORT_FIGURES, answered_by.id)
    if scope.first and scope.last and scope.last < scope.first:
        raise Refusal(_("Le dernier jour est avant le premier."), _("Donnez-les dans l'ordre."))
    if scope.operator is not None:
        numbers = session.execute(select(_operator.c.number)).scalars().all()
        if scope.operator not in numbers:
            raise Refusal(_("Aucun opérateur ne porte le n° {number}.").format(number=scope.operator))
    if scope.screening:
        known = session.execute(select(_screening.c.id).where(_screening.c.code == scope.screening)).first()
        if known is None:
            raise Refusal(_("La séance « {code} » n'existe pas.").format(code=scope.screening))


def tell_export(
    session: Session, post: Post, scope: Scope, *, answered_by: StaffMember, clock: Clock
) -> tuple[Restoring, ...]:
    """Tell the journal who asks for the tables of a scope; returns what may have left out something of it.

    Raises what `check_export` does.
    """
    check_export(session, scope, answered_by=answered_by)
    left_out = left_out_of(session, scope)
    journal.append(
        session,
        post,
        JournalKind.FIGURES_EXPORTED,
        {
            "export": "operations",
            "first": scope.first.isoformat() if scope.first else None,
            "last": scope.last.isoformat() if scope.last else None,
            "of_operator": scope.operator,
            "screening": scope.screening or None,
            **({"left_out": left_out_told(left_out)} if left_out else {}),
        },
        at=clock.now(),
        operator_number=answered_by.number,
    )
    return left_out


def left_out_of(session: Session, scope: Scope) -> tuple[Restoring, ...]:
    """The restorings that may have left out something of a scope."""
    between = left_out_between(session, scope.first, scope.last)
    if not scope.screening:
        return between
    shown = session.execute(_SHOWN.where(_screening.c.code == scope.screening)).one()
    is_cancelled = shown.state is ScreeningState.CANCELLED
    return tuple(
        each
        for each in between
        if each.may_lack_of(shown.starts_at, shown.ends_at, is_cancelled=is_cancelled)
    )


def operation_sheets(session: Session, scope: Scope) -> tuple[Sheet, ...]:
    """The tables of a scope, to be written before the session ends.

    Payments and totals are of whole operations, so a screening has none.
    """
    lines = Sheet("Lignes", _LINE_COLUMNS, _lines(session, scope))
    if scope.screening:
        return (lines,)
    return (
        lines,
        Sheet("Règlements", _PAYMENT_COLUMNS, _payments(session, scope)),
        Sheet("TVA par jour", _TOTAL_COLUMNS, _totals(session, scope)),
    )


def days_still_open(session: Session, scope: Scope, rules: Rules, *, at: datetime) -> tuple[date, ...]:
    """The days of a scope on which more may be sold: sold on and closed by nothing, or the one that runs."""
    first, last = scope.first or date.min, scope.last or date.max
    found, today = set(days_not_closed(session, first, last)), business_day(at, rules.business_day_starts)
    if first <= today <= last and not is_closed(session, today):
        found.add(today)
    return tuple(sorted(found))


def still_open_words(days: Sequence[date]) -> str:
    """What is said of days that may still change; nothing where there are none."""
    if not days:
        return ""
    return plural(
        "Journée pas encore clôturée ({first}) : ce qui s'y vend encore n'y est pas.",
        "{count} journées pas encore clôturées (du {first} au {last}) : ce qui s'y vend encore n'y est pas.",
        len(days),
    ).format(count=len(days), first=f"{days[0]:%d/%m/%Y}", last=f"{days[-1]:%d/%m/%Y}")


def nothing_words(lines: int) -> str:
    """What is said of tables of no operation; nothing of others."""
    return "" if lines else _("Aucune opération n'y répond : il n'y a que les titres des colonnes.")


def count_lines(session: Session, scope: Scope) -> int:
    """How many lines there are to write, for a bar that tells how far it is."""
    counted = select(func.count()).select_from(_line).join(_sale, _sale.c.id == _line.c.sale_id)
    return int(session.execute(counted.where(*_conditions(session, scope))).scalar_one())


def _conditions(session: Session, scope: Scope) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if scope.first is not None:
        found.append(_sale.c.business_day >= scope.first)
    if scope.last is not None:
        found.append(_sale.c.business_day <= scope.last)
    if scope.operator is not None:
        who = select(_operator.c.id).where(_operator.c.number == scope.operator).scalar_subquery()
        found.append(_sale.c.operator_id == who)
    if scope.screening:
        which = session.execute(select(_screening.c.id).where(_screening.c.code == scope.screening))
        found.append(_line.c.screening_id == which.scalar_one())
    return found


def _lines(session: Session, scope: Scope) -> Iterator[Row]:
    tills = {row.id: row.number for row in session.execute(select(_till.c.id, _till.c.number))}
    counted = CountedDays(session)
    for row in streamed(session, _LINES.where(*_conditions(session, scope))).mappings():
        yield (
            row["business_day"],
            row["at"],
            row["till"],
            paper_number(row["till"], row["number"]),
            _NATURES[row["kind"]],
            row["operator"],
            row["name"],
            row["position"],
            _KINDS[row["sort"]],
            row["label"],
            row["tariff_code"],
            row["code"],
            row["event_title"],
            row["starts_at"],
            row["place"],
            paper_number(row["ticket_till"], row["ticket"]) if row["ticket"] else None,
            row["quantity"],
            row["unit_price_cents"],
            row["quantity"] * row["unit_price_cents"],
            row["vat_rate"],
            row["discount_cents"] or None,
            paper_number(tills[row["original_till"]], row["original"]) if row["original"] else None,
            row["manager"],
            row["reason"] or None,
            counted.other_day(row["till"], row["number"], row["business_day"]),
        )


def _payments(session: Session, scope: Scope) -> Iterator[Row]:
    counted = CountedDays(session)
    for row in streamed(session, _PAYMENTS.where(*_conditions(session, scope))).mappings():
        means = row["means"]
        yield (
            row["business_day"],
            row["at"],
            row["till"],
            paper_number(row["till"], row["number"]),
            _NATURES[row["kind"]],
            row["operator"],
            row["name"],
            row["position"],
            BY_CODE[means].on_paper if means in BY_CODE else means,
            row["amount_cents"],
            row["tendered_cents"],
            row["reference"] or None,
            row["vat_rate"],
            counted.other_day(row["till"], row["number"], row["business_day"]),
        )


def _totals(session: Session, scope: Scope) -> Iterator[Row]:
    """Turnover by day and rate: each operation is split by itself, as its receipt is, then summed.

    What the Z of another day counts is summed by itself, so that each Z can be found again.
    """
    conditions = _conditions(session, scope)
    amounts = union_all(
        select(
            _sale.c.business_day.label("day"),
            _sale.c.till_id.label("till"),
            _sale.c.number,
            _line.c.vat_rate.label("rate"),
            (_line.c.quantity * _line.c.unit_price_cents).label("cents"),
        )
        .join(_line, _line.c.sale_id == _sale.c.id)
        .where(*conditions, _line.c.kind != LineKind.VOUCHER),
        select(
            _sale.c.business_day,
            _sale.c.till_id,
            _sale.c.number,
            _payment.c.vat_rate,
            -_payment.c.amount_cents,
        )
        .join(_payment, _payment.c.sale_id == _sale.c.id)
        .where(*conditions, _payment.c.vat_rate.is_not(None)),
    ).subquery()
    of_sale = amounts.c.day, amounts.c.till, amounts.c.number, amounts.c.rate
    by_sale = select(*of_sale, func.sum(amounts.c.cents).label("gross")).group_by(*of_sale)
    tills = {row.id: row.number for row in session.execute(select(_till.c.id, _till.c.number))}
    counted = CountedDays(session)
    totals: dict[tuple[date, date, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in streamed(session, by_sale):
        gross = int(row.gross)
        net, vat = split_vat(gross, row.rate)
        other_day = counted.other_day(tills[row.till], row.number, row.day)
        total = totals[row.day, other_day or row.day, row.rate]
        total[:] = [total[0] + net, total[1] + vat, total[2] + gross]
    for (day, counted_on, rate), (net, vat, gross) in sorted(totals.items()):
        yield day, rate, net, vat, gross, counted_on if counted_on != day else None
