"""What is no fault in the books, but must not be passed over in silence: an auditor should ask about it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from boxoffice.kinds import JournalKind
from boxoffice.language import _

from ..closings.restorings import GONE_ON_FROM, told_restoring
from .journal import UNSIGNED
from .reconciliation import Place


def notices(where: Place, kind: str, content: Mapping[str, Any], people: Mapping[int, str]) -> Iterator[str]:
    """What an entry tells that a person should know of, each thing in a sentence.

    `people` are the operators by their numbers: who answers is named.
    """
    for said in _said(kind, content, people):
        yield _("{place} : {message}").format(place=where, message=said)


def _said(kind: str, content: Mapping[str, Any], people: Mapping[int, str]) -> Iterator[str]:
    if kind == JournalKind.DATABASE_RESTORED and "backup" in content:
        yield _(
            "base de données remise depuis la sauvegarde {backup}, à l'entrée {found} ; la caisse en avait"
            " signé jusqu'à la {known}."
        ).format(backup=content["backup"], known=content["known"], found=content["found"])
    elif kind == JournalKind.DATABASE_RESTORED:
        yield _("base de données remise en arrière, de l'entrée {known} à la {found}.").format(
            known=content["known"], found=content["found"]
        )
    if kind == JournalKind.DATABASE_RESTORED:
        for till, left_out in content.get("skipped", {}).items():
            yield _(
                "caisse {till} : {operations} opérations et {tickets} billets ne sont plus dans la base."
            ).format(till=till, operations=left_out.get("operations", 0), tickets=left_out.get("tickets", 0))
        if GONE_ON_FROM in content:
            restoring = told_restoring(datetime.fromisoformat(content["at"]), content)
            yield from (each.said(_) for each in restoring.left_out)
        if content.get("fault"):
            yield _("elle a été remise bien que fausse : {fault}").format(fault=content["fault"])
        if content.get("fault_before"):
            yield _("celle d'avant était fausse, aucun montant n'en est repris : {fault}").format(
                fault=content["fault_before"]
            )
    if kind == JournalKind.CHAIN_BROKEN:
        yield _("une rupture a été constatée : {fault}").format(fault=content["fault"])
    if kind == JournalKind.KEY_LOST:
        yield _(
            "la clé de la caisse {till} est déclarée perdue : rien ne doit plus en être signé depuis."
        ).format(till=content["lost_till"])
    if kind == JournalKind.KEY_RESTORED:
        number = content["operator"]
        yield _("la clé {fingerprint} a été remise sur son poste, {name} (n° {number}) en a répondu.").format(
            fingerprint=content["fingerprint"][:16], name=people.get(number, _("l'opérateur")), number=number
        )
    if "anchor_missing" in content:
        yield _("la caisse n'avait plus son ancre : la fin du journal d'avant a pu être coupée sans trace.")
    if UNSIGNED in content:
        yield _(
            "l'ancre n'était pas encore signée, comme avant cette version ; elle l'est depuis, pour toujours."
        )
    if "clock_set_back_from" in content:
        yield _("l'horloge avait reculé.")
