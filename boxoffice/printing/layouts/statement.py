"""The statement of a screening (relevé): categories, takings, seats, and the numbers of its tickets."""

from dataclasses import dataclass

from boxoffice.clock import say
from boxoffice.kinds import Regime
from boxoffice.money import format_amount, format_euros, format_rate
from boxoffice.printing.document import Align, Cut, Document, Feed, Rule, Text, pair, wrapped
from boxoffice.sales.prints.statement_papers import (
    PaperNumbers,
    PaperShowing,
    PaperTariff,
    StatementPaper,
    WeekPaper,
    by_rate,
)

from .parts import banner, identity, marks, moment, put_back

WIDE = 64
"""From so many columns on, a category and its figures share a line."""

_PRICE, _COUNT, _TAKINGS = 8, 6, 11
_FIGURES = 2 * _COUNT + _TAKINGS


@dataclass(frozen=True, slots=True)
class _Words:
    """What a statement is called under a law, that law, and what is taken."""

    title: str
    law: str
    takings: str


_WORDS = {
    Regime.CGI_290Q: _Words("RELEVÉ DE SÉANCE", "CGI, ann. IV, art. 50 sexies B à I", "RECETTE TTC"),
    Regime.CNC_EXHIBITOR: _Words(
        "BORDEREAU DE SÉANCE", "Code du cinéma, art. L212-32 et suivants", "RECETTE GUICHET TTC"
    ),
    Regime.NON_COMMERCIAL: _Words("RELEVÉ DE SÉANCE", "Séance non commerciale", "PARTICIPATIONS ENCAISSÉES"),
}


def lay_out_statement(paper: StatementPaper, columns: int) -> Document:
    """What was sold by category, what it took, who came in, and whether the series of numbers is whole."""
    words = _WORDS[paper.regime]
    return (
        *heading(paper),
        *identity(paper.letterhead, columns),
        Feed(),
        Text(words.title, Align.CENTRE, bold=True, tall=2),
        *wrapped(words.law, columns, align=Align.CENTRE),
        Rule("="),
        *showing(paper.showing, columns),
        Rule(),
        *tariff_table(paper.tariffs, columns),
        *_seats(paper, columns),
        Rule("="),
        *pair(words.takings, format_euros(paper.takings_cents), columns, bold=True, tall=2),
        *rates(paper.tariffs, columns),
        *(
            wrapped(paper.letterhead.exemption, columns)
            if paper.letterhead.exemption and paper.takings_cents
            else ()
        ),
        Rule(),
        *numbers(paper.numbers, columns),
        Rule(),
        *made(paper, columns),
        *(wrapped("Séance non terminée : ces chiffres changeront.", columns) if paper.provisional else ()),
        Feed(),
        *pair("Signature :", "", columns),
        Feed(3),
        Cut(),
    )


def heading(paper: StatementPaper | WeekPaper) -> Document:
    """What says at a glance that this is no original."""
    return (
        *marks(paper.letterhead, paper.copy_number),
        *((banner("PROVISOIRE"),) if paper.provisional else ()),
        *((banner(f"RECTIFICATIF n° {paper.correction}"),) if paper.correction else ()),
    )


def made(paper: StatementPaper | WeekPaper, columns: int) -> Document:
    """When it was made and copied, what it takes the place of, what came since, and what may be missing."""
    before = f"le rectificatif n° {paper.correction - 1}" if paper.correction > 1 else "l'original"
    copied = f"Copie faite le {moment(paper.copied_at)}." if paper.copied_at else ""
    return (
        *wrapped(f"Établi le {moment(paper.at)}.", columns),
        *(wrapped(f"Annule et remplace {before}.", columns) if paper.correction else ()),
        *(wrapped(copied, columns) if copied else ()),
        *(wrapped(_since(paper), columns, bold=True) if paper.since else ()),
        *put_back(paper.restorings, columns),
        *(wrapped("Toutes séances et ventes confondues.", columns) if _has_left_out(paper) else ()),
    )


def _has_left_out(paper: StatementPaper | WeekPaper) -> bool:
    return any(restoring.left_out for restoring in paper.restorings)


def _since(paper: StatementPaper | WeekPaper) -> str:
    """`Depuis l'original : 2 avoirs, -17,00 €`."""
    since = paper.since
    of = f"le rectificatif n° {paper.correction}" if paper.correction else "l'original"
    seats = ("place prise", "places prises") if since.today else ("billet émis", "billets émis")
    parts = (
        _counted(since.issued, *seats),
        _counted(since.cancelled, "annulation", "annulations"),
        _counted(since.credited, "avoir", "avoirs"),
        _counted(since.booked, "place sur pass", "places sur pass"),
        _counted(since.used, "entrée contrôlée", "entrées contrôlées"),
        format_euros(since.cents),
    )
    told = f"Depuis {of} : {', '.join(part for part in parts if part)}"
    return f"{told} (compté ici, à la date de la copie)" if since.today else told


def _counted(count: int, one: str, many: str) -> str:
    """`2 avoirs`, `1 billet de moins`; nothing for none."""
    if not count:
        return ""
    words = f"{abs(count)}\N{NO-BREAK SPACE}{one if abs(count) == 1 else many}"
    return words if count > 0 else f"{words} de moins"


