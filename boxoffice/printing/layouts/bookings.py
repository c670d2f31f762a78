"""The bookings of a pass, in order of time, with what can still be cancelled and until when."""

from boxoffice.clock import say
from boxoffice.printing.document import Align, Cut, Document, Feed, Rule, Text, listed, pair, wrapped
from boxoffice.sales.prints.papers import BookingsPaper, PaperBooking

from .parts import marks, moment


def lay_out_bookings(paper: BookingsPaper, columns: int) -> Document:
    """A list to keep in a pocket; it gives no access, and says so."""
    return (
        *marks(paper.letterhead, 0),
        *wrapped(paper.letterhead.festival, columns, align=Align.CENTRE, bold=True),
        Text("RÉSERVATIONS", Align.CENTRE, bold=True, wide=2, tall=2),
        *wrapped(paper.holder, columns, align=Align.CENTRE, bold=True, tall=2),
        *listed((paper.product, f"n° {paper.number}"), columns, align=Align.CENTRE),
        *_places(paper, columns),
        *_bookings(paper, columns),
        Rule(),
        *wrapped(f"Au {moment(paper.at)}.", columns, align=Align.CENTRE),
        *wrapped(
            "Ce papier n'est pas un billet : présentez votre pass à l'entrée.", columns, align=Align.CENTRE
        ),
        Feed(),
        Cut(),
    )


def _places(paper: BookingsPaper, columns: int) -> Document:
    if paper.places is None:
        return ()
    left = paper.places - paper.used
    said = "Il ne reste aucune place" if left <= 0 else f"Reste {left} sur {paper.places} places"
    return wrapped(said, columns, align=Align.CENTRE)


def _bookings(paper: BookingsPaper, columns: int) -> Document:
    if not paper.bookings:
        return (Rule(), *wrapped("Aucune réservation.", columns))
    return tuple(element for booking in paper.bookings for element in _booking(booking, columns))


def _booking(booking: PaperBooking, columns: int) -> Document:
    return (
        Rule(),
        *pair(
            say(booking.starts_at, "EEE d MMM"),
            say(booking.starts_at, "HH 'h' mm").replace(" ", "\u00a0"),
            columns,
            bold=True,
            tall=2,
        ),
        *wrapped(booking.event_title, columns, bold=True),
        *listed(
            (booking.place, booking.event_version, f"{booking.seats} places" if booking.seats > 1 else ""),
            columns,
        ),
        *wrapped(_state(booking), columns),
    )


def _state(booking: PaperBooking) -> str:
    """What became of a booking, or until when it can be given back."""
    if booking.used:
        return "Utilisée"
    if booking.screening_cancelled:
        return "Séance annulée : la place peut être rendue"
    if booking.moved:
        return "Séance déplacée : la place peut être rendue"
    if booking.cancellable_until is None:
        return "Ne peut plus être annulée"
    until = say(booking.cancellable_until, "EEE d MMM 'à' HH:mm")
    return f"Annulable jusqu'au {until}"
