"""Reading the house's own source: which module imports what, and from where."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
OURS = ("incident_service", "workers", "wsgi")
STOREYS = {
    "foundation": 0,
    "areas": 1, "catalogue": 1, "accounts": 1,
    "photos": 3, "routing": 3, "points": 3, "notifications": 3,
    "reports": 4, "exports": 4, "cases": 5, "evidence": 6, "supervision": 6, "open311": 7, "web": 7,
    "demo": 8, "operations": 9, "migrations": 9,
}


class Import(NamedTuple):
    """One import of something of the house: who imports which module, and where it stands."""

    file: Path
    line: int
    room: str
    target: tuple[str, ...]
    is_hidden: bool

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {'.'.join(self.target)}"


def modules(folder: str = "incident_service") -> Iterator[Path]:
    """Every Python file of a folder."""
    return (path for path in sorted((ROOT / folder).rglob("*.py")))


def room_of(path: Path) -> str:
    """The room a file stands in; empty for app.py, cli.py and the package itself."""
    parts = path.relative_to(ROOT / "incident_service").parts
    return parts[0] if len(parts) > 1 else ""


@cache
def imports() -> list[Import]:
    """Every import of incident_service by a room, with names taken from the package resolved to their room."""
    return [each for path in modules() for each in _imports_of(path)]


def _imports_of(path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(node) for function in ast.walk(tree)
              if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(function)}
    for node in ast.walk(tree):
        for target in _targets(node):
            yield Import(path, node.lineno, room_of(path), target, id(node) in inside)          # type: ignore[attr-defined]


def _targets(node: ast.AST) -> Iterator[tuple[str, ...]]:
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in OURS:
        parts = tuple((node.module or "").split("."))
        if parts == ("incident_service",):
            yield from (("incident_service", alias.name) for alias in node.names)
        else:
            yield parts
    elif isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name.split(".")[0] in OURS:
                yield tuple(alias.name.split("."))
