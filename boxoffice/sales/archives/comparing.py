"""Holding the rows of an archive against what the journals in it tell, entry by entry, and the reverse.

Sales and what they are made of come in the order of the journals: none of them is kept in memory.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from boxoffice.kinds import ClosingPeriod, JournalKind, LineKind
from boxoffice.language import _

from ..books.bookkeeping import Names, Operation, Shown, describe, named
from ..books.cash_told import Counted, kept_cash, kept_shift, place_of, told_cash, told_shift
from ..books.journal import canonical
from ..closings.closing import described
from .closing_sums import ClosingSums
from .following import Row
from .leaflet import ABOUT
from .opened import OpenedArchive, contradicted, file_of
from .shift_rows import ShiftRows
from .value_rows import ValueRows

_FILES = {
    "operator": "ventes",
    "sale": "ventes",
    "lines": "lignes",
    "vat": "lignes",
    "tickets": "billets",
    "payments": "reglements",
}
_OF_SALES = ("ventes", "lignes", "billets", "reglements", "avoirs")
_HIDDEN = {"lines": Shown._fields, "tickets": ("code",), "payments": ("reference",)}
"""What an entry tells of a row and the archive leaves out of it, or has as it stands by then."""
_SERIES = ("operation", "shift", "movement", "entry")

Content = Mapping[str, Any]


class Books:
    """The rows of an archive, to be held against every entry of its journals in their order."""

    def __init__(self, archive: OpenedArchive, about: Content) -> None:
        self._about = about
        self.tills = {row["id"]: row["number"] for row in archive.rows("caisses")}
        self._names = _read_names(archive, self.tills)
        self._sales = {name: _Stream(archive, name) for name in _OF_SALES}
        self._covered: dict[str, dict[int, list[tuple[int, int]]]] = {what: {} for what in _SERIES}
        self._sums = ClosingSums()
        self._closings = self._read_closings(archive)
        self._opened = ShiftRows(archive, self._names)
        self._values = ValueRows(archive, about, self._names)
        self._cash = self._read_cash(archive)
        self._shifts = self._read_shifts(archive)
        self._sirets: set[str] = set()
        self._check_seller(archive)

    def hear(self, row: Row, content: Content) -> None:
        """Hold the rows that an entry tells against it. Raises AlteredArchive."""
        self._sirets.add(content["establishment"])
        sale: Content | None = content.get("sale")
        if row["sale_id"] != (sale["id"] if sale else None):
            raise contradicted(file_of("journal"), _("une entrée n'est pas reliée à sa vente"))
        is_covered = sale is not None and self._is_covered("operation", content["till"], sale["number"])
        self._values.hear(content, is_covered=is_covered)
        if is_covered:
            self._compare_sale(content)
        if sale is not None:
            return
        match row["kind"]:
            case JournalKind.CLOSING_MADE:
                closing = content["closing"]
                is_due = self._is_gathered(closing) if closing["till"] else self._is_of_the_days(closing)
                told = (closing, content["till"], content["operator"], content["at"])
                _tick_off("clotures", self._closings, closing["id"], told, is_due=is_due)
            case JournalKind.CASH_MOVED:
                till, number = content["till"], content["number"]
                is_due = self._is_covered("movement", till, number)
                told = told_cash(content)
                _tick_off("especes-mouvements", self._cash, f"{till}-{number}", told, is_due=is_due)
            case JournalKind.TILL_CLOSED if "shift" in content:
                till, number = content.get("of_till", content["till"]), content["shift"]
                is_due = self._is_covered("shift", till, number)
                told = told_shift(content)
                _tick_off("sessions-clotures", self._shifts, f"{till}-{number}", told, is_due=is_due)
                self._opened.hear_closed(content, is_due=is_due)
            case JournalKind.TILL_OPENED:
                self._opened.hear_opened(content)
            case JournalKind.ESTABLISHMENT_TOLD if (
                content["told"]["specimen"] and not self._about["specimen"]
            ):
                raise contradicted(ABOUT, _("il tait que rien n'y est vrai"))

    def end(self) -> None:
        """Nothing is left that no journal tells. Raises AlteredArchive."""
        for name, stream in self._sales.items():
            if stream.next is not None:
                sale = stream.next.get("sale_id", stream.next["id"] if name == "ventes" else "")
                raise contradicted(file_of(name), _("aucun journal ne raconte la vente {id}").format(id=sale))
        for name, kept in (
            ("clotures", self._closings),
            ("especes-mouvements", self._cash),
            ("sessions-clotures", self._shifts),
        ):
            for key in kept:
                raise contradicted(file_of(name), _("aucun journal ne raconte la ligne {id}").format(id=key))
        self._opened.end()
        self._values.end()
        self._sums.end()
        if self._about["establishment"]["siret"] not in self._sirets:
            raise contradicted(ABOUT, _("son SIRET n'est pas celui que le journal a signé"))

    def _compare_sale(self, content: Content) -> None:
        """The next sale, its lines, tickets and payments are as its entry tells them."""
        self._sums.add(content["till"], content["sale"]["number"], content["vat"])
        sale_id = content["sale"]["id"]
        sale = self._sales["ventes"].take(sale_id, "id")
        if len(sale) != 1:
            raise contradicted(
                file_of("ventes"),
                _("la vente {id} n'est pas là où le journal la raconte").format(id=sale_id),
            )
        lines, tickets, payments, notes = (
            self._sales[name].take(sale_id, "sale_id") for name in _OF_SALES[1:]
        )
        note = [{"till": self.tills[row["till_id"]], "number": row["number"]} for row in notes]
        if note != _told_note(content):
            raise contradicted(
                file_of("avoirs"), _("celui de la vente {id} n'est pas celui du journal").format(id=sale_id)
            )
        found = describe(
            Operation(
                _timed(sale[0], "at") | {"business_day": date.fromisoformat(sale[0]["business_day"])},
                [row | {"kind": LineKind(row["kind"])} for row in lines],
                [_timed(row, "starts_at") | {"code": ""} for row in tickets],
                [row | {"reference": ""} for row in payments],
            ),
            self._names,
        )
        for part, expected in found.items():
            hidden = _HIDDEN.get(part)
            told = content.get(part)
            if hidden is not None:
                expected, told = ([_without(row, *hidden) for row in rows] for rows in (expected, told or ()))
            if told != expected:
                raise contradicted(
                    file_of(_FILES[part]),
                    _("la vente {id} n'est pas celle que le journal raconte").format(id=sale_id),
                )

    def _read_closings(self, archive: OpenedArchive) -> dict[str, str]:
        """A hash of each closing as its entry tells it, by its id; what those of days cover is noted."""
        chains = {chain["till"]: (chain["first"], chain["last"]) for chain in self._about["chains"]}
        kept, of_tills = {}, []
        for row in archive.rows("clotures"):
            closing = described(row, None if row["till_id"] is None else self.tills[row["till_id"]])
            if not self._is_of_the_days(row):
                of_tills.append(closing)
            kept[row["id"]] = _hashed(
                (
                    closing,
                    named(self.tills, row["made_at_till_id"]),
                    named(self._names.operators, row["operator_id"]),
                    row["at"],
                )
            )
            if row["period"] in (ClosingPeriod.TILL, ClosingPeriod.DAY):
                spans = json.loads(row["figures"])["spans"]
                self._sums.expect(row, spans)
                if row["period"] == ClosingPeriod.DAY:
                    for span in spans:
                        self._cover(span, chains)
        if not all(self._is_gathered(closing) for closing in of_tills):
            raise contradicted(file_of("clotures"), _("une clôture n'est pas de la période"))
        return kept

    def _is_of_the_days(self, closing: Content) -> bool:
        """Whether a closing is of the days of the archive, by its last one."""
        return bool(self._about["first"] <= closing["last_day"] <= self._about["last"])

    def _is_gathered(self, closing: Content) -> bool:
        """Whether the days of the archive count a till's closing: by its numbers, whatever day it told."""
        return closing["till"] is not None and self._is_covered(
            "entry", closing["till"], closing["last_entry"]
        )

    def _cover(self, span: Content, chains: Mapping[int, tuple[int, int]]) -> None:
        """Note what a closing of a day covers at a till, whose entries must be there."""
        till = span["till"]
        first, last = chains.get(till, (1, 0))
        if span["first_entry"] <= span["last_entry"] and not (
            first <= span["first_entry"] and span["last_entry"] <= last
        ):
            raise contradicted(
                file_of("journal"),
                _("ce qu'une clôture compte de la caisse {till} y manque").format(till=till),
            )
        for what in _SERIES:
            ends = self._covered[what].setdefault(till, [])
            if ends and ends[-1][1] + 1 == span[f"first_{what}"]:
                ends[-1] = (ends[-1][0], span[f"last_{what}"])
            else:
                ends.append((span[f"first_{what}"], span[f"last_{what}"]))

    def _is_covered(self, what: str, till: int, number: int) -> bool:
        return any(first <= number <= last for first, last in self._covered[what].get(till, ()))

    def _read_cash(self, archive: OpenedArchive) -> dict[str, str]:
        names = self._names
        return {
            place_of(row, names): _hashed(kept_cash(row, names, self._opened_at(row)))
            for row in archive.rows("especes-mouvements")
        }

    def _read_shifts(self, archive: OpenedArchive) -> dict[str, str]:
        names = self._names
        counted = Counted(archive.rows("sessions-comptes"), archive.rows("sessions-coupures"))
        kept = {
            place_of(row, names): _hashed(kept_shift(row, names, self._opened_at(row), counted))
            for row in archive.rows("sessions-clotures")
        }
        if counted.is_left():
            raise contradicted(file_of("sessions-comptes"), _("une session y manque, ou y est de trop"))
        return kept

    def _opened_at(self, row: Row) -> str:
        """When the shift of a row was opened, by which journals call it."""
        opened_at = self._names.sessions.get((row["till_id"], row["till_session_id"]))
        if opened_at is None:
            raise contradicted(file_of("sessions"), _("une session y manque"))
        return opened_at.isoformat()

    def _check_seller(self, archive: OpenedArchive) -> None:
        """What the archive says of who sells is what the table of it says."""
        (row,) = archive.rows("etablissement")
        told = self._about["establishment"]
        if (row["festival"], row["operator_name"], row["specimen"]) != (
            told["festival"],
            told["operator_name"],
            self._about["specimen"],
        ):
            raise contradicted(ABOUT, _("l'exploitant n'est pas celui du fichier etablissement"))


