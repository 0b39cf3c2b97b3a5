"""In which area of the fire service a case lies; of older cases, as far as a fire officer was given them"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_file", sa.Column("fire_area_code", sa.String(length=15), nullable=True))
    op.execute("UPDATE case_file SET fire_area_code = (SELECT max(area_code) FROM dispatch"
               " WHERE dispatch.case_id = case_file.id AND area_code LIKE '______X%')"
               " WHERE id IN (SELECT case_id FROM dispatch WHERE area_code LIKE '______X%')")
    op.create_index("ix_case_file_fire_area", "case_file", ["fire_area_code", "opened_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_case_file_fire_area", "case_file")
    op.drop_column("case_file", "fire_area_code")
