"""The rules of the festival: what they are, and changing one."""

from dataclasses import asdict
from typing import Annotated

import typer

from boxoffice.language import _

from .answering import AnsweredBy, answering_manager
from .options import AsJson
from .spoken import add_command, group
from .workplace import opened_house, print_json, print_table


def add_to(commands: typer.Typer) -> None:
    """Add these commands to the program."""
    rules = group(_("Les règles du festival."))
    add_command(rules, "list", list_rules, _("Lister les règles en vigueur."))
    add_command(rules, "set", set_rule, _("Changer une règle."))
    commands.add_typer(rules, name="rules")


def list_rules(
    as_json: AsJson = False,
) -> None:
    from boxoffice.sales.staff import rule_changes

    with opened_house() as house, house.database.read() as session:
        rows = rule_changes.list_rules(session)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    print_table(
        (_("règle"), _("valeur"), _("sens")),
        [(row.name, row.value or "–", " ".join((row.meaning, *_admitted(row.choices)))) for row in rows],
    )


def _admitted(choices: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The few values that a rule may have, each with what it is called."""
    words = [value if value == words else f"{value} = {words}" for value, words in choices]
    return (f"({', '.join(words)})",) if words else ()


def set_rule(
    name: Annotated[
        str, typer.Argument(metavar=_("RÈGLE"), help=_("La règle, comme « rules list » la nomme."))
    ],
    value: Annotated[str, typer.Argument(metavar=_("VALEUR"), help=_("Ce qu'elle doit dire."))],
    manager: AnsweredBy = None,
) -> None:
    from boxoffice.sales.staff.rule_changes import change_rule

    with opened_house() as house:
        answering = answering_manager(house, manager)
        with house.database.write() as session:
            rule = change_rule(session, house.post, name, value, clock=house.clock, manager=answering)
    typer.echo(
        _("{name} : {value}. Les guichets le suivent à leur prochaine ouverture.").format(
            name=rule.name, value=rule.value or "–"
        )
    )
