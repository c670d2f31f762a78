"""How fast the queue goes: sales a minute, lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, func, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.kinds import SaleKind
from boxoffice.models import Sale, table
from boxoffice.prepared import Prepared

_sale = table(Sale)

SPELLS = (5, 15, 60)
"""The minutes over which the pace is told, the longest last."""

_COUNTED = Prepared(
    select(
        *(func.sum(case((_sale.c.at > bindparam(f"since_{spell}"), 1), else_=0)) for spell in SPELLS)
    ).where(
        _sale.c.at > bindparam(f"since_{SPELLS[-1]}"),
        _sale.c.at <= bindparam("now"),
        _sale.c.kind == SaleKind.SALE,
    )
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many sales all tills made in the last `minutes`."""

    minutes: int
    sales: int

    @property
    def a_minute(self) -> float:
        return self.sales / self.minutes


def begins(spell: int, now: datetime) -> datetime:
    """Since when the sales of the last minutes are counted, that moment left out."""
    return now - timedelta(minutes=spell)


def read_pace(session: Session, *, clock: Clock) -> tuple[Pace, ...]:
    """The pace of all tills together, over each spell."""
    now = clock.now()
    bound = {f"since_{spell}": begins(spell, now) for spell in SPELLS}
    (counted,) = _COUNTED.stored(session, {"now": now, **bound})
    return tuple(Pace(spell, sales or 0) for spell, sales in zip(SPELLS, counted, strict=True))
