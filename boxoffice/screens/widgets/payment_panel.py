"""The payment, over the list and beside the basket: what is due, given and to give back, in large."""

from rich.style import Style
from textual import events
from textual.message import Message

from boxoffice.language import _, later
from boxoffice.money import format_amount, format_euros
from boxoffice.sales import means

from ..keypad import TOUCH
from ..payment import NOTES, Asked, Entry, Payment
from .panel import Panel, Piece, large, spread, target, target_of, width_of, wrap

MARGIN = 2
ROOMY = 28
ASKED = {
    Asked.CODE: later("Code de la carte cadeau"),
    Asked.NUMBER: later("Numéro de la carte de places"),
    Asked.SURNAME: later("Nom du titulaire"),
}
AMOUNT = "1234567890,"
"""What an amount is made of, to touch or to click."""

Row = list[Piece]


class PaymentPanel(Panel):
    """Mounted beforehand and shown when payment opens. The screen presses the keys, this only draws."""

    HELP = later(
        "Règlement : Entrée encaisse le reste en espèces, ou le montant tapé ; C carte, H chèque. Un montant "
        "plus petit tapé d'abord partage le règlement. I, D, V, Q ajoutent un billet de 5, 10, 20, 50 €. "
        "N note le numéro d'autorisation, R demande un reçu, ⌫ reprend, Échap revient d'un pas. Une carte "
        "scannée paie aussitôt ; G tape le code d'une carte cadeau, P le numéro d'une carte de places, "
        "S prend sur le solde du client, A lui donne sa place d'anniversaire, O suit l'ordre proposé."
    )

    class Pressed(Message):
        """A button was clicked: the same as pressing `key`."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self) -> None:
        super().__init__("payment")
        self.payment: Payment | None = None
        self._shown: list[Row] = []
        self._clicked = False

    def show(self, payment: Payment) -> None:
        """Show the payment as it has become."""
        self.payment = payment
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        kind, _dot, key = target_of(event).partition(".")
        if kind == "press":
            self.post_message(self.Pressed(key))
        if not self._clicked:
            self._clicked = True
            self.repaint()

    def keys_now(self) -> list[tuple[str, str]]:
        payment = self.payment
        if payment is None:
            return []
        if payment.noting:
            return [
                ("A-Z, 0-9", _("Le numéro d'autorisation")),
                (_("Entrée"), _("Valide le numéro")),
                (_("Échap"), _("Y renonce")),
            ]
        if payment.entry is not None:
            return [
                ("A-Z, 0-9", _(ASKED[payment.entry.asked])),
                (_("Entrée"), _("Cherche la carte et paie avec elle")),
                (_("Échap"), _("Y renonce")),
            ]
        if payment.drawing_cents is not None:
            return [
                ("← →", _("Un euro de moins, de plus")),
                ("↓ ↑", _("Dix euros de moins, de plus")),
                ("0-9 ,", _("Ce que le solde doit payer")),
                (_("Entrée"), _("Prend ce montant sur le solde")),
                (_("Échap"), _("Y renonce")),
            ]
        if payment.doubtful:
            return [
                (_("Entrée"), _("Essaie encore : la vente ne sera pas faite deux fois")),
                (_("Échap"), _("Cherche si la vente a été faite")),
            ]
        if payment.settlement.is_complete:
            return [
                (_("Entrée"), _("Termine la vente")),
                ("R", _("Demande un reçu, ou y renonce")),
                ("⌫", _("Reprend le dernier règlement")),
                (_("Échap"), _("Revient d'un pas, puis au panier")),
            ]
        notes = ", ".join(f"{cents // 100}" for cents in NOTES.values())
        return [
            (_("Entrée"), _("Encaisse en espèces ce qui reste, ou le montant tapé")),
            ("0-9 ,", _("Ce que le client donne, ou la part d'un moyen de paiement")),
            *(
                (by.key.upper(), _("{means} : ce qui reste, ou le montant tapé").format(means=_(by.label)))
                for by in means.ALL
                if by is not means.CASH
            ),
            ("G", _("Carte cadeau, par son code tapé ; scannée, elle paie aussitôt")),
            ("S", _("Solde du client : la part à utiliser")),
            ("P", _("Carte de places, par son numéro")),
            *([("A", _("Donne au client sa place d'anniversaire"))] if payment.birthday else []),
            *([("O", _("Suit l'ordre de paiement proposé"))] if payment.offers else []),
            (", ".join(NOTES).upper(), _("Ajoute un billet de {notes} €").format(notes=notes)),
            ("N", _("Note le numéro d'autorisation de la carte ou du chèque")),
            ("R", _("Demande un reçu, ou y renonce")),
            ("⌫", _("Reprend ce qui est tapé, puis le dernier règlement")),
            (_("Échap"), _("Revient d'un pas, puis au panier")),
        ]

    def title(self) -> Row:
        return [(_("Règlement"), self.look("title"))]

    def body(self, y: int) -> Row:
        if self.payment is None:
            return []
        if y == 0:
            self._shown = self._rows(self.payment)
        return [(" " * MARGIN, Style.null()), *self._shown[y]] if y < len(self._shown) else []

    @property
    def _width(self) -> int:
        return self.body_width - 2 * MARGIN

    def _rows(self, payment: Payment) -> list[Row]:
        blank: list[Row] = [[]] if self.body_height >= ROOMY else []
        above = [*blank, *self._taken(payment), self._rule(), *self._due(payment), self._rule()]
        typing, proposed = self._typing(payment), self._proposing(payment)
        below = [*blank, *self._saying(payment), *blank, *self._buttons(payment, len(blank))]
        if proposed:
            typing = typing if blank else [row for row in typing if row]
            room = self.body_height - len(above) - len(typing) - len(below)
            proposed = proposed[: max(room, 1)]
        return [*above, *typing, *proposed, *below]

    def _taken(self, payment: Payment) -> list[Row]:
        """The total, and each tender that pays a part of it."""
        settlement = payment.settlement
        rows = [self._pair(_("Total"), format_euros(settlement.total_cents), self.look("strong"))]
        for given in settlement.tenders:
            label = f"{_(means.BY_CODE[given.means].label)}  {given.reference}".rstrip()
            rows.append(self._pair(label, f"− {format_euros(given.amount_cents)}", self.look("good")))
        return rows

    def _due(self, payment: Payment) -> list[Row]:
        if payment.settlement.is_complete and payment.settlement.change_cents:
            return self._figures(_("À RENDRE"), payment.settlement.change_cents, self.look("good"))
        label = _("RESTE À PAYER") if payment.settlement.tenders else _("À PAYER")
        return self._figures(label, payment.settlement.remaining_cents, self.look("title"))

    def _typing(self, payment: Payment) -> list[Row]:
        """What is being typed, and what it leads to: change to give, or what will remain."""
        if payment.noting:
            number = self._pair(_("N° d'autorisation"), f"{payment.reference}▏", self.look("warning"))
            return [number, [(_("Entrée valide, Échap renonce."), self.look("muted"))], [], []]
        if payment.entry is not None:
            return self._entering(payment.entry)
        if payment.drawing_cents is not None:
            return self._drawing(payment, payment.drawing_cents)
        if not payment.typed:
            asking = not payment.doubtful and not payment.settlement.is_complete
            free = payment.settlement.total_cents == 0
            hint = _("Rien à payer.") if free else _("Tapez ce que le client donne.") if asking else ""
            number = self._pair(_("N° d'autorisation"), payment.reference, self.look("warning"))
            return [[(hint, self.look("muted"))], number if payment.reference else [], [], []]
        given = self._pair(_("Donné"), f"{payment.typed} €▏", self.look("strong"))
        typed = payment.typed_cents
        if typed is None:
            return [given, [], [], []]
        rest = payment.settlement.remaining_cents - typed
        if rest <= 0:
            return [given, *self._figures(_("À RENDRE"), -rest, self.look("good"))]
        return [given, *self._figures(_("RESTERA"), rest, self.look("warning"))]

    def _entering(self, entry: Entry) -> list[Row]:
        typed = self._pair(_(ASKED[entry.asked]), f"{entry.typed}▏", self.look("warning"))
        return [typed, [(_("Entrée valide, Échap renonce."), self.look("muted"))], [], []]

    def _drawing(self, payment: Payment, cents: int) -> list[Row]:
        """The part of the balance that is used, what stays on it, and what remains to pay."""
        left = payment.hand.balance_cents - cents
        rest = payment.settlement.remaining_cents - cents
        return [
            self._pair(_("Solde du client"), format_euros(payment.hand.balance_cents), self.look("muted")),
            self._pair(_("Utilisé  ← → ↑ ↓"), f"{format_euros(cents)}▏", self.look("strong")),
            self._pair(_("Il y restera"), format_euros(left), self.look("good")),
            self._pair(_("Restera à payer"), format_euros(rest), self.look("warning")),
        ]

    def _proposing(self, payment: Payment) -> list[Row]:
        """The order proposed to pay in, with its reasons; nothing while something is typed."""
        busy = payment.typed or payment.entry or payment.drawing_cents is not None or payment.noting
        if not payment.offers or busy or payment.doubtful:
            return []
        proposal = payment.hand.proposal
        rows: list[Row] = [[(_("Ordre proposé : O pour l'accepter"), self.look("strong"))]]
        for step in proposal.steps:
            lines = wrap(step.reason, self._width, 2)
            rows += [[(line, self.look("muted"))] for line in lines]
        rest = _("reste {rest} à payer").format(rest=format_euros(proposal.remaining_cents))
        return [*rows, [(rest, self.look("muted"))]]

    def _saying(self, payment: Payment) -> list[Row]:
        """What was refused and what can be done, or what is going on."""
        if payment.settling:
            return [[(_("Enregistrement de la vente…"), self.look("muted"))]]
        if payment.lookup is not None:
            return [[(_("Recherche de la carte…"), self.look("muted"))]]
        if payment.refusal is None and payment.said:
            return [[(line, self.look("good"))] for line in wrap(payment.said, self._width, 2)]
        if payment.refusal is None:
            return [[]]
        said = [(payment.refusal.message, self.look("alarm")), (payment.refusal.remedy, self.look("warning"))]
        return [[(line, look)] for text, look in said for line in wrap(text, self._width, 3)]

    def _buttons(self, payment: Payment, space: int) -> list[Row]:
        leave = self._button("escape", _("Échap"), _("Revenir"))
        if payment.entry is not None:
            return self._flow([self._button("enter", _("Entrée"), _("Chercher")), leave])
        if payment.drawing_cents is not None:
            steps = [
                ("down", "↓", "−10 €"),
                ("left", "←", "−1 €"),
                ("right", "→", "+1 €"),
                ("up", "↑", "+10 €"),
            ]
            arrows = [self._button(key, shown, label) for key, shown, label in steps]
            return self._flow([self._button("enter", _("Entrée"), _("Prendre")), *arrows, leave])
        if payment.settlement.is_complete:
            words = _("Essayer encore") if payment.doubtful else _("Terminer la vente")
            return self._flow([self._button("enter", _("Entrée"), words), leave])
        cash = _("Espèces") if payment.typed else _("Espèces exactes")
        takers = [self._button("enter", _("Entrée"), cash)]
        takers += [
            self._button(by.key, by.key.upper(), _(by.label)) for by in means.ALL if by is not means.CASH
        ]
        takers += [self._button(by.key, by.key.upper(), _(by.label)) for by in means.STORED]
        if payment.birthday is not None:
            takers.append(self._button("a", "A", _("Place d'anniversaire")))
        if payment.offers:
            takers.append(self._button("o", "O", _("Ordre proposé")))
        notes = [self._button(key, key.upper(), f"{cents // 100} €") for key, cents in NOTES.items()]
        number = _("N° d'autorisation {number}").format(number=payment.reference).rstrip()
        others = [
            self._button("n", "N", number),
            self._button("r", "R", _("Reçu : oui") if payment.receipt else _("Reçu : non")),
            self._button("backspace", "⌫", _("Reprendre")),
            leave,
        ]
        gap: list[Row] = [[]] * space
        rows = [*self._flow(takers), *gap, *self._flow(notes), *gap]
        if self._clicked or self.app.has_class(TOUCH):
            rows += [*self._flow([self._button(key, key, "") for key in AMOUNT]), *gap]
        return [*rows, *self._flow(others)]

    def _flow(self, buttons: list[Row]) -> list[Row]:
        """The buttons on as many rows as their width takes."""
        rows: list[Row] = [[]]
        for button in buttons:
            if rows[-1] and width_of(rows[-1]) + width_of(button) > self._width:
                rows.append([])
            rows[-1] = [*rows[-1], *button]
        return rows

    def _button(self, key: str, shown: str, label: str) -> Row:
        back = self.look("button") + target(f"press.{key}")
        words = f"{label} " if label else ""
        return [(f" {shown} ", back + self.look("key")), (words, back), (" ", Style.null())]

    def _figures(self, label: str, cents: int, look: Style) -> list[Row]:
        first, second, third = large(format_amount(cents))
        strong = look + Style(bold=True)
        return [
            spread([], [(first, look)], self._width),
            spread([(label, strong)], [(second, look)], self._width),
            spread([], [(third, look)], self._width),
        ]

    def _pair(self, left: str, right: str, look: Style) -> Row:
        return spread([(left, look)], [(right, look + Style(bold=True))], self._width)

    def _rule(self) -> Row:
        return [("─" * self._width, self.look("frame"))]
