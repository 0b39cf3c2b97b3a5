"""Rosters changed one by one: a version of each shift, and what was changed by whom"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("roster_entry", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "roster_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(length=15), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("done", sa.String(length=32), nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("content", JSON, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_roster_change_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_change")),
    )
    op.create_index("ix_roster_change_area_code_at", "roster_change", ["area_code", "at", "id"])


def downgrade() -> None:
    op.drop_table("roster_change")
    op.drop_column("roster_entry", "version")
