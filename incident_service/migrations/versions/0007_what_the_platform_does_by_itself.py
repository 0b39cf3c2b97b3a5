"""When the platform must look at a case by itself, and until when a responder holds one"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
CASE = ("wakes_at", "soon_told_for", "overdue_told_for")
DISPATCH = ("ended_at", "climbs_at")


def upgrade() -> None:
    for name in CASE:
        op.add_column("case_file", sa.Column(name, MOMENT, nullable=True))
    for name in DISPATCH:
        op.add_column("dispatch", sa.Column(name, MOMENT, nullable=True))
    op.add_column("dispatch", sa.Column("ended_because", sa.String(length=32), nullable=True))
    op.add_column("dispatch", sa.Column("rung", sa.Integer(), nullable=False, server_default="0"))
    awake = sa.text("wakes_at IS NOT NULL")
    op.create_index("ix_case_file_wakes", "case_file", ["wakes_at"], unique=False, postgresql_where=awake,
                    sqlite_where=awake)
    op.execute("UPDATE case_file SET wakes_at = due_at WHERE status IN ('dispatched', 'accepted')")


def downgrade() -> None:
    op.drop_index("ix_case_file_wakes", table_name="case_file")
    op.drop_column("dispatch", "rung")
    op.drop_column("dispatch", "ended_because")
    for name in reversed(DISPATCH):
        op.drop_column("dispatch", name)
    for name in reversed(CASE):
        op.drop_column("case_file", name)
