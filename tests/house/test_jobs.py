"""Every job that is named exists, is in the register, and says why it may be repeated."""

import ast
import inspect

import pytest
from werkzeug.utils import import_string

from config.jobs import JOBS, QUEUES
from tests.house.reading import ROOT, modules

OURS = [job for job in JOBS if not job.startswith("tests.")]            # other tests bring toy jobs along


@pytest.mark.parametrize("name", OURS)
def test_a_registered_job_exists_and_says_why_it_may_be_repeated(name):
    job = import_string(name)
    assert job.__wrapped__
    assert "Safe to repeat" in (inspect.getdoc(job) or "")


@pytest.mark.parametrize("name", OURS)
def test_a_job_waits_in_a_queue_that_has_a_worker(name):
    assert JOBS[name].queue in QUEUES
    assert list(JOBS[name].retry_after_s) == sorted(JOBS[name].retry_after_s)


def test_only_registered_jobs_are_promised():
    promised = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "enqueue":
                promised.add(node.args[0].value)
    assert promised
    assert promised <= set(OURS)


def test_every_job_in_the_folder_is_registered():
    named = set()
    for path in (ROOT / "workers").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named |= {f"workers.{path.stem}.{node.name}" for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
                  and any(getattr(each, "id", "") == "in_app" for each in node.decorator_list)}
    assert named == set(OURS)
