"""Points settled: totals, objection, counter-entries, funds"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TOTAL = """UPDATE points_account SET total =
    COALESCE((SELECT SUM(amount) FROM points_transfer WHERE to_id = points_account.id), 0)
    - COALESCE((SELECT SUM(amount) FROM points_transfer WHERE from_id = points_account.id), 0)
    WHERE holder = 'person'"""


def upgrade() -> None:
    op.add_column("points_account", sa.Column("total", sa.Integer(), nullable=True))
    for name in ("expired_through", "announced_through"):
        op.add_column("points_account", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.execute(TOTAL)
    op.create_index("ix_points_account_expiring", "points_account", ["expired_through"],
                    postgresql_where=sa.text("total > 0"), sqlite_where=sa.text("total > 0"))
    op.add_column("points_transfer", sa.Column("settles_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("points_transfer", sa.Column("corrects_id", sa.Uuid(), nullable=True))
    for table in ("points_transfer", "points_hold"):
        op.add_column(table, sa.Column("place", sa.String(), nullable=True))
        op.add_column(table, sa.Column("tariff", sa.String(), nullable=True))
        op.create_index(f"ix_{table}_reference", table, ["reference"])
    op.create_index("uq_points_transfer_corrects_id", "points_transfer", ["corrects_id"], unique=True)
    op.create_table(
        "points_fund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("budget", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("budget >= 0", name=op.f("ck_points_fund_budget_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_fund")),
        sa.UniqueConstraint("area_code", "year", name=op.f("uq_points_fund_area_code_year")),
    )
    op.create_table(
        "points_fund_slice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_points_fund_slice_not_overdrawn")),
        sa.ForeignKeyConstraint(["fund_id"], ["points_fund.id"], name=op.f("fk_points_fund_slice_fund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_fund_slice")),
        sa.UniqueConstraint("fund_id", "number", name=op.f("uq_points_fund_slice_fund_id_number")),
    )


def downgrade() -> None:
    op.drop_table("points_fund_slice")
    op.drop_table("points_fund")
    op.drop_index("uq_points_transfer_corrects_id", table_name="points_transfer")
    for table in ("points_hold", "points_transfer"):
        op.drop_index(f"ix_{table}_reference", table_name=table)
        op.drop_column(table, "tariff")
        op.drop_column(table, "place")
    op.drop_column("points_transfer", "corrects_id")
    op.drop_column("points_transfer", "settles_at")
    op.drop_index("ix_points_account_expiring", table_name="points_account")
    for name in ("announced_through", "expired_through", "total"):
        op.drop_column("points_account", name)
