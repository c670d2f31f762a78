"""Whom a cancelled or moved screening concerns: a list for the box office, with numbers and no names."""

from datetime import datetime

from boxoffice.clock import say
from boxoffice.money import format_euros
from boxoffice.printing.document import Align, Cut, Document, Feed, Rule, Text, pair, wrapped
from boxoffice.sales.prints.papers import AffectedPaper

from .parts import marks, moment, ticket_numbers


def lay_out_affected(paper: AffectedPaper, columns: int) -> Document:
    """What was told, what is now, and every ticket, pass and reservation that goes by the old paper."""
    title = "SÉANCE ANNULÉE" if paper.new_starts_at is None else "SÉANCE DÉPLACÉE"
    return (
        *marks(paper.letterhead, 0),
        *wrapped(paper.letterhead.festival, columns, align=Align.CENTRE, bold=True),
        Text(title, Align.CENTRE, bold=True, tall=2),
        *wrapped(f"{paper.event_title} ({paper.screening_code})", columns, align=Align.CENTRE, bold=True),
        Rule(),
        *wrapped(f"Annoncée : {_when(paper.told_starts_at)}, {paper.told_place}", columns, hanging=2),
        *_now(paper, columns),
        *wrapped(f"Motif : {paper.reason}", columns, hanging=2),
        *wrapped(f"Décidé par : {paper.manager}", columns, hanging=2),
        *_tickets(paper, columns),
        *_counted("Pass", paper.bookings, columns),
        *_counted("Réservations", paper.reservations, columns),
        Rule(),
        *wrapped(f"Liste n° {paper.number}, au {moment(paper.at)}.", columns, align=Align.CENTRE),
        Feed(),
        Cut(),
    )


def _now(paper: AffectedPaper, columns: int) -> Document:
    if paper.new_starts_at is None:
        return wrapped("N'a pas lieu.", columns, bold=True)
    now = f"Maintenant : {_when(paper.new_starts_at)}, {paper.new_place}"
    return wrapped(now, columns, bold=True, hanging=2)


def _tickets(paper: AffectedPaper, columns: int) -> Document:
    count = sum(len(numbers) for _label, numbers in paper.tickets)
    is_cancelled = paper.new_starts_at is None
    title = "BILLETS À CRÉDITER" if is_cancelled else "BILLETS TOUJOURS VALABLES"
    heading = (Rule(), *pair(title, str(count), columns, bold=True))
    if not count:
        return heading
    return (
        *heading,
        *(
            element
            for label, numbers in paper.tickets
            for element in wrapped(f"{label} : {ticket_numbers(numbers)}", columns, hanging=2)
        ),
        *(() if is_cancelled else wrapped("À reprendre si le client le demande.", columns)),
        *pair("Valeur", format_euros(paper.credit_cents), columns),
    )


def _counted(name: str, rows: tuple[tuple[str, int], ...], columns: int) -> Document:
    seats = sum(count for _number, count in rows)
    return (
        Rule(),
        *pair(name.upper(), f"{seats} places" if seats > 1 else f"{seats} place", columns, bold=True),
        *(element for number, count in rows for element in pair(f"  {number}", str(count), columns)),
    )


def _when(at: datetime) -> str:
    return say(at, "EEE d MMM 'à' HH:mm")
