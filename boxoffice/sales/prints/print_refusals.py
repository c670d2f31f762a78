"""Why a document cannot be treated as was asked."""

from typing import NoReturn

from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import JobState

from .outbox import find_job


def refuse_as_it_stands(session: Session, job_id: int) -> NoReturn:
    """Say why a document cannot be treated so, from the state in which it is now."""
    job = find_job(session, job_id)
    match job.state if job else None:
        case None:
            raise Refusal(_("Ce document n'est plus dans la file d'impression."))
        case JobState.UNCERTAIN:
            raise Refusal(_("Personne ne sait si ce document est sorti."), _("Dites d'abord s'il est sorti."))
        case JobState.SENDING:
            raise Refusal(_("Ce document est en cours d'impression."), _("Attendez qu'il soit sorti."))
        case JobState.QUEUED:
            raise Refusal(
                _("Ce document n'est pas encore sorti : il attend son tour."),
                _("Attendez qu'il sorte, ou envoyez-le à une autre imprimante."),
            )
        case JobState.BLOCKED:
            raise Refusal(
                _("Ce document attend encore l'imprimante."),
                _("Remettez l'imprimante en état, ou envoyez-le à une autre."),
            )
        case JobState.ABANDONED:
            raise Refusal(_("Ce document a été abandonné."), _("Demandez une copie, marquée DUPLICATA."))
        case _:
            raise Refusal(_("Ce document est déjà sorti."), _("Demandez une copie, marquée DUPLICATA."))
