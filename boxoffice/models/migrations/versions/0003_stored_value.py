"""Gift cards, balances, place cards, points, promo codes and credit notes"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ALONE = {"resolve_fks": False}
"""How a table is looked at to be made again: those it refers to stay as they are, and take longer to read."""


def upgrade() -> None:
    op.create_table(
        "promobatch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "effect",
            sa.Enum(
                "opens_tariff",
                "percentage_off",
                "amount_off",
                name="promoeffect",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("tariff_code", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("percentage", sa.Integer(), nullable=True),
        sa.Column("amount_cents", sa.Integer(), nullable=True),
        sa.Column("screenings", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sections", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("screenings_from", sa.Date(), nullable=True),
        sa.Column("screenings_until", sa.Date(), nullable=True),
        sa.Column("seats_per_use", sa.Integer(), nullable=True),
        sa.Column("needs_paid_seat", sa.Boolean(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(effect = 'amount_off') = (amount_cents IS NOT NULL)", name=op.f("ck_promobatch_takes_an_amount")
        ),
        sa.CheckConstraint(
            "(effect = 'opens_tariff') = (tariff_code IS NOT NULL)", name=op.f("ck_promobatch_opens_a_tariff")
        ),
        sa.CheckConstraint(
            "(effect = 'percentage_off') = (percentage IS NOT NULL)", name=op.f("ck_promobatch_takes_a_part")
        ),
        sa.CheckConstraint("amount_cents BETWEEN 1 AND 1000000", name=op.f("ck_promobatch_amount_in_range")),
        sa.CheckConstraint(
            "percentage BETWEEN 1 AND 10000", name=op.f("ck_promobatch_percentage_in_basis_points")
        ),
        sa.CheckConstraint("seats_per_use > 0", name=op.f("ck_promobatch_seats_per_use_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promobatch")),
    )
    op.create_table(
        "codetries",
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("early", sa.Integer(), nullable=False),
        sa.Column("locked_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_codetries_till_id")),
        sa.PrimaryKeyConstraint("till_id", name=op.f("pk_codetries")),
    )
    op.create_table(
        "giftproduct",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "single", "multi", name="voucherpurpose", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("least_cents", sa.Integer(), nullable=False),
        sa.Column("most_cents", sa.Integer(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "0 < least_cents AND least_cents <= most_cents AND most_cents <= 1000000",
            name=op.f("ck_giftproduct_amounts_in_range"),
        ),
        sa.CheckConstraint("valid_days > 0", name=op.f("ck_giftproduct_valid_days_positive")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_giftproduct_product_id")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_giftproduct")),
    )
    op.create_table(
        "placecardkind",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("vat_rate", sa.Integer(), nullable=False),
        sa.Column("nominative", sa.Boolean(), nullable=False),
        sa.Column("includes_supplement", sa.Boolean(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("birthday", sa.Boolean(), nullable=False),
        sa.Column("weekdays", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sections", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("price_lists", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("places > 0", name=op.f("ck_placecardkind_places_positive")),
        sa.CheckConstraint("points > 0", name=op.f("ck_placecardkind_points_positive")),
        sa.CheckConstraint("valid_days > 0", name=op.f("ck_placecardkind_valid_days_positive")),
        sa.CheckConstraint(
            "vat_rate BETWEEN 0 AND 9999", name=op.f("ck_placecardkind_vat_rate_in_basis_points")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_placecardkind_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placecardkind")),
        sa.UniqueConstraint("code", name=op.f("uq_placecardkind_code")),
        sa.UniqueConstraint("product_id", name=op.f("uq_placecardkind_product_id")),
    )
    op.create_table(
        "storedvalue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "gift_card",
                "balance",
                "place_card",
                "points",
                "promo_code",
                name="storedvaluekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("movements", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "blocked",
                "cancelled",
                name="storedvaluestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("issued_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "NOT (kind IN ('balance', 'points')) OR customer_id IS NOT NULL",
            name=op.f("ck_storedvalue_account_of_somebody"),
        ),
        sa.CheckConstraint("amount BETWEEN 0 AND 100000000", name=op.f("ck_storedvalue_amount_in_range")),
        sa.CheckConstraint("movements >= 0", name=op.f("ck_storedvalue_movements_not_negative")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_storedvalue_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storedvalue")),
    )
    with op.batch_alter_table("storedvalue", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_storedvalue_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            "ix_storedvalue_expiring",
            ["valid_until"],
            unique=False,
            sqlite_where=sa.text("amount > 0"),
            postgresql_where=sa.text("amount > 0"),
        )
        batch_op.create_index(
            "uq_storedvalue_account",
            ["customer_id", "kind"],
            unique=True,
            sqlite_where=sa.text("kind IN ('balance', 'points')"),
            postgresql_where=sa.text("kind IN ('balance', 'points')"),
        )

    op.create_table(
        "formervaluecode",
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value_id", sa.Uuid(), nullable=False),
        sa.Column("replaced_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["value_id"], ["storedvalue.id"], name=op.f("fk_formervaluecode_value_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_formervaluecode")),
    )
    with op.batch_alter_table("formervaluecode", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_formervaluecode_value_id"), ["value_id"], unique=False)

    op.create_table(
        "promocode",
        sa.Column("value_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["promobatch.id"], name=op.f("fk_promocode_batch_id")),
        sa.ForeignKeyConstraint(["value_id"], ["storedvalue.id"], name=op.f("fk_promocode_value_id")),
        sa.PrimaryKeyConstraint("value_id", name=op.f("pk_promocode")),
        sa.UniqueConstraint("code", name=op.f("uq_promocode_code")),
    )
    with op.batch_alter_table("promocode", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_promocode_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "creditnote",
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_creditnote_sale_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_creditnote_till_id")),
        sa.PrimaryKeyConstraint("sale_id", name=op.f("pk_creditnote")),
        sa.UniqueConstraint("till_id", "number", name=op.f("uq_creditnote_till_id_number")),
    )
    op.create_table(
        "valuemovement",
        sa.Column("value_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "issued",
                "taken_back",
                "used",
                "given_back",
                "credited",
                "earned",
                "rewarded",
                "expired",
                "corrected",
                "merged",
                name="movementkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("left_after", sa.Integer(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("authorized_by_id", sa.Integer(), nullable=True),
        sa.Column("sale_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_valuemovement_of_something")),
        sa.CheckConstraint("left_after >= 0", name=op.f("ck_valuemovement_never_below_zero")),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_valuemovement_numbered_from_one")),
        sa.ForeignKeyConstraint(
            ["authorized_by_id"], ["operator.id"], name=op.f("fk_valuemovement_authorized_by_id")
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_valuemovement_operator_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_valuemovement_sale_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_valuemovement_till_id")),
        sa.ForeignKeyConstraint(["value_id"], ["storedvalue.id"], name=op.f("fk_valuemovement_value_id")),
        sa.PrimaryKeyConstraint("value_id", "sequence", name=op.f("pk_valuemovement")),
    )
    with op.batch_alter_table("valuemovement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_valuemovement_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_valuemovement_sale_id"), ["sale_id"], unique=False)

    op.create_table(
        "giftcard",
        sa.Column("value_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("typed_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("vat_rate", sa.Integer(), nullable=True),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("sale_position", sa.Integer(), nullable=False),
        sa.CheckConstraint("vat_rate BETWEEN 0 AND 9999", name=op.f("ck_giftcard_vat_rate_in_basis_points")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["giftproduct.product_id"], name=op.f("fk_giftcard_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["sale_id", "sale_position"],
            ["saleline.sale_id", "saleline.position"],
            name=op.f("fk_giftcard_sale_id_sale_position"),
        ),
        sa.ForeignKeyConstraint(["value_id"], ["storedvalue.id"], name=op.f("fk_giftcard_value_id")),
        sa.PrimaryKeyConstraint("value_id", name=op.f("pk_giftcard")),
        sa.UniqueConstraint("code", name=op.f("uq_giftcard_code")),
        sa.UniqueConstraint("typed_code", name=op.f("uq_giftcard_typed_code")),
    )
    with op.batch_alter_table("giftcard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_giftcard_product_id"), ["product_id"], unique=False)

    op.create_table(
        "placecard",
        sa.Column("value_id", sa.Uuid(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "counter",
                "given",
                "elsewhere",
                name="cardsource",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sale_id", sa.Uuid(), nullable=True),
        sa.Column("sale_position", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(sale_id IS NULL) = (sale_position IS NULL)", name=op.f("ck_placecard_sold_by_a_line")
        ),
        sa.ForeignKeyConstraint(["kind_id"], ["placecardkind.id"], name=op.f("fk_placecard_kind_id")),
        sa.ForeignKeyConstraint(
            ["sale_id", "sale_position"],
            ["saleline.sale_id", "saleline.position"],
            name=op.f("fk_placecard_sale_id_sale_position"),
        ),
        sa.ForeignKeyConstraint(["value_id"], ["storedvalue.id"], name=op.f("fk_placecard_value_id")),
        sa.PrimaryKeyConstraint("value_id", name=op.f("pk_placecard")),
        sa.UniqueConstraint("code", name=op.f("uq_placecard_code")),
        sa.UniqueConstraint("number", name=op.f("uq_placecard_number")),
    )
    with op.batch_alter_table("placecard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placecard_kind_id"), ["kind_id"], unique=False)

    op.create_table(
        "creditrequest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "counter",
                "online",
                name="creditrequestsource",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("paid_cents", sa.Integer(), nullable=False),
        sa.Column("credited_cents", sa.Integer(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= credited_cents AND credited_cents <= paid_cents AND paid_cents <= 1000000",
            name=op.f("ck_creditrequest_no_more_than_paid"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_creditrequest_customer_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_creditrequest_operator_id")),
        sa.ForeignKeyConstraint(
            ["sale_id", "position"],
            ["ticket.sale_id", "ticket.position"],
            name=op.f("fk_creditrequest_sale_id_position"),
        ),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_creditrequest_till_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditrequest")),
        sa.UniqueConstraint(
            "sale_id", "position", "attempt", name=op.f("uq_creditrequest_sale_id_position_attempt")
        ),
    )
    with op.batch_alter_table("creditrequest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_creditrequest_asked_at"), ["asked_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_creditrequest_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "giftmessage",
        sa.Column("value_id", sa.Uuid(), nullable=False),
        sa.Column("giver", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recipient", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("message", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["value_id"], ["giftcard.value_id"], name=op.f("fk_giftmessage_value_id")),
        sa.PrimaryKeyConstraint("value_id", name=op.f("pk_giftmessage")),
    )
    op.create_table(
        "placecardholder",
        sa.Column("value_id", sa.Uuid(), nullable=False),
        sa.Column("surname", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["value_id"], ["placecard.value_id"], name=op.f("fk_placecardholder_value_id")
        ),
        sa.PrimaryKeyConstraint("value_id", name=op.f("pk_placecardholder")),
    )
    op.create_table(
        "creditanswer",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("authorized_by_id", sa.Integer(), nullable=True),
        sa.Column("sale_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("accepted OR reason <> ''", name=op.f("ck_creditanswer_refused_for_a_reason")),
        sa.CheckConstraint(
            "accepted = (sale_id IS NOT NULL)", name=op.f("ck_creditanswer_accepted_by_a_credit_note")
        ),
        sa.ForeignKeyConstraint(
            ["authorized_by_id"], ["operator.id"], name=op.f("fk_creditanswer_authorized_by_id")
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_creditanswer_operator_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["creditrequest.id"], name=op.f("fk_creditanswer_request_id")
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_creditanswer_sale_id")),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_creditanswer_till_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_creditanswer")),
    )
    with op.batch_alter_table("creditanswer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_creditanswer_sale_id"), ["sale_id"], unique=False)

    _count("numbering", "credit_notes")
    _count("pricelist", "supplement_cents")
    with op.batch_alter_table("pricelist", reflect_kwargs=ALONE) as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_pricelist_supplement_in_range"), "supplement_cents BETWEEN 0 AND 1000000"
        )
    _refer("printjob", "value_id", "storedvalue")
    op.create_index(
        "uq_printjob_value", "printjob", ["document", "value_id", "position", "copy_number"], unique=True
    )
    _refer("payment", "value_id", "storedvalue")
    op.create_index(op.f("ix_payment_value_id"), "payment", ["value_id"])
    with op.batch_alter_table("payment", reflect_kwargs=ALONE) as batch_op:
        batch_op.add_column(sa.Column("vat_rate", sa.Integer()))
        batch_op.add_column(sa.Column("covers", sa.Integer()))
        batch_op.create_check_constraint(
            op.f("ck_payment_value_is_named"),
            "(means IN ('gift_card', 'balance', 'place_card')) = (value_id IS NOT NULL)",
        )
        batch_op.create_check_constraint(
            op.f("ck_payment_a_place_covers_a_line"), "(means = 'place_card') = (covers IS NOT NULL)"
        )
        batch_op.create_check_constraint(
            op.f("ck_payment_vat_rate_in_basis_points"), "vat_rate BETWEEN 0 AND 9999"
        )
    with op.batch_alter_table("sale", reflect_kwargs=ALONE) as batch_op:
        batch_op.add_column(sa.Column("exchanges_sale_id", sa.Uuid()))
        batch_op.create_unique_constraint(op.f("uq_sale_exchanges_sale_id"), ["exchanges_sale_id"])
        batch_op.create_foreign_key(op.f("fk_sale_exchanges_sale_id"), "sale", ["exchanges_sale_id"], ["id"])
        batch_op.drop_constraint(op.f("ck_sale_salekind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_sale_salekind"), "kind IN ('sale', 'reversal', 'credit_note')"
        )
        batch_op.drop_constraint(op.f("ck_sale_only_a_reversal_reverses"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_sale_a_sale_reverses_none"), "(kind <> 'sale') = (reverses_sale_id IS NOT NULL)"
        )
        batch_op.create_check_constraint(
            op.f("ck_sale_only_a_sale_exchanges"), "kind = 'sale' OR exchanges_sale_id IS NULL"
        )
    _refer("saleline", "value_id", "storedvalue")
    _refer("saleline", "promo_code_id", "storedvalue")
    op.create_index(op.f("ix_saleline_value_id"), "saleline", ["value_id"])
    op.create_index(op.f("ix_saleline_promo_code_id"), "saleline", ["promo_code_id"])
    _count("saleline", "discount_cents")
    with op.batch_alter_table("saleline", reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_constraint(op.f("ck_saleline_linekind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_saleline_linekind"), "kind IN ('ticket', 'product', 'voucher', 'fee')"
        )
        batch_op.drop_constraint(op.f("ck_saleline_a_product_is_named"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_saleline_a_product_is_named"),
            "(kind IN ('product', 'voucher')) = (product_id IS NOT NULL)",
        )
        batch_op.create_check_constraint(
            op.f("ck_saleline_discount_by_a_code"),
            "discount_cents BETWEEN 0 AND 1000000 AND (discount_cents = 0 OR promo_code_id IS NOT NULL)",
        )


def _count(table: str, column: str) -> None:
    """Give a table a column of whole numbers, 0 in the rows that are there."""
    op.add_column(table, sa.Column(column, sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table(table, reflect_kwargs=ALONE) as batch_op:
        batch_op.alter_column(column, server_default=None)


def _refer(table: str, column: str, other: str) -> None:
    """Give a table a column that holds the id of a row of another table, or nothing."""
    with op.batch_alter_table(table, reflect_kwargs=ALONE) as batch_op:
        batch_op.add_column(sa.Column(column, sa.Uuid()))
        batch_op.create_foreign_key(op.f(f"fk_{table}_{column}"), other, [column], ["id"])
