"""Rewards: centres, what they offer, and what is reserved"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "points_centre",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_centre")),
    )
    op.create_table(
        "points_reward",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("supplied", sa.Integer(), nullable=False),
        sa.Column("per_person_month_max", sa.Integer(), nullable=True),
        sa.Column("offered_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collect_days", sa.Integer(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("price > 0", name=op.f("ck_points_reward_price_positive")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_points_reward_not_oversold")),
        sa.ForeignKeyConstraint(["centre_id"], ["points_centre.id"], name=op.f("fk_points_reward_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_reward")),
    )
    op.create_index(op.f("ix_points_reward_centre_id"), "points_reward", ["centre_id"])
    op.create_index("ix_points_reward_created_at", "points_reward", ["created_at", "id"])
    op.create_table(
        "points_redemption",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reward_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("reward_name", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("paid_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(status = 'reserved') = (ended_at IS NULL)", name=op.f("ck_points_redemption_ended_whole")),
        sa.CheckConstraint("points > 0", name=op.f("ck_points_redemption_points_positive")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_points_redemption_quantity_positive")),
        sa.ForeignKeyConstraint(["centre_id"], ["points_centre.id"], name=op.f("fk_points_redemption_centre_id")),
        sa.ForeignKeyConstraint(["handed_over_by_id"], ["account.id"],
                                name=op.f("fk_points_redemption_handed_over_by_id")),
        sa.ForeignKeyConstraint(["paid_id"], ["points_transfer.id"], name=op.f("fk_points_redemption_paid_id")),
        sa.ForeignKeyConstraint(["person_id"], ["account.id"], name=op.f("fk_points_redemption_person_id")),
        sa.ForeignKeyConstraint(["reward_id"], ["points_reward.id"], name=op.f("fk_points_redemption_reward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_redemption")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_points_redemption_code_hash")),
        sa.UniqueConstraint("paid_id", name=op.f("uq_points_redemption_paid_id")),
    )
    op.create_index("ix_points_redemption_centre", "points_redemption", ["centre_id", "ended_at"])
    op.create_index("ix_points_redemption_open", "points_redemption", ["status", "expires_at"])
    op.create_index("ix_points_redemption_person", "points_redemption", ["person_id", "reserved_at", "id"])
    op.create_index("ix_points_redemption_reward", "points_redemption", ["reward_id", "person_id"])


def downgrade() -> None:
    op.drop_table("points_redemption")
    op.drop_table("points_reward")
    op.drop_table("points_centre")
