"""The test suite: nothing reaches out, and every limit that would get in a test's way is far off."""

from pathlib import Path

from config.base import Base


class Testing(Base):
    ENVIRONMENT = "testing"
    TESTING = True
    SECRET_KEY = "only-for-tests"                       # noqa: S105
    DATA_DIR = Path("/nonexistent/a-test-must-bring-its-own-folder")
    RUN_DIR = DATA_DIR / "run"
    SQLALCHEMY_DATABASE_URI = "sqlite://"
    REDIS_URL = "redis://a-test-tried-to-reach-redis.invalid"
    PHOTO_STORE = "file:///nonexistent/a-test-must-bring-its-own-folder"
    PHOTO_PRESS = "inline"
    PHOTO_COPIES_PRESS = "inline"
    AREA_AGE_S_MAX = 0
    RULES_AGE_S_MAX = 0
    READY_AGE_S_MAX = 0
    PASSWORD_ROUNDS = 1
    PASSWORD_MEMORY_KIB = 64
    LOGIN_CODE_CHANNEL = ""
    PUSH_CHANNEL = ""
    LOGIN_CODE_LIMIT_PER_PHONE = "1000 per minute"
    LOGIN_CODE_LIMIT_PER_PHONE_OVERALL = "1000 per minute"
    LOGIN_CODE_LIMIT_PER_ADDRESS = "1000 per minute"
    SIGN_IN_LIMIT_PER_PHONE = "1000 per minute"
    SIGN_IN_LIMIT_PER_PHONE_OVERALL = "1000 per minute"
    SIGN_IN_LIMIT_PER_ADDRESS = "1000 per minute"
    REPORT_LIMIT_PER_ACCOUNT = ""
    SECOND_LOOK_PERCENT = 100
    POINTS_OBJECTION_DAYS = 0
    POINTS_ARE_LIMITED = False
