"""What the doctor looks at."""

from collections.abc import Mapping
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

    The `backups` kept here are those that were held to the journals. `heard` is what the printers, by their
    ids, told last to the counter that is open here and asks: what is wrong, or nothing.
    """

    settings: Settings
    database: Database
    session: Session
    clock: Clock
    till_id: int | None
    post: Post | None
    backups: Held
    heard: Mapping[int, str]
