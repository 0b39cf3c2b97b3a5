"""Pages of the daybook hold where cases happened: it is written anew, by the next fold"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM figure_progress")
    op.execute("DELETE FROM figure_month")
    op.execute("DELETE FROM figure_day")


def downgrade() -> None:
    upgrade()
