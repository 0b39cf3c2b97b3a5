"""Inserting new objects at once, for what every report writes: the session would first look for what depends on what,
and keep a state for each of them, which costs twice what the insert itself does."""

from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Insert, insert
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict

from incident_service.foundation.database import Model, db
from incident_service.foundation.transaction import current_unit


def insert_new(objects: Iterable[Model]) -> None:
    """Insert new objects, in this order: what others name comes before them. Then they are the session's, as if it had
    read them. Must be called inside a transaction; for tables whose columns are called like their attributes.

    Rows of one table that follow one another and say the same columns are one statement.
    """
    current_unit()
    for (kind, columns), some in groupby(objects, key=_shape):
        alike = list(some)
        rows = [{name: instance_dict(each)[name] for name in columns} for each in alike]
        done: Any = db.session.execute(_insert(kind), rows[0] if len(rows) == 1 else rows)
        for each, written in zip(alike, done.context.compiled_parameters, strict=True):
            instance_dict(each).update({name: written.get(name) for name in _names(kind) if name not in columns})
            make_transient_to_detached(each)
            db.session.add(each)


def _shape(new: Model) -> tuple[type[Model], tuple[str, ...]]:
    """Which table it goes to, and which of its columns it says; what is None may have a default."""
    said = instance_dict(new)
    return type(new), tuple([name for name in _names(type(new)) if said.get(name) is not None])


@cache
def _names(kind: type[Model]) -> tuple[str, ...]:
    return tuple(column.key for column in kind.__table__.columns)


@cache
def _insert(kind: type[Model]) -> Insert:
    return insert(kind.__table__)                           # type: ignore[arg-type]
