"""A till called by another name, put out of service or brought back; its number, on every paper, stays."""

from sqlmodel import Session, col, select

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind, PrinterRole
from boxoffice.language import _
from boxoffice.models import LARGEST_TILL_NUMBER, Printer, Till, TillPrinter

from ..books.journal import append
from ..wording import one_line
from .business_days import unclosed_days
from .desk import Post
from .equipment import assign_printer, list_printers
from .meanwhile import change_alone, refuse_unseen
from .operators import StaffMember, answering
from .shifts import current_shift
from .standing import day_words


def rename_till(
    session: Session,
    post: Post,
    number: int,
    text: str,
    *,
    clock: Clock,
    manager: StaffMember | None = None,
    seen: str | None = None,
) -> None:
    """Give a till another name, which its program takes up when it is next opened.

    A `manager` answers for it, once the first shift was opened. Raises ChangedMeanwhile where it has not the
    name that was `seen` any more.
    """
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_SETTINGS)
    name = one_line(text)
    if not name:
        raise Refusal(_("Il manque le nom de la caisse."))
    till = _hold(session, number)
    refuse_unseen(seen, name, till.name)
    if till.name == name:
        return
    before, till.name = till.name, name
    session.add(till)
    session.flush()
    append(
        session,
        post,
        JournalKind.TILL_RENAMED,
        {"new": name, "old": before, "renamed": number},
        at=clock.now(),
        operator_number=answered_by,
    )


def retire_till(
    session: Session, post: Post, number: int, *, clock: Clock, manager: StaffMember | None = None
) -> str:
    """Put a till out of service: nobody opens there, no list offers it, its books stay. Returns its name.

    A `manager` answers for it, once the first shift was opened. Raises Refusal for the till at which this is
    asked, the last one in service, and one that has a shift open or something left to close.
    """
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_SETTINGS)
    till = _hold(session, number)
    if not till.active:
        raise Refusal(_("La caisse {number} n'est déjà plus en service.").format(number=number))
    _refuse_in_use(session, post, till)
    _put(session, post, till, JournalKind.TILL_RETIRED, "retired", answered_by, clock)
    return till.name


def bring_back_till(
    session: Session, post: Post, number: int, *, clock: Clock, manager: StaffMember | None = None
) -> str:
    """Put a till in service again, with the key it has; returns its name. A `manager` answers as before.

    Papers of a printer that was put away meanwhile come out of another.
    """
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_SETTINGS)
    till = _hold(session, number)
    if till.active:
        raise Refusal(_("La caisse {number} est déjà en service.").format(number=number))
    _put(session, post, till, JournalKind.TILL_BROUGHT_BACK, "brought_back", answered_by, clock)
    put_away = (
        select(TillPrinter.role)
        .join(Printer, col(Printer.id) == TillPrinter.printer_id)
        .where(TillPrinter.till_id == till.id, col(Printer.active).is_(False))
    )
    roles, printers = tuple(map(PrinterRole, session.exec(put_away))), list_printers(session)
    if roles and printers:
        assign_printer(session, post, printers[0].name, roles, number, clock=clock, manager=manager)
    return till.name


def _hold(session: Session, number: int) -> Till:
    """A till, at which nobody opens a shift meanwhile."""
    till = None
    if 1 <= number <= LARGEST_TILL_NUMBER:
        till = session.exec(select(Till).where(Till.number == number).with_for_update(key_share=True)).first()
    if till is None:
        raise Refusal(_("La caisse {number} n'existe pas.").format(number=number))
    return till


def _refuse_in_use(session: Session, post: Post, till: Till) -> None:
    if till.id is None or till.id == post.till_id:
        raise Refusal(
            _("La caisse {number} est celle de ce poste.").format(number=till.number),
            _("Mettez-la hors service depuis une autre caisse."),
        )
    others = select(Till.id).where(col(Till.active), Till.id != till.id)
    if session.exec(others.limit(1)).first() is None:
        raise Refusal(
            _("La caisse {number} est la dernière en service.").format(number=till.number),
            _("Remettez-en d'abord une autre en service."),
        )
    if (shift := current_shift(session, till.id)) is not None:
        raise Refusal(
            _("Une session de {name} est ouverte à la caisse {till}.").format(
                name=shift.operator_name, till=till.number
            ),
            _("Clôturez-la d'abord : F10 puis Z."),
        )
    if (days := unclosed_days(session, till.id, post.rules.business_day_starts)) is not None:
        raise Refusal(
            _("La journée du {day} n'est pas close à la caisse {till}.").format(
                day=day_words(days[0]), till=till.number
            ),
            _("Clôturez-la d'abord : F10 puis Z."),
        )


def _put(
    session: Session,
    post: Post,
    till: Till,
    kind: JournalKind,
    told_as: str,
    answered_by: int | None,
    clock: Clock,
) -> None:
    """Put a till in or out of service, and tell the journal."""
    till.active = kind is JournalKind.TILL_BROUGHT_BACK
    session.add(till)
    session.flush()
    told = {"name": till.name, told_as: till.number}
    append(session, post, kind, told, at=clock.now(), operator_number=answered_by)
