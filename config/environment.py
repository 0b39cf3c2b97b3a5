"""Reading the process environment: what is missing or malformed stops the start and says its name."""

import os
from ipaddress import ip_network


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


def number(name: str, default: int) -> int:
    """The variable as a whole number ≥ 0. Raises SettingMissing for anything else."""
    value = text(name, str(default))
    if not value.isdigit():
        raise SettingMissing(f"{name} is {value!r}; it must be a whole number.")
    return int(value)


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
