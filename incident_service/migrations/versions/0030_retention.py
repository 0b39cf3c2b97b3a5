"""What was erased when its time had come, and originals that are not kept any more"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("photo", sa.Column("original_gone_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "tombstone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstone")),
        sa.UniqueConstraint("what", "subject_id", name=op.f("uq_tombstone_what_subject_id")),
    )
    op.create_table(
        "retention_walk",
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("what", name=op.f("pk_retention_walk")),
    )


def downgrade() -> None:
    op.drop_table("retention_walk")
    op.drop_table("tombstone")
    op.drop_column("photo", "original_gone_at")
