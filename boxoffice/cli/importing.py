"""Importing the programme, and passes, accreditations, cards and reservations sold or taken elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar

import typer

from boxoffice.kinds import PassKind
from boxoffice.language import _, plural

from .answering import AnsweredBy, answering_manager
from .options import AsJson
from .spoken import add_command, group
from .workplace import Show, opened_house, print_json, print_table, progress_bar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from sqlmodel import Session

    from boxoffice.clock import Clock
    from boxoffice.house import House
    from boxoffice.sales.importing import ImportRefused
    from boxoffice.sales.staff.desk import Post
    from boxoffice.sales.staff.operators import StaffMember

FILES = Annotated[
    Path, typer.Argument(metavar=_("FICHIER"), help=_("Un fichier CSV, ou un dossier qui en contient."))
]

Done = TypeVar("Done")
Command_contra = TypeVar("Command_contra", contravariant=True)
Command = TypeVar("Command")
Done_co = TypeVar("Done_co", covariant=True)


class Service(Protocol[Command_contra, Done_co]):
    """An import as the domain does it."""

    def __call__(
        self,
        session: "Session",
        command: Command_contra,
        post: "Post",
        *,
        clock: "Clock",
        manager: "StaffMember | None",
        progress: Show,
    ) -> Done_co: ...


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    importing = group(_("Importer des fichiers."))
    add_command(importing, "programme", programme, _("Importer ou mettre à jour le programme."))
    add_command(importing, "passes", passes, _("Importer des pass vendus en ligne."))
    add_command(importing, "accreditations", accreditations, _("Importer des accréditations."))
    add_command(importing, "reservations", reservations, _("Importer des réservations prises en ligne."))
    add_command(importing, "cards", cards, _("Importer des numéros de cartes de places émises ailleurs."))
    add_command(importing, "credits", credit_requests, _("Importer des demandes d'avoir faites en ligne."))
    commands.add_typer(importing, name="import")


def programme(
    path: FILES,
    complete: Annotated[
        bool,
        typer.Option(
            "--complete", help=_("Le programme est entier : annuler les séances et tarifs qui n'y sont plus.")
        ),
    ] = False,
    as_json: AsJson = False,
    manager: AnsweredBy = None,
) -> None:
    from boxoffice.sales.importing import ImportProgramme, import_programme, read_folder
    from boxoffice.sales.importing.layouts import Kind

    command = ImportProgramme(read_folder(path), complete)
    done = _imported(_("Programme"), as_json, partial(_answered, import_programme, command), _by(manager))
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
        Kind.PLACE_CARD: _("Cartes de places"),
        Kind.SCREENING: _("Séances"),
    }
    print_table(
        ("", _("ajoutés"), _("modifiés"), _("inchangés"), _("retirés")),
        [
            (names[kind], *map(str, (tally.added, tally.changed, tally.unchanged, tally.withdrawn)))
            for kind, tally in done.tallies.items()
        ],
    )


def passes(path: FILES, as_json: AsJson = False, manager: AnsweredBy = None) -> None:
    _import_passes(path, PassKind.PASS, _("Pass"), as_json, manager)


def accreditations(path: FILES, as_json: AsJson = False, manager: AnsweredBy = None) -> None:
    _import_passes(path, PassKind.ACCREDITATION, _("Accréditations"), as_json, manager)


def _import_passes(path: Path, kind: PassKind, words: str, as_json: bool, manager: int | None) -> None:
    from boxoffice.sales.importing import ImportPasses, import_passes, read_folder

    command = ImportPasses(kind, read_folder(path))
    done = _imported(words, as_json, partial(_answered, import_passes, command), _by(manager))
    _tell_counted(words, {_("ajoutés"): done.added, _("déjà connus"): done.known}, done, as_json)
    if done.kept and not as_json:
        typer.echo(
            plural(
                "{count} est à un autre nom que dans le fichier : il est gardé tel quel.",
                "{count} sont à un autre nom que dans le fichier : ils sont gardés tels quels.",
                done.kept,
            ).format(count=done.kept)
        )


def cards(path: FILES, as_json: AsJson = False, manager: AnsweredBy = None) -> None:
    from boxoffice.sales.importing import ImportPlaceCards, import_place_cards, read_folder

    command = ImportPlaceCards(read_folder(path))
    words = _("Cartes de places")
    done = _imported(words, as_json, partial(_answered, import_place_cards, command), _by(manager))
    _tell_counted(words, {_("ajoutées"): done.added, _("déjà connues"): done.known}, done, as_json)


def reservations(path: FILES, as_json: AsJson = False) -> None:
    from boxoffice.sales.importing import ImportReservations, import_reservations, read_folder

    command = ImportReservations(read_folder(path))
    words = _("Réservations")
    done = _imported(
        words,
        as_json,
        lambda session, house, _nobody, progress: import_reservations(
            session, command, house.post, clock=house.clock, progress=progress
        ),
    )
    counted = {_("ajoutées"): done.added, _("déjà connues"): done.known, _("trop tard"): done.late}
    _tell_counted(words, counted, done, as_json)


def credit_requests(path: FILES, as_json: AsJson = False, manager: AnsweredBy = None) -> None:
    from boxoffice.sales.importing import ImportCreditRequests, import_credit_requests, read_folder

    command = ImportCreditRequests(read_folder(path))
    words = _("Demandes d'avoir")
    done = _imported(words, as_json, partial(_answered, import_credit_requests, command), _by(manager))
    _tell_counted(words, {_("ajoutées"): done.added, _("déjà connues"): done.known}, done, as_json)


def _by(manager: int | None) -> "Callable[[House], StaffMember | None]":
    """Who answers for an import: the manager of this number, once they have typed their PIN."""
    return lambda house: answering_manager(house, manager)


def _answered(
    service: "Service[Command, Done]",
    command: "Command",
    session: "Session",
    house: "House",
    answering: "StaffMember | None",
    progress: Show,
) -> Done:
    """An import that a manager answers for."""
    return service(session, command, house.post, clock=house.clock, manager=answering, progress=progress)


def _tell_counted(words: str, counted: Mapping[str, int], done: "DataclassInstance", as_json: bool) -> None:
    """What an import came to, in JSON or a table of one row."""
    if as_json:
        print_json(asdict(done))
    else:
        print_table(("", *counted), [(words, *map(str, counted.values()))])


def _imported(
    words: str,
    as_json: bool,
    work: "Callable[[Session, House, StaffMember | None, Show], Done]",
    answered_by: "Callable[[House], StaffMember | None]" = lambda _house: None,
) -> Done:
    """What `work` came to, done as a whole under a bar once whoever answers for it has been asked.

    Raises ImportRefused for files with faults, each of which is told.
    """
    from boxoffice.sales.importing import ImportRefused

    try:
        with opened_house() as house:
            answering = answered_by(house)
            with progress_bar(words) as progress:
                return house.database.attempt(lambda session: work(session, house, answering, progress))
    except ImportRefused as refused:
        _tell_faults(refused, as_json)
        raise


def _tell_faults(refused: "ImportRefused", as_json: bool) -> None:
    """Every fault of files that were refused, as many as a person reads."""
    if as_json:
        print_json({"faults": [asdict(fault) for fault in refused.faults]})
    for fault in refused.told:
        typer.echo(str(fault), err=True)
