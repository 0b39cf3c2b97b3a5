"""By which roles an export was made"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("export", sa.Column("scope", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("export", "scope")
