"""Reporters who may not report for a while, and what came of their appeals"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reporter_suspension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(length=15), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("suspended_by_id", sa.Uuid(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal_note", sa.String(), nullable=False),
        sa.Column("ruling", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decision_note", sa.String(), nullable=False),
        sa.CheckConstraint("decided_by_id <> suspended_by_id", name=op.f("ck_reporter_suspension_second_person")),
        sa.CheckConstraint("reporter_id <> suspended_by_id", name=op.f("ck_reporter_suspension_not_oneself")),
        sa.CheckConstraint("until > begins_at", name=op.f("ck_reporter_suspension_ends_later")),
        sa.CheckConstraint("decided_at IS NULL OR appealed_at IS NOT NULL",
                           name=op.f("ck_reporter_suspension_appealed_first")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (ruling IS NULL)",
            name=op.f("ck_reporter_suspension_decided_whole")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_reporter_suspension_case_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_reporter_suspension_decided_by_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["account.id"], name=op.f("fk_reporter_suspension_reporter_id")),
        sa.ForeignKeyConstraint(["suspended_by_id"], ["account.id"],
                                name=op.f("fk_reporter_suspension_suspended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporter_suspension")),
        sa.UniqueConstraint("case_id", "reporter_id", name=op.f("uq_reporter_suspension_case_id_reporter_id")),
    )
    op.create_index("ix_reporter_suspension_reporter_id", "reporter_suspension", ["reporter_id", "begins_at"])
    waiting = sa.text("appealed_at IS NOT NULL AND decided_at IS NULL")
    op.create_index("ix_reporter_suspension_waiting", "reporter_suspension", ["appealed_at"],
                    postgresql_where=waiting, sqlite_where=waiting)


def downgrade() -> None:
    op.drop_table("reporter_suspension")
