"""What comes from CSV files: programme, passes sold and seats reserved elsewhere; every fault is named."""

from .credit_requests import ImportCreditRequests, ImportedCreditRequests, import_credit_requests
from .holders import ImportedPasses, ImportPasses, import_passes
from .place_cards import ImportedPlaceCards, ImportPlaceCards, import_place_cards
from .programme import ImportedProgramme, ImportProgramme, ProgrammeRefused, import_programme
from .reading import Fault, Source, read_folder
from .refusals import ImportRefused
from .reservations import ImportedReservations, ImportReservations, import_reservations

__all__ = [
    "Fault",
    "ImportCreditRequests",
    "ImportPasses",
    "ImportPlaceCards",
    "ImportProgramme",
    "ImportRefused",
    "ImportReservations",
    "ImportedCreditRequests",
    "ImportedPasses",
    "ImportedPlaceCards",
    "ImportedProgramme",
    "ImportedReservations",
    "ProgrammeRefused",
    "Source",
    "import_credit_requests",
    "import_passes",
    "import_place_cards",
    "import_programme",
    "import_reservations",
    "read_folder",
]
