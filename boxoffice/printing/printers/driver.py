"""What a driver promises: say whether the printer is well, and never claim a paper that nobody saw."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from boxoffice.language import later

OFF = later("Imprimante éteinte ou débranchée.")
NO_ANSWER = later("L'imprimante ne répond pas.")
COVER_OPEN = later("Capot ouvert.")
NO_PAPER = later("Plus de papier.")
CUTTER_STUCK = later("Massicot bloqué.")
OUT_OF_ORDER = later("Imprimante en panne : éteignez-la, puis rallumez-la.")
OFFLINE = later("Imprimante hors ligne.")
CONNECTION_LOST = later("Connexion perdue pendant l'impression.")
NOT_CONFIRMED = later("L'imprimante n'a pas confirmé l'impression.")
STOPPED = later("Le programme s'est arrêté pendant l'impression.")
NO_FOLDER = later("Le dossier des impressions est introuvable ou protégé.")
NOT_FOUND = later("Imprimante introuvable sur ce poste : vérifiez son réglage.")
NO_SOFTWARE = later("Ce poste n'a pas le logiciel qu'il faut pour cette imprimante.")
WRONG_ADDRESS = later("L'adresse de l'imprimante est mal écrite.")

Trouble = Callable[[str], None]
"""Told what a printer waits for in the middle of a document, and an empty text when it goes on."""


@dataclass(frozen=True, slots=True)
class Status:
    """Whether a document can be sent now; if not, why, in the French of the cashier."""

    ready: bool
    reason: str = ""


READY = Status(True)


@dataclass(frozen=True, slots=True)
class Printout:
    """A document ready to be sent: its bytes, and its picture for printers that have no paper.

    `pass_code` is what a badge was drawn with.
    """

    name: str
    data: bytes
    picture: Callable[[], bytes]
    pass_code: str = ""


class Outcome(StrEnum):
    """`ACKNOWLEDGED`: the printer said that the paper came out. `SENT`: nothing ever answers there."""

    ACKNOWLEDGED = "acknowledged"
    SENT = "sent"


class Blocked(Exception):
    """Nothing was printed, for certain: no byte has left."""


class Uncertain(Exception):
    """Something may have been printed, and nobody can know from here."""


class Driver(Protocol):
    """One connection to one printer; used by one thread, but `interrupt` may come from another."""

    def check(self) -> Status:
        """Whether the printer can take a document now; connects if need be."""
        ...

    def send(self, printout: Printout, trouble: Trouble, /) -> Outcome:
        """Send a document and stay until the printer confirms it. Raises Blocked or Uncertain."""
        ...

    def pulse(self, data: bytes) -> None:
        """Send a signal that is no document, once: it is never tried again. Raises OSError when it fails."""
        ...

    def close(self) -> None:
        """Let go of the connection; `check` opens it again."""
        ...

    def interrupt(self) -> None:
        """Make a `send` that waits give up soon, with Uncertain."""
        ...
