"""The payment, over the list and beside the basket: what is due, what is given, what to give back, in large."""

from rich.style import Style
from textual import events
from textual.message import Message

from boxoffice.language import _
from boxoffice.money import format_amount, format_euros
from boxoffice.sales import means

from ..payment import NOTES, Payment
from .panel import Panel, Piece, large, spread, target, target_of

Row = list[Piece]


class PaymentPanel(Panel):
    """Mounted beforehand and shown when payment opens. The screen presses the keys, this only draws."""

    class Pressed(Message):
        """A button was clicked: the same as pressing `key`."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self) -> None:
        super().__init__(id="payment")
        self.payment: Payment | None = None
        self._rows: list[Row] = []

    def show(self, payment: Payment) -> None:
        """Show the payment as it has become."""
        self.payment = payment
        self._rows = self._draw_rows(payment)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        kind, _dot, key = target_of(event).partition(".")
        if kind == "press":
            self.post_message(self.Pressed(key))

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.payment is not None:
            self._rows = self._draw_rows(self.payment)

    def title(self) -> Row:
        return [(_("Règlement"), self.look("title"))]

    def body(self, y: int) -> Row:
        return self._rows[y] if y < len(self._rows) else []

    def _draw_rows(self, payment: Payment) -> list[Row]:
        settlement = payment.settlement
        width = self.body_width - 4
        strong, muted = self.look("strong"), self.look("muted")
        rows: list[Row] = [[], self._pair(_("Total"), format_euros(settlement.total_cents), strong, width)]
        for given in settlement.tenders:
            label = _(means.BY_CODE[given.means].label)
            about = f"{label}  {given.reference}" if given.reference else label
            rows.append(self._pair(about, f"− {format_euros(given.amount_cents)}", self.look("good"), width))
        rows += [self._rule(), *self._due(payment)]
        rows += [self._rule(), *self._typing(payment)]
        rows += [[], *self._saying(payment)]
        rows += [[], *self._buttons(payment)]
        keys = _("⌫ reprend le dernier règlement   R reçu : {receipt}   Échap revenir au panier").format(
            receipt=_("oui") if payment.receipt else _("non")
        )
        return [*rows, [], [("  ", muted), (keys, muted)]]

    def _due(self, payment: Payment) -> list[Row]:
        remaining = payment.settlement.remaining_cents
        label = _("RESTE À PAYER") if payment.settlement.tenders else _("À PAYER")
        return self._figures(label, remaining, self.look("title"))

    def _typing(self, payment: Payment) -> list[Row]:
        """What is being typed, and what it leads to: change to give, or what will remain."""
        typed = payment.typed_cents
        if payment.noting or payment.reference:
            cursor = "▏" if payment.noting else ""
            number = self._pair(
                _("N° d'autorisation"),
                f"{payment.reference}{cursor}",
                self.look("warning"),
                self.body_width - 4,
            )
            return [number, [], [], []]
        if not payment.typed:
            return [
                [("  ", Style.null()), (_("Tapez ce que le client donne."), self.look("muted"))],
                [],
                [],
                [],
            ]
        given = self._pair(_("Donné"), f"{payment.typed} €▏", self.look("strong"), self.body_width - 4)
        if typed is None:
            return [given, [], [], []]
        if typed >= payment.settlement.remaining_cents:
            return [given, *self._figures(_("À RENDRE"), payment.change_if_cash_cents, self.look("good"))]
        rest = payment.settlement.remaining_cents - typed
        return [given, *self._figures(_("RESTERA"), rest, self.look("warning"))]

    def _saying(self, payment: Payment) -> list[Row]:
        """What was refused and what can be done, or what is going on."""
        if payment.refusal is not None:
            alarm = self.look("alarm") + Style(bold=True)
            texts = [(payment.refusal.message, alarm), (payment.refusal.remedy, self.look("warning"))]
            return [
                [("  ", Style.null()), (line, style)]
                for text, style in texts
                for line in _lines(text, self.body_width - 4)
            ]
        if payment.settling:
            return [[("  ", Style.null()), (_("Enregistrement de la vente…"), self.look("muted"))]]
        return [[]]

    def _buttons(self, payment: Payment) -> list[Row]:
        if payment.settlement.is_complete:
            words = _("Essayer encore") if payment.doubtful else _("Terminer la vente")
            return [[("  ", Style.null()), *self._button("enter", _("Entrée"), words)]]
        cash = _("Espèces") if payment.typed else _("Espèces exactes")
        row: Row = [("  ", Style.null()), *self._button("enter", _("Entrée"), cash)]
        for by in means.ALL:
            if by is not means.CASH:
                row += self._button(by.key, by.key.upper(), _(by.label))
        row += self._button("n", "N", _("N° autor."))
        notes: Row = [("  ", Style.null())]
        for key, cents in NOTES.items():
            notes += self._button(key, key.upper(), f"{cents // 100} €")
        return [row, [], notes]

    def _button(self, key: str, shown: str, label: str) -> Row:
        over = target(f"press.{key}")
        back = self.look("button")
        return [
            (f" {shown} ", back + self.look("key") + over),
            (f"{label} ", back + over),
            ("  ", Style.null()),
        ]

    def _figures(self, label: str, cents: int, look: Style) -> list[Row]:
        first, second, third = large(format_amount(cents))
        width = self.body_width - 4
        return [
            [("  ", look), *spread([], [(first, look)], width)],
            [("  ", look), *spread([(label, look + Style(bold=True))], [(second, look)], width)],
            [("  ", look), *spread([], [(third, look)], width)],
        ]

    def _pair(self, left: str, right: str, look: Style, width: int) -> Row:
        return [("  ", look), *spread([(left, look)], [(right, look + Style(bold=True))], width)]

    def _rule(self) -> Row:
        return [("  ", Style.null()), ("─" * (self.body_width - 4), self.look("frame"))]


def _lines(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return [line for line in lines if line]
