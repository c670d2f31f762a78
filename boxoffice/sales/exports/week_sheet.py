"""The week of an exhibitor as a table: a row for each category of each screening."""

from collections.abc import Iterator

from ..prints.statement_papers import WeekPaper
from .sheets import Column, Kind, Row, Sheet

_COLUMNS = (
    Column("lieu", width=10),
    Column("semaine du", Kind.DAY, 11),
    Column("au", Kind.DAY, 11),
    Column("film", width=32),
    Column("version", width=9),
    Column("séance", width=10),
    Column("séance le", Kind.MOMENT, 19),
    Column("salle", width=20),
    Column("code tarif", width=14),
    Column("tarif", width=24),
    Column("prix", Kind.CENTS, 10),
    Column("TVA", Kind.RATE, 7),
    Column("émis", Kind.COUNT, 7),
    Column("annulés", Kind.COUNT, 8),
    Column("repris en avoir", Kind.COUNT, 14),
    Column("entrées", Kind.COUNT, 8),
    Column("recette", Kind.CENTS, 11),
)


def week_sheet(paper: WeekPaper) -> Sheet:
    """Every category of the week, and a row without a tariff for seats booked on passes."""
    return Sheet("Semaine", _COLUMNS, _rows(paper))


def _rows(paper: WeekPaper) -> Iterator[Row]:
    for film in paper.films:
        for screening in film.screenings:
            shown = screening.showing
            about: Row = (
                paper.venue_code,
                paper.first_day,
                paper.last_day,
                f"{film.title} ({film.code})" if film.code else film.title,
                film.version,
                shown.code,
                shown.starts_at,
                shown.hall,
            )
            for tariff in screening.tariffs:
                yield (
                    *about,
                    tariff.code,
                    tariff.label,
                    tariff.price_cents,
                    tariff.vat_rate,
                    tariff.issued,
                    tariff.cancelled,
                    tariff.credited,
                    tariff.standing,
                    tariff.takings_cents,
                )
            if screening.booked:
                yield (*about, None, "sur pass", 0, None, screening.booked, 0, 0, screening.booked, 0)
