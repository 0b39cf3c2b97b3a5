"""A city's installation. A missing secret stops the start and says its name."""

from config.base import Base
from config.environment import limit, required


class Production(Base):
    ENVIRONMENT = "production"
    SECRET_KEY = required("SECRET_KEY")
    METRICS_TOKEN = required("METRICS_TOKEN")
    LOGIN_CODE_CHANNEL = required("LOGIN_CODE_CHANNEL")
    GATEWAY_SECRET = required("GATEWAY_SECRET")
    REPORT_LIMIT_PER_ACCOUNT = limit("REPORT_LIMIT_PER_ACCOUNT", "120 per hour")
