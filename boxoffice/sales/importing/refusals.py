"""Files refused as a whole, with every fault found in them."""

from collections.abc import Iterable

from boxoffice.errors import Refusal
from boxoffice.language import _, plural

from .reading import Fault

FAULTS_TOLD = 50


class ImportRefused(Refusal):
    """Nothing was imported, for these faults, in the order of the files."""

    def __init__(self, faults: Iterable[Fault], message: str = "") -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.file, fault.line)))
        count = len(self.faults)
        said = message or plural(
            "Rien n'est importé : une erreur.", "Rien n'est importé : {count} erreurs.", count
        )
        super().__init__(
            said.format(count=count), _("Corrigez les fichiers, puis recommencez : rien n'a été changé.")
        )

    @property
    def told(self) -> tuple[Fault, ...]:
        """As many faults as a person reads."""
        return self.faults[:FAULTS_TOLD]
