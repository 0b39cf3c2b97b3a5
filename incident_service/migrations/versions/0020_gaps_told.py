"""Gaps in rosters that desks and administrators were told of"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roster_gap_told",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(length=15), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_gap_told")),
        sa.UniqueConstraint("area_code", "role", "kind", "begins_at", name="uq_roster_gap_told_once"),
    )


def downgrade() -> None:
    op.drop_table("roster_gap_told")
