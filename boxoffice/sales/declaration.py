"""What the user of the program shows to who asks how it keeps the books: facts, read where they are in force.

It is French, as every paper is.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlmodel import Session

from boxoffice import __version__
from boxoffice.clock import Clock, say
from boxoffice.errors import Refusal
from boxoffice.kinds import ClosingPeriod, JournalKind, VatStatus
from boxoffice.language import _
from boxoffice.models import Closing, Establishment, JournalEntry, SigningKey, Till, guards, table

from .archives.due import years_to_archive
from .books.verification import Verdict
from .closings.restorings import read_restorings
from .closings.state import read_state
from .declared import ARCHIVED, EVENTS, FUNCTIONS, KEPT, LIMITS, SECURED, UNALTERED
from .staff.rules import Rules, read_rules
from .staff.typed_rules import RULES

_entry, _key, _till, _closing = table(JournalEntry), table(SigningKey), table(Till), table(Closing)

SOFTWARE = "boxoffice"
_MOST_NOTICES = 12
"""Notices of a verification that the document repeats; the others are counted."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the document: pairs of a name and a value, then paragraphs."""

    title: str
    pairs: tuple[tuple[str, str], ...] = ()
    paragraphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """The document, as of a moment; `specimen` marks that of a till where nothing is real."""

    title: str
    at: datetime
    specimen: str
    sections: tuple[Section, ...]


def read_declaration(session: Session, *, clock: Clock, verdict: Verdict | None = None) -> Declaration:
    """The facts as they are now, with the `verdict` of a verification made for it.

    Raises Refusal where there is no festival.
    """
    seller = session.get(Establishment, 1)
    if seller is None:
        raise Refusal(
            _("Il n'y a pas encore de festival dans cette base de données."),
            _("Créez-le avec « boxoffice init »."),
        )
    at = clock.now()
    rules = read_rules(session)
    every = rules.backup_hours
    hours = f"toutes les {every} heures" if every else "non : la règle les a arrêtées"
    return Declaration(
        "Présentation du logiciel de caisse",
        at,
        seller.specimen,
        (
            Section(
                "Le logiciel",
                (
                    ("Nom", SOFTWARE),
                    ("Version", __version__),
                    ("Versions utilisées ici", _versions(session)),
                    ("Document établi le", say(at, "d MMMM y 'à' HH:mm")),
                ),
                FUNCTIONS,
            ),
            Section(
                "L'utilisateur",
                (
                    ("Exploitant", seller.operator_name),
                    ("Adresse", f"{seller.address}, {seller.postcode} {seller.town}"),
                    ("SIRET", seller.siret),
                    ("TVA", _vat(seller, rules)),
                ),
            ),
            Section("L'état à cette date", _state(session, rules, verdict, clock), _notices(verdict)),
            Section("Inaltérabilité", (), _filled(UNALTERED, tables=", ".join(guards.INSERT_ONLY))),
            Section("Sécurisation", (), _filled(SECURED, events=" ; ".join(EVENTS))),
            Section("Conservation", _closings(session), _filled(KEPT, hours=hours)),
            Section("Archivage", _archives(session), ARCHIVED),
            Section("Bases remises", _restorings(session)),
            Section(
                "Les clés publiques, par leur empreinte SHA-256", (*_keys(session), *_cared_keys(session))
            ),
            Section("Les règles en vigueur", _rules(session)),
            Section("Portée", (), LIMITS),
        ),
    )


def _rules(session: Session) -> tuple[tuple[str, str], ...]:
    """Each rule in force as an auditor reads it: what it is, and its value in words."""
    rules = read_rules(session)
    told = []
    for rule in RULES.values():
        kept = getattr(rules, rule.name)
        value = ("non", "oui")[kept] if isinstance(kept, bool) else rule.show(kept)
        told.append((rule.title, f"{rule.words.get(value, value) or '–'} ({rule.meaning})"))
    return tuple(told)


def _filled(paragraphs: tuple[str, ...], **values: str) -> tuple[str, ...]:
    return tuple(paragraph.format(**values) for paragraph in paragraphs)


def _vat(seller: Establishment, rules: Rules) -> str:
    if seller.vat_status is VatStatus.EXEMPT:
        return f"non facturée : {rules.exemption}"
    return seller.vat_number


