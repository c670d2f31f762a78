"""Making a festival, and importing its programme."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.config import FILE_NAME, Settings
from boxoffice.errors import Refusal
from boxoffice.kinds import VatStatus
from boxoffice.language import _, plural

from .answering import AnsweredBy, answering_manager
from .spoken import NEW_PIN_VARIABLE, add_command, ask, group, new_pin
from .workplace import (
    opened_house,
    print_json,
    print_table,
    progress_bar,
    settings_in_force,
    sqlite_path,
)

if TYPE_CHECKING:
    from boxoffice.models import PassKind
    from boxoffice.sales.importing import ImportRefused

TEXT = _("TEXTE")
PASS_FILE = Annotated[
    Path, typer.Argument(metavar=_("FICHIER"), help=_("Un fichier CSV, ou un dossier qui en contient."))
]
AS_JSON = Annotated[bool, typer.Option("--json", help=_("Écrire le résultat en JSON."))]
_VAT_NAMES = {"assujetti": VatStatus.LIABLE, "exonéré": VatStatus.EXEMPT}
_VAT_STATUSES = _VAT_NAMES | {"exonere": VatStatus.EXEMPT} | {str(status): status for status in VatStatus}


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    add_command(commands, "init", init, _("Créer un festival vide : pose les questions qui manquent."))
    importing = group(_("Importer des fichiers."))
    add_command(importing, "programme", import_files, _("Importer ou mettre à jour le programme."))
    add_command(importing, "passes", import_passes_sold, _("Importer des pass vendus en ligne."))
    add_command(importing, "accreditations", import_accreditations, _("Importer des accréditations."))
    add_command(importing, "reservations", import_reserved, _("Importer des réservations prises en ligne."))
    commands.add_typer(importing, name="import")


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
    from boxoffice.sales.staff.setup import FoundFestival, found_festival, read_postcode, read_siret

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
        databases.migrate(opened)
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


def import_files(
    path: Annotated[
        Path, typer.Argument(metavar=_("FICHIER"), help=_("Un fichier CSV, ou un dossier qui en contient."))
    ],
    complete: Annotated[
        bool,
        typer.Option(
            "--complete", help=_("Le programme est entier : annuler les séances et tarifs qui n'y sont plus.")
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_("Écrire le résultat en JSON."))] = False,
    manager: AnsweredBy = None,
) -> None:
    from boxoffice.sales.importing import ImportProgramme, ProgrammeRefused, import_programme, read_folder
    from boxoffice.sales.importing.layouts import Kind

    command = ImportProgramme(read_folder(path), complete)
    try:
        with opened_house() as house:
            answering = answering_manager(house, manager)
            with progress_bar(_("Programme")) as progress:
                done = house.database.attempt(
                    lambda session: import_programme(
                        session,
                        command,
                        house.post,
                        clock=house.clock,
                        manager=answering,
                        progress=progress,
                    )
                )
    except ProgrammeRefused as refused:
        _tell_faults(refused, as_json)
        raise
    if as_json:
        print_json({kind.value: asdict(tally) for kind, tally in done.tallies.items()})
        return
    names = {
        Kind.VENUE: _("Lieux"),
        Kind.HALL: _("Salles"),
        Kind.EVENT: _("Manifestations"),
        Kind.PRICE_LIST: _("Grilles tarifaires"),
        Kind.TARIFF: _("Tarifs"),
        Kind.PRODUCT: _("Produits"),
        Kind.PASS: _("Pass et accréditations"),
        Kind.GIFT_CARD: _("Cartes cadeaux"),
        Kind.SCREENING: _("Séances"),
    }
    print_table(
        ("", _("ajoutés"), _("modifiés"), _("inchangés"), _("retirés")),
        [
            (names[kind], *map(str, (tally.added, tally.changed, tally.unchanged, tally.withdrawn)))
            for kind, tally in done.tallies.items()
        ],
    )


def import_passes_sold(path: PASS_FILE, as_json: AS_JSON = False, manager: AnsweredBy = None) -> None:
    from boxoffice.models import PassKind

    _import_passes(path, PassKind.PASS, _("Pass"), as_json, manager)


def import_accreditations(path: PASS_FILE, as_json: AS_JSON = False, manager: AnsweredBy = None) -> None:
    from boxoffice.models import PassKind

    _import_passes(path, PassKind.ACCREDITATION, _("Accréditations"), as_json, manager)


def _import_passes(path: Path, kind: "PassKind", words: str, as_json: bool, manager: int | None) -> None:
    from boxoffice.sales.importing import ImportPasses, ImportRefused, import_passes, read_folder

    command = ImportPasses(kind, read_folder(path))
    try:
        with opened_house() as house:
            answering = answering_manager(house, manager)
            with progress_bar(words) as progress:
                done = house.database.attempt(
                    lambda session: import_passes(
                        session,
                        command,
                        house.post,
                        clock=house.clock,
                        manager=answering,
                        progress=progress,
                    )
                )
    except ImportRefused as refused:
        _tell_faults(refused, as_json)
        raise
    if as_json:
        print_json(asdict(done))
        return
    print_table(("", _("ajoutés"), _("déjà connus")), [(words, str(done.added), str(done.known))])
    if done.kept:
        typer.echo(
            plural(
                "{count} est à un autre nom que dans le fichier : il est gardé tel quel.",
                "{count} sont à un autre nom que dans le fichier : ils sont gardés tels quels.",
                done.kept,
            ).format(count=done.kept)
        )


def import_reserved(path: PASS_FILE, as_json: AS_JSON = False) -> None:
    from boxoffice.sales.importing import (
        ImportRefused,
        ImportReservations,
        import_reservations,
        read_folder,
    )

    command = ImportReservations(read_folder(path))
    try:
        with opened_house() as house, progress_bar(_("Réservations")) as progress:
            done = house.database.attempt(
                lambda session: import_reservations(
                    session, command, house.post, clock=house.clock, progress=progress
                )
            )
    except ImportRefused as refused:
        _tell_faults(refused, as_json)
        raise
    if as_json:
        print_json(asdict(done))
        return
    print_table(
        ("", _("ajoutées"), _("déjà connues"), _("trop tard")),
        [(_("Réservations"), str(done.added), str(done.known), str(done.late))],
    )


def _tell_faults(refused: "ImportRefused", as_json: bool) -> None:
    """Every fault of files that were refused, as many as a person reads."""
    if as_json:
        print_json({"faults": [asdict(fault) for fault in refused.faults]})
    for fault in refused.told:
        typer.echo(str(fault), err=True)


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
    """A PIN that can be one, asked again until it is; that of the environment must be."""
    from boxoffice.sales.staff.operators import hash_pin

    while True:
        pin = new_pin(question)
        try:
            hash_pin(pin)
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
