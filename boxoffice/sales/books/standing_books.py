"""Who was on duty and in which role, as the journals tell it of the staff, in the order of each chain.

The chains of several tills tell of the same people, and no clock puts their entries in one order: what
another till tells may have come before or after. Whoever may have been something then is taken to have been.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from boxoffice.kinds import JournalKind
from boxoffice.language import _

from .pin_books import LET_IN
from .reconciliation import Place, Wrong

_UNDER_WAY = timedelta(seconds=1)


class _Change(NamedTuple):
    """A change of somebody: a role given up for a new one, or the end (-1) or beginning (1) of their duty."""

    sequence: int
    at: datetime
    duty: int = 0
    old: str = ""
    new: str = ""


@dataclass
class StandingBooks:
    """What has been told so far of who is on duty, and in which role; changes by operator, then by till."""

    began_as: dict[int, str] = field(default_factory=dict)
    changes: dict[int, dict[int, list[_Change]]] = field(default_factory=dict)
    let_in: dict[tuple[int, int, range], Place] = field(default_factory=dict)

    def hear(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take in an entry of a chain, in its order. Raises LookupError if it lacks its part."""
        match kind:
            case JournalKind.OPERATOR_ADDED:
                self.began_as[content["added"]] = content["role"]
            case JournalKind.OPERATOR_ROLE_CHANGED:
                self._hear_change(content["changed"], content, old=content["old"], new=content["new"])
            case JournalKind.OPERATOR_DEACTIVATED:
                self._hear_change(content["deactivated"], content, duty=-1)
            case JournalKind.OPERATOR_REACTIVATED:
                self._hear_change(content["reactivated"], content, duty=1)
            case _ if kind in LET_IN and "pin" in content:
                self._hear_let_in(content["operator"], content)

    def _hear_change(self, number: int, content: Mapping[str, Any], **change: Any) -> None:
        told = _Change(content["sequence"], datetime.fromisoformat(content["at"]), **change)
        self.changes.setdefault(number, defaultdict(list))[content["till"]].append(told)

    def _hear_let_in(self, number: int, content: Mapping[str, Any]) -> None:
        if number in self.changes:
            place = Place(content["till"], content["sequence"])
            told = self.told_before(number, place, content["at"])
            self.let_in.setdefault((number, place.till, told), place)

    def told_before(self, number: int | None, place: Place, at: str | datetime) -> range:
        """How many changes of somebody had been made before an act of theirs, as its chain tells them.

        The act that follows a change within a second may have been under way when it was made.
        """
        told = self.changes[number].get(place.till, ()) if number in self.changes else ()
        before = [change for change in told if change.sequence < place.entry]
        first = last = len(before)
        if before and before[-1].sequence == place.entry - 1:
            moment = datetime.fromisoformat(at) if isinstance(at, str) else at
            first -= abs(moment - before[-1].at) < _UNDER_WAY
        return range(first, last + 1)

    def is_changed_at(self, number: int | None, till: int) -> bool:
        """Whether the chain of a till tells any change of somebody."""
        return number in self.changes and till in self.changes[number]

    def ever(self, number: int | None) -> set[str]:
        """All roles that somebody was ever told to have."""
        told = {self.began_as[number]} if number in self.began_as else set[str]()
        changes = self.changes[number].values() if number in self.changes else ()
        return told | {change.new for each in changes for change in each if change.new}

    def then(self, number: int | None, till: int, told: range) -> set[str]:
        """The roles that somebody may have had once a till had `told` so many changes; none off duty."""
        roles = self.ever(number)
        if number is None or number not in self.changes:
            return roles
        return {
            role
            for role in roles
            for count in told
            if self._may_be_on_duty(number, till, count) and self._may_be(number, till, count, role)
        }

    def _may_be_on_duty(self, number: int, till: int, told: int) -> bool:
        return self._most(number, till, told, lambda change: change.duty) >= 0

    def _may_be(self, number: int, till: int, told: int, role: str) -> bool:
        gained = self._most(number, till, told, lambda change: (change.new == role) - (change.old == role))
        return gained + (self.began_as.get(number) == role) > 0

    def _most(self, number: int, till: int, told: int, gain: Callable[[_Change], int]) -> int:
        """The most that somebody had gained by then: as this till told it, and by any gain told elsewhere."""
        own = sum(map(gain, self.changes[number].get(till, ())[:told]))
        others = (each for other, each in self.changes[number].items() if other != till)
        return own + sum(max(gain(change), 0) for each in others for change in each)

    def compare(self) -> None:
        """Raise Wrong at the first PIN accepted of somebody who was no more on duty."""
        for (number, till, told), place in self.let_in.items():
            if not any(self._may_be_on_duty(number, till, count) for count in told):
                raise Wrong(
                    place,
                    _(
                        "le code de l'opérateur n° {number} y a été accepté, qui n'était plus en service."
                    ).format(number=number),
                )
