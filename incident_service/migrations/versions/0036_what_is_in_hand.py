"""What is in hand has an index of its own, and how often a word occurs is known for more of them"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

IN_HAND = sa.text("ended_at IS NULL AND case_ended_at IS NULL")
BACKFILL = """
    UPDATE dispatch SET case_ended_at = coalesce(
        (SELECT max(at) FROM case_event
         WHERE case_event.case_id = dispatch.case_id AND status_before <> status_after), pushed_at)
    WHERE case_id IN (SELECT id FROM case_file WHERE status IN ('closed', 'void', 'merged'))"""


def upgrade() -> None:
    op.add_column("dispatch", sa.Column("case_ended_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(BACKFILL)
    op.create_index("ix_dispatch_in_hand", "dispatch", ["responder_id", "opened_at", "case_id"],
                    postgresql_where=IN_HAND, sqlite_where=IN_HAND)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX case_words_gin ALTER COLUMN 1 SET STATISTICS 1000")
        op.execute("ANALYZE case_words")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX case_words_gin ALTER COLUMN 1 SET STATISTICS -1")
    op.drop_index("ix_dispatch_in_hand", "dispatch")
    op.drop_column("dispatch", "case_ended_at")
