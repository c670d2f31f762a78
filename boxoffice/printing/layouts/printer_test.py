"""The printer test: if every line reads as it says, the printer is set up well."""

from boxoffice.kinds import PrinterKind
from boxoffice.printing.document import Align, Cut, Document, Feed, Pair, QrCode, Rule, Text, listed, wrapped
from boxoffice.sales.prints.papers import PrinterTestPaper

from .parts import marks, moment

_KINDS = {
    PrinterKind.VIRTUAL: "Imprimante virtuelle",
    PrinterKind.NETWORK: "Réseau",
    PrinterKind.USB: "USB",
    PrinterKind.SERIAL: "Série",
    PrinterKind.WINDOWS: "Windows",
    PrinterKind.CUPS: "CUPS",
    PrinterKind.FILE: "Fichier",
}


def lay_out_printer_test(paper: PrinterTestPaper, columns: int) -> Document:
    """Accents, euro, full width, sizes, inverse, QR, cutter: each line says what should be seen."""
    return (
        *marks(paper.letterhead, 0),
        Text("TEST", Align.CENTRE, bold=True, wide=2, tall=2),
        *wrapped(paper.printer_name, columns, align=Align.CENTRE, bold=True),
        *listed((_KINDS[paper.printer_kind], moment(paper.at)), columns, align=Align.CENTRE),
        Rule(),
        *wrapped("La règle va d'un bord à l'autre, sur une seule ligne :", columns),
        Text("".join(str(column % 10) for column in range(1, columns + 1))),
        Feed(),
        *wrapped("Accents, guillemets et euro :", columns),
        *wrapped("àâçéèêëîïôöùûüÿœæ", columns),
        *wrapped("ÀÂÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ", columns),
        *wrapped("« L’Œuvre » n° 1 – 8,50 €", columns),
        Feed(),
        Text("Gras", bold=True),
        Text("Inverse", invert=True),
        Text("Haut", tall=2),
        Text("Double", wide=2, tall=2),
        Pair("Gauche", "Droite"),
        Text("Centre", Align.CENTRE),
        Rule(),
        *wrapped("Ce code se lit « PRINTER TEST » et fait au moins 25 mm :", columns),
        QrCode("PRINTER TEST"),
        *wrapped("Le papier est coupé sous cette ligne.", columns, align=Align.CENTRE),
        Cut(),
    )
