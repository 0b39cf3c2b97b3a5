"""What the house says of itself is whole: settings in the README, slugs, titles, sources."""

import ast
import re
import tomllib

from incident_service.foundation.problems import Problem
from tests.house.reading import ROOT

READERS = ("text", "number", "limit", "words", "networks", "required")


def settings_read() -> set[str]:
    """Every name the configuration asks the environment for."""
    names = set()
    for path in (ROOT / "config").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in READERS:
                names |= {each.value for each in node.args[:1] if isinstance(each, ast.Constant)}
    return names


def test_the_readme_describes_every_setting():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert settings_read()
    assert {name for name in settings_read() if f"`{name}`" not in readme} == set()


def test_the_environment_is_read_in_config_alone():
    for folder in ("incident_service", "workers"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not re.search(r"os\.environ(\.get\(|\[)[^=]*$|getenv", path.read_text(encoding="utf-8"), re.M), path


def kinds(of: type[Problem] = Problem) -> list[type[Problem]]:
    return [of, *(each for kind in of.__subclasses__() for each in kinds(kind))]


def test_a_slug_names_one_problem_and_every_problem_has_a_title_in_both_languages():
    by_slug: dict[str, type[Problem]] = {}
    for kind in kinds():
        first = by_slug.setdefault(kind.slug, kind)
        assert first is kind or issubclass(kind, first), kind
        assert kind.title.zh
        assert kind.title.en


def test_every_line_of_a_table_has_a_source():
    for path in (ROOT / "config" / "tables").glob("*.toml"):
        for name, lines in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if isinstance(lines, list):
                assert all(line.get("source") for line in lines if isinstance(line, dict)), (path.name, name)
