"""The program as a cashier has it, in a terminal: how soon it is there, and how soon each key is answered."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from boxoffice.config import Settings
from boxoffice.festival_sample import MANAGER

from .measuring import Figure, Progress, percentile_ms
from .terminal import Terminal

OURS = (sys.executable, "-c", "from boxoffice.cli import main; main()")
BARE = (sys.executable, "-m", "bench.bare")
IMPORTS = (
    sys.executable,
    "-c",
    "import boxoffice.cli.application, boxoffice.app, boxoffice.house, boxoffice.screens.counter",
)
LOG_IN_PAINTED, BARE_PAINTED, COUNTER_PAINTED = "BILLETTERIE", "BARE", "TOTAL"

UP, DOWN, RIGHT = b"\x1b[A", b"\x1b[B", b"\x1b[C"
PAGE_UP, PAGE_DOWN, ERASE = b"\x1b[5~", b"\x1b[6~", b"\x7f"
PAGES = 8
WORDS = ("auditorium", "jardin", "premier", "theatre", "vo")
DAYS = 12
"""More than a festival has: the last step to the right shows every day at once."""
ALL_DAYS_PAINTED = "Tous les jours"

FRAME_MS = 16.0


def measure_start(settings: Settings, *, times: int, progress: Progress) -> list[Figure]:
    """First paint against a bare Textual program; a counter that takes keys against its imports alone."""
    log_ins, bares, counters, importing = [], [], [], []
    for turn in range(times):
        with _program(settings) as terminal:
            log_ins.append(terminal.wait_for(LOG_IN_PAINTED))
            _log_in(terminal)
            counters.append(terminal.wait_for(COUNTER_PAINTED))
        with Terminal(BARE, {}) as terminal:
            bares.append(terminal.wait_for(BARE_PAINTED))
        started = time.perf_counter()
        subprocess.run(IMPORTS, check=True)
        importing.append(time.perf_counter() - started)
        progress("starting the counter", turn + 1, times)
    log_in, bare_paint, counter, imported = (
        statistics.median(seconds) * 1_000 for seconds in (log_ins, bares, counters, importing)
    )
    return [
        Figure(
            "log-in painted, against a bare Textual program",
            log_in / bare_paint,
            "×",
            1.2,
            note=f"{log_in:.0f} ms / {bare_paint:.0f} ms",
        ),
        Figure(
            "counter ready for keys, against its imports",
            counter / imported,
            "×",
            1.5,
            note=f"{counter:.0f} ms, PIN typed and verified / {imported:.0f} ms",
        ),
    ]


def measure_keys(settings: Settings, *, keys: int, progress: Progress) -> list[Figure]:
    """From a key to its repaint, with the whole festival in one list: walking, turning pages, filtering."""
    walks = {
        "walking the list": [DOWN] * (keys // 2) + [UP] * (keys // 2),
        "turning its pages": ([PAGE_DOWN] * PAGES + [PAGE_UP] * PAGES) * (keys // PAGES // 2),
        "filtering it": _letters(keys),
    }
    figures = []
    with logged_in(settings) as terminal, Terminal(BARE, {}) as bare:
        for _day in range(DAYS):
            terminal.type(RIGHT)
        terminal.wait_for(ALL_DAYS_PAINTED)
        terminal.settle()
        bare.wait_for(BARE_PAINTED)
        bare.settle()
        for what, pressed in walks.items():
            ours, theirs = [], []
            for turn, key in enumerate(pressed):
                ours.append(terminal.repaint(key))
                theirs.append(bare.repaint(b"ab"[turn % 2 : turn % 2 + 1]))
                progress(what, turn + 1, len(pressed))
            figures.append(
                Figure(
                    f"key to repaint, {what}, 95th percentile",
                    percentile_ms(ours, 95),
                    "ms",
                    FRAME_MS,
                    note=f"median {percentile_ms(ours, 50):.1f} ms; "
                    f"a bare Textual program {percentile_ms(theirs, 95):.1f} ms",
                )
            )
    return figures


@contextmanager
def logged_in(settings: Settings) -> Iterator[Terminal]:
    """The counter of a festival, ready for keys."""
    with _program(settings) as terminal:
        terminal.wait_for(LOG_IN_PAINTED)
        _log_in(terminal)
        terminal.wait_for(COUNTER_PAINTED)
        terminal.settle()
        yield terminal


def _letters(keys: int) -> list[bytes]:
    """Words of the festival typed letter by letter, each erased again."""
    typed = [
        key for word in WORDS for key in (*(letter.encode() for letter in word), *(ERASE for _letter in word))
    ]
    return [key for _again in range(keys // len(typed) + 1) for key in typed][:keys]


def _log_in(terminal: Terminal) -> None:
    terminal.type(f"{MANAGER.pin}\r".encode())


def _program(settings: Settings) -> Terminal:
    return Terminal(
        OURS,
        {
            "BOXOFFICE_DATA_FOLDER": str(settings.data_folder),
            "BOXOFFICE_DATABASE_URL": settings.database_url,
            "BOXOFFICE_LANGUAGE": "fr",
        },
    )
