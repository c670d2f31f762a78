"""Sales, what is given back, statements, and a programme that changes around them, in any order."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from boxoffice.models import Hall
from boxoffice.sales.importing.layouts import Kind
from boxoffice.sales.reversal import reverse
from boxoffice.sales.screenings.screening_changes import (
    CancelScreening,
    MoveScreening,
    cancel_screening,
    move_screening,
)
from tests.sales.at_two_tills import MOSTLY, TILLS, WHICH, AtTwoTills, Script, explore
from tests.sales.conftest import Festival
from tests.sales.credit_life import accepted, asked, customer, sell_to
from tests.sales.pass_life import book
from tests.sales.test_editing import change
from tests.sales.test_exchange import done, wish
from tests.sales.test_programme_told import id_of
from tests.sales.test_showings_told import WEDNESDAY, declare
from tests.sales.test_statement_copies import give

SCREENINGS = st.sampled_from(["KNEECAP", "ETERNAL", "KNEECAP2"])
WORDS = st.sampled_from(["Un titre", "Un autre", "Un dernier"])
ROWS: dict[Kind, tuple[tuple[str, ...], str]] = {
    Kind.EVENT: (("KNEECAP",), "title"),
    Kind.TARIFF: (("FILMS", "PLEIN"), "label"),
    Kind.PRODUCT: (("TOUR",), "label"),
    Kind.VENUE: (("CC",), "name"),
    Kind.HALL: (("AUD",), "name"),
}
"""The rows that are called otherwise, and where they say how."""


class AnyOrderOfProgrammes(AtTwoTills):
    """Two tills while a manager changes the programme: what is announced is sold, declared, given back."""

    @initialize()
    def sell_a_pass(self) -> None:
        self.customer_id = customer(self.festival)
        self.pass_id = self.festival.sell_pass(code="PASS6")

    @rule(till=TILLS, screening=SCREENINGS, named=st.booleans())
    def sell(self, till: int, screening: str, named: bool) -> None:
        festival = self.festival
        lines = festival.seat_line(screening), festival.product_line()
        desk = festival.desks[till]
        sell = partial(sell_to, festival, self.customer_id) if named else festival.sell
        if sale := self._try("sale", lambda: sell(*lines, desk=desk)):
            self.sold.append(sale)

    @rule(screening=SCREENINGS)
    def book(self, screening: str) -> None:
        self._try("booking", partial(book, self.festival, self.pass_id, screening))

    @precondition(lambda self: self.sold)
    @rule(till=TILLS, which=WHICH, allowed=MOSTLY)
    def undo(self, till: int, which: int, allowed: bool) -> None:
        command = self._reversal(which, {1}, allowed)
        desk = self.festival.desks[till]
        self._try("reversal", lambda: self._write(partial(reverse, command=command, desk=desk)))

    @precondition(lambda self: self.sold)
    @rule(which=WHICH)
    def give_back(self, which: int) -> None:
        sale = self.sold[which % len(self.sold)]
        self._try(
            "credit note", lambda: accepted(self.festival, asked(self.festival, sale, (1,), self.customer_id))
        )

    @precondition(lambda self: self.sold)
    @rule(which=WHICH, screening=SCREENINGS)
    def exchange(self, which: int, screening: str) -> None:
        festival, sale = self.festival, self.sold[which % len(self.sold)]
        self._try("exchange", lambda: done(festival, wish(festival, sale, festival.seat_line(screening))))

    # -- the programme

    @rule(kind=st.sampled_from(sorted(ROWS)), word=WORDS)
    def call_otherwise(self, kind: Kind, word: str) -> None:
        key, field = ROWS[kind]
        self._try("another name", lambda: change(self.festival, kind, *key, **{field: word}))

    @rule(screening=SCREENINGS, hours=st.sampled_from([3, 8, 24 * 7]), hall=st.sampled_from(["AUD", "JAR"]))
    def move(self, screening: str, hours: int, hall: str) -> None:
        festival = self.festival
        starts_at = festival.clock.now() + timedelta(hours=hours)
        hall_id = id_of(festival, Hall.__table__, hall)
        command = MoveScreening(uuid4(), festival.screening_id(screening), starts_at, hall_id, "Salle")
        desk = festival.managers_desk
        self._try("moved screening", lambda: self._write(partial(move_screening, command=command, desk=desk)))

    @rule(screening=SCREENINGS)
    def call_off(self, screening: str) -> None:
        festival = self.festival
        command = CancelScreening(uuid4(), festival.screening_id(screening), "Panne")
        desk = festival.managers_desk
        self._try(
            "cancelled screening", lambda: self._write(partial(cancel_screening, command=command, desk=desk))
        )

    # -- what is declared

    @rule(screening=SCREENINGS)
    def state(self, screening: str) -> None:
        self._try("statement", partial(give, self.festival, screening))

    @rule(weeks=st.integers(0, 1))
    def declare(self, weeks: int) -> None:
        self._try("week", partial(self._declare, WEDNESDAY + timedelta(weeks=weeks)))

    @rule(hours=st.sampled_from([1, 5, 11, 24 * 3, 24 * 7]))
    def wait(self, hours: int) -> None:
        self.festival.clock.advance(timedelta(hours=hours))

    def _declare(self, day: date) -> bool:
        declare(self.festival, day=day)
        return True


def test_each_act_around_a_programme_comes_to_something(festival: Festival) -> None:
    desk = AnyOrderOfProgrammes(festival)
    script = Script(desk)
    script.play(desk.sell, "sale", till=0, screening="KNEECAP", named=True)
    script.play(desk.sell, "sale", till=1, screening="ETERNAL", named=False)
    script.play(desk.sell, "sale", till=0, screening="KNEECAP2", named=False)
    script.play(desk.book, "booking", screening="KNEECAP")
    script.play(desk.undo, "reversal", till=1, which=1, allowed=True)
    for kind in ROWS:
        script.play(desk.call_otherwise, "another name", kind=kind, word="Un titre")
    script.play(desk.exchange, "exchange", which=2, screening="ETERNAL")
    script.play(desk.move, "moved screening", screening="KNEECAP", hours=24 * 7, hall="JAR")
    script.play(desk.sell, "sale", till=0, screening="KNEECAP", named=False)
    script.play(desk.wait, hours=11)
    script.play(desk.give_back, "credit note", which=0)
    script.play(desk.state, "statement", screening="ETERNAL")
    script.play(desk.call_off, "cancelled screening", screening="KNEECAP")
    script.play(desk.wait, hours=24 * 7)
    script.play(desk.declare, "week", weeks=0)
    script.play(desk.wait, hours=24 * 7)
    script.play(desk.undo, "reversal", till=0, which=3, allowed=True)
    script.play(desk.declare, "week", weeks=1)
    script.end()


def test_after_every_step_what_is_said_of_the_programme_and_the_journal_agree(
    new_festival: Callable[[], Festival],
) -> None:
    explore(AnyOrderOfProgrammes, new_festival)
