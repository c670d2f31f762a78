"""The doctor: looks at all that a till needs, and says how each thing is, with a remedy where it is ill."""

import logging
import os
import stat
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from babel.numbers import format_decimal
from filelock import FileLock, Timeout
from sqlalchemy import func, select, text
from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.clock import Clock, say
from boxoffice.config import Settings
from boxoffice.database import HEAD, Database, revision_of
from boxoffice.errors import Refusal
from boxoffice.language import _, spoken
from boxoffice.models import JournalEntry, Till, guards, table
from boxoffice.printing.printers.opening import open_printer
from boxoffice.sales.books.journal import CLOCK_TOLERANCE
from boxoffice.sales.closings.state import read_state
from boxoffice.sales.prints.outbox import PrinterSettings, printer_settings, printers_of_till
from boxoffice.sales.prints.outbox_listing import count_outbox
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.rules import read_rules
from boxoffice.sales.staff.setup import open_post, read_key
from boxoffice.sales.staff.standing import day_words

from . import journal_findings
from .backups import last_backup_at, list_backups
from .findings import Finding, Health
from .patient import Patient
from .signs import LITTLE_FREE_MB, OLDEST_BACKUP, free_megabytes

LEAST_FREE_MB = 200
CLOCK_MAY_DIFFER = timedelta(minutes=1)
_entry, _till = table(JournalEntry), table(Till)
_ends = _entry.alias()
_LAST_AT = (
    select(func.max(_entry.c.at))
    .select_from(_till)
    .join(
        _entry,
        (_entry.c.till_id == _till.c.id)
        & (
            _entry.c.sequence
            == select(func.max(_ends.c.sequence)).where(_ends.c.till_id == _till.c.id).scalar_subquery()
        ),
    )
)
"""When anything was last written at any till."""

_log = logging.getLogger(__name__)


def examine(settings: Settings, *, clock: Clock) -> tuple[Finding, ...]:
    """Everything that was looked at, in the order of a consultation; changes nothing."""
    findings = [*_safely("disk", lambda: _disk(settings)), *_safely("keys", lambda: _keys(settings))]
    database = databases.connect(settings.database_url)
    try:
        findings = [*_safely("database", lambda: _in_database(settings, database, clock)), *findings]
    finally:
        database.close()
    return tuple(findings)


def is_ill(findings: tuple[Finding, ...]) -> bool:
    """Whether something needs to be done now."""
    return any(finding.health is Health.ILL for finding in findings)


def _in_database(settings: Settings, database: Database, clock: Clock) -> Iterator[Finding]:
    backups = list_backups(settings.backups_folder)
    with database.read() as session:
        revision = revision_of(session.connection())
        if revision != HEAD:
            yield _of_another_version(revision)
            return
        till_id = session.execute(select(_till.c.id).where(_till.c.number == settings.till)).scalar()
        post, trouble = _post(session, settings)
        patient = Patient(settings, database, session, clock, till_id, post, backups)
        yield from _safely("database", lambda: _integrity(patient))
        yield from _safely("guards", lambda: _guards(patient))
        yield from _safely("clock", lambda: _clock(patient))
        if trouble is not None:
            yield Finding("till", Health.ILL, trouble.message, trouble.remedy)
        yield from _safely("anchor", lambda: journal_findings.anchor(patient))
        yield from _safely("journals", lambda: journal_findings.journals(patient))
        yield from _safely("restored", lambda: journal_findings.restored(patient))
        yield from _safely("closings", lambda: _closings(patient))
        yield from _safely("printers", lambda: _printers(patient))
        yield from _safely("backups", lambda: _backups(patient))


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


def _of_another_version(revision: str | None) -> Finding:
    if revision is None:
        return Finding(
            "database",
            Health.ILL,
            _("La base de données est vide : il n'y a pas de festival."),
            _("Créez-le avec « boxoffice init », ou remettez une sauvegarde : « boxoffice restore »."),
        )
    if revision > HEAD:
        newer = databases.newer_than_program()
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


def _integrity(patient: Patient) -> Iterator[Finding]:
    where = (
        _("un fichier de ce poste") if patient.database.is_sqlite else patient.database.engine.url.host or "?"
    )
    if patient.database.is_sqlite:
        found = patient.session.execute(text("PRAGMA quick_check(1)")).scalar()
        if found != "ok":
            yield Finding(
                "database",
                Health.ILL,
                _("Le fichier de la base de données est abîmé."),
                _("Ne vendez plus. Remettez la dernière sauvegarde : « boxoffice restore »."),
            )
            return
    yield Finding(
        "database",
        Health.WELL,
        _("La base de données répond ({where}), version {version}.").format(where=where, version=HEAD),
    )


