"""Verifying an archive by its file alone: nothing of it has changed, and all is as its journals tell."""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.system_errors import is_of_the_disk

from . import envelope
from .comparing import Books
from .following import follow
from .leaflet import JOURNAL
from .members import first_oddity
from .opened import OpenedArchive, Progress, altered


@dataclass(frozen=True, slots=True)
class Verified:
    """An archive in which nothing is wrong: whose it is, of which days, and the key that signed it.

    `manifest` is the SHA-256 of the list that was signed. `trusted` is whether this key is one known from
    elsewhere: if not, anybody may have made the archive.
    `specimen` is what marks one in which nothing is real.
    """

    operator: str
    siret: str
    first: str
    last: str
    made_at: str
    key: str
    manifest: str
    trusted: bool
    specimen: str
    files: int
    sales: int
    entries: int


def verify_archive(
    path: Path,
    *,
    trusted: frozenset[str] = frozenset(),
    progress: Progress = lambda _done, _of: None,
) -> Verified:
    """Check every byte, the signature, the chain of every till, and every row that it tells of.

    Needs no database. `trusted` are fingerprints of keys known from elsewhere: without them, the archive only
    agrees with itself. Raises AlteredArchive, and OSError where the system cannot read it.
    """
    if not path.is_file():
        raise Refusal(_("Il n'y a pas de fichier {file}.").format(file=path))
    try:
        with zipfile.ZipFile(path) as packed:
            archive = OpenedArchive(packed, progress)
            archive.compare()
            about = archive.about(trusted)
            if not envelope.is_whole(path):
                raise altered(path.name, _("son enveloppe ZIP a changé"))
            if (oddity := first_oddity(path, packed)) is not None:
                raise altered(oddity.name, oddity.why)
            books = Books(archive, about)
            follow(archive, about, books.tills, books.hear)
            books.end()
            archive.read_the_rest()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, OSError) and is_of_the_disk(error):
            error.filename = error.filename or str(path)
            raise
        raise altered(path.name, _("ce n'est pas, ou plus, un ZIP entier")) from error
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise altered(path.name, _("une valeur n'est pas lisible")) from error
    seller = about["establishment"]
    return Verified(
        seller["operator_name"],
        seller["siret"],
        about["first"],
        about["last"],
        about["made_at"],
        about["key"],
        archive.manifest,
        bool(trusted),
        about["specimen"],
        len(archive.hashes),
        about["rows"]["ventes"],
        about["rows"][JOURNAL],
    )
