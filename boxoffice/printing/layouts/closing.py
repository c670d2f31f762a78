"""Readings and Zs: the same figures in the same order; only a Z has a number, and is signed."""

from datetime import date

from boxoffice.kinds import ClosingPeriod, StoredValueKind
from boxoffice.money import format_euros, format_rate
from boxoffice.printing.document import Align, Cut, Document, Feed, Rule, Text, pair, wrapped
from boxoffice.sales.closings.figures import Acts, Figures, Free, Place, ShiftFigures, Sold, Stored
from boxoffice.sales.closings.outcomes import Aside, Made, Reading
from boxoffice.sales.means import BALANCE, EXCHANGE
from boxoffice.sales.prints.closing_papers import ClosingPaper, ReadingPaper
from boxoffice.sales.prints.papers import VatShare

from .drawers import closed_shift, drawers, floats_left, open_shift
from .parts import (
    day_of,
    in_the_journal,
    marks,
    means_on_paper,
    moment,
    put_back,
    section,
    several,
    vat_table,
)

_TITLES = {
    ClosingPeriod.TILL: "CLÔTURE DE CAISSE",
    ClosingPeriod.DAY: "CLÔTURE DE JOURNÉE",
    ClosingPeriod.MONTH: "CLÔTURE MENSUELLE",
    ClosingPeriod.YEAR: "CLÔTURE ANNUELLE",
}
_STORED = {
    StoredValueKind.GIFT_CARD: "Cartes cadeaux",
    StoredValueKind.BALANCE: "Soldes des clients",
    StoredValueKind.PLACE_CARD: "Cartes de places",
    StoredValueKind.POINTS: "Points",
    StoredValueKind.PROMO_CODE: "Codes promo",
}
_IN_CENTS = frozenset({StoredValueKind.GIFT_CARD, StoredValueKind.BALANCE})
_FREE = {
    Free.TARIFF: "par le tarif",
    Free.PROMO_CODE: "par un code promo",
    Free.PASS: "par un pass",
    Free.ACCREDITATION: "par une accréditation",
}
_GIVEN = {BALANCE.code: ("crédité", "crédités"), EXCHANGE.code: ("repris", "repris")}
"""What is said of what is given back by a means, where it is no money in a hand."""
_ACTS = {
    "basket.discarded": "Paniers vidés",
    "basket.charged": "Paniers débités puis laissés",
    "basket.line_removed": "Lignes retirées d'un panier",
    "cash.moved": "Espèces portées",
    "count.refused": "Comptages refusés",
    "drawer.opened": "Tiroir ouvert sans vente",
    "operator.refused": "Codes refusés",
}


def lay_out_closing(paper: ClosingPaper, columns: int) -> Document:
    """A Z, with its number, what it covers, and where the journal signs it."""
    made = paper.closing
    of = f"Caisse {made.till}" if made.till is not None else "Toute la billetterie"
    elsewhere = pair("Faite à la caisse", str(made.made_at_till), columns)
    return (
        *marks(paper.letterhead, paper.copy_number),
        *wrapped(paper.letterhead.festival, columns, align=Align.CENTRE, bold=True),
        *wrapped(_TITLES[made.period], columns, align=Align.CENTRE, bold=True, tall=2),
        *pair(of, f"Z n° {made.number}", columns, bold=True),
        *pair("Journée" if made.first_day == made.last_day else "Période", _days(made), columns),
        *pair("Faite le", moment(made.at), columns),
        *pair("Par", made.manager, columns),
        *(elsewhere if made.till not in (None, made.made_at_till) else ()),
        *_figures(made.figures, made.aside, paper, columns),
        *(floats_left(made.figures.floats or (), columns) if made.till is None else ()),
        *_restored(made, columns),
        *_totals(
            made.figures,
            made.period_cents,
            made.period_absolute_cents,
            made.perpetual_cents,
            made.perpetual_absolute_cents,
            columns,
        ),
        *in_the_journal(made.entry, columns),
        Feed(),
        Cut(),
    )


def lay_out_reading(paper: ReadingPaper, columns: int) -> Document:
    """An X: nothing is closed, and it says so."""
    reading = paper.reading
    of = f"Caisse {reading.till}" if reading.till is not None else "Toute la billetterie"
    return (
        *marks(paper.letterhead, 0),
        *wrapped(paper.letterhead.festival, columns, align=Align.CENTRE, bold=True),
        *wrapped("LECTURE X", columns, align=Align.CENTRE, bold=True, tall=2),
        *wrapped("Rien n'est clos.", columns, align=Align.CENTRE),
        *pair(of, moment(reading.at), columns, bold=True),
        *_figures(reading.figures, reading.aside, paper, columns, reading.open_shifts),
        *_restored(reading, columns),
        *_totals(
            reading.figures,
            reading.figures.turnover_cents,
            reading.figures.absolute_cents,
            reading.perpetual_cents,
            reading.perpetual_absolute_cents,
            columns,
        ),
        Feed(),
        Cut(),
    )


