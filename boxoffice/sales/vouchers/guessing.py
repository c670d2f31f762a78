"""Codes typed by hand are not to be guessed: unknown ones make a till wait, longer each time, and are told.

What is scanned never waits: it has 120 random bits, which nobody can guess.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlmodel import Session, col, select

from boxoffice.clock import Clock, say
from boxoffice.errors import KeptRefusal, Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _, spoken
from boxoffice.models import CodeTries

from ..books import journal
from ..codes import read_code
from ..staff.desk import Desk

FREE_TRIES = 3
"""Slips of the finger that cost nothing."""
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=5)
FORGIVEN_AFTER = timedelta(minutes=1)
"""A known code makes the wrong ones before it forgotten, but not those of the minute before: whoever has one
good code must not have as many tries as they please.
"""

Found = TypeVar("Found")


class UnknownCode(Refusal):
    """A code that is none of ours, or not with that name: looking for it may be guessing."""


class CodeRefused(KeptRefusal):
    """This try found nothing; it is counted and told all the same."""


def look_up(session: Session, text: str, find: Callable[[], Found], desk: Desk, *, clock: Clock) -> Found:
    """What `find` finds by a code. Raises CodeRefused, before anything else was written, if that is nothing.

    After three unknown codes each further one doubles the wait, up to five minutes; what is typed during the
    wait is counted, not looked at. `find` raises UnknownCode; any other Refusal of it says what befell a code
    that is known.
    """
    at = clock.now()
    if read_code(text) is not None:
        try:
            return find()
        except UnknownCode as unknown:
            _tell(session, desk, at, scanned=True)
            raise CodeRefused(unknown.message, unknown.remedy) from None
    tries = _tries(session, desk)
    if tries.locked_until is not None and at < tries.locked_until:
        # A clock set forward, then back, would close the till for as long.
        raise _count_early(session, tries, min(tries.locked_until, at + LONGEST_WAIT), desk, at)
    try:
        found = find()
    except UnknownCode as unknown:
        raise _count_wrong(session, tries, unknown, desk, at) from None
    if tries.wrong and (tries.locked_until is None or at >= tries.locked_until + FORGIVEN_AFTER):
        tries.wrong, tries.early, tries.locked_until = 0, 0, None
        session.add(tries)
    return found


def _tries(session: Session, desk: Desk) -> CodeTries:
    held = select(CodeTries).where(col(CodeTries.till_id) == desk.post.till_id).with_for_update()
    return session.exec(held).one_or_none() or CodeTries(till_id=desk.post.till_id)


def _count_wrong(
    session: Session, tries: CodeTries, unknown: UnknownCode, desk: Desk, at: datetime
) -> CodeRefused:
    tries.wrong += 1
    wait = timedelta()
    if tries.wrong > FREE_TRIES:
        wait = min(FIRST_WAIT * 2 ** min(tries.wrong - FREE_TRIES - 1, 16), LONGEST_WAIT)
    tries.locked_until = at + wait
    session.add(tries)
    _tell(session, desk, at, early=tries.early, wrong=tries.wrong)
    tries.early = 0
    if not wait:
        return CodeRefused(unknown.message, unknown.remedy)
    return CodeRefused(
        unknown.message,
        _("Attendez {seconds} s avant d'en taper un autre ; un scan n'attend pas.").format(
            seconds=int(wait.total_seconds())
        ),
    )


def _count_early(
    session: Session, tries: CodeTries, until: datetime, desk: Desk, at: datetime
) -> CodeRefused:
    """Refuse without looking what is typed too early.

    The journal tells of the first, the second, the fourth and so on, and the next entry of how many there
    were: whoever leans on the keys cannot flood it.
    """
    tries.early += 1
    tries.locked_until = until
    session.add(tries)
    if tries.early.bit_count() == 1:
        _tell(session, desk, at, early=tries.early, wrong=tries.wrong)
    return CodeRefused(
        _("Trop de codes inconnus : cette caisse attend jusqu'à {time}.").format(
            time=say(until, "HH:mm:ss", spoken())
        ),
        _("Scannez la carte, ou patientez."),
    )


def _tell(session: Session, desk: Desk, at: datetime, **counted: int | bool) -> None:
    """Tell the journal of a code refused, never the code: it may be nearly the right one."""
    journal.append(
        session, desk.post, JournalKind.CODE_REFUSED, counted, at=at, operator_number=desk.operator_number
    )
