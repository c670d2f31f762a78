"""Keys that another has replaced: they sign no more, and are kept aside."""

from pathlib import Path

from boxoffice.errors import Refusal
from boxoffice.language import _

from .signing import Signer

OLD = "old"
"""The folder beside the keys where those are kept that are not in their place."""


def kept_aside(key_path: Path, name: str) -> Path:
    """Where the key of a till is kept once it left its place: by the beginning of its fingerprint."""
    return key_path.parent / OLD / f"{key_path.stem}-{name[:16]}{key_path.suffix}"


def replaced_key(till_number: int, signer: Signer, fingerprint: str) -> Refusal:
    """The refusal of a key that the journal of its till has told the next of, which has this fingerprint."""
    kept = kept_aside(signer.anchor_path.with_suffix(".pem"), fingerprint)
    if kept.exists():
        remedy = _("Celle qui l'a remplacée est gardée ici ; remettez-la : « boxoffice key restore {file} ».")
        remedy = remedy.format(file=kept)
    else:
        remedy = _("Remettez celle qui l'a remplacée, de sa copie : « boxoffice key restore FICHIER ».")
    return Refusal(
        _("La clé de la caisse {number} qui est sur ce poste a été remplacée : elle ne signe plus.").format(
            number=till_number
        ),
        remedy,
    )
