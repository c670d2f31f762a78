"""A terminal of our own: a program runs in it as on a real one, and every byte it paints is seen."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

COLUMNS, ROWS = 120, 36
PATIENCE_SECONDS = 30.0
QUIET_SECONDS = 0.05
"""How long nothing must be painted before a repaint counts as whole."""

_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_=>])")
_ASKS_FOR_FRAMES = b"\x1b[?2026$p"
_HAS_FRAMES = b"\x1b[?2026;2$y"
_FRAME_BEGINS, _FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"


class Terminal:
    """A program in a pseudo-terminal of 120 columns that shows whole frames at once, as modern ones do."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._screen, program_side = pty.openpty()
        fcntl.ioctl(program_side, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.painted = b""
        self.started = time.perf_counter()
        self._program = subprocess.Popen(
            command,
            stdin=program_side,
            stdout=program_side,
            stderr=program_side,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
        )
        os.close(program_side)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._program.poll() is None:
            os.killpg(self._program.pid, signal.SIGKILL)
        self._program.wait()
        os.close(self._screen)

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._screen, keys)

    def wait_for(self, text: str) -> float:
        """The seconds from the start until `text` stands on the screen. Raises TimeoutError."""
        return self._seen(text) - self.started

    def repaint_with(self, key: bytes, text: str) -> float:
        """The seconds from a key to the end of the frame that shows `text`. Raises TimeoutError."""
        self.painted = b""
        pressed = time.perf_counter()
        self.type(key)
        return self._seen(text) - pressed

    def _seen(self, text: str) -> float:
        """When the frame was whole that shows `text`."""
        deadline = time.perf_counter() + PATIENCE_SECONDS
        while self._is_amid_a_frame or text.encode() not in _ESCAPES.sub(b"", self.painted):
            if not self._read(PATIENCE_SECONDS) or time.perf_counter() > deadline:
                shown = _ESCAPES.sub(b" ", self.painted).decode(errors="replace")
                raise TimeoutError(f"{text!r} was not painted, but {shown[-2_000:]!r}")
        return time.perf_counter()

    def settle(self) -> float:
        """Wait until whole frames are painted and nothing follows; returns when the last byte came."""
        last = time.perf_counter()
        while (came := self._read(QUIET_SECONDS)) or self._is_amid_a_frame:
            if came:
                last = time.perf_counter()
            elif self._program.poll() is not None:
                raise EOFError("the program ended in the middle of a frame")
        return last

    def repaint(self, key: bytes) -> float:
        """The seconds from a key to the last byte of all that it made the program paint."""
        self.painted = b""
        pressed = time.perf_counter()
        self.type(key)
        if not select.select([self._screen], [], [], PATIENCE_SECONDS)[0]:
            raise TimeoutError(f"{key!r} painted nothing")
        return self.settle() - pressed

    @property
    def _is_amid_a_frame(self) -> bool:
        return self.painted.count(_FRAME_BEGINS) > self.painted.count(_FRAME_ENDS)

    def _read(self, patience: float) -> bool:
        """Take what the program paints next, answering what it asks; False if nothing came in time."""
        if not select.select([self._screen], [], [], patience)[0]:
            return False
        try:
            painted = os.read(self._screen, 1 << 16)
        except OSError:
            return False
        if _ASKS_FOR_FRAMES in painted:
            os.write(self._screen, _HAS_FRAMES)
        self.painted += painted
        return bool(painted)
