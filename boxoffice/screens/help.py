"""F1: what the part of the screen under the cursor is for, and every key that works there now."""

from typing import Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Static

from boxoffice.language import _, later

from .dialogs import Dialog, keys_line
from .widgets.panel import Panel


class HelpScreen(Dialog[None]):
    """Tells the keys of the screen below it, as they are bound now, remapped ones included."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,enter", "leave", later("Fermer"), id="help.leave", tooltip=later("Ferme l'aide")),
        Binding("up", "turn(-1)", later("Monter"), id="help.up", tooltip=later("Remonte dans l'aide")),
        Binding("down", "turn(1)", later("Descendre"), id="help.down", tooltip=later("Descend dans l'aide")),
        Binding("pageup", "turn(-10)", later("Page"), id="help.page_up", tooltip=later("Une page plus haut")),
        Binding(
            "pagedown", "turn(10)", later("Page"), id="help.page_down", tooltip=later("Une page plus bas")
        ),
    ]
    DEFAULT_CSS = """
    HelpScreen {
        .dialog { width: 84; }
        VerticalScroll { height: auto; max-height: 26; scrollbar-size: 1 1; }
        VerticalScroll Static { height: auto; }
    }
    """

    def __init__(self, explained: Screen[Any]) -> None:
        super().__init__()
        self.title_text = _("Aide")
        self._explained = explained

    def compose_question(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            if story := self._story():
                yield Static(story, classes="dialog-text", markup=False)
            yield Static(self._keys(), id="help-keys", markup=False)
        yield keys_line(("pagedown", _("↑ ↓ lire la suite")), ("escape", _("Échap fermer")))

    def nothing(self) -> None:
        return None

    def action_turn(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def _story(self) -> str:
        """What the focused part, what is shown over the screen, and the screen say of themselves."""
        focused = self._explained.focused
        shown = self._shown()
        nodes = [*(focused.ancestors_with_self if focused is not None else ()), *shown, self._explained]
        told = dict.fromkeys(_(node.HELP) for node in nodes if getattr(node, "HELP", None))
        return "\n".join(told)

    def _shown(self) -> list[Panel]:
        return [panel for panel in self._explained.query(Panel) if panel.display]

    def _keys(self) -> Table:
        """A row per command: its keys, then the sentence that explains it."""
        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(ratio=1)
        for panel in self._shown():
            for key, says in panel.keys_now():
                table.add_row(Text(key), Text(says))
        for binding, names in self._bound():
            table.add_row(Text(", ".join(dict.fromkeys(names))), Text(_(binding.tooltip)))
        return table

    def _bound(self) -> list[tuple[Binding, list[str]]]:
        """Our commands that work below, the nearest first, with their keys as remapped where they are."""
        remapped: dict[str, list[str]] = {}
        for active in self._explained.active_bindings.values():
            if active.binding.id:
                remapped.setdefault(active.binding.id, []).append(self.app.get_key_display(active.binding))
        focused = self._explained.focused
        nodes = dict.fromkeys([*(focused.ancestors_with_self if focused else ()), self._explained, self.app])
        found: dict[str, Binding] = {}
        for node in nodes:
            for kind in type(node).__mro__:
                for binding in kind.__dict__.get("BINDINGS", ()):
                    if not isinstance(binding, Binding) or not binding.tooltip:
                        continue
                    if binding.id and _works(node, binding):
                        found.setdefault(binding.id, binding)
        return [
            (binding, remapped.get(identity) or self._declared(binding))
            for identity, binding in found.items()
        ]

    def _declared(self, binding: Binding) -> list[str]:
        return [self.app.get_key_display(Binding(key.strip(), "")) for key in binding.key.split(",")]


def _works(node: DOMNode, binding: Binding) -> bool:
    """Whether a command of a part of the screen can be given now; those of the whole program always can."""
    name = binding.action.partition("(")[0]
    return "." in name or node.check_action(name, ()) is not False
