"""Histories linked line by line, and their ends signed

Lines that are there already are linked by a duty while the service runs (`cases.link_histories`): an upgrade
rewrites no row.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INDEXES = {"ix_case_file_unlinked": "head IS NULL",
           "ix_case_file_unsealed": "sealed_version < version AND head IS NOT NULL"}


def upgrade() -> None:
    op.add_column("case_event", sa.Column("salt", sa.String(length=32), nullable=True))
    op.add_column("case_event", sa.Column("erased", JSON, nullable=True))
    op.add_column("case_event", sa.Column("hash", sa.String(length=64), nullable=True))
    op.add_column("case_file", sa.Column("head", sa.String(length=64), nullable=True))
    op.add_column("case_file", sa.Column("sealed_version", sa.Integer(), nullable=False, server_default="0"))
    for name, condition in INDEXES.items():
        op.create_index(name, "case_file", ["id"], unique=False, postgresql_where=sa.text(condition),
                        sqlite_where=sa.text(condition))
    op.create_table(
        "case_seal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("heads", JSON, nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_case_seal")),
    )


def downgrade() -> None:
    op.drop_table("case_seal")
    for name in INDEXES:
        op.drop_index(name, table_name="case_file")
    op.drop_column("case_file", "sealed_version")
    op.drop_column("case_file", "head")
    for name in ("hash", "erased", "salt"):
        op.drop_column("case_event", name)
