"""Promo codes: made in batches, listed, and handed out as a file."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from boxoffice.errors import Refusal
from boxoffice.kinds import PromoEffect
from boxoffice.language import _, plural
from boxoffice.money import parse_amount

from .answering import AnsweredBy, answering_manager
from .options import AsJson
from .spoken import Misuse, add_command, group
from .workplace import opened_house, print_json, print_table


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    promo = group(_("Les codes promo."))
    add_command(promo, "make", make, _("Faire un lot de codes, tirés au sort ou d'un mot choisi."))
    add_command(promo, "list", list_batches, _("Lister les lots de codes."))
    add_command(promo, "export", export, _("Écrire les codes d'un lot dans un fichier CSV."))
    add_command(promo, "print", print_batch, _("Imprimer les codes d'un lot, un papier par code."))
    commands.add_typer(promo, name="promo")


def _a_day(help_text: str) -> Any:
    return typer.Option(formats=["%Y-%m-%d", "%d/%m/%Y"], metavar=_("JOUR"), help=help_text)


def make(
    name: Annotated[str, typer.Argument(metavar=_("NOM"), help=_("Le nom du lot."))],
    off: Annotated[
        str, typer.Option(metavar=_("RABAIS"), help=_("« 20 % », ou un montant comme « 2,50 »."))
    ] = "",
    tariff: Annotated[str, typer.Option(metavar="CODE", help=_("Le tarif que ces codes ouvrent."))] = "",
    count: Annotated[int, typer.Option(metavar="N", help=_("Combien de codes tirer au sort."))] = 1,
    word: Annotated[str, typer.Option(metavar=_("MOT"), help=_("Un code choisi, à la place."))] = "",
    uses: Annotated[
        int, typer.Option(metavar="N", help=_("Utilisations de chaque code ; 0 : sans limite."))
    ] = 1,
    seats: Annotated[
        int, typer.Option(metavar="N", help=_("Places par utilisation ; 0 : toutes celles du panier."))
    ] = 1,
    screenings: Annotated[
        str,
        typer.Option(
            metavar=_("CODES"), help=_("Séances couvertes, par leur code, séparées par des virgules.")
        ),
    ] = "",
    sections: Annotated[
        str, typer.Option(metavar=_("NOMS"), help=_("Sections couvertes, séparées par des virgules."))
    ] = "",
    since: Annotated[datetime | None, _a_day(_("Premier jour de séance couvert."))] = None,
    until: Annotated[datetime | None, _a_day(_("Dernier jour de séance couvert."))] = None,
    expires: Annotated[datetime | None, _a_day(_("Dernier jour où les codes servent."))] = None,
    two_people: Annotated[
        bool,
        typer.Option(
            "--two-people", help=_("Une place achetée = une place offerte : refusé à une personne seule.")
        ),
    ] = False,
    as_json: AsJson = False,
    manager: AnsweredBy = None,
) -> None:
    from boxoffice.sales.vouchers.promo_batches import MakeCodes, make_codes, shown

    effect, percentage, cents = _effect(off, tariff)
    command = MakeCodes(
        name=name,
        effect=effect,
        count=count,
        word=word,
        tariff_code=tariff or None,
        percentage=percentage,
        amount_cents=cents,
        screenings=_names(screenings),
        sections=_names(sections),
        screenings_from=_day(since),
        screenings_until=_day(until),
        seats_per_use=seats or None,
        needs_paid_seat=two_people,
        uses=uses or None,
        valid_until=_day(expires),
    )
    with opened_house() as house:
        answering = answering_manager(house, manager)
        made = house.database.attempt(
            lambda session: make_codes(session, command, house.post, answering, clock=house.clock)
        )
    codes = [shown(code) for code in made.codes]
    if as_json:
        print_json({"batch": str(made.batch_id), "codes": codes})
        return
    for code in codes:
        typer.echo(code)


def list_batches(
    as_json: AsJson = False,
) -> None:
    from boxoffice.sales.vouchers.promo_batches import batches

    with opened_house() as house, house.database.read() as session:
        found = batches(session)
    if as_json:
        print_json(
            [
                {
                    "batch": str(row.batch_id),
                    "name": row.name,
                    "effect": row.effect.value,
                    "made_at": row.made_at.isoformat(),
                    "codes": row.codes,
                    "used": row.used,
                    "uses_left": row.uses_left,
                }
                for row in found
            ]
        )
    elif found:
        print_table(
            (_("lot"), _("identifiant"), _("codes"), _("utilisés"), _("restants")),
            [
                (
                    row.name,
                    str(row.batch_id),
                    str(row.codes),
                    str(row.used),
                    _("sans limite") if row.uses_left is None else str(row.uses_left),
                )
                for row in found
            ],
        )
    else:
        typer.echo(_("Il n'y a pas encore de code promo."))


def export(
    batch: Annotated[str, typer.Argument(metavar=_("LOT"), help=_("L'identifiant du lot."))],
    out: Annotated[Path, typer.Option("--out", metavar=_("FICHIER"), help=_("Le fichier à écrire."))],
    manager: AnsweredBy = None,
) -> None:
    from boxoffice.sales.vouchers.promo_batches import export_batch

    batch_id = _batch(batch)
    with opened_house() as house:
        answering = answering_manager(house, manager)
        with house.database.write() as session:
            text = export_batch(session, batch_id, house.post, answering, clock=house.clock)
    out.write_text(text, encoding="utf-8-sig", newline="")
    typer.echo(str(out))


def print_batch(
    batch: Annotated[str, typer.Argument(metavar=_("LOT"), help=_("L'identifiant du lot."))],
    manager: AnsweredBy = None,
) -> None:
    from boxoffice.sales.staff.desk import BadgeDesk
    from boxoffice.sales.vouchers.promo_batches import codes_of
    from boxoffice.sales.vouchers.value_papers import print_papers

    batch_id = _batch(batch)
    with opened_house() as house:
        answering = answering_manager(house, manager)
        desk = BadgeDesk(house.post, answering.id, answering.number, answering.name)
        with house.database.write() as session:
            count = print_papers(session, desk, codes_of(session, batch_id), clock=house.clock)
    typer.echo(
        plural(
            "{count} papier attend l'imprimante : il sort quand la caisse est ouverte.",
            "{count} papiers attendent l'imprimante : ils sortent quand la caisse est ouverte.",
            count,
        ).format(count=count)
    )


def _batch(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refusal(
            _("« {text} » n'est pas l'identifiant d'un lot.").format(text=text),
            _("Voyez « boxoffice promo list »."),
        ) from None


def _effect(off: str, tariff: str) -> tuple[PromoEffect, int | None, int | None]:
    """What the codes do, with the basis points or the cents that they take off."""
    if bool(off) == bool(tariff):
        raise Misuse(_("Donnez --off, ou --tariff."))
    if tariff:
        return PromoEffect.OPENS_TARIFF, None, None
    try:
        if off.strip().endswith("%"):
            return PromoEffect.PERCENTAGE_OFF, parse_amount(off.strip().removesuffix("%")), None
        return PromoEffect.AMOUNT_OFF, None, parse_amount(off)
    except ValueError:
        raise Misuse(_("« {text} » n'est ni un pourcentage, ni un montant.").format(text=off)) from None


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, text.split(","))))


def _day(at: datetime | None) -> date | None:
    return None if at is None else at.date()
