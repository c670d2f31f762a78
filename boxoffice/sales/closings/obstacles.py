"""What stands in the way of a closing, and what to do about each: nothing here leaves anybody stranded."""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from sqlalchemy import func, select
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.kinds import JobState
from boxoffice.language import _, plural
from boxoffice.models import ParkedBasket, PrintJob, Till, table

from ..staff.business_days import unclosed_days
from ..staff.shifts import Shift, current_shift

_till, _job, _parked = table(Till), table(PrintJob), table(ParkedBasket)


class ObstacleKind(StrEnum):
    """What stands in the way. The first two stop a closing, the others are only told."""

    SHIFT_OPEN = "shift_open"
    TILL_NOT_CLOSED = "till_not_closed"
    PRINTS_UNCERTAIN = "prints_uncertain"
    PRINTS_WAITING = "prints_waiting"
    BASKETS_PARKED = "baskets_parked"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing in the way of closing a till or a day; `stops` is whether it has to be done first."""

    kind: ObstacleKind
    till_id: int
    till: int
    message: str
    remedy: str
    stops: bool


def till_obstacles(session: Session, till_id: int) -> tuple[Obstacle, ...]:
    """What is to be known before a till is closed: none of it stops the closing.

    An open shift is counted and closed with it; papers may be settled afterwards, and are on the Z.
    """
    number = session.execute(select(_till.c.number).where(_till.c.id == till_id)).scalar_one()
    found = []
    if (shift := current_shift(session, till_id)) is not None:
        found.append(_shift_open(till_id, number, shift, stops=False))
    if count := _count_jobs(session, till_id, (JobState.UNCERTAIN,)):
        found.append(
            Obstacle(
                ObstacleKind.PRINTS_UNCERTAIN,
                till_id,
                number,
                plural(
                    "{count} impression : on ne sait pas si elle est sortie.",
                    "{count} impressions : on ne sait pas si elles sont sorties.",
                    count,
                ).format(count=count),
                _("F12 : dites ce qui est sorti. La clôture peut se faire avant."),
                stops=False,
            )
        )
    if count := _count_jobs(session, till_id, (JobState.QUEUED, JobState.BLOCKED, JobState.SENDING)):
        found.append(
            Obstacle(
                ObstacleKind.PRINTS_WAITING,
                till_id,
                number,
                plural(
                    "{count} impression attend une imprimante.",
                    "{count} impressions attendent une imprimante.",
                    count,
                ).format(count=count),
                _("F12 : envoyez-les ailleurs ou abandonnez-les. La clôture peut se faire avant."),
                stops=False,
            )
        )
    if count := session.execute(
        select(func.count()).select_from(_parked).where(_parked.c.till_id == till_id)
    ).scalar_one():
        found.append(
            Obstacle(
                ObstacleKind.BASKETS_PARKED,
                till_id,
                number,
                plural("{count} panier en attente.", "{count} paniers en attente.", count).format(
                    count=count
                ),
                _("Ils ne tiennent aucune place : la clôture peut se faire avant de les reprendre."),
                stops=False,
            )
        )
    return tuple(found)


def day_obstacles(session: Session, day: date, starts_at: time) -> tuple[Obstacle, ...]:
    """The tills that have something of a day, or of one before, left to close."""
    found = []
    for till_id, number in session.execute(select(_till.c.id, _till.c.number).order_by(_till.c.number)):
        unclosed = unclosed_days(session, till_id, starts_at)
        if unclosed is None or unclosed[0] > day:
            continue
        if (shift := current_shift(session, till_id)) is not None:
            found.append(_shift_open(till_id, number, shift, stops=True))
            continue
        found.append(
            Obstacle(
                ObstacleKind.TILL_NOT_CLOSED,
                till_id,
                number,
                _("La caisse {till} n'est pas close.").format(till=number),
                _(
                    "Clôturez-la, d'ici ou de son poste : F10 puis Z, ou « boxoffice close till {till} »."
                ).format(till=number),
                stops=True,
            )
        )
    return tuple(found)


def check_day(session: Session, day: date, starts_at: time) -> None:
    """Raise Refusal at the first thing that stops the closing of a day."""
    for obstacle in day_obstacles(session, day, starts_at):
        if obstacle.stops:
            raise Refusal(obstacle.message, obstacle.remedy)


def _shift_open(till_id: int, number: int, shift: Shift, *, stops: bool) -> Obstacle:
    return Obstacle(
        ObstacleKind.SHIFT_OPEN,
        till_id,
        number,
        _("La caisse {till} est ouverte ({name}).").format(till=number, name=shift.operator_name),
        _("Comptez son tiroir et clôturez-la : F10 puis Z, ou « boxoffice close till {till} ».").format(
            till=number
        ),
        stops,
    )


def _count_jobs(session: Session, till_id: int, states: tuple[JobState, ...]) -> int:
    counted = select(func.count()).select_from(_job)
    found = session.execute(counted.where(_job.c.till_id == till_id, _job.c.state.in_(states)))
    return int(found.scalar_one())
