"""What was given up can be named, and owed again."""

from sqlalchemy import update

from incident_service.foundation import clock, outbox
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise, enqueue
from incident_service.foundation.transaction import transaction


def test_what_was_given_up_is_named_and_owed_again(app):
    with transaction():
        enqueue("workers.routing.dispatch_case", case_id="7")
    with transaction():
        db.session.execute(update(Promise).values(
            attempts=1, failed_at=clock.now(), last_error="NotFound: no such case"))
    run = app.test_cli_runner().invoke
    listed = run(args=["promises", "list", "--language", "en"])
    assert listed.exit_code == 1
    assert "NotFound: no such case" in listed.output
    assert listed.output.splitlines()[-1].endswith("1 given up")
    assert run(args=["promises", "retry", "--language", "en"]).output == "1 owed again\n"
    assert outbox.backlog().failed == 0
    assert run(args=["promises", "list"]).exit_code == 0
