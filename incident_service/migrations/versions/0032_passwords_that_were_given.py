"""Which passwords an administrator gave, and who let whom in"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("is_password_given", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("account", sa.Column("let_in_by_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("account", "let_in_by_id")
    op.drop_column("account", "is_password_given")
