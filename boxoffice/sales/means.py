"""Means of payment declare what they can do; the payment screen and the books ask them and know no other."""

from dataclasses import dataclass

from boxoffice.language import _, later


@dataclass(frozen=True, slots=True)
class Means:
    """One way to pay. `code` is what the books keep, `key` what chooses it at payment.

    `gives_change`: more than what is due may be handed over. `takes_reference`: a number may be noted.
    `counted`: expected in the drawer, and counted when the shift closes. `label` is translated where
    it is shown; `on_paper` never changes.
    """

    code: str
    key: str
    label: str
    on_paper: str
    gives_change: bool = False
    takes_reference: bool = False
    counted: bool = False
    opens_drawer: bool = False


CASH = Means("cash", "enter", later("Espèces"), "Espèces", gives_change=True, counted=True, opens_drawer=True)
CARD = Means("card", "c", later("Carte bancaire"), "Carte bancaire", takes_reference=True)
CHEQUE = Means(
    "cheque", "h", later("Chèque"), "Chèque", takes_reference=True, counted=True, opens_drawer=True
)

ALL: tuple[Means, ...] = (CASH, CARD, CHEQUE)
BY_CODE = {means.code: means for means in ALL}


def label_of(code: str) -> str:
    """What a means is called on the screen; its code, if another version of this program took it."""
    return _(BY_CODE[code].label) if code in BY_CODE else code
