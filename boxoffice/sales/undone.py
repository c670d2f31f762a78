"""Whether what was sold still stands: a line that is undone stays as it is, and another points at it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists

from boxoffice.models import CreditAnswer, CreditRequest, Sale, SaleLine, table

_undoing = table(SaleLine).alias("undoing")
_instead = table(Sale).alias("instead")
_request, _answer = table(CreditRequest), table(CreditAnswer)
_later = table(CreditRequest).alias("later")


def undone(sale_id: ColumnElement[Any] | UUID, position: ColumnElement[Any] | int) -> ColumnElement[bool]:
    """Whether the books hold a reversal of this line, and its ticket is dead."""
    return exists().where(_undoing.c.reverses_sale_id == sale_id, _undoing.c.reverses_position == position)


def waits_for_credit(
    sale_id: ColumnElement[Any] | UUID, position: ColumnElement[Any] | int
) -> ColumnElement[bool]:
    """Whether the ticket of this line is asked to become a credit note, and nobody has answered yet."""
    answered = exists().where(_answer.c.request_id == _request.c.id)
    return exists().where(_request.c.sale_id == sale_id, _request.c.position == position, ~answered)


def exchanged(sale_id: ColumnElement[Any] | UUID, position: ColumnElement[Any] | int) -> ColumnElement[bool]:
    """Whether the seat of this line was given back for others."""
    return exists().where(
        _undoing.c.reverses_sale_id == sale_id,
        _undoing.c.reverses_position == position,
        _instead.c.exchanges_sale_id == _undoing.c.sale_id,
    )


def last_request(
    sale_id: ColumnElement[Any] | UUID, position: ColumnElement[Any] | int
) -> ColumnElement[bool]:
    """Whether a row of `creditrequest` is the last request for the seat of this line."""
    after = exists().where(
        _later.c.sale_id == _request.c.sale_id,
        _later.c.position == _request.c.position,
        _later.c.attempt > _request.c.attempt,
    )
    return and_(_request.c.sale_id == sale_id, _request.c.position == position, ~after)
