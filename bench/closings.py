"""The end of a day: an X reading against the GROUP BYs that it needs, and a Z with all its checks."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from uuid import uuid4

from sqlmodel import Session

from boxoffice.kinds import ClosingPeriod
from boxoffice.sales.closings.obstacles import till_obstacles
from boxoffice.sales.closings.period_closing import ClosePeriod, close_period
from boxoffice.sales.closings.readings import read_box_office, read_till
from boxoffice.sales.closings.till_closing import CloseTill, close_till
from boxoffice.sales.staff.operators import staff
from boxoffice.sales.staff.shift_closing import ShiftEnd

from .measuring import Figure, Progress, Sides, alternate, median_ms
from .servers import copy_database
from .stage import Stage

X_RATIO, Z_SECONDS = 2.0, 2.0
_LINES = """
    SELECT line.kind, line.tariff_code, line.label, line.product_id, line.screening_id, line.vat_rate,
           line.quantity, line.unit_price_cents = 0, COUNT(*), SUM(line.unit_price_cents)
    FROM sale JOIN saleline AS line ON line.sale_id = sale.id
    WHERE sale.till_id = 1 AND sale.number BETWEEN 1 AND :last
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
_PAYMENTS = """
    SELECT payment.means, payment.amount_cents > 0, COUNT(*), SUM(payment.amount_cents)
    FROM sale JOIN payment ON payment.sale_id = sale.id
    WHERE sale.till_id = 1 AND sale.number BETWEEN 1 AND :last
    GROUP BY 1, 2
"""
_VAT = """
    SELECT rate, SUM(gross), SUM(CASE WHEN gross < 0 THEN -net ELSE net END), SUM(ABS(gross))
    FROM (
        SELECT rate, gross, (20000 * ABS(gross) + 10000 + rate) / (2 * (10000 + rate)) AS net
        FROM (
            SELECT line.vat_rate AS rate, SUM(line.quantity * line.unit_price_cents) AS gross
            FROM sale JOIN saleline AS line ON line.sale_id = sale.id
            WHERE sale.till_id = 1 AND sale.number BETWEEN 1 AND :last AND line.kind <> 'voucher'
            GROUP BY line.sale_id, line.vat_rate
        )
    )
    GROUP BY rate
"""
"""Lines by what they are of, payments by means, VAT per operation: no X tells less."""


def measure_reading(stage: Stage, *, times: int, progress: Progress) -> list[Figure]:
    """How many times longer an X takes than its GROUP BYs, sent to SQLite by nothing but `sqlite3`."""
    rules = stage.desk.post.rules
    with closing(sqlite3.connect(str(stage.database.engine.url.database))) as connection:
        last = connection.execute("SELECT operations FROM numbering WHERE till_id = 1").fetchone()[0]
        tickets = connection.execute("SELECT tickets FROM numbering WHERE till_id = 1").fetchone()[0]

        def raw() -> None:
            for query in (_LINES, _PAYMENTS, _VAT):
                connection.execute(query, {"last": last}).fetchall()

        def reading(read: Callable[[Session], object]) -> Callable[[], None]:
            def work() -> None:
                with stage.database.read() as session:
                    read(session)

            return work

        of_till = reading(lambda session: read_till(session, rules, 1, clock=stage.clock))
        of_all = reading(lambda session: read_box_office(session, rules, clock=stage.clock))
        sides: Sides = {"raw": raw, "till": of_till, "box office": of_all}
        alternate(sides, blocks=1, size=1)
        taken = alternate(
            sides, blocks=times, size=1, progress=lambda block: progress("SQLite: readings", block, times)
        )
    theirs = median_ms(taken["raw"])
    return [
        Figure(
            f"X of {what} against its GROUP BYs, SQLite",
            median_ms(taken[name]) / theirs,
            "×",
            X_RATIO,
            note=f"{median_ms(taken[name]):.0f} ms / {theirs:.0f} ms; {tickets} tickets",
        )
        for name, what in (("till", "a till"), ("box office", "the box office"))
    ]


def measure_closing(stage: Stage, *, times: int, progress: Progress) -> list[Figure]:
    """A Z: what stands in its way looked at, the shift counted, the figures read, signed and written down."""
    taken: dict[str, list[float]] = {"a till": [], "a day": []}
    for turn in range(times):
        copy = stage.on_copy(copy_database(stage.database, f"closed_{turn}"))
        with copy.database.read() as session:
            manager = next(member for member in staff(session) if member.is_manager)
        post = copy.desk.post
        started = time.perf_counter()
        with copy.database.read() as session:
            till_obstacles(session, post.till_id)
        command = CloseTill(uuid4(), post.till_id, None, ShiftEnd(reason="Banc d'essai"))
        with copy.database.write() as session:
            close_till(session, command, post, manager, clock=copy.clock)
        closed = time.perf_counter()
        with copy.database.write() as session:
            day = ClosePeriod(uuid4(), ClosingPeriod.DAY)
            close_period(session, day, post, manager, clock=copy.clock)
        taken["a day"].append(time.perf_counter() - closed)
        taken["a till"].append(closed - started)
        copy.database.close()
        progress("SQLite: closings", turn + 1, times)
    return [
        Figure(f"Z of {what}, all its checks, SQLite", median_ms(seconds) / 1_000, "s", Z_SECONDS)
        for what, seconds in taken.items()
    ]
