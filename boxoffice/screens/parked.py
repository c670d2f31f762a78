"""The baskets set aside, and taken back."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from rich.cells import set_cell_size
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, later, plural, spoken
from boxoffice.money import format_euros
from boxoffice.sales import parking
from boxoffice.sales.basket import Basket, SeatLine
from boxoffice.sales.parking import Parked, Recalled
from boxoffice.sales.staff.desk import Desk

from . import errands
from .charged import paid_before
from .dialogs import Dialog
from .room import at_most
from .rows import Choices

if TYPE_CHECKING:
    from boxoffice.house import House

NOTE_COLUMNS = 26
ROW_COLUMNS = 71

_log = logging.getLogger(__name__)


class ParkedBaskets(Dialog[Recalled | None]):
    """The baskets that wait, at any till; the one chosen comes back and waits no more.

    It comes back even if nobody answers whether it waits no more: it holds no seat, losing it is worse, and
    paid twice it would be one sale.
    """

    HELP = later("Les paniers en attente, de toutes les caisses. Ils ne retiennent aucune place.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "delete",
            "discard",
            later("Retirer"),
            id="parked.discard",
            tooltip=later("Retire un panier qui ne se lit pas"),
        ),
    ]
    DEFAULT_CSS = """
    ParkedBaskets {
        .dialog { width: 78; }
        Choices { height: auto; max-height: 10; margin-bottom: 1; }
        #parked-content { height: auto; color: $text-muted; }
    }
    """

    def __init__(self, house: "House", desk: Desk) -> None:
        super().__init__()
        self.title_text = _("Paniers en attente")
        self._house, self._desk = house, desk
        self._parked: tuple[Parked, ...] = ()

    def compose_question(self) -> ComposeResult:
        yield Choices(markup=False, compact=True)
        yield Static("", id="parked-content", markup=False)
        yield from self.foot(
            ("enter", _("Entrée reprendre")), ("down", _("↑ ↓ choisir")), ("escape", _("Échap fermer"))
        )

    def on_mount(self) -> None:
        self.query_one(Choices).focus()
        self._look()

    def nothing(self) -> None:
        return None

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        basket = self._parked[event.option_index].basket
        if basket is None:
            words = _("Ce panier ne se lit pas : ressaisissez-le, puis retirez-le d'ici par Suppr.")
        else:
            note = self._parked[event.option_index].note
            told = (note if len(note) > NOTE_COLUMNS else "", paid_before(basket), _content_words(basket))
            words = "\n".join(dict.fromkeys(filter(None, told)))
        self.query_one("#parked-content", Static).update(words)

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        waiting = self._parked[event.option_index]

        def take() -> tuple[Recalled, bool]:
            try:
                with self._house.database.write() as session:
                    return parking.recall(session, waiting.sale_id), True
            except Refusal:
                raise
            except Exception:
                if waiting.basket is None:
                    raise
                _log.exception("Nobody answers whether a parked basket was taken back")
                return Recalled(waiting.sale_id, waiting.basket, None, waiting.note), False

        errands.send(self, take, lambda taken: self._recalled(*taken), self._refuse)

    def _recalled(self, recalled: Recalled, answered: bool) -> None:
        """Hand the basket over; what was said of it when it was left has been heard."""
        if recalled.basket.charges:
            self.app.clear_notifications()
        if not answered:
            self.notify(
                _("Il est peut-être encore parmi les paniers en attente ; il ne sera pas vendu deux fois."),
                title=_("La base de données n'a pas répondu."),
                severity="warning",
                markup=False,
            )
        self.dismiss(recalled)

    def action_discard(self) -> None:
        """Throw a basket away that nobody can read; one that can be is taken back and emptied."""
        place = self.query_one(Choices).highlighted
        if place is None:
            return
        sale_id = self._parked[place].sale_id

        def discard() -> None:
            with self._house.database.write() as session:
                parking.discard_unreadable(session, sale_id, self._desk, clock=self._house.clock)

        errands.send(self, discard, lambda _done: self._look(), self._refuse)

    def _look(self) -> None:
        def read() -> tuple[Parked, ...]:
            with self._house.database.read() as session:
                return parking.parked(session)

        errands.send(self, read, self._show, self._refuse)

    def _show(self, parked: tuple[Parked, ...]) -> None:
        self._parked = parked
        rows = self.query_one(Choices)
        rows.set_options([Option(Content(self._row(waiting))) for waiting in parked])
        rows.highlighted = 0 if parked else None
        if not parked:
            self.query_one("#parked-content", Static).update(_("Aucun panier n'attend."))

    def _row(self, waiting: Parked) -> str:
        paid = "" if waiting.basket is None else paid_before(waiting.basket)
        note = waiting.note or paid or _("sans note")
        who = f"{waiting.operator_name}, {waiting.till_name}"
        total = _("illisible") if waiting.basket is None else format_euros(waiting.basket.total_cents)
        at = say(waiting.parked_at, "HH:mm" if self._house.is_today(waiting.parked_at) else "d MMM", spoken())
        what = set_cell_size(at_most(note, NOTE_COLUMNS), NOTE_COLUMNS)
        return at_most(f"{at:<9}{what}  {total:>10}  {who}", ROW_COLUMNS)

    def _refuse(self, refusal: Refusal) -> None:
        self.say_wrong(refusal)
        self._look()


def park(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    basket: Basket,
    sale_id: UUID,
    note: str,
    parked: Callable[[Basket], None],
    refused: Callable[[Refusal], None],
    *,
    in_doubt: bool = False,
) -> None:
    """Set a basket aside under the id of its sale; call `parked` with it, or `refused` with the reason.

    It may be sold already (`in_doubt`).
    """

    def work() -> Basket:
        with house.database.write() as session:
            parking.park(session, basket, note, desk, clock=house.clock, sale_id=sale_id, in_doubt=in_doubt)
        return basket

    errands.send(screen, work, parked, refused)


def recalled_words(recalled: Recalled) -> str:
    """What to say of a basket that was taken back: what cards have paid of it, and its note."""
    return " ".join(dict.fromkeys(filter(None, (paid_before(recalled.basket), recalled.note))))


def left_words(basket: Basket, *, in_doubt: bool, exchanged: str) -> str:
    """The note of a basket that its cashier did not set aside.

    It may be sold already (`in_doubt`), be what a sale is `exchanged` for, or be paid in part by card.
    """
    if in_doubt:
        return _("Règlement en doute : vérifiez la dernière vente")
    if exchanged:
        return _("Échange interrompu : refaites-le depuis la vente {operation}").format(operation=exchanged)
    return paid_before(basket) or _("Caisse close ou libérée par un responsable")


def _content_words(basket: Basket) -> str:
    """What is in a basket, a line each; the seats are not held, and it says so."""
    lines = []
    for line in basket:
        if isinstance(line, SeatLine):
            at = say(line.starts_at, "EEE HH:mm", spoken())
            lines.append(f"{line.quantity} × {line.tariff_label} · {line.event_title} {at}")
        else:
            lines.append(f"{line.quantity} × {line.label}")
    if basket.seats:
        lines.append(
            plural(
                "{count} place, qui n'est pas retenue.",
                "{count} places, qui ne sont pas retenues.",
                basket.seats,
            ).format(count=basket.seats)
        )
    return "\n".join(lines)
