"""Ending a shift: the drawer counted, the other means told if they were, differences answered for."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual import on
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.money import format_euros, parse_amount
from boxoffice.sales.closings.papers_of_closings import print_end_of_shift
from boxoffice.sales.means import CARD, CASH, CHEQUE
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.drawer import expected
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.permissions import may
from boxoffice.sales.staff.shift_closing import ShiftEnd, StillSelling, close_shift, differences, summed_of
from boxoffice.sales.staff.shifts import member_at
from boxoffice.sales.wording import reason_line

from . import errands
from .cash_count import Counted, count_drawer
from .closing_words import difference_words
from .dialogs import Confirm
from .manager_pin import Authorization
from .permitting import Act, ask_leave
from .short_form import Filled, Line, WorkingForm

if TYPE_CHECKING:
    from boxoffice.house import House

CLOSED_SECONDS = 15.0

End = Callable[[int | None, ShiftEnd, StaffMember | None], None]
"""Ends a shift with the cash counted in cents (None: nobody could), what is told, and who allows it."""


_COUNTED_HERE = {"cash": CASH.code, "card": CARD.code, "cheque": CHEQUE.code}
"""The lines that are counted, and the means that each is of."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A shift that was ended: the cash counted, None if nobody could, and what of it stays in the drawer."""

    counted_cents: int | None
    left_cents: int


