"""What the doctor looks at."""

from dataclasses import dataclass

from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.config import Settings
from boxoffice.database import Database
from boxoffice.sales.staff.desk import Post

from ..holding import Held


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at: the post, its open database, and its till there if it is one.

    The `backups` kept here are those that were held to the journals.
    """

    settings: Settings
    database: Database
    session: Session
    clock: Clock
    till_id: int | None
    post: Post | None
    backups: Held
