"""The doctor: looks at all that a till needs, and says how each thing is, with a remedy where it is ill."""

import logging
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from sqlalchemy import select
from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.clock import Clock
from boxoffice.config import Settings
from boxoffice.database import HEAD, Database
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import Till, table
from boxoffice.revisions import has_lost_revision, newer_than_program, revision_of, without_revision
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.setup import open_post, read_key

from ..backups import list_backups
from ..holding import hold_backups
from . import books, computer, journals
from .findings import Finding, Health
from .patient import Patient

_till = table(Till)
NOTHING_HEARD: Mapping[int, str] = MappingProxyType({})

_log = logging.getLogger(__name__)


def examine(
    settings: Settings, *, clock: Clock, heard: Mapping[int, str] = NOTHING_HEARD
) -> tuple[Finding, ...]:
    """Everything that was looked at, in the order of a consultation; changes nothing.

    An open counter that asks says what it `heard` from its printers last: nobody else can ask them meanwhile.
    """
    findings = [
        *_safely("disk", lambda: computer.disk(settings)),
        *_safely("keys", lambda: computer.keys(settings)),
    ]
    database = databases.connect(settings.database_url)
    try:
        findings = [*_safely("database", lambda: _in_database(settings, database, clock, heard)), *findings]
    finally:
        database.close()
    return tuple(findings)


def is_ill(findings: tuple[Finding, ...]) -> bool:
    """Whether something needs to be done now."""
    return any(finding.health is Health.ILL for finding in findings)


def _in_database(
    settings: Settings, database: Database, clock: Clock, heard: Mapping[int, str]
) -> Iterator[Finding]:
    backups = list_backups(settings.backups_folder)
    with database.read() as session:
        revision = revision_of(session.connection())
        if revision != HEAD:
            yield _of_another_version(session, revision)
            return
        till_id = session.execute(select(_till.c.id).where(_till.c.number == settings.till)).scalar()
        post, trouble = _post(session, settings)
        held = hold_backups(session, settings, backups)
        patient = Patient(settings, database, session, clock, till_id, post, held, heard)
        yield from _safely("database", lambda: books.integrity(patient))
        yield from _safely("guards", lambda: books.guards_in_place(patient))
        yield from _safely("clock", lambda: computer.clock(patient))
        if trouble is not None:
            yield Finding("till", Health.ILL, trouble.message, trouble.remedy)
        yield from _safely("anchor", lambda: journals.anchor(patient))
        yield from _safely("journals", lambda: journals.journals(patient))
        yield from _safely("restored", lambda: journals.restored(patient))
        yield from _safely("closings", lambda: books.closings(patient))
        yield from _safely("archives", lambda: books.archives(patient))
        yield from _safely("printers", lambda: computer.printers(patient))
        yield from _safely("backups", lambda: computer.backups(patient))


def _safely(subject: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What a look finds; that it cannot look is a finding too."""
    try:
        yield from look()
    except Refusal as refusal:
        yield Finding(subject, Health.ILL, refusal.message, refusal.remedy)
    except Exception as error:
        _log.exception("The doctor cannot look at %s", subject)
        lost = databases.lost(error)
        said = lost.message if lost else _("Cela ne peut pas être regardé : {what}.").format(what=subject)
        remedy = (
            lost.remedy if lost else _("Appelez qui s'occupe du programme : le journal technique sait quoi.")
        )
        yield Finding(subject, Health.ILL, said, remedy)


def _of_another_version(session: Session, revision: str | None) -> Finding:
    if has_lost_revision(session.connection()):
        lost = without_revision()
        return Finding("database", Health.ILL, lost.message, lost.remedy)
    if revision is None:
        return Finding(
            "database",
            Health.ILL,
            _("La base de données est vide : il n'y a pas de festival."),
            _("Créez-le avec « boxoffice init », ou remettez une sauvegarde : « boxoffice restore »."),
        )
    if revision > HEAD:
        newer = newer_than_program()
        return Finding("database", Health.ILL, newer.message, newer.remedy)
    return Finding(
        "database",
        Health.WATCH,
        _("La base de données est d'une version d'avant."),
        _("Ouvrez le guichet : elle est sauvegardée, puis mise à jour."),
    )


def _post(session: Session, settings: Settings) -> tuple[Post | None, Refusal | None]:
    try:
        return open_post(session, settings.till, read_key(settings.till, settings.key_path)), None
    except Refusal as refusal:
        return None, refusal
