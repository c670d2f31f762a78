"""How the card of a customer says what it shows: pure functions of the record and the moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content

from boxoffice.clock import say
from boxoffice.kinds import ReservedSeatState, SaleKind, StoredValueState
from boxoffice.language import _, later, plural, spoken
from boxoffice.money import format_euros
from boxoffice.sales.credits.listing import CreditRow
from boxoffice.sales.history import SaleSummary
from boxoffice.sales.holders.cockpit import BookedSeat, Cockpit
from boxoffice.sales.people.customer_details import FRANCE, CustomerDetails
from boxoffice.sales.people.customer_record import CustomerRecord, ReservedPlaces
from boxoffice.sales.vouchers.holdings import Holding

from .giving_places import PlaceDue
from .sale_words import CREDITS

Subject = Cockpit | ReservedPlaces | SaleSummary | Holding | CreditRow | PlaceDue
"""What a row of the card opens."""

_RESERVED = {
    ReservedSeatState.HELD: later("à retirer"),
    ReservedSeatState.COLLECTED: later("retirée"),
    ReservedSeatState.EXPIRED: later("expirée"),
    ReservedSeatState.CANCELLED: later("annulée"),
}


@dataclass(frozen=True, slots=True)
class CardRow:
    """A line of the card; a heading is of no subject."""

    words: Content
    subject: Subject | None = None


def card_rows(record: CustomerRecord, due: tuple[PlaceDue, ...], now: datetime) -> Iterator[CardRow]:
    """Everything on the card: passes, what is booked and reserved, held or due, given back, then bought."""
    if record.passes:
        yield _heading(_("Pass"), len(record.passes))
        for held in record.passes:
            yield CardRow(_pass_words(held), held)
    booked = [(seat, held) for held in record.passes for seat in held.standing]
    booked.sort(key=lambda pair: (pair[0].ends_at < now, pair[0].starts_at))
    if booked:
        yield _heading(_("Réservations"), len(booked))
        for seat, held in booked:
            yield CardRow(_booking_words(seat, held, now), held)
    if record.reservations:
        yield _heading(_("E-réservations"), len(record.reservations))
        for places in record.reservations:
            yield CardRow(_reserved_words(places), places)
    if record.holdings or due:
        yield _heading(_("Solde, points et cartes"), len(due) + len(record.holdings))
        for place in due:
            yield CardRow(_due_words(place), place)
        for holding in record.holdings:
            yield CardRow(_holding_words(holding), holding)
    if record.credits:
        yield _heading(_("Demandes d'avoir"), len(record.credits))
        for request in record.credits:
            yield CardRow(_request_words(request), request)
    if record.sales:
        yield _heading(_("Achats"), len(record.sales))
        for sale in record.sales:
            yield CardRow(_sale_words(sale), sale)
    if not (record.passes or record.reservations or record.sales or record.holdings or record.credits or due):
        yield CardRow(Content.styled(_("Rien encore : ni pass, ni réservation, ni achat."), "$text-muted"))


def detail_lines(details: CustomerDetails) -> list[str]:
    """What is known of a customer, a line each."""
    born = birth_words(details)
    lines = (
        details.name,
        details.organisation if details.organisation != details.name else "",
        _("né(e) le {date}").format(date=born) if born else "",
        details.phone,
        details.email,
        " ".join(filter(None, (details.postcode, details.town))),
        details.country if details.country != FRANCE else "",
    )
    return [line for line in lines if line]


def customer_row(details: CustomerDetails) -> Content:
    """A customer on one line: the surname first, as lists are read, then what tells two of a name apart."""
    name = ", ".join(part for part in (details.surname, details.first_name) if part)
    place = " ".join(filter(None, (details.postcode, details.town)))
    about = (details.organisation, birth_words(details), place, details.email or details.phone)
    known = " · ".join(part for part in about if part)
    return Content.assemble(f"{name or details.organisation}   ", (known, "$text-muted"))


def birth_words(details: CustomerDetails) -> str:
    """A date of birth as it is typed; empty when it is not known."""
    return "" if details.birth_date is None else f"{details.birth_date:%d/%m/%Y}"


def _heading(words: str, count: int) -> CardRow:
    return CardRow(Content.styled(f"{words} ({count})", "bold $primary"))


def _pass_words(held: Cockpit) -> Content:
    if held.left is None:
        places = _("places sans compter")
    else:
        places = plural("reste {left} place sur {places}", "reste {left} places sur {places}", held.left)
        places = places.format(left=held.left, places=held.places)
    shown = Content.assemble(f"  {held.number}  {held.label}  ", (places, "bold"))
    return Content.assemble(shown, (f"  {held.obstacle}", "$text-error")) if held.obstacle else shown


def _booking_words(seat: BookedSeat, held: Cockpit, now: datetime) -> Content:
    at = say(seat.starts_at, "EEE d MMM HH:mm", spoken())
    words = f"  {at}  {seat.event_title} · {seat.hall}"
    about = f"  {held.number}"
    if seat.screening_cancelled:
        return Content.assemble(words, (f"  {_('séance annulée')}", "$text-error"), (about, "$text-muted"))
    if seat.used_at is not None:
        about = f"  {_('utilisée')}{about}"
    elif seat.is_missed(now):
        about = f"  {_('manquée')}{about}"
    tone = "$text-muted" if seat.ends_at < now else "$foreground"
    return Content.assemble((words, tone), (about, "$text-muted"))


def _reserved_words(places: ReservedPlaces) -> Content:
    at = say(places.starts_at, "EEE d MMM HH:mm", spoken())
    seats = plural("{count} place", "{count} places", places.seats).format(count=places.seats)
    tone = "bold" if places.state is ReservedSeatState.HELD else "$text-muted"
    return Content.assemble(
        f"  {places.reference}  {at}  {places.event_title} · {seats}  ", (_(_RESERVED[places.state]), tone)
    )


def _holding_words(holding: Holding) -> Content:
    words = Content.assemble(f"  {holding.name}  ", (holding.left_words, "bold"))
    if holding.state is StoredValueState.BLOCKED:
        return Content.assemble(words, (f"  {_('bloquée')}", "$text-error"))
    if holding.state is StoredValueState.CANCELLED:
        return Content.assemble(words, (f"  {_('annulée')}", "$text-error"))
    if holding.valid_until is None:
        return words
    until = _("jusqu'au {day}").format(day=f"{holding.valid_until:%d/%m/%Y}")
    return Content.assemble(words, (f"  {until}", "$text-muted"))


def _due_words(place: PlaceDue) -> Content:
    points = plural("pour {points} point", "pour {points} points", place.points)
    why = points.format(points=place.points) if place.points else _("pour son anniversaire")
    return Content.assemble(
        f"  {place.label}  {why}  ",
        (_("à donner par Entrée"), "bold $text-success"),
    )


def _request_words(request: CreditRow) -> Content:
    at = say(request.asked_at, "EEE d MMM HH:mm", spoken())
    amount = format_euros(request.credited_cents)
    about = f"  {request.event_title} · {request.ticket_number}"
    if request.reason:
        about += f" · {request.reason}"
    return Content.assemble(
        f"  {at}  {amount}  ", (_(CREDITS[request.state]), "bold"), (about, "$text-muted")
    )


def _sale_words(sale: SaleSummary) -> Content:
    at = say(sale.at, "EEE d MMM HH:mm", spoken())
    labels = ", ".join(dict.fromkeys(line.event_title or line.label for line in sale.lines))
    if sale.kind is SaleKind.REVERSAL:
        labels = _("Annulation : {what}").format(what=labels)
    elif sale.kind is SaleKind.CREDIT_NOTE:
        labels = _("Reprise : {what}").format(what=labels)
    total = format_euros(sale.total_cents)
    return Content.assemble(
        f"  {sale.operation}  {at}  ", (f"{total:>10}", "bold"), (f"  {labels}", "$text-muted")
    )
