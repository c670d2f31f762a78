"""Putting a backup back in place of what is there, which is kept first; the journals tell, and go on."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from filelock import FileLock, Timeout
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.backup_file import Backup, Progress, load_rows, read_header
from boxoffice.clock import Clock
from boxoffice.config import Settings
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import Customer, JournalEntry, Till, table
from boxoffice.sales.books import journal
from boxoffice.sales.books.told_restorings import BEFORE
from boxoffice.sales.books.verification import verify
from boxoffice.sales.closings.leaving_out import leave_out
from boxoffice.sales.closings.put_back import LeftOut
from boxoffice.sales.closings.restorings import told_restoring
from boxoffice.sales.people.personal_data import HELD_NAMES, erase_customers
from boxoffice.sales.staff.operators import StaffMember, managers, seals
from boxoffice.sales.staff.setup import open_post, read_key

from .backups import KeptBackup, check_alone, sha256_of
from .checking import restore_apart
from .holding import told_backup
from .keys import keys_here
from .keys_of_backups import lacking_key
from .knowing import Before, PutBack, erased_here, known_here
from .making_room import Answering, Room, make_room
from .sqlite_copies import as_backup
from .trying import counted_try

_customer, _till, _entry = table(Customer), table(Till), table(JournalEntry)
PIN_OF_BEFORE = "pin_before"
"""Under this the entry of a restoring tells a PIN that only what was there knew: nothing later holds it."""
_BACKED_UP = select(_entry.c.content).where(
    _entry.c.kind == str(JournalKind.DATABASE_BACKED_UP), _entry.c.sale_id.is_(None)
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a restoring: what was put back, what was there before, the tills whose journals tell.

    `set_aside` is the file of a database that could not be read any more. `not_erased` are customers erased
    since the backup who could not be erased again. `fault` is what is wrong in what was put back all the
    same, `fault_before` what was in what was there, of which no amount is told then. `skipped` is how many
    numbers each till leaves out, which were given since the backup, `left_out` the operations that are no
    more in the database, and `gone` the first and last number of the closings of each series that are not.
    """

    about: Backup
    before: KeptBackup | None
    set_aside: Path | None
    tills: tuple[int, ...]
    not_erased: tuple[UUID, ...]
    fault: str = ""
    skipped: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    fault_before: str = ""
    gone: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass
class _Looked:
    """What a backup showed once it was restored apart: the keys that sign in it, and what is wrong in it."""

    settings: Settings
    keys: tuple[tuple[int, str], ...] = ()
    books: PutBack = field(default_factory=PutBack)
    fault: str = ""
    has_manager: bool = False
    seals: Mapping[int, str] = field(default_factory=dict)

    def look(self, session: Session) -> None:
        """Look at all of it."""
        self.keys = _signing_keys(session)
        self.books = PutBack.read(session, self.settings)
        self.has_manager, self.seals = bool(managers(session)), seals(session)
        fault = verify(session).fault
        self.fault = str(fault) if fault is not None else ""


@dataclass
class _Told:
    """What was told of a restoring in the database that was rebuilt."""

    not_erased: tuple[UUID, ...] = ()
    skipped: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    gone: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def restore(
    settings: Settings,
    path: Path,
    manager_number: int,
    *,
    clock: Clock,
    proof: str = "",
    progress: Progress = lambda _done, _of: None,
    although_wrong: bool = False,
    although_wrong_before: bool = False,
) -> Restored:
    """Put a backup, or a copy of a SQLite file, back: all of it, or nothing.

    What is there is backed up first. Customers erased since are erased again. The journals of the tills whose
    keys are on this computer tell who answered for it, and by its seal the PIN typed in `proof`. No number
    known to have been given is given again. What is there is verified: at fault, no amount is believed of it,
    and they tell. Raises WrongInPlace for that unless `although_wrong_before`, and Refusal, leaving all as it
    is, for a backup that is not whole, or does not verify unless `although_wrong`, for one without a manager,
    for a till that is open, or whose key is not here.
    """
    with ExitStack() as stack:
        source = stack.enter_context(as_backup(path, clock))
        stack.enter_context(_tills_closed(settings))
        looked = _Looked(settings)
        check_alone(source, settings.backups_folder, look=looked.look, progress=progress)
        fault = looked.fault or _told_otherwise(settings, path)
        if fault and not although_wrong:
            raise _wrong(path, fault)
        if not looked.has_manager:
            raise _without_manager(path)
        tills = _tills_that_sign(settings, looked.keys, path)
        answering = Answering(manager_number, proof)
        room = make_room(settings, looked.books, answering, clock=clock, although_wrong=although_wrong_before)
        about_it = _about(path, fault, room) | _proof_told(answering, looked.seals)
        told = _Told()

        def finish(session: Session) -> None:
            _tell(session, settings, tills, about_it, manager_number, room.before, told, clock)

        try:
            about = databases.rebuild(
                room.database,
                read_header(source).revision,
                lambda connection: load_rows(connection, source, progress=progress),
                finish,
            )
            room.database.scour(*HELD_NAMES)
        finally:
            room.database.close()
    return Restored(
        about,
        room.kept,
        room.set_aside,
        tills,
        told.not_erased,
        fault,
        told.skipped,
        told.left_out,
        room.before.fault,
        told.gone,
    )


def _about(path: Path, fault: str, room: Room) -> dict[str, Any]:
    """What the journals tell of what is put back, and of what was there."""
    faults = {"fault": fault, "fault_before": room.before.fault}
    about: dict[str, Any] = {"backup": path.name, **{name: what for name, what in faults.items() if what}}
    return about if room.kept is None else {**about, BEFORE: told_backup(room.kept)}


