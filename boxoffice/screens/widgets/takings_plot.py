"""Takings by hour, drawn: today in bars, the days that it is held against as lines of their own signs."""

import math
from collections.abc import Sequence

from textual.color import Color
from textual_plotext import PlotextPlot

from boxoffice.language import _
from boxoffice.money import format_euros
from boxoffice.sales.overview.takings import DayTakings, place_of

FEWEST_HOURS = 8
WIDE = 100
"""Columns of the screen from which every hour has its name."""
AMOUNTS = 5
"""The most amounts that are written beside the plot, besides nothing."""


class TakingsPlot(PlotextPlot):
    """The hours of one day in bars, those of others as points; importing it loads all that draws."""

    can_focus = False

    def show(self, today: DayTakings, others: Sequence[tuple[str, DayTakings]]) -> None:
        """Draw these days, each of the others by what it is called."""
        days = (today, *(day for _name, day in others))
        places = sorted({place_of(hour.key, day.first_hour) for day in days for hour in day.hours})
        if not places:
            self.plt.clear_figure()
            self.refresh()
            return
        hours = range(places[0], max(places[-1] + 1, places[0] + FEWEST_HOURS))
        self._draw(hours, today, others)

    def _draw(self, hours: range, today: DayTakings, others: Sequence[tuple[str, DayTakings]]) -> None:
        plot, days = self.plt, (today, *(day for _name, day in others))
        plot.clear_figure()
        plot.bar(
            list(hours),
            [_euros(today, place) for place in hours],
            label=_("Aujourd'hui"),
            color=self._colour("primary"),
            width=0.7,
        )
        for (name, day), sign, colour in zip(others, "●×", ("text-warning", "text-success"), strict=False):
            points = [_euros(day, place) for place in hours]
            plot.plot(list(hours), points, label=name, marker=sign, color=self._colour(colour))
        step = 1 if self.app.size.width >= WIDE else 2
        named = [float(place) for place in hours[::step]]
        plot.xticks(named, [f"{(place + today.first_hour) % 24} h" for place in hours[::step]])
        amounts = _amounts(max(_euros(day, place) for day in days for place in hours))
        plot.ylim(0, amounts[-1])
        plot.yticks(amounts, [_whole_euros(amount) for amount in amounts])
        plot.frame(False)
        self.refresh()

    def _colour(self, name: str) -> tuple[int, int, int]:
        return Color.parse(self.app.theme_variables[name]).rgb


def _euros(day: DayTakings, place: int) -> float:
    cents = sum(hour.cents for hour in day.hours if place_of(hour.key, day.first_hour) == place)
    return cents / 100


def _amounts(most: float) -> list[float]:
    """Round amounts in euros from nothing to the first that is no less than `most`."""
    step = 10.0
    while step * AMOUNTS < most:
        step *= 2.5 if str(step).startswith("2") else 2
    return [step * place for place in range(max(math.ceil(most / step), 1) + 1)]


def _whole_euros(amount: float) -> str:
    return format_euros(round(amount) * 100).replace(",00", "").replace(".00", "")
