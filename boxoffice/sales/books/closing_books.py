"""Cash carried, shifts counted and closings, as the journals tell them; and the figures of each, recomputed.

The figures of a till are read again from the rows that its numbers cover. A day must come to what its tills
do, a month to its days and a year to its months: numbers follow each other, and so do the totals.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import ClosingPeriod, JournalKind
from boxoffice.language import _
from boxoffice.models import (
    CashCount,
    CashMovement,
    Closing,
    ShiftClosing,
    ShiftCount,
    TillSession,
    table,
)
from boxoffice.prepared import Prepared

from ..closings.closing import described
from ..closings.figures import Figures, Place, PrintSteps, Span, Stored, told_figures
from ..closings.merging import merged, told_alike
from ..closings.print_steps import counted, covered_until
from ..closings.put_back import Restoring
from ..closings.reading import read_figures
from ..closings.restorings import GONE_ON_FROM, Start, go_on, told_restoring
from ..closings.shift_figures import read_floats
from .accounting_books import AccountingBooks
from .bookkeeping import Names, named
from .cash_told import (
    CASH_COLUMNS,
    SHIFT_COLUMNS,
    Counted,
    kept_cash,
    kept_shift,
    place_of,
    told_cash,
    told_shift,
)
from .catalogue_books import Moved
from .gathering import Chains, Content, gathered
from .journal import canonical
from .ledgers import Ledger
from .left_out import compare_left_out
from .moved_takings import compare_moved
from .reconciliation import Wrong, readable

_cash, _closing, _shift = table(CashMovement), table(Closing), table(TillSession)
_ended, _count, _pieces = table(ShiftClosing), table(ShiftCount), table(CashCount)
_CASH, _CLOSINGS, _SHIFTS = (Prepared(select(rows)) for rows in (_cash, _closing, _shift))
_ENDED, _COUNTS, _PIECES = (Prepared(select(rows)) for rows in (_ended, _count, _pieces))

_NUMBERS = ("operation", "ticket", "shift", "movement", "entry")
_PERIODS = tuple(ClosingPeriod)


class ClosingBooks:
    """What has been told of closings so far, to be held against the tables at the end."""

    def __init__(self) -> None:
        self._restorings: list[Restoring] = []
        self._accounting = AccountingBooks()
        self._cash = Ledger[str](
            lambda movement: _("mouvement d'espèces {number}").format(number=movement),
            CASH_COLUMNS,
        )
        self._shifts = Ledger[str](
            lambda shift: _("fermeture de la session {number}").format(number=shift),
            SHIFT_COLUMNS,
        )
        self._closings = Ledger[str](
            lambda closing: _("clôture {id}").format(id=closing),
            ("closing", "made_at", "operator", "at", "entry"),
        )

    def hear(self, kind: str, content: Content) -> None:
        """Take in an entry. Raises LookupError if it lacks its part."""
        self._accounting.hear(kind, content)
        if kind == JournalKind.CASH_MOVED:
            self._cash.told[f"{content['till']}-{content['number']}"] = told_cash(content)
        elif kind == JournalKind.TILL_CLOSED and "shift" in content:
            till = content.get("of_till", content["till"])
            self._shifts.told[f"{till}-{content['shift']}"] = told_shift(content)
        elif kind == JournalKind.DATABASE_RESTORED and GONE_ON_FROM in content:
            self._restorings.append(told_restoring(datetime.fromisoformat(content["at"]), content))
        elif kind == JournalKind.CLOSING_MADE:
            told = content["closing"]
            self._closings.told[told["id"]] = (
                canonical(told),
                content["till"],
                content["operator"],
                content["at"],
                content["sequence"],
            )

    def compare(self, session: Session, names: Names, moved: Moved | None = None) -> None:
        """Raise Wrong at the first row that is not as it was told, or at the first figure that is not so.

        Sections and venues are held to the rows where the programme was told, but for those `moved`.
        """
        with readable(_("table {name}").format(name=_cash.name)):
            self._cash.compare(_kept_cash(session, names))
        with readable(_("table {name}").format(name=_ended.name)):
            self._shifts.compare(_kept_shifts(session, names))
        with readable(_("table {name}").format(name=_closing.name)):
            rows = _CLOSINGS.all(session)
            kept = {
                str(row["id"]): (
                    canonical(described(_columns(row), names.tills.get(row["till_id"]))),
                    named(names.tills, row["made_at_till_id"]),
                    named(names.operators, row["operator_id"]),
                    row["at"].isoformat(),
                    row["entry"],
                )
                for row in rows
            }
        self._closings.compare(kept)
        with readable(_("table {name}").format(name=_closing.name)):
            _compare_figures(session, rows, names, self._restorings, self._accounting, moved)
        compare_left_out(session, self._restorings, names)


def _compare_figures(
    session: Session,
    rows: Sequence[Content],
    names: Names,
    restorings: Sequence[Restoring],
    accounting: AccountingBooks,
    moved: Moved | None,
) -> None:
    """Every closing, in its order: it follows the one before, and its figures are those of what it covers."""
    figures = {row["id"]: told_figures(row["figures"]) for row in rows}
    chains: Chains = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["number"]):
        chains[row["period"], row["till_id"]].append(row)
    parts = gathered(chains, figures)
    for (period, till_id), chain in sorted(chains.items(), key=lambda item: _PERIODS.index(item[0][0])):
        before: Content | None = None
        for row in chain:
            where = _named(row, names)
            told = figures[row["id"]]
            held = moved if moved and row["at"].isoformat() >= moved.since else None
            _compare_totals(where, row, before, told, restorings, names)
            if period is ClosingPeriod.TILL:
                _compare_numbers(where, row, before, told, named(names.tills, till_id))
                steps = _steps_again(session, row, before, told, figures)
                again = read_figures(session, told.spans, prints=steps, uncertain=told.uncertain)
                if held is not None:
                    compare_moved(session, where, row["till_id"], told, held)
            else:
                _compare_days(where, row, before)
                again = merged(parts[row["id"]])
                if period is ClosingPeriod.DAY:
                    _compare_spans(where, told, figures[before["id"]] if before else None, again)
                    _compare_left(where, told, figures[before["id"]] if before else None)
            _compare_floats(session, where, told, names)
            if _comparable(told_alike(again, told), held) != _comparable(told_alike(told, again), held):
                raise Wrong(where, _("ses chiffres ne sont pas ceux des opérations qu'elle couvre."))
            accounting.compare(where, told)
            before = row


def _compare_totals(
    where: str,
    row: Content,
    before: Content | None,
    told: Figures,
    restorings: Sequence[Restoring],
    names: Names,
) -> None:
    """The totals of the period are those of its figures, and those since first use go on from the last, and
    from what was left out if the database was restored in between.
    """
    last = Start(0, 0, 0)
    if before is not None:
        last = Start(before["number"], before["perpetual_cents"], before["perpetual_absolute_cents"])
    start = go_on(restorings, row["period"], names.tills.get(row["till_id"]), last)
    expected = (
        start.number + 1,
        told.turnover_cents,
        told.absolute_cents,
        told.turnover_cents + start.cents,
        told.absolute_cents + start.absolute_cents,
    )
    columns = (
        "number",
        "period_cents",
        "period_absolute_cents",
        "perpetual_cents",
        "perpetual_absolute_cents",
    )
    for column, value in zip(columns, expected, strict=True):
        if row[column] != value:
            raise Wrong(where, _("« {column} » ne suit pas de ce qui précède.").format(column=column))
    sold = sum(each.cents for each in told.tariffs)
    if any(sum(place.cents for place in places) != sold for places in (told.sections, told.venues)):
        raise Wrong(where, _("ses sections ou ses lieux ne font pas le total des billets."))


def _compare_numbers(where: str, row: Content, before: Content | None, told: Figures, till: object) -> None:
    """A till's closing begins where the last one ended, and its figures are of its own numbers."""
    for what in _NUMBERS:
        expected = 1 if before is None else before[f"last_{what}"] + 1
        if row[f"first_{what}"] != expected:
            raise Wrong(where, _("elle ne commence pas où finit celle d'avant."))
    if [(span.till, span.numbers()) for span in told.spans] != [
        (till, {name: row[name] for name in Span.names()})
    ]:
        raise Wrong(where, _("ses chiffres ne sont pas ceux des opérations qu'elle couvre."))


