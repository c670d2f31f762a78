"""Printers: which there are, and which paper of which till comes out of which."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from sqlmodel import Session, col, select

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _, later, plural
from boxoffice.models import LARGEST_TILL_NUMBER, Printer, PrinterKind, PrinterRole, Till, TillPrinter

from ..books.journal import append
from ..prints import rerouting
from ..widths import WIDTHS
from ..wording import one_line, yes_or_no
from .desk import Post
from .meanwhile import change_alone, what_changes
from .operators import StaffMember, answering

ADDRESSES: Mapping[PrinterKind, str] = {
    PrinterKind.NETWORK: "192.168.1.50:9100",
    PrinterKind.USB: "04b8:0202",
    PrinterKind.SERIAL: "/dev/ttyUSB0, COM3",
    PrinterKind.WINDOWS: "EPSON TM-T20",
    PrinterKind.CUPS: "billets",
    PrinterKind.FILE: "billets.bin",
}
"""What an address looks like, for each kind of printer that needs one."""

_SHAPES: Mapping[PrinterKind, re.Pattern[str]] = {
    PrinterKind.NETWORK: re.compile(r"([^\s:\[\]]+|\[[\da-f:.]+\])(:\d{1,5})?", re.IGNORECASE),
    PrinterKind.USB: re.compile(r"(0x)?[\da-f]{1,4}:(0x)?[\da-f]{1,4}(:.+)?", re.IGNORECASE),
}
"""What an address has to look like, where that can be told without the printer."""

LYING_COLUMNS = 42
"""The narrowest paper on which a badge fits lengthwise."""


@dataclass(frozen=True, slots=True)
class AddPrinter:
    """A printer to use. `columns` is how many letters fit on its line; `code_page` its number for WPC1252."""

    name: str
    kind: PrinterKind
    address: str = ""
    columns: int = 42
    code_page: int = 16
    native_qr: bool = True
    cutter: bool = True
    drawer: bool = False
    badge_landscape: bool = False


LABELS: Mapping[str, str] = {
    "name": later("Nom"),
    "address": later("Adresse"),
    "columns": later("Colonnes"),
    "code_page": later("Page de codes"),
    "native_qr": later("QR natifs"),
    "cutter": later("Coupe le papier"),
    "drawer": later("Tiroir-caisse"),
    "badge_landscape": later("Badges couchés"),
}
"""What is asked of a printer, once it is known what kind it is."""


@dataclass(frozen=True, slots=True)
class PrinterRow:
    """A printer, as listed: with the papers it brings out, by number of each till in service."""

    id: int
    name: str
    kind: PrinterKind
    address: str
    columns: int
    papers: Mapping[int, tuple[PrinterRole, ...]] = field(default_factory=dict)
    active: bool = True
    waiting: int = 0
    """How many papers of all tills wait for it."""


def list_printers(session: Session) -> tuple[PrinterRow, ...]:
    """The printers in use, by name."""
    return tuple(printer for printer in list_all_printers(session) if printer.active)


def list_all_printers(session: Session) -> tuple[PrinterRow, ...]:
    """The printers in use and those that were put away, by name."""
    papers: dict[int, dict[int, tuple[PrinterRole, ...]]] = {}
    for number, role, printer_id in session.exec(
        select(Till.number, TillPrinter.role, TillPrinter.printer_id)
        .join(Till, col(Till.id) == TillPrinter.till_id)
        .where(col(Till.active))
        .order_by(col(Till.number), col(TillPrinter.role))
    ):
        tills = papers.setdefault(printer_id, {})
        tills[number] = (*tills.get(number, ()), PrinterRole(role))
    waiting: Counter[int | None] = Counter()
    for each in rerouting.list_waiting(session):
        waiting[each.printer_id] += each.count
    return tuple(
        PrinterRow(
            row.id,
            row.name,
            row.kind,
            row.address,
            row.columns,
            papers.get(row.id, {}),
            row.active,
            waiting[row.id],
        )
        for row in session.exec(select(Printer).order_by(Printer.name))
        if row.id is not None
    )


def add_printer(
    session: Session, post: Post, command: AddPrinter, *, clock: Clock, manager: StaffMember | None = None
) -> None:
    """Make a printer known; one that was put away comes back under its name.

    A `manager` answers for it, once the first shift was opened. Raises Refusal for the name of a printer
    in use, or if its settings make no sense.
    """
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_SETTINGS)
    name, address = one_line(command.name), one_line(command.address)
    if not name:
        raise Refusal(_("Il manque le nom de l'imprimante."))
    known = session.exec(select(Printer).where(Printer.name == name)).first()
    if known is not None and known.active:
        raise Refusal(_("L'imprimante « {name} » existe déjà.").format(name=name))
    _check(command, name, address)
    dots, dots_per_inch = WIDTHS[command.columns]
    printer = known or Printer(name=name, kind=command.kind)
    values = {**asdict(command), "name": name, "address": address}
    for column, value in {**values, "dots": dots, "dots_per_inch": dots_per_inch}.items():
        setattr(printer, column, value)
    printer.active, printer.acknowledges = True, None
    session.add(printer)
    append(
        session,
        post,
        JournalKind.PRINTER_ADDED,
        {"address": address, "kind": command.kind.value, "name": name},
        at=clock.now(),
        operator_number=answered_by,
    )


def printer_as_added(session: Session, printer_id: int) -> AddPrinter:
    """A printer as somebody might have added it as it stands."""
    row = session.get_one(Printer, printer_id)
    return AddPrinter(
        row.name,
        row.kind,
        row.address,
        row.columns,
        row.code_page,
        row.native_qr,
        row.cutter,
        row.drawer,
        row.badge_landscape,
    )


def written(printer: AddPrinter) -> dict[str, str]:
    """A printer as it is typed: by what is asked."""
    values = {name: getattr(printer, name) for name in LABELS}
    return {
        name: yes_or_no(value) if isinstance(value, bool) else str(value) for name, value in values.items()
    }


def change_printer(
    session: Session,
    post: Post,
    printer_id: int,
    command: AddPrinter,
    *,
    clock: Clock,
    manager: StaffMember | None = None,
    seen: AddPrinter | None = None,
) -> None:
    """Bring a printer to other settings; programs that are open take them up when they are opened again.

    Of one that was `seen`, only what is wanted otherwise is changed. A `manager` answers for it, once the
    first shift was opened. Raises Refusal as `add_printer` does, and ChangedMeanwhile for what somebody else
    has changed since it was seen.
    """
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_SETTINGS)
    stands = printer_as_added(session, printer_id)
    if seen is not None:
        labels = {name: _(label) for name, label in LABELS.items()}
        changes = what_changes(written(seen), written(command), written(stands), labels)
        command = replace(stands, **{name: getattr(command, name) for name in changes})
    name, address = one_line(command.name), one_line(command.address)
    if not name:
        raise Refusal(_("Il manque le nom de l'imprimante."))
    other = session.exec(select(Printer).where(Printer.name == name, Printer.id != printer_id)).first()
    if other is not None:
        raise Refusal(_("L'imprimante « {name} » existe déjà.").format(name=name))
    _check(command, name, address)
    printer = session.get_one(Printer, printer_id)
    before = asdict(stands)
    after = {**asdict(command), "name": name, "address": address}
    changed = {name: after[name] for name in after if after[name] != before[name]}
    if not changed:
        return
    dots, dots_per_inch = WIDTHS[command.columns]
    for column, value in {**changed, "dots": dots, "dots_per_inch": dots_per_inch}.items():
        setattr(printer, column, value)
    if "kind" in changed or "address" in changed:
        printer.acknowledges = None
    session.add(printer)
    append(
        session,
        post,
        JournalKind.PRINTER_CHANGED,
        {"changed": changed, "name": before["name"]},
        at=clock.now(),
        operator_number=answered_by,
    )


def retire_printer(
    session: Session,
    post: Post,
    name: str,
    *,
    clock: Clock,
    manager: StaffMember | None = None,
    heir: str = "",
) -> int:
    """Put a printer away: it is listed no more, what it printed stays told. Returns how many papers move.

    The papers of any till that wait for it are given to its `heir`, by its name. A `manager` answers for
    it, once the first shift was opened. Raises Refusal while papers come out of it, and where some wait for
    it and no other has them.
    """
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_SETTINGS)
    row = find_printer(session, name)
    if row.papers:
        raise Refusal(
            _("« {name} » sort encore des papiers de la caisse {numbers}.").format(
                name=row.name, numbers=", ".join(map(str, row.papers))
            ),
            _("Donnez-les d'abord à une autre imprimante : Papiers."),
        )
    if rerouting.is_printing(session, row.id):
        raise Refusal(
            _("Un papier sort en ce moment de « {name} ».").format(name=row.name),
            _("Attendez qu'il soit sorti, puis recommencez."),
        )
    if row.waiting and not heir:
        raise Refusal(_waiting_words(row), _("Donnez-les à une autre imprimante, ou abandonnez-les : F12."))
    printer = session.get_one(Printer, row.id)
    printer.active = False
    session.add(printer)
    session.flush()
    given = rerouting.give_all(session, row.id, find_printer(session, heir).id, clock=clock) if heir else 0
    append(
        session,
        post,
        JournalKind.PRINTER_CHANGED,
        {"changed": {"active": False}, "name": row.name},
        at=clock.now(),
        operator_number=answered_by,
    )
    return given


def bring_back_printer(
    session: Session, post: Post, printer_id: int, *, clock: Clock, manager: StaffMember | None = None
) -> str:
    """Put a printer that was put away back in use, as it stood. Returns its name."""
    stands = printer_as_added(session, printer_id)
    add_printer(session, post, stands, clock=clock, manager=manager)
    return stands.name


def _waiting_words(row: PrinterRow) -> str:
    return plural(
        "{count} papier attend encore « {name} ».",
        "{count} papiers attendent encore « {name} ».",
        row.waiting,
    ).format(count=row.waiting, name=row.name)


def assign_printer(
    session: Session,
    post: Post,
    name: str,
    roles: tuple[PrinterRole, ...],
    till_number: int,
    *,
    clock: Clock,
    manager: StaffMember | None = None,
) -> None:
    """Let a printer bring out some papers of a till, in place of the one that did.

    A `manager` answers for it, once the first shift was opened.
    """
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_SETTINGS)
    printer = find_printer(session, name)
    there_may_be = 1 <= till_number <= LARGEST_TILL_NUMBER
    till = session.exec(select(Till).where(Till.number == till_number)).first() if there_may_be else None
    if till is None or till.id is None:
        raise Refusal(_("La caisse {number} n'existe pas.").format(number=till_number))
    for role in roles:
        current = session.get(TillPrinter, (till.id, role))
        if current is None:
            session.add(TillPrinter(till_id=till.id, role=role, printer_id=printer.id))
        else:
            current.printer_id = printer.id
            session.add(current)
    append(
        session,
        post,
        JournalKind.PRINTER_ASSIGNED,
        {"name": printer.name, "roles": [role.value for role in roles], "to_till": till_number},
        at=clock.now(),
        operator_number=answered_by,
    )


def _check(command: AddPrinter, name: str, address: str) -> None:
    """Refuse settings that make no sense."""
    if command.columns not in WIDTHS:
        raise Refusal(
            _("Une imprimante a 32, 42 ou 48 colonnes : {columns} n'est pas possible.").format(
                columns=command.columns
            )
        )
    if not 0 <= command.code_page <= 255:
        raise Refusal(_("Une page de codes est un nombre de 0 à 255."))
    if command.kind in ADDRESSES and not address:
        raise Refusal(
            _("Il manque l'adresse de l'imprimante « {name} ».").format(name=name),
            _("Par exemple : {example}.").format(example=ADDRESSES[command.kind]),
        )
    if command.badge_landscape:
        _check_lying_badges(command)
    if command.kind in _SHAPES and not _SHAPES[command.kind].fullmatch(address):
        raise Refusal(
            _("« {address} » n'est pas l'adresse d'une imprimante {kind}.").format(
                address=address, kind=command.kind.value
            ),
            _("Par exemple : {example}.").format(example=ADDRESSES[command.kind]),
        )


def _check_lying_badges(command: AddPrinter) -> None:
    """Refuse badges along the paper where they would not fit, or would take a minute each as an image."""
    if command.columns < LYING_COLUMNS:
        raise Refusal(
            _("Un badge couché demande un papier de 80 mm : 42 ou 48 colonnes."),
            _("Laissez les badges debout sur cette imprimante."),
        )
    if command.kind is PrinterKind.SERIAL:
        raise Refusal(
            _("Un badge couché est une image : une imprimante série mettrait une minute pour chacun."),
            _("Laissez les badges debout, ou reliez l'imprimante par le réseau ou en USB."),
        )


def find_printer(session: Session, name: str) -> PrinterRow:
    """The printer of this name. Raises Refusal naming those that there are."""
    printers = list_printers(session)
    for printer in printers:
        if printer.name.casefold() == name.strip().casefold():
            return printer
    raise Refusal(
        _("L'imprimante « {name} » n'existe pas.").format(name=name),
        _("Imprimantes : {names}.").format(names=", ".join(printer.name for printer in printers)),
    )
