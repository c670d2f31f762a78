"""PINs by their seals: those that were told of each operator, and those that were typed in their name."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from boxoffice.kinds import JournalKind
from boxoffice.language import _

from .reconciliation import Place, Wrong

LET_IN = frozenset(
    {
        JournalKind.OPERATOR_LOGGED_IN,
        JournalKind.OPERATOR_PROVED,
        JournalKind.MANAGER_AUTHORIZED,
        JournalKind.FIGURES_READ,
    }
)
"""The entries of a PIN that was just typed and accepted: each tells which; versions of before did not."""
_TYPED = LET_IN | {JournalKind.KEY_CREATED, JournalKind.KEY_RESTORED, JournalKind.DATABASE_RESTORED}
"""The entries that tell which PIN was typed, if one was."""
_GIVEN = frozenset({JournalKind.OPERATOR_ADDED, JournalKind.OPERATOR_PIN_CHANGED})


class _Pin(NamedTuple):
    """A PIN by its seal: the till whose chain tells it, and the one that it replaced.

    The first of somebody replaced none (""); versions of before did not tell which (None).
    """

    till: int
    seal: str
    old: str | None


class _Use(NamedTuple):
    """A PIN that was typed, or replaced, as that of an operator; by its seal."""

    number: int
    seal: str


@dataclass
class PinBooks:
    """What has been told of PINs so far. A seal is of a salted hash: no two PINs ever have the same.

    `former` is the PIN that another one replaced; `in_turn` are those of each operator in the order of each
    chain that tells them. A till `sealed` what was typed, by a version of the program; `unsealed` is where
    one that is no older did not.
    """

    pins: dict[int, list[_Pin]] = field(default_factory=lambda: defaultdict(list))
    used: dict[_Use, Place] = field(default_factory=dict)
    former: dict[_Use, _Use] = field(default_factory=dict)
    in_turn: dict[tuple[int, int], list[tuple[_Use, Place]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    sealed: dict[int, tuple[int, ...]] = field(default_factory=dict)
    unsealed: dict[int, Place] = field(default_factory=dict)

    def hear(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take in an entry of a chain, in its order. Raises LookupError if it lacks its part."""
        if kind not in _TYPED and kind not in _GIVEN:
            return
        place = Place(content["till"], content["sequence"])
        if kind == JournalKind.OPERATOR_ADDED:
            self._hear_given(_Use(content["added"], content["pin"]), "", place)
        elif kind == JournalKind.OPERATOR_PIN_CHANGED:
            self._hear_given(_Use(content["changed"], content["pin"]), content.get("old"), place)
        elif "pin" in content:
            self._hear_used(_Use(content["operator"], content["pin"]), place)
            self.sealed[place.till] = _version(content)
        elif kind in LET_IN and place.till in self.sealed and _version(content) >= self.sealed[place.till]:
            self.unsealed.setdefault(place.till, place)

    def _hear_given(self, given: _Use, old: str | None, place: Place) -> None:
        self.pins[given.number].append(_Pin(place.till, given.seal, old))
        if old:
            self.former[given] = _Use(given.number, old)
            self._hear_used(self.former[given], place)
        self._hear_in_turn(given, place)

    def _hear_used(self, use: _Use, place: Place) -> None:
        self.used.setdefault(use, place)
        self._hear_in_turn(use, place)

    def _hear_in_turn(self, use: _Use, place: Place) -> None:
        told = self.in_turn[place.till, use.number]
        if not told or told[-1][0] != use:
            told.append((use, place))

    def notices(self) -> Iterator[str]:
        """What is no fault, but to be asked about: a till that tells no more which PINs are typed there."""
        for place in self.unsealed.values():
            said = _("un code y a été tapé sans son sceau, que cette caisse racontait : par quel programme ?")
            yield _("{place} : {message}").format(place=place, message=said)

    def compare(self) -> None:
        """Raise Wrong at the first PIN that was typed, or replaced, and was not that of its operator."""
        given = {_Use(number, pin.seal) for number, pins in self.pins.items() for pin in pins}
        for use, place in self.used.items():
            if use not in given:
                raise Wrong(
                    place,
                    _(
                        "ce code PIN n'est aucun de ceux que le journal raconte de l'opérateur n° {number}."
                    ).format(number=use.number),
                )
        for told in self.in_turn.values():
            self._compare_in_turn(told)

    def _compare_in_turn(self, told: Iterable[tuple[_Use, Place]]) -> None:
        """Raise Wrong at a PIN that comes after one that had replaced it, at whichever till that was."""
        gone = set[_Use]()
        for use, place in told:
            if use in gone:
                raise Wrong(
                    place,
                    _("ce code PIN de l'opérateur n° {number} avait été changé.").format(number=use.number),
                )
            former = self.former.get(use)
            while former is not None and former not in gone:
                gone.add(former)
                former = self.former.get(former)

    def in_force(self, number: int) -> set[str]:
        """The PIN that nobody replaced; where it is not told what was, the last of each chain may be that."""
        pins = self.pins[number]
        changed = [pin for pin in pins if pin.old != ""] or pins
        last = {pin.till: pin.seal for pin in changed}
        return set(last.values()) - {pin.old for pin in changed}


def _version(content: Mapping[str, Any]) -> tuple[int, ...]:
    """The numbers of the version of the program that signed an entry."""
    return tuple(map(int, re.findall(r"\d+", content.get("version", ""))))
