"""Printers that are files, cables or spoolers: what they take, and how they say that they cannot."""

import os
import sys
from pathlib import Path
from shutil import which
from threading import Thread

import pytest

from boxoffice.models import PrinterKind
from boxoffice.printing.printers import Blocked, Driver, Outcome, Printout, Status, files, open_printer
from boxoffice.printing.printers.driver import NO_FOLDER, NO_SOFTWARE, NOT_FOUND, OFF, READY, WRONG_ADDRESS
from boxoffice.sales.prints.outbox import PrinterSettings

PAPER = Printout("000001-ticket-1-000001", b"\x1b@Kneecap\n", lambda: b"PNG")


def settings(kind: PrinterKind, address: str) -> PrinterSettings:
    return PrinterSettings(1, "Guichet", kind, address, 42, 512, 180, 16, True, True, False, None)


def driver(kind: PrinterKind, address: str, printouts: Path = Path()) -> Driver:
    return open_printer(settings(kind, address), printouts)


def ignore(_reason: str) -> None:
    """Nobody is told."""


def test_the_virtual_printer_keeps_the_bytes_and_the_picture(tmp_path: Path) -> None:
    virtual = driver(PrinterKind.VIRTUAL, "", tmp_path / "papers")
    assert virtual.check() == READY
    assert virtual.send(PAPER, ignore) is Outcome.ACKNOWLEDGED
    kept = {path.name: path.read_bytes() for path in (tmp_path / "papers").iterdir()}
    assert kept == {f"{PAPER.name}.bin": PAPER.data, f"{PAPER.name}.png": b"PNG"}


def test_a_virtual_printer_takes_its_time_for_the_next_paper_unless_the_program_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PAPER_SECONDS", 3600.0)
    virtual = driver(PrinterKind.VIRTUAL, "", tmp_path / "papers")
    assert virtual.check() == READY
    virtual.send(PAPER, ignore)
    next_paper = Thread(target=virtual.check, daemon=True)
    next_paper.start()
    next_paper.join(0.05)
    assert next_paper.is_alive()
    virtual.interrupt()
    next_paper.join(10)
    assert not next_paper.is_alive()


def test_a_virtual_printer_may_have_a_folder_of_its_own(tmp_path: Path) -> None:
    virtual = driver(PrinterKind.VIRTUAL, str(tmp_path / "mine"), tmp_path / "others")
    assert virtual.check() == READY
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_virtual_printer_without_a_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    virtual = driver(PrinterKind.VIRTUAL, str(tmp_path / "file" / "papers"))
    assert virtual.check() == Status(False, NO_FOLDER)
    with pytest.raises(Blocked, match=NO_FOLDER):
        virtual.send(PAPER, ignore)


def test_a_file_is_added_to_and_never_confirms(tmp_path: Path) -> None:
    file = driver(PrinterKind.FILE, str(tmp_path / "lp0"))
    assert file.check() == READY
    assert [file.send(PAPER, ignore) for _ in range(2)] == [Outcome.SENT] * 2
    file.pulse(b"drawer")
    assert (tmp_path / "lp0").read_bytes() == PAPER.data * 2 + b"drawer"


def test_a_device_that_is_gone_is_said_to_be_off(tmp_path: Path) -> None:
    file = driver(PrinterKind.FILE, str(tmp_path / "dev" / "lp0"))
    assert file.check() == Status(False, OFF)
    with pytest.raises(Blocked, match=OFF):
        file.send(PAPER, ignore)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals stand for cables")
def test_a_serial_printer_is_sent_every_byte() -> None:
    printer, cable = os.openpty()
    serial = driver(PrinterKind.SERIAL, f"{os.ttyname(cable)}:38400")
    assert serial.check() == READY
    assert serial.send(PAPER, ignore) is Outcome.SENT
    assert os.read(printer, 100) == PAPER.data
    assert serial.check() == READY
    assert serial.send(PAPER, ignore) is Outcome.SENT
    assert os.read(printer, 100) == PAPER.data
    serial.close()
    os.close(printer)
    os.close(cable)


@pytest.mark.skipif(sys.platform == "win32", reason="stands for the lp command of CUPS")
def test_a_queue_is_given_whole_documents_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CUPS of two small programs: one knows the queue, the other keeps what it is given."""
    spool = tmp_path / "spool"
    spool.mkdir()
    programs = {
        "lpstat": 'case "$1" in -e) echo tickets;; -v) echo "device for tickets: usb://EPSON";; esac',
        "lp": f"cat > {spool}/job-$$",
    }
    for name, lines in programs.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{lines}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert driver(PrinterKind.CUPS, "badges").check() == Status(False, NOT_FOUND)
    queue = driver(PrinterKind.CUPS, "tickets")
    for _ in range(2):
        assert queue.check() == READY
        queue.close()
    assert list(spool.iterdir()) == []
    assert queue.send(PAPER, ignore) is Outcome.SENT
    (job,) = spool.iterdir()
    assert job.read_bytes().rstrip(b"\n") == PAPER.data.rstrip(b"\n")


@pytest.mark.parametrize(
    ("kind", "address", "reason"),
    [
        (PrinterKind.SERIAL, "/dev/no-such-port", OFF),
        (PrinterKind.SERIAL, "/dev/ttyS0:fast", WRONG_ADDRESS),
        (PrinterKind.USB, "epson", WRONG_ADDRESS),
        (PrinterKind.USB, "04b8:0e15:82", WRONG_ADDRESS),
        (PrinterKind.CUPS, "no-such-queue", NOT_FOUND if which("lpstat") else NO_SOFTWARE),
        (PrinterKind.WINDOWS, "no-such-printer", NOT_FOUND if sys.platform == "win32" else NO_SOFTWARE),
    ],
)
def test_a_printer_that_cannot_be_reached_says_why(kind: PrinterKind, address: str, reason: str) -> None:
    absent = driver(kind, address)
    assert absent.check() == Status(False, reason)
    with pytest.raises(Blocked, match=reason):
        absent.send(PAPER, ignore)
    with pytest.raises(OSError, match=r"."):
        absent.pulse(b"drawer")


def test_a_usb_printer_that_is_not_plugged_in_blocks() -> None:
    assert driver(PrinterKind.USB, "dead:beef").check().reason in (OFF, NO_SOFTWARE)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_what_a_virtual_printer_keeps_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "prints"
    printer = driver(PrinterKind.VIRTUAL, "", folder)
    assert printer.check().ready
    printer.send(PAPER, ignore)
    modes = {path.suffix: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())}
    assert modes == {"": 0o700, ".bin": 0o600, ".png": 0o600}
