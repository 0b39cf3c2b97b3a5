"""A bare machine: everything embedded, keys made at first start, login codes shown on the terminal."""

from config.base import Base
from config.environment import number, yes_no


class Development(Base):
    ENVIRONMENT = "development"
    SHOW_DEMO = True
    # the story may be played at one place as often as one likes, and ends with points to spend
    POINTS_OBJECTION_DAYS = number("POINTS_OBJECTION_DAYS", 0)
    POINTS_ARE_LIMITED = yes_no("POINTS_ARE_LIMITED", "no")
