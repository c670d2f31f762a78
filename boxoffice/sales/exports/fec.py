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
from boxoffice.money import format_euros, format_rate

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


def entries(days: Iterable[ClosedDay]) -> tuple[Entry, ...]:
    """An entry for each day on which something was taken, numbered from the first day ever closed.

    So the same day has the same number in every file, and no file has a gap, but for the Zs that a restoring
    left out: their entries may have been exported, and their numbers are given to no other. Raises Refusal
    for a day whose figures do not balance by themselves.
    """
    found: list[Entry] = []
    for closed in days:
        postings = tuple(_postings(closed))
        if postings:
            found.append(Entry(len(found) + 1 + closed.left_out, closed, postings))
    return tuple(found)


def numbers_left_out(found: Iterable[Entry], first: date) -> tuple[tuple[int, int], ...]:
    """The numbers that no entry has, from the first to the last, before each entry of `first` or later."""
    last, gaps = 0, []
    for entry in found:
        if entry.number > last + 1 and entry.closed.day >= first:
            gaps.append((last + 1, entry.number - 1))
        last = entry.number
    return tuple(gaps)


def left_out_numbers_words(gaps: Iterable[tuple[int, int]]) -> str:
    """What is said of them, a line for each; nothing where there are none."""
    return "\n".join(
        _("L'écriture n° {first} n'est plus dans la base : son numéro n'est pas redonné.").format(first=first)
        if first == last
        else _(
            "Les écritures n° {first} à {last} ne sont plus dans la base :"
            " leurs numéros ne sont pas redonnés."
        ).format(first=first, last=last)
        for first, last in gaps
    )


def fec_bytes(found: Iterable[Entry], *, separator: str = "\t") -> bytes:
    """The file: a heading, then a line for each posting; separated by tabs or by `|`."""
    lines = [COLUMNS, *(line for entry in found for line in _lines(entry))]
    text = "".join(separator.join(map(_plain, line)) + "\r\n" for line in lines)
    return text.encode(ENCODING)


def _lines(entry: Entry) -> Iterator[tuple[str, ...]]:
    closed = entry.closed
    day, reference = f"{closed.day:%Y%m%d}", f"Z{closed.number:06d}"
    for posting in entry.postings:
        yield (
            closed.accounts.journal,
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


def _postings(closed: ClosedDay) -> Iterator[Posting]:
    figures, accounts = closed.figures, closed.accounts
    found = [
        *_money(figures, accounts),
        *_turnover(closed),
        *_owed(figures, accounts),
        *_drawers(figures, accounts),
    ]
    left_over = sum(posting.cents for posting in found)
    if left_over:
        raise Refusal(
            _("Les chiffres du Z n° {number} du {day} ne s'équilibrent pas : il s'en faut de {left}.").format(
                number=closed.number, day=f"{closed.day:%d/%m/%Y}", left=format_euros(left_over)
            ),
            _("Vérifiez le journal : F10 puis Santé, ou « boxoffice journal verify »."),
        )
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


def _turnover(closed: ClosedDay) -> Iterator[Posting]:
    figures, accounts = closed.figures, closed.accounts
    for part in turnover(closed):
        rate = f"TVA {format_rate(part.rate)}" if part.rate else "sans TVA"
        if part.is_goods:
            yield Posting(accounts.goods, "Ventes d'articles", f"Articles {rate}", -part.net_cents)
        else:
            yield Posting(accounts.tickets, "Billets et pass", f"Billetterie {rate}", -part.net_cents)
    for vat in figures.vat:
        name = f"TVA collectée {format_rate(vat.rate)}"
        yield Posting(accounts.vat(vat.rate), name, name, -vat.vat_cents)


def _owed(figures: Figures, accounts: Accounts) -> Iterator[Posting]:
    """What is sold of gift cards is owed until it is used; what runs out or is corrected is gain or loss.

    So is what a balance is credited for a seat whose voucher was taxed when sold: no turnover goes back.
    """
    sold = sum(voucher.cents for voucher in figures.vouchers)
    gift_used = _paid(figures, means.GIFT_CARD.code) - _taxed(figures, means.GIFT_CARD.code)
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
    yield _difference(-_taxed(figures, means.BALANCE.code), "Avoirs sur bons déjà taxés", accounts)


def _drawers(figures: Figures, accounts: Accounts) -> Iterator[Posting]:
    """Cash carried, cash for the bank, and what was counted beside what was expected."""
    brought = sum(shift.float_brought_cents for shift in figures.shifts)
    yield Posting(accounts.cash, "Caisse", "Premiers fonds de caisse", brought)
    yield Posting(accounts.carried, "Compte d'attente", "Premiers fonds de caisse", -brought)
    for off in _each_way(shift.float_difference_cents for shift in figures.shifts):
        yield Posting(accounts.cash, "Caisse", "Écart de fond de caisse", off)
        yield _difference(-off, "Écart de fond de caisse", accounts)
    carried = sum(shift.in_cents - shift.out_cents for shift in figures.shifts)
    deposited = sum(shift.pickup_cents + shift.deposit_cents for shift in figures.shifts)
    yield Posting(accounts.cash, "Caisse", "Espèces apportées ou sorties", carried)
    yield Posting(accounts.carried, "Compte d'attente", "Espèces apportées ou sorties", -carried)
    yield Posting(accounts.transfers, "Virements internes", "Remise en banque", deposited)
    yield Posting(accounts.cash, "Caisse", "Remise en banque", -deposited)
    for code, (account, name) in _by_means(accounts).items():
        counts = (counted for shift in figures.shifts for counted in shift.counts)
        for off in _each_way(counted.difference_cents for counted in counts if counted.means == code):
            yield Posting(account, name, "Écart de caisse", off)
            yield _difference(-off, "Écart de caisse", accounts)


def _each_way(differences: Iterable[int]) -> tuple[int, int]:
    """What lacks in all and what is too much in all: one drawer does not make up for another."""
    cents = tuple(differences)
    return sum(each for each in cents if each < 0), sum(each for each in cents if each > 0)


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


def _taxed(figures: Figures, code: str) -> int:
    """What a means paid of seats whose VAT was due when a voucher was sold."""
    return sum(taxed.cents for taxed in figures.taxed or () if taxed.means == code)
