"""The least that a Textual program can be: what the box office is compared with."""

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static


class BareApp(App[None]):
    """One text, changed by each key."""

    def compose(self) -> ComposeResult:
        yield Static("BARE 0")

    def on_key(self, event: events.Key) -> None:
        event.stop()
        self.query_one(Static).update(f"BARE {event.key}")


if __name__ == "__main__":
    BareApp().run()
