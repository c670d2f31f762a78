"""Printers behind python-escpos: USB, serial, Windows, CUPS. They take bytes and say nothing."""

from collections.abc import Callable
from typing import Any

from boxoffice.printing.library import escpos_printers

from .driver import (
    CONNECTION_LOST,
    NO_SOFTWARE,
    NOT_FOUND,
    OFF,
    READY,
    WRONG_ADDRESS,
    Blocked,
    Outcome,
    Printout,
    Status,
    Trouble,
    Uncertain,
)

USB_PATIENCE_MS = 10_000
SERIAL_PATIENCE_SECONDS = 10
BAUD = 9600

Line = Any
"""A printer object of python-escpos, which ships no types."""


class WrongAddress(ValueError):
    """An address is not written as its kind of printer wants it."""


class CablePrinter:
    """A USB or serial printer: its line is opened by a check, and closed behind each document."""

    def __init__(self, make_line: Callable[[], Line]) -> None:
        self._make_line = make_line
        self._line: Line | None = None

    def check(self) -> Status:
        if self._line is not None:
            return READY
        try:
            line = self._make_line()
            line.open()
        except Exception as error:
            return Status(False, _reason(error, OFF))
        self._line = line
        return READY

    def send(self, printout: Printout, _trouble: Trouble, /) -> Outcome:
        return _send(self, printout)

    def pulse(self, data: bytes) -> None:
        if not self.check().ready:
            raise OSError(OFF)
        self.write(data)

    def write(self, data: bytes) -> None:
        """Write and close, which waits until the cable is empty."""
        line, self._line = self._line, None
        assert line is not None
        line._raw(data)
        line.close()

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def interrupt(self) -> None:
        """A cable cannot be asked to give up; the thread that waits is left behind."""


class SpoolerPrinter:
    """A queue of Windows or CUPS. It is opened for a document only: opening and closing makes a print job."""

    def __init__(self, make_line: Callable[[], Line]) -> None:
        self._make_line = make_line
        self._line: Line | None = None

    def check(self) -> Status:
        try:
            line = self._make_line()
            queues = line.printers
        except Exception as error:
            return Status(False, _reason(error, NOT_FOUND))
        if not queues or (line.printer_name and line.printer_name not in queues):
            return Status(False, NOT_FOUND)
        self._line = line
        return READY

    def send(self, printout: Printout, _trouble: Trouble, /) -> Outcome:
        return _send(self, printout)

    def pulse(self, data: bytes) -> None:
        if not self.check().ready:
            raise OSError(NOT_FOUND)
        self.write(data)

    def write(self, data: bytes) -> None:
        """Hand a whole document to the spooler."""
        line, self._line = self._line, None
        assert line is not None
        line.open()
        line._raw(data)
        line.close()

    def close(self) -> None:
        self._line = None

    def interrupt(self) -> None:
        """A spooler cannot be asked to give up; the thread that waits is left behind."""


def _send(printer: CablePrinter | SpoolerPrinter, printout: Printout) -> Outcome:
    status = printer.check()
    if not status.ready:
        raise Blocked(status.reason)
    try:
        printer.write(printout.data)
    except Exception as error:
        raise Uncertain(CONNECTION_LOST) from error
    return Outcome.SENT


def _reason(error: Exception, absent: str) -> str:
    """Why a line cannot be had: python-escpos, pyusb and pyserial share no class of error for it."""
    if isinstance(error, WrongAddress):
        return WRONG_ADDRESS
    if isinstance(error, RuntimeError | ValueError | FileNotFoundError):
        return NO_SOFTWARE
    return absent


def usb_line(address: str) -> Line:
    """A USB printer by `vendor:product` in hexadecimal, as `lsusb` does, then its endpoints if unusual."""
    try:
        vendor, product, *endpoints = (int(part, 16) for part in address.split(":"))
        into, out = endpoints or (0x82, 0x01)
    except ValueError as error:
        raise WrongAddress(address) from error
    return escpos_printers().Usb(vendor, product, timeout=USB_PATIENCE_MS, in_ep=into, out_ep=out)


def serial_line(address: str) -> Line:
    """A serial printer by its device and, if it is not 9600, its speed: `/dev/ttyUSB0`, `COM3:38400`."""
    device, colon, speed = address.partition(":")
    if not device or (colon and not speed.isdigit()):
        raise WrongAddress(address)
    return escpos_printers().Serial(
        device, baudrate=int(speed or BAUD), timeout=SERIAL_PATIENCE_SECONDS, dsrdtr=False
    )


def windows_line(address: str) -> Line:
    """A printer of the Windows spooler by its name; the default one if there is none."""
    return escpos_printers().Win32Raw(address)


def cups_line(address: str) -> Line:
    """A CUPS queue by its name, or the default one; through `lp`, which needs no library."""
    return escpos_printers().LP(address)
