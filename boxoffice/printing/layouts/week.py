"""What an exhibitor declares of a week of cinema: entries and takings by film, screening and tariff."""

from boxoffice.clock import say
from boxoffice.money import format_euros
from boxoffice.printing.document import Align, Cut, Document, Feed, Rule, Text, pair, wrapped
from boxoffice.sales.prints.statement_papers import WeekFilm, WeekPaper, WeekScreening

from .parts import day_of, identity
from .statement import heading, made, numbers, rates, tariff_table


def lay_out_week(paper: WeekPaper, columns: int) -> Document:
    """Film by film, each screening with its categories; then the week."""
    return (
        *heading(paper),
        *identity(paper.letterhead, columns),
        Feed(),
        Text("BORDEREAU DE SEMAINE", Align.CENTRE, bold=True, tall=2),
        *wrapped("Code du cinéma, art. L212-32 et suivants", columns, align=Align.CENTRE),
        Rule("="),
        *wrapped(paper.venue, columns, bold=True),
        *wrapped(f"Du {day_of(paper.first_day)} au {day_of(paper.last_day)}", columns),
        *(element for film in paper.films for element in _film(film, columns)),
        Rule("="),
        *wrapped("TOTAL DE LA SEMAINE", columns, bold=True),
        *tariff_table(paper.tariffs, columns),
        *_passes(paper, columns),
        *pair("ENTRÉES", str(paper.entries), columns, bold=True, tall=2),
        *pair("RECETTE TTC", format_euros(paper.takings_cents), columns, bold=True, tall=2),
        *rates(paper.tariffs, columns),
        Rule(),
        *made(paper, columns),
        *(wrapped("Semaine non terminée : ces chiffres changeront.", columns) if paper.provisional else ()),
        Feed(),
        Cut(),
    )


def _film(film: WeekFilm, columns: int) -> Document:
    about = ", ".join(filter(None, (film.version, film.code)))
    name = f"{film.title} ({about})" if about else film.title
    return (
        Rule("="),
        *wrapped(name, columns, bold=True),
        *(element for screening in film.screenings for element in _screening(screening, columns)),
        Rule(),
        *pair("Entrées du film", str(film.entries), columns, bold=True),
        *pair("Recette du film", format_euros(film.takings_cents), columns, bold=True),
    )


def _screening(screening: WeekScreening, columns: int) -> Document:
    shown = screening.showing
    cancelled = " – ANNULÉE" if shown.is_cancelled else ""
    when = f"{say(shown.starts_at, 'EEE d MMM HH:mm')} – {shown.hall} – {shown.code}{cancelled}"
    return (
        Rule(),
        *wrapped(when, columns, hanging=2),
        *tariff_table(screening.tariffs, columns),
        *(pair(f"Sur pass ({format_euros(0)})", str(screening.booked), columns) if screening.booked else ()),
        *numbers(screening.numbers, columns),
    )


def _passes(paper: WeekPaper, columns: int) -> Document:
    return pair(f"Sur pass ({format_euros(0)})", str(paper.booked), columns) if paper.booked else ()
