"""Points announced before they expire, and names on the leaderboard"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("points_account", sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "points_shown_name",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purse_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_points_shown_name_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_points_shown_name")),
        sa.UniqueConstraint("name", name=op.f("uq_points_shown_name_name")),
        sa.UniqueConstraint("purse_id", name=op.f("uq_points_shown_name_purse_id")),
    )


def downgrade() -> None:
    op.drop_table("points_shown_name")
    op.drop_column("points_account", "announced_at")
