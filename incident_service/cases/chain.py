"""How a history is proven: every line carries a hash over the hash before it and over its own facts and content.

Who, note and details enter as salted digests. Retention may therefore erase them: the digest stays in their place and
the salt goes, so that nobody finds the content by guessing, and the chain still verifies. No database, no Flask.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

FACTS = ("case_id", "sequence", "at", "move", "status_before", "status_after")
CONTENT = ("by_id", "note", "details")
SPELLING = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
AS_THEY_ARE = (str, int, UUID)                      # what `_plain` has nothing to do with; True is an int
Line = Mapping[str, Any]                            # the columns of a CaseEvent, by name


def linked(line: Line, previous: str | None) -> dict[str, Any]:
    """The line with a salt of its own and the hash that ties it to the one before (None: it is the first)."""
    salted = {**line, "salt": secrets.token_hex(16), "erased": None}
    return salted | {"hash": hash_of(salted, previous)}


def hash_of(line: Line, previous: str | None) -> str:
    """The hash the line must carry."""
    facts = [line[name] for name in FACTS]
    return hashlib.sha256(canonical([previous, *facts, *(_digest(line, name) for name in CONTENT)])).hexdigest()


def without(line: Line, **instead: Any) -> dict[str, Any]:
    """The columns to change when content of a linked line is erased, each replaced by what is given `instead`."""
    if unknown := set(instead) - set(CONTENT):
        raise ValueError(f"{sorted(unknown)} is no content of a line.")
    erased = {name: {"digest": _digest(line, name)} if name in instead else _kept(line, name) for name in CONTENT}
    return instead | {"salt": None, "erased": erased}


def canonical(value: Any) -> bytes:
    """One spelling for one value, whichever database it came from."""
    return SPELLING.encode(_plain(value)).encode()


def _digest(line: Line, name: str) -> str:
    kept = _kept(line, name)
    if "digest" in kept:
        return str(kept["digest"])
    return _mac(kept["salt"], canonical(line[name]))


def _kept(line: Line, name: str) -> dict[str, str]:
    """The salt of one part of the content, or its digest once it was erased."""
    if line["erased"]:
        return dict(line["erased"][name])
    return {"salt": _mac(line["salt"], name.encode())}


def _mac(key: str, of: bytes) -> str:
    return hmac.digest(bytes.fromhex(key), of, "sha256").hex()


def _plain(value: Any) -> Any:
    """PostgreSQL keeps 1e16 as a whole number, and SQLite as it was written: whole numbers are written as such."""
    if value is None or isinstance(value, AS_THEY_ARE):          # nearly all; to ask whether it is a mapping costs more
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
