"""More time and pauses that were asked for, and until when a case is suspended"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_file", sa.Column("suspended_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "petition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("wish", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_granted", sa.Boolean(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("seconds_left", sa.Double(), nullable=True),
        sa.CheckConstraint("ordinal BETWEEN 1 AND 2", name=op.f("ck_petition_extended_twice_at_most")),
        sa.CheckConstraint("decided_by_id <> asked_by_id", name=op.f("ck_petition_second_person")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (is_granted IS NULL)",
            name=op.f("ck_petition_decided_whole"),
        ),
        sa.CheckConstraint("(wish = 'suspension') = (until IS NOT NULL)", name=op.f("ck_petition_pause_ends")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_petition_asked_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_petition_case_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_petition_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition")),
        sa.UniqueConstraint("case_id", "ordinal", name=op.f("uq_petition_case_id_ordinal")),
    )
    op.create_index(op.f("ix_petition_case_id"), "petition", ["case_id"], unique=False)
    undecided = sa.text("decided_at IS NULL")
    op.create_index("uq_petition_open", "petition", ["case_id"], unique=True, postgresql_where=undecided,
                    sqlite_where=undecided)


def downgrade() -> None:
    op.drop_table("petition")
    op.drop_column("case_file", "suspended_until")
