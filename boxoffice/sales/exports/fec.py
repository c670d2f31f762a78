"""Accounting entries as a FEC (LPF art. A47 A-1): one entry for each day closed, balanced to the cent.

What customers may still spend is owed to them: the accounts of gift cards and balances follow it exactly.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from unicodedata import normalize

from boxoffice.clock import in_paris
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.money import format_rate

from .. import means
from ..closings.figures import Figures
from ..staff.accounts import Accounts
from .closed_days import ClosedDay, turnover
from .csv_file import decimal

ENCODING = "iso8859-15"
COLUMNS = (
    "JournalCode",
    "JournalLib",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompteLib",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "Debit",
    "Credit",
    "EcritureLet",
    "DateLet",
    "ValidDate",
    "Montantdevise",
    "Idevise",
)
SEPARATORS = ("\t", "|")

_SIREN_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Posting:
    """A line of an entry: cents on an account, a debit where they are positive."""

    account: str
    name: str
    label: str
    cents: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What a day closed comes to in the accounts; its postings sum to nothing."""

    number: int
    closed: ClosedDay
    postings: tuple[Posting, ...]

    @property
    def debit_cents(self) -> int:
        return sum(posting.cents for posting in self.postings if posting.cents > 0)


def fec_name(siret: str, last: date) -> str:
    """What the file is called. Raises Refusal for an establishment without a SIREN."""
    siren = siret[:_SIREN_DIGITS]
    if len(siren) != _SIREN_DIGITS or not siren.isdecimal():
        raise Refusal(_("L'exploitant n'a pas de numéro SIREN : le fichier ne peut pas être nommé."))
    return f"{siren}FEC{last:%Y%m%d}.txt"


def entries(days: Iterable[ClosedDay], goods: frozenset[str], accounts: Accounts) -> tuple[Entry, ...]:
    """An entry for each day on which something was taken, numbered from the first day ever closed.

    So the same day has the same number in every file, and no file has a gap.
    """
    found: list[Entry] = []
    for closed in days:
        postings = tuple(_postings(closed.figures, goods, accounts))
        if postings:
            found.append(Entry(len(found) + 1, closed, postings))
    return tuple(found)


def fec_bytes(found: Iterable[Entry], accounts: Accounts, *, separator: str = "\t") -> bytes:
    """The file: a heading, then a line for each posting; separated by tabs or by `|`."""
    lines = [COLUMNS, *(line for entry in found for line in _lines(entry, accounts))]
    text = "".join(separator.join(map(_plain, line)) + "\r\n" for line in lines)
    return text.encode(ENCODING)


def _lines(entry: Entry, accounts: Accounts) -> Iterator[tuple[str, ...]]:
    closed = entry.closed
    day, reference = f"{closed.day:%Y%m%d}", f"Z{closed.number:06d}"
    for posting in entry.postings:
        yield (
            accounts.journal,
            "Caisse",
            str(entry.number),
            day,
            posting.account,
            posting.name,
            "",
            "",
            reference,
            day,
            f"{posting.label} - Z {closed.number} du {closed.day:%d/%m/%Y}",
            decimal(max(posting.cents, 0)),
            decimal(max(-posting.cents, 0)),
            "",
            "",
            f"{in_paris(closed.closed_at):%Y%m%d}",
            "",
            "",
        )


def _plain(text: str) -> str:
    """A field without separators, in the letters that the file may hold."""
    spelt = (
        letter if _is_written(letter) else normalize("NFKD", letter).encode("ascii", "ignore").decode()
        for letter in normalize("NFC", text.replace("|", " "))
    )
    return " ".join("".join(spelt).split())


def _is_written(letter: str) -> bool:
    try:
        letter.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def _postings(figures: Figures, goods: frozenset[str], accounts: Accounts) -> Iterator[Posting]:
    found = [
        *_money(figures, accounts),
        *_turnover(figures, goods, accounts),
        *_owed(figures, accounts),
        *_drawers(figures, accounts),
    ]
    # A balance is credited for a seat whose voucher was taxed when sold: nothing else can be left over.
    left_over = -sum(posting.cents for posting in found)
    found.append(_difference(left_over, "Avoirs sur bons déjà taxés", accounts))
    yield from (posting for posting in found if posting.cents)


