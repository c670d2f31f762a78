"""What makes a training till unmistakable: its own look, and a line on top of every screen."""

from typing import Any

from textual.app import App
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from boxoffice.language import _

from .themes import TRAINING


class TrainingBanner(Static):
    """One line that nobody can overlook: what is sold here is sold to nobody."""

    DEFAULT_CSS = """
    TrainingBanner {
        dock: top; height: 1; width: 100%; text-align: center; text-style: bold;
        color: $background; background: $accent;
    }
    """

    def __init__(self) -> None:
        super().__init__(_("FORMATION : rien n'est vrai, ni vente, ni billet, ni argent"), markup=False)


def show_training(app: App[Any]) -> None:
    """Give the app the look of training, and each of its screens the banner as it comes."""
    app.register_theme(TRAINING)
    app.theme = TRAINING.name
    app.screen_change_signal.subscribe(app, _mark)
    _mark(app.screen)


def _mark(screen: Screen[Any]) -> None:
    """Dialogs lie over a screen that has the banner already."""
    if not isinstance(screen, ModalScreen) and not screen.query(TrainingBanner):
        screen.mount(TrainingBanner())
