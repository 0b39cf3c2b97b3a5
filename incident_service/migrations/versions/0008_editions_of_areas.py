"""Editions of areas say what ended, what was repaired, which file it was and who imported it"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("area_edition", sa.Column("retired", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("area_edition", sa.Column("repaired", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("area_edition", sa.Column("source", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("area_edition", sa.Column("imported_by_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    for column in ("imported_by_id", "source", "repaired", "retired"):
        op.drop_column("area_edition", column)
