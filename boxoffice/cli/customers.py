"""What customers may ask of their data: a copy, an erasure; and the erasure of those long inactive."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from boxoffice.errors import Refusal
from boxoffice.language import _, plural

from .answering import AnsweredBy, answering_manager
from .options import AsJson
from .spoken import add_command, confirm, group
from .workplace import opened_house, print_json, print_table

if TYPE_CHECKING:
    from sqlmodel import Session

WHO = typer.Argument(
    metavar=_("CLIENT"),
    help=_("Son e-mail, son téléphone, son nom, le numéro de son pass ou son identifiant."),
)


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    customers = group(_("Les données personnelles des clients."))
    add_command(customers, "export", export_customer, _("Écrire la copie des données d'un client."))
    add_command(customers, "erase", erase_customer, _("Effacer un client, sans rien changer aux comptes."))
    add_command(customers, "forget-words", forget_words, _("Effacer ce que dit une carte cadeau, et à qui."))
    add_command(customers, "inactive", inactive, _("Lister les clients inactifs, ou les effacer."))
    commands.add_typer(customers, name="customers")


def export_customer(who: Annotated[str, WHO], manager: AnsweredBy = None) -> None:
    from boxoffice.private_file import written_aside
    from boxoffice.sales.people import customer_copy

    with opened_house() as house:
        answering = answering_manager(house, manager)
        with written_aside(house.settings.copies_folder) as aside:
            with house.database.write() as session:
                record = customer_copy.export_customer(
                    session,
                    _only(session, who),
                    house.post,
                    operator_number=answering.number,
                    clock=house.clock,
                )
                copies = customer_copy.write_copy(record, aside.unfinished, house.clock.now())
            paths = aside.publish(*copies)
    for path in paths:
        typer.echo(str(path))


def erase_customer(
    who: Annotated[str, WHO],
    manager: AnsweredBy = None,
    yes: Annotated[bool, typer.Option("--yes", help=_("Ne pas demander confirmation."))] = False,
    forfeit: Annotated[
        bool, typer.Option("--forfeit", help=_("Le client renonce à son solde, ses points et ses cartes."))
    ] = False,
) -> None:
    from boxoffice.printing.erasing import leave_no_trace
    from boxoffice.sales.people.customers import read_customer
    from boxoffice.sales.people.personal_data import erase_customers

    with opened_house() as house:
        answering = answering_manager(house, manager)
        with house.database.read() as session:
            found = read_customer(session, _only(session, who))
        assert found is not None
        if not yes:
            question = _("Effacer {name} pour toujours ?").format(name=found.details.name)
            confirm(question, _("Rien n'est effacé."))
        with house.database.write() as session:
            erase_customers(
                session, [found.id], house.post, manager=answering, clock=house.clock, losing=forfeit
            )
        leave_no_trace(house.database, house.settings)
    typer.echo(_("Il ne reste rien de ce client ; les comptes n'ont pas changé."))


def forget_words(
    code: Annotated[str, typer.Argument(metavar=_("CODE"), help=_("Le code de la carte cadeau."))],
    manager: AnsweredBy = None,
    yes: Annotated[bool, typer.Option("--yes", help=_("Ne pas demander confirmation."))] = False,
) -> None:
    from boxoffice.printing.erasing import leave_no_trace
    from boxoffice.sales.vouchers import card_care, gift_cards

    with opened_house() as house:
        answering = answering_manager(house, manager)
        with house.database.read() as session:
            value_id = gift_cards.find(session, code)
        if not yes:
            confirm(_("Effacer ce que dit cette carte pour toujours ?"), _("Rien n'est effacé."))
        with house.database.write() as session:
            forgot = card_care.forget_words(
                session, value_id, house.post, manager=answering, clock=house.clock
            )
        leave_no_trace(house.database, house.settings)
    typer.echo(_("Mots effacés ; la carte paie toujours.") if forgot else _("Cette carte ne dit rien."))


def inactive(
    erase: Annotated[bool, typer.Option("--erase", help=_("Les effacer tous."))] = False,
    manager: AnsweredBy = None,
    yes: Annotated[bool, typer.Option("--yes", help=_("Ne pas demander confirmation."))] = False,
    as_json: AsJson = False,
) -> None:
    from boxoffice.printing.erasing import leave_no_trace
    from boxoffice.sales.people.personal_data import erase_inactive, list_inactive

    with opened_house() as house:
        answering = answering_manager(house, manager)
        with house.database.write() as session:
            found = list_inactive(session, house.post, manager=answering, clock=house.clock)
        rows: list[tuple[str, ...]] = [
            (each.customer.details.name, f"{each.last_seen_at:%Y-%m-%d}", str(each.customer.id))
            for each in found
        ]
        if as_json:
            print_json([{"name": name, "last_seen": seen, "id": identity} for name, seen, identity in rows])
        elif rows:
            print_table((_("nom"), _("vu le"), _("identifiant")), rows)
        else:
            typer.echo(_("Aucun client n'est inactif depuis si longtemps."))
        if not erase:
            return
        if not yes:
            confirm(_("Les effacer pour toujours ?"), _("Rien n'est effacé."))
        with house.database.write() as session:
            count = erase_inactive(session, house.post, manager=answering, clock=house.clock)
        leave_no_trace(house.database, house.settings)
    said = plural("{count} client effacé.", "{count} clients effacés.", count).format(count=count)
    typer.echo(said, err=as_json)


def _only(session: "Session", who: str) -> UUID:
    """The one customer that is meant, to the letter. Raises Refusal for nobody, and for several."""
    from boxoffice.sales.people.customers import find_customers, read_customer

    try:
        customer = read_customer(session, UUID(who))
        found = [customer] if customer is not None else []
    except ValueError:
        found = list(find_customers(session, who, misspelt=False)) if who.strip() else []
    if len(found) == 1:
        return found[0].id
    if not found:
        raise Refusal(_("Aucun client ne répond à « {who} ».").format(who=who))
    names = ", ".join(f"{each.details.name} ({each.id})" for each in found[:5])
    raise Refusal(
        _("Plusieurs clients répondent à « {who} » : {names}.").format(who=who, names=names),
        _("Donnez l'identifiant de celui que vous voulez."),
    )
