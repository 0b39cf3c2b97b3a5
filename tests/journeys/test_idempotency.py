"""A request sent twice from a tunnel is one request."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import func, select, update

from incident_service import photos
from incident_service.cases.models import Case
from incident_service.foundation import clock, idempotency
from incident_service.foundation.database import db
from incident_service.foundation.idempotency import IdempotentRequest
from incident_service.foundation.transaction import transaction
from tests.factories import Phone, a_picture


def cases_there_are() -> int:
    return db.session.scalar(select(func.count(Case.id)))


def test_the_same_report_twice_is_one_report(town, phone_of):
    resident, picture = phone_of(town.resident), a_picture()
    first, second = (resident.report(picture, key="tunnel-1") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert second.content_type == "application/json"
    assert cases_there_are() == 1


def test_other_words_under_the_same_key_are_refused(town, phone_of):
    resident, picture = phone_of(town.resident), a_picture()
    resident.report(picture, key="tunnel-1")
    other = resident.report(picture, key="tunnel-1", description="别的")
    assert (other.status_code, other.json["type"]) == (422, "/problems/idempotency-key-reused")
    assert resident.report(a_picture(), key="tunnel-1").status_code == 422
    assert cases_there_are() == 1


def test_a_key_belongs_to_its_account(town, phone_of):
    picture = a_picture()
    phone_of(town.resident).report(picture, key="tunnel-1")
    assert phone_of(town.neighbour).report(picture, key="tunnel-1", category="flooding").status_code == 201
    assert cases_there_are() == 2


def test_a_key_belongs_to_its_route(town, phone_of, run_jobs):
    numbers = [phone_of(town.resident).report().json["case_number"] for _ in range(2)]
    run_jobs()
    officer = phone_of(town.officer)
    for number in numbers:
        answer = officer.post(f"/cases/{number}/acceptance", **{"Idempotency-Key": "same"})
        assert (answer.status_code, answer.json["number"]) == (200, number)


def test_while_the_first_is_running_the_second_is_told_so(town, phone_of):
    resident, picture = phone_of(town.resident), a_picture()
    resident.report(picture, key="tunnel-1")
    forget_the_answer()
    again = resident.report(picture, key="tunnel-1")
    assert (again.status_code, again.json["type"]) == (409, "/problems/idempotency-key-in-use")
    assert again.headers["Retry-After"]


def forget_the_answer() -> None:
    with transaction():
        db.session.execute(update(IdempotentRequest).values(status=None, body=None))


def test_a_request_whose_process_died_may_be_sent_again(town, phone_of):
    """A key without an answer means that nothing was done: both are written in one transaction."""
    resident, picture = phone_of(town.resident), a_picture()
    resident.report(picture, key="tunnel-1")
    forget_the_answer()
    with clock.stopped(clock.now() + timedelta(seconds=31)):
        assert resident.report(picture, key="tunnel-1").status_code == 201


def test_a_refusal_is_given_again(town, phone_of, run_jobs):
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    desk = phone_of(town.desk)
    first, second = (desk.post(f"/cases/{number}/closure", {}, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert first.status_code == second.status_code == 409
    assert first.data == second.data


def test_keys_are_kept_for_a_day(town, phone_of):
    resident, picture = phone_of(town.resident), a_picture()
    resident.report(picture, key="tunnel-1")
    assert idempotency.forget_old() == 0
    with clock.stopped(clock.now() + timedelta(hours=25)):
        assert idempotency.forget_old() == 1


def test_a_key_of_odd_bytes_is_refused(town, phone_of):
    assert phone_of(town.resident).report(key="x" * 300).status_code == 422


def test_many_phones_sending_one_key_at_once_make_one_case(app, town):
    """Some are told that the first is running; none makes a second case."""
    picture = a_picture()
    phones = [Phone(app.test_client(), town.resident) for _ in range(6)]
    db.session.rollback()

    def send(phone: Phone) -> int:
        with app.app_context():
            return phone.report(picture, key="tunnel-1").status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(send, phones))
    assert 201 in statuses
    assert set(statuses) <= {201, 409}
    assert cases_there_are() == 1


def test_a_request_that_was_overtaken_undoes_its_work(app, town, phone_of, monkeypatch):
    """The first hung for minutes, the second took the key over and did the work: one case, not two."""
    resident, picture = phone_of(town.resident), a_picture()
    look, statuses = photos.take_in, []

    def send_again():
        with app.app_context(), clock.stopped(clock.now() + timedelta(seconds=31)):
            statuses.append(resident.report(picture, key="t").status_code)

    def hang(uploads, **options):
        monkeypatch.setattr(photos, "take_in", look)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(send_again).result()
        return look(uploads, **options)

    monkeypatch.setattr(photos, "take_in", hang)
    statuses.append(resident.report(picture, key="t").status_code)
    assert statuses == [201, 409]
    assert cases_there_are() == 1


def test_what_fails_after_the_commit_does_not_undo_the_answer(app, town, phone_of, monkeypatch):
    def break_down(_):
        raise ValueError("not a Redis error")

    monkeypatch.setattr(app.extensions["queues"], "hand_over", break_down)
    resident, picture = phone_of(town.resident), a_picture()
    first, second = (resident.report(picture, key="t") for _ in range(2))
    assert (first.status_code, first.data) == (201, second.data)
    assert cases_there_are() == 1
