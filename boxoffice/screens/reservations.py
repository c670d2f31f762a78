"""The open e-reservations: found as one types, put in the basket by one key, in part, changed, given up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.sales.basket import Basket, SeatLine
from boxoffice.sales.codes import read_code
from boxoffice.sales.reserving import reservations
from boxoffice.sales.reserving.reservable import SeatsWanted
from boxoffice.sales.reserving.reservation_listing import KeptReservation, ReservedLine, find_reservations
from boxoffice.sales.reserving.reservations import CancelReservation, ChangeReservation, Reserved
from boxoffice.sales.screenings.programme import Programme
from boxoffice.sales.staff.desk import Desk

from . import errands
from .dialogs import Confirm, Dialog, Rows, keys_line
from .reservation_words import (
    detail_lines,
    reservation_row,
    seat_line_of,
    seats_words,
)
from .seat_choice import ChooseSeats, Kind, basket_kinds, reserved_kind

if TYPE_CHECKING:
    from boxoffice.house import House

Done = TypeVar("Done")

TICK_SECONDS = 1.0
WIDEST_ROW = 78
EDGES = 8
"""Columns of the screen that no row has: frames, margins and the bar that scrolls."""
DETAIL_LINES = 4


@dataclass(frozen=True, slots=True)
class Recall:
    """A reservation, or part of it, to be put in the basket."""

    kept: KeptReservation
    lines: tuple[SeatLine, ...]


class SearchField(Input):
    """What is looked for; `*` is no part of any name, and is left to the screen."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return character != "*" and super().check_consume_key(key, character)