class _Stream:
    """The rows of a file, of which only the next is in memory."""

    def __init__(self, archive: OpenedArchive, name: str) -> None:
        self._rows: Iterator[dict[str, Any]] = archive.rows(name)
        self.next = next(self._rows, None)

    def take(self, sale_id: str, column: str) -> list[dict[str, Any]]:
        """The next rows, as long as they are of a sale."""
        taken = []
        while self.next is not None and self.next[column] == sale_id:
            taken.append(self.next)
            self.next = next(self._rows, None)
        return taken


def _read_names(archive: OpenedArchive, tills: Mapping[int, int]) -> Names:
    def by_id(name: str, column: str) -> dict[Any, Any]:
        return {row["id"]: row[column] for row in archive.rows(name)}

    return Names(
        tills=tills,
        operators=by_id("operateurs", "number"),
        sessions={
            (row["till_id"], row["id"]): datetime.fromisoformat(row["opened_at"])
            for row in archive.rows("sessions")
        },
        screenings=by_id("seances", "code"),
        products=by_id("produits", "code"),
        passes=by_id("pass", "number"),
    )


def _tick_off(name: str, kept: dict[str, str], key: str, told: tuple[Any, ...], *, is_due: bool) -> None:
    """Take a row that an entry tells off those that are kept, if it is as told; it must be there if due."""
    found = kept.pop(key, None)
    if found is None and is_due:
        raise contradicted(file_of(name), _("la ligne {id} manque, et le journal la raconte").format(id=key))
    if found is not None and found != _hashed(told):
        raise contradicted(
            file_of(name), _("la ligne {id} n'est pas celle que le journal raconte").format(id=key)
        )


def _hashed(told: tuple[Any, ...]) -> str:
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def _timed(row: dict[str, Any], column: str) -> dict[str, Any]:
    return row | {column: datetime.fromisoformat(row[column])}


def _told_note(content: Content) -> list[Content]:
    return (
        [{"till": content["till"], "number": content["credit_note"]["number"]}]
        if "credit_note" in content
        else []
    )


def _without(row: Mapping[str, Any], *columns: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in columns}
