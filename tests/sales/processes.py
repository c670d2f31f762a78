"""Counters as processes of their own, as they are in real life."""

import os
import pickle
import traceback
from collections.abc import Callable, Sequence
from typing import TypeVar

Result = TypeVar("Result")


def fork(work: Callable[[], None]) -> int:
    """Do `work` in a child, that has everything imported already; returns the child's id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def in_processes(works: Sequence[Callable[[], Result]]) -> list[Result]:
    """Do each work in a child of its own, all at the same time; their results in order."""
    running = []
    for work in works:
        reading, writing = os.pipe()

        def report(work: Callable[[], Result] = work, writing: int = writing) -> None:
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(work(), pipe)

        running.append((fork(report), reading))
        os.close(writing)
    results = []
    for child, reading in running:
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        assert os.waitpid(child, 0)[1] == 0
        results.append(pickle.loads(told))
    return results
