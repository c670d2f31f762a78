"""PINs by their seals: those that were told of each operator, and those that were typed in their name."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from boxoffice.kinds import JournalKind
from boxoffice.language import _

from .reconciliation import Place, Wrong

_TYPED = frozenset(
    {
        JournalKind.OPERATOR_LOGGED_IN,
        JournalKind.OPERATOR_PROVED,
        JournalKind.MANAGER_AUTHORIZED,
        JournalKind.FIGURES_READ,
        JournalKind.KEY_CREATED,
        JournalKind.KEY_RESTORED,
        JournalKind.DATABASE_RESTORED,
    }
)
"""The entries that tell which PIN was typed; versions of before did not tell it."""
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
    """What has been told of PINs so far. A seal is of a salted hash: no two PINs ever have the same."""

    pins: dict[int, list[_Pin]] = field(default_factory=lambda: defaultdict(list))
    used: dict[_Use, Place] = field(default_factory=dict)
    replaced: dict[int, set[_Use]] = field(default_factory=lambda: defaultdict(set))
    used_after: dict[_Use, Place] = field(default_factory=dict)

    def hear(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take in an entry of a chain, in its order. Raises LookupError if it lacks its part."""
        if kind not in _TYPED and kind not in _GIVEN:
            return
        place = Place(content["till"], content["sequence"])
        if kind == JournalKind.OPERATOR_ADDED:
            self.pins[content["added"]].append(_Pin(place.till, content["pin"], ""))
        elif kind == JournalKind.OPERATOR_PIN_CHANGED:
            number, old = content["changed"], content.get("old")
            self.pins[number].append(_Pin(place.till, content["pin"], old))
            if old is not None:
                self._use(_Use(number, old), place)
                self.replaced[place.till].add(_Use(number, old))
        elif "pin" in content:
            self._use(_Use(content["operator"], content["pin"]), place)

    def _use(self, use: _Use, place: Place) -> None:
        self.used.setdefault(use, place)
        if use in self.replaced[place.till]:
            self.used_after.setdefault(use, place)

    def compare(self) -> None:
        """Raise Wrong at the first PIN that was typed, or replaced, and was not that of its operator."""
        told = {_Use(number, pin.seal) for number, pins in self.pins.items() for pin in pins}
        for use, place in self.used.items():
            if use not in told:
                raise Wrong(
                    place,
                    _(
                        "ce code PIN n'est aucun de ceux que le journal raconte de l'opérateur n° {number}."
                    ).format(number=use.number),
                )
        for use, place in self.used_after.items():
            raise Wrong(
                place, _("ce code PIN de l'opérateur n° {number} avait été changé.").format(number=use.number)
            )

    def in_force(self, number: int) -> set[str]:
        """The PIN that nobody replaced; where it is not told what was, the last of each chain may be that."""
        pins = self.pins[number]
        changed = [pin for pin in pins if pin.old != ""] or pins
        last = {pin.till: pin.seal for pin in changed}
        return set(last.values()) - {pin.old for pin in changed}
