"""What was given back of screenings, held to their ends and limits as the journal ever told them.

Without it a screening could be put off in the database, or have another limit, for the time of giving back
what nobody may give back any more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import ScreeningState

from .catalogue_books import CatalogueBooks
from .programme_books import ProgrammeBooks
from .reconciliation import Wrong

Content = Mapping[str, Any]
Seat = tuple[str, int]
"""The sale and the line of a ticket."""


class _Credited(NamedTuple):
    """A seat that a credit note took back: which one, the requests answered by the note, and its moment."""

    screening: str
    seat: Seat
    requests: tuple[str, ...]
    at: str


class _Booked(NamedTuple):
    """A seat booked on a pass: of which screening, as its holder was told, at which till and when."""

    screening: str
    starts_at: str
    place: str
    till: int
    at: str


class _Ended(NamedTuple):
    """A booking given back or exchanged: at which till and when, and whether a manager answered for it."""

    booking: str
    till: int
    at: str
    is_answered_for: bool


class Limits(NamedTuple):
    """The minutes before a screening until when, and those after booking in which, all may give seats back.

    Each as some rule ever had it.
    """

    before: set[int]
    grace: set[int]


@dataclass
class ReturnBooks:
    """What has been told so far of seats given back, to be held against the programme at the end."""

    asked: dict[str, tuple[Seat, str]] = field(default_factory=dict)
    credited: list[_Credited] = field(default_factory=list)
    booked: dict[str, _Booked] = field(default_factory=dict)
    ended: list[_Ended] = field(default_factory=list)

    def hear(self, kind: str, content: Content) -> None:
        """Take in an entry. Raises LookupError if it lacks its part."""
        match kind:
            case JournalKind.CREDIT_REQUESTED:
                for asked in content["requests"]:
                    self.asked[asked["request"]] = ((asked["sale"], asked["position"]), asked["asked_at"])
            case JournalKind.SALE_CREDITED:
                requests = tuple(content["credit_note"]["requests"])
                for line in content["lines"]:
                    if line["screening"] is not None:
                        seat = (line["reverses"], line["reverses_position"])
                        self.credited.append(_Credited(line["screening"], seat, requests, content["at"]))
            case JournalKind.BOOKING_MADE:
                told = _Booked(*(content[name] for name in _Booked._fields))
                self.booked.update(dict.fromkeys(content["bookings"], told))
            case JournalKind.BOOKING_CANCELLED | JournalKind.BOOKING_SWAPPED:
                is_answered_for = content["authorized_by"] is not None
                self.ended.append(_Ended(content["booking"], content["till"], content["at"], is_answered_for))

    def compare(
        self,
        programme: ProgrammeBooks,
        catalogue: CatalogueBooks,
        limits: Limits,
        reversed_until: Iterable[tuple[str, datetime]],
    ) -> None:
        """Raise Wrong at the first screening of which something was given back too late.

        Sales were reversed until some moments, by screening. A request for a credit note counts by its own
        moment, and what was cancelled may come back at any time.
        """
        for code, at in (
            *((code, at.isoformat()) for code, at in reversed_until),
            *((seat.screening, self._asked_at(seat)) for seat in self.credited),
        ):
            if programme.is_over(code, at) and not _is_cancelled(programme, code):
                raise Wrong(_where(code), _("on en a repris des billets après sa fin."))
        self._compare_booked(programme)
        for ended in self.ended:
            self._compare_ended(programme, catalogue, limits, ended)

    def _asked_at(self, credited: _Credited) -> str:
        """When somebody asked to give a seat back, if it was not exchanged on the spot."""
        for request in credited.requests:
            seat, asked_at = self.asked.get(request, (None, ""))
            if seat == credited.seat:
                return asked_at
        return credited.at

    def _compare_booked(self, programme: ProgrammeBooks) -> None:
        """Seats were booked for hours and halls that were announced."""
        for code, starts_at, place in {told[:3] for told in self.booked.values()}:
            for value, known in (
                (starts_at, programme.announced(code, "starts_at")),
                (place, programme.places_of(code)),
            ):
                if known and value not in known:
                    raise Wrong(
                        _where(code),
                        _("on y a réservé des places pour « {value} », qui n'a jamais été annoncé.").format(
                            value=value
                        ),
                    )

    def _compare_ended(
        self, programme: ProgrammeBooks, catalogue: CatalogueBooks, limits: Limits, ended: _Ended
    ) -> None:
        """A booking is given back before its screening is over; without a manager, before the limit.

        Where the screening was announced at several hours, its holder may have been told the later one; and
        what the festival changed has no limit.
        """
        if (booked := self.booked.get(ended.booking)) is None:
            return
        starts, ends = (
            sorted(map(datetime.fromisoformat, programme.announced(booked.screening, column)))
            for column in ("starts_at", "ends_at")
        )
        if not starts or _is_cancelled(programme, booked.screening):
            return
        at = datetime.fromisoformat(ended.at)
        if at > starts[-1] + (ends[-1] - starts[0]):
            raise Wrong(_where(booked.screening), _("on en a rendu des places réservées après sa fin."))
        minutes = catalogue.called("screening", {booked.screening}, "cancelling_ends_minutes")
        is_changed = len(starts) > 1 or len(programme.places_of(booked.screening)) > 1
        if ended.is_answered_for or is_changed or not minutes:
            return
        own = {each for (each,) in minutes if each is not None}
        until = starts[0] - timedelta(minutes=min(own | limits.before if (None,) in minutes else own))
        if ended.till == booked.till:
            grace = timedelta(minutes=max(limits.grace))
            until = max(until, datetime.fromisoformat(booked.at) + grace)
        if at > until:
            raise Wrong(
                _where(booked.screening),
                _("on en a rendu des places réservées trop tard, sans que personne en réponde."),
            )


def _is_cancelled(programme: ProgrammeBooks, code: str) -> bool:
    return ScreeningState.CANCELLED in programme.announced(code, "state")


def _where(code: str) -> str:
    return _("séance {code}").format(code=code)