def _proof_told(answering: Answering, known: Mapping[int, str]) -> dict[str, str]:
    """What the journals tell of the PIN: as of any other, if it is one of what is put back."""
    if not answering.proof:
        return {}
    is_known = known.get(answering.number) == answering.proof
    return {"pin" if is_known else PIN_OF_BEFORE: answering.proof}


def _told_otherwise(settings: Settings, path: Path) -> str:
    """What is wrong with a backup of a name that the journals in place tell of, if it is another file."""
    database = databases.connect(settings.database_url)
    try:
        with database.read() as session:
            named = _BACKED_UP.where(_entry.c.content.contains(f'"backup":"{path.name}"', autoescape=True))
            told = [json.loads(content)["sha256"] for content in session.execute(named).scalars()]
    except DBAPIError:
        return ""
    finally:
        database.close()
    return (
        _("ce n'est plus le fichier que le journal a vu faire")
        if told and sha256_of(path) not in told
        else ""
    )


def _wrong(path: Path, fault: str) -> Refusal:
    return Refusal(
        _("La sauvegarde {file} est relue et fausse : {what}.").format(
            file=path.name, what=fault.rstrip(".")
        ),
        _(
            "Prenez-en une autre. S'il n'y en a pas, un responsable en répond, et le journal le racontera :"
            " « boxoffice restore FICHIER --although-wrong »."
        ),
    )


def _without_manager(path: Path) -> Refusal:
    return Refusal(
        _("La sauvegarde {file} n'a aucun responsable : personne n'y ouvrirait une caisse.").format(
            file=path.name
        ),
        _("Elle est d'avant le premier. Prenez-en une autre : « boxoffice backup list » les nomme."),
    )


@contextmanager
def managers_of(settings: Settings, path: Path, clock: Clock) -> Iterator[Database]:
    """The database whose managers may answer for a restoring: the one in place, else the backup restored.

    There each try at a PIN is counted beside the key of the till, which a backup taken away lacks. Raises
    Refusal for a backup that is not whole, for one of a till whose key is not here, and for none of either.
    """
    database = databases.connect(settings.database_url)
    try:
        if _has_managers(database):
            yield database
            return
    finally:
        database.close()
    with as_backup(path, clock) as source, tempfile.TemporaryDirectory(prefix="boxoffice-") as folder:
        scratch = databases.connect(f"sqlite:///{Path(folder) / 'scratch.sqlite'}")
        try:
            restore_apart(scratch, read_header(source), source)
            with scratch.read() as session:
                _tills_that_sign(settings, _signing_keys(session), path)
                if not managers(session):
                    raise _without_manager(path)
            with counted_try(settings.keys_folder, clock):
                yield scratch
        finally:
            scratch.close()


def _has_managers(database: Database) -> bool:
    try:
        with database.read() as session:
            return bool(managers(session))
    except DBAPIError:
        return False


@contextmanager
def _tills_closed(settings: Settings) -> Iterator[None]:
    """Keep the tills of this computer shut meanwhile. Raises Refusal if one is open."""
    with ExitStack() as locks:
        for number in {settings.till, *keys_here(settings)}:
            lock = FileLock(settings.data_folder / f"till-{number}.lock", thread_local=False)
            try:
                locks.enter_context(lock.acquire(blocking=False))
            except Timeout as error:
                raise Refusal(
                    _("La caisse {number} est ouverte sur ce poste.").format(number=number),
                    _("Fermez le guichet, ici et sur les autres postes, puis recommencez."),
                ) from error
        yield


def _signing_keys(session: Session) -> tuple[tuple[int, str], ...]:
    """The key that signs for each till of a database, with the number of the till."""
    tills = session.execute(select(_till.c.id, _till.c.number)).all()
    told = [(till.number, journal.last_key_told(session, till.id).get("fingerprint", "")) for till in tills]
    return tuple(told)


def _tills_that_sign(settings: Settings, told: Sequence[tuple[int, str]], path: Path) -> tuple[int, ...]:
    """The tills whose journals can tell of it here. Raises Refusal if that of this post is none of them."""
    here = {number: signer.fingerprint for number, signer in keys_here(settings).items()}
    tills = tuple(number for number in sorted(here) if (number, here[number]) in told)
    if settings.till not in tills:
        raise lacking_key(settings, dict(told).get(settings.till, ""), path)
    return tills


def _tell(
    session: Session,
    settings: Settings,
    tills: Sequence[int],
    about_it: Mapping[str, Any],
    manager_number: int,
    before: Before,
    told: _Told,
    clock: Clock,
) -> None:
    """Have the journals tell of the restoring, leave out the numbers given since, and erase again."""
    left_out = leave_out(session, known_here(session, settings, tills, before))
    told.skipped = left_out.get("skipped", {})
    posts = [open_post(session, n, read_key(n, settings.key_path_of(n))) for n in tills]
    post = next(post for post in posts if post.till_number == settings.till)
    for each in posts:
        about: dict[str, Any] = {**about_it, **(left_out if each is post else {})}
        journal.accept_restored(session, each, manager_number, at=clock.now(), about=about)
    restoring = told_restoring(clock.now(), left_out)
    told.left_out, told.gone = restoring.left_out, restoring.gone
    standing = select(_customer.c.id).where(_customer.c.erased_at.is_(None))
    again = sorted(set(session.execute(standing).scalars()) & erased_here(session, settings))
    manager = _manager(session, manager_number)
    left = []
    for customer_id in again:
        try:
            with session.begin_nested():
                erase_customers(session, [customer_id], post, manager=manager, clock=clock, losing=True)
        except Refusal:
            left.append(customer_id)
    told.not_erased = tuple(left)


def _manager(session: Session, number: int) -> StaffMember:
    """The manager of this number in what was restored, else any: somebody must answer for the erasing."""
    able = managers(session)
    return next((member for member in able if member.number == number), able[0])