class EndShift(WorkingForm[Ended]):
    """What is told at the end of a shift beside the cash, and how far all of it is from what is expected.

    `counted` None asks for the cash here too, and takes none: nobody can count the drawer any more. A drawer
    that is counted blind `tells` nothing of what it should hold.
    """

    DEFAULT_CSS = """
    EndShift #form-words { max-height: 4; }
    """

    def __init__(
        self,
        house: "House",
        shift_id: int,
        title: str,
        counted: Counted | None,
        end: End,
        *,
        allowed_by: StaffMember | None = None,
        reason: str = "",
        tells: bool = True,
    ) -> None:
        optional = _("facultatif")
        lines = [
            Line("card", _("Cartes bancaires"), is_amount=True, placeholder=optional),
            Line("cheque", _("Chèques"), is_amount=True, placeholder=optional),
            Line("deposit", _("À la banque"), is_amount=True, placeholder=_("pris du tiroir ; 0 sinon")),
            Line("reason", _("Motif d'un écart"), placeholder=_("sans aucun nom"), text=reason),
            Line("note", _("Pour la relève"), placeholder=_("ce que le suivant doit savoir"), longest=300),
        ]
        if counted is None:
            uncounted = _("rien : non compté")
            lines.insert(0, Line("cash", _("Espèces du tiroir"), is_amount=True, placeholder=uncounted))
            words = _("Comptez ce qui peut l'être ; ce qui ne l'est pas est dit sur le Z.")
        else:
            words = _("Tiroir compté : {total}.").format(total=format_euros(counted.cents))
        super().__init__(title, lines, words)
        self._house, self._shift_id, self._counted, self._end = house, shift_id, counted, end
        self._allowed_by, self._tells = allowed_by, tells
        self._wanted: Mapping[str, int] = {}

    def on_mount(self) -> None:
        super().on_mount()
        if self._counted is None:
            self.query_one("#field-reason", Input).focus()
        if self._tells:
            errands.send(self, self._read_expected, self._show_expected, self.say_wrong)

    def _read_expected(self) -> dict[str, int]:
        with self._house.database.read() as session:
            return expected(session, self._shift_id)

    def _show_expected(self, wanted: Mapping[str, int]) -> None:
        """Say in each line that is empty what is expected there, and above them what differs."""
        self._wanted = wanted
        for name, means in _COUNTED_HERE.items():
            for field in self.query(f"#field-{name}").results(Input):
                words = _("attendu : {total} ; rien : non compté")
                field.placeholder = words.format(total=format_euros(wanted[means]))
        self._show_differences()

    @on(Input.Changed)
    def counted_on(self, event: Input.Changed) -> None:
        event.stop()
        self._show_differences()

    def _show_differences(self) -> None:
        """Say how far each means that was counted is from what is expected, before anything is closed."""
        if not self._wanted:
            return
        typed = {
            means: cents for name, means in _COUNTED_HERE.items() if (cents := self._typed(name)) is not None
        }
        cash = self._counted.cents if self._counted else typed.get(CASH.code)
        totals = {means: cents for means, cents in typed.items() if means != CASH.code}
        far = {each.means: each.cents for each in differences(self._wanted, cash, totals)}
        counted = totals if cash is None else {CASH.code: cash, **totals}
        if counted:
            words = (difference_words(means, counted[means], far.get(means, 0)) for means in counted)
            self.query_one("#form-words", Static).update(Content("\n").join(words))

    def _typed(self, name: str) -> int | None:
        """An amount as it stands in its line; None while it means nothing."""
        for field in self.query(f"#field-{name}").results(Input):
            with suppress(ValueError):
                return parse_amount(field.value)
        return None

    def filled(self, form: Filled) -> None:
        typed = {CARD.code: form.cents["card"], CHEQUE.code: form.cents["cheque"]}
        end = ShiftEnd(
            pieces=self._counted.pieces if self._counted else {},
            totals=_told(typed),
            deposit_cents=form.cents["deposit"] or 0,
            reason=form.texts["reason"],
            note=form.texts["note"],
            seen=self._wanted,
        )
        cash = self._counted.cents if self._counted else form.cents["cash"]
        self._send(cash, end, self._allowed_by)

    def _send(self, cash: int | None, end: ShiftEnd, allowed_by: StaffMember | None) -> None:
        if self.is_busy:
            return
        self.at_work = True

        def done(_ended: None) -> None:
            self.dismiss(Ended(cash, (cash or 0) - end.deposit_cents))

        def refused(refusal: Refusal) -> None:
            self.at_work = False
            if isinstance(refusal, ManagerNeeded):
                self._ask_manager(cash, end, refusal)
            elif isinstance(refusal, StillSelling):
                self.say_wrong(refusal)
                if self._tells:
                    self._show_expected(refusal.expected)
            else:
                self.say_wrong(refusal)
                self._go_to_what_is_missing(cash, end)

        order = errands.and_print(self._house, lambda: self._end(cash, end, allowed_by))
        errands.send(self, order, done, refused)

    def _go_to_what_is_missing(self, cash: int | None, end: ShiftEnd) -> None:
        """Stand on the line that most likely was refused; a PIN typed for a reason is seen no longer."""
        if end.deposit_cents > (cash or 0):
            self.query_one("#field-deposit", Input).focus()
        elif not _is_told(end.reason):
            self.query_one("#field-reason", Input).clear()
            self.query_one("#field-reason", Input).focus()

    def _ask_manager(self, cash: int | None, end: ShiftEnd, refusal: Refusal) -> None:
        """Have a manager answer for a difference; their reason counts if none was written."""

        def allowed(leave: Authorization) -> None:
            answered = replace(end, reason=end.reason or leave.reason)
            if self._tells:
                self._send(cash, answered, leave.manager)
            else:
                self._tell_manager(cash, answered, leave.manager)

        act = Act(JournalKind.TILL_CLOSED, self.title_text, ask_reason=not end.reason)
        ask_leave(self, self._house, act, refusal, allowed, self.say_wrong)

    def _tell_manager(self, cash: int | None, end: ShiftEnd, manager: StaffMember) -> None:
        """Say to whom answers for a count made blind how far it is; what they refuse is counted again."""

        def read() -> tuple[dict[str, int], str]:
            with self._house.database.read() as session:
                summed = summed_of(session, self._house.post, self._shift_id, cash)
                return expected(session, self._shift_id), summed

        def tell(found: tuple[Mapping[str, int], str]) -> None:
            self.at_work = False
            wanted, summed = found
            far = {each.means: each.cents for each in differences(wanted, cash, end.totals)}
            words = [
                difference_words(means, cents, far.get(means, 0)).plain
                for means, cents in {CASH.code: cash, **end.totals}.items()
                if cents is not None
            ]
            words += [summed] if summed else []
            question = _("{name} répond de cet écart ?") if far else _("{name} répond de ce comptage ?")
            question = question.format(name=manager.name)
            yes, no = _("Fermer la session"), _("Recompter")
            told = replace(end, seen=wanted)
            self.app.push_screen(
                Confirm(question, "\n".join(words), yes=yes, no=no),
                lambda yes: self._send(cash, told, manager) if yes else None,
            )

        def refused(refusal: Refusal) -> None:
            self.at_work = False
            self.say_wrong(refusal)

        self.at_work = True
        errands.send(self, read, tell, refused)


