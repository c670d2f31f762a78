"""A sale and its lines put into words, for every screen that shows one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from boxoffice.clock import say
from boxoffice.kinds import CreditState, SaleKind
from boxoffice.language import _, later, plural, spoken
from boxoffice.money import format_amount, format_euros
from boxoffice.sales.history import LineState, SaleSummary, SoldLine
from boxoffice.sales.means import STORED, label_of
from boxoffice.sales.refunds import Refund
from boxoffice.sales.reversal import CompletedReversal

from .room import at_most

if TYPE_CHECKING:
    from boxoffice.house import House

SHORTEST_TITLE = 8
STATES = {
    LineState.SOLD: "",
    LineState.USED: later("entré"),
    LineState.REVERSED: later("annulé"),
}
CREDITS = {
    CreditState.PENDING: later("demande reprise en cours"),
    CreditState.ACCEPTED: later("place reprise"),
    CreditState.REFUSED: later("reprise refusée"),
}


def sale_header(sale: SaleSummary, house: "House") -> str:
    """A sale, reversal or credit note in one line: number, moment, who, amount."""
    match sale.kind:
        case SaleKind.REVERSAL:
            words = _("Annulation {operation} · {at} · {who} · {total}")
        case SaleKind.CREDIT_NOTE:
            words = _("Reprise {operation} · {at} · {who} · {total}")
        case _:
            words = _("Vente {operation} · {at} · {who} · {total}")
    return words.format(
        operation=sale.operation,
        at=say(sale.at, "HH:mm" if house.is_today(sale.at) else "EEE d MMM HH:mm", spoken()),
        who=sale.operator_name,
        total=format_euros(sale.total_cents),
    )


def line_words(line: SoldLine, width: int) -> str:
    """A line of a sale in `width` columns: tariff, screening, ticket number, what became of it, price.

    What gives way is the title, then the tariff: a ticket is told from the others by its number.
    """
    state = state_words(line)
    end = (
        f"  {state}  {format_amount(line.total_cents):>8}"
        if state
        else f"  {format_amount(line.total_cents):>8}"
    )
    what = [line.label]
    if line.starts_at is not None:
        what += [line.event_title, say(line.starts_at, "EEE HH:mm", spoken())]
    if line.ticket_number:
        what.append(line.ticket_number)
    room = width - cell_len(end)
    if line.starts_at is not None:
        beside = cell_len(" · ".join(what)) - cell_len(what[1])
        what[1] = at_most(what[1], max(room - beside, SHORTEST_TITLE))
    beside = cell_len(" · ".join(what)) - cell_len(what[0])
    what[0] = at_most(what[0], room - beside)
    return set_cell_size(" · ".join(what), room) + end


def refund_words(refunds: tuple[Refund, ...]) -> str:
    """What to hand back, and by which means; what cards and balances get back by themselves is told apart."""
    if not refunds:
        return _("Rien à rembourser.")
    stored = {each.code for each in STORED}
    handed = _listed([refund for refund in refunds if refund.means not in stored])
    returned = _listed([refund for refund in refunds if refund.means in stored])
    said = [_("Rendez {refunds}.").format(refunds=handed)] if handed else []
    if returned:
        said.append(_("Revient tout seul : {refunds}.").format(refunds=returned))
    return " ".join(said)


def _listed(refunds: Sequence[Refund]) -> str:
    return " + ".join(
        f"{format_euros(refund.amount_cents)} ({label_of(refund.means).lower()})" for refund in refunds
    )


def undone_words(done: CompletedReversal) -> str:
    """What goes back to the customer of a sale that was undone, and the points that went with it."""
    points = done.points
    if not points.due:
        return refund_words(done.refunds)
    said = plural("{taken} point repris.", "{taken} points repris.", points.taken).format(taken=points.taken)
    if points.missing:
        said = _("{taken} points repris sur {due} : les autres sont déjà dépensés.").format(
            taken=points.taken, due=points.due
        )
    return f"{refund_words(done.refunds)} {said}"


def line_story(line: SoldLine) -> str:
    """A line of a sale: what was sold, at which price, what became of it; below, where and when."""
    facts = [line.label, format_euros(line.total_cents), state_words(line)]
    story = " · ".join(fact for fact in facts if fact)
    if line.starts_at is not None:
        at = say(line.starts_at, "EEE HH:mm", spoken())
        story += f"\n  {line.event_title} · {at} · {line.ticket_number}"
    if line.credit is CreditState.REFUSED and line.credit_reason:
        story += "\n  " + _("Motif : {reason}").format(reason=line.credit_reason)
    return story


def state_words(line: SoldLine) -> str:
    """What has become of a line: entered, annulled, exchanged, asked to come back and with what answer."""
    if line.exchanged:
        return _("échangé")
    if line.credit is CreditState.ACCEPTED or (line.credit and line.state is LineState.SOLD):
        return _(CREDITS[line.credit])
    return _(STATES[line.state]) if STATES[line.state] else ""
