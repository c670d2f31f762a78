"""Importing seats reserved online: each reference becomes a reservation, once."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import Clock, in_paris
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import Numbering, Reservation, ReservationSource, Screening, table
from boxoffice.sales.books.journal import append
from boxoffice.sales.codes import CodeKind, new_code
from boxoffice.sales.people.customer_details import CustomerDetails, WrongDetails, checked
from boxoffice.sales.reserving.reservable import SeatsWanted, find_offers, reservable_until
from boxoffice.sales.reserving.reservations import Promised, Reserve, take_promised, write_down
from boxoffice.sales.staff.desk import Post

from .layouts import RESERVATIONS, Kind
from .reading import Row, Sheets, Source, read_sheets
from .refusals import ImportRefused

_numbering, _reservation, _screening = table(Numbering), table(Reservation), table(Screening)


@dataclass(frozen=True, slots=True)
class ImportReservations:
    """Files of seats reserved online, to import together."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ImportedReservations:
    """How many reservations are new, and how many were known and are left as they have become.

    `late` are new ones left out: their seats would expire at once.
    """

    added: int
    known: int
    late: int


def import_reservations(
    session: Session,
    command: ImportReservations,
    post: Post,
    *,
    clock: Clock,
    progress: Callable[[int, int], None] | None = None,
) -> ImportedReservations:
    """Hold the seats of the reservations not known yet. Raises ImportRefused; the caller then keeps nothing.

    They are taken at one go, the last of all: no sale waits for the rest of the file. Raises Refusal where a
    till was faster.
    A reservation is known by its reference: importing the same file again changes nothing.
    """
    # Whoever takes seats holds the numbering of their till before: so does an import at this till.
    session.execute(
        select(_numbering.c.till_id).where(_numbering.c.till_id == post.till_id).with_for_update()
    ).one()
    at = clock.now()
    sheets = read_sheets(command.sources, (RESERVATIONS,))
    by_reference: dict[str, list[Row]] = defaultdict(list)
    for row in sheets.of(Kind.RESERVED):
        by_reference[row.values["reference"]].append(row)
    sources = _sources(session)
    screenings = {row.code: row.id for row in session.execute(select(_screening.c.code, _screening.c.id))}
    promised = Promised()
    added = known = late = 0
    for done, (reference, rows) in enumerate(by_reference.items(), start=1):
        details = _details(sheets, rows, at)
        wanted = _seats(sheets, rows, screenings)
        if reference in sources:
            known += 1
            if sources[reference] is not ReservationSource.IMPORTED:
                message = _("« {reference} » est une réservation prise au guichet")
                sheets.faults.append(rows[0].fault("reference", message.format(reference=reference)))
        elif details is not None and wanted is not None:
            if _is_late(session, wanted, post, at):
                late += 1
            else:
                added += 1
                _hold(session, sheets, rows, wanted, details, post, at, promised)
        if progress is not None:
            progress(done, len(by_reference))
    if sheets.faults:
        raise ImportRefused(sheets.faults)
    append(
        session,
        post,
        JournalKind.RESERVATIONS_IMPORTED,
        {
            "files": {source.name: hashlib.sha256(source.content).hexdigest() for source in command.sources},
            "reservations": {"added": added, "known": known, "late": late},
        },
        at=at,
    )
    take_promised(session, promised, at=at)
    return ImportedReservations(added, known, late)


def _sources(session: Session) -> Mapping[str, ReservationSource]:
    rows = session.execute(select(_reservation.c.reference, _reservation.c.source))
    return {row.reference: row.source for row in rows}


def _details(sheets: Sheets, rows: Sequence[Row], at: datetime) -> CustomerDetails | None:
    """In whose name the rows of one reference are; None, and the faults told, if that cannot be."""
    first = rows[0]
    given = {
        name: first.values[name] for name in CustomerDetails.__dataclass_fields__ if name in first.values
    }
    for row in rows[1:]:
        for name, text in given.items():
            if row.values[name] not in (text, ""):
                message = _("« {text} », alors que la ligne {line} de la même référence dit « {other} »")
                sheets.faults.append(
                    row.fault(name, message.format(text=row.values[name], line=first.line, other=text))
                )
    try:
        return checked(CustomerDetails(**given), in_paris(at).date())
    except WrongDetails as wrong:
        for name, message in wrong.fields.items():
            sheets.faults.append(first.fault(name, message.rstrip(".")))
        return None


def _seats(
    sheets: Sheets, rows: Sequence[Row], screenings: Mapping[str, int]
) -> tuple[SeatsWanted, ...] | None:
    """The seats of one reference; None, and the faults told, where a screening is unknown."""
    unknown = [row for row in rows if row.values["screening"] not in screenings]
    for row in unknown:
        message = _("« {code} » n'existe pas").format(code=row.values["screening"])
        sheets.faults.append(row.fault("screening", message))
    if unknown:
        return None
    return tuple(
        SeatsWanted(screenings[row.values["screening"]], row.values["tariff"], row.values["quantity"])
        for row in rows
    )


def _is_late(session: Session, wanted: Sequence[SeatsWanted], post: Post, at: datetime) -> bool:
    """Whether a seat would expire at once, and nobody can collect it any more."""
    offers = find_offers(session, [(wish.screening_id, wish.tariff_code) for wish in wanted])
    return any(at > reservable_until(offer, post.rules) for offer in offers.values())


def _hold(
    session: Session,
    sheets: Sheets,
    rows: Sequence[Row],
    wanted: tuple[SeatsWanted, ...],
    details: CustomerDetails,
    post: Post,
    at: datetime,
    promised: Promised,
) -> None:
    """Write one reservation down, its seats `promised`; where refused, the fault told and nothing kept."""
    first = rows[0]
    code = next((row.values["code"] for row in rows if row.values.get("code")), "")
    if code and session.execute(select(_reservation.c.id).where(_reservation.c.code == code)).first():
        sheets.faults.append(first.fault("code", _("ce code est déjà celui d'une autre réservation")))
        return
    attempt = session.begin_nested()
    try:
        write_down(
            session,
            Reserve(uuid4(), wanted, details),
            post,
            source=ReservationSource.IMPORTED,
            reference=first.values["reference"],
            code=code or new_code(CodeKind.RESERVATION),
            at=at,
            among=promised,
        )
    except Refusal as refusal:
        attempt.rollback()
        sheets.faults.append(first.fault("quantity", refusal.message.rstrip(".")))
    else:
        attempt.commit()
