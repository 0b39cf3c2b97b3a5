"""Versions of the rules of dispatching, and which one is in force"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "rule_set",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_rule_set_version_positive")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_rule_set_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
        sa.UniqueConstraint("version", name=op.f("uq_rule_set_version")),
    )
    op.create_table(
        "rule_switch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("switched_by_id", sa.Uuid(), nullable=True),
        sa.Column("switched_at", MOMENT, nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_rule_switch_number_positive")),
        sa.ForeignKeyConstraint(["version"], ["rule_set.version"], name=op.f("fk_rule_switch_version")),
        sa.ForeignKeyConstraint(["switched_by_id"], ["account.id"], name=op.f("fk_rule_switch_switched_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_switch")),
        sa.UniqueConstraint("number", name=op.f("uq_rule_switch_number")),
    )


def downgrade() -> None:
    op.drop_table("rule_switch")
    op.drop_table("rule_set")
