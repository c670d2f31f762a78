"""Network printers that speak Epson's status protocol: asked before, watched during, believed only after."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from itertools import count
from time import monotonic

from .driver import (
    CONNECTION_LOST,
    COVER_OPEN,
    CUTTER_STUCK,
    NO_ANSWER,
    NO_PAPER,
    NOT_CONFIRMED,
    OFF,
    OFFLINE,
    OUT_OF_ORDER,
    READY,
    STOPPED,
    WRONG_ADDRESS,
    Blocked,
    Outcome,
    Printout,
    Status,
    Trouble,
    Uncertain,
)

PORT = 9100


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: to connect, for a status, for a probe, before a look at one at work, for a paper."""

    connection: float = 3.0
    answer: float = 1.0
    probe: float = 2.0
    look: float = 1.0
    confirmation: float = 15.0


class Confirmation(Enum):
    """How a printer says that what it was sent before is out."""

    PROCESS_ID = "GS ( H"
    PAPER_STATUS = "GS r"
    NONE = ""


class NetworkPrinter:
    """One connection to a printer at `host:port`.

    `acknowledges` says whether the printer answers GS ( H, if that is known; `learnt` is told once it is.
    """

    def __init__(
        self,
        address: str,
        acknowledges: bool | None,
        learnt: Callable[[bool], None],
        patience: Patience = Patience(),
    ) -> None:
        self._address = address
        self._acknowledges = acknowledges
        self._learnt = learnt
        self._patience = patience
        self._confirmation = Confirmation.PROCESS_ID if acknowledges else None
        self._socket: socket.socket | None = None
        self._received = bytearray()
        self._identities = count(1)
        self._interrupted = threading.Event()

    def check(self) -> Status:
        """Ask on the connection that stands, then on a new one: printers hang up on those who are silent."""
        for fresh in (self._socket is None, True):
            try:
                self._connect()
                status = self._status()
                if status is not None:
                    if status.ready and self._confirmation is None:
                        self._confirmation = self._probe()
                    return status
                answer = Status(False, NO_ANSWER)
            except ValueError:
                return Status(False, WRONG_ADDRESS)
            except OSError:
                answer = Status(False, OFF)
            self.close()
            if fresh:
                break
        return answer

    def send(self, printout: Printout, trouble: Trouble, /) -> Outcome:
        if self._socket is None or self._confirmation is None:
            raise Blocked(OFF)
        self._received.clear()
        question, answered = self._question(self._confirmation)
        try:
            self._write(printout.data + question)
            if self._confirmation is Confirmation.NONE:
                return Outcome.SENT
            return self._wait_until(answered, trouble)
        except OSError as error:
            self.close()
            raise Uncertain(CONNECTION_LOST) from error
        except Uncertain:
            self.close()  # a late answer must not be taken for the next document's
            raise

    def pulse(self, data: bytes) -> None:
        self._connect()
        assert self._socket is not None
        self._socket.sendall(data)

    def close(self) -> None:
        connected, self._socket = self._socket, None
        self._received.clear()
        if connected is not None:
            connected.close()

    def interrupt(self) -> None:
        self._interrupted.set()

    def _connect(self) -> None:
        """Connect if need be. Raises OSError, or ValueError when the address cannot be one."""
        if self._socket is None:
            host, port = _host_and_port(self._address)
            self._socket = socket.create_connection((host, port), self._patience.connection)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _write(self, data: bytes) -> None:
        """Write everything. Raises Blocked as long as the first byte has not left, OSError after it has."""
        assert self._socket is not None
        self._socket.settimeout(self._patience.confirmation)
        left = memoryview(data)
        try:
            left = left[self._socket.send(left) :]
        except OSError as error:
            self.close()
            raise Blocked(OFF) from error
        while left:
            left = left[self._socket.send(left) :]

    def _wait_until(self, answered: Callable[[], bool], trouble: Trouble) -> Outcome:
        """Stay on the line until the paper is out, however long the printer waits for paper or its cover.

        Raises Uncertain when it stays silent, or well but mute, for too long; OSError when the line is cut.
        """
        deadline = monotonic() + self._patience.confirmation
        told = ""
        while not answered():
            if self._interrupted.is_set():
                raise Uncertain(STOPPED)
            if self._receive(self._patience.look):
                continue
            status = self._status()
            reason = "" if status is None else status.reason
            if status is not None and reason != told:
                told = reason
                trouble(reason)
            if reason:
                deadline = monotonic() + self._patience.confirmation
            elif monotonic() > deadline and not answered():
                raise Uncertain(NOT_CONFIRMED if status else NO_ANSWER)
        if told:
            trouble("")
        return Outcome.ACKNOWLEDGED

    def _probe(self) -> Confirmation:
        """Find out, once, how this printer confirms. Nothing is printed by it."""
        for confirmation in (Confirmation.PROCESS_ID, Confirmation.PAPER_STATUS):
            if confirmation is Confirmation.PROCESS_ID and self._acknowledges is False:
                continue
            found = self._answers(confirmation)
            if confirmation is Confirmation.PROCESS_ID:
                self._acknowledges = found
                self._learnt(found)
            if found:
                return confirmation
        return Confirmation.NONE

    def _answers(self, confirmation: Confirmation) -> bool:
        assert self._socket is not None
        self._received.clear()
        question, answered = self._question(confirmation)
        self._socket.sendall(question)
        deadline = monotonic() + self._patience.probe
        while not answered() and (left := deadline - monotonic()) > 0:
            self._receive(left)
        return answered()

    def _question(self, confirmation: Confirmation) -> tuple[bytes, Callable[[], bool]]:
        """What to send after a document, and whether its answer has been received."""
        match confirmation:
            case Confirmation.PROCESS_ID:
                identity = _identity(next(self._identities))
                answer = b"\x37\x22" + identity + b"\x00"
                return b"\x1d(H\x06\x0000" + identity, lambda: answer in self._received
            case Confirmation.PAPER_STATUS:
                return b"\x1dr\x01", lambda: any(byte & 0x90 == 0 for byte in self._received)
            case Confirmation.NONE:
                return b"", lambda: True

    def _status(self) -> Status | None:
        """What the printer says of itself, even in the middle of a document; None if nothing."""
        online, paper = self._ask(1), self._ask(4)
        if online is None or paper is None:
            return None
        if paper & 0x60:
            return Status(False, NO_PAPER)
        if not online & 0x08:
            return READY
        cause, fault = self._ask(2) or 0, self._ask(3) or 0
        for seen, reason in (
            (cause & 0x04, COVER_OPEN),
            (cause & 0x20, NO_PAPER),
            (fault & 0x08, CUTTER_STUCK),
            (fault & 0x20 or cause & 0x40, OUT_OF_ORDER),
        ):
            if seen:
                return Status(False, reason)
        return Status(False, OFFLINE)

    def _ask(self, what: int) -> int | None:
        """One DLE EOT question. What else arrives meanwhile is kept: it may be the confirmation."""
        assert self._socket is not None
        self._received = bytearray(byte for byte in self._received if not _is_status(byte))
        self._socket.settimeout(self._patience.answer)
        self._socket.sendall(bytes((0x10, 0x04, what)))
        deadline = monotonic() + self._patience.answer
        while True:
            for index, byte in enumerate(self._received):
                if _is_status(byte):
                    del self._received[index]
                    return byte
            left = deadline - monotonic()
            if left <= 0:
                return None
            self._receive(left)

    def _receive(self, seconds: float) -> bool:
        """Wait for bytes; False when none came in time. Raises OSError when the printer has hung up."""
        assert self._socket is not None
        self._socket.settimeout(seconds)
        try:
            received = self._socket.recv(256)
        except TimeoutError:
            return False
        if not received:
            raise ConnectionAbortedError("the printer hung up")
        self._received += received
        return True


def _is_status(byte: int) -> bool:
    """Whether a byte answers DLE EOT: `0xx1xx10`."""
    return byte & 0x93 == 0x12


def _identity(number: int) -> bytes:
    """Four of the letters `@` to `O`: unlike digits, no status byte looks like them."""
    return bytes(0x40 | (number >> shift) & 0x0F for shift in (12, 8, 4, 0))


def _host_and_port(address: str) -> tuple[str, int]:
    """Split `host`, `host:port` or `[v6]:port`. Raises ValueError when it is none of these."""
    host, colon, port = address.strip().rpartition(":")
    if not colon or address.endswith("]"):
        host, port = address.strip(), str(PORT)
    host = host.strip("[]")
    if not host or not 0 < int(port) < 65_536:
        raise ValueError(address)
    return host, int(port)
