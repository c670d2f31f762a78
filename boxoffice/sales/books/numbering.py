"""The unbroken series of each till: numbers drawn in the transaction that uses them, or known to be given."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from boxoffice.models import Numbering, Till, table
from boxoffice.prepared import Prepared

_numbering, _till = table(Numbering), table(Till)

_DRAW = Prepared(
    update(_numbering)
    .where(_numbering.c.till_id == bindparam("till"))
    .values(
        operations=_numbering.c.operations + bindparam("new_operations"),
        tickets=_numbering.c.tickets + bindparam("new_tickets"),
        passes=_numbering.c.passes + bindparam("new_passes"),
        credit_notes=_numbering.c.credit_notes + bindparam("new_credit_notes"),
        journal=_numbering.c.journal + 1,
    )
    .returning(
        _numbering.c.operations,
        _numbering.c.tickets,
        _numbering.c.passes,
        _numbering.c.credit_notes,
        _numbering.c.journal,
    )
)

SERIES = ("operations", "tickets", "passes", "credit_notes")
"""What a till numbers beside its journal."""
_DRAWN = "drawn"
"""Under this a session keeps the last numbers that each till has drawn in it."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The last number drawn of each series of a till; `journal` is that of the entry to write."""

    operation: int
    ticket: int
    passes: int
    credit_notes: int
    journal: int


def draw_numbers(
    session: Session,
    till_id: int,
    *,
    operations: int = 0,
    tickets: int = 0,
    passes: int = 0,
    credit_notes: int = 0,
) -> Numbers:
    """Draw the next numbers of a till, and always one for the journal: no gap survives the transaction."""
    wanted = {
        "till": till_id,
        "new_operations": operations,
        "new_tickets": tickets,
        "new_passes": passes,
        "new_credit_notes": credit_notes,
    }
    (drawn,) = _DRAW.all(session, wanted)
    session.info.setdefault(_DRAWN, {})[till_id] = tuple(drawn[name] for name in SERIES)
    return Numbers(
        drawn["operations"], drawn["tickets"], drawn["passes"], drawn["credit_notes"], drawn["journal"]
    )


def drawn_now(session: Session, till_id: int) -> tuple[int, ...]:
    """The last numbers that a till has drawn in this session, in the order of SERIES; none if it has not."""
    drawn: tuple[int, ...] = session.info.get(_DRAWN, {}).get(till_id, ())
    return drawn


def read_numbers(session: Session) -> dict[str, dict[str, int]]:
    """The last number that each till has drawn of each series, by the number of the till."""
    rows = session.execute(select(_till.c.number, _numbering).join(_numbering)).mappings()
    return {str(row["number"]): {name: row[name] for name in SERIES} for row in rows}


def skip_numbers(session: Session, known: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Have each till go on after the numbers `known` to have been given; returns how many are left out."""
    skipped = {}
    for till, drawn in read_numbers(session).items():
        ahead = {name: known.get(till, {}).get(name, 0) - drawn[name] for name in SERIES}
        left_out = {name: count for name, count in ahead.items() if count > 0}
        if left_out:
            skipped[till] = left_out
            till_id = select(_till.c.id).where(_till.c.number == int(till)).scalar_subquery()
            further = {name: _numbering.c[name] + count for name, count in left_out.items()}
            session.execute(update(_numbering).where(_numbering.c.till_id == till_id).values(further))
    return skipped
