"""Settings that are true everywhere, and how a bare machine finds its own defaults."""

import hashlib
import os
import tempfile
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from config.environment import city_code, limit, networks, number, photo_store, text, yes_no, zone

UNIX_PATH_BYTES_MAX = 100
MEGABYTE = 1024 * 1024


def run_folder(data_dir: Path) -> Path:
    """Where sockets and locks of one installation live: DATA_DIR/run, or, where that path would be too long
    for a unix socket, a short private folder that the same DATA_DIR always finds again."""
    folder = data_dir / "run"
    if len(os.fsencode(folder / "copies.sock")) <= UNIX_PATH_BYTES_MAX:
        return folder
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"incident-{os.getuid()}-{digest}"


def embedded_redis_url(folder: Path) -> str:
    """Where the embedded Redis server of the installation with this RUN_DIR listens."""
    return f"unix://{quote(str(folder / 'redis.sock'))}"


class Base:
    """True everywhere. A name ends with its unit, then its bound."""

    ENVIRONMENT = "base"
    HOST = text("HOST", "127.0.0.1")
    PORT = number("PORT", 8000)
    DATA_DIR = Path(text("DATA_DIR", "./var")).resolve()
    RUN_DIR = run_folder(DATA_DIR)
    SQLALCHEMY_DATABASE_URI = text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'incidents.sqlite3'}")
    REDIS_URL = text("REDIS_URL", embedded_redis_url(RUN_DIR))
    REDIS_IS_EMBEDDED = not text("REDIS_URL")           # the supervisor then brings a server along
    PHOTO_STORE = photo_store("PHOTO_STORE", f"file://{DATA_DIR / 'photos'}")
    PHOTO_PRESS = str(RUN_DIR / "press.sock")           # or "inline": decode in this process (tests)
    PHOTO_COPIES_PRESS = str(RUN_DIR / "copies.sock")   # the press that yields to everything else; or "inline"
    KEYS_DIR = DATA_DIR / "keys"
    TABLES_DIR = Path(__file__).parent / "tables"

    WEB_WORKERS = number("WEB_WORKERS", 2)
    WEB_THREADS = number("WEB_THREADS", 8)
    WEB_CONNECTIONS_MAX = number("WEB_CONNECTIONS_MAX", 2000)
    UPLOAD_WAIT_SECONDS_MAX = number("UPLOAD_WAIT_SECONDS_MAX", 10)     # for a turn, without a thread; then 503
    ROUTING_WORKERS = number("ROUTING_WORKERS", 1)
    PUSH_WORKERS = number("PUSH_WORKERS", 1)
    MEDIA_WORKERS = number("MEDIA_WORKERS", min(os.cpu_count() or 1, 4))    # each waits for a press of its own
    EXPORTS_WORKERS = number("EXPORTS_WORKERS", 1)      # long files
    PRESS_WORKERS = number("PRESS_WORKERS", os.cpu_count() or 1)
    STOP_SECONDS_MAX = number("STOP_SECONDS_MAX", 10)   # what still runs then is killed; nothing is lost by it

    TRUSTED_PROXIES = networks("TRUSTED_PROXIES")
    METRICS_TOKEN = text("METRICS_TOKEN")
    READY_AGE_S_MAX = 1                                 # how old an answer of /readyz may be
    METRICS_DIR = RUN_DIR / "metrics"                   # where the processes count together; emptied at start
    TIME_ZONE = zone("TIME_ZONE", "Asia/Shanghai")
    TOWN_NAME = text("TOWN_NAME", "城警联勤综治云平台")

    # photos
    PHOTO_COUNT_MAX = number("PHOTO_COUNT_MAX", 9)
    PHOTO_BYTES_MAX = number("PHOTO_BYTES_MAX", 12 * MEGABYTE)
    PHOTO_PIXELS_MAX = number("PHOTO_PIXELS_MAX", 50_000_000)
    PHOTO_DISTANCE_M_MAX = number("PHOTO_DISTANCE_M_MAX", 300)      # farther off by its own claim: staff are warned
    PHOTO_INCOMING_KEEP = timedelta(hours=1)            # older uploads belong to no request that still runs
    PHOTO_ORPHAN_KEEP = timedelta(days=1)               # older originals that nobody names are swept away
    ORIGINAL_REQUEST_KEEP = timedelta(days=1)           # until then a second person may agree to a look
    ORIGINAL_OPEN = timedelta(minutes=30)               # how long an original then is open
    PHOTO_STORE_ACCESS = MappingProxyType({             # for s3://…; with an endpoint any S3-compatible service
        "access_key_id": text("AWS_ACCESS_KEY_ID"), "secret_access_key": text("AWS_SECRET_ACCESS_KEY"),
        "session_token": text("AWS_SESSION_TOKEN"), "endpoint": text("AWS_ENDPOINT_URL"),
        "region": text("AWS_REGION", text("AWS_DEFAULT_REGION", "us-east-1")),
    })
    MAX_CONTENT_LENGTH = PHOTO_COUNT_MAX * PHOTO_BYTES_MAX + MEGABYTE
    MAX_FORM_MEMORY_SIZE = 512 * 1024
    JSON_BYTES_MAX = 64 * 1024
    MAX_FORM_PARTS = 64
    PRESS_SECONDS_MAX = number("PRESS_SECONDS_MAX", 10)
    PRESS_MEMORY_BYTES_MAX = number("PRESS_MEMORY_BYTES_MAX", 1024 * MEGABYTE)
    PRESS_WAIT_SECONDS_MAX = number("PRESS_WAIT_SECONDS_MAX", 40)

    # rules
    RULES_AGE_S_MAX = 1                                 # how old the rules in memory may be, against the database

    # areas
    AREA_AGE_S_MAX = 1                                  # how old the areas in memory may be, against the database
    AREA_TOLERANCE_M = number("AREA_TOLERANCE_M", 50)
    AREA_FILE_BYTES_MAX = number("AREA_FILE_BYTES_MAX", 8 * MEGABYTE)       # over HTTP; the command takes any file
    DESK_RADIUS_M = number("DESK_RADIUS_M", 2000)       # API.md, "Nobody's place"

    # sign-in
    ACCESS_TOKEN_LIFE = timedelta(minutes=30)
    REFRESH_TOKEN_LIFE = timedelta(days=30)
    REFRESH_FORGIVENESS = timedelta(seconds=30)
    PASSWORD_ROUNDS = 3                                 # argon2id: some 150 ms and 64 MiB a hash
    PASSWORD_MEMORY_KIB = 64 * 1024
    CITY_CODE = city_code("CITY_CODE", "3601")           # the area to which residents belong
    LOGIN_CODE_LIFE = timedelta(minutes=5)
    LOGIN_CODE_TRIES_MAX = 5
    # per phone: from one address; overall: from all together, so that nobody is shut out from afar too cheaply
    LOGIN_CODE_LIMIT_PER_PHONE = limit("LOGIN_CODE_LIMIT_PER_PHONE", "1 per minute; 5 per hour")
    LOGIN_CODE_LIMIT_PER_PHONE_OVERALL = limit("LOGIN_CODE_LIMIT_PER_PHONE_OVERALL", "30 per hour")
    LOGIN_CODE_LIMIT_PER_ADDRESS = limit("LOGIN_CODE_LIMIT_PER_ADDRESS", "300 per hour")
    SIGN_IN_LIMIT_PER_PHONE = limit("SIGN_IN_LIMIT_PER_PHONE", "10 per 5 minutes")
    SIGN_IN_LIMIT_PER_PHONE_OVERALL = limit("SIGN_IN_LIMIT_PER_PHONE_OVERALL", "100 per hour")
    SIGN_IN_LIMIT_PER_ADDRESS = limit("SIGN_IN_LIMIT_PER_ADDRESS", "300 per 5 minutes")
    LOGIN_CODE_CHANNEL = text("LOGIN_CODE_CHANNEL")     # address of the city's SMS gateway
    PUSH_CHANNEL = text("PUSH_CHANNEL")                 # address of the city's message gateway
    GATEWAY_SECRET = text("GATEWAY_SECRET")             # signs what is sent to either

    # cases
    PUSH_DELAYED_S = number("PUSH_DELAYED_S", 10)       # a case not pushed by then is shown to the desk as delayed
    REPORT_LIMIT_PER_ACCOUNT = limit("REPORT_LIMIT_PER_ACCOUNT")
    REOPEN_TIME = timedelta(days=number("REOPEN_DAYS_MAX", 14))     # DOMAIN §3: a resident who is not satisfied
    SECOND_LOOK_PERCENT = number("SECOND_LOOK_PERCENT", 5, most=100)    # of closings, drawn for a supervisor
    CLOSING_NEEDS_ACKNOWLEDGEMENT = yes_no("CLOSING_NEEDS_ACKNOWLEDGEMENT", "no")
    CLOSING_NEEDS_ANOTHER_PERSON = yes_no("CLOSING_NEEDS_ANOTHER_PERSON", "yes")

    # exports
    EXPORT_ROWS_AT_ONCE_MAX = 2_000                     # a longer list is made by a worker
    EXPORT_KEEP = timedelta(days=1)
    OWN_DATA_ORIGINALS_BYTES_MAX = 512 * 1024 * 1024    # in one file; beyond it the copies that are shown
    EXPORTS_MAX = 5                                     # files of one person at a time

    # supervision
    FIGURES_CASES_MIN = number("FIGURES_CASES_MIN", 10)     # figures of fewer are marked as small
    WEEKLY_REPORT_HOUR = number("WEEKLY_REPORT_HOUR", 7, most=23)   # of Monday, when the week before is reported
    WEEKLY_REPORT_KEEP = timedelta(days=400)

    # points
    POINTS_OBJECTION_DAYS = number("POINTS_OBJECTION_DAYS", 3)          # until then they are pending
    POINTS_KEEP_YEARS = number("POINTS_KEEP_YEARS", 1)  # they expire so many years after the year they were earned in
    POINTS_EXPIRY_NOTICE_DAYS = 30
    POINTS_FUND_WARN_PERCENT = 80
    POINTS_ARE_LIMITED = yes_no("POINTS_ARE_LIMITED", "yes")      # the tariff's caps and decay, the guard's rules

    # HTTP
    IDEMPOTENCY_KEEP = timedelta(hours=24)
    IDEMPOTENCY_STALE = timedelta(seconds=30)           # then whoever began is taken for dead; if not, it is undone
    API_TITLE = "城警联勤 incident service"
    API_VERSION = "1"
    OPENAPI_VERSION = "3.1.0"
    SHOW_DEMO = False
    SQLALCHEMY_TRACK_MODIFICATIONS = False
