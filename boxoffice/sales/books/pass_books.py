"""Passes and the seats booked on them, as the journals of all tills tell of them together.

No clock puts the entries of several tills in one order for certain: what is compared holds in any order.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import (
    Booking,
    BookingEnd,
    BookingEndKind,
    BookingScan,
    FormerPassCode,
    Numbering,
    Pass,
    PassState,
    table,
)
from boxoffice.prepared import Prepared

from .bookkeeping import ENDS_TOLD, Names, code_told, describe_pass, named
from .ledgers import Ledger, Merges
from .reconciliation import Wrong, readable

_pass, _former, _numbering = table(Pass), table(FormerPassCode), table(Numbering)
_booking, _end, _scan = table(Booking), table(BookingEnd), table(BookingScan)

_STANDING = Prepared(
    select(_booking.c.pass_id, func.count())
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .where(_end.c.booking_id.is_(None))
    .group_by(_booking.c.pass_id)
)

_BOOKINGS, _BOOKING_ENDS, _SCANS = (Prepared(select(rows)) for rows in (_booking, _end, _scan))
_PASSES, _FORMER = Prepared(select(_pass)), Prepared(select(_former))
_DRAWN = Prepared(select(_numbering.c.till_id, _numbering.c.passes))

_ENDS = {told: kind for kind, told in ENDS_TOLD.items()}

Content = Mapping[str, Any]


class PassBooks:
    """What has been told of passes so far, to be held against the tables at the end."""

    def __init__(self, merges: Merges) -> None:
        self._merges = merges
        self._issued: dict[str, Content] = {}
        self._sold: Counter[int] = Counter()
        self._taken_back: set[str] = set()
        self._blocked: Counter[str] = Counter()
        self._new_codes: dict[str, list[str]] = defaultdict(list)
        self._holders: dict[str, Counter[str]] = defaultdict(Counter)
        self._former = Ledger[str](
            lambda code: _("ancien code de pass {code}").format(code=code[:16]),
            ("pass_id", "replaced_at", "reason"),
        )
        self._bookings = Ledger[str](
            lambda booking: _("réservation {id}").format(id=booking),
            (
                "pass_id",
                "screening_id",
                "tariff_code",
                "quota",
                "starts_at",
                "place",
                "till_id",
                "operator_id",
                "at",
                "authorized_by_id",
                "reason",
            ),
        )
        self._ends = Ledger[str](
            lambda booking: _("fin de la réservation {id}").format(id=booking),
            ("kind", "till_id", "operator_id", "at", "authorized_by_id", "reason", "swapped_for_id"),
        )
        self._scans = Ledger[str](
            lambda booking: _("entrée de la réservation {id}").format(id=booking), ("at", "door")
        )

    def hear(self, kind: str, content: Content) -> None:
        """Take in an entry. Raises LookupError if it lacks its part."""
        if heard := _HEARD.get(kind):
            heard(self, content)

    def _hear_sold(self, content: Content) -> None:
        for told in content.get("passes", ()):
            self._issued[told["number"]] = told
            self._sold[content["till"]] += 1

    def _hear_restored(self, content: Content) -> None:
        for till, left_out in content.get("skipped", {}).items():
            self._sold[int(till)] += left_out.get("passes", 0)

    def _hear_taken_back(self, content: Content) -> None:
        self._taken_back.update(told["number"] for told in content.get("passes", ()))

    def _hear_imported(self, content: Content) -> None:
        self._issued.update((told["number"], told) for told in content["passes"])

    def _hear_blocked(self, content: Content) -> None:
        self._blocked[content["pass"]] += 1

    def _hear_unblocked(self, content: Content) -> None:
        self._blocked[content["pass"]] -= 1

    def _hear_replaced(self, content: Content) -> None:
        self._new_codes[content["pass"]].append(content["code"])
        self._former.told[content["former_code"]] = (content["pass"], content["at"], content["trouble"])
        self._blocked[content["pass"]] -= content["unblocked"]

    def _hear_given(self, content: Content) -> None:
        self._holders[content["pass"]].update([content["customer"]])
        self._holders[content["pass"]].subtract([content["former_customer"]])

    def _hear_booked(self, content: Content) -> None:
        told = (
            content["pass"],
            content["screening"],
            content["tariff"],
            content["quota"],
            content["starts_at"],
            content["place"],
            content["till"],
            content["operator"],
            content["at"],
            None,
            "",
        )
        self._bookings.told.update(dict.fromkeys(content["bookings"], told))

    def _hear_end(self, content: Content) -> None:
        self._ends.told[content["booking"]] = _end_told(
            _ENDS[content["entry"]], content, content["swapped_for"]
        )

    def _hear_screening_cancelled(self, content: Content) -> None:
        told = _end_told(BookingEndKind.SCREENING_CHANGED, content, None)
        self._ends.told.update(dict.fromkeys(content["bookings"], told))

    def _hear_admitted(self, content: Content) -> None:
        self._scans.told[content["booking"]] = (content["at"], content["door"])

    def compare(self, session: Session, names: Names) -> None:
        """Raise Wrong at the first row that is not as it was told."""
        with readable(_("table {name}").format(name=_booking.name)):
            bookings = {
                str(row.id): (
                    named(names.passes, row.pass_id),
                    named(names.screenings, row.screening_id),
                    row.tariff_code,
                    row.quota,
                    row.starts_at.isoformat(),
                    row.place,
                    named(names.tills, row.till_id),
                    named(names.operators, row.operator_id),
                    row.at.isoformat(),
                    named(names.operators, row.authorized_by_id),
                    row.reason,
                )
                for row in _BOOKINGS.rows(session)
            }
        with readable(_("table {name}").format(name=_end.name)):
            ends = {
                str(row.booking_id): (
                    row.kind,
                    named(names.tills, row.till_id),
                    named(names.operators, row.operator_id),
                    row.at.isoformat(),
                    named(names.operators, row.authorized_by_id),
                    row.reason,
                    None if row.swapped_for_id is None else str(row.swapped_for_id),
                )
                for row in _BOOKING_ENDS.rows(session)
            }
        with readable(_("table {name}").format(name=_scan.name)):
            scans = {str(row.booking_id): (row.at.isoformat(), row.door) for row in _SCANS.rows(session)}
        with readable(_("table {name}").format(name=_former.name)):
            former = {
                code_told(row.code): (
                    named(names.passes, row.pass_id),
                    row.replaced_at.isoformat(),
                    row.reason,
                )
                for row in _FORMER.rows(session)
            }
        self._bookings.compare(bookings)
        self._ends.compare(ends)
        self._scans.compare(scans)
        self._former.compare(former)
        self._compare_passes(session, names)
        self._compare_numbers(session, names)

    def _compare_passes(self, session: Session, names: Names) -> None:
        with readable(_("table {name}").format(name=_pass.name)):
            used = dict(_STANDING.rows(session))
            kept, booked = {}, {}
            for row in _PASSES.all(session):
                described = describe_pass(row, names)
                booked[row["number"]] = used.get(row["id"], 0)
                kept[row["number"]] = (
                    *(described[column] for column in _DESCRIBED),
                    row["state"],
                    row["used"],
                )
        columns = (*_DESCRIBED, "state", "used")
        passes = Ledger[str](lambda number: _("pass {number}").format(number=number), columns)
        for number, told in self._issued.items():
            now = {**told, "code": self._code(number), "holder": self._holder(number)}
            passes.told[number] = (
                *(now[column] for column in _DESCRIBED),
                self._state(number),
                booked.get(number),
            )
        passes.compare(kept)

    def _code(self, number: str) -> str | None:
        """The one code of a pass that no other has replaced."""
        codes = (self._issued[number]["code"], *self._new_codes[number])
        return next((code for code in codes if code not in self._former.told), None)

    def _holder(self, number: str) -> str:
        """Whose a pass is: the customer to whom it came once more than it left them."""
        first = self._issued[number]["holder"]
        balance: Counter[str] = Counter({self._merges.today(first): 1})
        for customer, times in self._holders[number].items():
            balance[self._merges.today(customer)] += times
        return next((customer for customer, times in balance.items() if times > 0), first)

    def _state(self, number: str) -> PassState:
        if number in self._taken_back:
            return PassState.CANCELLED
        return PassState.BLOCKED if self._blocked[number] > 0 else PassState.ACTIVE

    def _compare_numbers(self, session: Session, names: Names) -> None:
        for till_id, drawn in _DRAWN.rows(session):
            till = names.tills.get(till_id, 0)
            if drawn != self._sold[till]:
                raise Wrong(
                    _("{what} de la caisse {till}").format(what=_("pass"), till=till),
                    _("{last} numéros tirés, {count} vendus dans le journal.").format(
                        last=drawn, count=self._sold[till]
                    ),
                )


def _end_told(kind: BookingEndKind, content: Content, swapped_for: str | None) -> tuple[Any, ...]:
    return (
        kind,
        content["till"],
        content["operator"],
        content["at"],
        content["authorized_by"],
        content["reason"],
        swapped_for,
    )


_DESCRIBED = (
    "code",
    "holder",
    "id",
    "issued_at",
    "places",
    "product",
    "source",
    "valid_from",
    "valid_until",
)

_HEARD: Mapping[str, Callable[[PassBooks, Content], None]] = {
    JournalKind.SALE_COMPLETED: PassBooks._hear_sold,
    JournalKind.SALE_REVERSED: PassBooks._hear_taken_back,
    JournalKind.PASSES_IMPORTED: PassBooks._hear_imported,
    JournalKind.PASS_BLOCKED: PassBooks._hear_blocked,
    JournalKind.PASS_UNBLOCKED: PassBooks._hear_unblocked,
    JournalKind.PASS_REPLACED: PassBooks._hear_replaced,
    JournalKind.PASS_GIVEN: PassBooks._hear_given,
    JournalKind.BOOKING_MADE: PassBooks._hear_booked,
    JournalKind.BOOKING_CANCELLED: PassBooks._hear_end,
    JournalKind.BOOKING_SWAPPED: PassBooks._hear_end,
    JournalKind.BOOKING_ADMITTED: PassBooks._hear_admitted,
    JournalKind.SCREENING_CANCELLED: PassBooks._hear_screening_cancelled,
    JournalKind.DATABASE_RESTORED: PassBooks._hear_restored,
}
