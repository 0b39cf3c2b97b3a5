"""Words say who may see their case"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

DIGITS = (6, 9, 12, 15)
PERSON_CHARACTERS = 12
ADD = """
    UPDATE case_words SET tokens = rtrim(tokens) || seen.tail || ' ' FROM (
        SELECT case_file.id, {places} || coalesce(given.tail, '') AS tail FROM case_file LEFT JOIN (
            SELECT case_id, {joined} AS tail FROM (
                SELECT DISTINCT case_id, ' §' || {person} AS token FROM dispatch) AS tokens
            GROUP BY case_id) AS given ON given.case_id = case_file.id) AS seen
    WHERE seen.id = case_words.case_id"""
PLACES = " || ".join((
    *(f"CASE WHEN length(area_code) >= {digits} THEN ' §' || substr(area_code, 1, {digits}) ELSE '' END"
      for digits in DIGITS),
    *(f"coalesce(' §' || {name}, '')" for name in ("beat_code", "fire_area_code"))))
INDEXED = "array_to_tsvector(string_to_array(btrim(tokens), ' '))"
TRIGGERS = {
    "ai": "AFTER INSERT ON case_words BEGIN INSERT INTO case_words_fts (rowid, tokens)"
          " VALUES (new.position, new.tokens)",
    "ad": "AFTER DELETE ON case_words BEGIN INSERT INTO case_words_fts (case_words_fts, rowid, tokens)"
          " VALUES ('delete', old.position, old.tokens)",
    "au": "AFTER UPDATE ON case_words BEGIN INSERT INTO case_words_fts (case_words_fts, rowid, tokens)"
          " VALUES ('delete', old.position, old.tokens);"
          " INSERT INTO case_words_fts (rowid, tokens) VALUES (new.position, new.tokens)"}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _rewrite_on_postgresql(ADD.format(places=PLACES, joined="string_agg(token, '')",
                                          person=f"right(CAST(responder_id AS text), {PERSON_CHARACTERS})"))
    else:
        _rewrite_on_sqlite(ADD.format(places=PLACES, joined="group_concat(token, '')",
                                      person=f"substr(responder_id, -{PERSON_CHARACTERS})"))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _rewrite_on_postgresql("UPDATE case_words SET tokens = regexp_replace(tokens, ' §.*$', ' ')")
    else:
        _rewrite_on_sqlite("UPDATE case_words SET tokens = substr(tokens, 1, instr(tokens, ' §'))"
                           " WHERE instr(tokens, ' §') > 0")


def _rewrite_on_postgresql(change: str) -> None:
    """Every row changes, so the index is made anew."""
    op.execute("DROP INDEX case_words_gin")
    op.execute(change)
    op.execute(f"CREATE INDEX case_words_gin ON case_words USING gin ({INDEXED})")
    op.execute("ALTER INDEX case_words_gin ALTER COLUMN 1 SET STATISTICS 1000")
    op.execute("ANALYZE case_words")


def _rewrite_on_sqlite(change: str) -> None:
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER case_words_{name}")
    op.execute(change)
    op.execute("INSERT INTO case_words_fts (case_words_fts) VALUES ('rebuild')")
    for name, does in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER case_words_{name} {does}; END")
