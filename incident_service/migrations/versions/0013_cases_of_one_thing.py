"""A case may go on in another one; cases are found by category and place"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TO_ITSELF = "fk_case_file_merged_into_id_case_file"


def upgrade() -> None:
    with op.batch_alter_table("case_file") as table:
        table.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f(TO_ITSELF), "case_file", ["merged_into_id"], ["id"])
        table.create_index("ix_case_file_merged_into_id", ["merged_into_id"])
        table.create_index("ix_case_file_place", ["category", "latitude", "longitude"])


def downgrade() -> None:
    with op.batch_alter_table("case_file") as table:
        table.drop_index("ix_case_file_place")
        table.drop_index("ix_case_file_merged_into_id")
        table.drop_constraint(op.f(TO_ITSELF), type_="foreignkey")
        table.drop_column("merged_into_id")
