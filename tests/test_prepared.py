"""Statements handed to the driver as they are read, write and fail as they do through SQLAlchemy."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session
from sqlmodel.sql.sqltypes import AutoString

from boxoffice.database import Database
from boxoffice.kinds import SaleKind
from boxoffice.models import Sale, table
from boxoffice.models.base import words
from boxoffice.prepared import Prepared, one_of
from tests.test_database import on_postgresql

_MOMENT = table(Sale).c.at.type

_trial = sa.Table(
    "trial",
    sa.MetaData(),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", words(SaleKind), nullable=False),
    sa.Column("at", _MOMENT, nullable=True),
    sa.Column("day", sa.Date, nullable=True),
    sa.Column("label", AutoString, nullable=False),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("count", sa.Integer, sa.CheckConstraint("count < 10"), nullable=False),
)
_INSERT = Prepared(sa.insert(_trial))
_READ = sa.select(_trial).order_by(_trial.c.count)
_COUNT = Prepared(
    sa.update(_trial)
    .where(_trial.c.id == sa.bindparam("which"), _trial.c.kind == SaleKind.SALE)
    .values(count=_trial.c.count + sa.bindparam("more"))
)
_DRAW = Prepared(
    sa.update(_trial)
    .values(count=_trial.c.count + 1, at=sa.bindparam("now"))
    .returning(_trial.c.count, _trial.c.at)
)


def row(count: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "kind": SaleKind.SALE,
        "at": datetime(2026, 1, 21, 18, 42, 5, 123456, tzinfo=UTC),
        "day": date(2026, 1, 21),
        "label": "l'été à 100 % :ici",
        "open": True,
        "count": count,
        **changes,
    }


@pytest.fixture
def trial(database: Database) -> Iterator[Database]:
    """A table of every type of column that is in use."""
    _trial.create(database.write_engine)
    yield database
    _trial.drop(database.write_engine)


def kept(database: Database) -> list[dict[str, Any]]:
    """The rows as SQLAlchemy reads them."""
    with database.read() as session:
        return [dict(each) for each in session.connection().execute(_READ).mappings()]


def test_rows_are_written_and_read_as_by_sqlalchemy(trial: Database) -> None:
    one, other = row(1), row(2, kind=SaleKind.REVERSAL, at=None, day=None, open=False)
    with trial.write() as session:
        _INSERT.insert(session, [one])
        _INSERT.insert(session, [other, row(3)])
    assert kept(trial)[:2] == [one, other]
    with trial.read() as session:
        assert Prepared(_READ).all(session, {}) == kept(trial)
        assert Prepared(_READ).first(session, {}) == one
        nothing = _READ.where(_trial.c.id == sa.bindparam("which"))
        assert Prepared(nothing).first(session, {"which": UUID(int=0)}) is None
        assert Prepared(nothing).rows(session, {"which": UUID(int=0)}) == []


def test_values_go_by_name_or_place_as_in_rows_of_sqlalchemy(trial: Database) -> None:
    with trial.write() as session:
        _INSERT.insert(session, [row(1), row(2, at=None, day=None, open=False)])
    with trial.read() as session:
        rows = Prepared(_READ).rows(session)
        assert rows == session.connection().execute(_READ).all()
        assert [(each.count, each.at, each[5]) for each in rows] == [
            (1, row(1)["at"], True),
            (2, None, False),
        ]


def test_many_rows_come_some_at_a_time_while_others_are_asked(
    trial: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boxoffice.prepared._AT_ONCE", 2)
    with trial.write() as session:
        _INSERT.insert(session, [row(count) for count in range(5)])
    counts = Prepared(sa.select(_trial.c.count).order_by(_trial.c.count))
    with trial.read() as session:
        coming = counts.stream(session)
        assert next(coming) == [(0,), (1,)]
        assert len(counts.stored(session)) == 5
        assert [*coming] == [[(2,), (3,)], [(4,)]]
        left = counts.stream(session)
        next(left)
        left.close()
        assert next(counts.stream(session)) == [(0,), (1,)]


def test_a_list_of_values_that_is_known_can_be_prepared(trial: Database) -> None:
    with trial.write() as session:
        _INSERT.insert(session, [row(1), row(2, kind=SaleKind.REVERSAL), row(3, kind=SaleKind.CREDIT_NOTE)])
    given_back = one_of(_trial.c.kind, (SaleKind.REVERSAL, SaleKind.CREDIT_NOTE))
    with trial.read() as session:
        assert [each.count for each in Prepared(_READ.where(given_back)).rows(session)] == [2, 3]


def test_a_change_tells_how_many_rows_it_changed(trial: Database) -> None:
    sale, reversal = row(1), row(2, kind=SaleKind.REVERSAL)
    with trial.write() as session:
        _INSERT.insert(session, [sale, reversal])
        assert _COUNT.change(session, {"which": sale["id"], "more": 4}) == 1
        assert _COUNT.change(session, {"which": reversal["id"], "more": 4}) == 0
    assert [each["count"] for each in kept(trial)] == [2, 5]


def test_a_change_tells_what_it_came_to(trial: Database) -> None:
    now = datetime(2026, 1, 22, tzinfo=UTC)
    with trial.write() as session:
        _INSERT.insert(session, [row(1)])
        assert _DRAW.all(session, {"now": now}) == [{"count": 2, "at": now}]


def test_a_broken_rule_is_told_as_by_sqlalchemy_and_undoes_the_transaction(trial: Database) -> None:
    sale = row(9)
    with trial.write() as session:
        _INSERT.insert(session, [sale])

    def add_and_count(session: Session) -> None:
        _INSERT.insert(session, [row(1)])
        _COUNT.change(session, {"which": sale["id"], "more": 1})

    with pytest.raises(IntegrityError, match="count"), trial.write() as session:
        add_and_count(session)
    with pytest.raises(IntegrityError), trial.write() as session:
        _INSERT.insert(session, [row(1), sale])
    assert kept(trial) == [sale]


def test_a_mistake_in_a_statement_is_told_without_what_was_sent(trial: Database) -> None:
    missing = sa.Table("gone", sa.MetaData(), sa.Column("code", sa.String))
    asked = Prepared(sa.select(missing).where(missing.c.code == sa.bindparam("code")))
    with pytest.raises(DBAPIError) as raised, trial.read() as session:
        asked.first(session, {"code": "TSECRET"})
    assert not raised.value.connection_invalidated
    assert "TSECRET" not in str(raised.value)


@on_postgresql
def test_a_connection_that_was_cut_is_told_and_not_used_again(trial: Database) -> None:
    def write_on_a_cut_line(session: Session) -> None:
        backend = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar()
        with trial.write_engine.connect() as other:
            assert other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": backend}).scalar()
        _INSERT.insert(session, [row(1)])

    with pytest.raises(DBAPIError) as raised, trial.write() as session:
        write_on_a_cut_line(session)
    assert raised.value.connection_invalidated
    assert kept(trial) == []


def test_a_text_that_is_another_each_time_cannot_be_prepared(trial: Database) -> None:
    listed = Prepared(_READ.where(_trial.c.id.in_(sa.bindparam("ids", expanding=True))))
    with pytest.raises(ValueError, match="same text"), trial.read() as session:
        listed.all(session, {"ids": [UUID(int=1)]})
