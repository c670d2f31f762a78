"""What the operating system refuses, in words: which file, why, and what can be done."""

import errno
from collections.abc import Mapping
from types import MappingProxyType

from .errors import Refusal
from .language import _, later

_FULL = later("le disque est plein")
_FREE = later("Libérez de la place, ou choisissez un autre disque, puis recommencez.")
_FORBIDDEN = later("l'accès n'est pas permis")
_ALLOW = later("Donnez-en le droit à qui se sert du programme, ou choisissez un autre dossier.")
_IN_THE_WAY = later("Renommez ce qui est là, ou choisissez un autre dossier.")
_GONE = later("le disque ne répond plus")
_PLUG = later("Remettez le disque ou la clé USB, ou choisissez un autre dossier.")

_REASONS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        errno.ENOSPC: (_FULL, _FREE),
        errno.EDQUOT: (_FULL, _FREE),
        errno.EFBIG: (later("ce disque ne prend pas de fichier si grand"), _FREE),
        errno.EACCES: (_FORBIDDEN, _ALLOW),
        errno.EPERM: (_FORBIDDEN, _ALLOW),
        errno.EROFS: (later("rien ne s'écrit sur ce disque"), _ALLOW),
        errno.ENOTDIR: (later("un fichier est là où il faut un dossier"), _IN_THE_WAY),
        errno.EEXIST: (later("ce nom est déjà pris"), _IN_THE_WAY),
        errno.EISDIR: (later("un dossier porte déjà ce nom"), _IN_THE_WAY),
        errno.ENOENT: (later("il n'y a rien de ce nom"), later("Vérifiez le chemin, puis recommencez.")),
        errno.EIO: (_GONE, _PLUG),
        errno.ENODEV: (_GONE, _PLUG),
        errno.ENXIO: (_GONE, _PLUG),
    }
)


_SAYS_NOTHING_OF_THE_DISK = (None, errno.EINVAL)


def is_of_the_disk(error: OSError) -> bool:
    """Whether it is the system that cannot read a file, rather than a file that sends it where nothing is."""
    return error.errno not in _SAYS_NOTHING_OF_THE_DISK


def explain(error: OSError) -> Refusal:
    """The refusal that an error of the system comes down to, in the same words on screen and in commands."""
    reason, remedy = _REASONS.get(error.errno or 0, (error.strerror or str(error), later("Recommencez.")))
    if error.filename is None:
        return Refusal(_("Le système refuse : {reason}.").format(reason=_(reason)), _(remedy))
    return Refusal(
        _("Le système refuse : {reason} ({file}).").format(reason=_(reason), file=error.filename), _(remedy)
    )
