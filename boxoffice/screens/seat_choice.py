"""How many seats of each kind: to put part of a reservation in the basket, or to hold others than before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.clock import say
from boxoffice.kinds import Requirement
from boxoffice.language import _, later, spoken
from boxoffice.money import format_amount, format_euros
from boxoffice.sales.basket import Basket, SeatLine
from boxoffice.sales.reserving.reservation_listing import ReservedLine
from boxoffice.sales.screenings.programme import Offer, Programme

from .choosing import Choose, Thing
from .dialogs import Dialog, keys_line
from .reservation_words import not_reservable, wanted_seats
from .rows import Choices
from .widgets.panel import fit

MOST = 99
ROW_WIDTH = 64


@dataclass(frozen=True, slots=True)
class Kind:
    """Seats at a screening under a tariff: how many there are now, and at most, if there is a limit."""

    screening_id: int
    tariff_code: str
    label: str
    event_title: str
    starts_at: datetime
    price_cents: int
    count: int
    most: int | None = None
    offers: tuple[Offer, ...] = ()


class ChooseSeats(Dialog[tuple[Kind, ...] | None]):
    """The kinds with the counts chosen; None when it is given up."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "plus,right", "by(1)", later("Un de plus"), id="seats.more", tooltip=later("Une place de plus")
        ),
        Binding(
            "minus,left", "by(-1)", later("Un de moins"), id="seats.less", tooltip=later("Une place de moins")
        ),
        Binding(
            "t", "tariff", later("Tarif"), id="seats.tariff", tooltip=later("Change le tarif de la ligne")
        ),
        Binding(
            "f5,ctrl+x",
            "add",
            later("Ajouter le panier"),
            id="seats.add",
            tooltip=later("Retient aussi les places du panier"),
        ),
    ]
    DEFAULT_CSS = """
    ChooseSeats {
        .dialog { width: 84; padding: 1 2; }
        Choices { height: auto; max-height: 12; }
        #seats-total { height: 1; margin-top: 1; text-style: bold; }
    }
    """

    def __init__(
        self, title: str, kinds: Sequence[Kind], *, changing: bool = False, more: Sequence[Kind] = ()
    ) -> None:
        """When `changing`, tariffs may be changed too, and `more` are the seats that may be added."""
        super().__init__()
        self.title_text = title
        self._kinds = list(kinds)
        self._changing, self._more = changing, tuple(more)

    def compose_question(self) -> ComposeResult:
        yield Choices(markup=False, compact=True)
        yield Static("", id="seats-total", markup=False)
        keys = [("enter", _("Entrée valider")), ("plus", _("+ - ou chiffre combien"))]
        if self._changing:
            keys.append(("t", _("T tarif")))
        if self._more:
            keys.append(("f5", _("F5 ajouter le panier")))
        yield keys_line(*keys, ("escape", _("Échap renoncer")))

    def on_mount(self) -> None:
        self._show(0)
        self.query_one(Choices).focus()

    def nothing(self) -> None:
        return None

    def key_typed(self, event: events.Key) -> None:
        if event.character and event.character.isdecimal():
            event.stop()
            self._set(int(event.character))

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """What changes more than counts is offered only where it can be done."""
        if action == "tariff":
            return self._changing
        return bool(self._more) if action == "add" else True

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(tuple(self._kinds))

    def action_by(self, by: int) -> None:
        self._set(self._kinds[self._place].count + by)

    def action_tariff(self) -> None:
        place = self._place
        offers = [offer for offer in self._kinds[place].offers if offer.requirement is Requirement.NOTHING]

        def answered(index: int | None) -> None:
            if index is not None:
                offer = offers[index]
                self._kinds[place] = replace(
                    self._kinds[place],
                    tariff_code=offer.code,
                    label=offer.label,
                    price_cents=offer.price_cents,
                )
                self._show(place)

        things = [Thing(offer.label, offer.proof, format_amount(offer.price_cents)) for offer in offers]
        self.app.push_screen(Choose(_("Quel tarif ?"), things), answered)

    def action_add(self) -> None:
        self._kinds += self._more
        self._more = ()
        self._show(len(self._kinds) - 1)

    @property
    def _place(self) -> int:
        return self.query_one(Choices).highlighted or 0

    def _set(self, count: int) -> None:
        kind = self._kinds[self._place]
        most = MOST if kind.most is None else kind.most
        self._kinds[self._place] = replace(kind, count=min(max(count, 0), most))
        self._show(self._place)

    def _show(self, place: int) -> None:
        rows = self.query_one(Choices)
        rows.set_options([Option(_row(kind)) for kind in self._kinds])
        rows.highlighted = place
        total = sum(kind.count * kind.price_cents for kind in self._kinds)
        self.query_one("#seats-total", Static).update(format_euros(total))


def reserved_kind(line: ReservedLine, *, most: int | None = None, offers: tuple[Offer, ...] = ()) -> Kind:
    """Equal seats of a reservation, all of them chosen to begin with."""
    return Kind(
        line.screening_id,
        line.tariff_code,
        line.tariff_label,
        line.event_title,
        line.starts_at,
        line.price_cents,
        line.quantity,
        most,
        offers,
    )


def basket_kinds(basket: Basket, programme: Programme) -> tuple[Kind, ...]:
    """The seats of a basket, if they are all such as may be reserved."""
    if not_reservable(basket):
        return ()
    lines = [line for line in basket if isinstance(line, SeatLine)]
    return tuple(
        Kind(
            line.screening_id,
            wish.tariff_code,
            line.tariff_label,
            line.event_title,
            line.starts_at,
            line.price_cents,
            line.quantity,
        )
        for line, wish in zip(lines, wanted_seats(basket, programme), strict=True)
    )


def _row(kind: Kind) -> Content:
    count = f"{kind.count:>2}" if kind.most is None else f"{kind.count:>2} / {kind.most}"
    when = say(kind.starts_at, _("EEE d HH:mm"), spoken())
    price = f"{format_amount(kind.price_cents):>8}"
    room = ROW_WIDTH - len(count) - len(price) - 3
    what = f"{kind.label} · {kind.event_title} · {when}"
    return Content.assemble((count, "bold"), "  ", fit(what, room), (price, "bold"))
