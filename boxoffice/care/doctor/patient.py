"""What the doctor looks at."""

from dataclasses import dataclass

from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.config import Settings
from boxoffice.database import Database
from boxoffice.sales.staff.desk import Post

from ..backups import KeptBackup


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at: the post, its open database, and its till there if it is one."""

    settings: Settings
    database: Database
    session: Session
    clock: Clock
    till_id: int | None
    post: Post | None
    backups: tuple[KeptBackup, ...]
