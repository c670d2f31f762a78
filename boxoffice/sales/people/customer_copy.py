"""The copy of their data that a customer may ask for: the same things in JSON, for programs, and on a page.

As on paper, its words are French whatever the language of the screens.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import Session

from boxoffice.clock import Clock, say
from boxoffice.kinds import (
    BookingEndKind,
    CreditState,
    JournalKind,
    MovementKind,
    PassState,
    ReservedSeatState,
    SaleKind,
    StoredValueState,
)
from boxoffice.money import format_euros
from boxoffice.private_file import write_privately

from ..books import journal
from ..credits.listing import CreditRow
from ..history import LineState, SaleSummary
from ..holders.cockpit import BookedSeat, Cockpit
from ..means import BY_CODE
from ..staff.desk import Post
from ..vouchers.balances import LedgerRow
from ..vouchers.holdings import Holding
from .customer_record import CustomerRecord, ReservedPlaces, read_record

_PASS_STATES = {PassState.ACTIVE: "valable", PassState.BLOCKED: "bloqué", PassState.CANCELLED: "annulé"}
_ENDS = {
    BookingEndKind.CANCELLED: "annulée",
    BookingEndKind.SWAPPED: "échangée",
    BookingEndKind.SCREENING_CHANGED: "rendue par le festival",
}
_RESERVED = {
    ReservedSeatState.HELD: "retenue",
    ReservedSeatState.COLLECTED: "retirée",
    ReservedSeatState.EXPIRED: "expirée",
    ReservedSeatState.CANCELLED: "annulée",
}
_VALUES = {
    StoredValueState.ACTIVE: "valable",
    StoredValueState.BLOCKED: "bloquée",
    StoredValueState.CANCELLED: "annulée",
}
_MOVEMENTS = {
    MovementKind.ISSUED: "ouverture",
    MovementKind.TAKEN_BACK: "reprise",
    MovementKind.USED: "paiement",
    MovementKind.GIVEN_BACK: "remboursement",
    MovementKind.CREDITED: "avoir",
    MovementKind.EARNED: "gain",
    MovementKind.REWARDED: "échange de points",
    MovementKind.EXPIRED: "échéance",
    MovementKind.CORRECTED: "correction",
    MovementKind.MERGED: "fusion de fiches",
}
_CREDITS = {
    CreditState.PENDING: "demande reprise en cours",
    CreditState.ACCEPTED: "place reprise",
    CreditState.REFUSED: "refusée",
}
_NATURES = {SaleKind.SALE: "vente", SaleKind.REVERSAL: "annulation", SaleKind.CREDIT_NOTE: "avoir"}
_LINES = {LineState.SOLD: "valable", LineState.USED: "utilisé", LineState.REVERSED: "annulé"}
_STYLE = """
body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222; }
table { border-collapse: collapse; width: 100%; margin: .5em 0 1.5em; }
th, td { text-align: left; vertical-align: top; padding: .25em .6em; border-bottom: 1px solid #ccc; }
th { font-weight: 600; color: #555; }
"""

Copy = Mapping[str, Any]


def export_customer(
    session: Session, customer_id: UUID, post: Post, *, operator_number: int, clock: Clock
) -> CustomerRecord:
    """The record of a customer for their copy; the journal tells who asked.

    Raises Refusal for a customer who is no more.
    """
    record = read_record(session, customer_id, post.rules, most_sales=None)
    content = {"customer": str(record.id)}
    journal.append(
        session, post, JournalKind.CUSTOMER_EXPORTED, content, at=clock.now(), operator_number=operator_number
    )
    return record


def write_copy(record: CustomerRecord, folder: Path, at: datetime) -> tuple[Path, Path]:
    """Write the copy as JSON and as a page, for their owner's eyes alone; returns where both are."""
    copy = copy_of(record, at)
    paths = copy_paths(folder, record.id)
    for path, content in zip(paths, (as_json(copy), as_page(copy)), strict=True):
        write_privately(path, content.encode())
    return paths


def copy_paths(folder: Path, customer_id: UUID) -> tuple[Path, Path]:
    """Where the copy of a customer's data is, if there is one; the names say nothing of anybody."""
    return folder / f"client-{customer_id}.json", folder / f"client-{customer_id}.html"


def copy_of(record: CustomerRecord, at: datetime) -> Copy:
    """All that the festival knows of a customer, in words."""
    return {
        "copie établie le": _moment(at),
        "coordonnées": _details(record),
        "pass": [_pass(held) for held in record.passes],
        "réservations sur pass": [_booking(held, seat) for held in record.passes for seat in held.seats],
        "e-réservations": [_reserved(places) for places in record.reservations],
        "achats": [_sale(sale, record.ticket_names) for sale in record.sales],
        "solde, points et cartes": [_holding(held) for held in record.holdings],
        "mouvements du solde": [_moved(row) for row in record.balance_ledger],
        "demandes d'avoir": [_credit(row) for row in record.credits],
    }


def as_json(copy: Copy) -> str:
    """The copy for another program."""
    return json.dumps(copy, ensure_ascii=False, indent=2) + "\n"


def as_page(copy: Copy) -> str:
    """The copy for a browser, without anything to fetch."""
    title = "Copie de vos données personnelles"
    sections = "\n".join(_section(name, content) for name, content in copy.items())
    return (
        f'<!doctype html>\n<html lang="fr">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n<h1>{title}</h1>\n{sections}\n</html>\n"
    )


def _section(name: str, content: object) -> str:
    heading = escape(name[:1].upper() + name[1:])
    if isinstance(content, str):
        return f"<p>{heading} : {escape(content)}.</p>"
    return f"<h2>{heading}</h2>\n{_html(content)}"


def _html(content: object) -> str:
    """Rows of a table for what is named, a table for several things of a kind, text for the rest."""
    if isinstance(content, Mapping):
        rows = (f"<tr><th>{escape(name)}<td>{_html(value)}" for name, value in content.items() if value)
        return f"<table>{''.join(rows)}</table>"
    if isinstance(content, Sequence) and not isinstance(content, str):
        if not content:
            return "<p>Rien.</p>"
        columns = list(content[0])
        head = "".join(f"<th>{escape(column)}" for column in columns)
        rows = (
            "<tr>" + "".join(f"<td>{_html(row.get(column, ''))}" for column in columns) for row in content
        )
        return f"<table><tr>{head}{''.join(rows)}</table>"
    return escape(str(content))


def _details(record: CustomerRecord) -> dict[str, str]:
    details = record.details
    return {
        "nom": details.surname,
        "prénom": details.first_name,
        "organisme": details.organisation,
        "date de naissance": _day(details.birth_date),
        "téléphone": details.phone,
        "e-mail": details.email,
        "code postal": details.postcode,
        "ville": details.town,
        "pays": details.country,
        "fiche créée le": _moment(record.created_at),
        "dernier changement le": _moment(record.seen_at),
        "identifiant": str(record.id),
    }


def _reserved(places: ReservedPlaces) -> dict[str, Any]:
    return {
        "référence": places.reference,
        "faite le": _moment(places.made_at),
        "film": places.event_title,
        "séance": _moment(places.starts_at),
        "places": places.seats,
        "état": _RESERVED[places.state],
    }


def _holding(held: Holding) -> dict[str, str]:
    return {
        "quoi": held.name,
        "reste": held.left_words,
        "valable jusqu'au": _day(held.valid_until),
        "état": _VALUES[held.state],
    }


def _moved(row: LedgerRow) -> dict[str, str]:
    return {
        "le": _moment(row.at),
        "nature": _MOVEMENTS[row.kind],
        "montant": format_euros(row.amount),
        "reste": format_euros(row.left_after or 0),
        "opération": row.operation,
        "motif": row.reason,
    }


def _credit(row: CreditRow) -> dict[str, str]:
    return {
        "le": _moment(row.asked_at),
        "billet": row.ticket_number,
        "séance": f"{row.event_title}, {_moment(row.starts_at)}",
        "payé": format_euros(row.paid_cents),
        "crédité": format_euros(row.credited_cents),
        "état": _CREDITS[row.state],
        "avoir": row.credit_note,
        "motif": row.reason,
    }


def _pass(held: Cockpit) -> dict[str, Any]:
    return {
        "numéro": held.number,
        "pass": held.label,
        "délivré le": _moment(held.issued_at),
        "places": "illimitées" if held.places is None else held.places,
        "places prises": held.used,
        "valable du": _day(held.valid_from),
        "valable jusqu'au": _day(held.valid_until),
        "état": _PASS_STATES[held.state],
    }


def _booking(held: Cockpit, seat: BookedSeat) -> dict[str, Any]:
    state = "utilisée" if seat.used_at else "réservée" if seat.ended is None else _ENDS[seat.ended]
    return {
        "pass": held.number,
        "film": seat.event_title,
        "séance": _moment(seat.starts_at),
        "salle": seat.hall,
        "état": state,
    }


def _sale(sale: SaleSummary, ticket_names: Mapping[tuple[UUID, int], str]) -> dict[str, Any]:
    return {
        "numéro": sale.operation,
        "nature": _NATURES[sale.kind],
        "le": _moment(sale.at),
        "total": format_euros(sale.total_cents),
        "règlement": ", ".join(
            f"{BY_CODE[code].label if code in BY_CODE else code} {format_euros(cents)}"
            for code, cents in sale.payments
        ),
        "lignes": [
            {
                "article": line.label,
                "séance": f"{line.event_title}, {_moment(line.starts_at)}" if line.starts_at else "",
                "billet": line.ticket_number,
                "au nom de": ticket_names.get((sale.id, line.position), ""),
                "prix": format_euros(line.total_cents),
                "état": _LINES[line.state],
            }
            for line in sale.lines
        ],
    }


def _moment(at: datetime | None) -> str:
    return "" if at is None else say(at, "d MMMM y 'à' HH:mm", "fr")


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%d/%m/%Y}"
