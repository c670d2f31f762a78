"""What a manager should be told without asking, in words short enough for the edge of a screen."""

import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlmodel import Session

from boxoffice.clock import Clock, business_day
from boxoffice.config import Settings
from boxoffice.language import _
from boxoffice.models import Establishment, Till, table
from boxoffice.sales.staff.business_days import open_day, unclosed_days
from boxoffice.sales.staff.desk import Post

from .backups import last_backup_at

LITTLE_FREE_MB = 1_000
OLDEST_BACKUP = timedelta(hours=26)
_till, _establishment = table(Till), table(Establishment)


def read_sign(session: Session, settings: Settings, post: Post, *, clock: Clock) -> str:
    """The worst of a past day left open, a backup too old and a disk nearly full; nothing if all is well.

    A few light questions, to be asked each minute. A festival younger than a backup may be needs none yet.
    """
    now, starts_at = clock.now(), post.rules.business_day_starts
    today = business_day(now, starts_at)
    for till_id in session.execute(select(_till.c.id)).scalars().all():
        days = unclosed_days(session, till_id, starts_at)
        if days is not None and days[0] < today:
            return _("Journée passée à clore (F10 Z)")
    waiting = open_day(session)
    if waiting is not None and waiting[1] < today:
        return _("Journée passée à clore (F10 Z)")
    with suppress(OSError):
        if free_megabytes(settings) < LITTLE_FREE_MB:
            return _("Disque presque plein (F10 D)")
    founded = select(_establishment.c.created_at)
    since = last_backup_at(session, clock=clock) or session.execute(founded).scalar()
    if since is not None and now - since > OLDEST_BACKUP:
        return _("Sauvegarde trop vieille (F10 D)")
    return ""


def free_megabytes(settings: Settings) -> int:
    """What is left on the fullest of the disks that this till writes to."""
    url = make_url(settings.database_url)
    folders = {settings.data_folder}
    if url.get_backend_name().startswith("sqlite") and url.database:
        folders.add(Path(url.database).parent)
    return min(shutil.disk_usage(_standing(folder)).free for folder in folders) // 1_000_000


def _standing(folder: Path) -> Path:
    """The folder, or the nearest above it that exists."""
    return next(each for each in (folder, *folder.absolute().parents) if each.exists())
