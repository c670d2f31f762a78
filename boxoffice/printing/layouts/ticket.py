"""The ticket: what article 50 sexies B asks for, in the order in which a door reads it, and a stub."""

from boxoffice.clock import say
from boxoffice.money import format_euros, format_rate
from boxoffice.printing.document import (
    Align,
    Cut,
    Document,
    Feed,
    QrCode,
    Rule,
    TearOff,
    listed,
    pair,
    wrapped,
)
from boxoffice.sales.prints.papers import TicketPaper

from .parts import grouped, marks, moment


def lay_out_ticket(paper: TicketPaper, columns: int) -> Document:
    """One seat at one screening; the stub below the dashes repeats what the door keeps."""
    return (
        *marks(paper.letterhead, paper.copy_number, "BILLET ANNULÉ" if paper.is_undone else ""),
        *_operator(paper, columns),
        Feed(),
        *_screening(paper, columns),
        Rule(),
        *_seat_sold(paper, columns),
        QrCode(paper.code),
        *wrapped(grouped(paper.code), columns, align=Align.CENTRE),
        Feed(),
        *_sale(paper, columns),
        TearOff(),
        *_stub(paper, columns),
        Cut(),
    )


def _operator(paper: TicketPaper, columns: int) -> Document:
    letterhead = paper.letterhead
    return (
        *wrapped(letterhead.festival, columns, align=Align.CENTRE, bold=True),
        *wrapped(letterhead.operator_name, columns, align=Align.CENTRE),
        *(wrapped(f"SIRET {letterhead.siret}", columns, align=Align.CENTRE) if letterhead.siret else ()),
    )


def _screening(paper: TicketPaper, columns: int) -> Document:
    title = wrapped(paper.event_title, columns, align=Align.CENTRE, bold=True, wide=2, tall=2)
    version = wrapped(paper.event_version, columns, align=Align.CENTRE) if paper.event_version else ()
    return (
        *title,
        *version,
        Feed(),
        *wrapped(_day(paper), columns, align=Align.CENTRE, wide=2, tall=2),
        *wrapped(_hour(paper), columns, align=Align.CENTRE, bold=True, wide=2, tall=2),
        Feed(),
        *wrapped(paper.place, columns, align=Align.CENTRE, bold=True, tall=2),
        *wrapped(_seat(paper), columns, align=Align.CENTRE, bold=bool(paper.seat)),
        *(wrapped(_age(paper), columns, align=Align.CENTRE) if paper.minimum_age else ()),
    )


def _seat_sold(paper: TicketPaper, columns: int) -> Document:
    return (
        *pair(paper.tariff_label, _price(paper), columns, bold=True, tall=2),
        *pair(f"Billet n° {paper.number}", f"Tarif {paper.tariff_code}", columns),
        *pair(f"Séance {paper.screening_code}", _vat(paper), columns),
        *(wrapped(_exemption(paper), columns) if _exemption(paper) else ()),
        *(wrapped(f"Nominatif : {paper.holder}", columns, bold=True, tall=2) if paper.holder else ()),
    )


def _sale(paper: TicketPaper, columns: int) -> Document:
    origin = paper.origin
    return (
        *wrapped(f"Vendu à {paper.letterhead.town} le {moment(origin.at)}", columns, align=Align.CENTRE),
        *listed(
            (
                f"Caisse {origin.till_number}",
                f"Opérateur {origin.cashier_number}",
                f"Opération {origin.operation}",
            ),
            columns,
            align=Align.CENTRE,
        ),
        *(wrapped(paper.advice, columns, align=Align.CENTRE) if paper.advice else ()),
    )


def _stub(paper: TicketPaper, columns: int) -> Document:
    return (
        *marks(paper.letterhead, paper.copy_number, "BILLET ANNULÉ" if paper.is_undone else ""),
        *wrapped(paper.event_title, columns, bold=True),
        *listed((f"{_day(paper)} à {_hour(paper)}", paper.place), columns),
        *(wrapped(_seat(paper), columns) if paper.seat else ()),
        *pair(f"Billet n° {paper.number}", paper.screening_code, columns),
        *pair(paper.tariff_label, _price(paper), columns),
    )


def _day(paper: TicketPaper) -> str:
    return say(paper.starts_at, "EEE d MMM y")


def _hour(paper: TicketPaper) -> str:
    return say(paper.starts_at, "HH 'h' mm").replace(" ", "\u00a0")


def _seat(paper: TicketPaper) -> str:
    return f"Place {paper.seat}" if paper.seat else "Placement libre"


def _age(paper: TicketPaper) -> str:
    return f"Interdit aux moins de {paper.minimum_age}\u00a0ans"


def _price(paper: TicketPaper) -> str:
    return format_euros(paper.price_cents) if paper.price_cents else "GRATUIT"


def _vat(paper: TicketPaper) -> str:
    return f"TVA {format_rate(paper.vat_rate)}" if paper.price_cents and not _exemption(paper) else ""


def _exemption(paper: TicketPaper) -> str:
    return paper.letterhead.exemption if paper.price_cents and paper.vat_rate == 0 else ""
