"""Options that many commands have."""

from typing import Annotated

import typer

from boxoffice.language import _

AsJson = Annotated[bool, typer.Option("--json", help=_("Écrire le résultat en JSON."))]
