"""The accounts of a customer: their balance and their points, with all that happened to them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static
from textual.widgets.option_list import Option

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, JournalKind, StoredValueKind
from boxoffice.language import _, later, plural
from boxoffice.money import format_amount, format_euros, parse_amount
from boxoffice.sales.people.customers import FoundCustomer
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.vouchers import balances, loyalty
from boxoffice.sales.vouchers.balances import Balance, CorrectBalance, LedgerRow
from boxoffice.sales.vouchers.loyalty import Loyalty
from boxoffice.sales.vouchers.place_cards import CardState

from . import errands
from .asking import AskLine
from .card_words import ledger_row
from .choosing import Choose, Thing
from .dialogs import Dialog
from .giving_places import give_place, places_due
from .manager_pin import Authorization
from .permitting import Act, ask_leave, left_to_role
from .rows import Rows

if TYPE_CHECKING:
    from boxoffice.house import House

BOX, AROUND_ROWS = 84, 6
LONGEST_AMOUNT = 10

Account = TypeVar("Account")
Done = TypeVar("Done")


class AskCents(AskLine[int]):
    """An amount in euros; the answer is cents."""

    DIGITS = True

    def __init__(self, question: str, cents: int) -> None:
        super().__init__(
            question, format_amount(cents), longest=LONGEST_AMOUNT, restrict=r"[\d\s.,\u00a0\u202f]*"
        )

    def read(self, text: str) -> int:
        try:
            return parse_amount(text)
        except ValueError:
            raise Refusal(_("Tapez un montant, comme 12,50.")) from None


class LedgerScreen(Dialog[None], Generic[Account]):
    """An account and its movements, the latest first.

    An account says how it is read in `read`, what is left in `left`, and its keys in `keys`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", later("Monter"), id="ledger.up", tooltip=later("Le mouvement au-dessus")),
        Binding(
            "down", "move(1)", later("Descendre"), id="ledger.down", tooltip=later("Le mouvement en dessous")
        ),
    ]
    DEFAULT_CSS = """
    LedgerScreen {
        align: left middle;
        .dialog { width: 84; max-width: 100%; height: 100%; padding: 0 1; }
        .dialog-title { margin-bottom: 0; }
        #ledger-left { text-style: bold; height: auto; color: $text-accent; }
        Rows { height: 1fr; margin-top: 1; scrollbar-size-vertical: 1; }
        Rows > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
        .dialog-wrong { margin-top: 0; }
        .dialog-keys { margin-top: 0; }
    }
    """
    KIND: ClassVar[StoredValueKind]

    def __init__(self, house: "House", desk: Desk, customer: FoundCustomer) -> None:
        super().__init__()
        self._house, self._desk, self._customer = house, desk, customer
        self._account: Account | None = None
        self._at_work = False

    def compose_question(self) -> ComposeResult:
        yield Static("", id="ledger-left", markup=False)
        rows = Rows(markup=False, compact=True)
        rows.can_focus = False
        yield rows
        yield from self.foot(*self.keys(), ("escape", _("Échap fermer")))

    def on_mount(self) -> None:
        self._read_again()

    def nothing(self) -> None:
        return None

    def read(self) -> tuple[Account, tuple[LedgerRow, ...]]:
        """The account and its movements; called away from the screen."""
        raise NotImplementedError

    def left(self, account: Account) -> str:
        """What there is on it, in a sentence."""
        raise NotImplementedError

    def keys(self) -> tuple[tuple[str, str], ...]:
        """The keys told at the foot."""
        raise NotImplementedError

    def action_move(self, by: int) -> None:
        rows = self.query_one(Rows)
        if rows.option_count:
            rows.highlighted = min(max((rows.highlighted or 0) + by, 0), rows.option_count - 1)

    def _read_again(self) -> None:
        errands.send(self, self.read, self._show, self._refuse)

    def _show(self, answer: tuple[Account, tuple[LedgerRow, ...]]) -> None:
        self._account, ledger = answer
        self.query_one("#ledger-left", Static).update(self.left(self._account))
        room = max(min(BOX, self.app.size.width) - AROUND_ROWS, 40)
        rows = self.query_one(Rows)
        rows.set_options([Option(ledger_row(row, self.KIND, room)) for row in ledger])
        rows.highlighted = 0 if ledger else None

    def _do(
        self,
        work: Callable[[], Done],
        then: Callable[[Done], None],
        again: Callable[[Refusal], None] | None = None,
    ) -> None:
        """Do one thing at a time, and show what it left; `again` is told where a manager is needed."""
        if self._at_work:
            return
        self._at_work = True

        def done(answer: Done) -> None:
            self._at_work = False
            self.say_wrong()
            then(answer)
            self._read_again()

        def refused(refusal: Refusal) -> None:
            self._at_work = False
            if isinstance(refusal, ManagerNeeded) and again is not None:
                again(refusal)
            else:
                self._refuse(refusal)

        errands.send(self, work, done, refused)

    def unlock(self) -> None:
        self._at_work = False

    def _refuse(self, refusal: Refusal) -> None:
        self.say_wrong(refusal)


