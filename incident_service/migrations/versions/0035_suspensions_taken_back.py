"""Suspensions taken back, and kept for who comes back by the same phone"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

SUSPENSION = "reporter_suspension"
REMEMBERED = sa.text("phone_seal IS NOT NULL")


def upgrade() -> None:
    op.add_column(SUSPENSION, sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(SUSPENSION, sa.Column("lifted_by_id", sa.Uuid(), nullable=True))
    op.add_column(SUSPENSION, sa.Column("lift_note", sa.String(), nullable=False, server_default=""))
    op.add_column(SUSPENSION, sa.Column("phone_seal", sa.String(length=43), nullable=True))
    op.create_index("ix_reporter_suspension_phone_seal", SUSPENSION, ["phone_seal"],
                    postgresql_where=REMEMBERED, sqlite_where=REMEMBERED)


def downgrade() -> None:
    op.drop_index("ix_reporter_suspension_phone_seal", table_name=SUSPENSION)
    for name in ("phone_seal", "lift_note", "lifted_by_id", "lifted_at"):
        op.drop_column(SUSPENSION, name)
