"""Reading the process environment: what is missing or malformed stops the start and says its name."""

import os
from ipaddress import ip_network
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from limits import parse_many

NO_LIMIT = "none"
CITY_DIGITS = 4


class SettingMissing(SystemExit):
    """A setting without which this environment must not start."""


def text(name: str, default: str = "") -> str:
    """The variable as text; an empty one counts as absent."""
    return os.environ.get(name) or default


def required(name: str) -> str:
    """The variable as text. Raises SettingMissing, which ends the process with one line."""
    value = text(name)
    if not value:
        raise SettingMissing(f"{name} must be set: this environment does not start without it.")
    return value


def number(name: str, default: int, *, most: int | None = None) -> int:
    """The variable as a whole number ≥ 0, and at `most` so much. Raises SettingMissing for anything else."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit()):
        raise SettingMissing(f"{name} is {value!r}; it must be a whole number.")
    if most is not None and int(value) > most:
        raise SettingMissing(f"{name} is {value}; it must be at most {most}.")
    return int(value)


def yes_no(name: str, default: str) -> bool:
    """The variable, `yes` or `no`. Raises SettingMissing for anything else."""
    value = text(name, default)
    if value not in ("yes", "no"):
        raise SettingMissing(f"{name} is {value!r}; it must be yes or no.")
    return value == "yes"


def zone(name: str, default: str) -> str:
    """The variable as a time zone of the tz database. Raises SettingMissing for anything else."""
    value = text(name, default)
    if value not in available_timezones():
        raise SettingMissing(f"{name} is {value!r}; it must be a time zone such as Asia/Shanghai.")
    return value


def city_code(name: str, default: str) -> str:
    """The variable as the code of a city, four digits (GB/T 2260). Raises SettingMissing for anything else."""
    value = text(name, default)
    if not (value.isascii() and value.isdigit() and len(value) == CITY_DIGITS):
        raise SettingMissing(f"{name} is {value!r}; it must be a city's code of {CITY_DIGITS} digits.")
    return value


def limit(name: str, default: str = NO_LIMIT) -> str:
    """The variable as how often something may be done, such as "1 per minute; 5 per hour"; empty when it is `none`.

    Raises SettingMissing for anything else.
    """
    value = text(name, default)
    if value == NO_LIMIT:
        return ""
    try:
        is_one = all(rule.amount > 0 for rule in parse_many(value))
    except ValueError:
        is_one = False
    if not is_one:
        raise SettingMissing(f"{name} is {value!r}; it must be like '1 per minute; 5 per hour', or {NO_LIMIT}.")
    return value


def photo_store(name: str, default: str) -> str:
    """The variable as where pictures lie: a folder by its whole path, or a bucket and perhaps a prefix in it.

    Raises SettingMissing for anything else.
    """
    value = text(name, default)
    try:
        address = urlsplit(value)
    except ValueError:
        is_one = False
    else:
        is_folder = address.scheme == "file" and address.netloc in ("", "localhost") and address.path.startswith("/")
        is_one = is_folder or (address.scheme == "s3" and bool(address.netloc))
    if not is_one:
        raise SettingMissing(f"{name} is {value!r}; it must be file:///folder or s3://bucket/prefix.")
    return value


def words(name: str) -> list[str]:
    """The variable as a list, separated by commas or blanks."""
    return text(name).replace(",", " ").split()


def networks(name: str) -> list[str]:
    """The variable as a list of addresses and networks. Raises SettingMissing when one of them is neither."""
    for each in words(name):
        try:
            ip_network(each, strict=False)
        except ValueError as error:
            raise SettingMissing(f"{name} names {each!r}, which is no address and no network.") from error
    return words(name)
