"""How printers are reached, and how far a paper is."""

from enum import StrEnum


class PrinterKind(StrEnum):
    """How a printer is reached."""

    VIRTUAL = "virtual"
    NETWORK = "network"
    USB = "usb"
    SERIAL = "serial"
    WINDOWS = "windows"
    CUPS = "cups"
    FILE = "file"


class PrinterRole(StrEnum):
    """Which papers of a till come out of a printer."""

    TICKETS = "tickets"
    RECEIPTS = "receipts"
    BADGES = "badges"
    REPORTS = "reports"


class JobState(StrEnum):
    """Where a document is between the sale and the paper; `PRINTED` only when the printer said so."""

    QUEUED = "queued"
    BLOCKED = "blocked"
    SENDING = "sending"
    PRINTED = "printed"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    ABANDONED = "abandoned"
