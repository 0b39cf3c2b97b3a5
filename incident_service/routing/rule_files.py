"""Rules as a TOML table that a person may edit: `config/tables/routing.toml`, and what `flask rules export` writes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

HEAD = ("# Rules for dispatching: the first that is on and matches counts. The format is that of\n"
        "# config/tables/routing.toml; put the file in force with: flask rules import FILE\n")


def as_toml(written: Sequence[Mapping[str, Any]]) -> str:
    """A table that `read_rules` reads back as the same rules."""
    return HEAD + "".join("\n[[rule]]\n" + "".join(_lines(rule)) for rule in written)


def _lines(rule: Mapping[str, Any]) -> Iterator[str]:
    for key, value in rule.items():
        if value not in (None, []) and not (key == "is_on" and value):
            yield f"{key} = {_value(value)}\n"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items() if each is not None) + " }"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")     # JSON's text and lists are TOML's too
