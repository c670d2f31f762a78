"""Who may come in to a screening, with boxes to tick by hand: for when the power is cut."""

from collections import Counter

from boxoffice.money import format_euros
from boxoffice.printing.document import Align, Cut, Document, Feed, Rule, Text, pair, wrapped
from boxoffice.sales.prints.statement_papers import (
    DoorListPaper,
    DoorPass,
    DoorReservation,
    DoorTicket,
)

from .parts import marks, moment, put_back
from .statement import showing

_EMPTY, _TICKED = "[ ]", "[x]"


def lay_out_door_list(paper: DoorListPaper, columns: int) -> Document:
    """Tickets by number, then passes and reservations by name; who has come in is ticked already."""
    total = len(paper.tickets) + paper.booked
    return (
        *marks(paper.letterhead, 0),
        *wrapped(paper.letterhead.festival, columns, align=Align.CENTRE, bold=True),
        Text("LISTE À L'ENTRÉE", Align.CENTRE, bold=True, tall=2),
        Rule("="),
        *showing(paper.showing, columns),
        *pair("Attendus / jauge", f"{total} / {paper.capacity}", columns, bold=True),
        *wrapped(f"État au {moment(paper.at)}.", columns),
        *_tickets(paper.tickets, columns),
        *_heading("PASS ET ACCRÉDITATIONS", paper.booked, columns),
        *(element for booking in paper.passes for element in _pass(booking, columns)),
        *_heading("RÉSERVÉES, À PAYER D'ABORD", paper.reserved, columns),
        *(element for kept in paper.reservations for element in _reservation(kept, columns)),
        *_put_back(paper, columns),
        Rule("="),
        *wrapped("Cochez chaque place. Données personnelles : à détruire après la séance.", columns),
        Feed(),
        Cut(),
    )


def _put_back(paper: DoorListPaper, columns: int) -> Document:
    """Whose tickets and bookings may be good, and are not on the list."""
    if not paper.restorings:
        return ()
    said = "Ce qui fut vendu ou réservé entre-temps n'est pas sur cette liste."
    return (Rule(), *put_back(paper.restorings, columns), *wrapped(said, columns))


def _tickets(tickets: tuple[DoorTicket, ...], columns: int) -> Document:
    by_tariff = Counter(ticket.tariff for ticket in tickets)
    return (
        *_heading("BILLETS", len(tickets), columns),
        *(
            element
            for tariff, count in sorted(by_tariff.items())
            for element in pair(f"  {tariff}", str(count), columns)
        ),
        *_numbers([_box(ticket) for ticket in tickets if not ticket.holder], columns),
        *(
            element
            for ticket in sorted(tickets, key=lambda ticket: (ticket.holder.casefold(), ticket.number))
            if ticket.holder
            for element in wrapped(f"{_box(ticket)} {ticket.holder}", columns, hanging=4)
        ),
    )


def _box(ticket: DoorTicket) -> str:
    return f"{_TICKED if ticket.used else _EMPTY}\u00a0{ticket.number}"


def _numbers(boxes: list[str], columns: int) -> Document:
    """Boxes side by side, as many on a line as the paper is wide, read down each column."""
    if not boxes:
        return ()
    width = max(map(len, boxes)) + 2
    across = max(1, (columns + 2) // width)
    down = -(-len(boxes) // across)
    return tuple(Text("".join(box.ljust(width) for box in boxes[row::down]).rstrip()) for row in range(down))


def _pass(booking: DoorPass, columns: int) -> Document:
    boxes = _boxes(booking.seats, booking.used)
    blocked = " – BLOQUÉ, AU GUICHET" if booking.blocked else ""
    return wrapped(f"{boxes} {booking.holder} {booking.number}{blocked}", columns, hanging=4)


def _reservation(kept: DoorReservation, columns: int) -> Document:
    who = f"{_boxes(kept.seats, 0)} {kept.holder} {kept.reference}"
    return wrapped(f"{who} – {format_euros(kept.due_cents)}", columns, hanging=4)


def _boxes(seats: int, used: int) -> str:
    """A box for each seat; many seats as a number."""
    if seats > 6:
        return f"{_EMPTY}\u00a0x\u00a0{seats}"
    return _TICKED * used + _EMPTY * (seats - used)


def _heading(name: str, count: int, columns: int) -> Document:
    return (Rule(), *pair(name, str(count), columns, bold=True))
