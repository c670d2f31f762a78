"""Statements and door lists as a script reads them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boxoffice.sales.prints.statement_papers import (
        DoorListPaper,
        PaperTariff,
        StatementPaper,
        WeekPaper,
    )


def statement_told(paper: "StatementPaper") -> dict[str, Any]:
    """The statement of a screening, amounts in cents."""
    return {
        "screening": paper.showing.code,
        "title": paper.showing.event_title,
        "starts_at": paper.showing.starts_at.isoformat(),
        "at": paper.at.isoformat(),
        "provisional": paper.provisional,
        **_copied(paper),
        "regime": paper.regime.value,
        "capacity": paper.capacity,
        "sold": paper.sold,
        "free": paper.free,
        "booked": paper.booked,
        "reserved": paper.reserved,
        "used": paper.used,
        "takings_cents": paper.takings_cents,
        "takings_by_rate": {str(rate): cents for rate, cents in paper.takings_by_rate.items()},
        "tariffs": [_tariff(tariff) for tariff in paper.tariffs],
        "passes": [
            {
                "label": seats.label,
                "accreditation": seats.is_accreditation,
                "booked": seats.booked,
                "used": seats.used,
            }
            for seats in paper.passes
        ],
        "numbers": [
            {
                "till": series.till_number,
                "first": series.first,
                "last": series.last,
                "tickets": series.tickets,
                "missing": series.missing,
            }
            for series in paper.numbers
        ],
    }


def door_list_told(paper: "DoorListPaper") -> dict[str, Any]:
    """Who may come in, by name."""
    from boxoffice.sales.exports.put_back import left_out_told

    return {
        "screening": paper.showing.code,
        "at": paper.at.isoformat(),
        "left_out": left_out_told(paper.restorings),
        "tickets": [
            {"number": each.number, "tariff": each.tariff, "holder": each.holder, "used": each.used}
            for each in paper.tickets
        ],
        "passes": [
            {
                "number": each.number,
                "holder": each.holder,
                "seats": each.seats,
                "used": each.used,
                "blocked": each.blocked,
            }
            for each in paper.passes
        ],
        "reservations": [
            {
                "reference": each.reference,
                "holder": each.holder,
                "seats": each.seats,
                "due_cents": each.due_cents,
            }
            for each in paper.reservations
        ],
    }


def week_told(paper: "WeekPaper") -> dict[str, Any]:
    """The week of an exhibitor, film by film, amounts in cents."""
    return {
        "venue": paper.venue_code,
        "first_day": paper.first_day.isoformat(),
        "last_day": paper.last_day.isoformat(),
        "at": paper.at.isoformat(),
        "provisional": paper.provisional,
        **_copied(paper),
        "entries": paper.entries,
        "takings_cents": paper.takings_cents,
        "films": [
            {
                "title": film.title,
                "version": film.version,
                "entries": film.entries,
                "takings_cents": film.takings_cents,
                "screenings": [
                    {
                        "screening": screening.showing.code,
                        "starts_at": screening.showing.starts_at.isoformat(),
                        "hall": screening.showing.hall,
                        "entries": screening.entries,
                        "booked": screening.booked,
                        "takings_cents": screening.takings_cents,
                        "tariffs": [_tariff(tariff) for tariff in screening.tariffs],
                    }
                    for screening in film.screenings
                ],
            }
            for film in paper.films
        ],
    }


def _copied(paper: "StatementPaper | WeekPaper") -> dict[str, Any]:
    from boxoffice.sales.exports.put_back import left_out_told

    return {
        "copy": paper.copy_number,
        "correction": paper.correction,
        "since": {
            "issued": paper.since.issued,
            "cancelled": paper.since.cancelled,
            "credited": paper.since.credited,
            "booked": paper.since.booked,
            "used": paper.since.used,
            "takings_cents": paper.since.cents,
        },
        "left_out": left_out_told(paper.restorings),
    }


def _tariff(tariff: "PaperTariff") -> dict[str, Any]:
    return {
        "code": tariff.code,
        "label": tariff.label,
        "price_cents": tariff.price_cents,
        "vat_rate": tariff.vat_rate,
        "issued": tariff.issued,
        "cancelled": tariff.cancelled,
        "credited": tariff.credited,
        "used": tariff.used,
        "takings_cents": tariff.takings_cents,
    }
