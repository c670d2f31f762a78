"""Taking times side by side, so that what slows the machine for a moment slows both sides alike."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Sides = Mapping[str, Callable[[], object]]
Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what was measured, its value and unit, and the aim if there is one.

    `at_least` tells an aim to reach from one not to exceed. `note` holds what the value was made from.
    """

    what: str
    value: float
    unit: str
    aim: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None where there is none."""
        if self.aim is None:
            return None
        return self.value >= self.aim if self.at_least else self.value <= self.aim


def alternate(
    sides: Sides, *, blocks: int, size: int, progress: Callable[[int], None] = lambda _block: None
) -> dict[str, list[float]]:
    """The seconds of each call, by side, in short blocks that take turns at going first."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for block in range(blocks):
        names = list(sides) if block % 2 else list(sides)[::-1]
        for name in names:
            gc.collect()
            for _turn in range(size):
                started = time.perf_counter()
                sides[name]()
                times[name].append(time.perf_counter() - started)
        progress(block + 1)
    return times


def median_ms(times: list[float]) -> float:
    """The median of seconds, in milliseconds."""
    return statistics.median(times) * 1_000


def percentile_ms(times: list[float], percent: int) -> float:
    """The value that `percent` of the times do not exceed, in milliseconds."""
    ordered = sorted(times)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)] * 1_000
