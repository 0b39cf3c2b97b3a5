"""The daybook of figures: pages by the day, summaries by the month"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
BYTES = {"figure_day": ("codes", "moments", "ids"), "figure_month": ("numbers", "places", "fills")}


def upgrade() -> None:
    op.create_table(
        "figure_label",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_label")),
        sa.UniqueConstraint("kind", "label", name=op.f("uq_figure_label_kind_label")),
    )
    op.create_table(
        "figure_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in BYTES["figure_day"]),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_figure_day")),
    )
    op.create_table(
        "figure_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("dimension", sa.String(length=32), nullable=False),
        sa.Column("keys", JSON, nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in BYTES["figure_month"]),
        sa.PrimaryKeyConstraint("month", "dimension", name=op.f("pk_figure_month")),
    )
    op.create_table(
        "figure_progress",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_progress")),
    )
    if op.get_bind().dialect.name == "postgresql":      # read far more often than written: no time for unpacking
        for table, columns in BYTES.items():
            for column in columns:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")


def downgrade() -> None:
    for table in ("figure_progress", "figure_month", "figure_day", "figure_label"):
        op.drop_table(table)
