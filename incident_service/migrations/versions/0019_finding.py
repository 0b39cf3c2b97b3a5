"""Lists in the order of time by every larger area, by squares of the ground and by words"""

import datetime as dt
import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

CODES = {"district_code": 6, "street_code": 9, "community_code": 12}
SQUARES = {"tile": 0.003, "block": 0.016}
EPOCH = "1970-01-01 00:00:00+00:00"
INDEXES = {
    **{f"ix_case_file_{name}": ["opened_at", "id", "category"] for name in ("district", "street", "community")},
    **{f"ix_case_file_{name}": ["opened_at", "id"] for name in ("tile", "block", "category", "stage")},
}
COLUMN = {"district": "district_code", "street": "street_code", "community": "community_code", "stage": "status"}
BATCH = 5_000
DELETED = "INSERT INTO case_words_fts (case_words_fts, rowid, tokens) VALUES ('delete', old.position, old.tokens)"
ADDED = "INSERT INTO case_words_fts (rowid, tokens) VALUES (new.position, new.tokens)"
ON_SQLITE = (
    "CREATE VIRTUAL TABLE case_words_fts"
    " USING fts5(tokens, content='case_words', content_rowid='position', tokenize='ascii')",
    f"CREATE TRIGGER case_words_ai AFTER INSERT ON case_words BEGIN {ADDED}; END",
    f"CREATE TRIGGER case_words_ad AFTER DELETE ON case_words BEGIN {DELETED}; END",
    f"CREATE TRIGGER case_words_au AFTER UPDATE ON case_words BEGIN {DELETED}; {ADDED}; END")
ON_POSTGRESQL = ("CREATE INDEX case_words_gin ON case_words"
                 " USING gin (array_to_tsvector(string_to_array(btrim(tokens), ' ')))",)
CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUNS = re.compile(f"([{CHINESE}]+)|((?:(?![{CHINESE}])[^\\W_])+)")


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in CODES:
        op.add_column("case_file", sa.Column(name, sa.String(length=15), nullable=True))
    for name in SQUARES:
        op.add_column("case_file", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("dispatch", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False, server_default=EPOCH))
    cases = sa.table("case_file", *map(sa.column, (*CODES, *SQUARES, "area_code")),
                     sa.column("longitude", sa.Double()), sa.column("latitude", sa.Double()))
    for name, digits in CODES.items():
        op.execute(cases.update().where(sa.func.length(cases.c.area_code) >= digits)
                   .values({name: sa.func.substr(cases.c.area_code, 1, digits)}))
    for name, size in SQUARES.items():
        row, column = (_whole(figure / size, is_sqlite) for figure in (cases.c.latitude + 90, cases.c.longitude + 180))
        op.execute(cases.update().values({name: row * 1_000_000 + column}))
    op.execute("UPDATE dispatch SET opened_at = (SELECT opened_at FROM case_file WHERE case_file.id = case_id)")
    for index, rest in INDEXES.items():
        name = index.removeprefix("ix_case_file_")
        op.create_index(index, "case_file", [COLUMN.get(name, name), *rest], unique=False)
    op.create_index("ix_dispatch_opened", "dispatch", ["responder_id", "opened_at", "case_id"], unique=False)
    words = op.create_table(
        "case_words",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_words_case_id_case_file")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_words")),
        sa.UniqueConstraint("position", name=op.f("uq_case_words_position")))
    _fill(words)
    for statement in ON_SQLITE if is_sqlite else ON_POSTGRESQL:
        op.execute(statement)
    if is_sqlite:
        op.execute("INSERT INTO case_words_fts (case_words_fts) VALUES ('rebuild')")


def _whole(figure: sa.ColumnElement, is_sqlite: bool) -> sa.ColumnElement[int]:
    """Rounded down; what SQLite casts to a whole number it cuts, and none of these is negative."""
    return sa.cast(figure if is_sqlite else sa.func.floor(figure), sa.BigInteger())


def _fill(words: sa.Table) -> None:
    """The words of all cases there are, in the order of time."""
    connection, last = op.get_bind(), 0
    case_file = sa.table("case_file", *map(sa.column, ("id", "number", "address", "original_kind")),
                         sa.column("opened_at", sa.DateTime(timezone=True)))
    cases = connection.execute(sa.select(case_file).order_by(case_file.c.opened_at, case_file.c.id)).all()
    for start in range(0, len(cases), BATCH):
        some = cases[start:start + BATCH]
        said = _said(connection, [case.id for case in some])
        rows = []
        for case in some:
            last = max(last + 1, _place(case.opened_at))
            tokens = _tokens([case.number, case.address, case.original_kind or "", *said.get(case.id, [])])
            rows.append({"position": last, "case_id": case.id, "tokens": tokens})
        connection.execute(sa.insert(sa.table("case_words", *(sa.column(each.name) for each in words.columns))), rows)


def _place(moment: dt.datetime) -> int:
    """Microseconds times 1,024; SQLite gives moments without their zone, which is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return (aware - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1) * 1024


def _said(connection: sa.Connection, ids: list[object]) -> dict[object, list[str]]:
    """What the reports of these cases say, and what a file said of cases that have none."""
    report = sa.table("report", *map(sa.column, ("id", "case_id", "address", "description")))
    begun = sa.table("case_event", sa.column("case_id"), sa.column("sequence"), sa.column("move"),
                     sa.column("details", sa.JSON()))
    found: dict[object, list[str]] = {}
    for row in connection.execute(sa.select(report).where(report.c.case_id.in_(ids)).order_by(report.c.id)):
        found.setdefault(row.case_id, []).extend((row.address, row.description))
    for row in connection.execute(sa.select(begun.c.case_id, begun.c.details).where(
            begun.c.case_id.in_(ids), begun.c.sequence == 1, begun.c.move == "import")):
        found.setdefault(row.case_id, []).append((row.details or {}).get("description", ""))
    return found


def _tokens(texts: list[str]) -> str:
    found: list[str] = []
    for text in texts:
        for run in RUNS.finditer(unicodedata.normalize("NFKC", text).casefold()):
            word = run.group()
            if not run[1] or len(word) == 1:
                found.append(word if run[1] else word[:64])
            else:
                found += [word[0], *(word[at:at + 2] for at in range(len(word) - 1)), word[-1]]
    return f" {' '.join(found)} " if found else ""


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE case_words_fts")
    op.drop_table("case_words")
    op.drop_index("ix_dispatch_opened", table_name="dispatch")
    for name in reversed(INDEXES):
        op.drop_index(name, table_name="case_file")
    op.drop_column("dispatch", "opened_at")
    for name in (*SQUARES, *reversed(CODES)):
        op.drop_column("case_file", name)
