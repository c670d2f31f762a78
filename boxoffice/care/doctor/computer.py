"""What the doctor asks of the computer: its clock, disk, key and printers, and the backups it keeps."""

import logging
import os
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta

from babel.numbers import format_decimal
from filelock import FileLock, Timeout
from sqlalchemy import bindparam, func, select

from boxoffice.clock import say
from boxoffice.config import Settings
from boxoffice.language import _, plural, spoken
from boxoffice.models import JobState, JournalEntry, PrintJob, Till, table
from boxoffice.printing.printers.opening import open_printer
from boxoffice.sales.books.entries import read_begun
from boxoffice.sales.books.journal import CLOCK_TOLERANCE
from boxoffice.sales.prints.outbox import PrinterSettings, printer_settings, printers_of_till
from boxoffice.sales.prints.outbox_listing import count_outbox
from boxoffice.sales.prints.rerouting import Waiting, list_waiting
from boxoffice.sales.staff.setup import read_key

from ..backups import last_backup_at
from ..holding import Held, changed_words, missing_words
from ..signs import LITTLE_FREE_MB, OLDEST_BACKUP, free_megabytes
from .findings import Finding, Health
from .patient import Patient

LEAST_FREE_MB = 200
CLOCK_MAY_DIFFER = timedelta(minutes=1)
LONG_ENOUGH = timedelta(minutes=1)
"""How long a paper waits for its turn before it is said to wait."""
LATELY = timedelta(hours=12)
"""How long a paper that came out says of its printer that it prints."""
_entry, _till, _job = table(JournalEntry), table(Till), table(PrintJob)
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
_LAST_OUT = select(func.max(_job.c.changed_at)).where(
    _job.c.till_id == bindparam("till"),
    _job.c.printer_id == bindparam("printer"),
    _job.c.state.in_((JobState.PRINTED, JobState.SENT)),
)

_log = logging.getLogger(__name__)


def clock(patient: Patient) -> Iterator[Finding]:
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


def keys(settings: Settings) -> Iterator[Finding]:
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


def disk(settings: Settings) -> Iterator[Finding]:
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


def printers(patient: Patient) -> Iterator[Finding]:
    """What waits in the outbox; and, while no counter is open here, whether each printer answers."""
    if patient.till_id is None:
        return
    yield from _papers(patient)
    found = [
        settings
        for printer_id in printers_of_till(patient.session, patient.till_id)
        if (settings := printer_settings(patient.session, printer_id)) is not None
    ]
    if not found:
        remedy = _("Dites ce qu'elle imprime : « boxoffice printers assign ».")
        yield Finding("printers", Health.ILL, _("Cette caisse n'a pas d'imprimante."), remedy)
    for printer in found:
        yield _answer_of(printer, patient)


def _papers(patient: Patient) -> Iterator[Finding]:
    """How many papers wait, for which printer; at any till, those that a printer out of service keeps."""
    for each in list_waiting(patient.session):
        if each.printer_id is not None and not each.in_service:
            said = plural(
                "{count} papier de la caisse {till} attend « {printer} », hors service : il n'en sort pas.",
                "{count} papiers de la caisse {till} attendent « {printer} », hors service : rien n'en sort.",
                each.count,
            )
            remedy = _("À la caisse {till}, envoyez-les à une autre imprimante : F12 puis T.")
            yield Finding(
                "printers",
                Health.ILL,
                said.format(count=each.count, till=each.till_number, printer=each.printer),
                remedy.format(till=each.till_number),
            )
        elif each.till_id == patient.till_id and _waits_long(each, patient):
            yield Finding("printers", Health.WATCH, _waiting_words(each), _("Ouvrez la file : F12."))
    assert patient.till_id is not None
    if uncertain := count_outbox(patient.session, patient.till_id).uncertain:
        said = plural(
            "On ne sait pas si {count} papier est sorti.",
            "On ne sait pas si {count} papiers sont sortis.",
            uncertain,
        )
        yield Finding("printers", Health.WATCH, said.format(count=uncertain), _("Dites-le : F12."))


def _waits_long(waiting: Waiting, patient: Patient) -> bool:
    """Whether papers wait for something, and not only for their turn."""
    return bool(waiting.reason) or patient.clock.now() - waiting.since > LONG_ENOUGH


