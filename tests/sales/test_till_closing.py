"""A till is closed by a manager: all since its last Z is in the next, once, and nothing sells meanwhile."""

from uuid import uuid4

from boxoffice.printing.rendering import to_plain
from boxoffice.sales.closings.closing import Made
from boxoffice.sales.closings.figures import Counted
from boxoffice.sales.closings.readings import read_till
from boxoffice.sales.closings.till_closing import CloseTill, close_till
from boxoffice.sales.prints.closing_papers import ClosingPaper
from boxoffice.sales.prints.letterhead import read_letterhead
from boxoffice.sales.staff.shift_closing import ShiftEnd
from tests.sales.conftest import Festival


def close_first(festival: Festival, counted: int | None = None, end: ShiftEnd | None = None) -> Made:
    command = CloseTill(uuid4(), 1, counted, end or ShiftEnd())
    return festival.write(
        lambda session: close_till(
            session, command, festival.posts[0], festival.manager, clock=festival.clock
        )
    )


def test_a_sale_is_read_closed_and_printed(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=2))
    rules = festival.desk.post.rules
    reading = festival.read(lambda session: read_till(session, rules, 1, clock=festival.clock))
    assert reading.figures.turnover_cents == 1_700
    assert reading.open_shifts[0].counts == (
        Counted("cash", 11_700, None),
        Counted("card", 0, None),
        Counted("cheque", 0, None),
    )
    made = close_first(festival, 11_700)
    assert (made.number, made.till, made.period_cents, made.perpetual_cents) == (1, 1, 1_700, 1_700)
    assert made.figures.tariffs == reading.figures.tariffs
    assert made.figures.tickets[0].missing == 0
    letterhead = festival.read(read_letterhead)
    plain = to_plain(ClosingPaper(letterhead, made), 42)
    assert "CLÔTURE DE CAISSE" in plain
    assert made.entry
    festival.stands()
