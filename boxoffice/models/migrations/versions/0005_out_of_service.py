"""Tills, venues, halls, price lists and events out of service; closings know the entry that tells of them"""

import json
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ALONE = {"resolve_fks": False}
"""How a table is looked at to be made again: those it refers to stay as they are, and take longer to read."""


def upgrade() -> None:
    for table in ("till", "venue", "hall", "pricelist", "event"):
        op.add_column(table, sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
        with op.batch_alter_table(table, reflect_kwargs=ALONE) as batch_op:
            batch_op.alter_column("active", server_default=None)
    op.add_column("closing", sa.Column("entry", sa.Integer()))
    _number_entries()


def _number_entries() -> None:
    """Give each closing the number of the entry that tells of it; none where the journal does not."""
    closing = sa.table(
        "closing", sa.column("id", sa.Uuid()), sa.column("made_at_till_id"), sa.column("entry")
    )
    entries = sa.table("journalentry", *map(sa.column, ("till_id", "sequence", "kind", "content")))
    connection = op.get_bind()
    told = sa.select(entries.c.till_id, entries.c.sequence, entries.c.content)
    for till_id, sequence, content in connection.execute(told.where(entries.c.kind == "closing.made")):
        try:
            closing_id = UUID(json.loads(content)["closing"]["id"])
        except (ValueError, LookupError, TypeError, AttributeError):
            continue
        of_it = (closing.c.id == closing_id) & (closing.c.made_at_till_id == till_id)
        connection.execute(closing.update().where(of_it).values(entry=sequence))
