"""The daybook has sums of days as well, and says how far a round of folding has come; the next fold writes it anew"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
BYTES = ("numbers", "places", "fills")
KEYS = {"figure_sum": (("dimension", sa.String(length=16)), ("length", sa.String(length=8)), ("first", sa.Date())),
        "figure_month": (("month", sa.Date()), ("dimension", sa.String(length=32)))}


def upgrade() -> None:
    _replace("figure_month", "figure_sum")
    op.add_column("figure_progress", sa.Column("next_as_of", sa.Uuid(), nullable=True))
    op.add_column("figure_progress", sa.Column("next_day", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("figure_progress", "next_day")
    op.drop_column("figure_progress", "next_as_of")
    _replace("figure_sum", "figure_month")


def _replace(old: str, new: str) -> None:
    op.execute("DELETE FROM figure_progress")
    op.execute("DELETE FROM figure_day")
    op.drop_table(old)
    op.create_table(
        new, *(sa.Column(name, kind, nullable=False) for name, kind in KEYS[new]),
        sa.Column("keys", JSON, nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in BYTES),
        sa.PrimaryKeyConstraint(*(name for name, _ in KEYS[new]), name=op.f(f"pk_{new}")))
    if op.get_bind().dialect.name == "postgresql":      # read far more often than written: no time for unpacking
        for column in BYTES:
            op.execute(f"ALTER TABLE {new} ALTER COLUMN {column} SET STORAGE EXTERNAL")
