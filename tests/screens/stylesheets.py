"""The stylesheets of Textual and of the counter, parsed once for all the apps of a test run.

Of the parts that a widget may have (the cursor of a field, the eight sorts of lines of a list), only those
that it draws are styled.
"""

from typing import Any

from textual.css.model import RuleSet
from textual.css.styles import RenderStyles
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

_parse = Stylesheet._parse_rules
_parsed: dict[object, list[RuleSet]] = {}


def rules_of(sheet: Stylesheet, css: str, **source: Any) -> list[RuleSet]:
    """The rules of a text of CSS, under the variables that this stylesheet has."""
    key = (css, *source.values(), frozenset(sheet._variables.items()))
    if key not in _parsed:
        _parsed[key] = _parse(sheet, css, **source)
    return _parsed[key]


class PartStyles(dict[str, RenderStyles]):
    """The styles of the parts of a widget, each made when it is looked at."""

    def __init__(self, sheet: Stylesheet, whole: DOMNode, names: set[str]) -> None:
        super().__init__()
        self._sheet, self._whole, self._names = sheet, whole, names

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __missing__(self, name: str) -> RenderStyles:
        part = DOMNode(classes=name)
        part._attach(self._whole)
        self._sheet.apply(part)
        self[name] = part.styles
        return part.styles


def style_parts(sheet: Stylesheet, whole: DOMNode) -> None:
    """Style the parts of a widget anew; it is drawn again if one that was looked at has changed."""
    names = whole._get_component_classes()
    if not names:
        return
    looked_at, parts = whole._component_styles, PartStyles(sheet, whole, names)
    whole._component_styles = parts
    if not isinstance(looked_at, PartStyles) or any(parts[each] != looked_at[each] for each in looked_at):
        whole.refresh()
