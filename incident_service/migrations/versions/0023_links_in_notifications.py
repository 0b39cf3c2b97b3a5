"""The path of what there is to fetch, in notifications"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notification", sa.Column("link", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("notification", "link")
