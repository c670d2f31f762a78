"""Final statements, as the journals of all tills tell them, held against the books as they stood then.

What a statement counts is told by numbers, never by clocks: of every till, the operations and entries up to
the last one that it had signed when the statement was made.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from boxoffice.kinds import JournalKind, SaleKind
from boxoffice.language import _
from boxoffice.models import Sale, SaleLine, Ticket, TicketScan, Till, table
from boxoffice.prepared import Prepared

from ..statements.given_out import LEFT_OUT
from .bookkeeping import Names
from .numbers import paper_number
from .reconciliation import Place, Wrong, readable
from .showing_books import ShowingBooks

_sale, _line, _ticket, _till = table(Sale), table(SaleLine), table(Ticket), table(Till)
_scan = table(TicketScan)

_CATEGORY = (_line.c.tariff_code, _line.c.label, _line.c.unit_price_cents, _line.c.vat_rate)
_OF = (_line.c.screening_id, *_CATEGORY, _line.c.quantity, _sale.c.kind, _till.c.number.label("till"))
_SOLD = (
    select(*_OF, func.count().label("seats"), func.max(_sale.c.number).label("last"))
    .join(_sale, _sale.c.id == _line.c.sale_id)
    .join(_till, _till.c.id == _sale.c.till_id)
    .group_by(*_OF)
)
_ALL_SOLD = Prepared(_SOLD.where(_line.c.screening_id.is_not(None)))
"""What each till did of each category: whole, it is counted or not by its last operation alone."""
_SOLD_ONE_BY_ONE = Prepared(
    _SOLD.where(_line.c.screening_id == bindparam("screening")).group_by(_sale.c.number, _line.c.position)
)
_ISSUED = (
    select(
        _ticket.c.screening_id,
        _till.c.number.label("till"),
        func.min(_ticket.c.number).label("first"),
        func.max(_ticket.c.number).label("final"),
        func.count().label("tickets"),
        func.max(_sale.c.number).label("last"),
    )
    .join(_sale, _sale.c.id == _ticket.c.sale_id)
    .join(_till, _till.c.id == _ticket.c.till_id)
    .group_by(_ticket.c.screening_id, _till.c.number)
    .order_by(_till.c.number)
)
_ALL_ISSUED = Prepared(_ISSUED)
_ISSUED_UNTIL = Prepared(
    _ISSUED.where(
        _ticket.c.screening_id == bindparam("screening"),
        _till.c.number == bindparam("of_till"),
        _sale.c.number <= bindparam("until"),
    )
)
_SCANNED = Prepared(
    select(_scan.c.sale_id, _scan.c.position, _line.c.screening_id, *_CATEGORY).join(
        _line, (_line.c.sale_id == _scan.c.sale_id) & (_line.c.position == _scan.c.position)
    )
)

Content = Mapping[str, Any]
Category = tuple[str, str, int, int]

_COUNTS = ("issued", "cancelled", "credited", "used")
_UNDONE = {SaleKind.REVERSAL: "cancelled", SaleKind.CREDIT_NOTE: "credited"}
_TOTALS = ("sold", "booked", "entries", "takings")
_SERIES = ("till_number", "first", "last", "tickets")


class _Ends(NamedTuple):
    """The last operation and the last entry of a till that a statement counts."""

    operation: int = 0
    entry: int = 0


class _Shown(NamedTuple):
    """What a statement says of one screening; that of a week does not say who came in on a pass."""

    screening: str
    tariffs: Iterable[Content]
    booked: int
    entered: int | None
    numbers: Iterable[Content]
    is_cancelled: bool


class StatementBooks:
    """What has been told of statements so far, to be held against the tables at the end."""

    def __init__(self) -> None:
        self._issued: list[Content] = []
        self._left_out: list[Content] = []
        self._seen: dict[int, Counter[int]] = defaultdict(Counter)
        self._behind: set[Place] = set()
        self._admitted: dict[tuple[str, int], Place] = {}
        self._booked: dict[str, dict[str, Place]] = defaultdict(dict)
        self._ended: dict[str, Place] = {}
        self._cancelled: dict[str, Place] = {}
        self._entered: dict[str, Place] = {}
        self._sold: dict[int, list[Any]] = defaultdict(list)
        self._numbered: dict[int, list[Any]] = defaultdict(list)
        self._scanned: dict[int, list[tuple[Category, Place | None]]] = defaultdict(list)

    def hear(self, kind: str, content: Content) -> None:
        """Take in an entry, in the order of its chain. Raises LookupError if it lacks its part."""
        if "heads" in content:
            self._see(content["till"], ((till, last) for till, last, _digest in content["heads"]))
        match kind:
            case JournalKind.STATEMENT_ISSUED if not content["provisional"]:
                self._issued.append(content)
                self._hear_ends(content)
            case JournalKind.TICKET_ADMITTED:
                self._admitted[content["sale_id"], content["position"]] = _place(content)
            case JournalKind.BOOKING_MADE:
                made = dict.fromkeys(content["bookings"], _place(content))
                self._booked[content["screening"]].update(made)
            case JournalKind.BOOKING_ADMITTED:
                self._entered[content["booking"]] = _place(content)
            case JournalKind.SCREENING_CANCELLED:
                self._ended.update(dict.fromkeys(content["bookings"], _place(content)))
                self._cancelled[content["screening"]] = _place(content)
            case JournalKind.BOOKING_CANCELLED | JournalKind.BOOKING_SWAPPED:
                self._ended[content["booking"]] = _place(content)
            case JournalKind.DATABASE_RESTORED:
                self._left_out += content.get(LEFT_OUT, ())

    def _hear_ends(self, content: Content) -> None:
        """It counts all that its own till had signed, and of the others no less than this one knew of."""
        ends = {till: entry for till, _operation, entry in content.get("until", ())}
        known = {**self._seen[content["till"]], content["till"]: content["sequence"]}
        if ends and any(ends.get(till, 0) < entry for till, entry in known.items()):
            self._behind.add(_place(content))
        self._see(content["till"], ends.items())

    def _see(self, till: int, ends: Iterable[tuple[int, int]]) -> None:
        """Keep how far the chains of the tills went, as one of them tells it."""
        seen = self._seen[till]
        for other, last in ends:
            seen[other] = max(seen[other], last)

    def compare(self, session: Session, names: Names, showings: ShowingBooks) -> None:
        """Raise Wrong at the first statement that was issued twice, or that the books did not bear out.

        `showings` are what was told of the programme: a statement says nothing else of it, and all of a week.
        """
        self._compare_series()
        if any("figures" in content for content in self._issued):
            self._read(session)
        screenings = {code: screening_id for screening_id, code in names.screenings.items()}
        for content in self._issued:
            if "figures" not in content:
                continue
            where = _place(content)
            with readable(where):
                untold = next(showings.untold(content), None)
                ends = {till: _Ends(*last) for till, *last in content["until"]}
                shown = tuple(_shown(content["figures"]))
                agrees = (
                    where not in self._behind
                    and _sums_up(content, shown)
                    and all(self._agrees(session, each, screenings[each.screening], ends) for each in shown)
                )
                left_out = (
                    code
                    for code in showings.due(content["figures"])
                    if self._standing(code, ends) or self._categories(session, screenings[code], ends)
                )
                missing = next(left_out, None)
            if not agrees:
                raise Wrong(
                    where,
                    _("le relevé {number} n'est pas ce que les comptes disaient alors.").format(
                        number=content["number"]
                    ),
                )
            if untold is not None:
                raise Wrong(
                    where,
                    _("le relevé {number} dit « {value} », qui n'a jamais été annoncé.").format(
                        number=content["number"], value=_said(untold)
                    ),
                )
            if missing is not None:
                raise Wrong(
                    where,
                    _("le relevé {number} tait la séance {code}, annoncée cette semaine-là.").format(
                        number=content["number"], code=missing
                    ),
                )

    def _compare_series(self) -> None:
        """One original of each, then corrections 1, 2…; a version before numbered none of its files.

        Those that a restoring left out are counted.
        """
        corrections: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
        for content in self._issued:
            told = corrections[content["document"], content["number"]]
            if "correction" in content:
                told[content["correction"]] += 1
            else:
                told[0] = 1
        for content in self._left_out:
            corrections[content["document"], content["number"]][content["correction"]] += 1
        for (_document, number), told in sorted(corrections.items()):
            if sorted(told.elements()) != list(range(len(told))):
                raise Wrong(
                    _("relevé {number}").format(number=number),
                    _("ses originaux et rectificatifs ne se suivent pas."),
                )

    def _agrees(self, session: Session, shown: _Shown, screening_id: int, ends: Mapping[int, _Ends]) -> bool:
        booked = self._standing(shown.screening, ends)
        entered = sum(_counts(ends, self._entered.get(booking)) for booking in booked)
        told = {_category(tariff): tuple(tariff[name] for name in _COUNTS) for tariff in shown.tariffs}
        series = [tuple(each[name] for name in _SERIES) for each in shown.numbers]
        return (
            shown.booked == len(booked)
            and (shown.is_cancelled or not _counts(ends, self._cancelled.get(shown.screening)))
            and shown.entered in (None, entered)
            and told == self._categories(session, screening_id, ends)
            and series == self._series(session, screening_id, ends)
        )

    def _standing(self, screening: str, ends: Mapping[int, _Ends]) -> list[str]:
        """The bookings of a screening that stood."""
        return [
            booking
            for booking, made in self._booked[screening].items()
            if _counts(ends, made) and not _counts(ends, self._ended.get(booking))
        ]

    def _categories(
        self, session: Session, screening_id: int, ends: Mapping[int, _Ends]
    ) -> dict[Category, tuple[int, ...]]:
        """What each category of a screening had come to."""
        found: dict[Category, Counter[str]] = defaultdict(Counter)
        sold = self._sold[screening_id]
        if any(row.last > ends.get(row.till, _Ends()).operation for row in sold):
            sold = _SOLD_ONE_BY_ONE.rows(session, {"screening": screening_id})
        for row in sold:
            if row.last <= ends.get(row.till, _Ends()).operation:
                found[_category_of(row)]["issued" if row.quantity > 0 else _UNDONE[row.kind]] += row.seats
        for category, admitted in self._scanned[screening_id]:
            if _counts(ends, admitted):
                found[category]["used"] += 1
        return {category: tuple(counts[name] for name in _COUNTS) for category, counts in found.items()}

    def _series(
        self, session: Session, screening_id: int, ends: Mapping[int, _Ends]
    ) -> list[tuple[int, str, str, int]]:
        """The first and last ticket of each till, and how many there were."""
        found = []
        for row in self._numbered[screening_id]:
            until = ends.get(row.till, _Ends()).operation
            if row.last > until:
                which = {"screening": screening_id, "of_till": row.till, "until": until}
                found += _ISSUED_UNTIL.rows(session, which)
            else:
                found.append(row)
        return [
            (row.till, paper_number(row.till, row.first), paper_number(row.till, row.final), row.tickets)
            for row in found
        ]

    def _read(self, session: Session) -> None:
        """Read the rows of all screenings at once."""
        with readable(_("table {name}").format(name=_line.name)):
            for row in _ALL_SOLD.rows(session):
                self._sold[row.screening_id].append(row)
        with readable(_("table {name}").format(name=_ticket.name)):
            for row in _ALL_ISSUED.rows(session):
                self._numbered[row.screening_id].append(row)
        with readable(_("table {name}").format(name=_scan.name)):
            for row in _SCANNED.rows(session):
                admitted = self._admitted.get((str(row.sale_id), row.position))
                self._scanned[row.screening_id].append((_category_of(row), admitted))


def _place(content: Content) -> Place:
    return Place(content["till"], content["sequence"])


def _counts(ends: Mapping[int, _Ends], told: Place | None) -> bool:
    """Whether a statement counts what was told there, if it was."""
    return told is not None and told.entry <= ends.get(told.till, _Ends()).entry


def _shown(figures: Content) -> Iterator[_Shown]:
    """The screenings that a statement tells of: one, or those of a week."""
    if "films" not in figures:
        booked, entered = (sum(seats[name] for seats in figures["passes"]) for name in ("booked", "used"))
        yield _shown_of(figures, booked, entered)
        return
    for film in figures["films"]:
        for each in film["screenings"]:
            yield _shown_of(each, each["booked"], None)


def _shown_of(told: Content, booked: int, entered: int | None) -> _Shown:
    showing = told["showing"]
    return _Shown(
        showing["code"], told["tariffs"], booked, entered, told["numbers"], showing.get("is_cancelled", True)
    )


def _said(value: Any) -> str:
    """A value that a statement says: a title with its version, or whatever else it is."""
    return ", ".join(filter(None, map(str, value))) if isinstance(value, tuple) else str(value)


def _sums_up(content: Content, shown: Iterable[_Shown]) -> bool:
    """Whether the totals that an entry tells are those of its figures."""
    totals = Counter[str]()
    for each in shown:
        totals.update(booked=each.booked, entries=each.booked)
        for tariff in each.tariffs:
            standing = tariff["issued"] - tariff["cancelled"] - tariff["credited"]
            totals.update(sold=standing, entries=standing, takings=standing * tariff["price_cents"])
    return all(content[name] == totals[name] for name in _TOTALS if name in content)


def _category_of(row: Any) -> Category:
    return row.tariff_code or "", row.label, row.unit_price_cents, row.vat_rate


def _category(tariff: Content) -> Category:
    return tariff["code"], tariff["label"], tariff["price_cents"], tariff["vat_rate"]
