"""Changing a rule of the festival: what is asked is checked, and the journal tells what was and what is."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, time

from sqlmodel import Session, col, select

from boxoffice.clock import Clock, business_day, say
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _, spoken
from boxoffice.models import Setting, TillSession

from ..books import journal
from ..wording import one_line
from .desk import Post
from .meanwhile import change_alone, refuse_unseen
from .operators import StaffMember, answering
from .rules import Rules, read_rules, rule_values
from .typed_rules import RULES, TypedRule


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in force, as listed: its value is written as it would be typed, and so is its default.

    `setting` is what the journal calls it, the guides by its `name`.
    `choices` are the values that it may have and what each is called, where there are but a few.
    """

    name: str
    title: str
    meaning: str
    value: str
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    setting: str = ""

    def said(self, value: str) -> str:
        """A value, as people say it."""
        return dict(self.choices).get(value, value)


def list_rules(session: Session) -> tuple[RuleRow, ...]:
    """Every rule, with the value in force."""
    rules = read_rules(session)
    return tuple(_row(name, rule, rules) for name, rule in RULES.items())


def change_rule(
    session: Session,
    post: Post,
    name: str,
    text: str,
    *,
    clock: Clock,
    manager: StaffMember | None = None,
    seen: str | None = None,
) -> RuleRow:
    """Put another value in force, as typed; counters take it up when they are next opened.

    A `manager` answers for it, once the first shift was opened.
    Raises Refusal for a rule that there is not, for a value that it cannot have, and for one that would stop
    an open till; ChangedMeanwhile where it is not the value that was `seen` any more.
    """
    change_alone(session)
    answered_by = answering(session, manager, Action.CHANGE_SETTINGS)
    rule = RULES.get(name)
    if rule is None:
        raise Refusal(
            _("La règle « {name} » n'existe pas.").format(name=one_line(name)),
            _("Règles : {names}.").format(names=", ".join(RULES)),
        )
    before = read_rules(session)
    refuse_unseen(seen, text, rule.show(getattr(before, rule.name)))
    after = replace(before, **{rule.name: rule.read(one_line(text))})
    _refuse_to_stop_tills(session, before.business_day_starts, after.business_day_starts, at=clock.now())
    old, new = (rule_values(rules)[rule.name] for rules in (before, after))
    if old != new:
        session.merge(Setting(name=rule.name, value=new))
        journal.append(
            session,
            post,
            JournalKind.SETTINGS_CHANGED,
            {"name": rule.name, "new": json.loads(new), "old": json.loads(old)},
            at=clock.now(),
            operator_number=answered_by,
        )
    return _row(name, rule, after)


def _refuse_to_stop_tills(session: Session, before: time, after: time, *, at: datetime) -> None:
    """Keep the hour at which days begin from making a past day of the one that a till sells in."""
    open_now = select(col(TillSession.opened_at)).where(col(TillSession.closed_at).is_(None))
    for opened_at in session.exec(open_now).all():
        sells = business_day(opened_at, before) == business_day(at, before)
        if sells and business_day(opened_at, after) != business_day(at, after):
            said = _("Une caisse est ouverte depuis {since} : sa journée serait finie, rien ne s'y vendrait.")
            raise Refusal(
                said.format(since=say(opened_at, "HH:mm", spoken())),
                _("Clôturez d'abord les caisses, ou choisissez une heure d'avant leur ouverture."),
            )


def _row(name: str, rule: TypedRule, rules: Rules) -> RuleRow:
    value, default = (rule.show(getattr(each, rule.name)) for each in (rules, Rules()))
    choices = tuple((rule.show(rule.read(each)), _(said)) for each, said in rule.words.items())
    return RuleRow(name, _(rule.title), _(rule.meaning), value, default, choices, rule.name)
