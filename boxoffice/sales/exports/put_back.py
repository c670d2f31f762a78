"""What a restoring left out of figures written for others: said with the file, told by the journal."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlmodel import Session

from boxoffice.clock import business_day, in_paris
from boxoffice.language import _

from ..closings.put_back import Restoring
from ..closings.restorings import read_restorings
from ..staff.rules import read_rules


def left_out_between(session: Session, first: date | None, last: date | None) -> tuple[Restoring, ...]:
    """The restorings that may have left out something of a period, ends included; None is no end."""
    starts = read_rules(session).business_day_starts

    def concerns(restoring: Restoring) -> bool:
        since = restoring.since and min(restoring.since, restoring.at)
        begins_late = last is not None and since is not None and business_day(since, starts) > last
        ends_early = first is not None and business_day(restoring.at, starts) < first
        return restoring.is_told and not begins_late and not ends_early

    return tuple(each for each in read_restorings(session) if concerns(each))


def left_out_words(restorings: Iterable[Restoring]) -> str:
    """What is said of them, a line for each; nothing where there are none."""
    return "\n".join(map(_words, restorings))


def left_out_told(restorings: Iterable[Restoring]) -> list[dict[str, Any]]:
    """The same for the journal and for other programs; amounts are cents, None where none is known."""
    return [
        {
            "restored_at": restoring.at.isoformat(),
            "since": restoring.since and restoring.since.isoformat(),
            "operations": [each.told() for each in restoring.left_out],
        }
        for restoring in restorings
    ]


def _words(restoring: Restoring) -> str:
    """`Base remise le 22/01/2026, telle que le 21/01/2026 : opération 1-000002 hors de cette base…`"""
    unknown = _("ce qui fut fait entre-temps n'est pas dans cet export")
    left_out = " ; ".join(each.said(_) for each in restoring.left_out) or unknown
    day = f"{in_paris(restoring.at):%d/%m/%Y}"
    if restoring.since is None:
        return _("Base remise le {day} : {left_out}.").format(day=day, left_out=left_out)
    return _("Base remise le {day}, telle que le {since} : {left_out}.").format(
        day=day, since=f"{in_paris(restoring.since):%d/%m/%Y}", left_out=left_out
    )
