"""Room for a backup that is put back: what is there is verified and kept first, or set aside."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.clock import Clock, in_paris
from boxoffice.config import Settings
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.revisions import has_lost_revision, is_empty, newer_than_program, revision_of
from boxoffice.sales.staff.operators import managers, seals
from boxoffice.sqlite import sqlite_code

from .backups import BackupReason, KeptBackup, back_up
from .knowing import Before, PutBack, look_before, what_was_signed, with_backups
from .sqlite_copies import SPOILT

_UNREADABLE = (DBAPIError, LookupError, TypeError, ValueError)
"""What a value that cannot be one, or a table that is missing, comes to while a database is read whole."""

LOOKS, SECONDS_BETWEEN_LOOKS = 40, 0.05
"""How often, and how far apart, it is seen who else is connected, before somebody is told to leave."""


class WrongInPlace(Refusal):
    """What is about to be replaced is at fault: somebody must have seen that, and answer for it."""


@dataclass(frozen=True, slots=True)
class Room:
    """The database to put a backup into, and what was there `before`: kept in a backup, or its file aside."""

    database: Database
    before: Before
    kept: KeptBackup | None = None
    set_aside: Path | None = None


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for a restoring, by their number; `proof` is the seal of the PIN that was typed, if any."""

    number: int
    proof: str = ""


def make_room(
    settings: Settings, books: PutBack, answering: Answering, *, clock: Clock, although_wrong: bool
) -> Room:
    """Keep what is in place, to put back these `books` there.

    A file that is spoilt is set aside, and so is one that no backup can be made of. Raises WrongInPlace for
    that, and for what is at fault, unless somebody answered for it `although_wrong`; Refusal for tables that
    are none of the program, and where the PIN of whoever is `answering` is another by now.
    """
    database = databases.connect(settings.database_url)
    before = Before()
    try:
        _refuse_company(database)
        if _is_empty(database):
            return Room(database, with_backups(settings, before, books))
        before = _look(database, settings, books, answering)
        if before.fault and not although_wrong:
            raise _wrong_in_place(before.fault)
        if not before.is_sound:
            before = with_backups(settings, before, books)
        kept = back_up(database, settings.backups_folder, BackupReason.RESTORE, None, clock=clock)
    except _UNREADABLE as error:
        database.close()
        fault = _why_unreadable(database, error)
        if fault and not although_wrong:
            raise _wrong_in_place(fault) from error
        file = Path(str(database.engine.url.database))
        aside = _set_aside(file, f"{in_paris(clock.now()):%Y-%m-%d-%H%M%S}")
        before = with_backups(settings, replace(before, fault=before.fault or fault), books)
        return Room(databases.connect(settings.database_url), before, set_aside=aside)
    except Exception:
        database.close()
        raise
    return Room(database, before, kept)


def _hold(session: Session, answering: Answering) -> None:
    """Raise Refusal where another PIN was in place for as long as it took to type it."""
    if managers(session) and seals(session).get(answering.number) != answering.proof:
        raise Refusal(
            _("Le code PIN qui vient d'être tapé n'est plus celui de l'opérateur n° {number}.").format(
                number=answering.number
            ),
            _("Quelqu'un l'a changé dans la base : cherchez qui y écrit, puis recommencez."),
        )


def _is_empty(database: Database) -> bool:
    with database.read() as session:
        return is_empty(session.connection())


def _look(database: Database, settings: Settings, books: PutBack, answering: Answering) -> Before:
    """What there is to know of the database in place: of one that lost its revision, what was signed.

    Raises Refusal for that of another version, and for what is no database of the program.
    """
    with database.read_all() as session:
        if has_lost_revision(session.connection()):
            signed = what_was_signed(session, settings, books)
            said = _("elle ne dit plus de quelle version elle est (table alembic_version).")
            return replace(signed, fault=said)
        _refuse_another_revision(revision_of(session.connection()))
        before = look_before(session, settings, books)
        if before.is_sound and answering.proof:
            _hold(session, answering)
        return before


def _why_unreadable(database: Database, error: Exception) -> str:
    """What is wrong in a file whose values cannot all be read, or nothing where it is no database any more.

    Raises what the error comes to where nothing may be set aside for it: a full disk, a lock, a server.
    """
    if isinstance(error, DBAPIError) and sqlite_code(error) in SPOILT:
        return ""
    if (lost := databases.lost(error)) or not database.is_sqlite:
        raise lost or error from error
    return _("une valeur ou une table n'y est pas lisible.")


def _wrong_in_place(fault: str) -> WrongInPlace:
    return WrongInPlace(
        _("La base en place est fausse, et la remplacer ne le corrige pas : {what}.").format(
            what=fault.rstrip(".")
        ),
        _(
            "Elle est gardée telle quelle, et aucun montant n'en est repris. Un responsable en répond, et le"
            " journal le racontera : « boxoffice restore FICHIER --although-wrong »."
        ),
    )


def _refuse_another_revision(revision: str | None) -> None:
    """Refuse to replace what this version cannot read: the numbers given there would be given again."""
    if revision is None:
        raise Refusal(
            _("Cette base de données n'est pas celle d'un festival : ses tables seraient perdues."),
            _("Donnez au festival une base à lui, vide, par « database_url » dans boxoffice.toml."),
        )
    if revision > databases.HEAD:
        raise newer_than_program()
    if revision < databases.HEAD:
        raise Refusal(
            _("La base de données en place est d'une version d'avant."),
            _("Ouvrez le guichet : elle est sauvegardée, puis mise à jour ; fermez-le et recommencez."),
        )


def _set_aside(file: Path, stamp: str) -> Path:
    """Keep a file that is spoilt under another name, with its log: the last sales may be nowhere else."""
    aside = file.with_name(f"{file.stem}-abimee-{stamp}{file.suffix}")
    for part in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            os.replace(f"{file}{part}", f"{aside}{part}")
    return aside


def _refuse_company(database: Database) -> None:
    """Raise Refusal while somebody else is connected to a server's database.

    Whoever has just left is still connected for a moment.
    """
    if database.is_sqlite:
        return
    for _look in range(LOOKS):
        if not _others(database):
            return
        time.sleep(SECONDS_BETWEEN_LOOKS)
    raise Refusal(
        _("D'autres postes sont connectés à cette base de données."),
        _("Fermez le guichet sur chacun, puis recommencez."),
    )


def _others(database: Database) -> int:
    """How many others are connected: each transaction of the server's sees it as it is then."""
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    with database.engine.connect() as connection:
        return int(connection.execute(others).scalar_one())
