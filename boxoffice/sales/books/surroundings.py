"""What stands around the sales, as the journal tells it: operators and their rights, tills, shifts, rules.

The chains of several tills tell of the same operators and rules, and no clock puts their entries in one order
for certain. What is compared here holds in whatever order they were written.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import Operator, Sale, Setting, Till, TillSession, VatStatus, table
from boxoffice.prepared import Prepared

from ..staff.kept_settings import default_settings
from ..staff.operators import pin_seal
from .answer_books import AnswerBooks
from .bookkeeping import Names
from .catalogue_books import CatalogueBooks, Moved
from .changes import left_standing
from .journal import canonical
from .named_books import compare_named
from .pin_books import PinBooks
from .prices import Prices
from .programme_books import ProgrammeBooks
from .reconciliation import Place, Wrong, readable
from .retelling import Retelling
from .return_books import Limits, ReturnBooks
from .showing_books import ShowingBooks
from .supplements import Supplements
from .terms_books import TermsBooks

_operator, _till, _shift, _setting = table(Operator), table(Till), table(TillSession), table(Setting)
_sale = table(Sale)

_STAFF = Prepared(
    select(_operator.c.number, _operator.c.name, _operator.c.role, _operator.c.active, _operator.c.pin_hash)
)
_SHIFTS = Prepared(
    select(
        _shift.c.till_id,
        _operator.c.number,
        _shift.c.opened_at,
        _shift.c.float_cents,
        _shift.c.closed_at,
        _shift.c.counted_cents,
    ).outerjoin(_operator, _operator.c.id == _shift.c.operator_id)
)
_TILLS = Prepared(select(_till.c.number, _till.c.name, _till.c.active))
_SETTINGS = Prepared(select(_setting))


class _Shift(NamedTuple):
    """A shift by what the journal calls its parts; the last two are None while it is open."""

    operator: int | None
    opened_at: str
    float_cents: int
    closed_at: str | None = None
    counted_cents: int | None = None


class _Seller(NamedTuple):
    """As whom a till signs: its SIRET, and whether it charges VAT, which only who logs in tells."""

    siret: str
    charges_vat: bool | None


@dataclass
class Surroundings:
    """What has been told so far, to be held against the tables at the end."""

    operators: dict[int, dict[str, str]] = field(default_factory=dict)
    pins: PinBooks = field(default_factory=PinBooks)
    answers: AnswerBooks = field(default_factory=AnswerBooks)
    gone: Counter[int] = field(default_factory=Counter)
    roles: dict[int, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    tills: dict[int, str] = field(default_factory=dict)
    renamed: dict[int, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    retired: Counter[int] = field(default_factory=Counter)
    shifts: dict[int, list[_Shift]] = field(default_factory=lambda: defaultdict(list))
    closed_elsewhere: list[Mapping[str, Any]] = field(default_factory=list)
    changes: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    prices: Prices = field(default_factory=Prices)
    supplements: Supplements = field(default_factory=Supplements)
    programme: ProgrammeBooks = field(default_factory=ProgrammeBooks)
    terms: TermsBooks = field(default_factory=TermsBooks)
    catalogue: CatalogueBooks = field(default_factory=CatalogueBooks)
    returns: ReturnBooks = field(default_factory=ReturnBooks)
    sellers: set[_Seller] = field(default_factory=set)
    signed_as: dict[_Seller, Place] = field(default_factory=dict)
    in_force: dict[tuple[str, str], Place] = field(default_factory=dict)
    latest: str = ""

    def hear(self, till_id: int, kind: str, content: Mapping[str, Any]) -> None:
        """Take in an entry of the chain of a till, in its order. Raises LookupError if it lacks its part."""
        place = Place(content["till"], content["sequence"])
        self.latest = max(self.latest, content["at"])
        self.signed_as.setdefault(_Seller(content["establishment"], content.get("charges_vat")), place)
        self.programme.hear(kind, content)
        self.returns.hear(kind, content)
        self.pins.hear(kind, content)
        self.answers.hear(kind, content)
        match kind:
            case JournalKind.ESTABLISHMENT_TOLD:
                told = content["told"]
                self.sellers.add(_Seller(told["siret"], told["vat_status"] == VatStatus.LIABLE))
            case JournalKind.OPERATOR_LOGGED_IN:
                for name, value in content.get("rules", {}).items():
                    self.in_force.setdefault((name, canonical(value)), place)
            case JournalKind.PROGRAMME_IMPORTED | JournalKind.PROGRAMME_CHANGED:
                self._hear_programme(content)
            case JournalKind.OPERATOR_ADDED:
                told = {"name": content["name"], "role": content["role"]}
                self.operators[content["added"]] = told
            case JournalKind.OPERATOR_ROLE_CHANGED:
                self.roles[content["changed"]].append((content["old"], content["new"]))
            case JournalKind.OPERATOR_DEACTIVATED:
                self.gone[content["deactivated"]] += 1
            case JournalKind.OPERATOR_REACTIVATED:
                self.gone[content["reactivated"]] -= 1
            case JournalKind.KEY_CREATED:
                self.tills.setdefault(content["till"], content.get("name", ""))
            case JournalKind.TILL_RENAMED:
                self.renamed[content["renamed"]].append((content["old"], content["new"]))
            case JournalKind.TILL_RETIRED:
                self.retired[content["retired"]] += 1
            case JournalKind.TILL_BROUGHT_BACK:
                self.retired[content["brought_back"]] -= 1
            case JournalKind.TILL_OPENED:
                self.shifts[till_id].append(_Shift(content["operator"], content["at"], content["float"]))
            case JournalKind.TILL_CLOSED if "of_till" in content:
                self.closed_elsewhere.append(content)
            case JournalKind.TILL_CLOSED:
                self.shifts[till_id].append(_closed(self.shifts[till_id].pop(), content))
            case JournalKind.SETTINGS_CHANGED:
                change = (canonical(content["old"]), canonical(content["new"]))
                self.changes[content["name"]].append(change)

    def _hear_programme(self, content: Mapping[str, Any]) -> None:
        """A programme is told whole the first time, and as versions of before did; then what has changed.

        What the first telling found otherwise was sold so until then: nobody else tells it.
        """
        if "after" not in content:
            self.prices.hear(content["prices"])
            self.supplements.hear(content)
            self.terms.hear(content)
            self.catalogue.hear_whole(content)
            self._hear_changed(content.get("before", {}))
            return
        self._hear_changed(content["after"])
        self.catalogue.hear_found(content["before"].get("catalogue", {}))

    def _hear_changed(self, told: Mapping[str, Any]) -> None:
        self.prices.hear(told.get("prices", {}))
        self.supplements.hear_changed(told)
        self.terms.hear_changed(told)
        self.catalogue.hear(told.get("catalogue", {}))

    def _close_elsewhere(self, tills: Mapping[int, int]) -> None:
        """Shifts of a till that another one closed: chains are read one after the other, these come last.

        Of two that began at one moment of a clock that was set back, the first to be closed began first.
        """
        ids = {number: till_id for till_id, number in tills.items()}
        for content in sorted(self.closed_elsewhere, key=lambda content: content.get("shift", 0)):
            of_till = self.shifts[ids.get(content["of_till"], 0)]
            for place, shift in enumerate(of_till):
                if shift.opened_at == content["opened_at"] and shift.closed_at is None:
                    of_till[place] = _closed(shift, content)
                    break

    def compare(self, session: Session, called: Names, retelling: Retelling) -> None:
        """Raise Wrong at the first row that is not as it was told; `retelling` has told every sale."""
        with readable(_("opérateurs, caisses, sessions ou règles")):
            staff = {row.number: row for row in _STAFF.rows(session)}
            tills = {row.number: row for row in _TILLS.rows(session)}
            kept = {row.name: canonical(json.loads(row.value)) for row in _SETTINGS.rows(session)}
            shifts: dict[int, list[_Shift]] = defaultdict(list)
            for row in _SHIFTS.rows(session):
                closed_at = row.closed_at and row.closed_at.isoformat()
                shift = _Shift(
                    row.number, row.opened_at.isoformat(), row.float_cents, closed_at, row.counted_cents
                )
                shifts[row.till_id].append(shift)
        self._compare_sellers()
        self._compare_rules_in_force()
        self.pins.compare()
        self.answers.compare(session, retelling.answered, called)
        grace = timedelta(minutes=max(self._told_of("grace_minutes")))
        self.answers.compare_alone(session, grace, called)
        with readable(_("table {name}").format(name=_sale.name)):
            until, reversed_until = retelling.until(), retelling.reversed_until()
        self.programme.compare(session, retelling.issued, until, called.screenings)
        self.prices.compare(
            session,
            retelling.sold,
            called,
            self.programme.price_lists(),
            may_be_exempt=any(not seller.charges_vat for seller in self.sellers),
        )
        self.terms.compare(session)
        self.catalogue.compare(session)
        self._compare_shown(retelling, called)
        self.catalogue.compare_titles(retelling.issued, called.screenings)
        self.catalogue.compare_labels(session, retelling.sold, called, self.programme.price_lists())
        if self.latest:
            compare_named(session, self.catalogue, called.screenings, datetime.fromisoformat(self.latest))
        self.returns.compare(
            self.programme,
            self.catalogue,
            Limits(self._told_of("cancelling_ends_minutes"), self._told_of("booking_grace_minutes")),
            [(called.screenings.get(screening, ""), at) for screening, at in reversed_until.items()],
        )
        self.supplements.compare(session, self.programme.price_lists())
        self._compare_operators(staff)
        self._compare_tills(tills)
        self._close_elsewhere(called.tills)
        for till_id in self.shifts.keys() | shifts.keys():
            _compare_shifts(called.tills.get(till_id, 0), self.shifts[till_id], shifts[till_id])
        self._compare_rules(kept)

    def moved(self) -> Moved | None:
        """The sections and venues between which the programme was told to have moved screenings."""
        return self.catalogue.moved(self.programme.halls)

    def showings(self) -> ShowingBooks:
        """What statements may say of the programme; business days begin as some rule ever had it."""
        starts = {time.fromisoformat(value) for value in self._told_of("business_day_starts")}
        return ShowingBooks(self.programme, self.catalogue, starts)

    def _told_of(self, rule: str) -> set[Any]:
        """All that a rule was ever told to be, and what it is as it comes."""
        told = {value for change in self.changes.get(rule, ()) for value in change}
        return {json.loads(value) for value in (told | {default_settings()[rule]})} - {None}

    def _compare_shown(self, retelling: Retelling, called: Names) -> None:
        """No seat was sold of an event, or at a venue, that its screening was never told to have."""
        for screening, shown in sorted(retelling.shown):
            code = called.screenings.get(screening, "")
            known = self.catalogue.shown(code, self.programme.halls(code))
            for value, told in zip(shown, known, strict=True):
                if told and value not in told:
                    raise Wrong(
                        _("séance {code}").format(code=code),
                        _("on en a vendu des billets pour « {value} », qui n'a jamais été annoncé.").format(
                            value=value
                        ),
                    )

    def _compare_sellers(self) -> None:
        """Nothing was signed for an establishment, or under a VAT status, that was never told."""
        known = self.sellers | {seller._replace(charges_vat=None) for seller in self.sellers}
        for seller, place in self.signed_as.items():
            if known and seller not in known:
                raise Wrong(place, _("l'établissement n'est pas celui que le journal a raconté."))

    def _compare_rules_in_force(self) -> None:
        """Nobody worked under a rule that no manager had ever set so; a default needs no telling."""
        for (name, value), place in self.in_force.items():
            if not any(value in change for change in self.changes.get(name, ())):
                raise Wrong(
                    place,
                    _("on y travaille sous la règle {name} = {value}, que personne n'a posée.").format(
                        name=name, value=value
                    ),
                )

    def _compare_operators(self, staff: Mapping[int, Any]) -> None:
        for number in sorted(self.operators.keys() | staff.keys()):
            where = _("fiche de l'opérateur n° {number}").format(number=number)
            if number not in staff:
                raise Wrong(where, _("elle manque, et le journal la raconte."))
            if number not in self.operators:
                raise Wrong(where, _("aucun journal ne la raconte."))
            told: dict[str, Any] = {**self.operators[number], "active": self.gone[number] == 0}
            told["role"] = left_standing(self.roles[number], self.operators[number]["role"])
            for column, value in told.items():
                if getattr(staff[number], column) != value:
                    raise _not_as_signed(where, column)
            if pin_seal(staff[number].pin_hash) not in self.pins.in_force(number):
                raise _not_as_signed(where, "pin_hash")

    def _compare_tills(self, tills: Mapping[int, Any]) -> None:
        for number in sorted(self.tills.keys() | tills.keys()):
            where = _("caisse {till}").format(till=number)
            if number not in tills:
                raise Wrong(where, _("elle manque, et le journal la raconte."))
            if number not in self.tills:
                raise Wrong(where, _("aucun journal ne la raconte."))
            if tills[number].name != left_standing(self.renamed[number], self.tills[number]):
                raise _not_as_signed(where, "name")
            if tills[number].active != (self.retired[number] == 0):
                raise _not_as_signed(where, "active")

    def _compare_rules(self, kept: Mapping[str, str]) -> None:
        defaults = {name: canonical(json.loads(value)) for name, value in default_settings().items()}
        for name in sorted(self.changes.keys() | kept.keys()):
            where = _("règle {name}").format(name=name)
            if name not in kept:
                raise Wrong(where, _("elle manque, et le journal la raconte."))
            if name not in self.changes:
                raise Wrong(where, _("aucun journal ne la raconte."))
            if kept[name] != left_standing(self.changes[name], defaults.get(name)):
                raise _not_as_signed(where, "value")


def _closed(shift: _Shift, content: Mapping[str, Any]) -> _Shift:
    return shift._replace(closed_at=content["at"], counted_cents=content["counted"])


def _compare_shifts(till: int, told: list[_Shift], found: list[_Shift]) -> None:
    where = _("sessions de la caisse {till}").format(till=till)
    if len(told) != len(found):
        raise Wrong(
            where,
            _("{found} dans la base, {signed} dans le journal.").format(found=len(found), signed=len(told)),
        )
    remaining = Counter(found)
    remaining.subtract(told)
    for shift in told:
        if remaining[shift] < 0:
            where = _("session de la caisse {till} ouverte à {moment}").format(
                till=till, moment=shift.opened_at
            )
            raise Wrong(where, _("elle n'est pas ce qui a été signé."))


def _not_as_signed(where: str, column: str) -> Wrong:
    return Wrong(where, _("« {column} » n'est pas ce qui a été signé.").format(column=column))
