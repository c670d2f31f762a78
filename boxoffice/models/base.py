"""What the tables share: names for every constraint, and enumerations stored as checked words."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Enum, MetaData, Table
from sqlmodel import SQLModel

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def words(kind: type[StrEnum]) -> Any:
    """A column type that stores the values of `kind` as text, refused by the database when unknown."""
    return Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        name=kind.__name__.lower(),
        length=32,
    )


def table(model: type[SQLModel]) -> Table:
    """The table of a model, for statements that skip the unit of work."""
    return metadata.tables[str(model.__tablename__)]
