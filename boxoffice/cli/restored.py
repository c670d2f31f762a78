"""What is said of a backup that was put back: in sentences, or as JSON."""

from typing import TYPE_CHECKING

import typer

from boxoffice.language import _

if TYPE_CHECKING:
    from boxoffice.care.restoring import Restored


def told_restored(done: "Restored") -> dict[str, object]:
    """In terms of JSON, what is to be known beside the backup itself."""
    return {
        "before": done.before and str(done.before.path),
        "set_aside": done.set_aside and str(done.set_aside),
        "tills": done.tills,
        "fault": done.fault,
        "fault_before": done.fault_before,
        "skipped": done.skipped,
        "left_out": [each.told() for each in done.left_out],
        "closings_gone": done.gone,
        "not_erased": [str(customer_id) for customer_id in done.not_erased],
    }


def say_restored(done: "Restored", name: str) -> None:
    """In sentences: what is in place, what was, what is no more in the database, and what is to be done."""
    typer.echo(_("La sauvegarde {file} est en place, et le journal le raconte.").format(file=name))
    _say_what_was_there(done)
    _say_what_is_wrong(done)
    _say_what_is_left_out(done)
    _say_closings_gone(done)
    for customer_id in done.not_erased:
        typer.echo(
            _("Ce client avait été effacé, et ne peut pas l'être maintenant : {id}.").format(id=customer_id),
            err=True,
        )
    typer.echo(_("Sur les autres postes, un responsable le déclare : « boxoffice journal resume »."))


def _say_what_was_there(done: "Restored") -> None:
    if done.before is not None:
        typer.echo(_("Ce qui était là est gardé dans {file}.").format(file=done.before.path))
    if done.set_aside is not None:
        typer.echo(_("La base abîmée est gardée dans {file}.").format(file=done.set_aside))


def _say_what_is_wrong(done: "Restored") -> None:
    if done.fault:
        typer.echo(_("Elle est fausse : {fault}").format(fault=done.fault), err=True)
    if done.fault_before:
        typer.echo(
            _("Celle d'avant était fausse, aucun montant n'en est repris : {fault}").format(
                fault=done.fault_before
            ),
            err=True,
        )


def _say_what_is_left_out(done: "Restored") -> None:
    for till, left_out in done.skipped.items():
        typer.echo(
            _(
                "Caisse {till} : {operations} opérations et {tickets} billets faits depuis ne sont plus dans"
                " la base ; leurs numéros ne seront pas redonnés."
            ).format(till=till, operations=left_out.get("operations", 0), tickets=left_out.get("tickets", 0))
        )
    for each in done.left_out:
        typer.echo(each.said(_))


def _say_closings_gone(done: "Restored") -> None:
    from boxoffice.sales.closings.put_back import gone_words

    if not done.gone:
        return
    typer.echo(_("Clôtures qui ne sont plus dans la base : {gone}.").format(gone=gone_words(done.gone, _)))
    typer.echo(
        _(
            "À faire : clore à nouveau, par F10 puis Z au guichet, ou « boxoffice close ». Gardez les Z"
            " imprimés avant : les nouveaux disent qu'ils comptent à nouveau ce qui est dans la base."
        )
    )
