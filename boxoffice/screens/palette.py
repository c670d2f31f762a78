"""The palette: every command of the screen below, found by some letters of its name."""

from typing import Any

from textual.app import App

from boxoffice.language import _

from .choosing import Search, Thing
from .commands import Command


def offer_commands(app: App[Any]) -> None:
    """Offer what can be done on the screen that is shown, each with its key, and do what is chosen."""
    commands = {
        active.binding.id or active.binding.action: active
        for active in reversed(app.screen.active_bindings.values())
        if active.binding.show and active.binding.description
    }
    offered = list(commands.values())
    lettered: tuple[Command, ...] = getattr(app.screen, "LETTERED", ())
    here = app.screen
    acts = [
        *((active.binding.action, active.node) for active in offered),
        *((command.action, here) for command in lettered),
    ]

    async def run(place: int | None) -> None:
        if place is not None:
            await app.run_action(*acts[place])

    things = [
        *(
            Thing(_(active.binding.description), _(active.tooltip), app.get_key_display(active.binding))
            for active in offered
        ),
        *(Thing(_(each.label), _(each.says), f"F10 {each.letter.upper()}") for each in lettered),
    ]
    app.push_screen(Search(_("Commandes"), things, _("Tapez quelques lettres")), run)
