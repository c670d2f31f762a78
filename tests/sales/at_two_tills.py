"""Two tills of the small festival at which anything may be done, one act at a time or in any order."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from functools import partial
from typing import TypeVar
from uuid import uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, run_state_machine_as_test
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.reversal import Reverse
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.test_programme_told import import_files
from tests.soaking import SOAK

Result = TypeVar("Result")

TILLS = st.sampled_from([0, 1])
WHICH = st.integers(0, 99)
MOSTLY = st.sampled_from([True, True, True, False])

EXAMPLES, STEPS = 4, 20

PLACES = "lieu;nom;ville;régime\nGT;Grand Théâtre;Angers;CNC_EXHIBITOR\n"
"""What is imported first of all: the whole programme is told then."""


class Moment(StrEnum):
    """When a program dies that is writing to the books."""

    BEFORE_COMMIT = "before the commit"
    BEFORE_ANCHOR = "before it remembers what it signed"
    BEFORE_ANSWER = "before the answer"


MOMENTS = st.sampled_from(Moment)


class Killed(Exception):
    """The program dies here."""


def pick(which: int, serving: Sequence[Result], known: Sequence[Result]) -> Result:
    """One of those that serve still; one time in four, or where none does, any that is known."""
    among = serving if serving and which % 4 else known
    return among[which // 4 % len(among)]


def serving(index: int) -> int:
    """The draw that picks this one of those that serve still."""
    return 4 * index + 1


class AtTwoTills(RuleBasedStateMachine):
    """Two tills, of which each may die while it writes. The house stands after every step.

    `done` counts what came to something.
    """

    def __init__(self, festival: Festival) -> None:
        super().__init__()
        self.festival = festival
        self.done: Counter[str] = Counter()
        self.desks = list(festival.desks)
        self.sold: list[CompletedSale] = []
        self._stood: object = None

    @invariant()
    def the_house_stands(self) -> None:
        """Looked into again where a row of any table, or what a till remembers, has changed since.

        The programme is told once the house is open: all that follows is held to it.
        """
        if self._stood is None:
            import_files(self.festival, ("lieux.csv", PLACES))
        known = {post.till_number: post.signer.anchor() for post in self.festival.posts}
        anchors = {number: anchor for number, anchor in known.items() if anchor is not None}
        as_it_is = anchors, self.festival.as_stored()
        if as_it_is != self._stood:
            self.festival.read(lambda session: check_the_house(session, anchors))
            self._stood = as_it_is

    def teardown(self) -> None:
        self.festival.database.close()

    def _reversal(self, which: int, lines: set[int] | None, allowed: bool) -> Reverse:
        return Reverse(
            uuid4(),
            self.sold[which % len(self.sold)].sale_id,
            None if lines is None else tuple(lines),
            authorized_by=self.festival.manager.id if allowed else None,
        )

    def _write(self, work: Callable[..., Result]) -> Result:
        return self.festival.write(lambda session: work(session, clock=self.festival.clock))

    def _try(self, what: str, act: Callable[[], Result]) -> Result | None:
        """What an act comes to, which is counted, or nothing where it is refused."""
        try:
            result = act()
        except Refusal as refusal:
            if "signé en dernier" in refusal.message:
                raise  # no death may stop a till for good
            return None
        self.done[what] += 1
        return result

    def _asked_twice(self, service: Callable[..., Result], command: object, till: int) -> Result:
        """A second try, for a lost answer, finds what the first one did."""
        work = partial(service, command=command, desk=self.desks[till], clock=self.festival.clock)
        result = self.festival.database.attempt(work)
        assert self.festival.database.attempt(work) == result
        return result

    def _die(self, moment: Moment, till: int, work: Callable[..., object]) -> None:
        """Do something that writes to the books, in a program that dies at this moment of it."""
        anchor = self.festival.posts[till].signer.anchor_path
        remembered = anchor.read_bytes() if anchor.exists() else None

        def write(session: Session) -> None:
            work(session, clock=self.festival.clock)
            if moment is Moment.BEFORE_COMMIT:
                raise Killed

        with suppress(Refusal, Killed):
            self.festival.write(write)
        if moment is not Moment.BEFORE_ANSWER:
            anchor.unlink(missing_ok=True)
            if remembered is not None:
                anchor.write_bytes(remembered)


class Script:
    """Plays chosen acts, of which each must come to what is said of it: none is refused whenever tried."""

    def __init__(self, machine: AtTwoTills) -> None:
        self.machine = machine
        self.played: set[str] = set()
        for first in machine.setup_state().initializers:
            first.function(machine)
        self._check()

    def play(self, act: Callable[..., None], *comes_to: str, **drawn: object) -> None:
        """Do one act with these arguments; everything that it comes to is named, and nothing else."""
        before = Counter(self.machine.done)
        act(**drawn)
        assert self.machine.done - before == Counter(comes_to), f"{act.__name__}({drawn})"
        self.played.add(act.__name__)
        self._check()

    def end(self) -> None:
        """No act may have been left out."""
        assert {rule.function.__name__ for rule in self.machine.rules} == self.played

    def _check(self) -> None:
        for held in self.machine.invariants:
            held.function(self.machine)


def explore(machine: Callable[[Festival], AtTwoTills], new_festival: Callable[[], Festival]) -> None:
    """Do what is drawn, in the order in which it is drawn.

    The draws are the same on every run, so that a change is to blame for what fails; a soak draws anew.
    """
    run_state_machine_as_test(
        lambda: machine(new_festival()),
        settings=settings(
            max_examples=EXAMPLES * SOAK,
            stateful_step_count=STEPS,
            phases=[Phase.generate, Phase.shrink],
            deadline=None,
            derandomize=SOAK == 1,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
