"""Cases that came back twice, and who decides where they belong"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dispute",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_dispute_decided_whole")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_dispute_case_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_dispute_decided_by_id")),
        sa.ForeignKeyConstraint(["decider_id"], ["account.id"], name=op.f("fk_dispute_decider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("case_id", "round", name=op.f("uq_dispute_case_id_round")),
    )


def downgrade() -> None:
    op.drop_table("dispute")
