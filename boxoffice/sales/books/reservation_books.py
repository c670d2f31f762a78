"""Reservations, and screenings that the festival changed, as the journals of all tills tell of them together.

No clock puts the entries of several tills in one order for certain: what is compared holds in any order.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import (
    Reservation,
    ReservedSeat,
    ReservedSeatState,
    ScreeningChange,
    ScreeningChangeKind,
    table,
)
from boxoffice.prepared import Prepared

from .bookkeeping import Names, code_told, named
from .ledgers import Ledger, Merges
from .reconciliation import readable

_reservation, _seat, _change = table(Reservation), table(ReservedSeat), table(ScreeningChange)
_RESERVATIONS, _SEATS, _CHANGES = (Prepared(select(rows)) for rows in (_reservation, _seat, _change))

Content = Mapping[str, Any]
Seat = tuple[str, int]


class ReservationBooks:
    """What has been told of reservations and changed screenings, to be held against the tables at the end."""

    def __init__(self, merges: Merges) -> None:
        self._merges = merges
        self._customers: dict[str, str] = {}
        self._asked_for: dict[Seat, tuple[str, str, str | None, str, str]] = {}
        self._gone: dict[Seat, tuple[ReservedSeatState, str]] = {}
        self._collected: dict[Seat, tuple[str, str, int]] = {}
        self._moved: dict[Seat, tuple[int, str]] = {}
        self._reservations = Ledger[str](
            lambda reservation: _("e-réservation {id}").format(id=reservation),
            ("reference", "code", "source", "made_at", "customer_id"),
        )
        self._changes = Ledger[str](
            lambda change: _("changement de séance {id}").format(id=change),
            (
                "number",
                "screening_id",
                "kind",
                "told_starts_at",
                "told_place",
                "starts_at",
                "place",
                "reason",
                "bookings",
                "reserved",
                "at",
                "till_id",
                "operator_id",
                "authorized_by_id",
            ),
        )

    def hear(self, kind: str, content: Content) -> None:
        """Take in an entry. Raises LookupError if it lacks its part."""
        if heard := _HEARD.get(kind):
            heard(self, content)

    def _hear_made(self, content: Content) -> None:
        told = (content["reference"], content["code"], content["source"], content["at"])
        self._reservations.told[content["reservation"]] = told
        self._customers[content["reservation"]] = content["customer"]
        self._hear_added(content, content["seats"])

    def _hear_changed(self, content: Content) -> None:
        self._hear_added(content, content["added"])
        self._hear_cancelled(content)

    def _hear_added(self, content: Content, seats: list[Content]) -> None:
        for seat in seats:
            self._asked_for[content["reservation"], seat["position"]] = (
                seat["screening"],
                seat["tariff"],
                seat["quota"],
                seat["expires_at"],
                content["at"],
            )

    def _hear_cancelled(self, content: Content) -> None:
        self._hear_gone(content, ReservedSeatState.CANCELLED)

    def _hear_expired(self, content: Content) -> None:
        self._hear_gone(content, ReservedSeatState.EXPIRED)

    def _hear_gone(self, content: Content, state: ReservedSeatState) -> None:
        for position in content["removed"]:
            self._gone[content["reservation"], position] = (state, content["at"])

    def _hear_collected(self, content: Content) -> None:
        for seat in content["seats"]:
            told = (content["at"], content["collected_by"], seat["line"])
            self._collected[content["reservation"], seat["position"]] = told

    def _hear_screening_cancelled(self, content: Content) -> None:
        ended = (len(content["bookings"]), len(content["reserved"]))
        shown = (content["told_starts_at"], content["told_place"])
        self._hear_screening_changed(content, ScreeningChangeKind.CANCELLED, shown, ended)

    def _hear_screening_moved(self, content: Content) -> None:
        shown = (content["starts_at"], content["place"])
        self._hear_screening_changed(content, ScreeningChangeKind.MOVED, shown, (0, 0))
        moved = (content["number"], content["reserved_until"])
        for reservation, position in content["reserved"]:
            seat = (reservation, position)
            self._moved[seat] = max(moved, self._moved.get(seat, moved))

    def _hear_screening_changed(
        self, content: Content, kind: ScreeningChangeKind, shown: tuple[str, str], ended: tuple[int, int]
    ) -> None:
        self._changes.told[content["change"]] = (
            content["number"],
            content["screening"],
            kind,
            content["told_starts_at"],
            content["told_place"],
            *shown,
            content["reason"],
            *ended,
            content["at"],
            content["till"],
            content["operator"],
            content["authorized_by"],
        )

    def compare(self, session: Session, names: Names) -> None:
        """Raise Wrong at the first row that is not as it was told."""
        for reservation, customer in self._customers.items():
            self._reservations.told[reservation] += (self._merges.today(customer),)
        with readable(_("table {name}").format(name=_reservation.name)):
            reservations = {
                str(row.id): (
                    row.reference,
                    code_told(row.code),
                    row.source,
                    row.made_at.isoformat(),
                    str(row.customer_id),
                )
                for row in _RESERVATIONS.rows(session)
            }
        with readable(_("table {name}").format(name=_seat.name)):
            seats = {
                (str(row.reservation_id), row.position): (
                    named(names.screenings, row.screening_id),
                    row.tariff_code,
                    row.quota,
                    row.expires_at.isoformat(),
                    row.state,
                    row.changed_at.isoformat(),
                    None if row.sale_id is None else str(row.sale_id),
                    row.sale_position,
                )
                for row in _SEATS.rows(session)
            }
        with readable(_("table {name}").format(name=_change.name)):
            changes = {
                str(row.id): (
                    row.number,
                    named(names.screenings, row.screening_id),
                    row.kind,
                    row.told_starts_at.isoformat(),
                    row.told_place,
                    row.starts_at.isoformat(),
                    row.place,
                    row.reason,
                    row.bookings,
                    row.reserved,
                    row.at.isoformat(),
                    named(names.tills, row.till_id),
                    named(names.operators, row.operator_id),
                    named(names.operators, row.authorized_by_id),
                )
                for row in _CHANGES.rows(session)
            }
        self._changes.compare(changes)
        self._reservations.compare(reservations)
        self._seats_told().compare(seats)

    def _seats_told(self) -> Ledger[Seat]:
        """What each seat has become: collected for good, even once it had expired."""
        ledger = Ledger[Seat](
            lambda seat: _("place {position} de l'e-réservation {id}").format(position=seat[1], id=seat[0]),
            (
                "screening_id",
                "tariff_code",
                "quota",
                "expires_at",
                "state",
                "changed_at",
                "sale_id",
                "sale_position",
            ),
        )
        for seat, (screening, tariff, quota, expires_at, asked_at) in self._asked_for.items():
            _number, until = self._moved.get(seat, (0, expires_at))
            state, changed_at = self._gone.get(seat, (ReservedSeatState.HELD, asked_at))
            sale_id, line = None, None
            if seat in self._collected:
                state = ReservedSeatState.COLLECTED
                changed_at, sale_id, line = self._collected[seat]
            ledger.told[seat] = (screening, tariff, quota, until, state, changed_at, sale_id, line)
        return ledger


_HEARD: Mapping[str, Callable[[ReservationBooks, Content], None]] = {
    JournalKind.RESERVATION_MADE: ReservationBooks._hear_made,
    JournalKind.RESERVATION_CHANGED: ReservationBooks._hear_changed,
    JournalKind.RESERVATION_CANCELLED: ReservationBooks._hear_cancelled,
    JournalKind.RESERVATION_EXPIRED: ReservationBooks._hear_expired,
    JournalKind.RESERVATION_COLLECTED: ReservationBooks._hear_collected,
    JournalKind.SCREENING_CANCELLED: ReservationBooks._hear_screening_cancelled,
    JournalKind.SCREENING_MOVED: ReservationBooks._hear_screening_moved,
}
