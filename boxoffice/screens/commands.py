"""What a command is, and how its keys are bound and named."""

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding

from boxoffice.language import _, later


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do. `keys` are separated by commas, the one to show first.

    Some have no key, but a `letter` that chooses them in the menu.
    `label` is short enough for the key bar, `brief` for a narrow one, which leaves off the keys of highest
    `rank`; `says` is the sentence of the palette, the help and the tooltip. They are translated when shown.
    """

    id: str
    keys: str
    action: str
    label: str
    says: str
    in_bar: bool = False
    in_menu: bool = False
    in_palette: bool = True
    brief: str = ""
    rank: int = 9
    letter: str = ""


_KEYS = {
    "enter": later("Entrée"),
    "escape": later("Échap"),
    "backspace": "⌫",
    "delete": later("Suppr"),
    "space": later("Espace"),
    "tab": "Tab",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": later("Début"),
    "end": later("Fin"),
    "pageup": later("Page haut"),
    "pagedown": later("Page bas"),
    "asterisk": "*",
    "plus": "+",
    "minus": "-",
    "slash": "/",
    "underscore": "_",
}
_MODIFIERS = {"ctrl": "Ctrl", "shift": later("Maj"), "alt": "Alt"}


def bindings(commands: Iterable[Command]) -> list[Binding]:
    """The commands as Textual's bindings, so that they can be remapped and told about."""
    return [
        Binding(
            command.keys,
            command.action,
            command.label,
            show=command.in_palette,
            tooltip=command.says,
            id=command.id,
        )
        for command in commands
        if command.keys
    ]


def key_name(key: str) -> str:
    """What is written on a key: `F9`, `Entrée`, `Ctrl+W`."""
    *modifiers, last = key.split("+")
    shown = _(_KEYS[last]) if last in _KEYS else last.upper()
    return "+".join([*(_(_MODIFIERS.get(modifier, modifier)) for modifier in modifiers), shown])