def _guards(patient: Patient) -> Iterator[Finding]:
    missing = guards.missing(patient.session.connection())
    if missing:
        yield Finding(
            "guards",
            Health.ILL,
            _("Des gardes de la base manquent ou ont été changées : {names}.").format(
                names=", ".join(missing)
            ),
            _("Quelqu'un a ouvert la base. Vérifiez le journal : « boxoffice journal verify »."),
        )
    else:
        yield Finding("guards", Health.WELL, _("Les gardes de la base sont toutes en place."))


def _clock(patient: Patient) -> Iterator[Finding]:
    """The clock against that of the server, or against the last thing written, which was before."""
    now = patient.clock.now()
    remedy = _("Réglez la date et l'heure de ce poste sur internet, puis rouvrez le guichet.")
    if not patient.database.is_sqlite:
        there: datetime = patient.session.execute(select(func.clock_timestamp())).scalar_one()
        apart = abs(now - there)
        if apart > CLOCK_MAY_DIFFER:
            said = _("L'horloge de ce poste diffère de {seconds} secondes de celle du serveur.")
            yield Finding("clock", Health.ILL, said.format(seconds=round(apart.total_seconds())), remedy)
            return
    last: datetime | None = patient.session.execute(_LAST_AT).scalar()
    if last is not None and last - now > CLOCK_TOLERANCE:
        said = _("L'horloge de ce poste retarde : la dernière opération est du {moment}.")
        moment = say(last, "EEE d MMM y HH:mm", spoken())
        yield Finding("clock", Health.ILL, said.format(moment=moment), remedy)
        return
    moment = say(now, "EEE d MMM y HH:mm", spoken())
    yield Finding("clock", Health.WELL, _("L'horloge est à l'heure : {moment}.").format(moment=moment))


def _keys(settings: Settings) -> Iterator[Finding]:
    """Whether the key of this till can be read, and by its owner alone."""
    path = settings.key_path
    signer = read_key(settings.till, path)
    if os.name != "nt" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding(
            "keys",
            Health.ILL,
            _("La clé de la caisse {number} peut être lue par d'autres que vous.").format(
                number=settings.till
            ),
            _("Retirez-leur ce droit : « chmod 600 {path} ».").format(path=path),
        )
        return
    yield Finding(
        "keys",
        Health.WELL,
        _("La clé de la caisse {number} est là : {fingerprint}…").format(
            number=settings.till, fingerprint=signer.fingerprint[:16]
        ),
    )


def _disk(settings: Settings) -> Iterator[Finding]:
    free = free_megabytes(settings)
    said = _("Il reste {free} sur le disque.").format(free=_size_words(free))
    remedy = _("Libérez de la place sur ce poste : supprimez ou déplacez de gros fichiers.")
    if free < LEAST_FREE_MB:
        yield Finding("disk", Health.ILL, said, remedy)
    elif free < LITTLE_FREE_MB:
        yield Finding("disk", Health.WATCH, said, remedy)
    else:
        yield Finding("disk", Health.WELL, said)


def _size_words(megabytes: int) -> str:
    """A size that can be read out on the phone."""
    if megabytes < 1_000:
        return _("{count} Mo").format(count=megabytes)
    return _("{count} Go").format(count=format_decimal(megabytes / 1_000, "0.#", spoken()))


def _printer_words(name: str) -> str:
    """A printer by its name, which may say that it is one."""
    said = name.casefold().startswith(_("imprimante"))
    return name if said else _("Imprimante {name}").format(name=name)


