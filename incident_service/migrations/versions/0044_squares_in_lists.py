"""Lists by area and by whom a case was given to know the square of each case: near a point they look at few"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

INDEXES = {
    **{f"ix_case_file_{name}": ("case_file", [f"{name}_code", "opened_at", "id"])
       for name in ("area", "beat", "fire_area")},
    **{f"ix_case_file_{name}": ("case_file", [f"{name}_code", "opened_at", "id", "category"])
       for name in ("district", "street", "community")},
    "ix_case_file_stage": ("case_file", ["status", "opened_at", "id"]),
    "ix_dispatch_opened": ("dispatch", ["responder_id", "opened_at", "case_id"])}


def upgrade() -> None:
    _lock()
    op.add_column("dispatch", sa.Column("block", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE dispatch SET block = (SELECT block FROM case_file WHERE case_file.id = case_id)")
    _index_anew("block")


def downgrade() -> None:
    _lock()
    _index_anew()
    op.drop_column("dispatch", "block")


def _lock() -> None:
    """Both tables, in the order in which a move takes them: else the two could wait for each other."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("LOCK TABLE case_file, dispatch IN ACCESS EXCLUSIVE MODE")


def _index_anew(*also: str) -> None:
    for name, (table, columns) in INDEXES.items():
        op.drop_index(name, table_name=table)
        op.create_index(name, table, [*columns, *also])
