"""The accounts that entries are written to: settings, each with the number that most accountants give it."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from sqlmodel import Session, col, select

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _, later
from boxoffice.models import Setting

from ..books import journal
from ..wording import one_line
from .desk import Post
from .meanwhile import change_alone, refuse_unseen
from .operators import StaffMember, answering

PREFIX = "account."
"""What the settings of accounts are called by, among the others."""

_NUMBER = re.compile(r"[1-9]\d{2}[0-9A-Z]{0,17}", re.ASCII)
_JOURNAL_CODE = re.compile(r"[0-9A-Z]{1,10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Numbers of the chart of accounts, and the code of the journal that entries are in."""

    journal: str = "CAI"
    tickets: str = "706"
    goods: str = "707"
    vat_2000: str = "44571"
    vat_1000: str = "44572"
    vat_550: str = "44573"
    vat_210: str = "44574"
    vat_other: str = "44579"
    cash: str = "530"
    cheque: str = "5112"
    card: str = "5115"
    gift_cards: str = "4191"
    balances: str = "4198"
    losses: str = "658"
    gains: str = "758"
    transfers: str = "580"
    carried: str = "471"

    def vat(self, rate: int) -> str:
        """The account of the VAT collected at a rate, in basis points."""
        by_rate = {2000: self.vat_2000, 1000: self.vat_1000, 550: self.vat_550, 210: self.vat_210}
        return by_rate.get(rate, self.vat_other)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A setting as listed: what is written to the account, and its number."""

    name: str
    meaning: str
    number: str

    @property
    def setting(self) -> str:
        """What the journal calls it."""
        return PREFIX + self.name


_MEANINGS: Mapping[str, str] = {
    "journal": later("code du journal comptable"),
    "tickets": later("billets et pass"),
    "goods": later("articles"),
    "vat_2000": later("TVA collectée à 20 %"),
    "vat_1000": later("TVA collectée à 10 %"),
    "vat_550": later("TVA collectée à 5,5 %"),
    "vat_210": later("TVA collectée à 2,1 %"),
    "vat_other": later("TVA collectée à un autre taux"),
    "cash": later("espèces"),
    "cheque": later("chèques à encaisser"),
    "card": later("cartes bancaires à encaisser"),
    "gift_cards": later("cartes cadeaux vendues, pas encore dépensées"),
    "balances": later("soldes des clients"),
    "losses": later("écarts de caisse en moins, soldes accordés"),
    "gains": later("écarts de caisse en plus, cartes et soldes échus"),
    "transfers": later("espèces remises en banque"),
    "carried": later("espèces apportées à la caisse ou sorties pour un achat"),
}

_CLASSES: Mapping[str, tuple[str, ...]] = {
    "tickets": ("70",),
    "goods": ("70",),
    "vat_2000": ("4457",),
    "vat_1000": ("4457",),
    "vat_550": ("4457",),
    "vat_210": ("4457",),
    "vat_other": ("4457",),
    "cash": ("5",),
    "cheque": ("5",),
    "card": ("5",),
    "gift_cards": ("41",),
    "balances": ("41",),
    "losses": ("65", "67"),
    "gains": ("75", "77"),
    "transfers": ("58",),
    "carried": ("4", "5"),
}
"""What the number of each account begins with, in the French chart of accounts."""


def read_accounts(session: Session) -> Accounts:
    """The accounts in force."""
    kept = session.exec(select(Setting.name, Setting.value).where(col(Setting.name).startswith(PREFIX)))
    numbers = {name.removeprefix(PREFIX): json.loads(value) for name, value in kept}
    known = {field.name for field in fields(Accounts)}
    return Accounts(**{name: number for name, number in numbers.items() if name in known})


def list_accounts(session: Session) -> tuple[AccountRow, ...]:
    """Every account, with the number in force."""
    numbers = asdict(read_accounts(session))
    return tuple(AccountRow(name, _(meaning), numbers[name]) for name, meaning in _MEANINGS.items())


def change_account(
    session: Session,
    post: Post,
    name: str,
    text: str,
    *,
    clock: Clock,
    manager: StaffMember | None = None,
    seen: str | None = None,
) -> AccountRow:
    """Put another number in force, for the days closed from now on: those closed keep theirs.

    A `manager` answers for it, once the first shift was opened. Raises Refusal for an account that there is
    not, and for what is no number of one; ChangedMeanwhile where it has not the number that was `seen`.
    """
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_SETTINGS)
    if name not in _MEANINGS:
        raise Refusal(
            _("Le compte « {name} » n'existe pas.").format(name=one_line(name)),
            _("Comptes : {names}.").format(names=", ".join(_MEANINGS)),
        )
    number = one_line(text).upper()
    if name == "journal" and not _JOURNAL_CODE.fullmatch(number):
        raise Refusal(_("Un code de journal a de 1 à 10 lettres ou chiffres."))
    if name != "journal" and not _NUMBER.fullmatch(number):
        raise Refusal(
            _("« {text} » n'est pas un numéro de compte.").format(text=one_line(text)),
            _("Il commence par trois chiffres du plan comptable, comme 706 ou 70610."),
        )
    _check_class(name, number)
    before = asdict(read_accounts(session))[name]
    refuse_unseen(seen, number, before)
    if before != number:
        setting = PREFIX + name
        session.merge(Setting(name=setting, value=json.dumps(number)))
        journal.append(
            session,
            post,
            JournalKind.SETTINGS_CHANGED,
            {"name": setting, "new": number, "old": before},
            at=clock.now(),
            operator_number=answered_by,
        )
    return AccountRow(name, _(_MEANINGS[name]), number)


def check_classes(accounts: Accounts) -> None:
    """Refuse to keep accounts, with a day, of which one is of another nature: the program sets none such."""
    for name, number in asdict(accounts).items():
        _check_class(name, number, _("Corrigez-le dans les réglages, puis recommencez."))


def _check_class(name: str, number: str, remedy: str = "") -> None:
    """Refuse an account of another nature: takings debited to an account of sales would say nothing."""
    classes = _CLASSES.get(name, ())
    if classes and not number.startswith(classes):
        raise Refusal(
            _("Le compte {number} ne convient pas pour « {meaning} » : il commence par {classes}.").format(
                number=number, meaning=_(_MEANINGS[name]), classes=_(" ou ").join(classes)
            ),
            remedy,
        )


def account_values(accounts: Accounts) -> dict[str, str]:
    """Each account as the JSON text that `setting` keeps."""
    return {PREFIX + name: json.dumps(number) for name, number in asdict(accounts).items()}
