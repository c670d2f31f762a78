"""Which entries of the journal tell the acts that are not for everybody, and who answers for each there."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from boxoffice.kinds import Action, CashKind, ClosingPeriod, JournalKind

from ..prints.papers import DocumentKind
from .permissions import PREFIX

Content = Mapping[str, Any]

OPENED_BY, LIMIT = "opened_by", "limit"
"""What is known beside the end of a shift: who opened one then, and how far a count may be off, in cents."""


def _operator(content: Content) -> int | None:
    number: int | None = content.get("operator")
    return number


def _authorized(content: Content) -> int | None:
    number: int | None = content.get("authorized_by")
    return number


def _either(content: Content) -> int | None:
    """Who gave leave, or else who did it by themself."""
    number = _authorized(content)
    return _operator(content) if number is None else number


def _of_sale(content: Content) -> int | None:
    number: int | None = content["sale"]["authorized_by"]
    return number


def _of_movement(content: Content) -> int | None:
    return next(map(_authorized, content.get("values", ())), None)


def _always(_content: Content) -> bool:
    return True


def _where(**values: object) -> Callable[[Content], bool]:
    """Entries that tell these values."""
    return lambda content: all(content.get(name) == value for name, value in values.items())


def _telling(*names: str) -> Callable[[Content], bool]:
    """Entries that tell one of these at all."""
    return lambda content: any(name in content for name in names)


def _papers(*documents: DocumentKind) -> Callable[[Content], bool]:
    return lambda content: content["document"] in documents


def _is_first(content: Content) -> bool:
    return bool(content["sequence"] == 1)


def _leaves_an_act(content: Content) -> bool:
    return bool(content["name"].startswith(PREFIX))


def _of_a_till(content: Content) -> bool:
    return bool(content["closing"]["period"] == ClosingPeriod.TILL)


def _is_anothers(content: Content) -> bool:
    return "of_till" in content or content["operator"] not in content[OPENED_BY]


def _is_uncounted_or_far(content: Content) -> bool:
    return content["counted"] is None or any(
        counted is not None and abs(counted - wanted) > content[LIMIT]
        for wanted, counted in content["counts"].values()
    )


def _not(of_it: Callable[[Content], bool]) -> Callable[[Content], bool]:
    return lambda content: not of_it(content)


class Told(NamedTuple):
    """The entries of a kind that tell one of these acts: all, or those that are `of_it`.

    `by` is the number of who answers for it, who may do one of the acts; None: nobody had to. Where no act is
    named, they are a manager.
    """

    kind: JournalKind
    acts: tuple[Action, ...]
    by: Callable[[Content], int | None] = _operator
    of_it: Callable[[Content], bool] = _always

    @property
    def is_reserved(self) -> bool:
        """Whether these entries always tell of an act that somebody had to be let do."""
        return self.by in (_operator, _either)


_SALE_PAPERS = (
    DocumentKind.TICKET,
    DocumentKind.RECEIPT,
    DocumentKind.REVERSAL_SLIP,
    DocumentKind.CREDIT_NOTE,
)
_SETTINGS = (
    JournalKind.ESTABLISHMENT_TOLD,
    JournalKind.PRINTER_ADDED,
    JournalKind.PRINTER_CHANGED,
    JournalKind.PRINTER_ASSIGNED,
    JournalKind.PROGRAMME_CHANGED,
    JournalKind.TILL_RENAMED,
    JournalKind.TILL_RETIRED,
    JournalKind.TILL_BROUGHT_BACK,
)
_STAFF = (
    JournalKind.OPERATOR_ADDED,
    JournalKind.OPERATOR_PIN_CHANGED,
    JournalKind.OPERATOR_ROLE_CHANGED,
    JournalKind.OPERATOR_DEACTIVATED,
    JournalKind.OPERATOR_REACTIVATED,
)
_IMPORTS = (
    JournalKind.PROGRAMME_IMPORTED,
    JournalKind.PASSES_IMPORTED,
    JournalKind.VALUE_IMPORTED,
    JournalKind.CREDITS_IMPORTED,
)
_KEYS = (JournalKind.KEY_LOST, JournalKind.KEY_BACKED_UP, JournalKind.KEY_RESTORED)

TOLD: tuple[Told, ...] = (
    Told(JournalKind.MANAGER_AUTHORIZED, ()),
    Told(JournalKind.SALE_REVERSED, (Action.REVERSE_LATE,), _of_sale),
    Told(JournalKind.SALE_CREDITED, (Action.ANSWER_CREDITS, Action.EXCHANGE_LATE), _of_sale),
    Told(JournalKind.CREDIT_REFUSED, (Action.ANSWER_CREDITS,), _authorized),
    Told(JournalKind.BOOKING_CANCELLED, (Action.CANCEL_LATE,), _authorized),
    Told(JournalKind.BOOKING_SWAPPED, (Action.CANCEL_LATE,), _authorized),
    Told(JournalKind.SCREENING_CANCELLED, (Action.CHANGE_SCREENING,), _authorized),
    Told(JournalKind.SCREENING_MOVED, (Action.CHANGE_SCREENING,), _authorized),
    *(Told(JournalKind.FIGURES_READ, (act,), of_it=_where(act=act)) for act in Action),
    Told(JournalKind.CASH_MOVED, (Action.CASH_OUT,), _either, _not(_where(kind=CashKind.IN))),
    Told(JournalKind.CASH_MOVED, (Action.CASH_OUT,), _authorized, _where(kind=CashKind.IN)),
    Told(JournalKind.DRAWER_OPENED, (Action.OPEN_DRAWER,), _either),
    Told(JournalKind.TILL_OPENED, (Action.ANSWER_DIFFERENCE,), _authorized, _telling("left")),
    Told(JournalKind.TILL_OPENED, (Action.CLOSE_DAY,), _authorized, _telling("after_closed_day")),
    Told(JournalKind.TILL_OPENED, (Action.CLOSE_DAY,), _authorized, _telling("long_after")),
    Told(JournalKind.TILL_CLOSED, (Action.CLOSE_OTHERS_SHIFT,), _either, _is_anothers),
    Told(JournalKind.TILL_CLOSED, (Action.ANSWER_DIFFERENCE,), _authorized, _not(_is_anothers)),
    Told(JournalKind.TILL_CLOSED, (Action.ANSWER_DIFFERENCE,), _either, _is_uncounted_or_far),
    Told(JournalKind.TILL_CLOSED, (Action.ANSWER_DIFFERENCE,), _either, _telling("off_today")),
    Told(JournalKind.CLOSING_MADE, (Action.CLOSE_TILL,), of_it=_of_a_till),
    Told(JournalKind.CLOSING_MADE, (Action.CLOSE_DAY,), of_it=_not(_of_a_till)),
    Told(
        JournalKind.DOCUMENT_REPRINTED,
        (Action.REPRINT, Action.REPRINT_ANYTIME),
        _either,
        _papers(*_SALE_PAPERS),
    ),
    Told(JournalKind.DOCUMENT_REPRINTED, (Action.REPRINT_CLOSING,), of_it=_papers(DocumentKind.CLOSING)),
    Told(
        JournalKind.DOCUMENT_REPRINTED,
        (Action.EXPORT_FIGURES,),
        of_it=_papers(DocumentKind.SCREENING_STATEMENT, DocumentKind.WEEK_STATEMENT),
    ),
    Told(JournalKind.STATEMENT_ISSUED, (Action.EXPORT_FIGURES,)),
    Told(JournalKind.SCREENING_LIST_EXPORTED, (Action.EXPORT_FIGURES,), of_it=_telling("list")),
    Told(JournalKind.FIGURES_EXPORTED, (Action.EXPORT_FIGURES,)),
    Told(JournalKind.PASS_UNBLOCKED, (Action.UNBLOCK_PASS,), _authorized),
    Told(JournalKind.PASS_REPLACED, (Action.REPLACE_PASS,), _authorized),
    Told(JournalKind.PASS_GIVEN, (Action.CHANGE_HOLDER,), _authorized),
    Told(JournalKind.VALUE_UNBLOCKED, (Action.UNBLOCK_CARD,), _authorized),
    Told(JournalKind.VALUE_REPLACED, (Action.REPLACE_CARD,), _authorized),
    Told(JournalKind.VALUE_LENGTHENED, (Action.LENGTHEN_CARD,), _authorized),
    Told(JournalKind.VALUE_ISSUED, (Action.GIVE_CARDS,), _authorized),
    Told(JournalKind.VALUE_CORRECTED, (Action.CORRECT_BALANCE,), _of_movement),
    Told(JournalKind.VALUE_GENERATED, (Action.MAKE_CODES,)),
    Told(JournalKind.PROMO_EXPORTED, (Action.MAKE_CODES,)),
    Told(JournalKind.CUSTOMER_MERGED, (Action.MERGE_CUSTOMERS,), _authorized),
    Told(JournalKind.CUSTOMER_LISTED, (Action.ERASE_CUSTOMERS,), of_it=_telling("inactive")),
    Told(JournalKind.CUSTOMER_ERASED, (Action.ERASE_CUSTOMERS,)),
    Told(JournalKind.VALUE_WORDS_FORGOTTEN, (Action.ERASE_CUSTOMERS,)),
    Told(JournalKind.CUSTOMER_LISTED, (Action.EXPORT_CUSTOMERS,), of_it=_telling("exported")),
    Told(JournalKind.ARCHIVE_MADE, (Action.MAKE_ARCHIVE,)),
    *(Told(kind, (Action.IMPORT_FILES,)) for kind in _IMPORTS),
    *(Told(kind, (Action.CHANGE_SETTINGS,)) for kind in _SETTINGS),
    Told(JournalKind.KEY_CREATED, (Action.CHANGE_SETTINGS,), of_it=_is_first),
    Told(JournalKind.SETTINGS_CHANGED, (Action.CHANGE_SETTINGS,), of_it=_not(_leaves_an_act)),
    Told(JournalKind.SETTINGS_CHANGED, (Action.CHANGE_PERMISSIONS,), of_it=_leaves_an_act),
    *(Told(kind, (Action.CHANGE_STAFF,)) for kind in _STAFF),
    *(Told(kind, (Action.CARE_FOR_KEYS,)) for kind in _KEYS),
    Told(JournalKind.KEY_CREATED, (Action.CARE_FOR_KEYS,), of_it=_not(_is_first)),
    Told(JournalKind.DATABASE_RESTORED, (Action.CARE_FOR_KEYS,), of_it=_not(_telling("backup"))),
)
"""Each act beside the entries that tell it. Whoever puts a backup back answers by the database before it."""

SETTING_UP = frozenset(
    {Action.CHANGE_SETTINGS, Action.CHANGE_STAFF, Action.CHANGE_PERMISSIONS, Action.IMPORT_FILES}
)
"""What nobody has to answer for until the first shift was ever opened."""
