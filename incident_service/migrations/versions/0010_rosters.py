"""Who is on duty when at a post, and who is away"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "roster_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("area_code", sa.String(length=15), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("shift", sa.String(length=40), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("begins_minute", sa.Integer(), nullable=False),
        sa.Column("ends_minute", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.CheckConstraint("step IN ('holder', 'deputy')", name=op.f("ck_roster_entry_step_is_at_the_post")),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name=op.f("ck_roster_entry_weekdays_named")),
        sa.CheckConstraint("begins_minute BETWEEN 0 AND 1439 AND ends_minute BETWEEN 0 AND 1439",
                           name=op.f("ck_roster_entry_minutes_of_a_day")),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_roster_entry_days_in_order")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_roster_entry_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entry")),
        sa.UniqueConstraint("area_code", "role", "kind", "account_id", "step", "weekdays", "begins_minute",
                            "ends_minute", "from_on", name="uq_roster_entry_once"),
    )
    op.create_index(op.f("ix_roster_entry_account_id"), "roster_entry", ["account_id"])
    op.create_table(
        "roster_leave",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("begins_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("entered_by_id", sa.Uuid(), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.CheckConstraint("ends_at >= begins_at", name=op.f("ck_roster_leave_times_in_order")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_roster_leave_account_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["account.id"], name=op.f("fk_roster_leave_entered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_leave")),
    )
    op.create_index("ix_roster_leave_account_id_ends_at", "roster_leave", ["account_id", "ends_at"])


def downgrade() -> None:
    op.drop_table("roster_leave")
    op.drop_table("roster_entry")
