"""Lengthening a card: until which day, then a manager and why; it pays again what had run out with it."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.sales.people.customer_details import read_day
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.vouchers.card_care import LengthenCard
from boxoffice.sales.vouchers.card_view import CardView

from .asking import AskLine
from .manager_pin import Authorization
from .permitting import Act, ask_leave, left_to_role

if TYPE_CHECKING:
    from boxoffice.house import House


class AskDay(AskLine[date]):
    """A day, typed as `25/03/2027`."""

    DIGITS = True

    def __init__(self, question: str) -> None:
        super().__init__(question, placeholder=_("jour/mois/année"), longest=10, restrict=r"[\d/. -]*")

    def read(self, text: str) -> date:
        try:
            day = read_day(text)
        except ValueError:
            day = None
        if day is None:
            raise Refusal(_("Écrivez jour/mois/année : 25/03/2027."))
        return day


def ask_lengthening(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    card: CardView,
    then: Callable[[LengthenCard], None],
    refused: Callable[[Refusal], None],
) -> None:
    """Ask until which day a card is to serve, and for a manager and their reason; `then` does it."""
    if card.valid_until is None:
        refused(Refusal(_("Cette carte est sans date de fin : il n'y a rien à prolonger.")))
        return
    former = card.valid_until

    def typed(until: date | None) -> None:
        if until is None:
            return

        def allowed(leave: Authorization) -> None:
            then(LengthenCard(card.value_id, former, until, leave.reason, authorized_by=leave.manager.id))

        question = Refusal(
            _("{label} {code} : {former} → {until}.").format(
                label=card.label, code=card.masked, former=_day(former), until=_day(until)
            ),
            _("Un responsable en répond : son code et son motif."),
        )
        act = Act(
            f"{JournalKind.VALUE_LENGTHENED} {card.masked}",
            ask_reason=True,
            left_to=left_to_role(desk, Action.LENGTHEN_CARD),
        )
        ask_leave(screen, house, act, question, allowed, refused)

    question = _("Valable jusqu'au {day}. Prolonger jusqu'au ?").format(day=_day(former))
    screen.app.push_screen(AskDay(question), typed)


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
