"""Evidence compared and weighed

Nothing here rewrites a table: SQLite could do that only by dropping one that others refer to.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "points_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("shown_as_zh", sa.String(), nullable=False),
        sa.Column("shown_as_en", sa.String(), nullable=False),
        sa.Column("fund", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("explanation_zh", sa.String(), nullable=False),
        sa.Column("explanation_en", sa.String(), nullable=False),
        sa.Column(
            "because", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_points_hold_decided_whole")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_points_hold_amount_positive")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_points_hold_decided_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["account.id"], name=op.f("fk_points_hold_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_hold")),
        sa.UniqueConstraint("reason", "reference", "person_id", name=op.f("uq_points_hold_reason_reference_person_id")),
    )
    op.create_index("ix_points_hold_area", "points_hold", ["area_code", "held_at", "id"], unique=False)
    op.create_index("ix_points_hold_person", "points_hold", ["person_id", "held_at", "id"], unique=False)
    op.create_table(
        "case_warning",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("flag", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=True),
        sa.Column("other_photo_id", sa.Uuid(), nullable=True),
        sa.Column("other_case_id", sa.Uuid(), nullable=True),
        sa.Column(
            "figures", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_warning_case_id")),
        sa.ForeignKeyConstraint(["other_case_id"], ["case_file.id"], name=op.f("fk_case_warning_other_case_id")),
        sa.ForeignKeyConstraint(["other_photo_id"], ["photo.id"], name=op.f("fk_case_warning_other_photo_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_case_warning_photo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_warning")),
        sa.UniqueConstraint("photo_id", "other_photo_id", name=op.f("uq_case_warning_photo_id_other_photo_id")),
    )
    op.create_index(op.f("ix_case_warning_case_id"), "case_warning", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_warning_other_case_id"), "case_warning", ["other_case_id"], unique=False)
    op.add_column("case_photo", sa.Column("distance_m", sa.Double(), nullable=True))
    op.add_column("photo", sa.Column("sketch", sa.LargeBinary(), nullable=True))
    op.add_column("photo", sa.Column("bare_fingerprint", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("photo", sa.Column("bare_sketch", sa.LargeBinary(), nullable=True))
    op.add_column("photo", sa.Column("compared_as", sa.Integer(), nullable=True))
    op.create_index("uq_photo_compared_as", "photo", ["compared_as"], unique=True)
    op.execute("UPDATE photo SET fingerprint = 0")      # made another way before; these are compared by their bytes


def downgrade() -> None:
    op.drop_index("uq_photo_compared_as", table_name="photo")
    op.drop_column("photo", "compared_as")
    op.drop_column("photo", "bare_sketch")
    op.drop_column("photo", "bare_fingerprint")
    op.drop_column("photo", "sketch")
    op.drop_column("case_photo", "distance_m")
    op.drop_table("case_warning")
    op.drop_table("points_hold")