class ReservationsScreen(Dialog[Recall | None]):
    """Reservations, the first to expire first; Enter puts the chosen one in the basket."""

    HELP = later(
        "Tapez une référence, un nom ou un téléphone, ou scannez la réservation. Entrée la met au panier, où "
        "elle s'encaisse comme une vente ; * n'en met qu'une partie, Tab la modifie, Suppr l'annule."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", later("Monter"), id="reservations.up", tooltip=later("La ligne au-dessus")),
        Binding(
            "down",
            "move(1)",
            later("Descendre"),
            id="reservations.down",
            tooltip=later("La ligne en dessous"),
        ),
        Binding(
            "pageup",
            "move(-8)",
            later("Page"),
            id="reservations.page_up",
            tooltip=later("Huit lignes plus haut"),
        ),
        Binding(
            "pagedown",
            "move(8)",
            later("Page"),
            id="reservations.page_down",
            tooltip=later("Huit lignes plus bas"),
        ),
        Binding(
            "asterisk,f8",
            "part",
            later("Une partie"),
            id="reservations.part",
            tooltip=later("Met au panier une partie des places"),
            priority=True,
        ),
        Binding(
            "tab,f7",
            "change",
            later("Modifier"),
            id="reservations.change",
            tooltip=later("Ajoute ou retire des places, change un tarif"),
            priority=True,
        ),
        Binding(
            "delete,f6,ctrl+e",
            "cancel",
            later("Annuler"),
            id="reservations.cancel",
            tooltip=later("Rend toutes les places encore retenues"),
            priority=True,
        ),
        Binding("f5", "leave", later("Fermer"), id="reservations.leave", tooltip=later("Ferme la liste")),
    ]
    DEFAULT_CSS = """
    ReservationsScreen {
        align: left middle;
        .dialog { width: 84; max-width: 100%; height: 100%; padding: 0 2; }
        Rows { height: 1fr; scrollbar-size-vertical: 1; }
        Rows > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
        #reservation-detail { height: auto; min-height: 3; margin-top: 1; }
        .dialog-title { margin-bottom: 0; }
        .dialog-wrong { margin-top: 0; }
        .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(
        self, house: "House", desk: Desk, programme: Programme, basket: Basket, text: str = ""
    ) -> None:
        """`text` is looked for at once; the seats of `basket` may be added to a reservation."""
        super().__init__()
        self.title_text = _("Réservations")
        self._house, self._desk = house, desk
        self._programme, self._basket = programme, basket
        self._sought = text
        self._kept: tuple[KeptReservation, ...] = ()
        self._then_recall = False
        self._looking = self._look_again = False
        self._at_work = False

    def compose_question(self) -> ComposeResult:
        yield SearchField(
            placeholder=_("Référence, nom ou téléphone ; ou scannez la réservation"),
            max_length=80,
            select_on_focus=False,
        )
        rows = Rows(markup=False, compact=True)
        rows.can_focus = False
        yield rows
        yield Static("", id="reservation-detail", markup=False)
        yield Static("", classes="dialog-wrong", markup=False)
        yield keys_line(
            ("enter", _("Entrée au panier")),
            ("asterisk", _("* partie")),
            ("tab", _("Tab modifier")),
            ("delete", _("Suppr annuler")),
            ("escape", _("Échap fermer")),
        )

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._look()
        self.set_interval(TICK_SECONDS, self._tick)

    def nothing(self) -> None:
        return None

    # -- finding

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._sought:
            self._sought = event.value
            self._look()

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        """Put the chosen one in the basket, once what was typed is found; a scan only shows what it is of."""
        event.stop()
        if read_code(event.value) is not None:
            self._sought = event.value
            with self.prevent(Input.Changed):
                event.input.value = ""
        else:
            self._then_recall = True
        self._look()

    @on(OptionList.OptionSelected)
    def clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_recall()

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_detail()

    def action_move(self, by: int) -> None:
        rows = self.query_one(Rows)
        if self._kept:
            rows.highlighted = min(max((rows.highlighted or 0) + by, 0), len(self._kept) - 1)

    def _look(self) -> None:
        """Look for what is typed, one search at a time however fast it is typed."""
        if self._looking:
            self._look_again = True
            return
        self._looking, self._look_again = True, False
        sought = self._sought

        def read() -> tuple[KeptReservation, ...]:
            with self._house.database.read() as session:
                return find_reservations(session, sought)

        def show(found: tuple[KeptReservation, ...]) -> None:
            self._looking = False
            if self._look_again:
                self._look()
            else:
                self._show(found)

        def refused(refusal: Refusal) -> None:
            self._looking = False
            self._refuse(refusal)

        errands.send(self, read, show, refused)

    def _show(self, found: tuple[KeptReservation, ...]) -> None:
        chosen = self._chosen
        self._kept = found
        rows, now = self.query_one(Rows), self._house.clock.now()
        with self.prevent(OptionList.OptionHighlighted):
            if found:
                rows.set_options([Option(reservation_row(kept, now, self._row_width)) for kept in found])
                places = [place for place, kept in enumerate(found) if chosen and kept.id == chosen.id]
                rows.highlighted = places[0] if places else 0
            else:
                said = _("Aucune réservation ne correspond.") if self._sought else _("Aucune réservation.")
                rows.set_options([Option(Content(said), disabled=True)])
        self._show_detail()
        if self._then_recall:
            self._then_recall = False
            self.action_recall()

    def _tick(self) -> None:
        """Each countdown goes on; what has expired or was changed elsewhere is read again."""
        now = self._house.clock.now()
        rows = self.query_one(Rows)
        for place, kept in enumerate(self._kept):
            rows.replace_option_prompt_at_index(place, reservation_row(kept, now, self._row_width))
        if any(kept.expires_at is not None and kept.expires_at < now for kept in self._kept):
            self._look()

    @property
    def _row_width(self) -> int:
        return min(self.app.size.width - EDGES, WIDEST_ROW)

    @property
    def _chosen(self) -> KeptReservation | None:
        place = self.query_one(Rows).highlighted
        return self._kept[place] if place is not None and place < len(self._kept) else None

    def _show_detail(self) -> None:
        kept = self._chosen
        shown = self.query_one("#reservation-detail", Static)
        shown.update("" if kept is None else detail_lines(kept, DETAIL_LINES))

    # -- into the basket

    def action_recall(self) -> None:
        """All that is held goes into the basket; of one that has expired, what it held."""
        kept = self._chosen
        if kept is None:
            return
        self._recall(kept, [(line, line.quantity) for line in kept.held or kept.lapsed])

    def action_part(self) -> None:
        kept = self._chosen
        if kept is None or not kept.held:
            self._nothing_held()
            return
        held = kept.held

        def answered(kinds: tuple[Kind, ...] | None) -> None:
            if kinds is not None:
                self._recall(kept, [(line, kind.count) for line, kind in zip(held, kinds, strict=True)])

        kinds = [reserved_kind(line, most=line.quantity) for line in held]
        title = _("{name} : combien de places encaisser ?").format(name=kept.name)
        self.app.push_screen(ChooseSeats(title, kinds), answered)

    def _recall(self, kept: KeptReservation, wanted: Sequence[tuple[ReservedLine, int]]) -> None:
        lines = []
        for line, quantity in wanted:
            made = seat_line_of(kept, line, quantity)
            if made is None:
                what = _("Le tarif {tariff} n'est plus proposé.").format(tariff=line.tariff_label)
                self._refuse(Refusal(what, _("Changez-le d'abord (Tab).")))
                return
            if quantity:
                lines.append(made)
        if lines:
            self.dismiss(Recall(kept, tuple(lines)))
        else:
            self._nothing_held()

    # -- changing

    def action_change(self) -> None:
        kept = self._chosen
        if kept is None or not kept.held:
            self._nothing_held()
            return
        offers = {row.id: self._programme.offers[row.price_list_id] for row in self._programme.screenings}
        kinds = [reserved_kind(line, offers=offers.get(line.screening_id, ())) for line in kept.held]
        title = _("{name} : quelles places retenir ?").format(name=kept.name)

        def answered(kinds: tuple[Kind, ...] | None) -> None:
            if kinds is not None:
                chosen = [SeatsWanted(kind.screening_id, kind.tariff_code, kind.count) for kind in kinds]
                self._change(kept, tuple(wish for wish in chosen if wish.quantity))

        dialog = ChooseSeats(title, kinds, changing=True, more=basket_kinds(self._basket, self._programme))
        self.app.push_screen(dialog, answered)

    def _change(self, kept: KeptReservation, seats: tuple[SeatsWanted, ...]) -> None:
        if not seats:
            self.action_cancel()
            return
        command = ChangeReservation(kept.id, seats, kept.held_positions)
        self._act(
            lambda: self._house.database.attempt(
                lambda session: reservations.change(session, command, self._desk, clock=self._house.clock)
            ),
            _("Réservation {reference} modifiée.").format(reference=kept.spoken_reference),
        )

    def action_cancel(self) -> None:
        kept = self._chosen
        if kept is None or not kept.held:
            self._nothing_held()
            return
        command = CancelReservation(kept.id)

        def answered(yes: bool | None) -> None:
            if yes:
                self._act(
                    lambda: self._house.database.attempt(
                        lambda session: reservations.cancel(
                            session, command, self._desk, clock=self._house.clock
                        )
                    ),
                    _("Réservation {reference} annulée.").format(reference=kept.spoken_reference),
                )

        count = sum(line.quantity for line in kept.held)
        question = _("Annuler la réservation de {name} ?").format(name=kept.name)
        detail = _("{seats} : remises en vente aussitôt.").format(seats=seats_words(count))
        self.app.push_screen(Confirm(question, detail), answered)

    def _act(self, act: Callable[[], Reserved], words: str) -> None:
        if self._at_work:
            return
        self._at_work = True

        def done(_reserved: Reserved) -> None:
            self._at_work = False
            self.query_one(".dialog-wrong", Static).update("")
            self.notify(words, markup=False, timeout=4)
            self._look()

        errands.send(self, act, done, self._refuse)

    def _nothing_held(self) -> None:
        self._refuse(Refusal(_("Cette réservation ne retient plus de place.")))

    def _refuse(self, refusal: Refusal) -> None:
        self._at_work = False
        self.query_one(".dialog-wrong", Static).update(str(refusal))
