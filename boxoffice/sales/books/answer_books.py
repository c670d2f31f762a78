"""Who answers for the acts that are not for everybody, held against whom the journals ever let do them.

The chains of several tills tell of the same people and permissions, and no clock puts their entries in one
order: a permission that was ever told lets an act pass, whenever it was done, and so does a role that may
have been theirs by then.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.kinds import Action, JournalKind, SaleKind
from boxoffice.language import _
from boxoffice.models import JournalEntry, Role, Sale, table
from boxoffice.prepared import Prepared

from ..staff.acts_told import LIMIT, OPENED_BY, SETTING_UP, TOLD, Told
from ..staff.permissions import MEANINGS, OTHERS, PREFIX, RESERVED, allowed_by_default
from ..staff.rules import Rules
from .bookkeeping import ENTRIES_OF, Names
from .journal import SUPERSEDES
from .reconciliation import Place, Wrong
from .retelling import Answered
from .standing_books import StandingBooks

_sale, _entry = table(Sale), table(JournalEntry)
_ANSWERED = Prepared(
    select(_entry.c.sequence, _sale.c.number, _sale.c.at)
    .join(_entry, _entry.c.sale_id == _sale.c.id)
    .where(
        _sale.c.till_id == bindparam("till"),
        _sale.c.kind == bindparam("kind"),
        _sale.c.authorized_by_id == bindparam("by"),
    )
    .order_by(_sale.c.number)
)
"""The entries of operations that somebody answered for, by which they are to be named."""
_sold = _sale.alias()
_ALONE = Prepared(
    select(_entry.c.sequence, _sale.c.till_id, _sale.c.number, _sale.c.at, _sold.c.at, _sold.c.till_id)
    .join(_entry, _entry.c.sale_id == _sale.c.id)
    .join(_sold, _sold.c.id == _sale.c.reverses_sale_id)
    .where(_sale.c.kind == SaleKind.REVERSAL, _sale.c.authorized_by_id.is_(None))
    .order_by(_sale.c.till_id, _sale.c.number)
)
"""The reversals that nobody answered for, and when and at which till was sold what they undo."""
_LIMIT = "cash_difference_limit_cents"

_BY_KIND: dict[str, list[Told]] = defaultdict(list)
for _each in TOLD:
    _BY_KIND[_each.kind].append(_each)


class _Answer(NamedTuple):
    """Who answers for one of these acts, by their number; `is_set_up` once a shift was opened there.

    So many changes of them may that till have `told` by then.
    """

    acts: tuple[Action, ...]
    by: int | None
    is_set_up: bool
    till: int
    told: range


@dataclass
class AnswerBooks:
    """Who was told to answer for what so far, and who was told to be let.

    Versions of before asked for less: what a till tells is held from its first key on that tells to sign
    alone.
    """

    held: dict[int, int] = field(default_factory=dict)
    set_up: set[int] = field(default_factory=set)
    standing: StandingBooks = field(default_factory=StandingBooks)
    left_to: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    limit: int = Rules().cash_difference_limit_cents
    opened: dict[tuple[int, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    ended: list[tuple[Place, Mapping[str, Any]]] = field(default_factory=list)
    answers: dict[_Answer, Place] = field(default_factory=dict)

    def hear(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take in an entry of a chain, in its order. Raises LookupError if it lacks its part."""
        till = content["till"]
        self.standing.hear(kind, content)
        match kind:
            case JournalKind.KEY_CREATED if SUPERSEDES in content:
                self.held.setdefault(till, content["sequence"])
            case JournalKind.SETTINGS_CHANGED if content["name"] == _LIMIT:
                self.limit = max(self.limit, content["old"], content["new"])
            case JournalKind.SETTINGS_CHANGED if content["name"].startswith(PREFIX):
                self.left_to[content["name"]].update(content["new"])
            case JournalKind.TILL_OPENED:
                self.set_up.add(till)
                self.opened[till, content["at"]].add(content["operator"])
            case JournalKind.TILL_CLOSED if till in self.held:
                self.ended.append((Place(till, content["sequence"]), content))
                return
        if till in self.held:
            self._hear_acts(Place(till, content["sequence"]), kind, content)

    def _hear_acts(self, place: Place, kind: str, content: Mapping[str, Any]) -> None:
        for told in _BY_KIND.get(kind, ()):
            if told.of_it(content) and ((by := told.by(content)) is not None or told.is_reserved):
                before = self.standing.told_before(by, place, content["at"])
                answer = _Answer(told.acts, by, place.till in self.set_up, place.till, before)
                self.answers.setdefault(answer, place)

    def compare(self, session: Session, of_sales: Iterable[Answered], called: Names) -> None:
        """Raise Wrong at the first act that nobody answered for who was ever told to be let do it."""
        for place, content in self.ended:
            opened_by = self.opened[content.get("of_till", place.till), content["opened_at"]]
            beside = {OPENED_BY: opened_by, LIMIT: self.limit}
            self._hear_acts(place, JournalKind.TILL_CLOSED, {**content, **beside})
        for answer, place in self.answers.items():
            self._hold(answer, place)
        for sale in sorted(of_sales):
            self._hold_sale(session, sale, called)
        self.standing.compare()

    def compare_alone(self, session: Session, grace: timedelta, called: Names) -> None:
        """Raise Wrong at the first sale undone by a cashier alone at another till, or after the grace time.

        That is the longest that the rule was ever told to give.
        """
        for sequence, till_id, number, at, sold_at, sold_by in _ALONE.rows(session):
            till = called.tills.get(till_id, 0)
            in_time = till_id == sold_by and timedelta() <= at - sold_at <= grace
            if self.held.get(till) == 1 and not in_time:
                raise _not_answered(Place(till, sequence, number), (Action.REVERSE_LATE,))

    def _hold_sale(self, session: Session, sale: Answered, called: Names) -> None:
        till, by = called.tills.get(sale.till_id, 0), called.operators.get(sale.by)
        if self.held.get(till) != 1:
            return
        for told in _BY_KIND.get(ENTRIES_OF[sale.kind], ()):
            was_let = self._is_let(told.acts, self.standing.ever(by))
            if was_let and not self.standing.is_changed_at(by, till):
                continue
            rows = _ANSWERED.rows(session, {"till": sale.till_id, "kind": sale.kind, "by": sale.by})
            if not was_let and not rows:
                raise self._not_let(Place(till, 0), told.acts, by)
            for row in rows:
                place = Place(till, row.sequence, row.number)
                self._hold_one(place, told.acts, by, self.standing.told_before(by, place, row.at))

    def _hold(self, answer: _Answer, place: Place) -> None:
        """Nobody has to answer for what everybody may do, nor while the festival is being set up."""
        if answer.by is not None:
            self._hold_one(place, answer.acts, answer.by, answer.told)
            return
        for_all = any(self._left_to(act).issuperset(OTHERS) for act in answer.acts)
        if not for_all and (answer.is_set_up or not SETTING_UP.issuperset(answer.acts)):
            raise _not_answered(place, answer.acts)

    def _hold_one(self, place: Place, acts: tuple[Action, ...], by: int | None, told: range) -> None:
        if not self._is_let(acts, self.standing.then(by, place.till, told)):
            raise self._not_let(place, acts, by)

    def _is_let(self, acts: Iterable[Action], roles: set[str]) -> bool:
        return Role.MANAGER in roles or any(not roles.isdisjoint(self._left_to(act)) for act in acts)

    def _not_let(self, place: Place, acts: tuple[Action, ...], number: int | None) -> Wrong:
        words = _("l'opérateur n° {number} en répond, à qui le journal n'a jamais donné ce droit : {what}.")
        if self._is_let(acts, self.standing.ever(number)):
            words = _("l'opérateur n° {number} en répond, qui n'avait pas ou plus ce droit alors : {what}.")
        return Wrong(place, words.format(number=number, what=_what(acts)))

    def _left_to(self, act: Action) -> set[str]:
        """The roles other than the manager's that an act was ever left to."""
        return set() if act in RESERVED else {*allowed_by_default(act), *self.left_to[f"{PREFIX}{act}"]}


def _not_answered(place: Place, acts: tuple[Action, ...]) -> Wrong:
    return Wrong(place, _("personne n'en répond, et il le fallait : {what}.").format(what=_what(acts)))


def _what(acts: tuple[Action, ...]) -> str:
    return ", ".join(_(MEANINGS[act]) for act in acts) or _("autoriser un acte réservé")
