"""Merging rows into tables: added when new, updated when different, counted either way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel

from boxoffice.language import _
from boxoffice.models import Product, Tariff

from .layouts import Key, Kind
from .reading import Fault, Row, Sheets


@dataclass(slots=True)
class Tally:
    """What became of the rows of one kind; `withdrawn` counts what a complete import no longer has."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0

    @property
    def seen(self) -> int:
        return self.added + self.changed + self.unchanged


Thing = TypeVar("Thing", bound=SQLModel)


@dataclass(slots=True)
class Merge:
    """One import at work."""

    session: Session
    sheets: Sheets
    now: datetime
    complete: bool
    step: Callable[[], None]
    tallies: dict[Kind, Tally] = field(default_factory=dict)

    def tally(self, kind: Kind) -> Tally:
        return self.tallies.setdefault(kind, Tally())

    def fault(self, fault: Fault) -> None:
        self.sheets.faults.append(fault)

    def refer(self, row: Row, field_name: str, things: Mapping[Key, Thing], kind: Kind) -> Thing | None:
        """What the row's code for another kind names; an unknown code is a fault."""
        code = row.values[field_name]
        if (code,) in things:
            return things[(code,)]
        if (code,) not in self.sheets.misread.get(kind, set()):
            self.fault(row.fault(field_name, _("« {code} » n'existe pas").format(code=code)))
        return None

    def put(self, kind: Kind, current: Thing | None, model: type[Thing], values: Mapping[str, Any]) -> Thing:
        """The row of the table brought to `values`: added if there is none, changed only if it differs."""
        tally = self.tally(kind)
        if current is None:
            current = model(**values)
            tally.added += 1
        elif differs(current, values):
            for name, value in values.items():
                setattr(current, name, value)
            tally.changed += 1
        else:
            tally.unchanged += 1
            return current
        self.session.add(current)
        return current

    def withdraw(self, kind: Kind, things: Mapping[Key, Tariff] | Mapping[Key, Product]) -> None:
        """Take off sale what a complete import leaves out; nothing where it tells of none of this kind."""
        listed = {row.key for row in self.sheets.of(kind)}
        if not self.complete or not listed:
            return
        for key, thing in things.items():
            if key not in listed and thing.active:
                thing.active = False
                self.tally(kind).withdrawn += 1


def differs(current: SQLModel, values: Mapping[str, Any]) -> bool:
    """Whether any of `values` is not what the table has."""
    return any(getattr(current, name) != value for name, value in values.items())