def _money(figures: Figures, accounts: Accounts) -> Iterator[Posting]:
    """What was taken by each means, refunds deducted; exchanges and place cards bring no money."""
    for code, (account, name) in _by_means(accounts).items():
        yield Posting(account, name, "Encaissements", _paid(figures, code))
    known = {*_by_means(accounts), *(each.code for each in (*means.STORED, means.EXCHANGE))}
    for paid in figures.payments:
        if paid.means not in known:
            yield Posting(accounts.carried, "Compte d'attente", f"Encaissements {paid.means}", paid.cents)


def _by_means(accounts: Accounts) -> Mapping[str, tuple[str, str]]:
    return {
        means.CASH.code: (accounts.cash, "Caisse"),
        means.CHEQUE.code: (accounts.cheque, "Chèques à encaisser"),
        means.CARD.code: (accounts.card, "Cartes bancaires à encaisser"),
    }


def _turnover(figures: Figures, goods: frozenset[str], accounts: Accounts) -> Iterator[Posting]:
    for part in turnover(figures, goods):
        rate = f"TVA {format_rate(part.rate)}" if part.rate else "sans TVA"
        if part.is_goods:
            yield Posting(accounts.goods, "Ventes d'articles", f"Articles {rate}", -part.net_cents)
        else:
            yield Posting(accounts.tickets, "Billets et pass", f"Billetterie {rate}", -part.net_cents)
    for vat in figures.vat:
        name = f"TVA collectée {format_rate(vat.rate)}"
        yield Posting(accounts.vat(vat.rate), name, name, -vat.vat_cents)


def _owed(figures: Figures, accounts: Accounts) -> Iterator[Posting]:
    """What is sold of gift cards is owed until it is used; what runs out or is corrected is gain or loss."""
    sold = sum(voucher.cents for voucher in figures.vouchers)
    gift_used = _paid(figures, means.GIFT_CARD.code) - _used_of_taxed(figures)
    gift, balance = accounts.gift_cards, accounts.balances
    yield Posting(gift, "Cartes cadeaux", "Cartes cadeaux vendues", -sold)
    yield Posting(gift, "Cartes cadeaux", "Cartes cadeaux utilisées", gift_used)
    yield Posting(
        balance, "Soldes des clients", "Soldes utilisés et avoirs", _paid(figures, means.BALANCE.code)
    )
    by_itself = _change(figures, "gift_card") - sold + gift_used
    yield Posting(gift, "Cartes cadeaux", "Cartes cadeaux échues", -by_itself)
    yield _difference(by_itself, "Cartes cadeaux échues", accounts)
    by_itself = _change(figures, "balance") + _paid(figures, means.BALANCE.code)
    yield Posting(balance, "Soldes des clients", "Soldes corrigés ou échus", -by_itself)
    yield _difference(by_itself, "Soldes corrigés ou échus", accounts)


def _drawers(figures: Figures, accounts: Accounts) -> Iterator[Posting]:
    """Cash carried, cash for the bank, and what was counted beside what was expected."""
    carried = sum(shift.in_cents - shift.out_cents for shift in figures.shifts)
    deposited = sum(shift.pickup_cents + shift.deposit_cents for shift in figures.shifts)
    yield Posting(accounts.cash, "Caisse", "Espèces apportées ou sorties", carried)
    yield Posting(accounts.carried, "Compte d'attente", "Espèces apportées ou sorties", -carried)
    yield Posting(accounts.transfers, "Virements internes", "Remise en banque", deposited)
    yield Posting(accounts.cash, "Caisse", "Remise en banque", -deposited)
    for code, (account, name) in _by_means(accounts).items():
        off = sum(
            counted.difference_cents
            for shift in figures.shifts
            for counted in shift.counts
            if counted.means == code
        )
        yield Posting(account, name, "Écart de caisse", off)
        yield _difference(-off, "Écart de caisse", accounts)


def _difference(cents: int, label: str, accounts: Accounts) -> Posting:
    """A loss as a debit, a gain as a credit."""
    if cents > 0:
        return Posting(accounts.losses, "Charges diverses de gestion courante", label, cents)
    return Posting(accounts.gains, "Produits divers de gestion courante", label, cents)


def _paid(figures: Figures, code: str) -> int:
    return sum(paid.cents for paid in figures.payments if paid.means == code)


def _change(figures: Figures, kind: str) -> int:
    """By how much more is owed; what was taxed when it was sold is not."""
    return sum(stored.change for stored in figures.stored if stored.kind == kind and stored.rate is None)


def _used_of_taxed(figures: Figures) -> int:
    return sum(
        stored.used for stored in figures.stored if stored.kind == "gift_card" and stored.rate is not None
    )