def _compare_days(where: str, row: Content, before: Content | None) -> None:
    if before is not None and row["first_day"] <= before["last_day"]:
        raise Wrong(where, _("elle ne commence pas où finit celle d'avant."))


def _compare_spans(where: str, told: Figures, before: Figures | None, again: Figures) -> None:
    """A day goes on where the last one ended at each till, and ends where a closing of that till does."""
    ends = {span.till: span for span in before.spans} if before else {}
    covered = {span.till: span for span in again.spans}
    for span in told.spans:
        last = ends.get(span.till)
        begins = (1 if last is None else last.last_entry + 1) == span.first_entry
        expected = covered.get(span.till)
        ended = span.last_entry < span.first_entry if expected is None else expected == span
        if not (begins and ended):
            raise Wrong(where, _("elle ne couvre pas les clôtures de ses caisses."))
    if covered.keys() - {span.till for span in told.spans}:
        raise Wrong(where, _("elle ne couvre pas les clôtures de ses caisses."))


def _compare_left(where: str, told: Figures, before: Figures | None) -> None:
    """What may still be spent is what was left, and all that has changed since."""
    left = {(row.kind, row.rate): row.outstanding or 0 for row in before.stored} if before else {}
    for row in told.stored:
        if row.outstanding != left.pop((row.kind, row.rate), 0) + row.change:
            raise Wrong(where, _("ce que les clients peuvent encore dépenser ne suit pas de la veille."))
    if any(left.values()):
        raise Wrong(where, _("ce que les clients peuvent encore dépenser ne suit pas de la veille."))


