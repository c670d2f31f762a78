"""What several papers have in common: marks, letterhead, the lines of a sale and its VAT."""

from collections.abc import Iterable
from datetime import datetime

from boxoffice.clock import say
from boxoffice.money import format_amount, format_euros, format_rate
from boxoffice.printing.characters import printable
from boxoffice.printing.document import Align, Document, Text, pair, wrapped
from boxoffice.sales.papers import Letterhead, Origin, PaperLine, VatShare

_VAT_COLUMN = 9


def marks(letterhead: Letterhead, copy_number: int) -> Document:
    """What says at a glance that this is no original, or no real paper at all."""
    said = [letterhead.specimen] if letterhead.specimen else []
    if copy_number:
        said.append(f"DUPLICATA n° {copy_number}")
    return tuple(banner(mark) for mark in said)


def banner(text: str) -> Text:
    """White on black, at the top of the paper."""
    return Text(f"\u00a0\u00a0{printable(text)}\u00a0\u00a0", Align.CENTRE, bold=True, invert=True, tall=2)


def identity(letterhead: Letterhead, columns: int) -> Document:
    """Who sells, in full, as a receipt must say it."""
    centred = [letterhead.operator_name, letterhead.address, f"{letterhead.postcode} {letterhead.town}"]
    if letterhead.siret:
        centred.append(f"SIRET {grouped_siret(letterhead.siret)}")
    if letterhead.vat_number:
        centred.append(f"TVA {letterhead.vat_number}")
    return (
        *wrapped(letterhead.festival, columns, align=Align.CENTRE, bold=True, tall=2),
        *(line for text in centred for line in wrapped(text, columns, align=Align.CENTRE)),
    )


def issue(origin: Origin, columns: int) -> Document:
    """When and at which counter, by whom, under which operation number."""
    return (
        *pair(f"Opération {origin.operation}", moment(origin.at), columns),
        *pair(f"Caisse {origin.till_number}", f"Opérateur {origin.cashier_number}", columns),
    )


def moment(at: datetime) -> str:
    """A date and time to the second, as the books have it."""
    return say(at, "dd/MM/y HH:mm:ss")


def sale_lines(lines: Iterable[PaperLine], columns: int) -> Document:
    """Each line with its label, its detail, its quantity, its unit price and what it comes to."""
    return tuple(element for line in lines for element in _sale_line(line, columns))


def vat_table(shares: tuple[VatShare, ...], columns: int) -> Document:
    """What is tax in the total, rate by rate; or that there is none."""
    if all(share.rate == 0 for share in shares):
        return wrapped("Exonéré de TVA", columns) if shares else ()
    rows = [(format_rate(share.rate), share.net_cents, share.vat_cents, share.gross_cents) for share in shares]
    if len(rows) > 1:
        rows.append(("Total", *(sum(row[column] for row in rows) for column in (1, 2, 3))))
    first = columns - 3 * _VAT_COLUMN
    heading = "TVA".ljust(first) + "".join(name.rjust(_VAT_COLUMN) for name in ("HT", "TVA", "TTC"))
    if first < len("Total") or any(len(format_amount(row[3])) >= _VAT_COLUMN for row in rows):
        return _vat_list(rows, columns)
    return (
        Text(heading),
        *(
            Text(row[0].ljust(first) + "".join(format_amount(cents).rjust(_VAT_COLUMN) for cents in row[1:]))
            for row in rows
        ),
    )


def ticket_numbers(numbers: tuple[str, ...]) -> str:
    """The numbers of tickets, runs of them shortened: `2-000456 à 2-000458, 2-000460`."""
    runs: list[list[str]] = []
    for number in numbers:
        if runs and _follows(runs[-1][-1], number):
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(_run(run) for run in runs)


def grouped(code: str, size: int = 4) -> str:
    """A code in groups that an eye can hold."""
    return " ".join(code[start : start + size] for start in range(0, len(code), size))


def grouped_siret(siret: str) -> str:
    """`123 456 789 00012`, kept together on its line."""
    return "\u00a0".join(part for part in (siret[:3], siret[3:6], siret[6:9], siret[9:]) if part)


def _sale_line(line: PaperLine, columns: int) -> Document:
    detail = wrapped(f"  {line.detail}", columns, indent=2) if line.detail else ()
    count = f"  {line.quantity} x {format_euros(line.unit_price_cents)}"
    return (
        *wrapped(line.label, columns, bold=True),
        *(Text(f"  {part.text.strip()}") for part in detail),
        *pair(count, format_euros(line.total_cents), columns),
    )


def _vat_list(rows: list[tuple[str, int, int, int]], columns: int) -> Document:
    """The same on paper too narrow for a table, or with sums too large for it."""
    return tuple(
        element
        for rate, net, vat, gross in rows
        for element in (
            *pair(f"TTC à {rate}" if rate != "Total" else "Total TTC", format_euros(gross), columns),
            *pair("  dont HT", format_euros(net), columns),
            *pair("  dont TVA", format_euros(vat), columns),
        )
    )


def _follows(before: str, after: str) -> bool:
    (till_before, _, number_before), (till_after, _, number_after) = before.rpartition("-"), after.rpartition("-")
    return (
        till_before == till_after
        and number_before.isdigit()
        and number_after.isdigit()
        and int(number_after) == int(number_before) + 1
    )


def _run(run: list[str]) -> str:
    match run:
        case [only]:
            return only
        case [first, second]:
            return f"{first}, {second}"
        case _:
            return f"{run[0]} à {run[-1]}"
