"""What is written on the statements of screenings and on the lists of their doors, as frozen values.

Amounts are cents, rates are basis points, moments are UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from boxoffice.kinds import Regime

from ..closings.put_back import Restoring
from .paper_parts import Letterhead


@dataclass(frozen=True, slots=True)
class PaperTariff:
    """A category of a screening: seats of one tariff at one price and rate of VAT.

    Of those `issued`, some were `cancelled` with their sale, others `credited`; `used` came in.
    """

    code: str
    label: str
    price_cents: int
    vat_rate: int
    issued: int
    cancelled: int = 0
    credited: int = 0
    used: int = 0

    @property
    def standing(self) -> int:
        """The seats that were neither cancelled nor credited."""
        return self.issued - self.cancelled - self.credited

    @property
    def takings_cents(self) -> int:
        return self.standing * self.price_cents


@dataclass(frozen=True, slots=True)
class PaperPassSeats:
    """Seats booked for nothing on passes of one product, or on accreditations; `used` came in."""

    label: str
    is_accreditation: bool
    booked: int
    used: int = 0


@dataclass(frozen=True, slots=True)
class PaperNumbers:
    """Tickets of a screening in the series of one till, from the first to the last.

    `missing` are numbers between them that no ticket of that till bears: 0, or the series is broken.
    """

    till_number: int
    first: str
    last: str
    tickets: int
    missing: int = 0


@dataclass(frozen=True, slots=True)
class PaperShowing:
    """Which screening a paper is of."""

    code: str
    event_title: str
    event_version: str
    starts_at: datetime
    ends_at: datetime
    venue: str
    hall: str
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Since:
    """What came after a statement was issued: more of each kind, and what that changes of its takings.

    The figures beside it count it already where they are those of `today`: what was issued by a version that
    told its totals alone can only be copied so.
    """

    issued: int = 0
    cancelled: int = 0
    credited: int = 0
    booked: int = 0
    used: int = 0
    cents: int = 0
    today: bool = False

    def __bool__(self) -> bool:
        """Whether anything came."""
        return any((self.issued, self.cancelled, self.credited, self.booked, self.used, self.cents))

    def __sub__(self, before: "Since") -> "Since":
        return Since(
            self.issued - before.issued,
            self.cancelled - before.cancelled,
            self.credited - before.credited,
            self.booked - before.booked,
            self.used - before.used,
            self.cents - before.cents,
        )


@dataclass(frozen=True, slots=True)
class StatementPaper:
    """The statement of a screening, as it stood at the moment `at`; `provisional` until it is over.

    `reserved` seats are held unpaid. A copy was made at `copied_at`, and says what came `since`; one that has
    a `correction` takes the place of the original, and of the corrections before it. Of the `restorings` of
    the database, each may have left out something of this screening.
    """

    letterhead: Letterhead
    at: datetime
    provisional: bool
    regime: Regime
    showing: PaperShowing
    capacity: int
    tariffs: tuple[PaperTariff, ...] = ()
    passes: tuple[PaperPassSeats, ...] = ()
    reserved: int = 0
    numbers: tuple[PaperNumbers, ...] = ()
    copy_number: int = 0
    correction: int = 0
    copied_at: datetime | None = None
    since: Since = Since()
    restorings: tuple[Restoring, ...] = ()

    @property
    def number(self) -> str:
        """What the statement is called by: the code of its screening."""
        return self.showing.code

    @property
    def totals(self) -> dict[str, int]:
        """What the journal tells first of it."""
        return {"sold": self.sold, "booked": self.booked, "takings": self.takings_cents}

    @property
    def sold(self) -> int:
        """Seats that tickets stand for, free ones among them."""
        return sum(tariff.standing for tariff in self.tariffs)

    @property
    def free(self) -> int:
        """Seats that tickets stand for, and that nothing was paid for."""
        return sum(tariff.standing for tariff in self.tariffs if tariff.price_cents == 0)

    @property
    def booked(self) -> int:
        return sum(seats.booked for seats in self.passes)

    @property
    def used(self) -> int:
        """Seats whose holders came in, with a ticket or a pass."""
        return sum(tariff.used for tariff in self.tariffs) + sum(seats.used for seats in self.passes)

    @property
    def takings_cents(self) -> int:
        return sum(tariff.takings_cents for tariff in self.tariffs)

    @property
    def takings_by_rate(self) -> dict[int, int]:
        """Takings in cents, tax included, by rate of VAT."""
        return by_rate(self.tariffs)


@dataclass(frozen=True, slots=True)
class DoorTicket:
    """A ticket that opens the door; `holder` is named on it where the screening asks for names."""

    number: str
    tariff: str
    holder: str = ""
    used: bool = False


@dataclass(frozen=True, slots=True)
class DoorPass:
    """Seats booked on one pass; `used` of them came in. `blocked`: its holder must be sent to the desk."""

    number: str
    holder: str
    seats: int
    used: int = 0
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class DoorReservation:
    """Seats held unpaid: their holder must pay `due_cents` first."""

    reference: str
    holder: str
    seats: int
    due_cents: int


@dataclass(frozen=True, slots=True)
class DoorListPaper:
    """Everybody who may come in to a screening, as it stood at the moment `at`: for when the power is cut.

    There are names in it. What one of the `restorings` left out is not.
    """

    letterhead: Letterhead
    at: datetime
    showing: PaperShowing
    capacity: int
    tickets: tuple[DoorTicket, ...] = ()
    passes: tuple[DoorPass, ...] = ()
    reservations: tuple[DoorReservation, ...] = ()
    restorings: tuple[Restoring, ...] = ()

    @property
    def number(self) -> str:
        """What the list is called by: the code of its screening."""
        return self.showing.code

    @property
    def booked(self) -> int:
        return sum(booking.seats for booking in self.passes)

    @property
    def reserved(self) -> int:
        return sum(kept.seats for kept in self.reservations)


@dataclass(frozen=True, slots=True)
class WeekScreening:
    """A screening of the week: what it sold by category, and the seats booked on passes."""

    showing: PaperShowing
    tariffs: tuple[PaperTariff, ...] = ()
    booked: int = 0
    numbers: tuple[PaperNumbers, ...] = ()

    @property
    def entries(self) -> int:
        """Seats sold or given, those on passes among them."""
        return sum(tariff.standing for tariff in self.tariffs) + self.booked

    @property
    def takings_cents(self) -> int:
        return sum(tariff.takings_cents for tariff in self.tariffs)


@dataclass(frozen=True, slots=True)
class WeekFilm:
    """A film shown during the week, in one version; its `code` where another is called the same."""

    title: str
    version: str
    screenings: tuple[WeekScreening, ...]
    code: str = ""

    @property
    def entries(self) -> int:
        return sum(screening.entries for screening in self.screenings)

    @property
    def takings_cents(self) -> int:
        return sum(screening.takings_cents for screening in self.screenings)


@dataclass(frozen=True, slots=True)
class WeekPaper:
    """What an exhibitor declares of a week of cinema, Wednesday to Tuesday, as it stood at that moment.

    Its copies and corrections are as those of a screening.
    """

    letterhead: Letterhead
    at: datetime
    provisional: bool
    venue_code: str
    venue: str
    first_day: date
    last_day: date
    films: tuple[WeekFilm, ...] = ()
    copy_number: int = 0
    correction: int = 0
    copied_at: datetime | None = None
    since: Since = Since()
    restorings: tuple[Restoring, ...] = ()

    @property
    def number(self) -> str:
        """What the statement is called by: the venue, and the Wednesday that its week begins on."""
        return week_number(self.venue_code, self.first_day)

    @property
    def totals(self) -> dict[str, int]:
        """What the journal tells first of it."""
        return {"entries": self.entries, "takings": self.takings_cents}

    @property
    def entries(self) -> int:
        return sum(film.entries for film in self.films)

    @property
    def booked(self) -> int:
        return sum(screening.booked for film in self.films for screening in film.screenings)

    @property
    def used(self) -> int:
        """Seats whose holders came in with a ticket."""
        return sum(tariff.used for tariff in self.tariffs)

    @property
    def takings_cents(self) -> int:
        return sum(film.takings_cents for film in self.films)

    @property
    def tariffs(self) -> tuple[PaperTariff, ...]:
        """The categories of the whole week, each counted over all screenings."""
        found: dict[tuple[str, str, int, int], PaperTariff] = {}
        for film in self.films:
            for screening in film.screenings:
                for tariff in screening.tariffs:
                    key = (tariff.code, tariff.label, tariff.price_cents, tariff.vat_rate)
                    found[key] = added(found[key], tariff) if key in found else tariff
        return tuple(sorted(found.values(), key=dearest_first))


@dataclass(frozen=True, slots=True)
class PaperLeft:
    """A screening that is on sale, begun or not, and how many seats it has left for anybody."""

    event_title: str
    event_version: str
    starts_at: datetime
    place: str
    left: int


@dataclass(frozen=True, slots=True)
class LeftTonightPaper:
    """Where there are seats left this evening, as it stood at the moment `at`: for the queue to read.

    Without any screening, all is over, or what goes on `is_sold_out`.
    """

    letterhead: Letterhead
    at: datetime
    screenings: tuple[PaperLeft, ...] = ()
    is_sold_out: bool = False


def week_number(venue_code: str, first_day: date) -> str:
    """What the statement of a venue's week is called by."""
    return f"{venue_code}-{first_day:%Y-%m-%d}"


def dearest_first(tariff: PaperTariff) -> tuple[int, str, str, int]:
    """The order of categories on paper."""
    return (-tariff.price_cents, tariff.code, tariff.label, tariff.vat_rate)


def added(one: PaperTariff, other: PaperTariff) -> PaperTariff:
    """The same category counted twice."""
    return PaperTariff(
        one.code,
        one.label,
        one.price_cents,
        one.vat_rate,
        one.issued + other.issued,
        one.cancelled + other.cancelled,
        one.credited + other.credited,
        one.used + other.used,
    )


def by_rate(tariffs: Iterable[PaperTariff]) -> dict[int, int]:
    """Takings in cents, tax included, by rate of VAT."""
    totals: dict[int, int] = {}
    for tariff in tariffs:
        if tariff.takings_cents:
            totals[tariff.vat_rate] = totals.get(tariff.vat_rate, 0) + tariff.takings_cents
    return dict(sorted(totals.items()))
