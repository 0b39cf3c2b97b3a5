"""A sign-in lasts as long as its phone keeps it alive, and ends at once when it must."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from incident_service.accounts import tokens, upkeep
from incident_service.accounts.models import AccessToken, RefreshToken, SignIn
from incident_service.accounts.tokens import SignInOver
from incident_service.foundation import clock
from incident_service.foundation.database import db
from tests.factories import an_account


@pytest.fixture
def pair(app):
    return tokens.start(an_account())


@pytest.fixture
def opens(client):
    """Whether an access token is good."""
    def opens(pair):
        return client.get("/api/v1/me", headers={"Authorization": f"Bearer {pair.access_token}"}).status_code == 200

    return opens


def later(**span):
    return clock.stopped(clock.now() + timedelta(**span))


def test_an_access_token_is_good_for_half_an_hour(pair, opens):
    assert opens(pair)
    with later(minutes=29):
        assert opens(pair)
    with later(minutes=31):
        assert not opens(pair)


def test_a_refresh_token_brings_the_next_pair_for_a_month(pair, opens):
    with later(days=29):
        pair = tokens.refresh(pair.refresh_token)
        assert opens(pair)
    with later(days=58):
        assert opens(tokens.refresh(pair.refresh_token))
    with later(days=61), pytest.raises(SignInOver):
        tokens.refresh(pair.refresh_token)


def test_a_refresh_token_shown_again_ends_the_whole_sign_in(pair, opens):
    following = tokens.refresh(pair.refresh_token)
    with later(seconds=31):
        with pytest.raises(SignInOver):
            tokens.refresh(pair.refresh_token)
        assert not opens(following)
        with pytest.raises(SignInOver):
            tokens.refresh(following.refresh_token)


def test_a_phone_whose_answer_was_lost_may_ask_again_for_a_moment(pair, opens):
    lost = tokens.refresh(pair.refresh_token)
    with later(seconds=29):
        arrived = tokens.refresh(pair.refresh_token)
        assert opens(arrived)
    with later(minutes=5):
        assert opens(tokens.refresh(arrived.refresh_token))
    with later(minutes=6):
        with pytest.raises(SignInOver):
            tokens.refresh(lost.refresh_token)
        assert not opens(arrived)


def test_a_copy_is_found_out_even_within_the_moment_once_the_answer_was_used(pair, opens):
    following = tokens.refresh(pair.refresh_token)
    last = tokens.refresh(following.refresh_token)
    with pytest.raises(SignInOver):
        tokens.refresh(pair.refresh_token)
    assert not opens(last)


def test_one_phone_asking_many_times_at_once_keeps_its_sign_in(app, pair):
    together, pairs = Barrier(6), []

    def ask():
        with app.app_context():
            together.wait()
            pairs.append(tokens.refresh(pair.refresh_token))

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each.refresh_token for each in pairs}) == 6
    assert tokens.refresh(pairs[3].refresh_token)


@pytest.mark.parametrize("shown", ["", "unknown", "\x00", "x" * 200])
def test_a_token_nobody_was_given_is_good_for_nothing(app, client, shown):
    with pytest.raises(SignInOver):
        tokens.refresh(shown)


def test_an_access_token_refreshes_nothing_and_a_refresh_token_opens_nothing(pair, client):
    with pytest.raises(SignInOver):
        tokens.refresh(pair.access_token)
    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {pair.refresh_token}"})
    assert answer.status_code == 401
    assert answer.json["type"] == "/problems/sign-in-over"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_signing_out_ends_this_sign_in_at_once_and_no_other(client, opens):
    account = an_account()
    here, elsewhere = tokens.start(account), tokens.start(account)
    answer = client.delete("/api/v1/tokens/current", headers={"Authorization": f"Bearer {here.access_token}"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert not opens(here)
    assert opens(elsewhere)
    with pytest.raises(SignInOver):
        tokens.refresh(here.refresh_token)


def test_tokens_are_not_kept_as_they_are(pair):
    kept = {row.digest for kind in (AccessToken, RefreshToken) for row in db.session.scalars(db.select(kind))}
    assert len(kept) == 2
    assert not kept & {pair.access_token, pair.refresh_token}
    assert pair.access_token not in repr(pair)


def test_what_is_over_is_forgotten_and_what_is_not_stays(app, opens):
    account = an_account()
    over, alive = tokens.start(account), tokens.start(account)
    tokens.end(db.session.scalars(db.select(RefreshToken.sign_in_id)
                                  .where(RefreshToken.digest == tokens.digest(over.refresh_token))).one())
    assert upkeep.forget_old() == 2                         # the sign-in and its refresh token
    assert upkeep.forget_old() == 0
    assert opens(alive)
    with later(days=31):
        upkeep.forget_old()
        assert [db.session.query(kind).count() for kind in (SignIn, AccessToken, RefreshToken)] == [0, 0, 0]


def test_what_is_over_is_forgotten_a_few_at_a_time(app):
    account = an_account()
    for _ in range(5):
        tokens.start(account)
    left = []
    with later(days=31):
        while upkeep.forget_old(batch=2):
            left.append((db.session.query(SignIn).count(), db.session.query(RefreshToken).count()))
    assert left == [(3, 3), (1, 1), (0, 0)]
