"""Passes, customers, bookings and reservations"""

from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ALONE = {"resolve_fks": False}
"""How a table is looked at to be made again: those it refers to stay as they are, and take longer to read."""


def upgrade() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("surname", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("first_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("organisation", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("postcode", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("town", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("country", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("search", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("erased_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["merged_into_id"], ["customer.id"], name=op.f("fk_customer_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_email"), ["email"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_customer_merged_into_id"),
            ["merged_into_id"],
            unique=False,
            sqlite_where=sa.text("merged_into_id IS NOT NULL"),
            postgresql_where=sa.text("merged_into_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_customer_search"), ["search"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "passproduct",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "pass", "accreditation", name="passkind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("places_per_screening", sa.Integer(), nullable=True),
        sa.Column("places_per_day", sa.Integer(), nullable=True),
        sa.Column("place_tariff", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("companion_tariff", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("companions", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("proof", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint("companions >= 0", name=op.f("ck_passproduct_companions_not_negative")),
        sa.CheckConstraint("places > 0", name=op.f("ck_passproduct_places_positive")),
        sa.CheckConstraint("places_per_day > 0", name=op.f("ck_passproduct_places_per_day_positive")),
        sa.CheckConstraint(
            "places_per_screening > 0", name=op.f("ck_passproduct_places_per_screening_positive")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_passproduct_product_id")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_passproduct")),
    )
    op.create_table(
        "printbatch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ordered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_printbatch_operator_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_printbatch_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printbatch")),
    )
    with op.batch_alter_table("printbatch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printbatch_till_id"), ["till_id"], unique=False)

    op.create_table(
        "reservation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "counter",
                "imported",
                name="reservationsource",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_reservation_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
        sa.UniqueConstraint("code", name=op.f("uq_reservation_code")),
        sa.UniqueConstraint("reference", name=op.f("uq_reservation_reference")),
    )
    with op.batch_alter_table("reservation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reservation_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "pass",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "counter", "online", name="passsource", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "blocked",
                "cancelled",
                name="passstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("issued_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("used <= places", name=op.f("ck_pass_within_places")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_pass_used_not_negative")),
        sa.ForeignKeyConstraint(["holder_id"], ["customer.id"], name=op.f("fk_pass_holder_id")),
        sa.ForeignKeyConstraint(["product_id"], ["passproduct.product_id"], name=op.f("fk_pass_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass")),
        sa.UniqueConstraint("code", name=op.f("uq_pass_code")),
        sa.UniqueConstraint("number", name=op.f("uq_pass_number")),
    )
    with op.batch_alter_table("pass", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pass_holder_id"), ["holder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pass_product_id"), ["product_id"], unique=False)

    op.create_table(
        "booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pass_id", sa.Uuid(), nullable=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("tariff_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("quota", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("authorized_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authorized_by_id"], ["operator.id"], name=op.f("fk_booking_authorized_by_id")
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_booking_operator_id")),
        sa.ForeignKeyConstraint(["pass_id"], ["pass.id"], name=op.f("fk_booking_pass_id")),
        sa.ForeignKeyConstraint(["screening_id"], ["screening.id"], name=op.f("fk_booking_screening_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_booking_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index("ix_booking_pass_screening", ["pass_id", "screening_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_screening_id"), ["screening_id"], unique=False)

    op.create_table(
        "formerpasscode",
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("pass_id", sa.Uuid(), nullable=False),
        sa.Column("replaced_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["pass_id"], ["pass.id"], name=op.f("fk_formerpasscode_pass_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_formerpasscode")),
    )
    with op.batch_alter_table("formerpasscode", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_formerpasscode_pass_id"), ["pass_id"], unique=False)

    op.create_table(
        "bookingend",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "cancelled",
                "swapped",
                "screening_changed",
                name="bookingendkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("authorized_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("swapped_for_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["authorized_by_id"], ["operator.id"], name=op.f("fk_bookingend_authorized_by_id")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_bookingend_booking_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_bookingend_operator_id")),
        sa.ForeignKeyConstraint(
            ["swapped_for_id"], ["booking.id"], name=op.f("fk_bookingend_swapped_for_id")
        ),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_bookingend_till_id")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_bookingend")),
    )
    op.create_table(
        "bookingscan",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("door", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_bookingscan_booking_id")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_bookingscan")),
    )
    op.create_table(
        "reservedseat",
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("tariff_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("quota", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "held",
                "collected",
                "expired",
                "cancelled",
                name="reservedseatstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=True),
        sa.Column("sale_position", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'collected') = (sale_id IS NOT NULL)", name=op.f("ck_reservedseat_collected_by_a_sale")
        ),
        sa.CheckConstraint(
            "(sale_id IS NULL) = (sale_position IS NULL)", name=op.f("ck_reservedseat_collected_by_a_line")
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservation.id"], name=op.f("fk_reservedseat_reservation_id")
        ),
        sa.ForeignKeyConstraint(
            ["sale_id", "sale_position"],
            ["saleline.sale_id", "saleline.position"],
            name=op.f("fk_reservedseat_sale_id_sale_position"),
        ),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["screening.id"], name=op.f("fk_reservedseat_screening_id")
        ),
        sa.PrimaryKeyConstraint("reservation_id", "position", name=op.f("pk_reservedseat")),
    )
    with op.batch_alter_table("reservedseat", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reservedseat_expiring",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )
        batch_op.create_index(batch_op.f("ix_reservedseat_screening_id"), ["screening_id"], unique=False)

    op.create_table(
        "screeningchange",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "cancelled",
                "moved",
                name="screeningchangekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("told_starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("told_place", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("bookings", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("authorized_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authorized_by_id"], ["operator.id"], name=op.f("fk_screeningchange_authorized_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("fk_screeningchange_operator_id")
        ),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["screening.id"], name=op.f("fk_screeningchange_screening_id")
        ),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_screeningchange_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screeningchange")),
        sa.UniqueConstraint("number", name=op.f("uq_screeningchange_number")),
    )
    with op.batch_alter_table("screeningchange", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_screeningchange_screening_id"), ["screening_id"], unique=False)

    op.add_column("numbering", sa.Column("passes", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("numbering", reflect_kwargs=ALONE) as batch_op:
        batch_op.alter_column("passes", server_default=None)
    op.add_column("screening", sa.Column("cancelling_ends_minutes", sa.Integer()))
    op.add_column("screening", sa.Column("reservation_expires_minutes", sa.Integer()))
    op.add_column(
        "printer", sa.Column("badge_landscape", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    with op.batch_alter_table("printer", reflect_kwargs=ALONE) as batch_op:
        batch_op.alter_column("badge_landscape", server_default=None)
    _refer("printjob", {"pass_id": "pass", "batch_id": "printbatch"})
    _refer("printjob", {"operator_id": "operator"}, sa.Integer())
    op.create_index(op.f("ix_printjob_batch_id"), "printjob", ["batch_id"])
    op.create_index(
        "uq_printjob_pass", "printjob", ["document", "pass_id", "position", "copy_number"], unique=True
    )
    _refer("sale", {"customer_id": "customer"})
    op.create_index(op.f("ix_sale_customer_id"), "sale", ["customer_id"])
    _refer("saleline", {"pass_id": "pass"})
    op.create_index(op.f("ix_saleline_pass_id"), "saleline", ["pass_id"])


def _refer(table: str, references: dict[str, str], type_: sa.types.TypeEngine[Any] | None = None) -> None:
    """Give a table columns that hold the id of a row of another table, or nothing."""
    with op.batch_alter_table(table, reflect_kwargs=ALONE) as batch_op:
        for column, other in references.items():
            batch_op.add_column(sa.Column(column, type_ or sa.Uuid()))
            batch_op.create_foreign_key(op.f(f"fk_{table}_{column}"), other, [column], ["id"])