def _days(made: Made) -> str:
    if made.first_day == made.last_day:
        return day_of(made.first_day)
    return f"{_short(made.first_day)} - {_short(made.last_day)}"


def _short(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _figures(
    figures: Figures,
    aside: Aside,
    paper: ClosingPaper | ReadingPaper,
    columns: int,
    open_shifts: tuple[ShiftFigures, ...] = (),
) -> Document:
    shares = tuple(VatShare(vat.rate, vat.gross_cents, vat.net_cents, vat.vat_cents) for vat in figures.vat)
    return (
        *_sold("BILLETS", figures.tariffs, columns),
        *_sold("PRODUITS ET PASS", figures.products, columns),
        *_sold("BONS À USAGE MULTIPLE (DUS)", figures.vouchers, columns),
        *_sold("FRAIS RETENUS", figures.fees, columns),
        *_places("PAR SECTION", figures.sections, columns),
        *_places("PAR LIEU", figures.venues, columns),
        *_payments(figures, columns),
        *section("TVA", columns),
        *(vat_table(shares, paper.letterhead, columns) or (Text("Aucune opération taxée"),)),
        *_stored(figures.stored, columns),
        *_free(figures, columns),
        *_unsold_cards(aside, columns),
        *_numbers(figures, columns),
        *_corrections(figures, aside, columns),
        *drawers(figures.shifts, columns),
        *(element for shift in figures.shifts for element in closed_shift(shift, columns, aside)),
        *(element for shift in open_shifts for element in open_shift(shift, columns, aside)),
    )


def _sold(title: str, rows: tuple[Sold, ...], columns: int) -> Document:
    """What was sold of each kind; what came back is told beside, and is in the amount."""
    if not rows:
        return ()
    return (
        *section(title, columns),
        *(
            element
            for row in rows
            for element in pair(
                f"{row.sold} {row.label}" + (f", {row.returned} repris" if row.returned else ""),
                format_euros(row.cents),
                columns,
            )
        ),
        *pair("Total", format_euros(sum(row.cents for row in rows)), columns, bold=True),
    )


def _places(title: str, rows: tuple[Place, ...], columns: int) -> Document:
    if not rows:
        return ()
    return (
        *section(title, columns),
        *(
            element
            for row in rows
            for element in pair(
                f"{row.sold - row.returned} {row.name or 'Sans section'}", format_euros(row.cents), columns
            )
        ),
    )


def _payments(figures: Figures, columns: int) -> Document:
    rows: list[Document] = []
    for paid in figures.payments:
        given = several(paid.given, *_GIVEN.get(paid.means, ("rendu", "rendus")))
        if paid.taken:
            rows.append(
                pair(f"{paid.taken} {means_on_paper(paid.means)}", format_euros(paid.taken_cents), columns)
            )
        if paid.given:
            said = f"  {given}" if paid.taken else f"{means_on_paper(paid.means)}, {given}"
            rows.append(pair(said, format_euros(paid.given_cents), columns))
    total = sum(paid.cents for paid in figures.payments)
    return (
        *section("RÈGLEMENTS", columns),
        *(element for row in rows for element in row),
        *pair("Total", format_euros(total), columns, bold=True),
    )


def _stored(rows: tuple[Stored, ...], columns: int) -> Document:
    if not rows:
        return ()
    return (*section("VALEURS DES CLIENTS", columns), *(e for row in rows for e in _value(row, columns)))


def _value(row: Stored, columns: int) -> Document:
    kind = StoredValueKind(row.kind)
    name = _STORED[kind] + (f" (TVA {format_rate(row.rate)})" if row.rate is not None else "")

    def said(amount: int) -> str:
        return format_euros(amount) if kind in _IN_CENTS else str(amount)

    told = (
        ("émis", row.issued),
        ("crédité par avoir", row.credited),
        ("repris", row.taken_back),
        ("utilisé", row.used),
        ("expiré", row.expired),
        ("corrigé", row.corrected),
    )
    return (
        *wrapped(name, columns),
        *(e for label, amount in told if amount for e in pair(f"  {label}", said(amount), columns)),
        *(pair("  usages sans limite", str(row.unlimited), columns) if row.unlimited else ()),
        *(pair("  reste dû", said(row.outstanding), columns) if row.outstanding is not None else ()),
    )


def _free(figures: Figures, columns: int) -> Document:
    if not figures.free:
        return ()
    return (
        *section("BILLETS GRATUITS", columns),
        *(
            element
            for row in figures.free
            for element in pair(f"{row.tickets} {row.label}", _FREE[Free(row.reason)], columns)
        ),
    )


def _unsold_cards(aside: Aside, columns: int) -> Document:
    """Seats that no money paid for here: invitations and cards of elsewhere, at the price of a seat."""
    if not aside.unsold_cards:
        return ()
    return (
        *section("PAR CARTE OFFERTE OU D'AILLEURS", columns),
        *(
            element
            for row in aside.unsold_cards
            for element in pair(f"{row.tickets} {row.label}", format_euros(row.cents), columns)
        ),
    )


def _numbers(figures: Figures, columns: int) -> Document:
    rows: list[Document] = []
    for numbers in figures.tickets:
        if numbers.last >= numbers.first:
            missing = f"{numbers.missing} MANQUANTS" if numbers.missing else "sans trou"
            rows.append(
                pair(
                    f"{numbers.till}-{numbers.first:06d} à {numbers.till}-{numbers.last:06d}",
                    missing,
                    columns,
                )
            )
    return (*section("NUMÉROS DES BILLETS", columns), *(e for row in rows for e in row)) if rows else ()


def _corrections(figures: Figures, aside: Aside, columns: int) -> Document:
    notes, exchanges = figures.credit_notes - aside.exchanges, aside.exchanges
    credited = figures.credited_cents - aside.exchanged_cents
    exchanged = pair(f"Échanges, repris ({exchanges})", format_euros(aside.exchanged_cents), columns)
    copies = sum(each.times for each in figures.copies)
    return (
        *section("OPÉRATIONS", columns),
        *pair("Ventes", str(figures.sales), columns),
        *pair(f"Annulations ({figures.reversals})", format_euros(figures.reversed_cents), columns),
        *pair(f"Avoirs ({notes})", format_euros(credited), columns),
        *(exchanged if exchanges else ()),
        *pair("Retours autorisés", str(figures.authorized), columns),
        *pair("Codes de responsable tapés", str(_times(figures.overrides)), columns),
        *pair("Duplicatas", str(copies), columns),
        *pair("Impressions incertaines", str(figures.uncertain), columns),
        *(e for act in figures.acts for e in pair(_ACTS.get(act.what, act.what), str(act.times), columns)),
    )


def _restored(of: Made | Reading, columns: int) -> Document:
    """The databases put back, the operations that are on papers alone, and the Zs that are."""
    if not of.restorings and not of.gone:
        return ()
    left_out = [each for restoring in of.restorings for each in restoring.left_out_of(of.till)]
    counted = [each for each in left_out if each.counted >= each.first]
    is_all = all(each.is_counted for each in left_out)
    said = "Comptées au total perpétuel." if is_all else "Ce qui est connu est compté au total perpétuel."
    return (
        *section("BASE REMISE", columns),
        *put_back(of.restorings, columns, of.till),
        *(wrapped(said, columns) if counted else ()),
        *(wrapped("Absentes du total perpétuel.", columns) if left_out and not counted else ()),
        *(line for each in of.gone for line in wrapped(each.said(), columns)),
    )


def _times(acts: tuple[Acts, ...]) -> int:
    return sum(act.times for act in acts)


def _totals(
    figures: Figures, period: int, absolute: int, perpetual: int, perpetual_absolute: int, columns: int
) -> Document:
    """The turnover, that of all lines less what vouchers paid of them, whose turnover was their own sale."""
    lines = sum(row.cents for row in (*figures.tariffs, *figures.products, *figures.fees))
    counted_before = (
        *pair("Billets, produits et frais", format_euros(lines), columns),
        *pair("Déjà taxé à la vente des bons et cartes", format_euros(period - lines), columns),
    )
    return (
        Rule("="),
        *(counted_before if period != lines else ()),
        *pair("CHIFFRE D'AFFAIRES", format_euros(period), columns, bold=True, tall=2),
        *pair("  ventes plus retours", format_euros(absolute), columns),
        *pair("Total perpétuel", format_euros(perpetual), columns, bold=True),
        *pair("  ventes plus retours", format_euros(perpetual_absolute), columns),
        Rule("="),
    )
