"""Printers: what every driver can do, and which one a kind of printer needs."""

from .driver import Blocked, Driver, Outcome, Printout, Status, Uncertain
from .opening import open_printer

__all__ = ["Blocked", "Driver", "Outcome", "Printout", "Status", "Uncertain", "open_printer"]
