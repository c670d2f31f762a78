"""A sale of three seats through the service, against its SQL."""

from collections.abc import Callable, Iterator
from functools import partial

from . import against_sql
from .measuring import Figure, Progress
from .stage import Stage


def measure(stage: Stage, engine: str, aim: float, *, sales: int, progress: Progress) -> list[Figure]:
    """How many times longer a sale takes than its SQL."""
    return against_sql.measure(stage, "checkout", engine, aim, _sales, times=sales, progress=progress)


def _sales(stage: Stage) -> Iterator[Callable[[], object]]:
    for order in stage.orders():
        yield partial(stage.sell, order)
