"""What was promised is done once, tried again when it failed, and never lost with Redis."""

from datetime import timedelta
from uuid import UUID

import pytest
from redis.exceptions import RedisError
from sqlalchemy import select

from config.jobs import JOBS
from incident_service.foundation import clock, outbox
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise, enqueue
from incident_service.foundation.problems import NotFound
from incident_service.foundation.queues import Queues, UnregisteredJob
from incident_service.foundation.transaction import transaction

JOB = "workers.routing.dispatch_case"


def a_promise(**arguments) -> UUID:
    with transaction():
        enqueue(JOB, **arguments)
    return db.session.scalars(select(Promise.id).order_by(Promise.id.desc())).first()


def the(promise_id) -> Promise | None:
    db.session.expire_all()
    return db.session.get(Promise, promise_id)


def refuse(**_):
    raise NotFound()


def break_down(**_):
    raise OSError("the disk is gone")


def test_a_kept_promise_is_crossed_out(app):
    seen = []
    promise_id = a_promise(case_id="7")
    outbox.keep(promise_id, lambda **arguments: seen.append(arguments))
    outbox.keep(promise_id, lambda **arguments: seen.append(arguments))
    assert seen == [{"case_id": "7"}]
    assert the(promise_id) is None


def test_a_job_that_is_one_transaction_takes_its_promise_with_it_and_gives_it_back_when_it_fails(app, monkeypatch):
    seen = []

    def dispatch_case(**arguments):
        seen.append(the(promise_id))                            # crossed out for whoever else looks after the commit
        if len(seen) == 1:
            raise OSError("the disk is gone")

    monkeypatch.setattr(dispatch_case, "__module__", "workers.routing")
    monkeypatch.setattr(dispatch_case, "__qualname__", "dispatch_case")
    promise_id = a_promise(case_id="7")
    outbox.keep(promise_id, dispatch_case)
    assert (the(promise_id).attempts, the(promise_id).failed_at) == (1, None)
    outbox.keep(promise_id, dispatch_case)
    outbox.keep(promise_id, dispatch_case)
    assert (seen, the(promise_id)) == ([None, None], None)


def test_a_failure_is_tried_again_as_the_register_says(app):
    promise_id = a_promise()
    for attempt, wait in enumerate(JOBS[JOB].retry_after_s, 1):
        before = clock.now()
        outbox.keep(promise_id, break_down)
        assert the(promise_id).attempts == attempt
        assert the(promise_id).due_at >= before + timedelta(seconds=wait)
        assert the(promise_id).failed_at is None
    outbox.keep(promise_id, break_down)
    assert the(promise_id).failed_at is None                    # what may heal is never given up
    assert the(promise_id).due_at >= before + timedelta(seconds=JOBS[JOB].retry_after_s[-1])
    assert "the disk is gone" in the(promise_id).last_error


def test_a_problem_is_final(app):
    promise_id = a_promise()
    outbox.keep(promise_id, refuse)
    assert the(promise_id).failed_at
    assert outbox.backlog().failed == 1
    assert outbox.retry_failed() == 1
    assert (the(promise_id).failed_at, outbox.backlog().failed) == (None, 0)


def test_without_redis_a_promise_stays(app):
    promise_id = a_promise()
    with clock.stopped(clock.now() + outbox.HANDED_FOR), pytest.raises(RedisError):
        outbox.sweep()
    assert the(promise_id)


@pytest.fixture
def queues(app, redis_url):
    """The real Redis, empty."""
    at_home = app.extensions["queues"]
    app.extensions["queues"] = opened = Queues(redis_url)
    opened.redis.flushall()
    yield opened
    app.extensions["queues"] = at_home
    opened.redis.close()


def test_a_promise_reaches_redis_after_the_commit(app, queues):
    promise_id = a_promise(case_id="7")
    assert queues.queue("routing").get_job_ids() == [str(promise_id)]


def test_a_redis_that_lost_everything_gets_it_again(app, queues):
    promise_id = a_promise()
    queues.redis.flushall()
    with clock.stopped(clock.now() + outbox.HANDED_FOR):
        assert outbox.sweep() == 1
    assert queues.queue("routing").get_job_ids() == [str(promise_id)]


def test_what_waits_in_its_queue_is_not_handed_over_twice(app, queues):
    promise_id = a_promise()
    with clock.stopped(clock.now() + outbox.HANDED_FOR):
        assert outbox.sweep() == 0
    assert queues.queue("routing").get_job_ids() == [str(promise_id)]


def taken_by(queues, worker: str, promise_id) -> None:
    """A living worker has begun the job."""
    queues.queue("routing").empty()
    queues.redis.hset(f"rq:job:{promise_id}", mapping={"status": "started", "worker_name": worker})
    queues.redis.hset(f"rq:worker:{worker}", "current_job", str(promise_id))
    queues.stay_alive("routing", worker)


def test_what_a_dead_worker_held_is_handed_over_again(app, queues):
    promise_id = a_promise()
    taken_by(queues, "w1", promise_id)
    with clock.stopped(clock.now() + outbox.HANDED_FOR):
        assert outbox.sweep() == 0
    queues.redis.delete("incident:alive:routing:w1")
    with clock.stopped(clock.now() + outbox.HANDED_FOR * 3):
        assert outbox.sweep() == 1


def test_what_a_worker_let_go_of_when_redis_died_is_handed_over_again(app, queues):
    promise_id = a_promise()
    taken_by(queues, "w2", promise_id)
    queues.redis.hset("rq:worker:w2", "current_job", "another one")
    with clock.stopped(clock.now() + outbox.HANDED_FOR):
        assert outbox.sweep() == 1


def test_a_promise_of_a_job_that_this_version_has_not_waits_visibly_and_holds_up_no_other(app, queues):
    strange, usual = a_promise(), a_promise()
    with transaction():
        the(strange).job = "workers.routing.of_a_newer_version"
    queues.redis.flushall()
    with clock.stopped(clock.now() + outbox.HANDED_FOR):
        assert outbox.sweep() == 1
    assert queues.queue("routing").get_job_ids() == [str(usual)]
    assert (the(strange).last_error, the(strange).failed_at) == ("This version has no such job.", None)
    with transaction():
        the(strange).job = JOB                  # as after the upgrade
    with clock.stopped(clock.now() + outbox.HANDED_FOR + outbox.UNKNOWN_FOR):
        assert outbox.sweep() == 1
    assert set(queues.queue("routing").get_job_ids()) == {str(strange), str(usual)}


def test_a_worker_runs_nothing_that_is_not_in_the_register(app, queues):
    queue = queues.queue("routing")
    job = queue.enqueue_call("os.system", args=["true"])
    with pytest.raises(UnregisteredJob):
        queue.fetch_job(job.id).func  # noqa: B018


def test_a_promise_for_later_waits_for_its_time(app, queues):
    with transaction():
        enqueue(JOB, after=timedelta(hours=1))
    assert queues.queue("routing").count == 0
    assert outbox.sweep() == 0
    with clock.stopped(clock.now() + timedelta(hours=1)):
        assert outbox.sweep() == 1