def _closings(patient: Patient) -> Iterator[Finding]:
    """Whether a past day is still open at a till or for the box office, or a month or year is not closed."""
    state = read_state(patient.session, read_rules(patient.session), clock=patient.clock)
    late = [till for till in state.tills if till.is_late and till.days is not None]
    for till in late:
        assert till.days is not None
        yield Finding(
            "closings",
            Health.ILL if till.till == patient.settings.till else Health.WATCH,
            _("La journée du {day} n'est pas close à la caisse {till}.").format(
                day=day_words(till.days[0]), till=till.till
            ),
            _("Un responsable la clôture : F10 puis Z, ou « boxoffice close till »."),
        )
    is_late = state.day is not None and state.day < state.today
    if state.day is not None and is_late:
        yield Finding(
            "closings",
            Health.ILL,
            _("La journée du {day} n'est pas close pour toute la billetterie.").format(
                day=day_words(state.day)
            ),
            _("Un responsable la clôture : F10 puis Z, ou « boxoffice close day »."),
        )
    for period, last in ((_("Le mois"), state.month), (_("L'année"), state.year)):
        if last is not None:
            yield Finding(
                "closings",
                Health.WATCH,
                _("{period} qui finit le {day} attend sa clôture.").format(
                    period=period, day=f"{last:%d/%m/%Y}"
                ),
                _("Un responsable s'en charge : F10 puis Z."),
            )
    if not late and not is_late:
        yield Finding("closings", Health.WELL, _("Aucune journée passée n'attend sa clôture."))


def _printers(patient: Patient) -> Iterator[Finding]:
    """What waits in the outbox; and, while no counter is open here, whether each printer answers."""
    if patient.till_id is None:
        return
    outbox = count_outbox(patient.session, patient.till_id)
    if outbox.blocked or outbox.uncertain:
        said = _("{blocked} papiers attendent l'imprimante, {uncertain} sont incertains.").format(
            blocked=outbox.blocked, uncertain=outbox.uncertain
        )
        yield Finding(
            "printers", Health.WATCH, f"{said} {outbox.reason}".rstrip(), _("Ouvrez la file : F12.")
        )
    found = [
        settings
        for printer_id in printers_of_till(patient.session, patient.till_id)
        if (settings := printer_settings(patient.session, printer_id)) is not None
    ]
    if not found:
        remedy = _("Dites ce qu'elle imprime : « boxoffice printers assign ».")
        yield Finding("printers", Health.ILL, _("Cette caisse n'a pas d'imprimante."), remedy)
    for printer in found:
        yield _answer_of(printer, patient.settings)


def _answer_of(printer: PrinterSettings, settings: Settings) -> Finding:
    lock = FileLock(settings.data_folder / f"till-{settings.till}.lock", thread_local=False)
    try:
        with lock.acquire(blocking=False):
            driver = open_printer(printer, settings.spool_folder)
            try:
                status = driver.check()
            finally:
                driver.close()
    except Timeout:
        said = _("{printer} : le guichet ouvert s'en sert, elle n'a pas été essayée.").format(
            printer=_printer_words(printer.name)
        )
        return Finding(
            "printers", Health.WATCH, said, _("Essayez-la : F10 puis Réglages, Imprimantes, ou imprimez.")
        )
    except OSError:
        _log.exception("%s cannot be asked", printer.name)
        return Finding(
            "printers", Health.WATCH, _("{printer} : inconnue.").format(printer=_printer_words(printer.name))
        )
    if status.ready:
        return Finding(
            "printers", Health.WELL, _("{printer} : prête.").format(printer=_printer_words(printer.name))
        )
    return Finding(
        "printers",
        Health.ILL,
        _("{printer} : {reason}").format(printer=_printer_words(printer.name), reason=_(status.reason)),
        _("Vérifiez qu'elle est allumée et reliée, qu'elle a du papier et que le capot est fermé."),
    )


def _backups(patient: Patient) -> Iterator[Finding]:
    """How old the last backup is: of this post, or of another as the journals tell."""
    now = patient.clock.now()
    soon = now + CLOCK_TOLERANCE
    here = [each.about.at for each in patient.backups if each.checked and each.about.at <= soon]
    elsewhere = last_backup_at(patient.session, clock=patient.clock)
    last = max((at for at in (*here[:1], elsewhere) if at is not None), default=None)
    remedy = _("Faites-en une maintenant : « boxoffice backup ».")
    if last is None:
        yield Finding("backups", Health.ILL, _("Il n'y a pas de sauvegarde."), remedy)
        return
    moment = say(last, "EEE d MMM y HH:mm", spoken())
    if now - last > OLDEST_BACKUP:
        said = _("La dernière sauvegarde est du {moment} : elle est trop vieille.").format(moment=moment)
        yield Finding("backups", Health.ILL, said, remedy)
        return
    said = _("La dernière sauvegarde, relue et juste, est du {moment}.").format(moment=moment)
    yield Finding("backups", Health.WELL, said)
