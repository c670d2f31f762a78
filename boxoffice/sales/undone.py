"""Whether what was sold still stands: a line that is undone stays as it is, and another points at it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists

from boxoffice.models import CreditAnswer, CreditRequest, SaleLine, table

_undoing = table(SaleLine).alias("undoing")
_request, _answer = table(CreditRequest), table(CreditAnswer)


def undone(sale_id: ColumnElement[Any] | UUID, position: ColumnElement[Any] | int) -> ColumnElement[bool]:
    """Whether the books hold a reversal of this line, and its ticket is dead."""
    return exists().where(_undoing.c.reverses_sale_id == sale_id, _undoing.c.reverses_position == position)


def waits_for_credit(
    sale_id: ColumnElement[Any] | UUID, position: ColumnElement[Any] | int
) -> ColumnElement[bool]:
    """Whether the ticket of this line is asked to become a credit note, and nobody has answered yet."""
    answered = exists().where(_answer.c.request_id == _request.c.id)
    return exists().where(_request.c.sale_id == sale_id, _request.c.position == position, ~answered)
