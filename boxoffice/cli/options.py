"""Options that many commands have."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.errors import Refusal
from boxoffice.language import _

from .spoken import Misuse

if TYPE_CHECKING:
    from boxoffice.sales.books.witnesses import Witness

AsJson = Annotated[bool, typer.Option("--json", help=_("Écrire le résultat en JSON."))]


def trusted_keys(texts: Iterable[str] | None) -> frozenset[str]:
    """The fingerprints of keys known from elsewhere, as books write them. Raises Misuse for another text."""
    keys = {text: re.sub(r"[\s:]", "", text).lower() for text in texts or ()}
    for text, key in keys.items():
        if not re.fullmatch(r"[0-9a-f]{64}", key):
            raise Misuse(
                _(
                    "« {text} » n'est pas l'empreinte entière d'une clé : elle a 64 chiffres, de 0 à f."
                ).format(text=text)
            )
    return frozenset(keys.values())


def witnesses_typed(texts: Iterable[str] | None) -> list["Witness"]:
    """What papers say of the journal, as they print it. Raises Misuse for another text."""
    from boxoffice.sales.books.witnesses import read_witness

    try:
        return [read_witness(text) for text in texts or ()]
    except Refusal as refusal:
        raise Misuse(str(refusal)) from refusal
