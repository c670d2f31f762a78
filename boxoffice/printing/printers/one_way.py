"""Printers behind python-escpos: USB, serial, Windows, CUPS. They take bytes and say nothing."""

from collections.abc import Callable
from typing import Any, ClassVar

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


class OneWayPrinter:
    """A printer whose line a check gets hold of, and a document or a signal uses up."""

    absent: ClassVar[str]
    """Why it cannot be had, as a rule."""

    def __init__(self, make_line: Callable[[], Line]) -> None:
        self._make_line = make_line
        self._line: Line | None = None

    def check(self) -> Status:
        raise NotImplementedError

    def write(self, line: Line, data: bytes) -> None:
        """Bring the bytes to the printer, whole."""
        raise NotImplementedError

    def send(self, printout: Printout, _trouble: Trouble, /) -> Outcome:
        status = self.check()
        if not status.ready:
            raise Blocked(status.reason)
        try:
            self.write(self._take_line(), printout.data)
        except Exception as error:
            raise Uncertain(CONNECTION_LOST) from error
        return Outcome.SENT

    def pulse(self, data: bytes) -> None:
        if not self.check().ready:
            raise OSError(self.absent)
        self.write(self._take_line(), data)

    def close(self) -> None:
        self._line = None

    def interrupt(self) -> None:
        """It cannot be asked to give up; the thread that waits is left behind."""

    def _take_line(self) -> Line:
        line, self._line = self._line, None
        assert line is not None
        return line


class CablePrinter(OneWayPrinter):
    """A USB or serial printer: its line is opened by a check, and closed behind each document."""

    absent = OFF

    def check(self) -> Status:
        if self._line is not None:
            return READY
        try:
            line = self._make_line()
            line.open()
        except Exception as error:
            return Status(False, _reason(error, self.absent))
        self._line = line
        return READY

    def write(self, line: Line, data: bytes) -> None:
        """Write and close, which waits until the cable is empty."""
        line._raw(data)
        line.close()

    def close(self) -> None:
        if self._line is not None:
            self._take_line().close()


class SpoolerPrinter(OneWayPrinter):
    """A queue of Windows or CUPS. It is opened for a document only: opening and closing makes a print job."""

    absent = NOT_FOUND

    def check(self) -> Status:
        try:
            line = self._make_line()
            queues = line.printers
        except Exception as error:
            return Status(False, _reason(error, self.absent))
        if not queues or (line.printer_name and line.printer_name not in queues):
            return Status(False, self.absent)
        self._line = line
        return READY

    def write(self, line: Line, data: bytes) -> None:
        """Hand a whole document to the spooler."""
        line.open()
        line._raw(data)
        line.close()


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
