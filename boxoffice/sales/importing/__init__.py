"""What comes from CSV files: the programme, and passes sold elsewhere; every fault is named."""

from .holders import ImportedPasses, ImportPasses, import_passes
from .programme import ImportedProgramme, ImportProgramme, ProgrammeRefused, import_programme
from .reading import Fault, Source, read_folder
from .refusals import ImportRefused

__all__ = [
    "Fault",
    "ImportPasses",
    "ImportProgramme",
    "ImportRefused",
    "ImportedPasses",
    "ImportedProgramme",
    "ProgrammeRefused",
    "Source",
    "import_passes",
    "import_programme",
    "read_folder",
]
