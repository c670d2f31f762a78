"""Requests for credit notes put into words, for every screen that shows one: pure functions."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from boxoffice.clock import say
from boxoffice.kinds import CreditRequestSource, CreditState
from boxoffice.language import _, plural, spoken
from boxoffice.money import format_amount, format_euros
from boxoffice.sales.credits.credit_notes import CompletedCredit
from boxoffice.sales.credits.listing import CreditRow
from boxoffice.sales.credits.seats_to_credit import CreditSeat

from .pass_words import countdown
from .room import at_most

_MARKS = {CreditState.ACCEPTED: "✓", CreditState.REFUSED: "✗"}
_MARK, _ASKED, _LEFT, _FULL, _WORTH = 2, 13, 11, 6, 16


def heading(width: int) -> str:
    """What stands in the columns of the rows."""
    room = width - _MARK - _ASKED - _LEFT - _FULL - _WORTH
    return (
        " " * _MARK
        + _("demandée").ljust(_ASKED)
        + _("séance").ljust(room)
        + _("dans").rjust(_LEFT)
        + _("salle").rjust(_FULL)
        + _("payé → crédité").rjust(_WORTH)
    )


def request_row(row: CreditRow, now: datetime, width: int, *, marked: bool) -> Content:
    """One line of the inbox: when asked, which screening, when it begins, how full it is, what it gives."""
    room = width - _MARK - _ASKED - _LEFT - _FULL - _WORTH
    mark = _MARKS.get(row.state, "●" if marked else "○")
    asked = say(row.asked_at, _("dd/MM HH:mm"), spoken())
    when = say(row.starts_at, _("EEE d HH:mm"), spoken())
    title = at_most(row.event_title, room - cell_len(when) - 3)
    left, tone = left_words(row, now)
    full, worth = f"{row.fullness} %", _("place rendue")
    if not row.place_comes_back or row.worth_cents:
        worth = f"{format_amount(row.paid_cents)} → {worth_words(row)}"
    line = Content.assemble(
        (f"{mark} ", "bold"),
        set_cell_size(asked, _ASKED),
        set_cell_size(f"{title} · {when}", room + _LEFT - cell_len(left)),
        (left, tone),
        " " * (_FULL - cell_len(full)),
        (full, "$text-muted"),
        " " * (_WORTH - cell_len(worth)),
        (worth, "bold"),
    )
    return line if row.state is CreditState.PENDING else line.stylize("dim")


def worth_words(seat: CreditSeat | CreditRow) -> str:
    """What one seat gives, in the fewest words."""
    if not seat.place_comes_back:
        return format_amount(seat.credited_cents)
    return f"{_('place')} + {format_amount(seat.worth_cents)}" if seat.worth_cents else _("place rendue")


def given_words(money: str, seats: Iterable[CreditSeat | CreditRow]) -> str:
    """What seats give: an amount, said as `money` says it with its `{cents}`, and places on their cards."""
    seats = tuple(seats)
    return _both(money, sum(seat.worth_cents for seat in seats), sum(seat.place_comes_back for seat in seats))


def _both(money: str, cents: int, places: int) -> str:
    back = plural("{count} place rendue sur sa carte", "{count} places rendues sur leur carte", places)
    said = [money.format(cents=format_euros(cents))] if cents or not places else []
    return _(" et ").join([*said, back.format(count=places)] if places else said)


def left_words(row: CreditRow, now: datetime) -> tuple[str, str]:
    """How long before the screening, or why that no longer counts; and the tone to say it in."""
    if row.cancelled:
        return _("annulée"), "$text-warning"
    left = row.time_left(now)
    if left.total_seconds() <= 0:
        return _("commencée"), "bold $text-error"
    return countdown(left), "bold $text-warning" if left.total_seconds() < 3_600 else "$text-success"


def detail_words(row: CreditRow) -> str:
    """What there is to know of the chosen request, in a few lines."""
    source = _("demandée au guichet") if row.source is CreditRequestSource.COUNTER else _("demandée en ligne")
    customer = row.customer_name or _("Client inconnu")
    seats = plural("{sold} place prise sur {capacity}", "{sold} places prises sur {capacity}", row.sold)
    return "\n".join(
        (
            " · ".join(filter(None, (customer, row.customer_email, source))),
            _("Vente {operation} · billet {ticket} · {tariff}").format(
                operation=row.operation, ticket=row.ticket_number, tariff=row.label
            ),
            f"{row.event_title} · {row.hall} · "
            + seats.format(sold=row.sold, capacity=row.capacity)
            + f" ({row.fullness} %)",
            answer_words(row),
        )
    )


def answer_words(row: CreditRow) -> str:
    """Where a request stands, and who answered it."""
    if row.state is CreditState.PENDING:
        return _("Payé {paid}, {given} si vous acceptez.").format(
            paid=format_euros(row.paid_cents), given=given_words(_("{cents} crédités"), [row])
        )
    if row.state is CreditState.REFUSED:
        return _("Refusée par {name} : {reason}").format(name=row.answered_by, reason=row.reason)
    return _("Acceptée par {name} : avoir n° {number}, {given}.").format(
        name=row.answered_by, number=row.credit_note, given=given_words("{cents}", [row])
    )


FEW = 3
"""How many requests are told one by one."""


def asked_words(rows: Sequence[CreditRow]) -> str:
    """Which requests are answered, in a line or two."""
    told = [
        f"{row.customer_name or _('Client inconnu')}, {row.event_title} ({row.ticket_number})" for row in rows
    ]
    seats = plural("{count} demande", "{count} demandes", len(rows)).format(count=len(rows))
    given = given_words(_("{cents} à créditer"), rows)
    return f"{seats}, {given} : {' ; '.join(told[:FEW])}" + (" …" if len(rows) > FEW else "")


def accepted_words(notes: tuple[CompletedCredit, ...]) -> str:
    """What was credited, once requests are accepted."""
    refunds = [refund for note in notes for refund in note.refunds]
    cents = sum(refund.amount_cents for refund in refunds if refund.covers is None)
    places = sum(refund.covers is not None for refund in refunds)
    words = plural(
        "Avoir n° {numbers} : {given}. La place est remise en vente.",
        "Avoirs n° {numbers} : {given}. Les places sont remises en vente.",
        sum(len(note.tickets) for note in notes),
    )
    given = _both(_("{cents} crédités"), cents, places)
    return words.format(numbers=", ".join(note.number for note in notes), given=given)
