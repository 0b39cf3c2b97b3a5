"""Pending points found at once"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

PENDING, PENDING_BACK = (sa.text(each) for each in (
    "settles_at IS NOT NULL", "settles_at IS NOT NULL AND corrects_id IS NOT NULL"))


def upgrade() -> None:
    op.create_index("ix_points_transfer_pending", "points_transfer", ["to_id", "settles_at"],
                    postgresql_where=PENDING, sqlite_where=PENDING)
    op.create_index("ix_points_transfer_pending_back", "points_transfer", ["from_id", "settles_at"],
                    postgresql_where=PENDING_BACK, sqlite_where=PENDING_BACK)


def downgrade() -> None:
    op.drop_index("ix_points_transfer_pending_back", table_name="points_transfer")
    op.drop_index("ix_points_transfer_pending", table_name="points_transfer")
