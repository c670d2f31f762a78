"""Long sentences on several lines: no line begins with a sign, and no amount is torn from its currency."""

import pytest
from rich.console import Console
from rich.text import Text
from textual.content import Content

from boxoffice.screens.dialogs import Confirm

from .stage import Stage, settle

SAID = "La journée du sam. 21 nov. n'est pas close à cette caisse : rien ne s'y vend avant."


@pytest.mark.parametrize(
    ("said", "together"),
    [
        (SAID, "caisse :"),
        ("Le tiroir est compté : il y manque exactement -17,00\u00a0€ ce soir.", "-17,00\u00a0€"),
        ("La séance est déplacée au dim. 22 nov. à 19 h 30, au jardin.", "19 h 30,"),
        ("Ce code a été donné à « Zoé » en mars.", "« Zoé »"),
    ],
)
def test_what_belongs_together_stands_on_one_line(said: str, together: str) -> None:
    for width in range(12, len(said)):
        for wrapped in (Content(said).wrap(width), Text(said).wrap(Console(), width)):
            lines = [line.plain.rstrip(" ") for line in wrapped]
            assert " ".join(lines) == said
            assert max(map(len, lines)) <= width
            assert [line for line in lines if together in line], lines


async def test_a_dialog_and_a_notice_begin_no_line_with_a_sign() -> None:
    app = Stage(None, Confirm("", f"La vente : {SAID}"))
    async with app.run_test(size=(80, 24)) as pilot:
        app.notify(SAID, title="Vente refusée : il est encore tôt : ouvrez", markup=False)
        await settle(pilot)
        for shown in app.screen.query(".dialog-text, Toast"):
            lines = [shown.render_line(y).text.strip() for y in range(shown.size.height)]
            assert len(lines) > 1
            assert not [line for line in lines if line.startswith(":")]
