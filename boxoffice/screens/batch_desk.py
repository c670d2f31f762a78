"""Batches of badges as the badge desk handles them: ordered, held back, let go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.language import _, plural
from boxoffice.sales.holders import badge_batches
from boxoffice.sales.holders.badge_batches import BatchProgress, OrderBatch
from boxoffice.sales.holders.badge_selection import BadgeSelection, count_badges, count_unprinted
from boxoffice.sales.staff import equipment
from boxoffice.sales.staff.desk import PrintingDesk
from boxoffice.sales.staff.equipment import PrinterRow

from . import errands
from .choosing import Choose, Thing
from .dialogs import Confirm

if TYPE_CHECKING:
    from boxoffice.house import House


@dataclass(frozen=True, slots=True)
class Offered:
    """A selection that has badges to print: what it is called, and how many."""

    label: str
    selection: BadgeSelection
    count: int


class BatchDesk:
    """Orders and holds back batches for a screen, which is told what to say, or why nothing is done."""

    def __init__(
        self,
        screen: Screen[Any],
        house: "House",
        desk: PrintingDesk,
        say: Callable[[str], None],
        refused: Callable[[Refusal], None],
    ) -> None:
        self._screen, self._house, self._desk = screen, house, desk
        self._say, self._refused = say, refused

    def offer(self, words: str) -> None:
        """Offer the selections that somebody has no badge of yet; `words` are what is being looked for."""

        def read() -> list[Offered]:
            with self._house.database.read() as session:
                online = BadgeSelection(sold_online=True, unprinted=True)
                offers = [Offered(badge_batches.SOLD_ONLINE, online, count_badges(session, online))]
                if words:
                    found = BadgeSelection(words=words, unprinted=True)
                    offers.append(Offered(badge_batches.FOUND, found, count_badges(session, found)))
                for row in count_unprinted(session):
                    of_product = BadgeSelection(product_id=row.product_id, unprinted=True)
                    offers.append(Offered(row.label, of_product, row.count))
                return [offered for offered in offers if offered.count]

        errands.send(self._screen, read, self._choose, self._refused)

    def _choose(self, offers: list[Offered]) -> None:
        if not offers:
            self._refused(Refusal(_("Tous les pass et accréditations ont déjà leur badge.")))
            return

        def chosen(place: int | None) -> None:
            if place is not None:
                self._order(offers[place])

        things = [
            Thing(
                _(offered.label),
                end=plural("{count} badge", "{count} badges", offered.count).format(count=offered.count),
            )
            for offered in offers
        ]
        question = Choose(_("Imprimer les badges que personne n'a encore :"), things)
        self._screen.app.push_screen(question, chosen)

    def _order(self, offered: Offered) -> None:
        command = OrderBatch(uuid4(), offered.selection, offered.label)

        def order() -> BatchProgress:
            batch = self._house.database.attempt(
                lambda session: badge_batches.order_batch(
                    session, self._desk, command, clock=self._house.clock
                )
            )
            self._house.wake_printers()
            return batch

        def ordered(batch: BatchProgress) -> None:
            said = plural("{count} badge demandé.", "{count} badges demandés.", batch.total)
            self._say(said.format(count=batch.total))

        errands.send(self._screen, order, ordered, self._refused)

    def turn(self, running: Sequence[BatchProgress], turned: Callable[[], None]) -> None:
        """Hold the batch that runs back, or let it go on; if there are several, ask which."""
        if not running:
            self._refused(Refusal(_("Aucune série n'est en cours.")))
            return
        if len(running) == 1:
            self._turn(running[0], turned)
            return

        def chosen(place: int | None) -> None:
            if place is not None:
                self._turn(running[place], turned)

        things = [
            Thing(batch.label, end=_("reprendre") if batch.paused else _("mettre en pause"))
            for batch in running
        ]
        self._screen.app.push_screen(Choose(_("Quelle série ?"), things), chosen)

    def send_elsewhere(self, running: Sequence[BatchProgress], sent: Callable[[], None]) -> None:
        """Give what waits of the batch that runs, or of the latest, to another printer."""
        if not running:
            self._refused(Refusal(_("Aucune série n'est en cours.")))
            return
        batch = running[0]

        def read() -> tuple[PrinterRow, ...]:
            with self._house.database.read() as session:
                return equipment.list_printers(session)

        def ask(printers: tuple[PrinterRow, ...]) -> None:
            def chosen(place: int | None) -> None:
                if place is not None:
                    errands.send(
                        self._screen, lambda: self._send(batch, printers[place]), tell, self._refused
                    )

            question = _("{label} : à quelle imprimante ?").format(label=batch.label)
            things = [Thing(printer.name) for printer in printers]
            self._screen.app.push_screen(Choose(question, things), chosen)

        def tell(count: int) -> None:
            said = plural(
                "{count} badge change d'imprimante.", "{count} badges changent d'imprimante.", count
            )
            self._say(said.format(count=count))
            sent()

        errands.send(self._screen, read, ask, self._refused)

    def give_up(self, running: Sequence[BatchProgress], done: Callable[[], None]) -> None:
        """Give up the batch that runs, or the latest, once that is confirmed; what was sent stays sent."""
        if not running:
            self._refused(Refusal(_("Aucune série n'est en cours.")))
            return
        batch = running[0]

        def answered(yes: bool | None) -> None:
            if yes:
                errands.send(self._screen, lambda: self._give_up(batch), tell, self._refused)

        def tell(count: int) -> None:
            said = plural("{count} badge abandonné.", "{count} badges abandonnés.", count)
            self._say(said.format(count=count))
            done()

        detail = plural(
            "{count} badge ne sortira pas ; une autre série pourra le reprendre.",
            "{count} badges ne sortiront pas ; une autre série pourra les reprendre.",
            batch.waiting,
        ).format(count=batch.waiting)
        question = _("Abandonner la série « {label} » ?").format(label=batch.label)
        confirm = Confirm(question, detail, yes=_("Abandonner"), no=_("Continuer"))
        self._screen.app.push_screen(confirm, answered)

    def _give_up(self, batch: BatchProgress) -> int:
        count = self._house.database.attempt(
            lambda session: badge_batches.give_up(session, self._desk, batch.id, clock=self._house.clock)
        )
        self._house.wake_printers()
        return count

    def _send(self, batch: BatchProgress, printer: PrinterRow) -> int:
        count = self._house.database.attempt(
            lambda session: badge_batches.send_elsewhere(
                session, self._desk, batch.id, printer.id, clock=self._house.clock
            )
        )
        self._house.wake_printers()
        return count

    def _turn(self, batch: BatchProgress, turned: Callable[[], None]) -> None:
        change = badge_batches.resume if batch.paused else badge_batches.pause

        def act() -> None:
            self._house.database.attempt(lambda session: change(session, self._desk, batch.id))
            self._house.wake_printers()

        errands.send(self._screen, act, lambda _done: turned(), self._refused)