def _waiting_words(waiting: Waiting) -> str:
    if waiting.printer_id is None:
        said = plural(
            "{count} papier n'a pas d'imprimante.", "{count} papiers n'ont pas d'imprimante.", waiting.count
        )
        return said.format(count=waiting.count)
    said = plural(
        "{count} papier attend « {printer} ».", "{count} papiers attendent « {printer} ».", waiting.count
    )
    return f"{said.format(count=waiting.count, printer=waiting.printer)} {waiting.reason}".rstrip()


def _answer_of(printer: PrinterSettings, patient: Patient) -> Finding:
    settings = patient.settings
    lock = FileLock(settings.data_folder / f"till-{settings.till}.lock", thread_local=False)
    try:
        with lock.acquire(blocking=False):
            driver = open_printer(printer, settings.spool_folder)
            try:
                status = driver.check()
            finally:
                driver.close()
    except Timeout:
        return _served_by(printer, patient)
    except OSError:
        _log.exception("%s cannot be asked", printer.name)
        return Finding(
            "printers", Health.WATCH, _("{printer} : inconnue.").format(printer=_printer_words(printer.name))
        )
    if status.ready:
        return Finding(
            "printers", Health.WELL, _("{printer} : prête.").format(printer=_printer_words(printer.name))
        )
    return _ailing(_printer_words(printer.name), _(status.reason))


def _ailing(name: str, reason: str) -> Finding:
    remedy = _("Vérifiez qu'elle est allumée et reliée, qu'elle a du papier et que le capot est fermé.")
    said = _("{printer} : {reason}").format(printer=name, reason=reason)
    return Finding("printers", Health.ILL, said, remedy)


def _served_by(printer: PrinterSettings, patient: Patient) -> Finding:
    """How a printer does that an open counter keeps to itself: by what it told, or gave out lately."""
    came_out = {"till": patient.till_id, "printer": printer.id}
    last = patient.session.execute(_LAST_OUT, came_out).scalar()
    name = _printer_words(printer.name)
    if trouble := patient.heard.get(printer.id):
        return _ailing(name, trouble)
    if last is not None and patient.clock.now() - last < LATELY:
        said = _("{printer} : le guichet ouvert s'en sert, son dernier papier est parti à {time}.")
        time = say(last, "HH:mm", spoken())
        return Finding("printers", Health.WELL, said.format(printer=name, time=time))
    if printer.id in patient.heard:
        said = _("{printer} : le guichet ouvert s'en sert, elle lui a répondu qu'elle est prête.")
        return Finding("printers", Health.WELL, said.format(printer=name))
    said = _("{printer} : le guichet ouvert s'en sert, elle n'a pas été essayée.").format(printer=name)
    remedy = _("Essayez-la : F10 puis Réglages, Imprimantes, ou imprimez.")
    return Finding("printers", Health.WATCH, said, remedy)


def backups(patient: Patient) -> Iterator[Finding]:
    """How old the last backup is, of this post or as the journals tell of another; what became of others."""
    yield from _changed(patient.backups)
    begun = read_begun(patient.session)
    now = patient.clock.now()
    soon = now + CLOCK_TOLERANCE
    here = [
        each.about.at
        for each in patient.backups.kept
        if each.checked and each.about.at <= soon and each.about.may_be_of(begun)
    ]
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
    if not patient.backups.changed:
        said = _("La dernière sauvegarde, relue et juste, est du {moment}.").format(moment=moment)
        yield Finding("backups", Health.WELL, said)


def _changed(held: Held) -> Iterator[Finding]:
    """The files that are no more what the journals saw made, and those that are gone."""
    for said in changed_words(held):
        remedy = _(
            "Mettez-la de côté, faites-en une autre, et vérifiez le journal : « boxoffice journal verify »."
        )
        yield Finding("backups", Health.ILL, said, remedy)
    if said := missing_words(held):
        remedy = _(
            "Si le poste ou le dossier a changé, copiez-les de l'ancien ; sinon, demandez qui les a ôtées."
        )
        yield Finding("backups", Health.WATCH, said, remedy)
