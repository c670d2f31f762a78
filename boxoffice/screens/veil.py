"""The screen beneath a dialog, darkened as Textual darkens it, in half of the time.

Textual blends the colours of each piece of text anew; here each look is blended once, and remembered.
"""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style as Look
from textual.color import Color
from textual.css.styles import RulesMap
from textual.renderables.background_screen import BackgroundScreen
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual


class Veil(BackgroundScreen, Visual):
    """A screen under a translucent colour; what a mouse could press there is dead."""

    def get_optimal_width(self, _rules: RulesMap, container_width: int) -> int:
        return container_width

    def get_height(self, _rules: RulesMap, _width: int) -> int:
        return self.screen.size.height

    def render_strips(
        self, _width: int, _height: int | None, _style: Style, _options: RenderOptions
    ) -> list[Strip]:
        return [
            Strip(
                [Segment(text, veiled(look or Look.null(), self.color)) for text, look, _control in strip],
                strip.cell_length,
            )
            for strip in self.screen._compositor.render_strips()
        ]


@lru_cache(maxsize=4096)
def veiled(look: Look, colour: Color) -> Look:
    """How a look appears under a translucent colour."""
    (segment,) = BackgroundScreen.process_segments([Segment("", look)], colour)
    return segment.style or look
