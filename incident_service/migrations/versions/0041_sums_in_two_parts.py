"""Sums of the daybook have two parts each, so that large ones fit: it is written anew, by the next fold"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM figure_progress")
    op.execute("DELETE FROM figure_sum")
    op.execute("DELETE FROM figure_day")


def downgrade() -> None:
    upgrade()
