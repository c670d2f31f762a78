"""Means of payment declare what they can do; the payment screen and the books ask them and know no other."""

from dataclasses import dataclass

from boxoffice.language import _, later


@dataclass(frozen=True, slots=True)
class Means:
    """One way to pay. `code` is what the books keep, `key` what chooses it at payment.

    `gives_change`: more than what is due may be handed over. `takes_reference`: a number may be noted.
    `counted`: expected in the drawer, and counted when the shift closes. `stored`: what pays is a card or an
    account of the customer, which is named. `label` is translated where it is shown; `on_paper` never
    changes.
    """

    code: str
    key: str
    label: str
    on_paper: str
    gives_change: bool = False
    takes_reference: bool = False
    counted: bool = False
    opens_drawer: bool = False
    stored: bool = False


CASH = Means("cash", "enter", later("Espèces"), "Espèces", gives_change=True, counted=True, opens_drawer=True)
CARD = Means("card", "c", later("Carte bancaire"), "Carte bancaire", takes_reference=True)
CHEQUE = Means(
    "cheque", "h", later("Chèque"), "Chèque", takes_reference=True, counted=True, opens_drawer=True
)

GIFT_CARD = Means("gift_card", "g", later("Carte cadeau"), "Carte cadeau", stored=True)
BALANCE = Means("balance", "s", later("Solde du client"), "Solde client", stored=True)
PLACE_CARD = Means("place_card", "p", later("Carte de places"), "Carte de places", stored=True)
EXCHANGE = Means("exchange", "", later("Échange"), "Échange")
"""What seats given back in an exchange pay of those taken instead: nobody chooses it."""

ALL: tuple[Means, ...] = (CASH, CARD, CHEQUE)
"""Money, by the keys that choose it."""
STORED: tuple[Means, ...] = (GIFT_CARD, BALANCE, PLACE_CARD)
PAY_NO_CARD = (GIFT_CARD.code, PLACE_CARD.code)
"""Cards with an end of validity: one that bought another would have its time anew."""
BY_CODE = {means.code: means for means in (*ALL, *STORED, EXCHANGE)}


def label_of(code: str) -> str:
    """What a means is called on the screen; its code, if another version of this program took it."""
    return _(BY_CODE[code].label) if code in BY_CODE else code