def _state(
    session: Session, rules: Rules, verdict: Verdict | None, clock: Clock
) -> tuple[tuple[str, str], ...]:
    """What an inspector asks first: whether it verifies, what guards it, and what should have been done."""
    missing = guards.missing(session.connection())
    state = read_state(session, rules, clock=clock)
    late = [till for till in state.tills if till.is_late]
    day = state.day if state.day is not None and state.day < state.today else None
    years = years_to_archive(session, state.today)
    return (
        ("Vérification", _verified(verdict)),
        (
            "Gardes de la base",
            f"manquent ou changées : {', '.join(missing)}" if missing else "toutes en place",
        ),
        ("Caisses en retard", ", ".join(f"caisse {each.till}" for each in late) or "aucune"),
        ("Journée à clore", _due(day)),
        ("Mois à clore", _due(state.month)),
        ("Année à clore", _due(state.year)),
        ("Années à archiver", ", ".join(map(str, years)) or "aucune"),
    )


def _verified(verdict: Verdict | None) -> str:
    if verdict is None:
        return "non faite pour ce document : « boxoffice journal verify »"
    read = f"entrées lues : {verdict.entries}, opérations : {verdict.sales}"
    if verdict.fault is None:
        return f"faite pour ce document : le journal est intact ({read})"
    return f"faite pour ce document : un défaut est trouvé ({read}). {verdict.fault}"


def _notices(verdict: Verdict | None) -> tuple[str, ...]:
    """What the verification says should be known of."""
    told = () if verdict is None else verdict.notices
    more = len(told) - _MOST_NOTICES
    others = (f"Et {more} autres signalements : « boxoffice journal verify ».",) if more > 0 else ()
    return (*(f"Signalé : {notice}" for notice in told[:_MOST_NOTICES]), *others)


def _due(last: date | None) -> str:
    return "rien n'attend" if last is None else f"jusqu'au {last:%d/%m/%Y}"


def _restorings(session: Session) -> tuple[tuple[str, str], ...]:
    """Each restoring, and the operations that are not in the database any more."""
    return tuple(
        (
            say(each.at, "d MMM y 'à' HH:mm"),
            " ; ".join(
                (
                    f"depuis {each.backup or 'une copie'}",
                    *(left_out.said() for left_out in each.left_out),
                )
            ),
        )
        for each in read_restorings(session)
    ) or (("Aucune", "la base n'a jamais été remise depuis une sauvegarde"),)


def _cared_keys(session: Session) -> tuple[tuple[str, str], ...]:
    """How often keys were copied out, put back and said to be lost."""
    words = {
        JournalKind.KEY_BACKED_UP: "Clés copiées",
        JournalKind.KEY_RESTORED: "Clés remises",
        JournalKind.KEY_LOST: "Clés perdues",
    }
    counted = (
        select(_entry.c.kind, func.count(), func.max(_entry.c.at))
        .where(_entry.c.kind.in_(map(str, words)))
        .group_by(_entry.c.kind)
    )
    told = {
        kind: f"{count} fois, la dernière le {say(last, 'd MMMM y')}"
        for kind, count, last in session.execute(counted)
    }
    return tuple((word, told.get(str(kind), "jamais")) for kind, word in words.items())


def _versions(session: Session) -> str:
    """Every version that wrote to a journal, as the first entries that changed it tell."""
    told = (
        select(_entry.c.content)
        .where(_entry.c.kind == JournalKind.PROGRAM_VERSION_CHANGED)
        .order_by(_entry.c.at)
    )
    versions = [json.loads(content)["version"] for content in session.execute(told).scalars()]
    return ", ".join(dict.fromkeys((*versions, __version__)))


def _closings(session: Session) -> tuple[tuple[str, str], ...]:
    counted = select(_closing.c.period, func.count(), func.max(_closing.c.last_day))
    made = {
        period: f"{count}, la dernière au {last:%d/%m/%Y}"
        for period, count, last in session.execute(counted.group_by(_closing.c.period))
    }
    names = {
        ClosingPeriod.TILL: "Clôtures de caisse",
        ClosingPeriod.DAY: "Clôtures de journée",
        ClosingPeriod.MONTH: "Clôtures de mois",
        ClosingPeriod.YEAR: "Clôtures d'année",
    }
    return tuple((name, made.get(period, "aucune")) for period, name in names.items())


def _archives(session: Session) -> tuple[tuple[str, str], ...]:
    told = select(func.count(), func.max(_entry.c.at)).where(_entry.c.kind == JournalKind.ARCHIVE_MADE)
    count, last = session.execute(told).one()
    return (("Archives faites", f"{count}, la dernière le {say(last, 'd MMMM y')}" if count else "aucune"),)


def _keys(session: Session) -> tuple[tuple[str, str], ...]:
    rows = session.execute(
        select(_till.c.number, _key.c.created_at, _key.c.fingerprint)
        .join(_key, _key.c.till_id == _till.c.id)
        .order_by(_till.c.number, _key.c.created_at)
    )
    return tuple(
        (f"Caisse {row.number}, du {say(row.created_at, 'd MMM y')}", row.fingerprint) for row in rows
    )
