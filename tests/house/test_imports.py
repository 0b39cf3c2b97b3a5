"""An import goes down a storey, never up and never sideways, and enters by the front door."""

import ast

from tests.house.reading import STOREYS, imports, modules, room_of


def test_every_room_has_a_storey():
    assert {room_of(path) for path in modules()} - {""} <= set(STOREYS)


def test_imports_go_down():
    wrong = [str(each) for each in imports() if each.room and each.target[0] == "incident_service"
             and each.target[1] != each.room and STOREYS.get(each.target[1], 99) >= STOREYS[each.room]]
    assert wrong == []


def test_nobody_imports_the_back_door_or_the_front_of_the_house():
    wrong = [str(each) for each in imports() if each.room not in ("", "operations")
             and (each.target[0] != "incident_service" or each.target[1] in ("app", "cli"))]
    assert wrong == []


def test_other_rooms_are_entered_by_the_front_door():
    wrong = [str(each) for each in imports() if each.room and each.target[0] == "incident_service"
             and each.target[1] not in (each.room, "foundation") and len(each.target) > 2
             and each.room not in ("operations", "demo", "web")]
    assert wrong == []


def test_no_import_hides_inside_a_function():
    assert [str(each) for each in imports() if each.is_hidden] == []


def test_rules_know_neither_flask_nor_the_database():
    for path in modules():
        if path.name == "workflow.py":
            names = {node.module.split(".")[0] for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                     if isinstance(node, ast.ImportFrom) and node.module}
            assert not names & {"flask", "sqlalchemy", "flask_sqlalchemy"}


def test_verbs_do_not_read_the_request():
    """Only views, and what answers HTTP for all of them, may look at `request`, `g` or `session`."""
    doors = {"views.py", "access.py", "http.py", "idempotency.py", "words.py", "limits.py",
             "doorway.py", "gate.py"}
    for path in modules():
        if path.name in doors or room_of(path) in ("", "web", "operations"):
            continue
        names = {alias.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                 if isinstance(node, ast.ImportFrom) and node.module == "flask" for alias in node.names}
        assert not names & {"request", "g", "session"}, path
