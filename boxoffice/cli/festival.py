"""Making a festival."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

import typer

from boxoffice.config import FILE_NAME, Settings
from boxoffice.errors import Refusal
from boxoffice.kinds import VatStatus
from boxoffice.language import _

from .spoken import NEW_PIN_VARIABLE, add_command, ask, new_pin
from .workplace import settings_in_force, sqlite_path

TEXT = _("TEXTE")
_VAT_NAMES = {"assujetti": VatStatus.LIABLE, "exonéré": VatStatus.EXEMPT}
_VAT_STATUSES = _VAT_NAMES | {"exonere": VatStatus.EXEMPT} | {str(status): status for status in VatStatus}


def add_to(commands: typer.Typer) -> None:
    """Add this command to the program."""
    add_command(commands, "init", init, _("Créer un festival vide : pose les questions qui manquent."))


def init(
    festival: Annotated[str | None, typer.Option(metavar=TEXT, help=_("Nom du festival."))] = None,
    operator: Annotated[str | None, typer.Option(metavar=TEXT, help=_("Exploitant, tel qu'imprimé."))] = None,
    address: Annotated[str | None, typer.Option(metavar=TEXT, help=_("Adresse."))] = None,
    postcode: Annotated[str | None, typer.Option(metavar=TEXT, help=_("Code postal."))] = None,
    town: Annotated[str | None, typer.Option(metavar=TEXT, help=_("Ville."))] = None,
    siret: Annotated[str | None, typer.Option(metavar=TEXT, help=_("SIRET : quatorze chiffres."))] = None,
    vat: Annotated[
        str | None, typer.Option(metavar="|".join(_VAT_NAMES), help=_("Situation au regard de la TVA."))
    ] = None,
    vat_number: Annotated[
        str, typer.Option(metavar=TEXT, help=_("Numéro de TVA ; déduit du SIRET s'il n'est pas donné."))
    ] = "",
    manager: Annotated[str | None, typer.Option(metavar=TEXT, help=_("Nom du premier responsable."))] = None,
    till: Annotated[int | None, typer.Option(metavar="N", help=_("Numéro de ce poste."))] = None,
    till_name: Annotated[str, typer.Option(metavar=TEXT, help=_("Nom de ce poste."))] = "",
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help=_("Base de données ; sinon, un fichier sur ce poste.")),
    ] = None,
) -> None:
    settings = settings_in_force()
    settings = replace(
        settings, till=settings.till if till is None else till, database_url=database or settings.database_url
    )
    from boxoffice import database as databases
    from boxoffice.clock import SystemClock
    from boxoffice.sales.staff.establishment import read_postcode, read_siret
    from boxoffice.sales.staff.setup import FoundFestival, found_festival

    command = FoundFestival(
        festival=_ask(_("Nom du festival"), festival, "--festival"),
        operator_name=_ask(_("Exploitant (tel qu'imprimé sur les billets)"), operator, "--operator"),
        address=_ask(_("Adresse"), address, "--address"),
        postcode=_ask(_("Code postal"), postcode, "--postcode", read_postcode),
        town=_ask(_("Ville"), town, "--town"),
        siret=_ask(_("SIRET"), siret, "--siret", read_siret),
        vat_status=VatStatus(_ask(_("TVA (assujetti ou exonéré)"), vat, "--vat", _read_vat_status)),
        vat_number=vat_number,
        manager_name=_ask(_("Nom du premier responsable"), manager, "--manager"),
        manager_pin=_ask_new_pin(_("Son code PIN")),
        till_number=settings.till,
        till_name=till_name,
    )
    if path := sqlite_path(settings.database_url):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    opened = databases.connect(settings.database_url)
    try:
        databases.migrate(opened, backups=settings.backups_folder)
        with opened.write() as session:
            post = found_festival(session, command, key_path=settings.key_path, clock=SystemClock())
    finally:
        opened.close()
    _keep_settings(settings, till=till, database=database)
    typer.echo(
        _("« {festival} » est créé. {till} signe avec {path} : gardez-en une copie en lieu sûr.").format(
            festival=command.festival, till=post.till_name, path=settings.key_path
        )
    )
    typer.echo(
        _("Importez le programme : « boxoffice import programme FICHIER », puis ouvrez : « boxoffice ».")
    )


def _ask(question: str, given: str | None, option: str, read: Callable[[str], str] = str.strip) -> str:
    """What was given, else what the user answers, asked again until it can be read."""
    if given is not None:
        return read(given)
    while True:
        try:
            return read(ask(question, option))
        except Refusal as refusal:
            typer.echo(str(refusal), err=True)


def _ask_new_pin(question: str) -> str:
    """A PIN that a manager may have, asked again until it is; that of a script must be one, however short."""
    from boxoffice.kinds import Role
    from boxoffice.sales.staff.operators import hash_pin
    from boxoffice.sales.staff.rules import Rules
    from boxoffice.sales.staff.staff_changes import check_digits

    while True:
        pin = new_pin(question)
        try:
            hash_pin(pin)
            if NEW_PIN_VARIABLE not in os.environ:
                check_digits(Rules(), Role.MANAGER, pin)
        except Refusal as refusal:
            if NEW_PIN_VARIABLE in os.environ:
                raise
            typer.echo(str(refusal), err=True)
        else:
            return pin


def _read_vat_status(text: str) -> str:
    status = _VAT_STATUSES.get(text.strip().casefold())
    if status is None:
        raise Refusal(_("Répondez assujetti ou exonéré."))
    return status


def _keep_settings(settings: Settings, *, till: int | None, database: str | None) -> None:
    """Write down what was chosen for this post, so that it is found again; an existing file is left alone."""
    file = settings.data_folder / FILE_NAME
    chosen = {"till": till, "database_url": database}
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in chosen.items() if value is not None]
    if not lines:
        return
    if file.exists():
        typer.echo(_("Ajoutez à {file} :").format(file=file) + "\n" + "".join(lines), nl=False)
        return
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # The address of a database may have its password in it.
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as kept:
        kept.writelines(lines)
