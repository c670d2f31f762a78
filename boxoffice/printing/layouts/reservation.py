"""The slip of a reservation: its reference and its code, what is held, and until when."""

from boxoffice.clock import say
from boxoffice.money import format_euros
from boxoffice.printing.document import Align, Cut, Document, Feed, QrCode, Rule, Text, listed, pair, wrapped
from boxoffice.sales.prints.papers import PaperReserved, ReservationPaper

from .parts import grouped, marks, moment


def lay_out_reservation(paper: ReservationPaper, columns: int) -> Document:
    """To be scanned or told at the counter; it lets nobody in, and says so."""
    return (
        *marks(paper.letterhead, 0),
        *wrapped(paper.letterhead.festival, columns, align=Align.CENTRE, bold=True),
        Text("RÉSERVATION", Align.CENTRE, bold=True, wide=2, tall=2),
        Text(paper.reference.replace(" ", "\u00a0"), Align.CENTRE, bold=True, wide=2, tall=2),
        QrCode(paper.code),
        *wrapped(grouped(paper.code), columns, align=Align.CENTRE),
        *_places(paper, columns),
        Rule(),
        *wrapped(f"Au {moment(paper.at)}.", columns, align=Align.CENTRE),
        *wrapped(
            "Ce papier n'est pas un billet : payez et retirez vos billets au guichet avant l'heure dite.",
            columns,
            align=Align.CENTRE,
        ),
        Feed(),
        Cut(),
    )


def _places(paper: ReservationPaper, columns: int) -> Document:
    if not paper.places:
        return (Rule(), *wrapped("Aucune place n'est plus retenue.", columns, bold=True))
    return (
        *(element for places in paper.places for element in _held(places, columns)),
        Rule(),
        *pair("À PAYER AU GUICHET", format_euros(paper.total_cents), columns, bold=True, tall=2),
    )


def _held(places: PaperReserved, columns: int) -> Document:
    until = say(places.expires_at, "EEE d MMM 'à' HH:mm")
    return (
        Rule(),
        *pair(
            say(places.starts_at, "EEE d MMM"),
            say(places.starts_at, "HH 'h' mm").replace(" ", "\u00a0"),
            columns,
            bold=True,
            tall=2,
        ),
        *wrapped(places.event_title, columns, bold=True),
        *listed((places.hall,), columns),
        *pair(
            f"{places.seats} x {places.tariff_label}",
            format_euros(places.total_cents) if places.total_cents else "GRATUIT",
            columns,
        ),
        *wrapped(f"Retenu jusqu'au {until}", columns),
    )
