"""Reading a table a city may change: TOML, strictly checked; what is wrong stops the start with one line."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from incident_service.foundation.words import Words, both

CODE = validate.Regexp(r"[a-z][a-z0-9_]{0,31}\Z", error="It must be a short English code.")


class BrokenTable(SystemExit):
    """A table cannot be used; the message names the file, the line and the fault."""


class Lines(Schema):
    """Part of a table. Unknown keys are refused: a misspelt one would silently do nothing."""

    class Meta:
        unknown = RAISE


class Exactly(fields.Field[Any]):
    """A value of precisely this TOML type: a number is not text, and true is not a number."""

    def __init__(self, kind: type, **options: Any) -> None:
        super().__init__(required=options.pop("required", True), **options)
        self.kind = kind

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if type(value) is not self.kind:
            raise ValidationError(f"{value!r} is not a {self.kind.__name__}.")
        return value


class Code(Exactly):
    """A short English code."""

    def __init__(self, **options: Any) -> None:
        super().__init__(str, validate=CODE, **options)


class InBothLanguages(Exactly):
    """`{ zh = "…", en = "…" }`, both filled."""

    def __init__(self) -> None:
        super().__init__(dict)

    def _deserialize(self, value: Any, *rest: Any, **_: Any) -> Words:
        table = super()._deserialize(value, *rest)
        if set(table) != {"zh", "en"} or not all(isinstance(each, str) and each.strip() for each in table.values()):
            raise ValidationError("It needs words in zh and in en.")
        zh, en = (table[language].replace("{", "{{").replace("}", "}}") for language in ("zh", "en"))
        return both(zh, en)


def read_table(path: Path, shape: Schema) -> dict[str, Any]:
    """The table in `path`, loaded by `shape`. Raises BrokenTable."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return shape.load(raw)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BrokenTable(f"{path.name}: {error}") from error
    except ValidationError as error:
        raise BrokenTable(f"{path.name}: " + "; ".join(_faults(error.messages, raw))) from error


def _faults(messages: Any, raw: Any, where: str = "") -> Iterator[str]:
    """marshmallow's nested messages as sentences that say where; a line is called by its code."""
    if not isinstance(messages, dict):
        yield f"{where}{' '.join(str(each) for each in messages)}"
        return
    for key, inner in messages.items():
        value = raw[key] if isinstance(raw, list) or (isinstance(raw, dict) and key in raw) else None
        yield from _faults(inner, value, where if key == "_schema" else f"{where}{_called(key, value)}: ")


def _called(key: Any, value: Any) -> str:
    if not isinstance(key, int):
        return str(key)
    return str(value["code"]) if isinstance(value, dict) and "code" in value else f"line {key + 1}"
