"""Who asked to know a reporter's identity and why, who agreed, and every look"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("approved_by_id <> asked_by_id", name=op.f("ck_identity_request_second_person")),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by_id IS NULL) AND (approved_at IS NULL) = (ends_at IS NULL)",
            name=op.f("ck_identity_request_approved_whole")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["account.id"], name=op.f("fk_identity_request_approved_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_identity_request_asked_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_identity_request_case_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_identity_request_report_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["account.id"], name=op.f("fk_identity_request_reporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_request")),
    )
    op.create_index("ix_identity_request_case_id", "identity_request", ["case_id"])
    op.create_index("ix_identity_request_reporter", "identity_request", ["reporter_id", "approved_at"])
    op.create_table(
        "identity_look",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_identity_look_by_id")),
        sa.ForeignKeyConstraint(["request_id"], ["identity_request.id"], name=op.f("fk_identity_look_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_look")),
    )
    op.create_index("ix_identity_look_request_id", "identity_look", ["request_id"])


def downgrade() -> None:
    op.drop_table("identity_look")
    op.drop_table("identity_request")
