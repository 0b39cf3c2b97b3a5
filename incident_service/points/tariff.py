"""What a thanks is worth: `config/tables/tariff.toml`, read and checked at start."""

import tomllib
from pathlib import Path

from flask import Flask, current_app

AMOUNT_MAX = 10_000


class TariffBroken(SystemExit):
    """The tariff table cannot be used; the message says where."""


def load_tariff(app: Flask) -> None:
    """Read the tariff. Raises TariffBroken, which stops the start."""
    app.extensions["tariff"] = read_tariff(app.config["TABLES_DIR"] / "tariff.toml")


def read_tariff(path: Path) -> dict[tuple[str, str], int]:
    """Points by (reason, category); the category `*` holds where none is named."""
    lines = tomllib.loads(path.read_text(encoding="utf-8"))["line"]
    tariff: dict[tuple[str, str], int] = {}
    for line in lines:
        key = (line["reason"], line["category"])
        if key in tariff:
            raise TariffBroken(f"{path.name}: {key} stands there twice.")
        if not line.get("source"):
            raise TariffBroken(f"{path.name}: {key} has no source.")
        if type(line["points"]) is not int or not 0 <= line["points"] <= AMOUNT_MAX:
            raise TariffBroken(f"{path.name}: {key} gives {line['points']!r}, not 0 to {AMOUNT_MAX} whole points.")
        tariff[key] = line["points"]
    return tariff


def worth(reason: str, category: str) -> int:
    """Whole points given for `reason` in a case of `category`; 0 when the city gives nothing for it."""
    tariff: dict[tuple[str, str], int] = current_app.extensions["tariff"]
    return tariff.get((reason, category), tariff.get((reason, "*"), 0))
