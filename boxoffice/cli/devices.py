"""Printers, and samples of what they print."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from boxoffice.errors import Refusal
from boxoffice.kinds import JobState, PrinterKind, PrinterRole
from boxoffice.language import _
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.widths import WIDTHS

from .answering import AnsweredBy, answering_manager
from .options import AsJson
from .spoken import Misuse, add_command, group
from .workplace import opened_house, print_json, print_table

if TYPE_CHECKING:
    from boxoffice.house import House
    from boxoffice.printing.printers import Driver, Outcome
    from boxoffice.sales.prints.outbox import PrinterSettings

Word = TypeVar("Word", bound=StrEnum)

PRINTER_NAME = typer.Argument(metavar=_("NOM"), help=_("Le nom de l'imprimante."))
KINDS, DOCUMENTS, PAPERS = ("|".join(words) for words in (PrinterKind, DocumentKind, PrinterRole))
COLUMNS = "|".join(map(str, WIDTHS))


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    printers = group(_("Les imprimantes."))
    add_command(printers, "list", list_printers, _("Lister les imprimantes."))
    add_command(printers, "add", add_printer, _("Ajouter une imprimante."))
    add_command(printers, "assign", assign_printer, _("Choisir ce qu'une imprimante imprime."))
    add_command(printers, "test", test_printer, _("Imprimer une page d'essai."))
    commands.add_typer(printers, name="printers")
    printing = group(_("Imprimer sans vendre."))
    add_command(printing, "sample", print_sample, _("Écrire un exemple d'un document dans un fichier."))
    commands.add_typer(printing, name="print")


def list_printers(as_json: AsJson = False) -> None:
    from boxoffice.sales.staff import equipment

    with opened_house() as house, house.database.read() as session:
        rows = equipment.list_printers(session)
    if as_json:
        print_json(
            [
                {
                    "name": row.name,
                    "kind": row.kind.value,
                    "address": row.address,
                    "columns": row.columns,
                    "papers": {till: [role.value for role in roles] for till, roles in row.papers.items()},
                }
                for row in rows
            ]
        )
        return
    print_table(
        (_("nom"), _("sorte"), _("adresse"), _("colonnes"), _("documents, par caisse")),
        [
            (
                row.name,
                row.kind.value,
                row.address or "–",
                str(row.columns),
                " ; ".join(
                    _("{place} : {message}").format(place=till, message=", ".join(roles))
                    for till, roles in row.papers.items()
                )
                or "–",
            )
            for row in rows
        ],
    )


def add_printer(
    name: Annotated[str, PRINTER_NAME],
    kind: Annotated[str, typer.Option(metavar=KINDS, help=_("Comment elle est reliée."))] = "network",
    address: Annotated[
        str,
        typer.Option(metavar=_("TEXTE"), help=_("Hôte:port, périphérique ou file, selon la sorte.")),
    ] = "",
    columns: Annotated[int, typer.Option(metavar=COLUMNS, help=_("Caractères par ligne."))] = 42,
    code_page: Annotated[
        int, typer.Option(metavar="N", help=_("Numéro de la page de codes WPC1252 de cette imprimante."))
    ] = 16,
    native_qr: Annotated[
        bool, typer.Option(help=_("Si l'imprimante dessine elle-même les codes QR."))
    ] = True,
    cutter: Annotated[bool, typer.Option(help=_("Si l'imprimante a un massicot."))] = True,
    drawer: Annotated[bool, typer.Option(help=_("Si le tiroir-caisse y est relié."))] = False,
    badge_landscape: Annotated[
        bool, typer.Option(help=_("Si les badges en sortent couchés, dans la longueur du papier."))
    ] = False,
    manager: AnsweredBy = None,
) -> None:
    from boxoffice.sales.staff import equipment

    command = equipment.AddPrinter(
        name,
        _one_of(PrinterKind, kind, "--kind"),
        address,
        columns,
        code_page,
        native_qr,
        cutter,
        drawer,
        badge_landscape,
    )
    with opened_house() as house:
        answering = answering_manager(house, manager)
        with house.database.write() as session:
            equipment.add_printer(session, house.post, command, clock=house.clock, manager=answering)
    typer.echo(
        _("L'imprimante « {name} » est ajoutée ; choisissez ses documents avec « printers assign ».").format(
            name=name
        )
    )


def assign_printer(
    name: Annotated[str, PRINTER_NAME],
    papers: Annotated[
        list[str] | None,
        typer.Argument(metavar=PAPERS, help=_("Les documents ; tous par défaut.")),
    ] = None,
    till: Annotated[int | None, typer.Option(metavar="N", help=_("La caisse ; sinon, ce poste."))] = None,
    manager: AnsweredBy = None,
) -> None:
    from boxoffice.sales.staff import equipment

    roles = tuple(_one_of(PrinterRole, paper, PAPERS) for paper in papers or PrinterRole)
    with opened_house() as house:
        number = house.post.till_number if till is None else till
        answering = answering_manager(house, manager)
        with house.database.write() as session:
            equipment.assign_printer(
                session, house.post, name, roles, number, clock=house.clock, manager=answering
            )
    typer.echo(
        _("Caisse {number} : « {name} » imprime {papers}.").format(
            number=number, name=name, papers=", ".join(roles)
        )
    )


def test_printer(name: Annotated[str, PRINTER_NAME]) -> None:
    from boxoffice.printing.printers import Blocked, Outcome, Uncertain, open_printer
    from boxoffice.sales.prints import outbox
    from boxoffice.sales.staff import equipment

    with opened_house() as house:
        with house.database.read() as session:
            printer = equipment.find_printer(session, name)
            settings = outbox.printer_settings(session, printer.id)
        if settings is None:
            raise Refusal(_("L'imprimante « {name} » n'est plus en service.").format(name=name))
        driver = open_printer(settings, house.settings.spool_folder)
        try:
            outcome = _send_test_page(house, driver, settings)
        except Blocked as blocked:
            raise Refusal(_(str(blocked))) from blocked
        except Uncertain as uncertain:
            raise Refusal(_(str(uncertain)), _("Regardez si la page est sortie.")) from uncertain
        finally:
            driver.close()
    if outcome is Outcome.ACKNOWLEDGED:
        typer.echo(_("La page d'essai est sortie de « {name} ».").format(name=name))
    else:
        typer.echo(_("La page d'essai est envoyée à « {name} » : regardez si elle sort.").format(name=name))


def print_sample(
    kind: Annotated[str, typer.Argument(metavar=DOCUMENTS, help=_("Le document."))],
    out: Annotated[
        Path,
        typer.Option(
            metavar=_("FICHIER"), help=_("Où l'écrire : .bin (octets ESC/POS), .png (image) ou .txt (texte).")
        ),
    ],
    columns: Annotated[int, typer.Option(metavar=COLUMNS, help=_("Caractères par ligne."))] = 42,
    landscape: Annotated[
        bool, typer.Option("--landscape", help=_("Un badge couché, dans la longueur du papier."))
    ] = False,
) -> None:
    from dataclasses import replace

    from boxoffice.printing import rendering
    from boxoffice.printing.format import BY_COLUMNS
    from boxoffice.printing.samples import sample
    from boxoffice.sales.staff.equipment import LYING_COLUMNS

    if columns not in BY_COLUMNS:
        raise Misuse(_("Une imprimante a 32, 42 ou 48 colonnes."))
    if landscape and columns < LYING_COLUMNS:
        raise Misuse(_("Un badge couché demande un papier de 80 mm : 42 ou 48 colonnes."))
    paper = sample(_one_of(DocumentKind, kind, _("DOCUMENT")))
    paper_format = replace(BY_COLUMNS[columns], landscape=landscape)
    match out.suffix.lower():
        case ".bin":
            content = rendering.to_bytes(paper, paper_format)
        case ".png":
            content = rendering.to_png(paper, paper_format)
        case ".txt":
            content = rendering.to_plain(paper, columns, landscape=landscape).encode()
        case _:
            raise Misuse(_("Le nom du fichier finit par .bin, .png ou .txt."))
    out.write_bytes(content)
    typer.echo(_("{file} : {size} octets.").format(file=out, size=len(content)))


def _send_test_page(house: "House", driver: "Driver", settings: "PrinterSettings") -> "Outcome":
    """Send the test page of a printer, once it is well. Raises Refusal, Blocked or Uncertain."""
    from boxoffice.printing import rendering
    from boxoffice.printing.outbox import format_of
    from boxoffice.printing.printers import Printout
    from boxoffice.sales.prints.outbox import Job
    from boxoffice.sales.prints.paper_loading import load_paper

    status = driver.check()
    if not status.ready:
        raise Refusal(_("{place} : {message}").format(place=settings.name, message=_(status.reason)))
    job = Job(
        id=0,
        till_id=house.post.till_id,
        printer_id=settings.id,
        document=DocumentKind.PRINTER_TEST,
        sale_id=None,
        position=0,
        copy_number=0,
        state=JobState.QUEUED,
        reason="",
    )
    with house.database.read() as session:
        paper = load_paper(session, job, clock=house.clock)
    paper_format = format_of(settings)
    page = Printout(
        name=f"printer_test-{house.clock.now():%Y%m%d-%H%M%S}",
        data=rendering.to_bytes(paper, paper_format),
        picture=lambda: rendering.to_png(paper, paper_format),
    )
    return driver.send(page, lambda reason: typer.echo(_(reason), err=True) if reason else None)


def _one_of(kind: type[Word], text: str, what: str) -> Word:
    if text.lower() not in set(kind):
        raise Misuse(
            _("{what} : « {text} » n'est pas possible ; choisissez {words}.").format(
                what=what, text=text, words=", ".join(kind)
            )
        )
    return kind(text.lower())
