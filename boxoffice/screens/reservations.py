"""The open e-reservations: found as one types, put in the basket by one key, in part, changed, given up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from boxoffice.errors import Refusal
from boxoffice.language import _, later, plural
from boxoffice.sales.basket import Basket, SeatLine
from boxoffice.sales.people.opened_lists import PeopleList
from boxoffice.sales.reserving import reservations
from boxoffice.sales.reserving.reservable import SeatsWanted
from boxoffice.sales.reserving.reservation_listing import KeptReservation, ReservedLine, find_reservations
from boxoffice.sales.reserving.reservations import CancelReservation, ChangeReservation, Reserved
from boxoffice.sales.screenings.programme import Programme
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.wording import ONE_LINE

from . import errands
from .dialogs import Confirm
from .opened_lists import tell_opened
from .reservation_printing import print_reservation
from .reservation_words import (
    detail_lines,
    reservation_row,
    seat_line_of,
    seats_words,
)
from .rows import Rows
from .searching import SearchDialog
from .seat_choice import ChooseSeats, Kind, basket_kinds, reserved_kind

if TYPE_CHECKING:
    from boxoffice.house import House

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


class ReservationsScreen(SearchDialog[Recall | None, KeptReservation]):
    """Reservations, the first to expire first; Enter puts the chosen one in the basket."""

    HELP = later(
        "Tapez une référence, un nom ou un téléphone, ou scannez la réservation. Entrée la met au panier, où "
        "elle s'encaisse comme une vente ; * n'en met qu'une partie, Tab la modifie, Suppr l'annule."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
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
        Binding(
            "f12,ctrl+o",
            "print",
            later("Imprimer"),
            id="reservations.print",
            tooltip=later("Imprime la réservation pour le client : référence, code, places et heure limite"),
        ),
        Binding("f5", "leave", later("Fermer"), id="reservations.leave", tooltip=later("Ferme la liste")),
    ]
    SCANS_ONLY_SHOW = True
    DEFAULT_CSS = """
    ReservationsScreen {
        .dialog { padding: 0 2; }
        #search-panes { layout: vertical; }
        #search-found { height: 1fr; width: 100%; }
        #search-chosen { width: 100%; height: auto; min-height: 3; margin-top: 1; padding-left: 0; }
        .dialog-title { margin-bottom: 0; }
        .dialog-wrong { margin-top: 0; }
        .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(
        self, house: "House", desk: Desk, programme: Programme, basket: Basket, text: str = ""
    ) -> None:
        """`text` is looked for at once; the seats of `basket` may be added to a reservation."""
        placeholder = _("Référence, nom ou téléphone ; ou scannez la réservation")
        super().__init__(house, _("Réservations"), placeholder, text)
        self._desk, self._programme, self._basket = desk, programme, basket
        self._at_work = False

    def field(self) -> SearchField:
        return SearchField(
            placeholder=self._placeholder, max_length=80, restrict=ONE_LINE, select_on_focus=False
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        return (
            ("enter", _("Entrée au panier")),
            ("asterisk", _("* partie")),
            ("tab", _("Tab modifier")),
            ("delete", _("Suppr annuler")),
            ("f12", _("F12 imprimer")),
            ("escape", _("Échap fermer")),
        )

    def on_mount(self) -> None:
        tell_opened(self, self._house, self._desk, PeopleList.RESERVATIONS)
        self.set_interval(TICK_SECONDS, self._tick)

    def nothing(self) -> None:
        return None

    # -- finding

    def look_for(self, text: str) -> tuple[KeptReservation, ...]:
        with self._house.database.read() as session:
            return find_reservations(session, text)

    def row(self, found: KeptReservation) -> Content:
        return reservation_row(found, self._house.clock.now(), min(self.app.size.width - EDGES, WIDEST_ROW))

    def about(self, chosen: KeptReservation | None) -> Content | str:
        if chosen is not None:
            return detail_lines(chosen, DETAIL_LINES)
        return _("Aucune réservation ne correspond.") if self._sought else _("Aucune réservation.")

    def act(self) -> None:
        """All that is held goes into the basket; of one that has expired, what it held."""
        kept = self.chosen
        if kept is not None:
            self._recall(kept, [(line, line.quantity) for line in kept.held or kept.lapsed])

    def _tick(self) -> None:
        """Each countdown goes on; what has expired is read again."""
        now = self._house.clock.now()
        rows = self.query_one(Rows)
        for place, kept in enumerate(self._found):
            rows.replace_option_prompt_at_index(place, self.row(kept))
        if any(kept.expires_at is not None and kept.expires_at < now for kept in self._found):
            self.look()

    # -- into the basket

    def action_part(self) -> None:
        kept = self.chosen
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
        kept = self.chosen
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
        kept = self.chosen
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
        detail = plural(
            "{seats} : remise en vente aussitôt.", "{seats} : remises en vente aussitôt.", count
        ).format(seats=seats_words(count))
        self.app.push_screen(Confirm(question, detail), answered)

    def action_print(self) -> None:
        kept = self.chosen
        if kept is None or not kept.held:
            self._nothing_held()
            return
        print_reservation(self, self._house, self._desk, kept.reference, self._refuse)

    def _act(self, act: Callable[[], Reserved], words: str) -> None:
        if self._at_work:
            return
        self._at_work = True

        def done(_reserved: Reserved) -> None:
            self._at_work = False
            self.say_wrong()
            self.say_done(words)
            self.look()

        errands.send(self, act, done, self._refuse)

    def _nothing_held(self) -> None:
        self._refuse(Refusal(_("Cette réservation ne retient plus de place.")))

    def changed_elsewhere(self) -> None:
        self.look()

    def _refuse(self, refusal: Refusal) -> None:
        """Say what cannot be, and show the reservations as they are by now."""
        self._at_work = False
        self.say_wrong(refusal)
        self.look()
