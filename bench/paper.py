"""A ticket from its paper to the bytes of a printer, against python-escpos alone writing the same lines."""

from functools import partial

from boxoffice.printing.format import Format
from boxoffice.printing.library import escpos_printers
from boxoffice.printing.rendering import to_bytes, to_plain
from boxoffice.printing.samples import sample
from boxoffice.sales.prints.papers import DocumentKind, TicketPaper

from .measuring import Figure, Progress, alternate, median_ms

BLOCK = 20


def measure(*, tickets: int, progress: Progress) -> list[Figure]:
    """What laying a ticket out in our style costs, and how long the printer waits for it."""
    paper, format = sample(DocumentKind.TICKET), Format()
    assert isinstance(paper, TicketPaper)
    lines = to_plain(paper, format.columns).splitlines()

    def bare() -> bytes:
        printer = escpos_printers().Dummy()
        for line in lines:
            printer.text(line + "\n")
        printer.qr(paper.code, native=True, size=6)
        printer.cut()
        return bytes(printer.output)

    times = alternate(
        {"ours": partial(to_bytes, paper, format), "bare": bare},
        blocks=tickets // BLOCK,
        size=BLOCK,
        progress=lambda block: progress("ticket: rendering", block * BLOCK, tickets),
    )
    ours, theirs = median_ms(times["ours"]), median_ms(times["bare"])
    return [
        Figure("ticket to bytes", ours, "ms", 2.0),
        Figure(
            "ticket to bytes, against python-escpos alone", ours / theirs, "×", note=f"{theirs:.2f} ms alone"
        ),
    ]
