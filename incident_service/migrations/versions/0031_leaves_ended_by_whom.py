"""Who ended a leave before its time, and when it was to end"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("roster_leave") as leaves:
        leaves.add_column(sa.Column("ended_by_id", sa.Uuid(), nullable=True))
        leaves.add_column(sa.Column("was_to_end_at", sa.DateTime(timezone=True), nullable=True))
        leaves.create_foreign_key(op.f("fk_roster_leave_ended_by_id_account"), "account", ["ended_by_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("roster_leave") as leaves:
        leaves.drop_constraint(op.f("fk_roster_leave_ended_by_id_account"), type_="foreignkey")
        leaves.drop_column("was_to_end_at")
        leaves.drop_column("ended_by_id")
