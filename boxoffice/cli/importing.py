"""Importing the programme, and passes, accreditations, cards and reservations sold or taken elsewhere."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from boxoffice.kinds import PassKind
from boxoffice.language import _, plural

from .answering import AnsweredBy, answering_manager
from .spoken import add_command, group
from .workplace import Show, opened_house, print_json, print_table, progress_bar

if TYPE_CHECKING:
    from sqlmodel import Session

    from boxoffice.house import House
    from boxoffice.sales.importing import ImportRefused
    from boxoffice.sales.staff.operators import StaffMember

FILES = Annotated[
    Path, typer.Argument(metavar=_("FICHIER"), help=_("Un fichier CSV, ou un dossier qui en contient."))
]
AS_JSON = Annotated[bool, typer.Option("--json", help=_("Écrire le résultat en JSON."))]

Done = TypeVar("Done")


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
    as_json: AS_JSON = False,
    manager: AnsweredBy = None,
) -> None:
    from boxoffice.sales.importing import ImportProgramme, import_programme, read_folder
    from boxoffice.sales.importing.layouts import Kind

    command = ImportProgramme(read_folder(path), complete)
    done = _imported(
        _("Programme"),
        as_json,
        lambda session, house, answering, progress: import_programme(
            session, command, house.post, clock=house.clock, manager=answering, progress=progress
        ),
        answered_by=lambda house: answering_manager(house, manager),
    )
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


def passes(path: FILES, as_json: AS_JSON = False, manager: AnsweredBy = None) -> None:
    _import_passes(path, PassKind.PASS, _("Pass"), as_json, manager)


def accreditations(path: FILES, as_json: AS_JSON = False, manager: AnsweredBy = None) -> None:
    _import_passes(path, PassKind.ACCREDITATION, _("Accréditations"), as_json, manager)


def _import_passes(path: Path, kind: PassKind, words: str, as_json: bool, manager: int | None) -> None:
    from boxoffice.sales.importing import ImportPasses, import_passes, read_folder

    command = ImportPasses(kind, read_folder(path))
    done = _imported(
        words,
        as_json,
        lambda session, house, answering, progress: import_passes(
            session, command, house.post, clock=house.clock, manager=answering, progress=progress
        ),
        answered_by=lambda house: answering_manager(house, manager),
    )
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


def cards(path: FILES, as_json: AS_JSON = False, manager: AnsweredBy = None) -> None:
    from boxoffice.sales.importing import ImportPlaceCards, import_place_cards, read_folder

    command = ImportPlaceCards(read_folder(path))
    done = _imported(
        _("Cartes de places"),
        as_json,
        lambda session, house, answering, progress: import_place_cards(
            session, command, house.post, clock=house.clock, manager=answering, progress=progress
        ),
        answered_by=lambda house: answering_manager(house, manager),
    )
    if as_json:
        print_json(asdict(done))
        return
    counted = (_("Cartes de places"), str(done.added), str(done.known))
    print_table(("", _("ajoutées"), _("déjà connues")), [counted])


def reservations(path: FILES, as_json: AS_JSON = False) -> None:
    from boxoffice.sales.importing import ImportReservations, import_reservations, read_folder

    command = ImportReservations(read_folder(path))
    done = _imported(
        _("Réservations"),
        as_json,
        lambda session, house, _nobody, progress: import_reservations(
            session, command, house.post, clock=house.clock, progress=progress
        ),
    )
    if as_json:
        print_json(asdict(done))
        return
    print_table(
        ("", _("ajoutées"), _("déjà connues"), _("trop tard")),
        [(_("Réservations"), str(done.added), str(done.known), str(done.late))],
    )


def credit_requests(path: FILES, as_json: AS_JSON = False, manager: AnsweredBy = None) -> None:
    from boxoffice.sales.importing import ImportCreditRequests, import_credit_requests, read_folder

    command = ImportCreditRequests(read_folder(path))
    done = _imported(
        _("Demandes d'avoir"),
        as_json,
        lambda session, house, answering, progress: import_credit_requests(
            session, command, house.post, clock=house.clock, manager=answering, progress=progress
        ),
        answered_by=lambda house: answering_manager(house, manager),
    )
    if as_json:
        print_json(asdict(done))
        return
    counted = (_("Demandes d'avoir"), str(done.added), str(done.known))
    print_table(("", _("ajoutées"), _("déjà connues")), [counted])


def _imported(
    words: str,
    as_json: bool,
    work: "Callable[[Session, House, StaffMember | None, Show], Done]",
    *,
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
