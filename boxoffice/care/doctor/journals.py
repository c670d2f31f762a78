"""What the doctor finds of the journals: whether they hold what is known outside of the database."""

from collections.abc import Iterator

from sqlalchemy import select

from boxoffice.clock import in_paris, say
from boxoffice.language import _, spoken
from boxoffice.models import JournalEntry, Till, table
from boxoffice.sales.books.reconciliation import Wrong
from boxoffice.sales.books.signing import read_anchor
from boxoffice.sales.books.witnesses import compare_witnesses
from boxoffice.sales.closings.put_back import gone_words
from boxoffice.sales.closings.restorings import read_restorings

from ..witnessing import seen_by_backups
from .findings import Finding, Health
from .patient import Patient

_entry, _till = table(JournalEntry), table(Till)


def anchor(patient: Patient) -> Iterator[Finding]:
    """Whether the journal in the database still has what this till signed last."""
    if patient.till_id is None:
        return
    try:
        anchor = read_anchor(patient.settings.key_path)
    except ValueError:
        yield Finding(
            "anchor",
            Health.ILL,
            _("L'ancre de la caisse {number} ne se lit pas, ou n'est pas signée par sa clé.").format(
                number=patient.settings.till
            ),
            _("Un responsable reprend le journal : « boxoffice journal resume »."),
        )
        return
    if anchor is None:
        yield Finding(
            "anchor",
            Health.WATCH,
            _("La caisse {number} n'a pas son ancre.").format(number=patient.settings.till),
            _("Rien à faire ; si personne ne sait pourquoi : « boxoffice journal verify »."),
        )
        return
    wanted = select(_entry.c.digest).where(
        _entry.c.till_id == patient.till_id, _entry.c.sequence == anchor.sequence
    )
    if patient.session.execute(wanted).scalar() == anchor.digest:
        yield Finding("anchor", Health.WELL, _("Le journal va jusqu'à ce que cette caisse a signé."))
    else:
        yield Finding(
            "anchor",
            Health.ILL,
            _("La base de données n'est pas celle où la caisse {number} a signé en dernier.").format(
                number=patient.settings.till
            ),
            _("Si une sauvegarde a été remise, un responsable le déclare : « boxoffice journal resume »."),
        )


def journals(patient: Patient) -> Iterator[Finding]:
    """Whether the journals still hold what the backups kept here have seen of them."""
    tills = {row.id: row.number for row in patient.session.execute(select(_till.c.id, _till.c.number))}
    seen = seen_by_backups(patient.session, patient.backups.kept)
    try:
        compare_witnesses(patient.session, seen, tills)
    except Wrong as wrong:
        yield Finding(
            "journals",
            Health.ILL,
            str(wrong.fault),
            _("Ne vendez plus. Gardez les sauvegardes et les Z imprimés, et prévenez qui tient vos comptes."),
        )
        return
    if seen:
        yield Finding("journals", Health.WELL, _("Les journaux ont encore ce que les sauvegardes en ont vu."))


def restored(patient: Patient) -> Iterator[Finding]:
    """That a backup was put back this year: what was sold since it is on papers alone."""
    year = in_paris(patient.clock.now()).year
    told = [each for each in read_restorings(patient.session) if in_paris(each.at).year >= year]
    for restoring in told:
        if not (restoring.backup or restoring.left_out):
            continue
        said = _("La base a été remise le {moment}, depuis {backup}.").format(
            moment=say(restoring.at, "EEE d MMM HH:mm", spoken()), backup=restoring.backup or _("une copie")
        )
        unknown = _("Aucune opération connue n'y manque.")
        left_out = " ; ".join(each.said(_) for each in restoring.left_out)
        gone = ""
        if restoring.gone:
            gone = " " + _("Clôtures qui ne sont plus dans la base : {gone}.").format(
                gone=gone_words(restoring.gone, _)
            )
        yield Finding(
            "restored",
            Health.WATCH,
            f"{said} {left_out or unknown}{gone}",
            _("Dites-le à qui tient vos comptes, et gardez les Z imprimés avant et la sauvegarde d'avant."),
        )
