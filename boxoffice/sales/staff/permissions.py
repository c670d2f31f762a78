"""Who may do what: each act that is not for everybody, and the roles that may do it without a manager."""

import json
from collections.abc import Mapping

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.errors import ManagerNeeded
from boxoffice.kinds import Action
from boxoffice.language import _, later
from boxoffice.models import Operator, Role, Setting, table

PREFIX = "permission."
"""What the settings of permissions are called by, among the others."""

OTHERS = (Role.CASHIER, Role.BADGES)
"""The roles that an act may be left to. A manager may do everything: who else could take a right back?"""

RESERVED = frozenset({Action.CHANGE_STAFF, Action.CHANGE_PERMISSIONS, Action.CARE_FOR_KEYS})
"""What is left to nobody else, who would give themself every other right by it."""

AT_A_TILL = frozenset(
    {
        Action.REVERSE_LATE,
        Action.EXCHANGE_LATE,
        Action.CANCEL_LATE,
        Action.ANSWER_CREDITS,
        Action.CHANGE_SCREENING,
        Action.CASH_OUT,
        Action.OPEN_DRAWER,
        Action.REPRINT,
        Action.REPRINT_ANYTIME,
        Action.UNBLOCK_PASS,
        Action.REPLACE_PASS,
        Action.CHANGE_HOLDER,
        Action.UNBLOCK_CARD,
        Action.REPLACE_CARD,
        Action.LENGTHEN_CARD,
        Action.GIVE_CARDS,
        Action.CORRECT_BALANCE,
        Action.MERGE_CUSTOMERS,
    }
)
"""What is done from the screens of a till alone, which who hands out badges has not."""

_BY_DEFAULT = {
    Action.SEE_TAKINGS: frozenset({Role.CASHIER}),
    Action.OPEN_DRAWER: frozenset({Role.CASHIER}),
    Action.REPRINT: frozenset({Role.CASHIER}),
}
_NOBODY: frozenset[Role] = frozenset()

_operator, _setting = table(Operator), table(Setting)

MEANINGS: Mapping[Action, str] = {
    Action.REVERSE_LATE: later("annuler une vente passé le délai, ou d'une autre caisse"),
    Action.EXCHANGE_LATE: later("échanger des places passé le délai"),
    Action.CANCEL_LATE: later("annuler une réservation de pass passé le délai"),
    Action.ANSWER_CREDITS: later("répondre aux demandes d'avoir"),
    Action.CHANGE_SCREENING: later("annuler ou déplacer une séance"),
    Action.SEE_TAKINGS: later("lire les recettes de cette caisse"),
    Action.SEE_FIGURES: later("suivre les chiffres de toute la billetterie"),
    Action.CASH_OUT: later("sortir des espèces du tiroir"),
    Action.OPEN_DRAWER: later("ouvrir le tiroir sans vente"),
    Action.ANSWER_DIFFERENCE: later("répondre d'un écart de caisse"),
    Action.CLOSE_OTHERS_SHIFT: later("fermer la session d'un autre"),
    Action.CLOSE_TILL: later("clore une caisse"),
    Action.CLOSE_DAY: later("clore la journée, le mois, l'année"),
    Action.REPRINT: later("réimprimer un billet ou un reçu"),
    Action.REPRINT_ANYTIME: later("réimprimer sans session de caisse ouverte"),
    Action.REPRINT_CLOSING: later("réimprimer une clôture"),
    Action.UNBLOCK_PASS: later("débloquer un pass"),
    Action.REPLACE_PASS: later("remplacer un pass"),
    Action.CHANGE_HOLDER: later("changer le titulaire d'un pass"),
    Action.UNBLOCK_CARD: later("débloquer une carte"),
    Action.REPLACE_CARD: later("remplacer une carte"),
    Action.LENGTHEN_CARD: later("prolonger une carte"),
    Action.GIVE_CARDS: later("offrir des cartes de places"),
    Action.MAKE_CODES: later("créer ou exporter des codes promo"),
    Action.CORRECT_BALANCE: later("corriger un solde"),
    Action.MERGE_CUSTOMERS: later("fusionner deux fiches de clients"),
    Action.ERASE_CUSTOMERS: later("lister les clients inactifs, effacer des clients"),
    Action.EXPORT_FIGURES: later("tirer relevés et listes d'entrée, exporter les chiffres"),
    Action.EXPORT_CUSTOMERS: later("exporter la liste des clients"),
    Action.MAKE_ARCHIVE: later("faire une archive"),
    Action.IMPORT_FILES: later("importer un programme, des pass, des cartes, des demandes"),
    Action.CHANGE_SETTINGS: later("changer les réglages, caisses, imprimantes, prix"),
    Action.CHANGE_STAFF: later("changer les opérateurs et leurs codes"),
    Action.CHANGE_PERMISSIONS: later("changer ce tableau"),
    Action.CARE_FOR_KEYS: later("sauver et remplacer les clés de signature"),
}


def setting_of(action: Action) -> str:
    """What the permission for an act is called among the settings."""
    return PREFIX + action.value


def allowed_by_default(action: Action) -> frozenset[Role]:
    """The roles other than the manager's that may do something in a festival that changed nothing."""
    return _BY_DEFAULT.get(action, _NOBODY)


def written(roles: frozenset[Role]) -> str:
    """Roles as the JSON text that `setting` keeps."""
    return json.dumps(sorted(roles))


def permission_values() -> dict[str, str]:
    """Each permission at its default, as the JSON text that `setting` would keep."""
    return {setting_of(action): written(allowed_by_default(action)) for action in Action}


def allowed_roles(session: Session, action: Action) -> frozenset[Role]:
    """The roles other than the manager's that may do something today."""
    if action in RESERVED:
        return _NOBODY
    kept = session.execute(
        select(_setting.c.value).where(_setting.c.name == setting_of(action))
    ).scalar_one_or_none()
    return allowed_by_default(action) if kept is None else frozenset(map(Role, json.loads(kept)))


def is_for_everybody(session: Session, action: Action) -> bool:
    """Whether every role may do something today."""
    return allowed_roles(session, action).issuperset(OTHERS)


def may(session: Session, action: Action, operator_id: int) -> bool:
    """Whether somebody may do something by themself: as their role and the table stand in the database."""
    role = session.execute(
        select(_operator.c.role).where(_operator.c.id == operator_id, _operator.c.active)
    ).scalar_one_or_none()
    if role is None:
        return False
    return role is Role.MANAGER or role in allowed_roles(session, action)


def require(
    session: Session,
    action: Action,
    operator_id: int,
    authorized_by: int | None = None,
    *,
    needed: ManagerNeeded | None = None,
) -> int:
    """The id of who answers for an act: who typed their PIN for it, or else who does it.

    Raises ManagerNeeded where they may not: `needed`, if it says more than that.
    """
    if authorized_by is not None:
        operator_id, needed = authorized_by, None
    if not may(session, action, operator_id):
        raise needed or ManagerNeeded(
            _("Cette autorisation n'est pas celle d'un responsable."),
            _("Demandez à un responsable de taper son code."),
        )
    return operator_id


def require_of(session: Session, action: Action, number: int | None) -> None:
    """The same of who is known by their number, or of nobody in particular where everybody may.

    Raises ManagerNeeded.
    """
    if number is None and is_for_everybody(session, action):
        return
    asking = select(_operator.c.id).where(_operator.c.number == number)
    require(session, action, session.execute(asking).scalar_one_or_none() or 0)
