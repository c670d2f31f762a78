"""Hours of the clock in Angers, as the database groups by them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from boxoffice.clock import in_paris, paris


class UtcHour(FunctionElement[str]):
    """The hour of a moment in UTC, as text: all that both engines have to tell; Paris is whole hours off."""

    type = String()
    inherit_cache = True


@compiles(UtcHour, "sqlite")
def _on_sqlite(element: UtcHour, compiler: Any, **how: Any) -> str:
    return f"substr({compiler.process(element.clauses, **how)}, 1, 13)"


@compiles(UtcHour, "postgresql")
def _on_postgresql(element: UtcHour, compiler: Any, **how: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **how)} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"


def clock_hour(utc_hour: str) -> int:
    """The hour that a clock in Angers shows, 0 to 23, from what the database grouped by."""
    return in_paris(datetime.strptime(utc_hour, "%Y-%m-%d %H").replace(tzinfo=UTC)).hour


def span_of_hour(on: date, hour: int) -> tuple[datetime, datetime]:
    """From when until when a clock shows `hour` on a date."""
    ends = on + timedelta(days=(hour + 1) // 24)
    return paris(on, time(hour)), paris(ends, time((hour + 1) % 24))


def spans_of_hour(day: date, hour: int) -> tuple[tuple[datetime, datetime], ...]:
    """The moments at which a clock shows `hour` on a business day, of two dates."""
    return span_of_hour(day, hour), span_of_hour(day + timedelta(days=1), hour)
