"""What closes a till, a day, a month or a year over a screen, each asked for by one word."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.kinds import ClosingPeriod
from boxoffice.language import _
from boxoffice.sales.closings.outcomes import Made
from boxoffice.sales.closings.period_closing import ClosePeriod, close_period
from boxoffice.sales.closings.state import ClosingState, TillState, read_state
from boxoffice.sales.closings.till_closing import CloseTill, close_till
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.shift_closing import NOTHING_TOLD, ShiftEnd
from boxoffice.sales.staff.standing import day_words

from . import errands
from .closing_words import period_name
from .dialogs import Confirm, RefusalDialog
from .shift_ending import Ended, EndShift, end_shift, title_of

if TYPE_CHECKING:
    from boxoffice.house import House


def begin_till(
    screen: Screen[Any],
    house: "House",
    till: TillState,
    closing_id: UUID,
    manager: StaffMember,
    made: Callable[[Made], None],
    at_work: Callable[[bool], None],
) -> None:
    """Close a till over `screen`: its drawer counted if a shift is open there, else at a word.

    The drawer of a day gone by is only counted if it still can be. `at_work` is told when its Z begins to be
    made with nothing over `screen`, and when it was refused.
    """
    answer, shift = list[Made](), till.shift

    def close(cash: int | None, end: ShiftEnd, allowed_by: StaffMember | None) -> None:
        command, answers = CloseTill(closing_id, till.till_id, cash, end), allowed_by or manager
        answer[:] = [
            house.database.attempt(
                lambda session: close_till(session, command, house.post, answers, clock=house.clock)
            )
        ]
        house.wake_printers()

    def ended(_ended: Ended | None) -> None:
        if answer:
            made(answer[0])

    def confirmed(yes: bool | None) -> None:
        if yes:
            at_work(True)
            errands.send(screen, lambda: close(None, NOTHING_TOLD, None), ended, refused)

    def refused(refusal: Refusal) -> None:
        at_work(False)
        screen.app.push_screen(RefusalDialog(refusal))

    if shift is None:
        question = _("Clore la caisse {till} ?").format(till=till.till)
        detail = _("Son Z est numéroté, signé et imprimé.")
        screen.app.push_screen(Confirm(question, detail, considered=True), confirmed)
    elif till.is_late:
        title, reason = title_of(till.till, shift.operator_name), _("Journée oubliée")
        screen.app.push_screen(EndShift(house, shift.id, title, None, close, reason=reason), ended)
    else:
        end_shift(
            screen,
            house,
            shift.id,
            shift.operator_name,
            close,
            ended,
            refused,
            manager,
            allowed_by=manager,
            till=till.till,
        )


def close_the_period(house: "House", command: ClosePeriod, manager: StaffMember) -> Made:
    """Close a day, month or year, and have a backup begun; called away from the screen."""
    made = house.database.attempt(
        lambda session: close_period(session, command, house.post, manager, clock=house.clock)
    )
    house.wake_printers()
    house.back_up_at_closing()
    return made


def ask_about_period(
    screen: Screen[Any],
    house: "House",
    question: str,
    last_day: date,
    today: date,
    confirmed: Callable[[], None],
    answering: StaffMember | None = None,
) -> None:
    """Ask whether a period is to be closed, say what can be done no more, and who is `answering` for it."""
    if last_day == today:
        hour = f"{house.post.rules.business_day_starts:%H:%M}"
        detail = _(
            "Avant {hour}, une caisse n'ouvrira que par un responsable. Le Z est numéroté, signé et imprimé."
        ).format(hour=hour)
    else:
        detail = _("Plus rien ne s'y vendra. Son Z est numéroté, signé et imprimé.")
    if answering is not None:
        detail += " " + _("{name} en répond.").format(name=answering.name)
    ask = Confirm(question, detail, considered=True)
    screen.app.push_screen(ask, lambda yes: confirmed() if yes else None)


def begin_period(
    screen: Screen[Any],
    house: "House",
    period: ClosingPeriod,
    last_day: date,
    today: date,
    confirmed: Callable[[], None],
) -> None:
    """Ask whether a day, month or year is to be closed."""
    question = _("Clore {period} ?").format(period=period_name(period, last_day))
    ask_about_period(screen, house, question, last_day, today, confirmed)


def offer_day(
    screen: Screen[Any],
    house: "House",
    state: ClosingState,
    confirmed: Callable[[date], None],
    answering: StaffMember | None = None,
) -> None:
    """Once the last till of a day is closed, ask whether that day is to be closed at once.

    A manager who is `answering` for it already is named.
    """
    day = state.day
    if day is None or state.stops:
        return
    question = _("Toutes les caisses sont closes. Clore aussi la journée du {day} ?").format(
        day=day_words(day)
    )
    ask_about_period(screen, house, question, day, state.today, lambda: confirmed(day), answering)


def offer_day_after(
    screen: Screen[Any],
    house: "House",
    manager: StaffMember,
    made: Callable[[Made], None],
    refused: Callable[[Refusal], None],
    at_work: Callable[[bool], None],
) -> None:
    """Look how far the closing has come, and offer what is left of a day that is over.

    `at_work` is told when that day begins to be closed: until `made` or `refused` is called.
    """
    closing_id: UUID = uuid4()

    def read() -> ClosingState:
        with house.database.read() as session:
            return read_state(session, house.post.rules, clock=house.clock)

    def close(day: date) -> None:
        command = ClosePeriod(closing_id, ClosingPeriod.DAY, day)
        at_work(True)
        errands.send(screen, lambda: close_the_period(house, command, manager), made, refused)

    errands.send(screen, read, lambda state: offer_day(screen, house, state, close, manager), refused)
