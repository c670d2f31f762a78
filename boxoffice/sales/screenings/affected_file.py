"""The list of whom a change of a screening concerns, as a file for a spreadsheet: with names and phones."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from boxoffice.clock import Clock, in_paris
from boxoffice.kinds import JournalKind, ScreeningChangeKind
from boxoffice.money import format_amount

from ..books import journal
from ..staff.desk import Desk
from .affected import Affected, Change, Contact, read_affected

LISTS = "seance-*.csv"
"""What the exported lists of changes are called; there are names in them."""

ENCODING = "utf-8-sig"
"""The mark in front tells a spreadsheet how to read."""

_SHOWN = ("séance", "titre", "date", "heure", "lieu", "nouvelle date", "nouvelle heure", "nouveau lieu")


def export_list(session: Session, desk: Desk, number: int, *, clock: Clock) -> str:
    """The list of a change as CSV, with names and phones: the journal tells who asked for it."""
    affected = read_affected(session, number)
    journal.append(
        session,
        desk.post,
        JournalKind.SCREENING_LIST_EXPORTED,
        {"change": number, "screening": affected.change.code},
        at=clock.now(),
        operator_number=desk.operator_number,
    )
    return as_csv(affected)


def as_csv(affected: Affected) -> str:
    """The list for a spreadsheet, one row for each ticket, pass and reservation; what is known of whom."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(
        ["sorte", "numéro", "places", "tarif", "montant", "état", "nom", "téléphone", "courriel", *_SHOWN]
    )
    change = affected.change
    shown = [
        change.code,
        change.event_title,
        *_moment(change.told_starts_at),
        change.told_place,
        *(_moment(change.starts_at) if change.kind is ScreeningChangeKind.MOVED else ("", "")),
        change.place if change.kind is ScreeningChangeKind.MOVED else "",
    ]
    for row in _csv_rows(affected):
        writer.writerow([_harmless(str(cell)) for cell in (*row, *shown)])
    return written.getvalue()


def list_name(change: Change) -> str:
    """What the exported list of a change is called."""
    return LISTS.replace("*", f"{change.number}-{change.code}")


def _csv_rows(affected: Affected) -> Iterable[tuple[object, ...]]:
    cancelled = affected.change.kind is ScreeningChangeKind.CANCELLED
    for ticket in affected.tickets:
        state = "utilisé" if ticket.used else "à créditer" if cancelled else "toujours valable"
        price = format_amount(ticket.price_cents)
        yield ("billet", ticket.number, 1, ticket.tariff_label, price, state, *_cells(ticket.contact))
    for booking in affected.bookings:
        state = "tient" if booking.ended is None else "place rendue"
        yield ("pass", booking.pass_number, booking.seats, "", "", state, *_cells(booking.contact))
    for kept in affected.reservations:
        state = "annulée" if cancelled else "tient"
        yield ("réservation", kept.reference, kept.seats, "", "", state, *_cells(kept.contact))


def _cells(contact: Contact) -> tuple[str, str, str]:
    return contact.name, contact.phone, contact.email


def _moment(at: datetime) -> tuple[str, str]:
    local = in_paris(at)
    return f"{local:%d/%m/%Y}", f"{local:%H:%M}"


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell
