"""Printers behind python-escpos: USB, serial, Windows, CUPS. They take bytes and say nothing."""

from collections.abc import Callable
from typing import Any

from boxoffice.printing.library import escpos_printers

from .driver import (
    CONNECTION_LOST,
    NO_SOFTWARE,
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
    """Opens its line for each document, writes and closes: it is sent, never known as printed."""

    def __init__(self, make_line: Callable[[], Line], absent: str = OFF) -> None:
        self._make_line = make_line
        self._absent = absent
        self._line: Line | None = None

    def check(self) -> Status:
        if self._line is not None:
            return READY
        try:
            line = self._make_line()
            line.open()
        except WrongAddress:
            return Status(False, WRONG_ADDRESS)
        except (RuntimeError, ValueError, FileNotFoundError):
            return Status(False, NO_SOFTWARE)
        except Exception:
            # python-escpos, pyusb and pyserial share no class of error for a printer that is not there.
            return Status(False, self._absent)
        self._line = line
        return READY

    def send(self, printout: Printout, _trouble: Trouble, /) -> Outcome:
        status = self.check()
        if not status.ready:
            raise Blocked(status.reason)
        try:
            self._write(printout.data)
        except Exception as error:
            self._line = None
            raise Uncertain(CONNECTION_LOST) from error
        return Outcome.SENT

    def pulse(self, data: bytes) -> None:
        if not self.check().ready:
            raise OSError(self._absent)
        self._write(data)

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def interrupt(self) -> None:
        """A spooler or a cable cannot be asked to give up; the thread that waits is left behind."""

    def _write(self, data: bytes) -> None:
        """Write and close: closing is what hands a document to a spooler, and what empties a cable."""
        assert self._line is not None
        self._line._raw(data)
        self.close()


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
