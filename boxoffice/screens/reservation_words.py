"""How e-reservations are told on the screen, and what they come to in a basket: pure functions."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from textual.content import Content

from boxoffice.clock import say
from boxoffice.kinds import ReservedSeatState
from boxoffice.language import _, plural, spoken
from boxoffice.money import format_euros
from boxoffice.sales import basket as baskets
from boxoffice.sales.basket import Basket, SeatLine
from boxoffice.sales.reserving.held_seats import spoken_reference
from boxoffice.sales.reserving.reservable import SeatsWanted
from boxoffice.sales.reserving.reservation_listing import KeptReservation, ReservedLine
from boxoffice.sales.reserving.reservations import Reserved
from boxoffice.sales.screenings.programme import Programme

from .pass_words import countdown
from .widgets.basket_panel import Farewell
from .widgets.panel import fit

_FATES = {
    ReservedSeatState.COLLECTED: lambda: _("encaissée"),
    ReservedSeatState.EXPIRED: lambda: _("expirée"),
    ReservedSeatState.CANCELLED: lambda: _("annulée"),
}
SOON_SECONDS = 15 * 60


def reservation_row(kept: KeptReservation, now: datetime, width: int) -> Content:
    """One line of the list: reference, name, seats, the first screening, how long it is still held."""
    told = kept.held or _of_fate(kept)
    seats = sum(line.quantity for line in told)
    first = told[0]
    fate, tone = fate_of(kept, now)
    what = f"{say(first.starts_at, _('EEE dd HH:mm'), spoken()).rstrip('.')} {first.event_title}"
    head = f"{kept.spoken_reference:<10}"
    count = f"{seats:>3} "
    room = width - len(head) - len(count) - len(fate) - 2
    name_room = max(room // 3, 12)
    line = Content.assemble(
        (head, "bold"),
        fit(kept.name, name_room),
        (count, "bold"),
        (fit(what, room - name_room), "$text-muted"),
        "  ",
        (fate, tone),
    )
    return line if kept.held else line.stylize("dim")


def fate_of(kept: KeptReservation, now: datetime) -> tuple[str, str]:
    """How long it is still held, or what became of it; and the tone to say it in."""
    expires_at = kept.expires_at
    if expires_at is None:
        return _FATES[_of_fate(kept)[0].state](), "$text-muted"
    left = expires_at - now
    if left.total_seconds() < 0:
        return _("expire"), "bold $text-error"
    tone = "bold $text-warning" if left.total_seconds() < SOON_SECONDS else "$text-success"
    return countdown(left), tone


def _of_fate(kept: KeptReservation) -> tuple[ReservedLine, ...]:
    """The seats that say what became of a reservation which holds none any more: collected, if any were."""
    fate = next(state for state in _FATES if any(line.state is state for line in kept.lines))
    return tuple(line for line in kept.lines if line.state is fate)


def line_words(line: ReservedLine) -> str:
    """Equal seats of a reservation in a sentence."""
    when = say(line.starts_at, _("EEE d 'à' H 'h' mm"), spoken())
    return f"{line.quantity} × {line.tariff_label} · {line.event_title} · {when}"


def detail_lines(kept: KeptReservation, most: int) -> Content:
    """What there is to know of the chosen reservation, on at most `most` lines."""
    source = _("en ligne") if kept.source == "imported" else _("au guichet")
    made = say(kept.made_at, _("EEE d MMM 'à' H 'h' mm"), spoken())
    facts = filter(None, (kept.phone, _("prise {source} {when}").format(source=source, when=made)))
    told: list[Content | tuple[str, str] | str] = [(kept.name, "bold"), f" · {' · '.join(facts)}"]
    shown = kept.lines[:most]
    for line in shown:
        told.append("\n" + line_words(line))
        if line.state is ReservedSeatState.HELD:
            until = say(line.expires_at, "HH:mm", spoken())
            told += ["  ", (_("jusqu'à {until}").format(until=until), "$text-success")]
        else:
            told.append((f"  {_FATES[line.state]()}", "$text-warning"))
    if len(kept.lines) > len(shown):
        told.append("\n…")
    if kept.held:
        total = format_euros(kept.total_cents)
        told += ["\n", (_("À encaisser : {total}").format(total=total), "bold")]
    return Content.assemble(*told)


def seat_line_of(kept: KeptReservation, line: ReservedLine, quantity: int) -> SeatLine | None:
    """The line of the basket that collects seats of a reservation; None if their tariff is no longer sold."""
    if line.tariff_id is None:
        return None
    return SeatLine(
        screening_id=line.screening_id,
        tariff_id=line.tariff_id,
        event_title=line.event_title,
        starts_at=line.starts_at,
        tariff_label=line.tariff_label,
        price_cents=line.price_cents,
        quantity=quantity,
        proof=line.proof,
        minimum_group=line.minimum_group,
        nominative=line.nominative,
        reservation_id=kept.id,
    )


def with_reserved(basket: Basket, kept: KeptReservation, lines: Iterable[SeatLine]) -> Basket:
    """The basket with these seats of a reservation and no others of it, in its customer's name if in none."""
    others = tuple(
        line for line in basket if not isinstance(line, SeatLine) or line.reservation_id != kept.id
    )
    filled = replace(basket, lines=others)
    for line in lines:
        filled = baskets.add(filled, line)
    if filled.customer_id is None:
        filled = baskets.name_customer(filled, kept.customer_id, kept.name)
    return filled


def not_reservable(basket: Basket) -> str:
    """Why what is in the basket cannot be reserved instead of paid, or nothing."""
    for line in basket:
        if not isinstance(line, SeatLine):
            return _("{label} ne se réserve pas : encaissez-le, ou retirez-le du panier.").format(
                label=line.label
            )
        if line.pass_id is not None or line.reservation_id is not None:
            return _("{title}, {label} : ne se réserve pas d'ici.").format(
                title=line.event_title, label=line.tariff_label
            )
    return ""


def wanted_seats(basket: Basket, programme: Programme) -> tuple[SeatsWanted, ...]:
    """The seats of the basket as they are asked to be reserved."""
    codes = {offer.id: offer.code for offers in programme.offers.values() for offer in offers}
    return tuple(
        SeatsWanted(line.screening_id, codes.get(line.tariff_id, ""), line.quantity)
        for line in basket
        if isinstance(line, SeatLine)
    )


def farewell_of(reserved: Reserved) -> Farewell:
    """What to tell who has just reserved: the reference, and until when the seats wait."""
    reference = spoken_reference(reserved.reference)
    assert reserved.expires_at is not None
    until = say(reserved.expires_at, _("EEE d HH:mm"), spoken())
    return Farewell(
        _("Réservation {reference}").format(reference=reference), _("jusqu'à {until}").format(until=until)
    )


def seats_words(count: int) -> str:
    """How many seats."""
    return plural("{count} place", "{count} places", count).format(count=count)
