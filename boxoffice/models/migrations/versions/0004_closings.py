"""Closings: cash carried in and out, shifts counted, and the figures of tills, days, months and years"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ALONE = {"resolve_fks": False}
"""How a table is looked at to be made again: those it refers to stay as they are, and take longer to read."""


def upgrade() -> None:
    op.create_table(
        "closing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "period",
            sa.Enum(
                "till",
                "day",
                "month",
                "year",
                name="closingperiod",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("till_id", sa.Integer(), nullable=True),
        sa.Column("made_at_till_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("first_operation", sa.Integer(), nullable=True),
        sa.Column("last_operation", sa.Integer(), nullable=True),
        sa.Column("first_ticket", sa.Integer(), nullable=True),
        sa.Column("last_ticket", sa.Integer(), nullable=True),
        sa.Column("first_shift", sa.Integer(), nullable=True),
        sa.Column("last_shift", sa.Integer(), nullable=True),
        sa.Column("first_movement", sa.Integer(), nullable=True),
        sa.Column("last_movement", sa.Integer(), nullable=True),
        sa.Column("first_entry", sa.Integer(), nullable=True),
        sa.Column("last_entry", sa.Integer(), nullable=True),
        sa.Column("period_cents", sa.BigInteger(), nullable=False),
        sa.Column("period_absolute_cents", sa.BigInteger(), nullable=False),
        sa.Column("perpetual_cents", sa.BigInteger(), nullable=False),
        sa.Column("perpetual_absolute_cents", sa.BigInteger(), nullable=False),
        sa.Column("figures", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint(
            "(period = 'till') = (till_id IS NOT NULL)", name=op.f("ck_closing_a_till_is_named")
        ),
        sa.CheckConstraint(
            "(till_id IS NULL) = (first_entry IS NULL) AND (till_id IS NULL) = (last_entry IS NULL)",
            name=op.f("ck_closing_entry_of_a_till"),
        ),
        sa.CheckConstraint(
            "(till_id IS NULL) = (first_movement IS NULL) AND (till_id IS NULL) = (last_movement IS NULL)",
            name=op.f("ck_closing_movement_of_a_till"),
        ),
        sa.CheckConstraint(
            "(till_id IS NULL) = (first_operation IS NULL) AND (till_id IS NULL) = (last_operation IS NULL)",
            name=op.f("ck_closing_operation_of_a_till"),
        ),
        sa.CheckConstraint(
            "(till_id IS NULL) = (first_shift IS NULL) AND (till_id IS NULL) = (last_shift IS NULL)",
            name=op.f("ck_closing_shift_of_a_till"),
        ),
        sa.CheckConstraint(
            "(till_id IS NULL) = (first_ticket IS NULL) AND (till_id IS NULL) = (last_ticket IS NULL)",
            name=op.f("ck_closing_ticket_of_a_till"),
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_closing_days_in_order")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_closing_numbered_from_one")),
        sa.ForeignKeyConstraint(["made_at_till_id"], ["till.id"], name=op.f("fk_closing_made_at_till_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_closing_operator_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_closing_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing")),
    )
    with op.batch_alter_table("closing", schema=None) as batch_op:
        batch_op.create_index(
            "uq_closing_first_day",
            ["period", "first_day"],
            unique=True,
            sqlite_where=sa.text("till_id IS NULL"),
            postgresql_where=sa.text("till_id IS NULL"),
        )
        batch_op.create_index(
            "uq_closing_last_day",
            ["period", "last_day"],
            unique=True,
            sqlite_where=sa.text("till_id IS NULL"),
            postgresql_where=sa.text("till_id IS NULL"),
        )
        batch_op.create_index(
            "uq_closing_number",
            ["period", "number"],
            unique=True,
            sqlite_where=sa.text("till_id IS NULL"),
            postgresql_where=sa.text("till_id IS NULL"),
        )
        batch_op.create_index(
            "uq_closing_of_till",
            ["till_id", "number"],
            unique=True,
            sqlite_where=sa.text("till_id IS NOT NULL"),
            postgresql_where=sa.text("till_id IS NOT NULL"),
        )

    op.create_table(
        "cashmovement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("till_session_id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("authorized_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "in", "out", "pickup", name="cashkind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("carrier", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("carrier <> ''", name=op.f("ck_cashmovement_carried_by_somebody")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_cashmovement_for_a_reason")),
        sa.CheckConstraint(
            "amount_cents BETWEEN 1 AND 100000000", name=op.f("ck_cashmovement_amount_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["authorized_by_id"], ["operator.id"], name=op.f("fk_cashmovement_authorized_by_id")
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_cashmovement_operator_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_cashmovement_till_id")),
        sa.ForeignKeyConstraint(
            ["till_session_id"], ["tillsession.id"], name=op.f("fk_cashmovement_till_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cashmovement")),
        sa.UniqueConstraint("till_id", "number", name=op.f("uq_cashmovement_till_id_number")),
    )
    with op.batch_alter_table("cashmovement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_cashmovement_till_session_id"), ["till_session_id"], unique=False
        )

    op.create_table(
        "shiftclosing",
        sa.Column("till_session_id", sa.Integer(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("authorized_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("deposit_cents", sa.Integer(), nullable=False),
        sa.Column("left_cents", sa.Integer(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "deposit_cents BETWEEN 0 AND 100000000", name=op.f("ck_shiftclosing_deposit_in_range")
        ),
        sa.CheckConstraint("left_cents BETWEEN 0 AND 100000000", name=op.f("ck_shiftclosing_left_in_range")),
        sa.ForeignKeyConstraint(
            ["authorized_by_id"], ["operator.id"], name=op.f("fk_shiftclosing_authorized_by_id")
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_shiftclosing_operator_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_shiftclosing_till_id")),
        sa.ForeignKeyConstraint(
            ["till_session_id"], ["tillsession.id"], name=op.f("fk_shiftclosing_till_session_id")
        ),
        sa.PrimaryKeyConstraint("till_session_id", name=op.f("pk_shiftclosing")),
        sa.UniqueConstraint("till_id", "number", name=op.f("uq_shiftclosing_till_id_number")),
    )
    op.create_table(
        "cashcount",
        sa.Column("till_session_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.CheckConstraint("pieces BETWEEN 1 AND 99999", name=op.f("ck_cashcount_pieces_in_range")),
        sa.CheckConstraint("value > 0", name=op.f("ck_cashcount_value_positive")),
        sa.ForeignKeyConstraint(
            ["till_session_id"], ["shiftclosing.till_session_id"], name=op.f("fk_cashcount_till_session_id")
        ),
        sa.PrimaryKeyConstraint("till_session_id", "value", name=op.f("pk_cashcount")),
    )
    op.create_table(
        "shiftcount",
        sa.Column("till_session_id", sa.Integer(), nullable=False),
        sa.Column("means", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("expected_cents", sa.Integer(), nullable=False),
        sa.Column("counted_cents", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "counted_cents BETWEEN 0 AND 100000000", name=op.f("ck_shiftcount_counted_in_range")
        ),
        sa.CheckConstraint(
            "expected_cents BETWEEN -100000000 AND 100000000", name=op.f("ck_shiftcount_expected_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["till_session_id"], ["shiftclosing.till_session_id"], name=op.f("fk_shiftcount_till_session_id")
        ),
        sa.PrimaryKeyConstraint("till_session_id", "means", name=op.f("pk_shiftcount")),
    )
    with op.batch_alter_table("journalentry", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(
            "ix_journalentry_event",
            ["till_id", "kind", "sequence"],
            unique=False,
            sqlite_where=sa.text("sale_id IS NULL"),
            postgresql_where=sa.text("sale_id IS NULL"),
        )

    with op.batch_alter_table("printjob", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.add_column(sa.Column("closing_id", sa.Uuid(), nullable=True))
        batch_op.create_index(
            "uq_printjob_closing", ["document", "closing_id", "position", "copy_number"], unique=True
        )
        batch_op.create_foreign_key(batch_op.f("fk_printjob_closing_id"), "closing", ["closing_id"], ["id"])
