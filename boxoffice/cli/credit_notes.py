"""Requests for credit notes: listed, and handed out as a file."""

from pathlib import Path
from typing import Annotated

import typer

from boxoffice.language import _

from .answering import AnsweredBy, answering_manager
from .options import AsJson
from .spoken import add_command, group
from .workplace import opened_house, print_json, print_table


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    credit = group(_("Les demandes d'avoir."))
    add_command(credit, "list", list_pending, _("Lister les demandes qui attendent une réponse."))
    add_command(credit, "export", export, _("Écrire toutes les demandes dans un fichier CSV."))
    commands.add_typer(credit, name="credits")


def list_pending(
    as_json: AsJson = False,
) -> None:
    from boxoffice.clock import say
    from boxoffice.language import spoken
    from boxoffice.money import format_euros
    from boxoffice.sales.credits.listing import pending_credits

    with opened_house() as house:
        with house.database.read() as session:
            rows = pending_credits(session)
        if as_json:
            print_json(
                [
                    {
                        "id": str(row.request_id),
                        "asked_at": row.asked_at.isoformat(),
                        "operation": row.operation,
                        "ticket": row.ticket_number,
                        "event": row.event_title,
                        "starts_at": row.starts_at.isoformat(),
                        "sold": row.sold,
                        "capacity": row.capacity,
                        "paid_cents": row.paid_cents,
                        "credited_cents": row.credited_cents,
                    }
                    for row in rows
                ]
            )
            return
        if not rows:
            typer.echo(_("Aucune demande d'avoir n'attend de réponse."))
            return
        print_table(
            (_("demandée"), _("commande"), _("billet"), _("séance"), _("places"), _("payé"), _("crédité")),
            [
                (
                    say(row.asked_at, "EEE d MMM HH:mm", spoken()),
                    row.operation,
                    row.ticket_number,
                    f"{row.event_title}, {say(row.starts_at, 'EEE d HH:mm', spoken())}",
                    f"{row.sold}/{row.capacity}",
                    format_euros(row.paid_cents),
                    format_euros(row.credited_cents),
                )
                for row in rows
            ],
        )


def export(
    out: Annotated[
        Path, typer.Option("--out", metavar=_("FICHIER"), help=_("Le fichier CSV à écrire."))
    ] = Path("avoirs.csv"),
    manager: AnsweredBy = None,
) -> None:
    from boxoffice.sales.credits.export import export_credits

    with opened_house() as house:
        answering = answering_manager(house, manager)
        with house.database.write() as session:
            text = export_credits(
                session, house.post, operator_number=answering.number if answering else 0, clock=house.clock
            )
        out.write_text(text, encoding="utf-8-sig", newline="")
    typer.echo(_("Écrit dans {path}.").format(path=out))
