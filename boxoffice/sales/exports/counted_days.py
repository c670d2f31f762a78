"""On which closing of a day each operation is counted: by its number, and seldom on that of another day."""

import json
from bisect import bisect_left
from collections import defaultdict
from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Closing, table

_closing = table(Closing)


class CountedDays:
    """The days that the box office has closed, by the last operation of each till that they count."""

    def __init__(self, session: Session) -> None:
        told = session.execute(
            select(_closing.c.first_day, _closing.c.last_day, _closing.c.figures)
            .where(_closing.c.period == ClosingPeriod.DAY)
            .order_by(_closing.c.number)
        )
        self._ends: dict[int, list[tuple[int, date, date]]] = defaultdict(list)
        for row in told:
            for span in json.loads(row.figures)["spans"]:
                self._ends[span["till"]].append((span["last_operation"], row.first_day, row.last_day))

    def other_day(self, till: int, operation: int, day: date) -> date | None:
        """The day on whose Z an operation of this business day is counted, if that is another.

        So it is where a till was opened again after its day was closed, and where a clock was set ahead.
        """
        ends = self._ends[till]
        place = bisect_left(ends, (operation,))
        if place == len(ends):
            return None
        _operation, first, last = ends[place]
        return None if first <= day <= last else last