def _is_told(reason: str) -> bool:
    """Whether a reason is one: not nothing, nor a PIN."""
    try:
        return bool(reason_line(reason))
    except Refusal:
        return False


def title_of(till: int, operator_name: str) -> str:
    """What the form that ends a shift is called: one operator may have a shift at several tills."""
    return _("Caisse {till} : fermer la session de {name}").format(till=till, name=operator_name)


def end_shift(
    screen: Screen[Any],
    house: "House",
    shift_id: int,
    operator_name: str,
    end: End,
    ended: Callable[[Ended], None],
    refused: Callable[[Refusal], None],
    member: StaffMember,
    *,
    allowed_by: StaffMember | None = None,
    till: int | None = None,
) -> None:
    """Have the drawer of a shift counted over `screen`, then the shift ended with what is told of it.

    `till` is the number of its till, where that is not the one of this house.

    Escape goes back to the count, as it was typed. Where drawers are counted blind, what is expected is told
    to a `member` who may answer for a difference, and to nobody else; they may go on where nobody can count.
    """
    title = title_of(till or house.post.till_number, operator_name)

    def read() -> bool:
        with house.database.read() as session:
            return may(session, Action.ANSWER_DIFFERENCE, member.id)

    def begin(answers: bool) -> None:
        tells = answers or not house.post.rules.blind_count

        def count(before: Counted | None) -> None:
            uncounted = (lambda: tell(None)) if answers else None
            count_drawer(
                screen,
                house,
                title,
                shift_id,
                tell,
                refused,
                before=before,
                uncounted=uncounted,
                asks_if_far=tells,
            )

        def tell(found: Counted | None) -> None:
            def answered(answer: Ended | None) -> None:
                if answer is None:
                    count(found)
                else:
                    ended(answer)

            form = EndShift(house, shift_id, title, found, end, allowed_by=allowed_by, tells=tells)
            screen.app.push_screen(form, answered)

        count(None)

    errands.ask(screen, read, begin, refused)


def closing_of_shift(house: "House", member: StaffMember, shift_id: int) -> End:
    """Close a shift of this till by `member`, and order the papers that whoever comes next needs."""

    def close(cash: int | None, end: ShiftEnd, allowed_by: StaffMember | None) -> None:
        with house.database.write() as session:
            close_shift(
                session,
                house.post,
                member,
                shift_id,
                cash,
                clock=house.clock,
                authorized_by=allowed_by,
                end=end,
            )
            print_end_of_shift(session, house.post, shift_id, end, clock=house.clock)

    return close


def close_own_shift(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    closed: Callable[[], object],
    refused: Callable[[Refusal], None],
) -> None:
    """Have the operator count the drawer over `screen`, and close their shift with what they found."""

    def left(ended: Ended) -> None:
        words = _("Session de {name} fermée : {total} dans le tiroir.")
        said = words.format(name=desk.operator_name, total=format_euros(ended.left_cents))
        screen.app.notify(said, markup=False, timeout=CLOSED_SECONDS)
        closed()

    member = member_at(desk)
    end = closing_of_shift(house, member, desk.till_session_id)
    end_shift(screen, house, desk.till_session_id, desk.operator_name, end, left, refused, member)


def _told(typed: Mapping[str, int | None]) -> dict[str, int]:
    return {means: cents for means, cents in typed.items() if cents is not None}