class BalanceScreen(LedgerScreen[Balance]):
    """The balance of a customer; a manager corrects it for a reason."""

    HELP = later(
        "Le solde du client : ce que ses avoirs ont apporté, ce qu'il a dépensé, ce qui a été corrigé. "
        "C le corrige : un responsable tape un motif et son code. S au règlement le dépense."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "c",
            "correct",
            later("Corriger"),
            id="ledger.correct",
            tooltip=later("Corrige le solde ; un responsable en répond par un motif"),
        ),
    ]
    KIND = StoredValueKind.BALANCE

    def __init__(self, house: "House", desk: Desk, customer: FoundCustomer) -> None:
        super().__init__(house, desk, customer)
        self.title_text = _("Solde de {name}").format(name=customer.details.name)

    def read(self) -> tuple[Balance, tuple[LedgerRow, ...]]:
        with self._house.database.read() as session:
            balance = balances.read_balance(session, self._customer.id)
            return balance, balances.read_ledger(session, balance.value_id)

    def left(self, account: Balance) -> str:
        return _("Reste {left} à dépenser.").format(left=format_euros(account.cents))

    def keys(self) -> tuple[tuple[str, str], ...]:
        return (("c", _("C corriger")),)

    def action_correct(self) -> None:
        """Ask for what the balance should be, then for a manager and their reason."""
        balance = self._account
        if balance is None:
            return

        def typed(cents: int | None) -> None:
            if cents is None or cents == balance.cents:
                return
            needed = Refusal(
                _("Solde de {name} : {before} → {after}.").format(
                    name=balance.customer_name,
                    before=format_euros(balance.cents),
                    after=format_euros(cents),
                ),
                _("Un responsable en répond : son motif et son code."),
            )
            act = Act(
                f"{JournalKind.VALUE_CORRECTED} {balance.value_id}",
                ask_reason=True,
                left_to=left_to_role(self._desk, Action.CORRECT_BALANCE),
            )
            ask_leave(
                self,
                self._house,
                act,
                needed,
                lambda leave: self._correct(balance, cents, leave),
                self._refuse,
            )

        question = _("Combien doit-il y avoir sur le solde de {name} ?").format(name=balance.customer_name)
        self.app.push_screen(AskCents(question, balance.cents), typed)

    def _correct(self, balance: Balance, cents: int, leave: Authorization) -> None:
        command = CorrectBalance(
            balance.customer_id, balance.cents, cents, leave.reason, authorized_by=leave.manager.id
        )

        def correct() -> Balance:
            with self._house.database.write() as session:
                return balances.correct(session, command, self._desk, clock=self._house.clock)

        def said(_corrected: Balance) -> None:
            self.notify(_("Solde corrigé."), markup=False, timeout=4)

        self._do(correct, said)


class PointsScreen(LedgerScreen[Loyalty]):
    """The points of a customer, and the places that they give for them."""

    HELP = later(
        "Les points du client : gagnés à chaque achat à son nom, repris quand une vente est annulée. G les "
        "échange contre une place, rangée dans son portefeuille, et donne celle de son anniversaire."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "g",
            "reward",
            later("Cadeau"),
            id="ledger.reward",
            tooltip=later("Échange des points contre une place, ou donne celle de l'anniversaire"),
        ),
    ]
    KIND = StoredValueKind.POINTS

    def __init__(self, house: "House", desk: Desk, customer: FoundCustomer) -> None:
        super().__init__(house, desk, customer)
        self.title_text = _("Points de {name}").format(name=customer.details.name)

    def read(self) -> tuple[Loyalty, tuple[LedgerRow, ...]]:
        with self._house.database.read() as session:
            account = loyalty.read_loyalty(session, self._customer.id, clock=self._house.clock)
            return account, balances.read_ledger(session, account.value_id)

    def left(self, account: Loyalty) -> str:
        points = plural("{count} point.", "{count} points.", account.points).format(count=account.points)
        offers = [
            _("{label} : {points} points").format(label=reward.label, points=reward.points)
            if not reward.missing
            else _("{label} : encore {missing}").format(label=reward.label, missing=reward.missing)
            for reward in account.rewards
        ]
        offers += [_("{label} : offerte").format(label=label) for _id, label in account.birthday]
        return " ".join([points, " · ".join(offers)])

    def keys(self) -> tuple[tuple[str, str], ...]:
        return (("g", _("G échanger des points")),)

    def action_reward(self) -> None:
        account = self._account
        if account is None:
            return
        due = places_due(account)
        if not due:
            self._refuse(Refusal(_("Aucune place n'est encore gagnée."), _("Il faut plus de points.")))
            return

        def chosen(place: int | None) -> None:
            if place is not None:
                self._do(
                    partial(give_place, self._house, self._desk, self._customer.id, due[place]), self._tell
                )

        title = _("Quelle place donner à {name} ?").format(name=self._customer.details.name)
        things = [
            Thing(each.label, end=_("{points} points").format(points=each.points))
            if each.points
            else Thing(each.label, _("pour son anniversaire"))
            for each in due
        ]
        self.app.push_screen(Choose(title, things), chosen)

    def _tell(self, _card: CardState) -> None:
        self.notify(_("Place rangée dans le portefeuille du client."), markup=False, timeout=5)


LEDGERS: Mapping[StoredValueKind, type[BalanceScreen | PointsScreen]] = {
    BalanceScreen.KIND: BalanceScreen,
    PointsScreen.KIND: PointsScreen,
}
"""The screen of each account that a customer has one of."""
