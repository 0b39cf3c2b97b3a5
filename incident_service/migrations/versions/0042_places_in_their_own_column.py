"""Pages of the daybook keep places apart, read only for maps: it is written anew, by the next fold"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _empty()
    with op.batch_alter_table("figure_day") as table:
        table.add_column(sa.Column("places", sa.LargeBinary(), nullable=False))
    if op.get_bind().dialect.name == "postgresql":      # read far more often than written: no time for unpacking
        op.execute("ALTER TABLE figure_day ALTER COLUMN places SET STORAGE EXTERNAL")


def downgrade() -> None:
    _empty()
    with op.batch_alter_table("figure_day") as table:
        table.drop_column("places")


def _empty() -> None:
    op.execute("DELETE FROM figure_progress")
    op.execute("DELETE FROM figure_sum")
    op.execute("DELETE FROM figure_day")
