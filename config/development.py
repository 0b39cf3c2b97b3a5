"""A bare machine: everything embedded, keys made at first start, login codes shown on the terminal."""

from config.base import Base


class Development(Base):
    ENVIRONMENT = "development"
    SHOW_DEMO = True
