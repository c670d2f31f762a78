"""Cash carried and shifts counted, as entries tell them and as rows of a table or an archive keep them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from .bookkeeping import Names, named
from .journal import canonical
from .ledgers import written

Content = Mapping[str, Any]

CASH_COLUMNS = (
    "id",
    "kind",
    "amount_cents",
    "reason",
    "carrier",
    "operator_id",
    "authorized_by_id",
    "at",
    "till_session_id",
)
SHIFT_COLUMNS = (
    "opened_at",
    "operator_id",
    "authorized_by_id",
    "reason",
    "deposit_cents",
    "left_cents",
    "note",
    "at",
    "shiftcount",
    "cashcount",
)


def place_of(row: Content, names: Names) -> str:
    """What a movement or the end of a shift is known by: its till, and its number there."""
    return f"{named(names.tills, row['till_id'])}-{row['number']}"


def told_cash(content: Content) -> tuple[Any, ...]:
    """What an entry tells of cash carried."""
    return (
        content["id"],
        content["kind"],
        content["amount"],
        content["reason"],
        content["carrier"],
        content["operator"],
        content["authorized_by"],
        content["at"],
        content["session"],
    )


def kept_cash(row: Content, names: Names, opened_at: str) -> tuple[Any, ...]:
    """The same of its row, in a shift that was `opened_at`."""
    return (
        str(row["id"]),
        row["kind"],
        row["amount_cents"],
        row["reason"],
        row["carrier"],
        named(names.operators, row["operator_id"]),
        named(names.operators, row["authorized_by_id"]),
        written(row["at"]),
        opened_at,
    )


def told_shift(content: Content) -> tuple[Any, ...]:
    """What an entry tells of how a shift ended."""
    return (
        content["opened_at"],
        content["operator"],
        content["authorized_by"],
        content["reason"],
        content["deposit"],
        content["left"],
        content["note"],
        content["at"],
        canonical(content["counts"]),
        canonical(content["pieces"]),
    )


def kept_shift(row: Content, names: Names, opened_at: str, counted: "Counted") -> tuple[Any, ...]:
    """The same of its row, with what was counted, which is taken."""
    return (
        opened_at,
        named(names.operators, row["operator_id"]),
        named(names.operators, row["authorized_by_id"]),
        row["reason"],
        row["deposit_cents"],
        row["left_cents"],
        row["note"],
        written(row["at"]),
        *counted.take(row["till_session_id"]),
    )


class Counted:
    """What was expected and counted in each shift, by means and by piece, until its end takes it."""

    def __init__(self, counts: Iterable[Content], pieces: Iterable[Content]) -> None:
        self._counts: dict[int, dict[str, list[int | None]]] = defaultdict(dict)
        self._pieces: dict[int, dict[str, int]] = defaultdict(dict)
        for row in counts:
            self._counts[row["till_session_id"]][row["means"]] = [row["expected_cents"], row["counted_cents"]]
        for row in pieces:
            self._pieces[row["till_session_id"]][str(row["value"])] = row["pieces"]

    def take(self, shift: int) -> tuple[str, str]:
        """The counts and the pieces of a shift, as its entry tells them."""
        return canonical(self._counts.pop(shift, {})), canonical(self._pieces.pop(shift, {}))

    def is_left(self) -> bool:
        """Whether something was counted of which no shift has ended."""
        return bool(self._counts or self._pieces)
