"""What a tax office is told of sales to people: totals per day, category of operation and rate of VAT."""

from collections.abc import Iterable, Iterator
from typing import Any

from ..closings.put_back import Restoring
from .closed_days import ClosedDay, Turnover, turnover
from .put_back import left_out_told
from .sheets import Column, Kind, Row, Sheet

GOODS, SERVICES, UNTAXED = "TLB1", "TPS1", "TNT1"
"""Categories of operation: goods delivered, services provided, and what bears no VAT in France."""

CURRENCY = "EUR"

_COLUMNS = (
    Column("journée", Kind.DAY, 11),
    Column("clôture", Kind.COUNT, 8),
    Column("catégorie", width=10),
    Column("TVA", Kind.RATE, 7),
    Column("devise", width=7),
    Column("montant HT", Kind.CENTS, 12),
    Column("montant de TVA", Kind.CENTS, 14),
    Column("montant TTC", Kind.CENTS, 12),
    Column("opérations de la journée", Kind.COUNT, 22),
)


def e_reporting_sheet(days: Iterable[ClosedDay]) -> Sheet:
    """The totals as a table: one row for each day, category and rate."""
    return Sheet("E-reporting", _COLUMNS, _rows(days))


def e_reporting_data(
    days: Iterable[ClosedDay], siret: str, left_out: Iterable[Restoring] = ()
) -> dict[str, Any]:
    """The same for another program, with what restorings left out; amounts are cents, rates basis points."""
    return {
        "siren": siret[:9],
        "currency": CURRENCY,
        "left_out": left_out_told(left_out),
        "days": [
            {
                "date": closed.day.isoformat(),
                "closing": closed.number,
                "operations": operations(closed),
                "totals": [
                    {
                        "category": category(part),
                        "vat_rate": part.rate,
                        "net_cents": part.net_cents,
                        "vat_cents": part.vat_cents,
                        "gross_cents": part.gross_cents,
                    }
                    for part in turnover(closed)
                ],
            }
            for closed in days
        ],
    }


def category(part: Turnover) -> str:
    """The code of the category that a part of the turnover is declared in."""
    if part.rate == 0:
        return UNTAXED
    return GOODS if part.is_goods else SERVICES


def operations(closed: ClosedDay) -> int:
    """How many sales, reversals and credit notes there were on a day."""
    return closed.figures.sales + closed.figures.reversals + closed.figures.credit_notes


def _rows(days: Iterable[ClosedDay]) -> Iterator[Row]:
    for closed in days:
        for part in turnover(closed):
            yield (
                closed.day,
                closed.number,
                category(part),
                part.rate,
                CURRENCY,
                part.net_cents,
                part.vat_cents,
                part.gross_cents,
                operations(closed),
            )
