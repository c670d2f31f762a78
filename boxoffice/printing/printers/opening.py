"""Which driver serves a printer, from its settings."""

from collections.abc import Callable
from pathlib import Path

from boxoffice.kinds import PrinterKind
from boxoffice.sales.prints.outbox import PrinterSettings

from .driver import Driver
from .files import FilePrinter, VirtualPrinter
from .network import NetworkPrinter
from .one_way import CablePrinter, SpoolerPrinter, cups_line, serial_line, usb_line, windows_line


def open_printer(
    settings: PrinterSettings, printouts: Path, learnt: Callable[[bool], None] = lambda _: None
) -> Driver:
    """The driver of a printer; nothing is connected yet.

    `printouts` is where virtual printers without an address put their papers; `learnt` is told once whether a
    network printer acknowledges.
    """
    address = settings.address
    match settings.kind:
        case PrinterKind.VIRTUAL:
            return VirtualPrinter(Path(address).expanduser() if address else printouts)
        case PrinterKind.FILE:
            return FilePrinter(Path(address).expanduser())
        case PrinterKind.NETWORK:
            return NetworkPrinter(address, settings.acknowledges, learnt)
        case PrinterKind.USB:
            return CablePrinter(lambda: usb_line(address))
        case PrinterKind.SERIAL:
            return CablePrinter(lambda: serial_line(address))
        case PrinterKind.WINDOWS:
            return SpoolerPrinter(lambda: windows_line(address))
        case PrinterKind.CUPS:
            return SpoolerPrinter(lambda: cups_line(address))
