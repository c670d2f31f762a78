"""The training till (école): a database, keys and a journal of its own, made from the programme on sale.

Nothing of it is real: every paper says so, every screen shows it, and no customer, sale or name is copied.
"""

import json
import shutil
from collections.abc import Mapping
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import insert, select
from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.clock import Clock, business_day
from boxoffice.config import Settings, settings_in
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind, Role
from boxoffice.language import _
from boxoffice.models import (
    Establishment,
    Event,
    GiftProduct,
    Hall,
    PassProduct,
    PlaceCardKind,
    PriceList,
    Printer,
    Product,
    Quota,
    Screening,
    Setting,
    Tariff,
    Till,
    TillPrinter,
    Venue,
    table,
)
from boxoffice.sales.books.journal import append
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.kept_settings import default_settings
from boxoffice.sales.staff.rules import read_rules
from boxoffice.sales.staff.setup import FoundFestival, found_festival
from boxoffice.sales.staff.staff_changes import AddOperator, add_operator

FOLDER = "formation"
SPECIMEN = "SPÉCIMEN – FORMATION"
MANAGER = AddOperator("Formateur", Role.MANAGER, "1234", number=1)
STAFF = (
    AddOperator("Élève 1", Role.CASHIER, "1111", number=2),
    AddOperator("Élève 2", Role.CASHIER, "2222", number=3),
    AddOperator("Élève aux badges", Role.BADGES, "3333", number=4),
)
PROGRAMME = (
    Venue,
    Hall,
    PriceList,
    Tariff,
    Event,
    Screening,
    Quota,
    Product,
    PassProduct,
    GiftProduct,
    PlaceCardKind,
)
"""What is copied, each after what it refers to; nothing of it is about anybody."""
_UNSOLD: Mapping[str, Mapping[str, Any]] = {
    "screening": {"allocated": 0, "held": 0},
    "quota": {"allocated": 0},
}
"""What a programme has before anybody has bought anything."""


def training_settings(settings: Settings) -> Settings:
    """The settings of the training till of this post: the same keys and look, and nothing else in common."""
    return settings_in(
        settings.data_folder / FOLDER,
        till=settings.till,
        language=settings.language,
        theme=settings.theme,
        touch=settings.touch,
        keys=settings.keys,
        training=True,
    )


def is_of_today(settings: Settings, *, clock: Clock) -> bool:
    """Whether there is a training till that was made this business day."""
    if not (settings.data_folder / "boxoffice.sqlite").is_file():
        return False
    database = databases.connect(settings.database_url)
    try:
        databases.migrate(database, clock)
        with database.read() as session:
            made = session.get(Establishment, 1)
            starts_at = read_rules(session).business_day_starts
    finally:
        database.close()
    today = business_day(clock.now(), starts_at)
    return made is not None and business_day(made.created_at, starts_at) == today


def prepare_training(real: Database, settings: Settings, *, clock: Clock, printers: bool = False) -> None:
    """Make the training till anew, from the programme of the real database as it is now.

    `settings` are those of `training_settings`. Its papers go to its virtual printer, unless the real
    `printers` are wanted too.
    """
    throw_away_training(settings)
    settings.data_folder.mkdir(parents=True, mode=0o700)
    database = databases.connect(settings.database_url)
    try:
        databases.migrate(database, clock)
        with real.read() as there, database.write() as session:
            post = _found(there, session, settings, clock)
            for kind in PROGRAMME:
                _copy(there, session, kind)
            _copy_settings(there, session, post, clock)
            if printers:
                _copy_printers(there, session, post)
    finally:
        database.close()


def throw_away_training(settings: Settings) -> None:
    """Leave nothing of the training till: its database, its keys, its papers.

    Raises Refusal while somebody trains at it.
    """
    if not settings.training:
        raise ValueError("these settings are not those of a training till")
    if not settings.data_folder.is_dir():
        return
    lock = FileLock(settings.data_folder / f"till-{settings.till}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise Refusal(
            _("Le guichet de formation est ouvert sur ce poste."), _("Fermez-le, puis recommencez.")
        ) from error
    lock.release()
    shutil.rmtree(settings.data_folder, ignore_errors=True)


def training_started(session: Session, post: Post, *, clock: Clock) -> None:
    """Tell the real journal that somebody trains at this till from now on."""
    append(session, post, JournalKind.TRAINING_STARTED, {}, at=clock.now())


def training_ended(session: Session, post: Post, *, clock: Clock) -> None:
    """Tell the real journal that this till is no more used to train."""
    append(session, post, JournalKind.TRAINING_ENDED, {}, at=clock.now())


def _found(there: Session, session: Session, settings: Settings, clock: Clock) -> Post:
    real = there.get(Establishment, 1)
    if real is None:
        raise Refusal(
            _("Il n'y a pas encore de festival dans cette base de données."),
            _("Créez-le avec « boxoffice init »."),
        )
    post = found_festival(
        session,
        FoundFestival(
            festival=real.festival,
            operator_name=real.operator_name,
            address=real.address,
            postcode=real.postcode,
            town=real.town,
            siret=real.siret,
            vat_status=real.vat_status,
            vat_number=real.vat_number,
            manager_name=MANAGER.name,
            manager_pin=MANAGER.pin,
            specimen=SPECIMEN,
            till_number=settings.till,
        ),
        key_path=settings.key_path,
        clock=clock,
    )
    for member in STAFF:
        add_operator(session, post, member, clock=clock)
    return post


def _copy(there: Session, session: Session, kind: type[Any]) -> None:
    rows = table(kind)
    unsold = _UNSOLD.get(rows.name, {})
    found = [{**row, **unsold} for row in there.execute(select(rows)).mappings()]
    if found:
        session.execute(insert(rows), found)


def _copy_settings(there: Session, session: Session, post: Post, clock: Clock) -> None:
    """Put in force what was set for the real till, each told by the journal as any change is."""
    defaults = default_settings()
    kept = table(Setting)
    for name, value in there.execute(select(kept.c.name, kept.c.value).order_by(kept.c.name)).all():
        session.execute(insert(kept).values(name=name, value=value))
        told = {"name": name, "new": json.loads(value), "old": json.loads(defaults[name])}
        append(session, post, JournalKind.SETTINGS_CHANGED, told, at=clock.now(), operator_number=1)


def _copy_printers(there: Session, session: Session, post: Post) -> None:
    """Have the papers come out where those of the real till do."""
    printers, used, tills = table(Printer), table(TillPrinter), table(TillPrinter).c.till_id
    known = set(session.execute(select(printers.c.name)).scalars())
    for row in there.execute(select(printers).where(printers.c.active)).mappings():
        if row["name"] not in known:
            session.execute(insert(printers), {name: row[name] for name in row if name != "id"})
    ids = dict(session.execute(select(printers.c.name, printers.c.id)).all())
    real = select(used.c.role, printers.c.name).join(printers, printers.c.id == used.c.printer_id)
    here = select(table(Till).c.id).where(table(Till).c.number == post.till_number)
    till_id = there.execute(here).scalar_one()
    for role, name in there.execute(real.where(tills == till_id)).all():
        if name in ids:
            session.execute(
                used.update().where(tills == post.till_id, used.c.role == role).values(printer_id=ids[name])
            )
