"""The stylesheets of Textual and of the counter, parsed once for all the apps of a test run."""

from typing import Any

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_parse = Stylesheet._parse_rules
_parsed: dict[object, list[RuleSet]] = {}


def rules_of(sheet: Stylesheet, css: str, **source: Any) -> list[RuleSet]:
    """The rules of a text of CSS, under the variables that this stylesheet has."""
    key = (css, *source.values(), frozenset(sheet._variables.items()))
    if key not in _parsed:
        _parsed[key] = _parse(sheet, css, **source)
    return _parsed[key]
