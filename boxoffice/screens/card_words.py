"""How a gift card or place card says what it shows: pure functions of it and of the width there is."""

from datetime import time
from typing import TYPE_CHECKING

from textual.content import Content

from boxoffice.clock import paris, say
from boxoffice.kinds import MovementKind, StoredValueKind
from boxoffice.language import _, later, spoken
from boxoffice.sales.vouchers.obstacles import amount_words

from .room import at_most

if TYPE_CHECKING:
    from boxoffice.sales.vouchers.balances import LedgerRow
    from boxoffice.sales.vouchers.card_view import CardView

MOVEMENTS = {
    MovementKind.ISSUED: later("émise"),
    MovementKind.TAKEN_BACK: later("reprise"),
    MovementKind.USED: later("utilisée"),
    MovementKind.GIVEN_BACK: later("remise dessus"),
    MovementKind.CREDITED: later("créditée"),
    MovementKind.EARNED: later("gagnés"),
    MovementKind.REWARDED: later("échangés"),
    MovementKind.EXPIRED: later("expirée"),
    MovementKind.CORRECTED: later("corrigée"),
    MovementKind.MERGED: later("réunie"),
}
"""What befell a card, or points, in a word."""

_AMOUNT = 12
_NOON = time(12)


def left_words(card: "CardView") -> str:
    """What is left, of how much."""
    left = amount_words(card.kind, card.left)
    if card.issued_with is None or card.issued_with == card.left:
        return _("Reste {left}").format(left=left)
    issued = amount_words(card.kind, card.issued_with)
    return _("Reste {left} sur {issued}").format(left=left, issued=issued)


def facts_words(card: "CardView") -> str:
    """Until when it serves, what of, and in whose wallet it is."""
    over = card.valid_until
    facts = [
        _("sans date de fin")
        if over is None
        else _("valable jusqu'au {day}").format(day=say(paris(over, _NOON), _("d MMMM yyyy"), spoken())),
        _("émise le {day}").format(day=say(card.issued_at, _("d MMM yyyy"), spoken())),
    ]
    if card.single_purpose:
        facts.append(_("bon à usage unique"))
    return " · ".join(facts)


def wallet_words(card: "CardView") -> str:
    """In whose wallet it is."""
    if not card.customer_name:
        return _("Dans le portefeuille de personne.")
    return _("Dans le portefeuille de {name}.").format(name=card.customer_name)


def ledger_row(row: "LedgerRow", kind: StoredValueKind, room: int) -> Content:
    """One movement: when, what, how much, what was left then, and for which operation."""
    at = say(row.at, _("dd/MM/yy HH:mm"), spoken())
    amount = f"{'+' if row.amount >= 0 else '−'}{amount_words(kind, abs(row.amount))}"
    left = "" if row.left_after is None else _("reste {left}").format(left=amount_words(kind, row.left_after))
    where = (row.operation, row.operator_name, row.authorized_by, row.reason, row.till_name)
    head = f"{at}  {_(MOVEMENTS[row.kind]):<13} {amount:>{_AMOUNT}}  "
    about = " · ".join(filter(None, (left, *where)))
    return Content.assemble(head, (at_most(about, max(room - len(head), 0)), "$text-muted"))