def _compare_floats(session: Session, where: str, told: Figures, names: Names) -> None:
    """What is left in the drawers is what the last shift of each till left there, were it days ago."""
    tills = {number: till_id for till_id, number in names.tills.items()}
    if told.floats is not None and told.floats != read_floats(session, told.spans, tills):
        raise Wrong(where, _("les fonds laissés ne sont pas ceux que les sessions ont laissés."))


def _steps_again(
    session: Session, row: Content, before: Content | None, told: Figures, figures: Mapping[Any, Figures]
) -> tuple[PrintSteps, ...] | None:
    """The steps of a till's papers, counted again after those of its last closing; None if it told none."""
    if told.prints is None:
        return None
    first = 1 if before is None else covered_until(session, before["at"], figures[before["id"]]) + 1
    return tuple(counted(session, row["till_id"], each.till, first, each.last) for each in told.prints)


def _comparable(figures: Figures, moved: Moved | None) -> Figures:
    """Figures without what is held against something else, and without where a programme has changed."""
    return replace(
        figures,
        spans=(),
        sections=_unmoved(figures.sections, moved.sections if moved else None),
        venues=_unmoved(figures.venues, moved.venues if moved else None),
        floats=None,
        accounting=None,
        stored=tuple(
            row
            for each in figures.stored
            if (row := replace(each, outstanding=None)) != Stored(row.kind, row.rate)
        ),
        tickets=tuple(each for each in figures.tickets if each.last >= each.first),
    )


def _unmoved(places: Sequence[Place], moved: Mapping[str, frozenset[str]] | None) -> tuple[Place, ...]:
    """Those that no screening was told to have gone from, or to; none where no programme was told."""
    if moved is None:
        return ()
    several = frozenset[str]().union(*moved.values())
    return tuple(place for place in places if place.name not in several)


def _kept_cash(session: Session, names: Names) -> dict[str, tuple[Any, ...]]:
    opened = names.sessions
    return {
        place_of(row, names): kept_cash(
            row, names, opened[row["till_id"], row["till_session_id"]].isoformat()
        )
        for row in _CASH.all(session)
    }


def _kept_shifts(session: Session, names: Names) -> dict[str, tuple[Any, ...]]:
    counted = Counted(_COUNTS.all(session), _PIECES.all(session))
    opened = {row["id"]: row["opened_at"] for row in _SHIFTS.all(session)}
    kept = {
        place_of(row, names): kept_shift(row, names, opened[row["till_session_id"]].isoformat(), counted)
        for row in _ENDED.all(session)
    }
    if counted.is_left():
        raise Wrong(_("table {name}").format(name=_count.name), _("aucun journal ne la raconte."))
    return kept


def _columns(row: Content) -> dict[str, Any]:
    return {column.name: row[column.name] for column in _closing.c}


def _named(row: Content, names: Names) -> str:
    if row["till_id"] is not None:
        return _("clôture n° {number} de la caisse {till}").format(
            number=row["number"], till=named(names.tills, row["till_id"])
        )
    words = {
        ClosingPeriod.DAY: _("clôture de journée n° {number}"),
        ClosingPeriod.MONTH: _("clôture mensuelle n° {number}"),
        ClosingPeriod.YEAR: _("clôture annuelle n° {number}"),
    }
    return words[row["period"]].format(number=row["number"])
