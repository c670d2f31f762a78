"""What the user of the program shows to who asks how it keeps the books: facts, read where they are in force.

It is French, as every paper is.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from boxoffice import __version__
from boxoffice.clock import Clock, say
from boxoffice.errors import Refusal
from boxoffice.kinds import ClosingPeriod, JournalKind, VatStatus
from boxoffice.language import _
from boxoffice.models import Closing, Establishment, JournalEntry, SigningKey, Till, guards, table

from .staff.rules import read_rules
from .staff.typed_rules import RULES

_entry, _key, _till, _closing = table(JournalEntry), table(SigningKey), table(Till), table(Closing)

SOFTWARE = "boxoffice"
_FUNCTIONS = (
    "Vente de billets et de produits, pass, réservations, cartes cadeaux et de places, codes promo,"
    " avoirs et soldes de clients.",
    "Encaissement, annulation et échange, chacun enregistré comme une opération de plus.",
    "Impression des billets, reçus, coupons de gestion, relevés et clôtures ; contrôle à l'entrée.",
    "Clôtures de caisse, de journée, de mois et d'année ; exports comptables ; archives.",
)
_UNALTERED = (
    "Chaque opération est enregistrée ligne par ligne : numéro, date et heure, caisse, opérateur, libellés,"
    " quantités, prix, taux de TVA, règlements, opération d'origine pour une annulation.",
    "Rien n'est modifié ni supprimé : une correction est une nouvelle opération, en plus ou en moins, qui"
    " renvoie à la première.",
    "La base de données refuse elle-même toute modification et toute suppression dans ces tables : {tables}.",
    "Chaque caisse tient un journal numéroté sans trou, où chaque entrée porte l'empreinte et la signature"
    " de celle d'avant. « boxoffice journal verify » trouve toute entrée ou ligne changée, ôtée, ajoutée ou"
    " déplacée.",
)
_SECURED = (
    "Chaque entrée du journal est signée par ECDSA sur la courbe P-256 avec SHA-256. La clé privée de chaque"
    " caisse est dans un fichier de son poste, jamais dans la base de données.",
    "Les journaux des caisses signent mutuellement où ils en sont ; chaque poste garde hors de la base,"
    " signée par sa clé, la dernière entrée qu'il a signée.",
    "Chaque opérateur a son code PIN (conservé haché par argon2id) et un rôle ; les actes réservés demandent"
    " le code d'un responsable, dont le numéro est enregistré.",
    "L'original d'un document porte le numéro 0 ; toute réimpression est numérotée, signée, et marquée"
    " DUPLICATA.",
    "Le mode formation (école) travaille sur une base, une clé et un journal à part ; ses papiers portent"
    " SPÉCIMEN – FORMATION ; son début et sa fin sont inscrits au journal réel.",
    "Sont aussi inscrits au journal : {events}.",
)
_KEPT = (
    "Les clôtures de journée, de mois et d'année enregistrent les totaux par taux de TVA, le total de la"
    " période et le total perpétuel, algébriques et absolus.",
    "La vente s'arrête tant qu'une journée passée n'est pas close.",
    "Aucune commande ne purge les données de caisse.",
    "Des sauvegardes sont faites d'elles-mêmes ({hours}), à la clôture et avant toute mise à jour, et relues"
    " avant d'être gardées. Une remise en place est inscrite au journal.",
)
_ARCHIVED = (
    "« boxoffice archive create » écrit tout ce qui est fiscal d'une période en CSV et en JSON dans un ZIP"
    " daté, avec la liste des empreintes SHA-256, signée par la clé de la caisse.",
    "L'archive se lit et se vérifie sans le logiciel (« sha256sum », « openssl ») ; « boxoffice archive"
    " verify » la vérifie par son seul fichier. Chaque archivage est inscrit au journal.",
)
_LIMITS = (
    "Ce document décrit le logiciel tel qu'il est installé et réglé à cette date. Il n'est ni un certificat"
    " ni l'attestation individuelle de l'éditeur.",
    "Qui a la clé d'une caisse, son ancre, la base et les sauvegardes peut refaire la fin d'un journal que"
    " personne d'autre n'a vue. Les autres caisses, les sauvegardes et les papiers en sont les témoins : la"
    " dernière ligne d'un Z imprimé se compare par « boxoffice journal verify --seen ».",
)
_EVENTS = (
    "connexions, déconnexions et codes refusés",
    "changements de règle, de programme, d'opérateur et d'imprimante",
    "ouvertures et fermetures de session, comptes du tiroir, mouvements d'espèces",
    "lignes retirées d'un panier, autorisations d'un responsable",
    "ruptures constatées, clés créées, copiées, remises ou perdues, bases remises, sauvegardes, archives",
    "changements de version",
)


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


def read_declaration(session: Session, *, clock: Clock) -> Declaration:
    """The facts as they are now. Raises Refusal where there is no festival."""
    seller = session.get(Establishment, 1)
    if seller is None:
        raise Refusal(
            _("Il n'y a pas encore de festival dans cette base de données."),
            _("Créez-le avec « boxoffice init »."),
        )
    at = clock.now()
    every = read_rules(session).backup_hours
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
                _FUNCTIONS,
            ),
            Section(
                "L'utilisateur",
                (
                    ("Exploitant", seller.operator_name),
                    ("Adresse", f"{seller.address}, {seller.postcode} {seller.town}"),
                    ("SIRET", seller.siret),
                    ("TVA", _vat(seller)),
                ),
            ),
            Section("Inaltérabilité", (), _filled(_UNALTERED, tables=", ".join(guards.INSERT_ONLY))),
            Section("Sécurisation", (), _filled(_SECURED, events=" ; ".join(_EVENTS))),
            Section("Conservation", _closings(session), _filled(_KEPT, hours=hours)),
            Section("Archivage", _archives(session), _ARCHIVED),
            Section("Les clés publiques, par leur empreinte SHA-256", _keys(session)),
            Section("Les règles en vigueur", _rules(session)),
            Section("Portée", (), _LIMITS),
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


def _vat(seller: Establishment) -> str:
    if seller.vat_status is VatStatus.EXEMPT:
        return "non facturée"
    return seller.vat_number


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
