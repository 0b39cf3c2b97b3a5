"""Imported history: where a case comes from, its id there, and what it was called"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_file", sa.Column("origin", sa.String(length=32), nullable=True))
    op.add_column("case_file", sa.Column("external_id", sa.String(length=128), nullable=True))
    op.add_column("case_file", sa.Column("original_kind", sa.String(length=200), nullable=True))
    op.create_index("uq_case_file_origin", "case_file", ["origin", "external_id"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_case_file_origin", "case_file")
    for column in ("original_kind", "external_id", "origin"):
        op.drop_column("case_file", column)
