"""What several papers have in common: marks, letterhead, the lines of a sale and its VAT."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from babel.dates import format_date

from boxoffice.clock import say
from boxoffice.money import format_amount, format_euros, format_rate
from boxoffice.printing.characters import printable
from boxoffice.printing.document import (
    Align,
    Cut,
    Document,
    Feed,
    QrCode,
    Rule,
    Text,
    listed,
    pair,
    wrapped,
)
from boxoffice.sales.closings.put_back import Restoring
from boxoffice.sales.means import BY_CODE
from boxoffice.sales.prints.card_papers import CodePaper
from boxoffice.sales.prints.papers import Letterhead, Origin, PaperLine, PaperPayment, VatShare

_VAT_COLUMN = 9


def marks(letterhead: Letterhead, copy_number: int, undone: str = "") -> Document:
    """What says at a glance that this is no original, is `undone`, or no real paper at all."""
    said = [letterhead.specimen] if letterhead.specimen else []
    if copy_number:
        said.append(f"DUPLICATA n° {copy_number}")
    if undone:
        said.append(undone)
    return tuple(banner(mark) for mark in said)


def banner(text: str) -> Text:
    """White on black, at the top of the paper."""
    return _on_black(printable(text), 2)


def band(text: str, columns: int, *, wide: int = 1) -> Text:
    """White on black across the paper, as no ticket has."""
    text = printable(text)
    return _on_black(text, max(columns // wide - len(text), 0) // 2, wide)


def _on_black(text: str, beside: int, wide: int = 1) -> Text:
    """A text with as much black on either side of it, so that the printer sets it in the middle."""
    black = "\u00a0" * beside
    return Text(f"{black}{text}{black}", Align.CENTRE, bold=True, invert=True, wide=wide, tall=2)


def code_paper(
    paper: CodePaper,
    heading: Text,
    said: Document,
    typed: Document,
    terms: Iterable[str],
    columns: int,
) -> Document:
    """A paper with a code: a heading, what it says, the code, `typed` as it is read, then its terms."""
    return (
        *marks(paper.letterhead, paper.copy_number),
        *wrapped(paper.letterhead.festival, columns, align=Align.CENTRE, bold=True),
        Feed(),
        heading,
        *said,
        Rule(),
        QrCode(paper.code),
        *typed,
        Rule(),
        *centred(terms, columns),
        Feed(),
        Cut(),
    )


def centred(texts: Iterable[str], columns: int) -> Document:
    """Texts in the middle, each on lines of its own."""
    return tuple(line for text in texts for line in wrapped(text, columns, align=Align.CENTRE))


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
        *pair("Opération", origin.operation, columns),
        *pair("Date", moment(origin.at), columns),
        *pair(f"Caisse {origin.till_number}", f"Opérateur {origin.cashier_number}", columns),
    )


def moment(at: datetime) -> str:
    """A date and time to the second, as the books have it."""
    return say(at, "dd/MM/y HH:mm:ss")


def sale_lines(lines: Iterable[PaperLine], columns: int) -> Document:
    """Each line with its label, its detail, its quantity, its unit price and what it comes to."""
    return tuple(element for line in lines for element in _sale_line(line, columns))


def vat_table(shares: tuple[VatShare, ...], letterhead: Letterhead, columns: int) -> Document:
    """What is tax in the total, rate by rate; or that there is none, and why."""
    if all(share.rate == 0 for share in shares):
        return wrapped(letterhead.exemption or "Exonéré de TVA", columns) if shares else ()
    rows = [
        _VatRow(format_rate(share.rate), share.net_cents, share.vat_cents, share.gross_cents)
        for share in shares
    ]
    if len(rows) > 1:
        rows.append(
            _VatRow(
                "Total",
                sum(row.net for row in rows),
                sum(row.vat for row in rows),
                sum(row.gross for row in rows),
            )
        )
    first = columns - 3 * _VAT_COLUMN
    if any(len(format_amount(row.gross)) >= _VAT_COLUMN or len(row.name) > first for row in rows):
        return _vat_list(rows, columns)
    heading = _in_columns("Taux", ("HT", "TVA", "TTC"), first)
    return (Text(heading), *(Text(_in_columns(row.name, row.amounts, first)) for row in rows))


def stored_value(payment: PaperPayment, columns: int) -> Document:
    """Which card or account paid, and what stays on it."""
    left = f"reste {payment.left}" if payment.left else ""
    return listed((payment.card, left), columns, indent=2)


def in_the_journal(entry: str, columns: int) -> Document:
    """Where the signed journal tells of this paper: whoever keeps it can hold the journal to it."""
    return wrapped(f"Journal {entry}", columns, hanging=2) if entry else ()


def ticket_numbers(numbers: tuple[str, ...]) -> str:
    """The numbers of tickets, runs of them shortened: `2-000456 à 2-000458, 2-000460`."""
    runs: list[list[str]] = []
    for number in numbers:
        if runs and _follows(runs[-1][-1], number):
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(_run(run) for run in runs)


def validity(since: date | None, until: date | None, columns: int, *, of: str = "") -> Document:
    """The days between which a paper is good, both included; `of` what they are the days."""
    good = f"Valable pour {of}" if of else "Valable"
    match since, until:
        case None, None:
            return ()
        case None, date():
            said = f"{good} jusqu'au {day_of(until)}"
        case date(), None:
            said = f"{good} à partir du {day_of(since)}"
        case _:
            said = f"{good} du {day_of(since)} au {day_of(until)}"
    return wrapped(said, columns, align=Align.CENTRE, bold=True)


def day_of(day: date | None) -> str:
    """A day kept together on its line."""
    return format_date(day, "d MMM y", locale="fr").replace(" ", "\u00a0")


def grouped(code: str, size: int = 4) -> str:
    """A code in groups that an eye can hold."""
    return " ".join(code[start : start + size] for start in range(0, len(code), size))


def grouped_siret(siret: str) -> str:
    """`123 456 789 00012`, kept together on its line."""
    return "\u00a0".join(part for part in (siret[:3], siret[3:6], siret[6:9], siret[9:]) if part)


class _VatRow(NamedTuple):
    name: str
    net: int
    vat: int
    gross: int

    @property
    def amounts(self) -> tuple[str, str, str]:
        return format_amount(self.net), format_amount(self.vat), format_amount(self.gross)


def _sale_line(line: PaperLine, columns: int) -> Document:
    return (
        *wrapped(line.label, columns, bold=True),
        *listed(line.detail.split(" · "), columns, indent=2),
        *pair(
            f"  {line.quantity} x {format_euros(line.unit_price_cents)}",
            format_euros(line.total_cents),
            columns,
        ),
    )


def _in_columns(name: str, amounts: tuple[str, str, str], first: int) -> str:
    return name.ljust(first) + "".join(amount.rjust(_VAT_COLUMN) for amount in amounts)


def _vat_list(rows: list[_VatRow], columns: int) -> Document:
    """The same on paper too narrow for a table, or with sums too large for it."""
    return tuple(
        element
        for row in rows
        for element in (
            *pair(
                f"TTC à {row.name}" if row.name != "Total" else "Total TTC", format_euros(row.gross), columns
            ),
            *pair("  dont HT", format_euros(row.net), columns),
            *pair("  dont TVA", format_euros(row.vat), columns),
        )
    )


def _follows(before: str, after: str) -> bool:
    till_before, _, number_before = before.rpartition("-")
    till_after, _, number_after = after.rpartition("-")
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


def put_back(restorings: tuple[Restoring, ...], columns: int, till: int | None = None) -> Document:
    """The databases put back, and the operations, of a till or of all, that are on papers alone."""
    told = []
    for restoring in restorings:
        told.append(f"Base remise le {moment(restoring.at)}.")
        told += [f"- {each.said()}" for each in restoring.left_out_of(till)]
    return tuple(line for each in told for line in wrapped(each, columns))


def section(title: str, columns: int) -> Document:
    """The title of a part of a paper, under a rule."""
    return (Rule(), *wrapped(title, columns, bold=True))


def means_on_paper(code: str) -> str:
    """What a means of payment is called; its code, if another version of this program took it."""
    return BY_CODE[code].on_paper if code in BY_CODE else code


def several(count: int, one: str, many: str) -> str:
    """`1 rendu`, `2 rendus`: as many of something."""
    return f"{count} {one if count == 1 else many}"
