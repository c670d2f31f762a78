"""Settings that are one value each: the rules, the accounts that entries are written to, who may do what."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from boxoffice.kinds import Action, JournalKind, Role
from boxoffice.language import _, later
from boxoffice.sales.staff.accounts import AccountRow, change_account, list_accounts
from boxoffice.sales.staff.meanwhile import VALUE
from boxoffice.sales.staff.permission_changes import PermissionRow, change_permission, list_permissions
from boxoffice.sales.staff.permissions import AT_A_TILL
from boxoffice.sales.staff.rule_changes import RuleRow, change_rule, list_rules

from ..choosing import Thing
from ..short_form import Line
from .editing import Section, SectionDialog, SettingRow
from .form import Typed
from .words import changed_words

if TYPE_CHECKING:
    from boxoffice.database import Session

LONGEST_RULE = 200


class RulesSection(Section):
    TITLE: ClassVar[str] = later("Règles")
    SAYS: ClassVar[str] = later("délais, limites, reçus, avoirs")
    TOLD_AS: ClassVar[tuple[JournalKind, ...]] = (JournalKind.SETTINGS_CHANGED,)

    def read(self, session: "Session") -> Sequence[SettingRow]:
        return [
            SettingRow(
                row.setting,
                row,
                row.title,
                row.said(row.value),
                _("{meaning}. Par défaut : {default}. Dans le guide : {rule}.").format(
                    meaning=f"{row.meaning[0].upper()}{row.meaning[1:]}",
                    default=row.said(row.default) or _("rien"),
                    rule=row.name,
                ),
                f"{row.name} {row.meaning}",
            )
            for row in list_rules(session)
        ]

    def change(self, listed: SectionDialog, row: SettingRow) -> None:
        rule: RuleRow = row.what
        if rule.choices:
            things = [Thing(words) for _value, words in rule.choices]
            now = [value for value, _words in rule.choices].index(rule.value)

            def chosen(place: int) -> None:
                listed.do(partial(self._put, rule, rule.choices[place][0]))

            self.choose(listed, f"{rule.title} : {rule.meaning}", things, chosen, at=now)
            return
        line = Line(VALUE, _("Valeur"), text=rule.value, longest=LONGEST_RULE)

        def put(session: "Session", typed: Typed) -> str:
            return self._put(replace(rule, value=typed.seen[VALUE]), typed[VALUE], session)

        self.form(listed, rule.title, [line], put, words=row.says)

    def _put(self, seen: RuleRow, value: str, session: "Session") -> str:
        post = self.house.post
        after = change_rule(session, post, seen.name, value, seen=seen.value, **self.by)
        values = ("", seen.said(seen.value) or _("rien"), after.said(after.value) or _("rien"))
        since = _("Chaque caisse le suit à sa prochaine ouverture.")
        return changed_words(after.title, [values], since=since)


class AccountsSection(Section):
    TITLE: ClassVar[str] = later("Comptes du FEC")
    SAYS: ClassVar[str] = later("où vont les écritures")
    TOLD_AS: ClassVar[tuple[JournalKind, ...]] = (JournalKind.SETTINGS_CHANGED,)

    def read(self, session: "Session") -> Sequence[SettingRow]:
        return [
            SettingRow(row.setting, row, row.meaning, row.number, row.meaning)
            for row in list_accounts(session)
        ]

    def change(self, listed: SectionDialog, row: SettingRow) -> None:
        account: AccountRow = row.what
        line = Line(VALUE, _("Compte"), text=account.number, longest=20)

        def put(session: "Session", typed: Typed) -> str:
            number, seen = typed[VALUE], typed.seen[VALUE]
            after = change_account(session, self.house.post, account.name, number, seen=seen, **self.by)
            return changed_words(after.meaning, [("", seen, after.number)])

        self.form(listed, account.meaning, [line], put)


class PermissionsSection(Section):
    TITLE: ClassVar[str] = later("Droits")
    SAYS: ClassVar[str] = later("ce que chacun fait seul")
    ACTION: ClassVar[Action] = Action.CHANGE_PERMISSIONS
    TOLD_AS: ClassVar[tuple[JournalKind, ...]] = (JournalKind.SETTINGS_CHANGED,)

    WHO: ClassVar[tuple[tuple[frozenset[Role], str], ...]] = (
        (frozenset(), later("responsables")),
        (frozenset({Role.CASHIER}), later("caissiers aussi")),
        (frozenset({Role.BADGES}), later("badges, pas les caissiers")),
        (frozenset({Role.CASHIER, Role.BADGES}), later("caissiers et badges aussi")),
    )

    def read(self, session: "Session") -> Sequence[SettingRow]:
        return [
            SettingRow(row.setting, row, row.meaning, self._who(row.roles), self._says(row))
            for row in list_permissions(session)
        ]

    def change(self, listed: SectionDialog, row: SettingRow) -> None:
        permission: PermissionRow = row.what
        offered = [who for who in self.WHO if self._may_have(permission, who[0])]
        things = [Thing(_(words)) for _roles, words in offered]

        def put(place: int) -> None:
            listed.do(partial(self._put, permission, offered[place][0]))

        now = [roles for roles, _words in offered].index(permission.roles)
        self.choose(listed, _("Qui peut {what} ?").format(what=permission.meaning), things, put, at=now)

    def _may_have(self, permission: PermissionRow, roles: frozenset[Role]) -> bool:
        """Whether these roles can do an act at all, or are said to be allowed it already."""
        beyond_them = Role.BADGES in roles and permission.action in AT_A_TILL
        return not beyond_them or roles == permission.roles

    def _put(self, permission: PermissionRow, roles: frozenset[Role], session: "Session") -> str:
        post, seen = self.house.post, permission.roles
        after = change_permission(session, post, permission.action, roles, seen=seen, **self.by)
        return changed_words(after.meaning, [("", self._who(seen), self._who(after.roles))])

    def _who(self, roles: frozenset[Role]) -> str:
        return next(_(words) for each, words in self.WHO if each == roles)

    def _says(self, row: PermissionRow) -> str:
        if not row.settable:
            return _("Réservé aux responsables : qui le pourrait se donnerait tous les autres droits.")
        return _("Qui ne le peut pas demande à un responsable de taper son code ; le journal le raconte.")
