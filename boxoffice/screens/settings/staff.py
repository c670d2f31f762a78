"""Who works here: members of the staff let in, their role and PIN changed, those who leave and come back."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind, Role
from boxoffice.language import _, later
from boxoffice.sales.staff.staff_changes import (
    AddOperator,
    OperatorRow,
    add_operator,
    change_pin,
    change_role,
    deactivate,
    list_operators,
    reactivate,
)

from ..choosing import Thing
from ..short_form import Line
from .editing import Section, SectionDialog, SettingRow
from .form import Typed
from .words import changed_words

if TYPE_CHECKING:
    from boxoffice.database import Session

ROLES = (
    (Role.CASHIER, later("caissier")),
    (Role.MANAGER, later("responsable")),
    (Role.BADGES, later("badges")),
)
LONGEST_PIN = 12


class StaffSection(Section):
    TITLE: ClassVar[str] = later("Opérateurs")
    SAYS: ClassVar[str] = later("noms, rôles, codes PIN")
    ADDS: ClassVar[bool] = True
    ACTION: ClassVar[Action] = Action.CHANGE_STAFF
    RETIRES: ClassVar[bool] = True
    TOLD_AS: ClassVar[tuple[JournalKind, ...]] = (
        JournalKind.OPERATOR_ADDED,
        JournalKind.OPERATOR_PIN_CHANGED,
        JournalKind.OPERATOR_ROLE_CHANGED,
        JournalKind.OPERATOR_DEACTIVATED,
        JournalKind.OPERATOR_REACTIVATED,
    )

    def read(self, session: "Session") -> Sequence[SettingRow]:
        return [
            SettingRow(
                row.number,
                row,
                _("n° {number} {name}").format(number=row.number, name=row.name),
                role_words(row.role) if row.active else _("hors service"),
                _("Entrée : code, rôle, départ ou retour. Le code de personne n'est jamais montré."),
                retired=not row.active,
            )
            for row in list_operators(session)
        ]

    def change(self, listed: SectionDialog, row: SettingRow) -> None:
        member: OperatorRow = row.what
        acts: list[tuple[Thing, Callable[[], None]]] = [
            (Thing(_("Nouveau code PIN")), lambda: self._ask_pin(listed, member)),
            (Thing(_("Rôle"), role_words(member.role)), lambda: self._ask_role(listed, member)),
        ]
        if member.active:
            act = Thing(_("Mettre hors service"), _("ses ventes restent les siennes"))
            acts.append((act, lambda: listed.do(partial(self._let_go, member))))
        else:
            act = Thing(_("Remettre en service"), _("avec le code de son départ"))
            acts.append((act, lambda: listed.do(partial(self._let_back, member))))
        self.choose(listed, row.label, [thing for thing, _act in acts], lambda place: acts[place][1]())

    def add(self, listed: SectionDialog) -> None:
        def chosen(place: int) -> None:
            role = ROLES[place][0]
            lines = [Line("name", _("Nom"), placeholder=_("prénom et initiale")), *_pin_lines()]

            def put(session: "Session", typed: Typed) -> str:
                command = AddOperator(typed["name"], role, _same_pin(typed))
                number = add_operator(session, self.house.post, command, **self.by)
                return _("{name} est l'opérateur n° {number}.").format(name=typed["name"], number=number)

            self.form(
                listed, _("Nouvel opérateur : {role}").format(role=role_words(role)), lines, put, secret=_PINS
            )

        self.choose(listed, _("Quel rôle ?"), [Thing(_(words)) for _role, words in ROLES], chosen)

    def _ask_pin(self, listed: SectionDialog, member: OperatorRow) -> None:
        def put(session: "Session", typed: Typed) -> str:
            change_pin(session, self.house.post, member.number, _same_pin(typed), **self.by)
            return _("{name} a un nouveau code.").format(name=member.name)

        title = _("Nouveau code de {name}").format(name=member.name)
        self.form(listed, title, _pin_lines(), put, secret=_PINS)

    def _ask_role(self, listed: SectionDialog, member: OperatorRow) -> None:
        def put(place: int) -> None:
            listed.do(partial(self._give_role, member, ROLES[place][0]))

        title = _("Rôle de {name}").format(name=member.name)
        now = [role for role, _words in ROLES].index(member.role)
        self.choose(listed, title, [Thing(_(words)) for _role, words in ROLES], put, at=now)

    def _give_role(self, member: OperatorRow, role: Role, session: "Session") -> str:
        post, seen = self.house.post, member.role
        name = change_role(session, post, member.number, role, seen=seen, **self.by)
        since = _("Dès sa prochaine connexion.")
        return changed_words(name, [("", role_words(seen), role_words(role))], since=since)

    def _let_go(self, member: OperatorRow, session: "Session") -> str:
        name = deactivate(session, self.house.post, member.number, **self.by)
        return _("{name} n'est plus en service.").format(name=name)

    def _let_back(self, member: OperatorRow, session: "Session") -> str:
        name = reactivate(session, self.house.post, member.number, **self.by)
        return _("{name} est de nouveau en service.").format(name=name)


def role_words(role: Role) -> str:
    """A role, as it is said."""
    return next(_(words) for each, words in ROLES if each is role)


_PINS = ("pin", "again")


def _pin_lines() -> list[Line]:
    hint = _("de 4 à 12 chiffres")
    return [
        Line("pin", _("Code PIN"), placeholder=hint, longest=LONGEST_PIN),
        Line("again", _("Encore une fois"), placeholder=hint, longest=LONGEST_PIN),
    ]


def _same_pin(typed: Typed) -> str:
    """The PIN, typed alike twice. Raises Refusal if it is not."""
    if typed["pin"] != typed["again"]:
        raise Refusal(_("Les deux codes ne sont pas les mêmes."), _("Tapez-les de nouveau."))
    return typed["pin"]
