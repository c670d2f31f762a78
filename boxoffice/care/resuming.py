"""Going on in a database that was put back by hand, or by another post: a manager answers for it."""

from boxoffice.clock import Clock
from boxoffice.config import Settings
from boxoffice.database import Database
from boxoffice.kinds import Action
from boxoffice.sales.books import journal
from boxoffice.sales.closings.leaving_out import leave_out
from boxoffice.sales.closings.put_back import LeftOut
from boxoffice.sales.closings.restorings import told_restoring
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.operators import StaffMember, proof_told
from boxoffice.sales.staff.permissions import require

from .knowing import known_here, look_at_what_was_here


def resume_journal(
    database: Database, settings: Settings, post: Post, *, clock: Clock, manager: StaffMember
) -> tuple[LeftOut, ...]:
    """Have this till sign on in a database that was put back elsewhere, or by hand, after what is known here.

    So do the backups of what was here before, once they verify. Returns what is no more in the database.
    Raises ManagerNeeded for who may not answer for it, and Refusal when nothing is amiss.
    """
    with database.read() as session:
        before = look_at_what_was_here(session, settings)
    with database.write() as session:
        require(session, Action.CARE_FOR_KEYS, manager.id)
        about = leave_out(session, known_here(session, settings, [post.till_number], before))
        told = {**about, **proof_told(manager)}
        journal.accept_restored(session, post, manager.number, at=clock.now(), about=told)
    return told_restoring(clock.now(), about).left_out
