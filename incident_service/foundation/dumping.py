"""What a field of an answer makes of its value, known once for each schema.

An answer is hundreds of values, and marshmallow goes several steps for each of them. Where a field is one of its own
kinds, as it ships, what those steps come to is done at once; any other field is left to itself.
"""

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Any

import marshmallow
from marshmallow import fields
from marshmallow.decorators import POST_DUMP, PRE_DUMP
from marshmallow.utils import ensure_text_type

Make = Callable[[Any], Any]


def maker(field: fields.Field[Any]) -> Make | None:
    """What makes of any value but None what `field` would, and which a mapping has under its name or not at all; None
    for a field that is left to itself."""
    known = KINDS.get(type(field))
    is_named_so = field.attribute is None and field.dump_default is marshmallow.missing
    return known(field) if known and is_named_so else None


def _as_it_is(value: Any) -> Any:
    return value


def _of_number(field: Any) -> Make | None:
    return None if field.as_string else field.num_type


def _of_moment(field: Any) -> Make | None:
    return datetime.isoformat if field.format == "iso" else None


def _of_word(field: Any) -> Make | None:
    return attrgetter("value") if field.by_value is True else None


def _of_list(field: Any) -> Make | None:
    make = maker(field.inner)
    return make and (lambda some: [None if each is None else make(each) for each in some])


def _of_whole(field: Any) -> Make | None:
    schema: marshmallow.Schema = field.schema
    is_plain = not (field.many or schema.many or schema._hooks[PRE_DUMP] or schema._hooks[POST_DUMP])
    return schema._serialize if is_plain else None


KINDS: dict[type[fields.Field[Any]], Callable[[Any], Make | None]] = {
    fields.String: lambda _: ensure_text_type, fields.UUID: lambda _: str, fields.Boolean: lambda _: _as_it_is,
    fields.Integer: _of_number, fields.Float: _of_number, fields.AwareDateTime: _of_moment, fields.Enum: _of_word,
    fields.List: _of_list, fields.Nested: _of_whole}
