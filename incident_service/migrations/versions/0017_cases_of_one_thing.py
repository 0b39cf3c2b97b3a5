"""A case may go on in another one; cases are found by category and place"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_file", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.create_index("ix_case_file_merged_into_id", "case_file", ["merged_into_id"])
    op.create_index("ix_case_file_place", "case_file", ["category", "latitude", "longitude"])


def downgrade() -> None:
    op.drop_index("ix_case_file_place", table_name="case_file")
    op.drop_index("ix_case_file_merged_into_id", table_name="case_file")
    op.drop_column("case_file", "merged_into_id")
