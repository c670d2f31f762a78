"""The doctor, in words that a cashier can read out on the phone."""

from dataclasses import asdict

import typer

from boxoffice.language import _

from .options import AsJson
from .spoken import add_command
from .workplace import print_json, require_festival, settings_in_force

_SIGNS = {"well": "✓", "watch": "!", "ill": "✗"}


def add_to(commands: typer.Typer) -> None:
    """Add this command to the program."""
    add_command(commands, "doctor", doctor, _("Examiner ce poste : chaque chose, et quoi faire."))


def doctor(as_json: AsJson = False) -> None:
    from boxoffice.care.doctor.consultation import examine, is_ill
    from boxoffice.care.doctor.findings import Health
    from boxoffice.clock import SystemClock

    settings = settings_in_force()
    require_festival(settings)
    findings = examine(settings, clock=SystemClock())
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            typer.echo(f"{_SIGNS[finding.health]} {finding.said}")
            if finding.remedy:
                typer.echo(f"    → {finding.remedy}")
        watched = any(finding.health is Health.WATCH for finding in findings)
        well = _("Rien d'urgent : regardez ce qui est marqué « ! ».") if watched else _("Tout va bien.")
        typer.echo("\n" + (_("Il y a quelque chose à faire.") if is_ill(findings) else well))
    if is_ill(findings):
        raise typer.Exit(1)
