"""The words of the dashboard, whose figures are held against each other."""

from datetime import date

from boxoffice.sales.overview.takings import DayTakings, MeansTaken, Part
from boxoffice.screens.dashboard_words import all_means_words


def test_what_all_means_came_to_is_added_up_below_them_and_no_figure_is_cut() -> None:
    """A row of the dashboard has 73 columns on the narrowest screen."""
    day = DayTakings(
        date(2026, 1, 21),
        4,
        hours=(Part(12, "", 15, 1_732_929_30),),
        means=(MeansTaken("cash", 12, 1_234_567_80), MeansTaken("card", 3, 525_812_50)),
        gift_cards_cents=22_000_00,
        counted_before_cents=5_451_00,
    )
    rows = all_means_words(day)
    assert max(len(row) for row in rows) <= 73
    figures = [row.split("  ")[-1].strip().replace("\u00a0", " ") for row in rows]
    assert figures == ["1 760 380,30", "1 732 929,30", "+22 000,00", "+5 451,00"]
