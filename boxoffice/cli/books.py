"""The books: their verification, and going on after a backup has been put back."""

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.language import _, plural

from .answering import AnsweredBy, prove_in
from .options import AsJson, trusted_keys, witnesses_typed
from .spoken import add_command, group
from .workplace import (
    opened_house,
    print_json,
    progress_bar,
    require_festival,
    settings_in_force,
)

if TYPE_CHECKING:
    from boxoffice.care.verifying import Verified

_log = logging.getLogger(__name__)


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    journal = group(_("Le journal signé."))
    add_command(journal, "verify", verify_journal, _("Vérifier le journal et les ventes qu'il décrit."))
    add_command(journal, "resume", resume, _("Reprendre après avoir remis une sauvegarde."))
    commands.add_typer(journal, name="journal")


def verify_journal(
    trust: Annotated[
        list[str] | None,
        typer.Option(
            metavar=_("EMPREINTE"),
            help=_("Empreinte d'une clé connue par ailleurs ; toute autre clé est alors une faute."),
        ),
    ] = None,
    seen: Annotated[
        list[str] | None,
        typer.Option(
            metavar=_("EMPREINTE"),
            help=_("Ce qu'un reçu ou un coupon dit du journal : « 1-57 3F2A 9C1B 77D0 E4A1 »."),
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help=_("Une autre base, par exemple une copie.")),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help=_("Raconter la rupture trouvée dans le journal de ce poste."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read only, unless the break that is found is to be recorded: a seized copy is verified as it is."""
    from boxoffice.care.verifying import verify_database

    witnesses = witnesses_typed(seen)
    settings = settings_in_force()
    if database is None:
        require_festival(settings)
    with progress_bar(_("Journal")) as show:
        found = verify_database(
            settings, url=database, trusted=trusted_keys(trust), seen=witnesses, progress=show
        )
    _say(found, as_json=as_json)
    if record and found.verdict.fault is not None:
        _record(str(found.verdict.fault))
    if not found.is_well:
        raise typer.Exit(1)


def resume(manager: AnsweredBy = None) -> None:
    from boxoffice.care.resuming import resume_journal

    with opened_house() as house:
        # Until it resumes the journal takes no entry: what is typed wrong here is told by the next one.
        answering = prove_in(house.database, None, manager, clock=house.clock)
        left_out = resume_journal(
            house.database, house.settings, house.post, clock=house.clock, manager=answering
        )
    typer.echo(_("Le journal reprend ; il raconte que la base de données a été remise en arrière."))
    for each in left_out:
        typer.echo(each.said(_))


def _say(found: "Verified", *, as_json: bool) -> None:
    verdict, missing_guards, changed_backups = found
    if as_json:
        more = {"missing_guards": missing_guards, "changed_backups": changed_backups}
        print_json({**asdict(verdict), **more})
        return
    if verdict.fault is None:
        entries = plural("{count} entrée", "{count} entrées", verdict.entries).format(count=verdict.entries)
        sales = plural("{count} vente", "{count} ventes", verdict.sales).format(count=verdict.sales)
        typer.echo(_("Le journal est intact : {entries}, {sales}.").format(entries=entries, sales=sales))
    else:
        typer.echo(str(verdict.fault), err=True)
    for notice in verdict.notices:
        typer.echo(_("À savoir : {notice}").format(notice=notice))
    if missing_guards:
        typer.echo(
            _("Des gardes de la base manquent ou ont été changées : {names}.").format(
                names=", ".join(missing_guards)
            ),
            err=True,
        )
    for said in changed_backups:
        typer.echo(said, err=True)


def _record(fault: str) -> None:
    """Have the journal tell what was found, if it still can: the fault may be in the way."""
    from boxoffice.sales.books.occurrences import chain_broken

    try:
        with opened_house() as house, house.database.write() as session:
            chain_broken(session, house.post, fault, clock=house.clock)
    except Exception:
        _log.exception("The journal cannot tell that it is broken")
        typer.echo(_("Le journal de ce poste ne peut pas le raconter."), err=True)