def showing(shown: PaperShowing, columns: int) -> Document:
    """Which screening, when and where."""
    return (
        *wrapped(shown.event_title, columns, bold=True),
        *pair(f"Séance {shown.code}", shown.event_version, columns),
        *wrapped(f"{say(shown.starts_at, 'EEEE d MMMM y')} à {say(shown.starts_at, 'HH:mm')}", columns),
        *wrapped(f"{shown.venue}, {shown.hall}", columns),
        *((Text("SÉANCE ANNULÉE", bold=True, invert=True),) if shown.is_cancelled else ()),
    )


def tariff_table(tariffs: tuple[PaperTariff, ...], columns: int) -> Document:
    """A line for each category, and their sum: issued, cancelled or credited, and what was taken."""
    if not tariffs:
        return (Text("Aucun billet émis."),)
    issued = sum(tariff.issued for tariff in tariffs)
    gone = sum(tariff.cancelled + tariff.credited for tariff in tariffs)
    takings = sum(tariff.takings_cents for tariff in tariffs)
    return (
        *_line("Tarif", "Prix", ("Émis", "Ann.", "Recette"), columns),
        *(element for tariff in tariffs for element in _tariff(tariff, columns)),
        *_line("Total", "", (str(issued), str(gone), format_amount(takings)), columns, bold=True),
    )


def rates(tariffs: tuple[PaperTariff, ...], columns: int) -> Document:
    """What was taken at each rate of VAT, tax included."""
    return tuple(
        element
        for rate, cents in by_rate(tariffs).items()
        for element in pair(f"  dont à {format_rate(rate)}", format_euros(cents), columns)
    )


def numbers(series: tuple[PaperNumbers, ...], columns: int) -> Document:
    """The first and last ticket of each till, and whether a number is missing between them."""
    return tuple(
        element
        for each in series
        for element in (
            *wrapped(f"Caisse {each.till_number} : {_span(each)}", columns, hanging=2),
            *(wrapped(_missing(each.missing), columns, indent=2, bold=True) if each.missing else ()),
        )
    ) + ((Text("Séries sans trou."),) if series and not any(each.missing for each in series) else ())


def _tariff(tariff: PaperTariff, columns: int) -> Document:
    price = format_amount(tariff.price_cents) if tariff.price_cents else "GRATUIT"
    gone = str(tariff.cancelled + tariff.credited)
    figures = (str(tariff.issued), gone, format_amount(tariff.takings_cents))
    name = f"{tariff.code} {tariff.label}" if tariff.code else tariff.label
    if columns < WIDE:
        return (*wrapped(name, columns), *_line("", price, figures, columns))
    room = columns - _PRICE - _FIGURES - 1
    *above, last = wrapped(name, room)
    return (*above, *_line(last.text, price, figures, columns))


def _line(
    name: str, price: str, figures: tuple[str, str, str], columns: int, *, bold: bool = False
) -> tuple[Text, ...]:
    """A row of the table; on narrow paper the name of a category stands above its figures.

    Figures too large for their columns stand closer together, on as many lines as they need.
    """
    issued, gone, takings = figures
    right = issued.rjust(_COUNT) + gone.rjust(_COUNT) + takings.rjust(_TAKINGS)
    if columns < WIDE:
        row = (price or name).rjust(_PRICE).ljust(columns - _FIGURES) + right
    else:
        row = name.ljust(columns - _PRICE - _FIGURES) + price.rjust(_PRICE) + right
    if len(row) > columns:
        closer = " ".join(filter(None, (price or name, *figures)))
        return wrapped(closer, columns, bold=bold, align=Align.RIGHT)
    return (Text(row, bold=bold),)


def _seats(paper: StatementPaper, columns: int) -> Document:
    cancelled = sum(tariff.cancelled for tariff in paper.tariffs)
    credited = sum(tariff.credited for tariff in paper.tariffs)
    taken = paper.sold + paper.booked
    return (
        Rule(),
        *pair("Billets valables", str(paper.sold), columns, bold=True),
        *pair("  dont gratuits", str(paper.free), columns),
        *(pair("Billets annulés", str(cancelled), columns) if cancelled else ()),
        *(pair("Billets repris en avoir", str(credited), columns) if credited else ()),
        *(
            element
            for seats in paper.passes
            for element in pair(f"{seats.label} ({format_euros(0)})", str(seats.booked), columns)
        ),
        *(pair("Réservées, non payées", str(paper.reserved), columns) if paper.reserved else ()),
        *pair("Places prises", f"{taken} / {paper.capacity}", columns, bold=True),
        *pair("Entrées contrôlées", str(paper.used), columns),
    )


def _span(each: PaperNumbers) -> str:
    if each.tickets == 1:
        return f"{each.first}, 1 billet"
    return f"{each.first} à {each.last}, {each.tickets} billets"


def _missing(count: int) -> str:
    return "1 NUMÉRO MANQUE DANS LA SÉRIE" if count == 1 else f"{count} NUMÉROS MANQUENT DANS LA SÉRIE"
