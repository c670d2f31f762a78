"""Reports for the office: what customers may still spend, on any day."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.kinds import Action
from boxoffice.language import _
from boxoffice.money import format_euros

from . import closings, statements
from .answering import Asker, allowed_asker
from .options import AsJson
from .spoken import add_command, group
from .workplace import opened_house, print_json, print_table

if TYPE_CHECKING:
    from boxoffice.sales.vouchers.liabilities import Outstanding


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    report = group(_("Les états de la billetterie."))
    add_command(
        report,
        "liabilities",
        liabilities,
        _("Ce que les clients peuvent encore dépenser : cartes, soldes, places, points et codes."),
    )
    statements.add_to(report)
    closings.add_to_reports(report)
    commands.add_typer(report, name="report")


def liabilities(
    day: Annotated[
        datetime | None,
        typer.Option(
            "--date",
            formats=["%Y-%m-%d", "%d/%m/%Y"],
            metavar=_("JOUR"),
            help=_("La journée à la fin de laquelle on compte ; celle d'aujourd'hui si rien n'est dit."),
        ),
    ] = None,
    by: Asker = None,
    as_json: AsJson = False,
) -> None:
    from boxoffice.clock import business_day
    from boxoffice.sales.vouchers.liabilities import liabilities_on

    with opened_house() as house:
        starts = house.post.rules.business_day_starts
        counted = day.date() if day is not None else business_day(house.clock.now(), starts)
        allowed_asker(house, by, Action.SEE_FIGURES, f"liabilities {counted}")
        with house.database.read() as session:
            found = liabilities_on(session, counted, starts)
    if as_json:
        print_json(
            {
                "date": counted.isoformat(),
                "owed_cents": found.owed_cents,
                "rows": [
                    {
                        "kind": row.kind.value,
                        "code": row.code,
                        "label": row.label,
                        "unit": row.unit,
                        "vat_rate": row.vat_rate,
                        "owed": row.is_owed,
                        "issued": row.issued,
                        "taken_back": row.taken_back,
                        "used": row.used,
                        "expired": row.expired,
                        "corrected": row.corrected,
                        "outstanding": row.outstanding,
                        "used_without_limit": row.used_without_limit,
                    }
                    for row in found.rows
                ],
            }
        )
        return
    if not found.rows:
        typer.echo(_("Rien n'a été émis jusqu'à ce jour."))
        return
    print_table(
        (_("quoi"), _("émis"), _("annulé"), _("utilisé"), _("expiré"), _("corrigé"), _("à dépenser")),
        [(_name(row), *_amounts(row)) for row in found.rows],
    )
    typer.echo(_("Dû aux clients : {owed}").format(owed=format_euros(found.owed_cents)))


def _name(row: "Outstanding") -> str:
    from boxoffice.kinds import StoredValueKind

    kinds = {
        StoredValueKind.GIFT_CARD: _("carte cadeau"),
        StoredValueKind.BALANCE: _("solde"),
        StoredValueKind.PLACE_CARD: _("carte de places"),
        StoredValueKind.POINTS: _("points de fidélité"),
        StoredValueKind.PROMO_CODE: _("code promo"),
    }
    return " · ".join(filter(None, (kinds[row.kind], row.label)))


def _amounts(row: "Outstanding") -> tuple[str, ...]:
    amounts = (row.issued, row.taken_back, row.used, row.expired, row.corrected, row.outstanding)
    return tuple(format_euros(each) if row.unit == "cents" else str(each) for each in amounts)
