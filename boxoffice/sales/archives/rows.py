"""How a row of an archive is written, in CSV and in JSON: alike for whoever writes and whoever verifies."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum
from typing import Any

_QUOTE = '"'
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def plain(value: Any) -> Any:
    """A value in terms of JSON."""
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case date():
            return value.isoformat()
    return str(value)


def json_object(row: Mapping[str, Any]) -> str:
    """A row of plain values as JSON, on one line."""
    return _JSON.encode(row)


def csv_line(values: Iterable[Any]) -> str:
    """Plain values as a line of CSV; nothing where there is none, 0 and 1 for no and yes."""
    cells = [_cell(value) for value in values]
    line = ";".join(cells)
    if _QUOTE in line or "\n" in line or "\r" in line or line.count(";") >= len(cells):
        line = ";".join(map(_quoted, cells))
    return line + "\n"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def _quoted(cell: str) -> str:
    if any(sign in cell for sign in (_QUOTE, ";", "\n", "\r")):
        return _QUOTE + cell.replace(_QUOTE, _QUOTE * 2) + _QUOTE
    return cell
