"""What statements say of screenings, read from the books for one of them or for many at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, RowMapping, Select, and_, bindparam, case, func, select
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import (
    Booking,
    BookingEnd,
    BookingScan,
    Event,
    Hall,
    Pass,
    PassKind,
    PassProduct,
    Product,
    Sale,
    SaleKind,
    SaleLine,
    Screening,
    ScreeningState,
    Ticket,
    TicketScan,
    Till,
    Venue,
    table,
)

from ..books.numbers import paper_number
from ..closings.put_back import Restoring
from ..closings.restorings import read_restorings
from ..prints.statement_papers import (
    PaperNumbers,
    PaperPassSeats,
    PaperShowing,
    PaperTariff,
    dearest_first,
)

_screening, _event, _hall, _venue = table(Screening), table(Event), table(Hall), table(Venue)
_sale, _line, _ticket, _till = table(Sale), table(SaleLine), table(Ticket), table(Till)
_scan, _entered = table(TicketScan), table(BookingScan)
_booking, _end, _pass = table(Booking), table(BookingEnd), table(Pass)
_product, _pass_product = table(Product), table(PassProduct)

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)

SHOWINGS: Select[Any] = (
    select(
        _screening,
        _event.c.code.label("event_code"),
        _event.c.title,
        _event.c.version,
        _hall.c.name.label("hall"),
        _hall.c.short_name.label("short_hall"),
        _venue.c.id.label("venue_id"),
        _venue.c.code.label("venue_code"),
        _venue.c.name.label("venue"),
        _venue.c.regime,
    )
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .join(_venue, _venue.c.id == _hall.c.venue_id)
)
"""Screenings with what papers call them, and the law that their venue follows."""

_CATEGORY = (
    _line.c.screening_id,
    _line.c.tariff_code,
    _line.c.label,
    _line.c.unit_price_cents,
    _line.c.vat_rate,
)


def _counted(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


_TARIFFS = (
    select(
        *_CATEGORY,
        _counted(_line.c.quantity == 1).label("issued"),
        _counted(and_(_line.c.quantity == -1, _sale.c.kind == SaleKind.REVERSAL)).label("cancelled"),
        _counted(and_(_line.c.quantity == -1, _sale.c.kind == SaleKind.CREDIT_NOTE)).label("credited"),
        func.count(_scan.c.sale_id).label("used"),
    )
    .join(_sale, _sale.c.id == _line.c.sale_id)
    .outerjoin(_scan, (_scan.c.sale_id == _line.c.sale_id) & (_scan.c.position == _line.c.position))
    .where(_line.c.screening_id.in_(_IDS))
    .group_by(*_CATEGORY)
)
_PASSES = (
    select(
        _booking.c.screening_id,
        _product.c.label,
        _pass_product.c.kind,
        func.count().label("booked"),
        func.count(_entered.c.booking_id).label("used"),
    )
    .select_from(_booking)
    .join(_pass, _pass.c.id == _booking.c.pass_id)
    .join(_product, _product.c.id == _pass.c.product_id)
    .join(_pass_product, _pass_product.c.product_id == _pass.c.product_id)
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .outerjoin(_entered, _entered.c.booking_id == _booking.c.id)
    .where(_booking.c.screening_id.in_(_IDS), _end.c.booking_id.is_(None))
    .group_by(_booking.c.screening_id, _product.c.label, _pass_product.c.kind)
    .order_by(_booking.c.screening_id, _pass_product.c.kind.desc(), _product.c.label)
)
_ranges = (
    select(
        _ticket.c.screening_id,
        _ticket.c.till_id,
        func.min(_ticket.c.number).label("first"),
        func.max(_ticket.c.number).label("last"),
        func.count().label("tickets"),
    )
    .where(_ticket.c.screening_id.in_(_IDS))
    .group_by(_ticket.c.screening_id, _ticket.c.till_id)
    .subquery("ranges")
)
_there = (
    select(func.count())
    .select_from(_ticket)
    .where(
        _ticket.c.till_id == _ranges.c.till_id,
        _ticket.c.number.between(_ranges.c.first, _ranges.c.last),
    )
    .scalar_subquery()
)
_NUMBERS = (
    select(_ranges, _till.c.number.label("till_number"), _there.label("there"))
    .join(_till, _till.c.id == _ranges.c.till_id)
    .order_by(_till.c.number)
)
"""Between two tickets of a screening a till sells others: no number of its series may be missing there."""


def read_showing(session: Session, screening_id: int) -> RowMapping:
    """A row of `SHOWINGS`. Raises Refusal if there is no such screening."""
    row = session.execute(SHOWINGS.where(_screening.c.id == screening_id)).mappings().one_or_none()
    if row is None:
        raise Refusal(_("Cette séance n'existe pas."), _("Choisissez-en une autre."))
    return row


def find_screening(session: Session, code: str) -> int:
    """The id of the screening of this code. Raises Refusal if there is none."""
    found = session.execute(select(_screening.c.id).where(_screening.c.code == code)).scalar_one_or_none()
    if found is None:
        raise Refusal(_("La séance « {code} » n'existe pas.").format(code=code))
    return int(found)


def showing_of(row: RowMapping) -> PaperShowing:
    """What a paper says of a screening, from a row of `SHOWINGS`."""
    return PaperShowing(
        code=row["code"],
        event_title=row["title"],
        event_version=row["version"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        venue=row["venue"],
        hall=row["hall"],
        is_cancelled=is_cancelled(row),
    )


def restorings_of(
    session: Session, starts_at: datetime, ends_at: datetime, *, is_cancelled: bool
) -> tuple[Restoring, ...]:
    """The restorings that may have left out something of a screening, or of those between two moments."""
    return tuple(
        each
        for each in read_restorings(session)
        if each.may_lack_of(starts_at, ends_at, is_cancelled=is_cancelled)
    )


def is_cancelled(row: RowMapping) -> bool:
    """Whether a screening was called off, from a row of `SHOWINGS`."""
    return row["state"] is ScreeningState.CANCELLED


def tariffs_of(session: Session, ids: Sequence[int]) -> Mapping[int, tuple[PaperTariff, ...]]:
    """The categories of each screening, the dearest first."""
    found: dict[int, list[PaperTariff]] = defaultdict(list)
    for row in session.execute(_TARIFFS, {"ids": ids}):
        tariff = PaperTariff(
            row.tariff_code or "",
            row.label,
            row.unit_price_cents,
            row.vat_rate,
            row.issued,
            row.cancelled,
            row.credited,
            row.used,
        )
        found[row.screening_id].append(tariff)
    return _by_screening({key: sorted(tariffs, key=dearest_first) for key, tariffs in found.items()}, ids)


def passes_of(session: Session, ids: Sequence[int]) -> Mapping[int, tuple[PaperPassSeats, ...]]:
    """The seats of each screening booked on passes, then on accreditations, by product."""
    found: dict[int, list[PaperPassSeats]] = defaultdict(list)
    for row in session.execute(_PASSES, {"ids": ids}):
        is_accreditation = row.kind is PassKind.ACCREDITATION
        found[row.screening_id].append(PaperPassSeats(row.label, is_accreditation, row.booked, row.used))
    return _by_screening(found, ids)


def numbers_of(session: Session, ids: Sequence[int]) -> Mapping[int, tuple[PaperNumbers, ...]]:
    """The tickets of each screening by till, from the first number to the last."""
    found: dict[int, list[PaperNumbers]] = defaultdict(list)
    for row in session.execute(_NUMBERS, {"ids": ids}):
        found[row.screening_id].append(
            PaperNumbers(
                row.till_number,
                paper_number(row.till_number, row.first),
                paper_number(row.till_number, row.last),
                row.tickets,
                row.last - row.first + 1 - row.there,
            )
        )
    return _by_screening(found, ids)


def _by_screening(found: Mapping[int, Iterable[Any]], ids: Iterable[int]) -> dict[int, tuple[Any, ...]]:
    return {screening_id: tuple(found.get(screening_id, ())) for screening_id in ids}
