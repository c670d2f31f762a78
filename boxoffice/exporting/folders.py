"""Where files may be written: a path that was mistyped makes no folders."""

from pathlib import Path

from boxoffice.errors import Refusal
from boxoffice.language import _


def check_folder(folder: Path) -> None:
    """Raises Refusal where a folder is a file, or where more than its last part is still to be made."""
    if folder.is_dir():
        return
    if folder.exists():
        raise Refusal(_("« {path} » n'est pas un dossier.").format(path=folder))
    above = folder.absolute().parent
    if not above.is_dir():
        raise Refusal(
            _("Le dossier « {path} » n'existe pas.").format(path=above), _("Corrigez le chemin, ou créez-le.")
        )
