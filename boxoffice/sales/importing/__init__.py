"""The programme, read from CSV files: columns, reading with every fault named, merging into the tables."""

from .programme import ImportedProgramme, ImportProgramme, ProgrammeRefused, import_programme
from .reading import Fault, Source, read_folder

__all__ = [
    "Fault",
    "ImportProgramme",
    "ImportedProgramme",
    "ProgrammeRefused",
    "Source",
    "import_programme",
    "read_folder",
]
