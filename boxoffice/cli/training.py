"""Training (école): a till of one's own, where nothing is real."""

from typing import Annotated

import typer

from boxoffice.language import _

from .spoken import add_command
from .workplace import opened_house, settings_in_force


def add_to(commands: typer.Typer) -> None:
    """Add this command to the program."""
    add_command(commands, "training", train, _("S'exercer : un guichet de formation, où rien n'est vrai."))


def train(
    renew: Annotated[
        bool, typer.Option("--renew", help=_("Recommencer à neuf, avec le programme d'aujourd'hui."))
    ] = False,
    printers: Annotated[
        bool, typer.Option("--printers", help=_("Imprimer pour de bon (à neuf) ; sinon, rien ne sort."))
    ] = False,
    throw_away: Annotated[
        bool, typer.Option("--throw-away", help=_("Effacer le guichet de formation, et s'arrêter là."))
    ] = False,
    open_counter: Annotated[
        bool, typer.Option("--open/--no-open", help=_("Ouvrir le guichet, ou seulement le préparer."))
    ] = True,
) -> None:
    from boxoffice.care.training import (
        is_of_today,
        prepare_training,
        throw_away_training,
        training_ended,
        training_settings,
        training_started,
    )

    training = training_settings(settings_in_force())
    if throw_away:
        throw_away_training(training)
        typer.echo(_("Le guichet de formation est effacé."))
        return
    with opened_house() as house:
        if renew or printers or not is_of_today(training, clock=house.clock):
            prepare_training(house.database, training, clock=house.clock, printers=printers)
            typer.echo(_("Le guichet de formation est prêt, avec le programme de maintenant."))
        if not open_counter:
            return
        with house.database.write() as session:
            training_started(session, house.post, clock=house.clock)
    try:
        from boxoffice.app import run

        run(training)
    finally:
        with opened_house() as house, house.database.write() as session:
            training_ended(session, house.post, clock=house.clock)
