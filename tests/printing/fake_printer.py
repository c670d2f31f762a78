"""A network printer that answers as Epson's do, and breaks on demand: a real server on a real socket."""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from boxoffice.printing.printers.network import NetworkPrinter, Patience

CUT = b"\x1dVB\x00"
PROCESS_ID = b"\x1d(H\x06\x0000"
PAPER_STATUS = b"\x1dr\x01"
HOWEVER_LONG = 60.0
"""Seconds for what the printer will do: it is a thread among others, on a machine that may be busy."""

_plugged_in: dict[str, "FakePrinter"] = {}


@dataclass
class FakePrinter:
    """Change its attributes to break it; `papers` are the documents that came out, whole.

    `paper_out_after` and `drop_after` count bytes of the next document; `busy_for` is how often it
    answers that it is well before it goes on. `confirms` off, it prints without ever saying so.
    """

    acknowledges: bool = True
    tells_paper_status: bool = True
    answers: bool = True
    cover_open: bool = False
    paper_out: bool = False
    cutter_stuck: bool = False
    paper_out_after: int | None = None
    drop_after: int | None = None
    busy_for: int = 0
    confirms: bool = True
    papers: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._waiting = bytearray()
        self._printing = bytearray()
        self._connected: socket.socket | None = None
        self._bound: socket.socket | None = _bound_to(self.port)
        self.port = self._bound.getsockname()[1]
        _plugged_in[self.address] = self
        self.turn_on()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def is_well(self) -> bool:
        return not (self.cover_open or self.paper_out or self.cutter_stuck)

    def turn_on(self) -> None:
        listener, self._bound = self._bound, None
        assert listener is not None
        listener.listen()
        self._listener = listener
        threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def turn_off(self) -> None:
        """Pull the plug: what was in the middle of a paper is lost. Nobody else gets its port meanwhile."""
        self._bound = _bound_to(self.port)
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            self._hang_up()

    def throw_away(self) -> None:
        """Turn it off for good."""
        del _plugged_in[self.address]
        self.turn_off()
        if self._bound is not None:
            self._bound.close()

    def mend(self) -> None:
        """Put paper in and close everything; the printer goes on where it stopped."""
        with self._lock:
            self.cover_open = self.paper_out = self.cutter_stuck = False
            self._print()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connected, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._connected = connected
                self.connections += 1
                self._waiting.clear()
            self._listen(connected)

    def _listen(self, connected: socket.socket) -> None:
        while True:
            try:
                received = connected.recv(4096)
            except OSError:
                received = b""
            if not received:
                connected.close()
                return
            with self._lock:
                self._take(received)
                self._print()

    def _take(self, received: bytes) -> None:
        """Answer what must be answered at once; the rest waits its turn."""
        while received:
            before, question, after = received.partition(b"\x10\x04")
            self._waiting += before
            if question:
                self._answer(bytes([self._status(after[0])]))
                if self.is_well and self.busy_for:
                    self.busy_for -= 1
                after = after[1:]
            received = after

    def _status(self, what: int) -> int:
        match what:
            case 1:
                return 0x12 | (0 if self.is_well else 0x08)
            case 2:
                return 0x12 | (0x04 if self.cover_open else 0) | (0x20 if self.paper_out else 0)
            case 3:
                return 0x12 | (0x08 if self.cutter_stuck else 0)
            case _:
                return 0x12 | (0x60 if self.paper_out else 0)

    def _print(self) -> None:
        while self._waiting and self.is_well and not self.busy_for:
            self._printing.append(self._waiting.pop(0))
            self._interpret()

    def _interpret(self) -> None:
        printing = self._printing
        if printing[-len(PROCESS_ID) - 4 : -4] == PROCESS_ID:
            identity = bytes(printing[-4:])
            del printing[-len(PROCESS_ID) - 4 :]
            if self.acknowledges and self.confirms:
                self._answer(b"\x37\x22" + identity + b"\x00")
        elif printing.endswith(PAPER_STATUS):
            del printing[-len(PAPER_STATUS) :]
            if self.tells_paper_status and self.confirms:
                self._answer(b"\x00")
        elif printing.endswith(CUT):
            self.papers.append(bytes(printing))
            printing.clear()
        elif self.paper_out_after is not None and len(printing) > self.paper_out_after:
            self.paper_out_after, self.paper_out = None, True
        elif self.drop_after is not None and len(printing) > self.drop_after:
            self.drop_after = None
            self._hang_up()

    def _answer(self, answer: bytes) -> None:
        if self.answers and self._connected is not None:
            with suppress(OSError):
                self._connected.sendall(answer)

    def _hang_up(self) -> None:
        """Reset the connection, as a printer does that loses its power."""
        self._waiting.clear()
        self._printing.clear()
        connected, self._connected = self._connected, None
        if connected is not None:
            with suppress(OSError):
                connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connected.shutdown(socket.SHUT_RDWR)


def _bound_to(port: int) -> socket.socket:
    """A socket that has a port to itself, 0 for any, and answers nobody yet."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    return bound


class Foresight:
    """The patience of who knows what the printer will do: endless for an answer that comes, else short."""

    connection = HOWEVER_LONG
    look = 0.1

    def __init__(self, printer: FakePrinter, acknowledges: bool | None) -> None:
        self._printer = printer
        self.acknowledges = acknowledges

    @property
    def answer(self) -> float:
        return HOWEVER_LONG if self._printer.answers else 0.1

    @property
    def probe(self) -> float:
        """For an identity; for the status of the paper once it is known to tell none."""
        printer = self._printer
        told = printer.tells_paper_status if self.acknowledges is False else printer.acknowledges
        return HOWEVER_LONG if told else 0.1

    @property
    def confirmation(self) -> float:
        return HOWEVER_LONG if self._printer.answers and self._printer.confirms else 0.4


def connect(
    address: str, acknowledges: bool | None, learnt: Callable[[bool], None] = lambda _found: None
) -> NetworkPrinter:
    """The driver of whatever is at an address; a fake printer that is plugged in there is waited for."""
    if address not in _plugged_in:
        return NetworkPrinter(address, acknowledges, learnt, Patience(connection=1))
    foresight = Foresight(_plugged_in[address], acknowledges)

    def learn(found: bool) -> None:
        foresight.acknowledges = found
        learnt(found)

    return NetworkPrinter(address, acknowledges, learn, foresight)
