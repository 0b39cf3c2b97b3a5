"""A case with several spans that end before they begin counts once: the daybook is written anew, by the next fold"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM figure_progress")
    op.execute("DELETE FROM figure_month")
    op.execute("DELETE FROM figure_day")


def downgrade() -> None:
    upgrade()
