"""Appeals, second looks, reports that were taken back"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
UNDECIDED = sa.text("decided_at IS NULL")


def upgrade() -> None:
    op.add_column("case_file", sa.Column("late_excused_at", MOMENT, nullable=True))
    op.add_column("report", sa.Column("withdrawn_at", MOMENT, nullable=True))
    op.create_table(
        "case_appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        *_decision("decision_note"),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_case_appeal_by_id_account")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_appeal_case_id_case_file")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_case_appeal_decided_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_appeal")),
        sa.UniqueConstraint("case_id", name=op.f("uq_case_appeal_case_id")),
    )
    op.create_index("ix_case_appeal_open", "case_appeal", ["made_at"], unique=False, postgresql_where=UNDECIDED,
                    sqlite_where=UNDECIDED)
    op.create_table(
        "case_second_look",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=False),
        *_decision("note"),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_second_look_case_id_case_file")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"],
                                name=op.f("fk_case_second_look_decided_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_second_look")),
        sa.UniqueConstraint("case_id", "round", name=op.f("uq_case_second_look_case_id_round")),
    )
    op.create_index("ix_case_second_look_open", "case_second_look", ["drawn_at"], unique=False,
                    postgresql_where=UNDECIDED, sqlite_where=UNDECIDED)


def _decision(note: str) -> list[sa.Column]:
    return [sa.Column("verdict", sa.String(length=32), nullable=True), sa.Column("decided_at", MOMENT, nullable=True),
            sa.Column("decided_by_id", sa.Uuid(), nullable=True), sa.Column(note, sa.String(), nullable=False)]


def downgrade() -> None:
    op.drop_table("case_second_look")
    op.drop_table("case_appeal")
    op.drop_column("report", "withdrawn_at")
    op.drop_column("case_file", "late_excused_at")
