"""Weekly reports, and who asked for them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "weekly_subscription",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("next_week", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_weekly_subscription_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_weekly_subscription")),
    )
    op.create_index(op.f("ix_weekly_subscription_next_week"), "weekly_subscription", ["next_week"], unique=False)
    op.create_table(
        "weekly_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("areas", JSON, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_weekly_report_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_report")),
        sa.UniqueConstraint("account_id", "week", name=op.f("uq_weekly_report_account_id_week")),
    )
    op.create_index(op.f("ix_weekly_report_made_at"), "weekly_report", ["made_at"], unique=False)


def downgrade() -> None:
    op.drop_table("weekly_report")
    op.drop_table("weekly_subscription")
