"""Very many open cases in a real table, each due at a moment of its own: written by the database itself, in seconds."""

from sqlalchemy import text

from incident_service.foundation.database import db, is_postgresql

COLUMNS = ("id, number, status, category, condition, longitude, latitude, address, area_code, round, version,"
           " opened_at, pushed_at, accepted_at, due_at, wakes_at")
VALUES = "'accepted', 'fire_lane', 'occupied', 115.93, 28.69, '', '360111001001001', 1, 1"
ON_POSTGRESQL = f"""
    INSERT INTO case_file ({COLUMNS})
    SELECT gen_random_uuid(), 'B-' || n, {VALUES}, now(), now(), now(), now() + interval '1 day' + n * interval '1 s',
           now() + interval '1 day' + n * interval '1 s'
    FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) n"""
ON_SQLITE = f"""
    WITH RECURSIVE numbers (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)
    INSERT INTO case_file ({COLUMNS})
    SELECT lower(hex(randomblob(16))), 'B-' || n, {VALUES}, {{now}}, {{now}}, {{now}}, {{later}}, {{later}}
    FROM numbers""".format(
        now="strftime('%Y-%m-%d %H:%M:%f000', 'now')",
        later="strftime('%Y-%m-%d %H:%M:%f000', 'now', '1 day', n || ' seconds')")


def fill(first: int, last: int) -> None:
    """Add the open cases numbered `first` to `last`, and have the database look at what it now holds."""
    db.session.execute(text(ON_POSTGRESQL if is_postgresql() else ON_SQLITE), {"first": first, "last": last})
    db.session.commit()
    db.session.execute(text("ANALYZE"))
    db.session.commit()
