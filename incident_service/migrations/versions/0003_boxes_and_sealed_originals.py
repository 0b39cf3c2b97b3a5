"""Boxes on photos, looks at originals, and what was swept away"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("photo", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "photo_redaction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("left_part", sa.Double(), nullable=False),
        sa.Column("top_part", sa.Double(), nullable=False),
        sa.Column("width_part", sa.Double(), nullable=False),
        sa.Column("height_part", sa.Double(), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by_id", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "left_part >= 0 AND top_part >= 0 AND width_part > 0 AND height_part > 0"
            " AND left_part + width_part <= 1.000001 AND top_part + height_part <= 1.000001",
            name=op.f("ck_photo_redaction_inside_the_picture"),
        ),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removed_by_id IS NULL)", name=op.f("ck_photo_redaction_removed_whole")
        ),
        sa.ForeignKeyConstraint(["added_by_id"], ["account.id"], name=op.f("fk_photo_redaction_added_by_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_photo_redaction_photo_id")),
        sa.ForeignKeyConstraint(["removed_by_id"], ["account.id"], name=op.f("fk_photo_redaction_removed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_redaction")),
    )
    op.create_index(op.f("ix_photo_redaction_photo_id"), "photo_redaction", ["photo_id"], unique=False)
    op.create_table(
        "original_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("approved_by_id <> asked_by_id", name=op.f("ck_original_request_second_person")),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by_id IS NULL) AND (approved_at IS NULL) = (ends_at IS NULL)",
            name=op.f("ck_original_request_approved_whole"),
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["account.id"], name=op.f("fk_original_request_approved_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_original_request_asked_by_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_original_request_photo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_original_request")),
    )
    op.create_index("ix_original_request_photo_asker", "original_request", ["photo_id", "asked_by_id"], unique=False)
    op.create_table(
        "original_look",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occasion", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_original_look_by_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_original_look_photo_id")),
        sa.ForeignKeyConstraint(["request_id"], ["original_request.id"], name=op.f("fk_original_look_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_original_look")),
    )
    op.create_index(op.f("ix_original_look_photo_id"), "original_look", ["photo_id"], unique=False)
    op.create_index(op.f("ix_original_look_request_id"), "original_look", ["request_id"], unique=False)
    op.create_table(
        "photo_swept",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("doomed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_photo_swept")),
    )


def downgrade() -> None:
    op.drop_table("photo_swept")
    op.drop_table("original_look")
    op.drop_table("original_request")
    op.drop_table("photo_redaction")
    op.drop_column("photo", "revision")
