"""An inbox knows the time of its newest notification, so that the next one is later whatever clock it was made by"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notification_inbox") as table:
        table.add_column(sa.Column("last_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("notification_inbox") as table:
        table.drop_column("last_at")
